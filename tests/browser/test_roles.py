"""Space › Roles & Permissions: build a role, assign it, see it answered, delete it and move its holder.

By the pointer, by the keyboard alone, and without JavaScript.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console, OpenPage, sign_in

OWNER = "owner@example.com"
HOLDER = "Daniel Cho"
SENTENCE = "Can read, create and edit content of the type “Products”."
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

type Press = Callable[[Locator], None]
type Fill = Callable[[Locator, str], None]


def by_pointer(control: Locator) -> None:
    control.click()


def by_keyboard(control: Locator) -> None:
    """Tab to the control, as far as it takes, and press it."""
    tab_to(control)
    control.page.keyboard.press("Enter")


def tab_to(control: Locator) -> None:
    control.wait_for()
    for _ in range(250):
        if control.evaluate("element => element === document.activeElement"):
            return
        control.page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {control}")


def typed(control: Locator, text: str) -> None:
    """Tab to a field and type; in a select the first letters choose."""
    tab_to(control)
    control.page.keyboard.type(text)


def chosen(control: Locator, label: str) -> None:
    if control.evaluate("element => element.tagName") == "SELECT":
        control.select_option(label=label)
    else:
        control.fill(label)


WAYS = {
    "pointer": (True, by_pointer, chosen),
    "keyboard": (True, by_keyboard, typed),
    "plain": (False, by_pointer, chosen),
}


@pytest.mark.parametrize(("javascript", "press", "fill"), WAYS.values(), ids=WAYS)
def test_product_editor(
    console: Console, open_page: OpenPage, javascript: bool, press: Press, fill: Fill, request
) -> None:
    way = request.node.callspec.id
    name = f"Product Editor {way}"
    page = open_page(java_script_enabled=javascript)
    sign_in(page, console, OWNER)
    page.get_by_role("link", name="DailyWear Company").first.click()
    page.get_by_role("main").get_by_role("link", name="Shopping Mall").click()
    press(page.get_by_role("link", name="Roles & Permissions"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Roles & Permissions")
    roles = page.url

    # Build it.
    press(page.get_by_role("link", name="Create"))
    fill(page.get_by_label("Name", exact=True), name)
    press(page.get_by_role("button", name="Only a content type (Content)"))
    new = page.get_by_label(re.compile(r"^Content type id \(Content 1\)"))
    expect(new).to_be_focused()
    fill(new, f"product-{way}")
    fill(page.get_by_label(re.compile(r"^Name you know it by \(Content 1\)")), "Products")
    for action in ("Read", "Create", "Edit"):
        fill(page.get_by_label(f"{action}, Only a content type 1, Content", exact=True), "Allow")
    if not javascript:
        press(page.get_by_role("button", name="Preview"))
    expect(page.locator("#role-summary")).to_have_text(SENTENCE)
    press(page.get_by_role("button", name="Save"))
    expect(page).to_have_url(roles)
    expect(row(page, name)).to_contain_text(SENTENCE)
    expect(row(page, name)).to_contain_text("nobody")

    # Assign it to someone who holds another role already.
    press(page.get_by_role("navigation", name="Space").get_by_role("link", name="Membership"))
    press(row(page, HOLDER).get_by_role("link", name="Change roles"))
    box = page.get_by_role("group", name="Space Role").get_by_label(name)
    if press is by_keyboard:
        tab_to(box)
        page.keyboard.press("Space")
    else:
        box.check()
    press(page.get_by_role("button", name="Save"))
    expect(row(page, HOLDER)).to_contain_text(name)

    # See it in the answer.
    press(row(page, HOLDER).get_by_role("link", name="Access"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What {HOLDER} can do")
    content = page.get_by_role("region", name="Content", exact=True)
    expect(content).to_contain_text("read, create and edit content of the type “Products”")
    expect(content.get_by_role("link", name=name)).to_be_visible()
    fill(page.get_by_label("What they want to do"), "Content: Edit")
    press(page.get_by_role("button", name="Check", exact=True))
    expect(page.get_by_role("main")).to_contain_text(f"Yes, {HOLDER} can edit content.")

    # Try to delete it; then move its holder in the same step.
    press(page.get_by_role("navigation", name="Space").get_by_role("link", name="Roles & Permissions"))
    expect(row(page, name)).to_contain_text("1 member")
    press(row(page, name).get_by_role("link", name="Delete"))
    expect(page.get_by_text("1 member has this role.")).to_be_visible()
    press(page.get_by_role("button", name="Move and delete"))
    expect(page.locator("[data-code=WGL422024]")).to_be_visible()
    fill(page.get_by_label("Move them to"), "Editor")
    press(page.get_by_role("button", name="Move and delete"))
    expect(page).to_have_url(roles)
    expect(row(page, name)).to_have_count(0)
    page.get_by_role("navigation", name="Space").get_by_role("link", name="Membership").click()
    expect(row(page, HOLDER)).to_contain_text("Editor")
    expect(row(page, HOLDER)).not_to_contain_text(name)


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def test_leaving_with_unsaved_changes_asks(console: Console, open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, console, OWNER)
    page.goto("/")
    page.get_by_role("link", name="DailyWear Company").first.click()
    page.get_by_role("main").get_by_role("link", name="Shopping Mall").click()
    page.get_by_role("link", name="Roles & Permissions").click()
    page.get_by_role("link", name="Create").click()
    page.get_by_label("Name", exact=True).fill("Half done")
    # Adding a row renders the form anew: it stays unsaved.
    page.get_by_role("button", name="Only what they created (Media)").click()
    expect(page.get_by_label("All actions, that they created themselves, Media")).to_be_focused()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("navigation", name="Space").get_by_role("link", name="Overview").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half done")
    assert asked == ["beforeunload"]
