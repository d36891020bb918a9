"""`make pictures`: the README's pictures, from a running console with its demo data.

python -m tools.pictures
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from devserver import paths
from tests.browser.conftest import Console, sign_in
from tests.console import Start, free_port
from tools import chromium

OWNER = "owner@example.com"
WIDE, PHONE = {"width": 1200, "height": 720}, {"width": 390, "height": 720}
LIMIT = 120_000


def take(page: Page, name: str, *, theme: str = "light", size: dict[str, int] | None = None) -> None:
    """One picture as docs/NAME.png, in at most 256 colours."""
    page.set_viewport_size(size or WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled", scale="device")))
    path = paths.PROJECT / "docs" / f"{name}.png"
    few = taken.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path.relative_to(paths.PROJECT)}: {path.stat().st_size:,} bytes")
    assert path.stat().st_size < LIMIT


def take_all(browser: Browser, console: Console) -> None:
    """As the guide goes."""
    with browser.new_context(base_url=console.url, device_scale_factor=1.5, reduced_motion="reduce") as context:
        page = context.new_page()
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        sign_in(page, console, OWNER)
        page.goto("/organizations/")
        page.get_by_role("main").get_by_role("link", name="DailyWear Company").click()
        organization = page.url
        page.goto(f"{organization}membership/")
        take(page, "membership")
        take(page, "membership-phone", theme="dark", size=PHONE)
        page.goto(f"{organization}membership/invite/")
        page.get_by_label("Email(s)").fill("minji.kim@example.com")
        take(page, "invite")
        page.goto(organization)
        page.get_by_role("main").get_by_role("link", name="Shopping Mall").click()
        page.get_by_role("link", name="Roles & Permissions").first.click()
        page.get_by_role("link", name="Edit Editor").click()
        take(page, "role")


def main() -> int:
    """Start a console, take them, end it."""
    path = chromium.find()
    if path is None:
        print("No Chromium: install chromium, or set CHROMIUM.")
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        started = Start(Path(folder) / "d", free_port())
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            started.wait_ready()
            take_all(browser, Console(started))
        finally:
            browser.close()
            started.process.terminate()
            started.process.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
