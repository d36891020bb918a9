"""The guide of seeds/000, by its own words, from signing in to removing a colleague.

With JavaScript and without: the same steps, the same labels.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console, OpenPage, sign_in

OWNER = "owner@example.com"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def row(page: Page, address: str):
    return page.get_by_role("row").filter(has_text=address)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_the_guide(console: Console, open_page: OpenPage, javascript: bool) -> None:
    minji = f"minji.kim{'' if javascript else '2'}@example.com"
    page = open_page(java_script_enabled=javascript)
    sign_in(page, console, OWNER)

    # Inviting a colleague to your clothing store Organization.
    page.get_by_role("link", name="DailyWear Company").first.click()
    page.get_by_role("navigation", name="Organization").get_by_role("link", name="Membership").click()
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("Email(s)").fill(minji)
    expect(page.get_by_role("group", name="Choose an Organization Role").get_by_label("Member")).to_be_checked()
    page.get_by_role("button", name="Invite").click()
    expect(row(page, minji)).to_contain_text("Member")
    expect(row(page, minji)).to_contain_text("has not opened this Organization yet")
    first = page.get_by_role("row").nth(1)
    expect(first).to_contain_text(minji)
    invitation = console.wait_for_mail(minji, 1)
    assert invitation["Subject"] == "Sora Lee invited you to DailyWear Company"

    # Inviting again: not added, a notice says so.
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("Email(s)").fill(minji.upper())
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("main")).to_contain_text("already a member")

    # Assigning a colleague to your shopping mall Space.
    page.goto("/")
    page.get_by_role("link", name="DailyWear Company").first.click()
    page.get_by_role("main").get_by_role("link", name="Shopping Mall").click()
    page.get_by_role("navigation", name="Space").get_by_role("link", name="Membership").click()
    page.get_by_role("link", name="Add").click()
    search = page.get_by_label("Select Members")
    search.fill("nobody.here@example.com")
    if not javascript:
        search.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("not yet an Organization member")
    search = page.get_by_label("Select Members")
    search.fill("minji.kim" if javascript else "minji.kim2")
    if not javascript:
        search.press("Enter")
    page.get_by_role("checkbox", name=minji).check()
    page.get_by_role("group", name="Space Role").get_by_label("Editor").check()
    page.get_by_role("button", name="Assign Roles To Selected Members").click()
    expect(row(page, minji)).to_contain_text("Editor")
    assert console.wait_for_mail(minji, 2)["Subject"] == "Sora Lee added you to Shopping Mall"

    # The colleague comes in by the link of the invitation and works.
    link = next(line for line in invitation.get_body(("plain",)).get_content().split() if "/sign-in/" in line)
    colleague = open_page(java_script_enabled=javascript)
    sign_in(colleague, console, minji, start=link.removeprefix(console.url))
    expect(colleague.get_by_role("link", name="Shopping Mall").first).to_be_visible()
    colleague.get_by_role("main").get_by_role("link", name="Shopping Mall").click()
    expect(colleague.get_by_role("heading", level=1)).to_have_text("Shopping Mall")

    # Removing a colleague: from the Organization, and so from its Spaces.
    page.get_by_role("link", name="DailyWear Company").first.click()
    page.get_by_role("navigation", name="Organization").get_by_role("link", name="Membership").click()
    row(page, minji).get_by_role("link", name="Remove").click()
    expect(page.get_by_text("Shopping Mall").last).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(row(page, minji)).to_have_count(0)
    removal = console.wait_for_mail(minji, 4)
    assert removal["Subject"] == "You were removed from DailyWear Company"
    assert len(console.mail_to(minji)) == 4  # invitation, Space invitation, sign-in code, removal

    # Their open page is gone with the next click.
    response = colleague.goto(colleague.url)
    assert response is not None
    assert response.status == 404
