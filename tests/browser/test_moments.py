"""What opens, appears and is refused on a screen, by the same measures as the screens themselves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console, OpenPage, SignedIn
from tests.browser.looks import axe_faults, layout_faults, theme_faults, window
from tests.browser.worlds import OWNER, World

ORGANIZATION, SPACE = "/organizations/{crowded.organization_id}/", "/spaces/{crowded.space_id}/"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]


def opens(name: str, role: str = "link") -> Callable[[Page], None]:
    """Presses the first so named, and waits for the dialog."""

    def do(page: Page) -> None:
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        page.get_by_role("dialog").wait_for()

    return do


def invites_in_vain(page: Page) -> None:
    page.get_by_label("Email(s)").fill("nobody.at, " + "x" * 90)
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("Check 2 addresses").wait_for()


def refuses(*, button: str) -> Callable[[Page], None]:
    """Sends the empty form."""

    def do(page: Page) -> None:
        page.get_by_role("button", name=button).last.click()
        page.locator("[aria-invalid=true], [data-errors], .errorlist").first.wait_for()

    return do


def changes_a_role(page: Page) -> None:
    page.get_by_label("Role of Minji Kim").first.select_option("ADMIN")
    page.get_by_text("is Admin now").first.wait_for()


def saves(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notices .notice.success > .icon")).to_be_visible()


def shows_the_switcher(page: Page) -> None:
    page.get_by_role("button", name="Switch Organization or Space").click()
    page.locator("#switcher-list").wait_for()


def shows_the_account(page: Page) -> None:
    page.get_by_role("button", name="Your account").click()


def shows_the_menu(page: Page) -> None:
    window(page, 390)
    page.get_by_role("button", name="Menu").click()


MOMENTS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "remove from the Organization": (ORGANIZATION + "membership/", opens("Remove")),
    "change roles": (SPACE + "membership/", opens("Change roles")),
    "remove from the Space": (SPACE + "membership/", opens("Remove")),
    "delete a role that is held": (SPACE + "roles/", opens("Delete Wolf")),
    "delete a Space": (SPACE + "settings/", opens("Delete Space")),
    "the styleguide's dialog": ("/styleguide/", opens("Open a dialog")),
    "invite, refused": (ORGANIZATION + "membership/invite/", invites_in_vain),
    "add, refused": (SPACE + "membership/add/", refuses(button="Assign Roles To Selected Members")),
    "role, refused": (SPACE + "roles/create/", refuses(button="Save")),
    "a role changed, with a notice": (ORGANIZATION + "membership/", changes_a_role),
    "settings saved, with a notice": (ORGANIZATION + "settings/", saves),
    "the switcher": (ORGANIZATION, shows_the_switcher),
    "the account menu": (ORGANIZATION, shows_the_account),
    "the menu of a phone": (SPACE, shows_the_menu),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_moment(
    console: Console, open_page: OpenPage, signed_in: SignedIn, worlds: dict[str, World], name: str
) -> None:
    path, do = MOMENTS[name]
    page = open_page(storage_state=signed_in(OWNER), reduced_motion="reduce")
    window(page, 1280)
    page.goto(path.format(**worlds))
    do(page)
    faults = theme_faults(page)
    if page.get_by_role("dialog").count():
        assert page.evaluate("document.activeElement.closest('dialog') !== null")
    for width in (1280, 390, 320):
        window(page, width)
        faults += [f"{width}: {fault}" for fault in layout_faults(page)]
    assert faults + axe_faults(page) == []
