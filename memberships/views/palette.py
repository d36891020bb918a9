"""⌘K: on to any Organization, Space, member or action; and the sheet of shortcuts."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import actor_of, person_of
from common.errors import NotFound, Text
from common.frame import Frame, MenuItem
from common.htmx import render_page, wants_fragment
from common.search import Term
from memberships.finding import EACH, Found, find
from memberships.selectors import organization_access, space_access
from memberships.views.frames import organization_frame, space_frame

_ACCOUNT = [
    (_("Profile"), "profile", "circle-user-round"),
    (_("Access tokens"), "tokens", "key-round"),
    (_("Organizations"), "organization-list", "building-2"),
    (_("Create Organization"), "organization-create", "plus"),
    (_("Keyboard shortcuts"), "shortcuts", "keyboard"),
]


@dataclass(frozen=True, slots=True)
class Entry:
    """Somewhere to go; a ``person`` shows by their picture."""

    label: Text
    url: str
    icon: str = ""
    detail: str = ""
    person: User | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind."""

    label: Text
    entries: list[Entry] = field(default_factory=list)


@require_safe
def go(request: HttpRequest) -> HttpResponse:
    """What matches ``q``; the list alone for the palette, a page of its own without JavaScript."""
    q = request.GET.get("q", "").replace("\0", "")
    frames = _here(request)
    near = str(frames[0].organization.pk) if frames and frames[0].organization else ""
    found = find(person_of(request), q=q, near=near)
    groups = [*_actions(frames, q), *_found(found), Group(_("Your account"), _matching(_account(), q))]
    context = {
        "frame": frames[0] if frames else Frame(),
        "groups": [group for group in groups if group.entries],
        "count": sum(len(group.entries) for group in groups),
        "q": q,
        "is_listbox": wants_fragment(request),
    }
    return render_page(request, "memberships/go.html", context, partial="palette-list")


@require_safe
def shortcuts(request: HttpRequest) -> HttpResponse:
    """The keys that work here."""
    frames = _here(request)
    context = {"frame": frames[0] if frames else Frame()}
    return render_page(request, "memberships/shortcuts.html", context, partial="dialog-body")


def _here(request: HttpRequest) -> list[Frame]:
    """The frames of where the person comes from: the Space's and its Organization's."""
    actor = actor_of(request)
    organization_id, space_id = (
        request.GET.get(name, "").replace("\0", "") for name in ("organization", "space")
    )
    with suppress(NotFound):
        if space_id:
            access = space_access(actor, space_id)
            return [space_frame(access, ""), organization_frame(access.organization, "")]
        if organization_id:
            return [organization_frame(organization_access(actor, organization_id), "")]
    return []


def _actions(frames: list[Frame], q: str) -> Iterator[Group]:
    """What can be done in the places of ``frames``; before anything is typed, in the first alone."""
    for frame in frames if q.strip() else frames[:1]:
        assert frame.place is not None  # noqa: S101  # _here makes no other
        entries = [Entry(item.label, item.url, item.icon) for item in _items(frame)]
        yield Group(frame.place.name, _matching(entries, q, frame.place.name))


def _items(frame: Frame) -> list[MenuItem]:
    return [*frame.menu, *frame.actions]


def _account() -> Iterator[Entry]:
    for label, name, icon in _ACCOUNT:
        with suppress(NoReverseMatch):
            yield Entry(label, reverse(name), icon)


def _matching(entries: Iterable[Entry], q: str, place: str = "") -> list[Entry]:
    """Entries whose label has a word of ``q``, the others being in the name of their place."""
    term = Term.read(q)

    def matches(entry: Entry) -> bool:
        return term.is_in(f"{entry.label} {place}") and term.touches(entry.label)

    return [entry for entry in entries if not term or matches(entry)]


def _found(found: Found) -> list[Group]:
    members = [
        Entry(
            row.person.display_name,
            reverse("organization-membership", args=[row.organization_id], query={"q": row.person.email}),
            detail=_said(row.person, row.organization.name),
            person=row.person,
        )
        for row in found.members
    ]
    members += [
        Entry(
            row.person.display_name,
            reverse("space-membership", args=[row.space_id], query={"q": row.person.email}),
            detail=_said(row.person, row.space.name),
            person=row.person,
        )
        for row in found.space_members
    ]
    organizations = [Entry(one.name, one.get_absolute_url(), "building-2") for one in found.organizations]
    spaces = [Entry(one.name, one.get_absolute_url(), "box", one.organization.name) for one in found.spaces]
    return [
        Group(_("Organizations"), organizations),
        Group(_("Spaces"), spaces),
        Group(_("Members"), members[:EACH]),
    ]


def _said(user: User, place: str) -> str:
    """The address of who has a name, and where they are a member."""
    return f"{user.email} · {place}" if user.name else place
