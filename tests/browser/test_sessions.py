"""A session ends, or begins anew, while a form is filled in; and what Back shows afterwards."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console, OpenPage, sign_in, sign_in_here

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
TYPED = "ana.ruiz@example.com\nben@example.com"


def owner_at_invite(page: Page, console: Console, address: str) -> str:
    """A new person signs in, makes an Organization and goes to Invite; its address."""
    sign_in(page, console, address)
    page.goto("/organizations/new/")
    page.get_by_label("Name").fill("Corner Shop")
    page.get_by_role("button", name="Create Organization").click()
    expect(page).to_have_url(re.compile("/organizations/(?!new)[^/]+/$"))
    invite = f"{page.url}membership/invite/"
    page.goto(invite)
    return invite


def fill_in(page: Page) -> None:
    page.get_by_label("Email(s)").fill(TYPED)
    page.get_by_role("radio", name="Admin").check()


def expect_filled_in(page: Page, words: str) -> None:
    expect(page.get_by_label("Email(s)")).to_have_value(TYPED)
    expect(page.get_by_role("radio", name="Admin")).to_be_checked()
    expect(page.get_by_text(words)).to_be_visible()


def send(page: Page) -> None:
    page.get_by_role("button", name="Invite", exact=True).click()


def expect_invited(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/membership/$"))
    expect(page.get_by_role("rowheader", name="ana.ruiz@example.com")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Email")).to_be_visible()


def sign_out_elsewhere(page: Page) -> Page:
    """Sign out in another tab of the same browser; the tab."""
    other = page.context.new_page()
    other.goto("/")
    sign_out(other)
    return other


@SCRIPTS
def test_an_invitation_survives_the_end_of_the_session(
    open_page: OpenPage, console: Console, scripts: bool
) -> None:
    address = f"session.ends.{scripts}@example.com".lower()
    page = open_page(java_script_enabled=scripts)
    invite = owner_at_invite(page, console, address)
    fill_in(page)

    sign_out_elsewhere(page)

    send(page)
    expect(page).to_have_url(re.compile("/sign-in/"))
    sign_in_here(page, console, address)
    expect(page).to_have_url(invite)
    expect_filled_in(page, "This was not sent yet")
    send(page)
    expect_invited(page)
    # Once sent, the page begins empty again.
    page.goto(invite)
    expect(page.get_by_label("Email(s)")).to_have_value("")


@SCRIPTS
def test_a_form_left_open_can_be_sent_after_signing_in_again(
    open_page: OpenPage, console: Console, scripts: bool
) -> None:
    address = f"left.open.{scripts}@example.com".lower()
    page = open_page(java_script_enabled=scripts)
    owner_at_invite(page, console, address)
    fill_in(page)

    sign_in_here(sign_out_elsewhere(page), console, address)

    send(page)
    expect_filled_in(page, "send it once more")
    expect(page.get_by_text("Your role")).to_have_count(0)
    send(page)
    expect_invited(page)


def test_after_one_form_came_back_every_form_of_the_page_has_a_fresh_token(
    open_page: OpenPage, console: Console
) -> None:
    address = "fresh.token@example.com"
    page = open_page()
    owner_at_invite(page, console, address)
    fill_in(page)
    sign_in_here(sign_out_elsewhere(page), console, address)

    send(page)
    expect_filled_in(page, "send it once more")
    sign_out(page)


def test_a_preview_leads_away_from_nothing_typed(open_page: OpenPage, console: Console) -> None:
    address = "preview@example.com"
    page = open_page()
    invite = owner_at_invite(page, console, address)
    page.goto(invite.replace("membership/invite/", "spaces/new/"))
    page.get_by_label("Name").fill("Mall")
    page.get_by_role("button", name="Create Space").click()
    expect(page).to_have_url(re.compile("/spaces/(?!new)[^/]+/$"))
    editor = f"{page.url}roles/create/"
    page.goto(editor)
    sign_out_elsewhere(page)

    page.get_by_label("Name", exact=True).fill("Packer")
    expect(page.locator("#notice-ended")).to_contain_text("what you typed is still here")
    expect(page).to_have_url(editor)
    page.get_by_role("combobox", name="Read, everything, Content", exact=True).select_option("Allow")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("/sign-in/"))
    sign_in_here(page, console, address)
    expect(page).to_have_url(editor)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Packer")
    expect(page.get_by_role("combobox", name="Read, everything, Content", exact=True)).to_have_value("Allow")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Packer", exact=True)).to_be_visible()


@SCRIPTS
def test_back_after_signing_out_shows_no_addresses(
    open_page: OpenPage, console: Console, scripts: bool
) -> None:
    address = f"back.{scripts}@example.com".lower()
    page = open_page(java_script_enabled=scripts)
    invite = owner_at_invite(page, console, address)
    fill_in(page)
    send(page)
    expect_invited(page)
    sign_out(page)
    page.go_back()
    expect(page.get_by_label("Email")).to_be_visible()
    assert "ana.ruiz@example.com" not in page.content()
    page.goto(invite.replace("invite/", ""))
    page.go_back()
    assert "ana.ruiz@example.com" not in page.content()
