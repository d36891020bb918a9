"""What ⌘K finds among Organizations, Spaces and people: at most a few of each.

A constant number of statements, each bounded by an index: nothing is searched but what a person
manages or is in (rules §13), the place they are in first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Case, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from common.search import Fold, fold
from memberships import policies
from memberships.models import OrganizationMembership, Role, SpaceMembership
from organizations.models import Organization
from spaces.models import Space

EACH = 6
_MANAGING = [role for role in Role if policies.may_manage_organization(role)]
# Names and addresses are no longer than this together.
_LONGEST = 320
# A trigram index finds no fewer letters than three: fewer are looked for among the newest alone.
_INDEXED, _NEWEST = 3, 10_000
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
    before anything is typed. Six statements at most.
    """
    term = fold(q[: _LONGEST + 1])
    if len(term) > _LONGEST:
        return Found()
    mine = OrganizationMembership.objects.filter(user=user)
    managed = _first(mine.filter(role__in=_MANAGING).values_list("organization", flat=True), near)
    own = SpaceMembership.objects.filter(user=user).exclude(organization__in=managed)
    joined = _first(own.values_list("space", flat=True), near)
    return Found(
        _organizations(mine, term, near),
        _spaces(managed, joined, term, near),
        _people(OrganizationMembership, "organization", managed, term),
        _people(SpaceMembership, "space", joined, term),
    )


def _first(ids: QuerySet[Any, Any], near: str) -> list[str]:
    """The ids, those of the Organization ``near`` first, then the oldest."""
    return list(ids.order_by(_nearness(near), "created_at", "id")[:_REACH])


def _nearness(near: str) -> Case:
    return Case(When(organization=near, then=Value(0)), default=Value(1))


def _organizations(mine: QuerySet[OrganizationMembership], term: str, near: str) -> list[Organization]:
    matching = mine.alias(folded=Fold("organization__name")).filter(folded__contains=term)
    rows = matching.select_related("organization").order_by(_nearness(near), "created_at", "id")
    return [membership.organization for membership in rows[:EACH]]


def _spaces(managed: list[str], joined: list[str], term: str, near: str) -> list[Space]:
    visible = Space.objects.filter(Q(organization__in=managed) | Q(pk__in=joined))
    matching = visible.alias(folded=Fold("name")).filter(folded__contains=term)
    rows = matching.select_related("organization")
    return list(rows.order_by(_nearness(near), "created_at", "id")[:EACH])


def _people[M: (OrganizationMembership, SpaceMembership)](
    model: type[M], place: str, ids: list[str], term: str
) -> list[M]:
    """The newest who match in each of the places, in one statement; from the first place on."""
    if not (term and ids):
        return []
    each = [_newest(model.objects.filter(**{place: pk}), place, term) for pk in ids[:_PEOPLED]]
    found = each[0].union(*each[1:], all=True) if len(each) > 1 else each[0]
    newest = sorted(found, key=lambda row: (row.created_at, row.pk), reverse=True)
    return sorted(newest, key=lambda row: ids.index(getattr(row, f"{place}_id")))[:EACH]


def _newest[M: (OrganizationMembership, SpaceMembership)](
    members: QuerySet[M], place: str, term: str
) -> QuerySet[M]:
    members = members.order_by("-created_at", "-id")
    matching = members.filter(search__contains=term).select_related("user", place)
    if len(term) < _INDEXED:
        oldest = Subquery(members.values("created_at")[_NEWEST - 1 : _NEWEST])
        matching = matching.filter(created_at__gte=Coalesce(oldest, Value(datetime.fromtimestamp(0, UTC))))
    return matching[:EACH]
