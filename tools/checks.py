"""`make test`: every check as a stage with its seconds; all are run, then one verdict.

python -m tools.checks [STAGE …]
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from devserver import paths, servers
from tools import chromium

PROJECT = paths.PROJECT
DATA = Path(os.environ.get("WEEGLOO_TEST_DATA") or PROJECT / ".test-var").resolve()
WORKERS = os.environ.get("WEEGLOO_TEST_WORKERS", "2")


def _python(*arguments: str, **environment: str) -> bool:
    """Run this Python in the project; whether it succeeded."""
    command = [sys.executable, *arguments]
    # The same surroundings for whoever runs it: no leftover of a shell decides.
    inherited = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    inherited |= {"WEEGLOO_DATA": str(DATA), "WEEGLOO_FSYNC": "off"}
    code = subprocess.run(command, cwd=PROJECT, env=inherited | environment, check=False).returncode
    return code == 0


def _tool(name: str, *arguments: str) -> bool:
    """Run a tool of .venv that is a binary, not a module."""
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode == 0


def format_() -> bool:
    """Ruff's formatting."""
    return _tool("ruff", "format", "--check", "--quiet", ".")


def lint() -> bool:
    """Ruff's rules."""
    return _tool("ruff", "check", "--quiet", ".")


def templates() -> bool:
    """Djade's formatting of the templates."""
    files = sorted(str(path.relative_to(PROJECT)) for path in PROJECT.glob("templates/**/*.html"))
    return _tool("djade", "--target-version", "6.1", "--check", *files)


def types() -> bool:
    """Mypy, strictly."""
    return _python("-m", "mypy", ".")


def imports() -> bool:
    """The layers, by import-linter."""
    # Its command is a script whose first line names the folder .venv was made in.
    code = "from importlinter.cli import lint_imports_command as c; c()"
    return _python("-c", code)


def migrations() -> bool:
    """Models and migrations agree."""
    return _python("manage.py", "makemigrations", "--check", "--dry-run")


def deploy() -> bool:
    """Django's deployment checks, with an environment like production's."""
    return _python(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        DATABASE_URL=paths.database_url(DATA),
        REDIS_URL=paths.redis_url(DATA),
        SECRET_KEY=secrets.token_urlsafe(64),
        ALLOWED_HOSTS="console.example.com",
        BASE_URL="https://console.example.com",
        EMAIL_URL="smtp+tls://user:password@smtp.example.com:587",
    )


def tests() -> bool:
    """Unit and integration."""
    return _python("-m", "pytest", "-n", WORKERS, "-m", "not browser")


def quick_tests() -> bool:
    """Unit and integration without races and workers (`make quick`)."""
    return _python("-m", "pytest", "-n", WORKERS, "-m", "not browser and not race and not worker")


def browser() -> bool:
    """In a real Chromium."""
    path = chromium.find_or_install()
    if path is None:
        named = os.environ.get("CHROMIUM")
        print(
            f"CHROMIUM={named} does not run."
            if named
            else "No Chromium was found: install chromium or google-chrome, or set CHROMIUM to one."
        )
        return False
    # By file: each process starts a console of its own.
    return _python("-m", "pytest", "-n", WORKERS, "--dist", "loadfile", "-m", "browser", CHROMIUM=path)


def races() -> bool:
    """The race tests alone; SOAK_ROUNDS says how often (`make soak`)."""
    return _python("-m", "pytest", "-m", "race", "--timeout", "0", "--durations", "0")


def examples() -> bool:
    """The API's document with SOAK_EXAMPLES examples for each operation (`make soak`)."""
    return _python("-m", "pytest", "tests/api/test_document.py", "--timeout", "0")


STAGES: dict[str, Callable[[], bool]] = {
    "format": format_,
    "lint": lint,
    "templates": templates,
    "types": types,
    "imports": imports,
    "migrations": migrations,
    "deploy": deploy,
    "unit+integration": tests,
    "browser": browser,
}
MORE: dict[str, Callable[[], bool]] = {"quick-tests": quick_tests, "races": races, "examples": examples}
NEED_SERVERS = {"migrations", "deploy", "unit+integration", "browser", *MORE}


def main(names: list[str]) -> int:
    """Run the stages named, or all; 0 when every one passed."""
    known = STAGES | MORE
    if unknown := set(names) - set(known):
        print(f"No such stage: {', '.join(sorted(unknown))}. Known: {', '.join(known)}.")
        return 2
    names = names or list(STAGES)
    os.environ["WEEGLOO_FSYNC"] = "off"
    servers.end_on_signals()
    if NEED_SERVERS & set(names):
        servers.use(DATA)  # once for all stages, instead of a start and a stop in each
    results: list[tuple[str, bool, float]] = []
    for name in names:
        print(f"== {name}", flush=True)
        began = time.monotonic()
        passed = known[name]()
        results.append((name, passed, time.monotonic() - began))
        print(f"== {name}: {_word(passed)} in {results[-1][2]:.1f} s\n", flush=True)
    for name, passed, seconds in results:
        print(f"{name:<18}{_word(passed):<8}{seconds:7.1f} s")
    total = sum(seconds for _, _, seconds in results)
    failed = [name for name, passed, _ in results if not passed]
    print(f"{total:.1f} s; " + (f"failed: {', '.join(failed)}" if failed else "all passed"))
    return 1 if failed else 0


def _word(passed: bool) -> str:
    return "passed" if passed else "FAILED"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
