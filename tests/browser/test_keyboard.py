"""The guide of seeds/000 by the keyboard alone: focus is always seen, and never lost.

Enter on what leads on, Space on what is ticked, arrows in a group of radio buttons, Esc out of a dialog.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console, OpenPage, sign_in

OWNER, MINJI = "owner@example.com", "minji.keys@example.com"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# What shows the focus: the element's own outline, its ::after's, or that of the card around it.
_SEEN = """() => {
  const at = document.activeElement;
  const drawn = (element, part) => {
    const style = getComputedStyle(element, part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const card = at.closest(".choice");
  const box = at.getBoundingClientRect();
  const covered = document.elementsFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
  return {
    what: at.outerHTML.slice(0, 120),
    drawn: drawn(at) || drawn(at, "::after") || Boolean(card && drawn(card)),
    shown: box.bottom > 0 && box.top < innerHeight,
    // Nothing that stays in place, such as the bar, lies over it.
    free: at.tagName === "BODY" || covered.length === 0 || at.contains(covered[0]) || covered[0].contains(at)
      || covered[0].tagName === "LABEL",
  };
}"""


def expect_seen(page: Page) -> None:
    """Focus is on something, drawn, within the window, and not covered."""
    seen = page.evaluate(_SEEN)
    assert (seen["drawn"], seen["shown"], seen["free"]) == (True, True, True), seen


def to(control: Locator, key: str = "Tab") -> None:
    """Tab on until the control has the focus; every stop on the way is seen."""
    page = control.page
    control.wait_for()
    for _ in range(120):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
        if page.evaluate("document.activeElement !== document.body"):
            expect_seen(page)
    raise AssertionError(f"no {key} leads to {control}")


def press(control: Locator, key: str = "Enter") -> None:
    """Tab to the control and press it."""
    to(control)
    control.page.keyboard.press(key)


def typed(control: Locator, text: str) -> None:
    """Tab to a field and type."""
    to(control)
    control.page.keyboard.type(text)


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def test_the_guide_by_keyboard(console: Console, open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, console, OWNER)
    menu: Callable[[str], Locator] = lambda name: page.get_by_role("navigation", name=name)  # noqa: E731
    page.goto("/organizations/")

    # The first Tab offers to skip what every page begins with.
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    # Organization › Membership › Invite.
    press(page.get_by_role("main").get_by_role("link", name="DailyWear Company"))
    press(menu("Organization").get_by_role("link", name="Membership"))
    press(page.get_by_role("link", name="Invite"))
    typed(page.get_by_label("Email(s)"), "nobody.at")
    roles = page.get_by_role("group", name="Choose an Organization Role")
    to(roles.get_by_label("Member"))
    page.keyboard.press("ArrowUp")
    expect(roles.get_by_label("Admin")).to_be_checked()
    expect_seen(page)
    page.keyboard.press("ArrowDown")
    expect(roles.get_by_label("Member")).to_be_checked()
    # Back to the button at the top; what is refused takes the focus, not an empty page.
    to(page.get_by_role("button", name="Invite"), "Shift+Tab")
    page.keyboard.press("Enter")
    wrong = page.locator("[data-announce]").filter(has_text="Check 1 address")
    wrong.wait_for()
    assert page.evaluate("document.activeElement !== document.body")
    field = page.get_by_label("Email(s)")
    to(field)
    page.keyboard.press("Control+A")
    page.keyboard.type(MINJI)
    to(page.get_by_role("button", name="Invite"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(row(page, MINJI)).to_contain_text("Member")

    # Space › Membership › Add.
    press(menu("Organization").get_by_role("link", name="Spaces"))
    press(page.get_by_role("main").get_by_role("link", name="Shopping Mall"))
    press(menu("Space").get_by_role("link", name="Membership"))
    press(page.get_by_role("link", name="Add"))
    typed(page.get_by_label("Select Members"), "minji.keys")
    box = page.get_by_role("checkbox", name=MINJI)
    expect(page.locator("#candidates").get_by_role("checkbox")).to_have_count(1)
    expect(page.get_by_label("Select Members")).to_be_focused()  # the answer came in under the typing
    press(box, "Space")
    expect(box).to_be_checked()
    press(page.get_by_role("group", name="Space Role").get_by_label("Editor"), "Space")
    press(page.get_by_role("button", name="Assign Roles To Selected Members"))
    expect(row(page, MINJI)).to_contain_text("Editor")

    # Change roles in a dialog: it keeps the focus, and Esc gives it back.
    change = row(page, MINJI).get_by_role("link", name="Change roles")
    press(change)
    expect_dialog_keeps_focus(page)
    page.keyboard.press("Escape")
    expect(change).to_be_focused()
    expect_seen(page)

    # Remove from the Space, then from the Organization.
    press(row(page, MINJI).get_by_role("link", name="Remove"))
    expect_dialog_keeps_focus(page)
    press(page.get_by_role("dialog").get_by_role("button", name="Remove"))
    expect(row(page, MINJI)).to_have_count(0)
    expect_focus_somewhere(page)
    press(page.get_by_role("navigation", name="You are here").get_by_role("link", name="DailyWear Company"))
    press(menu("Organization").get_by_role("link", name="Membership"))
    remove = row(page, MINJI).get_by_role("link", name="Remove")
    press(remove)
    expect_dialog_keeps_focus(page)
    page.keyboard.press("Escape")
    expect(remove).to_be_focused()
    page.keyboard.press("Enter")
    press(page.get_by_role("dialog").get_by_role("button", name="Remove"))
    expect(row(page, MINJI)).to_have_count(0)
    expect_focus_somewhere(page)


def expect_dialog_keeps_focus(page: Page) -> None:
    """Focus goes in, round in it, and neither way out."""
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    for key in ["Tab"] * 8 + ["Shift+Tab"] * 8:
        # The browser's own controls come between the last stop and the first: the body, then.
        inside = "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        assert page.evaluate(inside)
        page.keyboard.press(key)
        if page.evaluate("document.activeElement !== document.body"):
            expect_seen(page)


def expect_focus_somewhere(page: Page) -> None:
    """After a change, focus is not back at the very beginning."""
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")
