"""⌘K and the shortcuts, by the keyboard alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage, SignedIn
from tests.browser.looks import theme_faults

OWNER = "owner@example.com"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def page(signed_in: SignedIn, open_page: OpenPage) -> Page:
    """The Spaces of the Organization, for its OWNER."""
    page = open_page(storage_state=signed_in(OWNER))
    to_the_spaces(page)
    return page


def to_the_spaces(page: Page) -> None:
    page.goto("/organizations/")
    page.get_by_role("main").get_by_role("link", name="DailyWear Company").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spaces")


def query(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Go to an Organization, Space, member or action")


def count_clicks(page: Page) -> None:
    """From now on, the script's own too: what a shortcut or an option does is a click."""
    page.evaluate(
        "() => { window.clicks = 0; addEventListener('click', () => { window.clicks += 1; }, true); }"
    )


def expect_no_click(page: Page) -> None:
    """None since then, on the same page."""
    assert page.evaluate("window.clicks") == 0


def test_the_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    field = query(page)
    expect(field).to_be_focused()
    options = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(options.first).to_have_text("Spaces")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(field).to_have_attribute("aria-controls", "palette-list")

    def active(text: str) -> None:
        expect(page.locator("[role=option][aria-selected=true]")).to_have_text(re.compile(text))
        ident = page.locator("[role=option][aria-selected=true]").get_attribute("id")
        expect(field).to_have_attribute("aria-activedescendant", ident or "?")
        expect(field).to_be_focused()

    active("Spaces")
    page.keyboard.press("ArrowDown")
    active("Membership")
    page.keyboard.press("ArrowUp")
    active("Spaces")
    page.keyboard.press("ArrowUp")
    active("Keyboard shortcuts")
    page.keyboard.press("ArrowDown")
    active("Spaces")

    # What was found is said, and what is not.
    page.keyboard.type("zzzz")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#announcer")).to_have_text("0 results")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_visible()

    # Esc closes and focus returns.
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    button = page.get_by_role("link", name="Search or go to")
    button.focus()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_enter_before_the_answer_goes_to_what_was_typed(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_have_text("Spaces")
    page.keyboard.type("shopping mall")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Shopping Mall")
    page.go_back()
    expect(page.locator("#palette")).to_be_hidden()


def hold_answers(page: Page) -> list[Route]:
    """The palette's requests from now on, unanswered."""
    held: list[Route] = []
    page.route(re.compile(r"/go/\?"), lambda route: held.append(route))  # noqa: PLW0108
    return held


def type_ahead(page: Page, text: str) -> None:
    """Types, and presses Enter before the answer."""
    with page.expect_request(re.compile(rf"[?&]q={text}(&|$)")):
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_after_escape_a_late_answer_leads_nowhere(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_have_text("Spaces")
    held = hold_answers(page)
    count_clicks(page)
    type_ahead(page, "shopping")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    held[-1].continue_()
    chosen = page.locator("#palette-list[data-query=shopping] [aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect_no_click(page)

    # Nor does it when the palette is open again by then.
    page.keyboard.press("Control+k")
    type_ahead(page, "daniel")
    page.keyboard.press("Escape")
    before = len(held)
    with page.expect_request(re.compile(r"/go/\?")):
        page.keyboard.press("Control+k")
    assert len(held) == before + 1
    held[-1].continue_()
    expect(page.locator("#palette-list[data-query=daniel] [aria-selected=true]")).to_contain_text("Daniel Cho")
    expect_no_click(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Membership")


def test_the_text_keeps_its_own_keys(page: Page) -> None:
    page.keyboard.press("Control+k")
    field = query(page)
    page.keyboard.type("sh")
    expect(page.locator("#palette-list[data-query=sh] [aria-selected=true]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    assert active
    assert active != page.get_by_role("option").first.get_attribute("id")
    selection = "field => [field.selectionStart, field.selectionEnd]"
    for key, selected in (("Home", [0, 0]), ("Shift+End", [0, 2]), ("End", [2, 2]), ("Shift+Home", [0, 2])):
        page.keyboard.press(key)
        assert field.evaluate(selection) == selected, key
        expect(field).to_have_attribute("aria-activedescendant", active)

    # Nor is the Enter that ends a composition taken: while it lasts, and, in Safari, right after it.
    count_clicks(page)
    for of_composition in ({"isComposing": True}, {"keyCode": 229}):
        event = {"key": "Enter", "bubbles": True, "cancelable": True} | of_composition
        untaken = "(field, event) => field.dispatchEvent(new KeyboardEvent('keydown', event))"
        assert field.evaluate(untaken, event) is True
        expect_no_click(page)
    expect(field).to_be_visible()


def test_on_a_mac_it_is_command_k(signed_in: SignedIn, open_page: OpenPage) -> None:
    page = open_page(storage_state=signed_in(OWNER))
    page.add_init_script("Object.defineProperty(navigator, 'platform', { value: 'MacIntel' })")
    to_the_spaces(page)
    button = page.get_by_role("link", name="Search or go to")
    expect(button).to_have_attribute("aria-keyshortcuts", "Meta+K")
    expect(button.locator("kbd")).to_have_text("⌘ K")
    page.get_by_role("navigation", name="Organization").get_by_role("link", name="Membership").click()
    search = page.get_by_role("searchbox", name="Search by name or email")
    search.focus()
    page.keyboard.press("Control+k")
    expect(search).to_be_focused()
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Meta+k")
    expect(query(page)).to_be_focused()
    page.keyboard.press("Escape")
    search.blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts").locator("kbd").first).to_have_text("⌘ K")


def test_elsewhere_it_is_control_k(page: Page) -> None:
    button = page.get_by_role("link", name="Search or go to")
    expect(button).to_have_attribute("aria-keyshortcuts", "Control+K")
    expect(button.locator("kbd")).to_have_text("Ctrl K")
    page.keyboard.press("Meta+k")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Control+K")  # with CapsLock
    expect(query(page)).to_be_focused()


def test_capslock_changes_no_shortcut(page: Page) -> None:
    page.keyboard.press("G")  # without Shift
    page.keyboard.press("M")
    expect(page.get_by_role("heading", level=1)).to_have_text("Membership")
    count_clicks(page)
    page.keyboard.press("Shift+C")
    expect_no_click(page)
    page.keyboard.press("C")
    expect(page.get_by_role("heading", level=1)).to_have_text("Invite to DailyWear Company")


def test_what_is_open_has_the_single_keys(page: Page) -> None:
    page.get_by_role("button", name="Your account").click()
    expect(page.locator("#account-menu")).to_be_visible()
    count_clicks(page)
    for key in ("c", "?", "g", "m"):
        page.keyboard.press(key)
    expect_no_click(page)
    expect(page.locator("#account-menu")).to_be_visible()
    page.keyboard.press("Escape")

    page.goto("/styleguide/")
    menu = page.locator("details.dropdown > summary").first
    menu.click()
    count_clicks(page)
    page.keyboard.press("?")
    expect_no_click(page)
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_to_a_member(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("daniel")
    expect(page.get_by_role("option").first).to_contain_text("Daniel Cho")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Membership")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1)).to_contain_text("Daniel Cho")


def test_enter_before_the_new_list_has_settled_goes_to_what_it_shows(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", selected=True)).to_be_visible()
    page.evaluate("htmx.config.defaultSettleDelay = 500")
    page.keyboard.type("daniel")
    expect(page.get_by_role("option").first).to_contain_text("Daniel Cho")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Membership")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Daniel Cho")


def test_shortcuts(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page.get_by_role("heading", level=1)).to_have_text("Membership")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search by name or email")
    expect(search).to_be_focused()
    page.keyboard.type("c?")  # in a field they are letters
    expect(search).to_have_value("c?")
    search.blur()
    page.keyboard.press("Control+c")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Invite to DailyWear Company")
    page.go_back()

    # The sheet, by key and from the account menu; with it open nothing else fires.
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("DailyWear Company: Membership")
    page.keyboard.press("c")
    page.keyboard.press("Control+k")
    expect(sheet).to_be_visible()
    expect(page.locator("#palette")).to_be_hidden()
    single = sheet.get_by_role("checkbox", name="Shortcuts of single keys")
    expect(single).to_be_checked()
    single.uncheck()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.reload()
    count_clicks(page)
    page.keyboard.press("c")
    page.keyboard.press("?")
    expect_no_click(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    account = page.get_by_role("button", name="Your account")
    account.click()
    page.get_by_role("link", name="Keyboard shortcuts").click()
    expect(single).not_to_be_checked()
    single.check()
    page.keyboard.press("Escape")
    expect(account).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Invite to DailyWear Company")


def test_what_opens_keeps_the_rules(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("da")
    expect(page.get_by_role("option").filter(has_text="Daniel Cho")).to_be_visible()
    assert theme_faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert theme_faults(page) == []
    page.keyboard.press("Escape")
    curl = page.get_by_role("button", name="Copy as curl").first
    curl.click()
    panel = page.get_by_role("dialog", name="Use the API")
    expect(panel).to_contain_text("$WEEGLOO_TOKEN")
    assert theme_faults(page) == []
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(curl).to_be_focused()


def test_the_command_follows_the_filters(page: Page) -> None:
    page.get_by_role("navigation", name="Organization").get_by_role("link", name="Membership").click()
    page.get_by_role("combobox", name="Role", exact=True).select_option("ADMIN")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Copy as curl").first.click()
    expect(page.get_by_role("dialog", name="Use the API")).to_contain_text("role=ADMIN")


def test_without_javascript(signed_in: SignedIn, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False, storage_state=signed_in(OWNER))
    to_the_spaces(page)
    page.get_by_role("link", name="Search or go to").click()
    page.get_by_role("searchbox").fill("daniel")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("main").get_by_role("link", name="Daniel Cho").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Daniel Cho")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("link", name="Keyboard shortcuts").click()
    expect(page.get_by_role("main")).to_contain_text("Shortcuts need JavaScript")
