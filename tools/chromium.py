"""Finds Chromium for the browser tests, or installs Debian's."""

import os
import shutil
import subprocess
from glob import glob
from pathlib import Path

_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


def find() -> str | None:
    """A Chromium that runs: $CHROMIUM, one on the path, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if _runs(named) else None
    places = [path for command in _COMMANDS if (path := shutil.which(command))]
    root = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    patterns = [*_ELSEWHERE, *([f"{root}/chromium-*/*/chrome"] if root else [])]
    for pattern in patterns:
        places += sorted(glob(str(Path(pattern).expanduser())))  # noqa: PTH207  # absolute
    return next((path for path in places if _runs(path)), None)


def find_or_install() -> str | None:
    """As `find`; as root on Debian it installs the package when there is none."""
    found = find()
    if found or os.environ.get("CHROMIUM") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    print("Installing Debian's chromium …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "chromium", "fonts-noto-cjk"]):
        command = ["apt-get", "--quiet", "--quiet", *arguments]
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
    return find()


def _runs(path: str) -> bool:
    try:
        command = [path, "--version", "--no-sandbox"]
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
