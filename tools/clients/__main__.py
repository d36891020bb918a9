"""Lint the OpenAPI document, generate clients from it, and let them walk against a console of their own.

python -m tools.clients

Needs Node.js with npm. The generators are installed below ``.clients/``: they are no dependencies of
the product.
"""

import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from devserver import paths
from tests.console import Start, environment, free_port

HERE = Path(__file__).parent
FOLDER = paths.PROJECT / ".clients"
GENERATOR = "openapi-python-client==0.29.1"
WALKER = "walker@example.com"


def run(*command: str, **extra: str) -> None:
    """Run a command in the folder; end the program if it fails."""
    done = subprocess.run(command, cwd=FOLDER, env=environment() | extra, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: failed")


def install() -> str:
    """Install the generators; give the Python that has the one for Python."""
    FOLDER.mkdir(exist_ok=True)
    for name in ("package.json", "walk.ts", "walk.py"):
        shutil.copy(HERE / name, FOLDER / name)
    (FOLDER / ".spectral.yaml").write_text('extends: ["spectral:oas"]\n')
    run(
        "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"
    )
    python = str(FOLDER / "python/bin/python")
    if not Path(python).exists():
        run(sys.executable, "-m", "venv", "python")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", GENERATOR)
    return python


def generate(python: str) -> None:
    """Lint ``openapi.json`` and make both clients of it."""
    run("npx", "redocly", "lint", "openapi.json")
    run("npx", "spectral", "lint", "openapi.json", "--fail-severity=error", "--quiet")
    run("npx", "openapi-typescript", "openapi.json", "-o", "schema.d.ts")
    run("npx", "tsc", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "walk.ts")
    run(
        python,
        "-m",
        "openapi_python_client",
        "generate",
        "--path",
        "openapi.json",
        "--output-path",
        "client",
        "--overwrite",
    )


def token(data: Path) -> str:
    """A personal access token in the console with that data folder."""
    issued = subprocess.run(
        [sys.executable, "manage.py", "issue_token", WALKER, "--name", "clients"],
        cwd=paths.PROJECT,
        env=environment() | {"WEEGLOO_DATA": str(data)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return issued.stdout.split()[-1]


def main() -> int:
    """Start a console, do all of it, end it."""
    if shutil.which("npm") is None:
        print("This needs Node.js with npm.")
        return 1
    python = install()
    with tempfile.TemporaryDirectory() as folder:
        started = Start(Path(folder) / "d", free_port())
        try:
            started.wait_ready()
            url = f"http://127.0.0.1:{started.port}"
            with urllib.request.urlopen(f"{url}/v1/openapi.json") as answer:
                (FOLDER / "openapi.json").write_bytes(answer.read())
            generate(python)
            walker = {"URL": url, "TOKEN": token(started.data), "PYTHONPATH": str(FOLDER / "client")}
            run(python, "walk.py", **walker)
            run("node", "walk.js", **walker)
        finally:
            started.process.terminate()
            started.process.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
