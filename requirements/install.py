"""Makes .venv and installs one pinned set into it: python requirements/install.py run|dev.

Standard library only, run by any Python >= 3.12. Does nothing when the stamp of a former run says
that all is there. An interrupted run leaves a mark, by which the next one starts afresh.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / ".unfinished"
OLDEST = (3, 12)


def main(name: str) -> int:
    """Install requirements/<name>.txt; 0, or the exit code of what failed."""
    pins = PROJECT / "requirements" / f"{name}.txt"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    stamp = VENV / f".installed-{name}"
    with (PROJECT / ".venv.lock").open("w") as mutex:  # two starts of one checkout take turns
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if UNFINISHED.exists() or not _works():
            if code := _make():
                return code
        elif stamp.exists() and stamp.read_text() == wanted:
            return 0
        print(f"Installing {pins.relative_to(PROJECT)} into .venv …", flush=True)
        UNFINISHED.touch()
        stamp.unlink(missing_ok=True)
        code = _call(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", pins)
        # A refused install (no network, say) leaves a sound .venv; only a killed one doesn't.
        UNFINISHED.unlink()
        if code == 0:
            stamp.write_text(wanted)
        return code


def _works() -> bool:
    """Whether .venv has a Python that runs, new enough, with pip; its base may have gone."""
    test = f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"
    try:
        return subprocess.run([PYTHON, "-c", test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make() -> int:
    print(f"Making .venv with Python {sys.version.split()[0]} …", flush=True)
    VENV.mkdir(exist_ok=True)
    UNFINISHED.touch()
    # Not the Python in .venv itself, which --clear removes under our feet.
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    code = _call(base, "-m", "venv", "--clear", VENV)
    UNFINISHED.touch()
    return code


def _call(*command: str | Path) -> int:
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
