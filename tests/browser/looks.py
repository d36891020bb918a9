"""What is wrong with a page as it stands: by axe's rules, and by its layout."""

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_LAYOUT = (Path(__file__).parent / "layout.js").read_text()
_AXE = """async ([context, options]) => (await axe.run(context, options)).violations.flatMap(
  ({ id, nodes }) => nodes.map(({ target, any, all, none }) =>
    `${id}: ${target.join(" ")}: ${[...any, ...all, ...none].map((one) => one.message)}`))"""
# A list's rows come from one template: the first twelve show each of its states.
_CONTEXT = {"exclude": [["tbody tr:nth-child(n + 13)"]]}
# Colours that are just changing are neither the old nor the new ones.
_STILL = """async () => {
  const moving = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
  do await new Promise(requestAnimationFrame); while (moving().length);
}"""


def axe_faults(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Violations of WCAG A and AA and of best practice, or of ``rules`` alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # by the debugger: the page's own policy stays strict
    page.evaluate(_STILL)
    only: dict[str, Any] = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    return page.evaluate(_AXE, [_CONTEXT, {"runOnly": only, "resultTypes": ["violations"]}])


def layout_faults(page: Page) -> list[str]:
    """What sticks out, is cut off, lies over another, or is too small to press."""
    return page.evaluate(_LAYOUT)


def window(page: Page, width: int) -> None:
    """A window of that width, as a phone's or a screen's is high."""
    page.set_viewport_size({"width": width, "height": 844 if width < 800 else 900})


def theme_faults(page: Page) -> list[str]:
    """All rules in light, contrast in dark."""
    page.emulate_media(color_scheme="light")
    found = axe_faults(page)
    page.emulate_media(color_scheme="dark")
    return found + axe_faults(page, rules=["color-contrast"])
