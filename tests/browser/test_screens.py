"""Every screen: no violation of WCAG 2.2 AA, nothing out of place, and what a screen reader meets.

In English on a screen, light and dark; in Korean on a phone, dark; the layout from 320 to 2560 pixels.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Console, SignedIn, watched
from tests.browser.looks import axe_faults, layout_faults, theme_faults, window
from tests.browser.screens import NOT_SCREENS, STATES, routes, screen
from tests.browser.worlds import World

WIDTHS = [320, 390, 768, 1280, 1920, 2560]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


class Viewer:
    """One page for each language and person, kept from screen to screen."""

    def __init__(self, browser: Browser, console: Console, signed_in: SignedIn) -> None:
        self.browser, self.console, self.signed_in = browser, console, signed_in
        self.pages: dict[tuple[str, str], Page] = {}
        self.faults: list[str] = []

    def page(self, language: str, address: str) -> Page:
        if (language, address) not in self.pages:
            context = self.browser.new_context(
                base_url=self.console.url,
                locale={"en": "en-US", "ko": "ko-KR"}[language],
                storage_state=self.signed_in(address) if address else None,
                reduced_motion="reduce",
            )
            self.pages[language, address] = watched(context.new_page(), self.faults)
        return self.pages[language, address]


@pytest.fixture(scope="module")
def viewer(chromium_browser: Browser, console: Console, signed_in: SignedIn) -> Iterator[Viewer]:
    viewer = Viewer(chromium_browser, console, signed_in)
    yield viewer
    for page in viewer.pages.values():
        page.context.close()


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", [*routes(), *STATES])
def test_a_screen(viewer: Viewer, console: Console, worlds: dict[str, World], name: str, language: str) -> None:
    wanted = screen(name, worlds, console.newest_mail())
    page = viewer.page(language, wanted.address)
    viewer.faults.clear()
    if name == "sign-in-code":
        page.goto("/sign-in/")
        page.locator("[name=email]").fill("someone@example.com")
        page.locator("[name=email]").press("Enter")
        page.wait_for_url("**" + wanted.path)
    else:
        response = page.goto(wanted.path)
        assert response is not None
        assert (response.status, page.url) == (wanted.status, console.url + wanted.path)
    assert page.locator("html").get_attribute("lang") == ("en" if name == "styleguide" else language)

    if language == "en":
        window(page, 1280)
        faults = theme_faults(page)
    else:
        window(page, 390)
        page.emulate_media(color_scheme="dark")
        faults = axe_faults(page)
    for width in WIDTHS:
        window(page, width)
        faults += [f"{width}: {fault}" for fault in layout_faults(page)]
    assert faults + structure_faults(page) + viewer.faults == []


def structure_faults(page: Page) -> list[str]:
    """What whoever listens to the page would stumble over."""
    said = page.locator("body").aria_snapshot()
    faults = [f"unnamed: {line.strip()}" for line in said.splitlines() if UNNAMED.match(line)]
    if page.get_by_role("heading", level=1).count() != 1:
        faults.append("not one first heading")
    if page.get_by_role("main").count() != 1:
        faults.append("not one main landmark")
    # A group is named by a legend that is its first child, by an attribute, or by its summary.
    groups = page.locator("fieldset:not(:has(> legend:first-child)):not([aria-label], [aria-labelledby])")
    faults += [f"unnamed group: {one[:80]}" for one in groups.all_text_contents()]
    names = re.findall(r"- navigation(?: \"(.*)\")?:", said)
    if "" in names or len(set(names)) != len(names):
        faults.append(f"navigation landmarks that cannot be told apart: {names}")
    return faults


UNNAMED = re.compile(
    r"\s*- (button|link|textbox|searchbox|combobox|checkbox|radio|table|dialog|region|img)(:|$| \[)"
)


def test_what_is_no_screen_answers_no_page(viewer: Viewer, console: Console, worlds: dict[str, World]) -> None:
    """Each of the exceptions is one indeed."""
    page = viewer.page("en", "screens@example.com")
    for name, instead in NOT_SCREENS.items():
        path = screen(name, worlds, console.newest_mail()).path
        response = page.request.get(path, max_redirects=0)
        match instead:
            case "POST":
                assert response.status == 405, name
            case "leads on":
                assert response.status == 302, name
            case _:
                assert "<main" not in response.text(), name
