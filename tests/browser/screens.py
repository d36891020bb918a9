"""Every screen of the console, from the URLconf, with its URL's ids filled in.

A new screen is among them by itself; one whose URL has an argument that no world knows fails with
its name.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.urls import get_resolver, reverse

from tests.browser.worlds import MEMBER, NOBODY, OWNER, World
from tests.weegloo_site.test_urls import named

# Reachable, and not a screen of its own: what a GET of it is instead.
NOT_SCREENS = {
    "home": "leads on",
    "switcher": "leads on",
    "language": "leads on",
    "sign-out": "POST",
    "organization-member-role": "POST",
    "space-role-preview": "POST",
    "healthz": "JSON",
    "readyz": "JSON",
    "mailbox-message-html": "an email",
}
SIGNED_OUT = {"sign-in", "sign-in-code"}

_ORGANIZATION = "/organizations/{crowded.organization_id}/"
_SPACE = "/spaces/{crowded.space_id}/"
# Screens in other states than their first: empty, found nothing, not allowed, answered.
STATES: dict[str, tuple[str, str, int]] = {
    "members, one row": ("/organizations/{quiet.organization_id}/membership/", OWNER, 200),
    "members, no match": (_ORGANIZATION + "membership/?q=nobody.at.all", OWNER, 200),
    "invite with an address": (_ORGANIZATION + "membership/invite/?email=someone@example.com", OWNER, 200),
    "Space members, one row": ("/spaces/{quiet.space_id}/membership/", OWNER, 200),
    "Space members, none": ("/spaces/{quiet.empty_space_id}/membership/", OWNER, 200),
    "Space members, no match": (_SPACE + "membership/?q=nobody.at.all", OWNER, 200),
    "add, nobody found": (_SPACE + "membership/add/?q=nobody@example.com", OWNER, 200),
    "add, found": ("/spaces/{quiet.space_id}/membership/add/?q=sora", OWNER, 200),
    "a role to read": (_SPACE + "roles/{crowded.locked_role_id}/", OWNER, 200),
    "a role copied": (_SPACE + "roles/create/?from={crowded.role_id}", OWNER, 200),
    "access of another": (_SPACE + "access/?user={crowded.user_id}&q=min", OWNER, 200),
    "access, answered": (_SPACE + "access/?user={crowded.user_id}&what=content+Read&own=on", OWNER, 200),
    "access, asked wrongly": (_SPACE + "access/?what=nothing", OWNER, 422),
    "no Organization": ("/organizations/", NOBODY, 200),
    "Organization of a member": (_ORGANIZATION, MEMBER, 200),
    "Space members for a member": (_SPACE + "membership/", MEMBER, 200),
    "not allowed": (_ORGANIZATION + "membership/", MEMBER, 403),
    "not found": (_ORGANIZATION + "nothing/", OWNER, 404),
    "signed in as another": ("/sign-in/?email=someone@example.com", OWNER, 200),
}


@dataclass(frozen=True)
class Screen:
    """One screen in one state: who looks at it, and where; without ``address`` nobody is signed in."""

    path: str
    address: str = OWNER
    status: int = 200


def routes() -> Iterator[str]:
    """The name of every route of the console: all but the staff admin and the API."""
    for name, _route in named(get_resolver().url_patterns):
        if not name.startswith("admin:") and name not in NOT_SCREENS:
            yield name


def screen(name: str, worlds: dict[str, World], mail: str) -> Screen:
    """The screen of a route, in the crowded world, or one of the states. ``mail``: a stored email's name."""
    if name in STATES:
        path, address, status = STATES[name]
        return Screen(path.format(**worlds), address, status)
    world = worlds["crowded"]
    ((_, arguments),) = get_resolver().reverse_dict.getlist(name)[0][0]
    known = asdict(world) | {"name": mail, "membership_id": world.members.get(next(iter(arguments), ""))}
    unknown = set(arguments) - set(known)
    assert not unknown, f"{name}: no world has a {unknown}"
    path = reverse(name, kwargs={argument: known[argument] for argument in arguments})
    return Screen(path, "" if name in SIGNED_OUT else OWNER)
