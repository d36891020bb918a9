"""⌘K and the shortcuts, by the keyboard alone."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.browser.conftest import Console, OpenPage, sign_in
from tests.browser.looks import theme_faults

OWNER = "owner@example.com"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def cookies(chromium_browser: Browser, console: Console) -> StorageState:
    """The OWNER's, who signs in once: an address gets ten codes an hour."""
    with chromium_browser.new_context(base_url=console.url) as context:
        sign_in(context.new_page(), console, OWNER)
        return context.storage_state()


@pytest.fixture
def page(cookies: StorageState, open_page: OpenPage) -> Page:
    """The Spaces of the Organization, for its OWNER."""
    page = open_page(storage_state=cookies)
    page.goto("/organizations/")
    page.get_by_role("main").get_by_role("link", name="DailyWear Company").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spaces")
    return page


def query(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Go to an Organization, Space, member or action")


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
    page.keyboard.press("End")
    active("Keyboard shortcuts")
    page.keyboard.press("ArrowDown")
    active("Spaces")
    page.keyboard.press("ArrowUp")
    active("Keyboard shortcuts")
    page.keyboard.press("Home")
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


def test_to_a_member(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("daniel")
    expect(page.get_by_role("option").first).to_contain_text("Daniel Cho")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Membership")
    expect(page.get_by_role("row")).to_have_count(2)
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
    page.keyboard.press("c")
    page.keyboard.press("?")
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
    panel = page.get_by_role("dialog", name="The same by the API")
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
    expect(page.get_by_role("dialog", name="The same by the API")).to_contain_text("role=ADMIN")


def test_without_javascript(cookies: StorageState, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False, storage_state=cookies)
    page.goto("/organizations/")
    page.get_by_role("main").get_by_role("link", name="DailyWear Company").click()
    page.get_by_role("link", name="Search or go to").click()
    page.get_by_role("searchbox").fill("daniel")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("main").get_by_role("link", name="Daniel Cho").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Daniel Cho")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("link", name="Keyboard shortcuts").click()
    expect(page.get_by_role("main")).to_contain_text("They need JavaScript")
