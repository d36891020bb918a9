"""Organizations and their Spaces as a person sees them: the list and the switcher."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from common.pagination import OLDEST_FIRST, Page, paginate
from common.search import Folded, Term
from memberships.models import OrganizationMembership, SpaceMembership
from memberships.selectors import OrganizationAccess, organizations_of, spaces_of, visible_spaces, with_roles
from spaces.models import Space, SpaceRole

MANY = 8
MOST = 50


@dataclass(frozen=True, slots=True)
class Place:
    """An Organization of a person, with the first of its Spaces they see."""

    membership: OrganizationMembership
    spaces: list[Space] = field(default_factory=list)


def places_of(user: User, *, q: str = "", spaces_each: int = MANY) -> list[Place]:
    """Up to ``MOST`` Organizations of a person that match ``q``, or have Spaces that do; two statements."""
    term = Term.read(q)
    memberships = organizations_of(user)
    if term:
        matching = _matching(visible_spaces(user), term)
        memberships = memberships.alias(folded=Folded("organization__name")).filter(
            term.within("folded") | Exists(matching.filter(organization=OuterRef("organization")))
        )
    found = {membership.organization_id: Place(membership) for membership in memberships[:MOST]}
    spaces = visible_spaces(user).filter(organization__in=list(found))
    spaces = _matching(spaces, term)
    rank = Window(RowNumber(), partition_by="organization", order_by=["created_at", "id"])
    for space in spaces.annotate(rank=rank).filter(rank__lte=spaces_each).order_by("created_at", "id"):
        found[space.organization_id].spaces.append(space)
    return list(found.values())


def _matching(spaces: QuerySet[Space], term: Term) -> QuerySet[Space]:
    """Spaces that have each word in their name or their Organization's."""
    folded = spaces.alias(own_name=Folded("name"), organization_name=Folded("organization__name"))
    return folded.filter(term.within("own_name", "organization_name"))


def are_many(places: Sequence[Place]) -> bool:
    """Whether a list of places needs a search."""
    return sum(1 + len(place.spaces) for place in places) > MANY


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A Space on the Organization screen; ``roles`` are the reader's own there, None: not a member."""

    space: Space
    roles: list[SpaceRole] | None


@dataclass(frozen=True, slots=True)
class SpaceList:
    """One page of the Organization's Spaces."""

    page: Page[Space]
    rows: list[SpaceRow]


def space_list(access: OrganizationAccess, *, cursor: str = "") -> SpaceList:
    """A page of the Spaces the reader may see, with their own SpaceRoles; three statements."""
    page = paginate(
        spaces_of(access),
        order=OLDEST_FIRST,
        limit=settings.PAGE_SIZE,
        cursor=cursor,
        binding=f"spaces {access.organization.pk}",
        nearest=True,
    )
    own = {
        place.space_id: place.held_roles
        for place in with_roles(
            SpaceMembership.objects.filter(
                space__in=[space.pk for space in page.items],
                user=access.membership.user_id if access.membership else None,
            )
        )
    }
    return SpaceList(page, [SpaceRow(space, own.get(space.pk)) for space in page.items])
