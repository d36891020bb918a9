"""Membership lists as the screens show them: a page of rows in a constant number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from common.pagination import NEWEST_FIRST, Page, paginate
from common.search import Folded, Term
from memberships import policies
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.selectors import (
    OrganizationAccess,
    SpaceAccess,
    members_of,
    other_owners,
    space_members_of,
    with_roles,
)
from outbox.models import Email, Kind, State
from spaces.models import Space, SpaceRole

COUNTED = 10_000
FEW_SPACES = 20


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows a list has; ``capped`` when there are more than were counted."""

    number: int
    capped: bool = False


@dataclass(frozen=True, slots=True)
class InvitationEmail:
    """How the invitation email of a member fares: ``state`` is queued, sent or failed."""

    state: str
    why: str = ""
    next_try: datetime | None = None


@dataclass(slots=True)
class MemberRow:
    """One row of Organization › Membership, with what the reader may do to it.

    ``roles`` are those the reader may give here; none: the role is text. ``wanted`` and
    ``problem`` are of a refused change: what was asked for, and why it was not done.
    """

    membership: OrganizationMembership
    is_self: bool
    may_change: bool
    roles: tuple[Role, ...]
    is_last_owner: bool
    space_count: int
    email: InvitationEmail | None
    wanted: str = ""
    problem: str = ""
    code: str = ""

    @property
    def selected(self) -> str:
        """The role the select shows."""
        return self.wanted or self.membership.role


@dataclass(frozen=True, slots=True)
class MemberList:
    """One page of Organization › Membership."""

    page: Page[OrganizationMembership]
    rows: list[MemberRow]
    total: Total


def member_list(access: OrganizationAccess, *, q: str, role: str, cursor: str) -> MemberList:
    """A page of members, newest first; raises :class:`NotPermitted`, :class:`Invalid` (cursor)."""
    term = Term.read(q)
    members = members_of(access).filter(term.within("search"))
    if role:
        members = members.filter(role=role)
    binding = f"members {access.organization.pk} {role} {term}"
    page = paginate(
        members,
        order=NEWEST_FIRST,
        limit=settings.PAGE_SIZE,
        cursor=cursor,
        binding=binding,
        nearest=True,
    )
    total = _count(members) if term or role else Total(access.organization.member_count)
    return MemberList(page, member_rows(access, page.items), total)


def member_rows(access: OrganizationAccess, members: Sequence[OrganizationMembership]) -> list[MemberRow]:
    """The rows of ``members``, whose users are loaded, in three statements however many."""
    spaces = dict(
        SpaceMembership.objects.filter(
            organization=access.organization, user__in=[member.user_id for member in members]
        )
        .values_list("user")
        .annotate(Count("pk"))
        .order_by()
    )
    emails = invitation_emails(members)
    owners = list(other_owners(access.organization, besides="").values_list("user", flat=True)[:2])
    reader = access.membership.user_id if access.membership else None
    given = policies.assignable_roles(access.role)
    return [
        MemberRow(
            membership=member,
            is_self=member.user_id == reader,
            may_change=(changes := policies.may_change(access.role, member.role)),
            roles=given if changes else (),
            is_last_owner=owners == [member.user_id],
            space_count=spaces.get(member.user_id, 0),
            email=emails.get(member.pk),
        )
        for member in members
    ]


def concerns_owners(*roles: str) -> bool:
    """Whether a change among ``roles`` may make, or unmake, a last OWNER: other rows change too."""
    return Role.OWNER in roles


def invitation_emails(members: Iterable[OrganizationMembership]) -> dict[str, InvitationEmail]:
    """The newest invitation email of each member, by Organization Membership, in one statement."""
    newest = (
        Email.objects.filter(
            membership_id__in=[member.pk for member in members], kind=Kind.ORGANIZATION_INVITATION
        )
        .order_by("membership_id", "-created_at", "-id")
        .distinct("membership_id")
        .only("membership_id", "state", "last_error", "due_at")
    )
    return {email.membership_id: _fares(email) for email in newest}


def _fares(email: Email) -> InvitationEmail:
    if email.state == State.SENT:
        return InvitationEmail("sent")
    if email.state in (State.QUEUED, State.SENDING):
        if not email.last_error:
            return InvitationEmail("queued")
        return InvitationEmail("failed", email.reason, email.due_at)
    return InvitationEmail("failed", email.reason)


@dataclass(frozen=True, slots=True)
class SpaceMemberRow:
    """One row of Space › Membership; ``may_change``: change the roles, remove."""

    membership: SpaceMembership
    is_self: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class SpaceMemberList:
    """One page of Space › Membership."""

    page: Page[SpaceMembership]
    rows: list[SpaceMemberRow]
    total: Total


def space_member_list(access: SpaceAccess, *, q: str, cursor: str) -> SpaceMemberList:
    """A page of Space members with their SpaceRoles, newest first."""
    term = Term.read(q)
    members = space_members_of(access).filter(term.within("search"))
    page = paginate(
        members,
        order=NEWEST_FIRST,
        limit=settings.PAGE_SIZE,
        cursor=cursor,
        binding=f"space members {access.space.pk} {term}",
        nearest=True,
    )
    own = access.membership.pk if access.membership else None
    rows = [SpaceMemberRow(one, one.pk == own, access.may_change_member(one)) for one in page.items]
    return SpaceMemberList(page, rows, _count(members) if term else Total(access.space.member_count))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An Organization member who may be assigned to a Space."""

    user: User
    in_space: bool
    is_picked: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who a search found, those already picked first; ``more`` match than are shown."""

    people: list[Candidate]
    found: int
    more: bool


def candidates(access: SpaceAccess, *, q: str, picked: Sequence[str], limit: int = 20) -> Candidates:
    """Organization members to assign to the Space: those picked, then those who match ``q``.

    For whoever manages the Space's members, a MEMBER with ``SETTING_USER`` too. Ids of people
    outside the Organization are as if they did not exist. Raises :class:`NotPermitted`.
    """
    access.require_member_manager()
    members = OrganizationMembership.objects.filter(
        # Whether a stranger's account is active shows no more than the rest of it.
        Q(user__is_active=True) | Q(last_active_at=None),
        organization=access.space.organization_id,
    ).select_related("user")
    chosen = [member.person for member in members.filter(user__in=picked).order_by("created_at", "id")[:500]]
    matching = members.filter(Term.read(q).within("search")).exclude(user__in=picked)
    found = [member.person for member in matching.order_by("-created_at", "-id")[: limit + 1]]
    people = [*chosen, *found[:limit]]
    present = set(
        SpaceMembership.objects.filter(space=access.space, user__in=[user.pk for user in people]).values_list(
            "user", flat=True
        )
    )
    rows = [Candidate(user, user.pk in present, user in chosen and user.pk not in present) for user in people]
    return Candidates(rows, min(len(found), limit), len(found) > limit)


@dataclass(frozen=True, slots=True)
class SpaceChoice:
    """A Space that may be given with an invitation, with its SpaceRoles."""

    space: Space
    roles: list[SpaceRole]


def space_choices(
    access: OrganizationAccess, *, q: str = "", also: Iterable[str] = (), limit: int = 200
) -> list[SpaceChoice]:
    """The Organization's Spaces with their SpaceRoles, oldest first, those of ``also`` always.

    For OWNER and ADMIN. Two statements.
    """
    access.require_manager()
    spaces = Space.objects.filter(organization=access.organization)
    matching = spaces.alias(folded=Folded("name")).filter(Term.read(q).within("folded"))
    shown = matching.order_by("created_at", "id").values("pk")[:limit]
    found = spaces.filter(Q(pk__in=shown) | Q(pk__in=list(also))).order_by("created_at", "id")
    roles: dict[str, list[SpaceRole]] = {space.pk: [] for space in found}
    for role in SpaceRole.objects.filter(space__in=list(roles)).order_by("created_at", "id"):
        roles[role.space_id].append(role)
    return [SpaceChoice(space, roles[space.pk]) for space in found]


def places_of_member(
    access: OrganizationAccess, membership: OrganizationMembership, limit: int = 200
) -> list[SpaceMembership]:
    """The Spaces a member of the Organization is in, with their SpaceRoles, oldest first."""
    places = SpaceMembership.objects.filter(organization=access.organization, user=membership.user_id)
    return list(with_roles(places.select_related("space")).order_by("created_at", "id")[:limit])


def spaces_without(
    access: OrganizationAccess, membership: OrganizationMembership, limit: int = 50
) -> list[Space]:
    """Spaces a member is not in, for whoever may assign them."""
    if not access.may_manage:
        return []
    spaces = Space.objects.filter(organization=access.organization)
    return list(spaces.exclude(memberships__user=membership.user_id).order_by("created_at", "id")[:limit])


def _count[M: (OrganizationMembership, SpaceMembership)](rows: QuerySet[M]) -> Total:
    """How many ``rows``, counting no further than :data:`COUNTED`."""
    number = rows.order_by().prefetch_related(None).select_related(None)[: COUNTED + 1].count()
    return Total(min(number, COUNTED), capped=number > COUNTED)
