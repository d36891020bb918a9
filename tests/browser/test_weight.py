"""Screens are light and stand still, measured in Chromium against a running console."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Console, SignedIn
from tests.browser.weight import MAIN_SCREENS, weigh_load, weigh_page_of_rows
from tests.browser.worlds import OWNER, World
from tools.bench.pages import FIRST_LOAD, PAGE_OF_ROWS, ROWS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_membership_with_50_rows_is_light(
    chromium_browser: Browser, console: Console, signed_in: SignedIn, worlds: dict[str, World]
) -> None:
    with chromium_browser.new_context(base_url=console.url, storage_state=signed_in(OWNER)) as context:
        page, first = weigh_load(context, MAIN_SCREENS[ROWS].format(**worlds))
        assert page.get_by_role("row").count() == 1 + 50
        assert first.bytes < FIRST_LOAD
        swapped = weigh_page_of_rows(page)
        assert page.get_by_role("row").count() == 1 + 50
        assert swapped.requests == 1
        assert swapped.bytes < PAGE_OF_ROWS
        assert swapped.shift == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_a_screen_loads(
    chromium_browser: Browser, console: Console, signed_in: SignedIn, worlds: dict[str, World], width: int
) -> None:
    viewport = {"width": width, "height": 844}
    with chromium_browser.new_context(
        base_url=console.url, storage_state=signed_in(OWNER), viewport=viewport
    ) as context:
        shifts = {}
        for name, path in MAIN_SCREENS.items():
            page, weight = weigh_load(context, path.format(**worlds))
            shifts[name] = weight.shift
            page.close()
    assert shifts == dict.fromkeys(MAIN_SCREENS, 0)


def test_static_files_are_compressed_and_kept_for_ever(chromium_browser: Browser, console: Console) -> None:
    with chromium_browser.new_context(base_url=console.url) as context:
        page = context.new_page()
        answers = []
        page.on("response", lambda response: answers.append(response) if "/static/" in response.url else None)
        page.goto("/sign-in/", wait_until="networkidle")
        found = {answer.url: answer.headers for answer in answers}
        assert len(found) >= 5
        for url, headers in found.items():
            assert headers["cache-control"] == "max-age=315360000, public, immutable", url
            assert headers["content-encoding"] == "br", url
