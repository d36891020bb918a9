"""Reads that authorise: what the caller may not see is :class:`NotFound` (rules §13)."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.urls import Resolver404, resolve

from accounts.actor import Actor
from accounts.models import User
from activity.models import ActivityEntry
from common.errors import NotFound, NotPermitted
from memberships import policies, presence
from memberships.models import OrganizationMembership, Role, SpaceMembership, SpaceMembershipRole
from memberships.people import stranger
from organizations.models import Organization
from spaces.models import Space, SpaceRole


def _one[M: Model](rows: QuerySet[M]) -> M | None:
    """The row of a unique key; ``first()`` would order the one row, and costs a fifth more."""
    return next(iter(rows), None)


def with_roles(memberships: QuerySet[SpaceMembership]) -> QuerySet[SpaceMembership]:
    """Space Memberships with their SpaceRoles, in two statements however many."""
    holdings = SpaceMembershipRole.objects.select_related("role").order_by("position")
    return memberships.prefetch_related(Prefetch("holdings", queryset=holdings))


def with_presence(memberships: QuerySet[SpaceMembership]) -> QuerySet[SpaceMembership]:
    """Space Memberships with when their people were last in the Organization, in the same statement."""
    member = OrganizationMembership.objects.filter(organization=OuterRef("organization"), user=OuterRef("user"))
    seen = Subquery(member.values("last_active_at"))
    return memberships.annotate(last_active_at=seen)  # type: ignore[no-redef]  # it fills the property


@dataclass(frozen=True)
class OrganizationAccess:
    """An Organization as one caller may see it; ``membership`` is None for staff and system."""

    organization: Organization
    membership: OrganizationMembership | None
    role: Role

    @property
    def may_manage(self) -> bool:
        """Members, Spaces and settings."""
        return policies.may_manage_organization(self.role)

    def require_manager(self) -> None:
        """Raise :class:`NotPermitted` unless the caller is OWNER or ADMIN."""
        if not self.may_manage:
            raise NotPermitted


@dataclass(frozen=True)
class SpaceAccess:
    """A Space as one caller may see it."""

    space: Space
    organization: OrganizationAccess
    membership: SpaceMembership | None

    @property
    def role(self) -> Role:
        """The caller's Organization role."""
        return self.organization.role

    @cached_property
    def own_roles(self) -> list[SpaceRole]:
        """The caller's SpaceRoles here."""
        return self.membership.held_roles if self.membership else []

    @property
    def may_manage(self) -> bool:
        """Whether the caller manages every Space of the Organization."""
        return policies.may_manage_space(self.role)

    @property
    def may_manage_members(self) -> bool:
        """Add, change and remove Space members."""
        return policies.may_manage_space_members(self.role, self.own_roles)

    @property
    def may_change(self) -> bool:
        """Change the Space's settings."""
        return policies.may_change_space(self.role, self.own_roles)

    @property
    def may_manage_roles(self) -> bool:
        """Create, change and delete SpaceRoles."""
        return policies.may_manage_space_roles(self.role, self.own_roles)

    def require_member_manager(self) -> None:
        """Raise :class:`NotPermitted` unless the caller manages the Space's members."""
        if not self.may_manage_members:
            raise NotPermitted

    def may_change_member(self, membership: SpaceMembership) -> bool:
        """Change or remove ``membership``, a member of this Space with roles."""
        return policies.may_change_space_member(self.role, self.own_roles, membership.held_roles)

    def require_may_change_member(self, membership: SpaceMembership) -> None:
        """Raise :class:`NotPermitted` unless the caller may change or remove ``membership``."""
        if not self.may_change_member(membership):
            raise NotPermitted


def organization_access(actor: Actor, organization_id: str) -> OrganizationAccess:
    """The Organization with the caller's own membership."""
    if actor.is_operator:
        organization = Organization.objects.filter(pk=organization_id).first()
        if organization is None:
            raise NotFound
        return OrganizationAccess(organization, None, Role.OWNER)
    membership = _one(
        OrganizationMembership.objects.select_related("organization").filter(
            organization=organization_id, user=actor.user, user__is_active=True
        )
    )
    if membership is None:
        raise NotFound
    presence.here(membership)
    return OrganizationAccess(membership.organization, membership, Role(membership.role))


def space_access(actor: Actor, space_id: str) -> SpaceAccess:
    """The Space for its members and for whoever manages the Organization's Spaces."""
    space = _one(Space.objects.filter(pk=space_id))
    if space is None:
        raise NotFound
    access = organization_access(actor, space.organization_id)
    space.organization = access.organization
    membership = (
        _one(with_roles(SpaceMembership.objects.filter(space=space, user=actor.user))) if actor.user else None
    )
    if membership is None and not access.may_manage:
        raise NotFound
    return SpaceAccess(space, access, membership)


def lock_organization(actor: Actor, organization_id: str) -> OrganizationAccess:
    """Lock the Organization's row, then read what the actor may do *under* the lock.

    Every change of what an Organization owns starts here, so that two of them never interleave.
    ``NO KEY`` leaves foreign keys to the Organization unblocked.
    """
    locked = Organization.objects.select_for_update(no_key=True).filter(pk=organization_id).first()
    if locked is None:
        raise NotFound
    access = organization_access(actor, organization_id)
    return OrganizationAccess(locked, access.membership, access.role)


def lock_space(actor: Actor, space: Space) -> SpaceAccess:
    """Lock the Space's Organization, then read what the actor may do in the Space."""
    locked = lock_organization(actor, space.organization_id)
    access = space_access(actor, space.pk)
    return SpaceAccess(access.space, locked, access.membership)


def organization_membership(access: OrganizationAccess, membership_id: str) -> OrganizationMembership:
    """One member of the Organization; a MEMBER finds only their own."""
    membership = _one(
        OrganizationMembership.objects.select_related("user").filter(
            organization=access.organization, pk=membership_id
        )
    )
    if membership is None:
        raise NotFound
    if not access.may_manage and membership.user_id != (access.membership and access.membership.user_id):
        raise NotPermitted
    return membership


def space_membership(access: SpaceAccess, membership_id: str) -> SpaceMembership:
    """One member of the Space, with their roles; every Space member may see it."""
    membership = (
        with_presence(with_roles(SpaceMembership.objects.filter(space=access.space, pk=membership_id)))
        .select_related("user")
        .first()
    )
    if membership is None:
        raise NotFound(space=access.space)
    return membership


def organizations_of(user: User) -> QuerySet[OrganizationMembership]:
    """The person's own Organization Memberships, with their Organizations, oldest first."""
    return (
        OrganizationMembership.objects.filter(user=user)
        .select_related("organization")
        .order_by("created_at", "id")
    )


def spaces_of(access: OrganizationAccess) -> QuerySet[Space]:
    """The Organization's Spaces the caller may see: OWNER and ADMIN all, MEMBER their own."""
    spaces = Space.objects.filter(organization=access.organization).order_by("created_at", "id")
    if access.may_manage or access.membership is None:
        return spaces
    return spaces.filter(memberships__user=access.membership.user_id)


def members_of(access: OrganizationAccess) -> QuerySet[OrganizationMembership]:
    """The Organization's members, for OWNER and ADMIN."""
    access.require_manager()
    return OrganizationMembership.objects.filter(organization=access.organization).select_related("user")


def space_members_of(access: SpaceAccess) -> QuerySet[SpaceMembership]:
    """The Space's members with their roles; any Space member sees the list (rules §7)."""
    return with_presence(with_roles(SpaceMembership.objects.filter(space=access.space).select_related("user")))


def space_roles_of(access: SpaceAccess) -> QuerySet[SpaceRole]:
    """The Space's SpaceRoles, oldest first: Administrator stands first."""
    return SpaceRole.objects.filter(space=access.space).order_by("created_at", "id")


def space_roles_with_holders(access: SpaceAccess) -> QuerySet[SpaceRole]:
    """:func:`space_roles_of` with ``holder_count``, in one statement."""
    return space_roles_of(access).annotate(holder_count=Count("holdings"))


def space_role(access: SpaceAccess, role_id: str) -> SpaceRole:
    """One SpaceRole of the Space; whoever sees the Space may see it."""
    role = SpaceRole.objects.filter(space=access.space, pk=role_id).first()
    if role is None:
        raise NotFound(space=access.space)
    return role


def holders_of(role: SpaceRole) -> QuerySet[SpaceMembership]:
    """The members who hold ``role``, with all their roles, oldest first."""
    holders = SpaceMembership.objects.filter(space=role.space_id, holdings__role=role)
    return with_presence(with_roles(holders.select_related("user").order_by("created_at", "id")))


def may_move_holders(access: SpaceAccess, role: SpaceRole) -> bool:
    """Whether the caller may change every member who holds ``role`` (rules §7, Ceiling)."""
    held = SpaceRole.objects.filter(space=access.space, holdings__membership__holdings__role=role).distinct()
    return policies.may_change_space_member(access.role, access.own_roles, held)


def space_roles_held(access: SpaceAccess, user_id: str) -> list[SpaceRole]:
    """The SpaceRoles that a person holds in the Space, in one statement; none for a non-member.

    One's own, or anyone's for who manages the Space's members or SpaceRoles; else
    :class:`NotPermitted`.
    """
    own = access.membership is not None and access.membership.user_id == user_id
    if not (own or access.may_manage_members or access.may_manage_roles):
        raise NotPermitted
    return list(
        SpaceRole.objects.filter(
            holdings__membership__space=access.space, holdings__membership__user=user_id
        ).order_by("holdings__position")
    )


def space_people(access: SpaceAccess, named: Collection[str]) -> QuerySet[SpaceMembership]:
    """Members of the Space whose person's id, or address in canonical form, is among ``named``."""
    members = SpaceMembership.objects.filter(
        Q(user__in=named) | Q(user__email_key__in=named), space=access.space
    )
    return with_presence(members.select_related("user").order_by("user"))


def organization_member(access: SpaceAccess, user_id: str) -> OrganizationMembership:
    """The Organization Membership of a person, to tell what they may do in the Space.

    Asked after :func:`space_roles_held`, which authorises; :class:`NotFound` for people outside.
    """
    membership = (
        OrganizationMembership.objects.select_related("user")
        .filter(organization=access.space.organization_id, user=user_id)
        .first()
    )
    if membership is None:
        raise NotFound
    return membership


def other_owners(organization: Organization, *, besides: str) -> QuerySet[OrganizationMembership]:
    """OWNERs with active accounts besides one person."""
    return OrganizationMembership.objects.filter(
        organization=organization, role=Role.OWNER, user__is_active=True
    ).exclude(user=besides)


def landing_place(actor: Actor) -> str:
    """Where signing in leads: the place used last if it is still the person's, else their only one.

    Returns its path, or nothing.
    """
    assert actor.user is not None  # noqa: S101  # people sign in
    with suppress(NotFound, Resolver404):
        match resolve(actor.user.last_place or "-").kwargs:
            case {"space_id": space_id}:
                return space_access(actor, space_id).space.get_absolute_url()
            case {"organization_id": organization_id}:
                return organization_access(actor, organization_id).organization.get_absolute_url()
    memberships = organizations_of(actor.user)[:2]
    return memberships[0].organization.get_absolute_url() if len(memberships) == 1 else ""


def readable_organizations(actor: Actor, ids: Collection[str]) -> QuerySet[Organization]:
    """Those of ``ids`` that the person is a member of."""
    return Organization.objects.filter(pk__in=ids, memberships__user=actor.user).order_by("pk")


def readable_spaces(actor: Actor, ids: Collection[str]) -> QuerySet[Space]:
    """Those of ``ids`` that the person is in, or manages as OWNER or ADMIN."""
    return visible_spaces(actor.user).filter(pk__in=ids).select_related("organization").order_by("pk")


def visible_spaces(user: User | None) -> QuerySet[Space]:
    """The Spaces a person is in, and all of the Organizations where they manage Spaces (rules §13)."""
    return Space.objects.filter(_in_space(user, "pk") | _manages(user, "organization"))


def readable_space_roles(actor: Actor, ids: Collection[str]) -> QuerySet[SpaceRole]:
    """Those of ``ids`` that stand in a Space the person may see."""
    return SpaceRole.objects.filter(
        _in_space(actor.user, "space") | _manages(actor.user, "organization"), pk__in=ids
    ).order_by("pk")


def people_with_visible_address(actor: Actor, ids: Collection[str]) -> set[str]:
    """Those of ``ids`` whose address the person may see (api.md, Fine print).

    Oneself, the members of Organizations that one manages, and of Spaces that one is in.
    """
    managed = OrganizationMembership.objects.filter(_manages(actor.user, "organization"), user__in=ids)
    together = SpaceMembership.objects.filter(_in_space(actor.user, "space"), user__in=ids)
    own = {actor.user.pk} if actor.user else set()
    return own | set(managed.values_list("user", flat=True).union(together.values_list("user", flat=True)))


def people(actor: Actor, ids: Collection[str]) -> list[User]:
    """The accounts of ``ids`` as the caller may see them: strangers without a name (rules §2).

    No strangers are oneself, whoever has opened an Organization that both are in, and whoever did something
    in one of the caller's and is in none of them any more.
    """
    own = OrganizationMembership.objects.filter(user=actor.user).values("organization")
    together = OrganizationMembership.objects.filter(organization__in=own, user=OuterRef("pk"))
    acted = ActivityEntry.objects.filter(organization_id__in=own, actor=OuterRef("pk"))
    known = (
        Q(pk=actor.user.pk if actor.user else "")
        | Exists(together.filter(last_active_at__isnull=False))
        | (~Exists(together) & Exists(acted))
    )
    users = User.objects.filter(pk__in=ids).annotate(
        is_known=ExpressionWrapper(known, output_field=BooleanField())
    )
    return [user if user.is_known else stranger(user) for user in users.order_by("pk")]


def _in_space(user: User | None, field: str) -> Q:
    return Q(**{f"{field}__in": SpaceMembership.objects.filter(user=user).values("space")})


def _manages(user: User | None, field: str) -> Q:
    managing = [role for role in Role if policies.may_manage_space(role)]
    mine = OrganizationMembership.objects.filter(user=user, role__in=managing)
    return Q(**{f"{field}__in": mine.values("organization")})
