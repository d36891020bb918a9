"""What a screen costs its reader: bytes, requests, time, and how much it jumps about."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, CDPSession, Page

# Those a person meets first, of the crowded world.
MAIN_SCREENS = {
    "Organizations": "/organizations/",
    "Spaces": "/organizations/{crowded.organization_id}/",
    "Membership, 50 rows": "/organizations/{crowded.organization_id}/membership/",
    "Invite": "/organizations/{crowded.organization_id}/membership/invite/",
    "Space Membership, 50 rows": "/spaces/{crowded.space_id}/membership/",
    "Add": "/spaces/{crowded.space_id}/membership/add/",
    "Roles & Permissions": "/spaces/{crowded.space_id}/roles/",
    "role editor": "/spaces/{crowded.space_id}/roles/{crowded.role_id}/",
}
# How much things move by themselves; what follows a press is not excused either.
_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.shifts += one.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""
_READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


@dataclass(frozen=True)
class Weight:
    """Bytes over the wire with headers, requests without the icon, layout shift; ms to DOMContentLoaded."""

    bytes: int
    requests: int
    shift: float
    ready: float = 0.0


def weigh_load(context: BrowserContext, path: str) -> tuple[Page, Weight]:
    """A first load, with nothing in any cache."""
    page = context.new_page()
    page.add_init_script(_SHIFTS)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    weight = _weigh(page, session, lambda: page.goto(path))
    return page, Weight(weight.bytes, weight.requests, weight.shift, page.evaluate(_READY))


def weigh_page_of_rows(page: Page) -> Weight:
    """A full page of a list by htmx: on to its second page, and back to the first, which is weighed."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    _follow(page, "Next", "Previous")
    return _weigh(page, session, lambda: _follow(page, "Previous", "Next"))


def _follow(page: Page, name: str, then: str) -> None:
    with page.expect_response("**/*cursor=*"):
        # Not a press: for half a second after one the browser forgives all jumping.
        page.get_by_role("link", name=name).evaluate("link => link.click()")
    page.get_by_role("link", name=then).wait_for()


def _weigh(page: Page, session: CDPSession, work: Callable[[], object]) -> Weight:
    begun: set[str] = set()
    sizes: dict[str, int] = {}
    # Not the icon ("Other"), which comes whenever the browser has time for it.
    session.on(
        "Network.requestWillBeSent",
        lambda event: begun.add(event["requestId"]) if event["type"] != "Other" else None,
    )
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: round(event["encodedDataLength"])}),
    )
    page.evaluate("window.shifts = 0")
    work()
    page.wait_for_load_state("networkidle")
    return Weight(sum(sizes.get(one, 0) for one in begun), len(begun), page.evaluate("window.shifts"))
