"""Back and forth between addresses that a part of a page gave itself (hx-push-url)."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, SignedIn
from tests.browser.worlds import MEMBER, OWNER, World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]
FULL = 1 + 50


def test_after_back_everything_still_works(
    open_page: OpenPage, signed_in: SignedIn, worlds: dict[str, World]
) -> None:
    page = open_page(storage_state=signed_in(OWNER))
    page.goto(f"/organizations/{worlds['crowded'].organization_id}/membership/")
    rows = page.get_by_role("row")
    expect(rows).to_have_count(FULL)
    page.get_by_role("searchbox", name="Search by name or email").fill("emma")
    expect(page).to_have_url(re.compile("q=emma"))
    expect(rows).not_to_have_count(FULL)
    page.go_back()
    expect(rows).to_have_count(FULL)
    expect(page).not_to_have_url(re.compile("q="))

    page.get_by_role("link", name="Remove").first.click()
    dialog = page.get_by_role("dialog", name="Remove")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Go to an Organization")).to_be_focused()
    page.keyboard.press("Escape")

    # And what the script itself has to say is said.
    page.evaluate("document.body.dispatchEvent(new Event('htmx:sendError', { bubbles: true }))")
    expect(page.locator("#notice-offline")).to_be_visible()


def test_a_tokens_secret_is_kept_nowhere(open_page: OpenPage, signed_in: SignedIn) -> None:
    page = open_page(storage_state=signed_in(MEMBER))
    page.goto("/profile/tokens/")
    rows = page.get_by_role("row")

    secret = new_token(page, "CI")
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("cursor="))
    expect(rows).not_to_have_count(FULL)
    expect_no_secret(page, secret)
    page.go_back()
    expect(rows).to_have_count(FULL)
    expect(page).not_to_have_url(re.compile("cursor="))
    expect_no_secret(page, secret)

    # Nor does it come back from another screen.
    secret = new_token(page, "Backup")
    page.get_by_role("link", name="API documentation").click()
    expect(page).to_have_url(re.compile("/v1/docs"))
    page.go_back()
    expect(rows).to_have_count(FULL)
    expect_no_secret(page, secret)


def new_token(page: Page, name: str) -> str:
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create token").click()
    issued = page.get_by_role("region", name=f"The token {name} is created.")
    secret = issued.locator("code").inner_text()
    assert secret.startswith("PSNAT")
    return secret


def expect_no_secret(page: Page, secret: str) -> None:
    """Neither on the page nor in what the browser keeps for it."""
    assert secret not in page.content()
    assert "PSNAT" not in json.dumps(page.evaluate("[{ ...sessionStorage }, { ...localStorage }]"))
