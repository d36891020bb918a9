"""What ⌘K finds among Organizations, Spaces and people: at most a few of each.

A constant number of statements, each bounded by an index: nothing is searched but what a person
manages or is in (rules §13), the place they are in first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from accounts.models import User
from common.search import Folded, Term
from memberships import policies
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.selectors import with_presence
from organizations.models import Organization
from spaces.models import Space

EACH = 6
# Who manages members and Spaces alike finds all of both.
_MANAGING = [
    role for role in Role if policies.may_manage_organization(role) and policies.may_manage_space(role)
]
# What a trigram index does not find is looked for among the newest alone.
_NEWEST = 10_000
# How many Organizations and Spaces of one person are looked into, and in how many for people.
_REACH, _PEOPLED = 500, 20


@dataclass(frozen=True, slots=True)
class Found:
    """The first few Organizations, Spaces and people that match."""

    organizations: Sequence[Organization] = ()
    spaces: Sequence[Space] = ()
    members: Sequence[OrganizationMembership] = ()
    space_members: Sequence[SpaceMembership] = ()


def find(user: User, *, q: str, near: str = "") -> Found:
    """What matches ``q`` of all that ``user`` may see, the Organization ``near`` first.

    People only of Organizations where they are OWNER or ADMIN, and of Spaces they are in; none
    before anything is typed. Eight statements at most.
    """
    term = Term.read(q)
    if term.finds_nothing:
        return Found()
    mine = OrganizationMembership.objects.filter(user=user)
    managed = _first(mine.filter(role__in=_MANAGING).values_list("organization", flat=True), near)
    own = SpaceMembership.objects.filter(user=user).exclude(organization__in=managed)
    joined = _first(own.values_list("space", flat=True), near)
    return Found(
        _organizations(mine, term, near),
        _spaces(managed, joined, term, near),
        _people(OrganizationMembership.objects.all(), "organization", managed, term),
        _people(with_presence(SpaceMembership.objects.all()), "space", joined, term),
    )


def _first(ids: QuerySet[Any, Any], near: str) -> list[str]:
    """The ids, those of the Organization ``near`` first, then the oldest."""
    return list(ids.order_by(_nearness(near), "created_at", "id")[:_REACH])


def _nearness(near: str) -> Case:
    return Case(When(organization=near, then=Value(0)), default=Value(1))


def _organizations(mine: QuerySet[OrganizationMembership], term: Term, near: str) -> list[Organization]:
    matching = mine.alias(folded=Folded("organization__name")).filter(term.within("folded"))
    rows = matching.select_related("organization").order_by(_nearness(near), "created_at", "id")
    return [membership.organization for membership in rows[:EACH]]


def _spaces(managed: list[str], joined: list[str], term: Term, near: str) -> Sequence[Space]:
    """The oldest who match in each of the first places, and in the others together, in one statement."""
    places = [Q(organization=pk) for pk in managed[:_PEOPLED]]
    places += [Q(organization__in=managed[_PEOPLED:]), Q(pk__in=joined)]
    matching = Space.objects.alias(folded=Folded("name")).filter(term.within("folded"))
    rows = matching.select_related("organization").order_by("created_at", "id")
    first, *others = [rows.filter(place)[:EACH] for place in places]
    found = sorted(first.union(*others, all=True), key=lambda space: (space.created_at, space.pk))
    return sorted(found, key=lambda space: space.organization_id != near)[:EACH]


def _people[M: (OrganizationMembership, SpaceMembership)](
    members: QuerySet[M], place: str, ids: list[str], term: Term
) -> list[M]:
    """The newest who match in each of the places, in one statement; from the first place on."""
    ids = ids[:_PEOPLED]
    if not (term and ids):
        return []
    rows = [members.filter(**{place: pk}).order_by("-created_at", "-id") for pk in ids]
    since = {} if term.is_indexed else dict(_each(_since(one, place) for one in rows))
    matching = [
        one.filter(term.within("search"), **({"created_at__gte": since[pk]} if pk in since else {}))
        for pk, one in zip(ids, rows, strict=True)
    ]
    found = _each(one.select_related("user", place)[:EACH] for one in matching)
    newest = sorted(found, key=lambda row: (row.created_at, row.pk), reverse=True)
    return sorted(newest, key=lambda row: ids.index(getattr(row, f"{place}_id")))[:EACH]


def _since(newest_first: QuerySet[Any], place: str) -> QuerySet[Any, Any]:
    """A place of very many, and since when its newest are members.

    Asked by itself: with the moment at hand the planner reads that end of the index alone.
    """
    return newest_first.values_list(place, "created_at")[_NEWEST - 1 : _NEWEST]


def _each[Row](queries: Iterable[QuerySet[Any, Row]]) -> QuerySet[Any, Row]:
    """All of the queries in one statement."""
    first, *others = queries
    return first.union(*others, all=True) if others else first
