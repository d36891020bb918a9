"""The people and places of the tests: an owner, an admin, a member, a stranger, two Spaces.

Everything is made by the product's own services.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from accounts.actor import SYSTEM, Actor, Origin
from accounts.models import User
from accounts.services import ensure_user, mark_signed_in
from activity.models import ActivityEntry
from memberships import presence
from memberships.models import OrganizationMembership, Role, SpaceMembership, SpaceMembershipRole
from memberships.services.accounts import deactivate_account
from memberships.services.invitations import invite_member
from memberships.services.space_members import assign_member
from organizations.models import Organization, Plan
from organizations.services import create_organization
from outbox.models import Email
from spaces.models import Space, SpaceRole
from spaces.services import create_space

_numbers = itertools.count(1)


def person(name: str = "", *, signed_in: bool = True) -> User:
    """A new account with an address of its own."""
    number = next(_numbers)
    user = ensure_user(f"{name.lower() or 'person'}{number}@example.com")
    if signed_in:
        mark_signed_in(user)
    if name:
        User.objects.filter(pk=user.pk).update(name=name)
    return User.objects.get(pk=user.pk)


def acting(user: User, origin: Origin = Origin.CONSOLE) -> Actor:
    """The person acting in the console."""
    return Actor(user=user, origin=origin)


def organization_of(owner: User, name: str = "DailyWear Company") -> Organization:
    """An Organization whose only OWNER is ``owner``."""
    return create_organization(actor=acting(owner), name=name)


def join(
    organization: Organization, owner: User, user: User, role: Role = Role.MEMBER
) -> OrganizationMembership:
    """``user`` made a member by ``owner``, and there once if they ever signed in; the outbox stays."""
    before = set(Email.objects.values_list("pk", flat=True))
    membership = invite_member(actor=acting(owner), organization=organization, address=user.email, role=role)
    Email.objects.exclude(pk__in=before).delete()
    if not user.is_slot:
        opened(membership)
    return membership


def opened(membership: OrganizationMembership) -> OrganizationMembership:
    """The membership after its person opened the Organization."""
    with presence.noting():
        presence.here(membership)
    return membership


def space_in(organization: Organization, owner: User, name: str = "Shopping Mall") -> Space:
    """A new Space with its three roles."""
    return create_space(actor=acting(owner), organization=organization, name=name)


def role_named(space: Space, name: str) -> SpaceRole:
    """One of a Space's SpaceRoles."""
    return SpaceRole.objects.get(space=space, name=name)


def put_in(space: Space, owner: User, user: User, *roles: str) -> SpaceMembership:
    """``user`` assigned to ``space`` with the roles of those names; the outbox is left as it was."""
    before = set(Email.objects.values_list("pk", flat=True))
    membership = assign_member(
        actor=acting(owner),
        space=space,
        user_id=user.pk,
        role_ids=[role_named(space, name).pk for name in roles or ("Editor",)],
    )
    Email.objects.exclude(pk__in=before).delete()
    return membership


@dataclass
class Cast:
    """One Organization with one person of each role and a Space, and a stranger with their own."""

    organization: Organization
    space: Space
    owner: User
    admin: User
    member: User
    stranger: User
    strange_organization: Organization
    strange_space: Space
    memberships: dict[Role, OrganizationMembership]

    def by_role(self, role: Role) -> User:
        """The person who holds ``role``."""
        return {Role.OWNER: self.owner, Role.ADMIN: self.admin, Role.MEMBER: self.member}[role]


def make_cast() -> Cast:
    """A fresh cast; ``member`` is in no Space yet."""
    owner, admin, member, stranger = person("Owner"), person("Admin"), person("Member"), person("Stranger")
    organization, strange = organization_of(owner), organization_of(stranger, "Elsewhere")
    admin_membership = join(organization, owner, admin, Role.ADMIN)
    member_membership = join(organization, owner, member, Role.MEMBER)
    organization.refresh_from_db()
    return Cast(
        organization=organization,
        space=space_in(organization, owner),
        owner=owner,
        admin=admin,
        member=member,
        stranger=stranger,
        strange_organization=strange,
        strange_space=space_in(strange, stranger, "Far Away"),
        memberships={
            Role.OWNER: OrganizationMembership.objects.get(organization=organization, user=owner),
            Role.ADMIN: admin_membership,
            Role.MEMBER: member_membership,
        },
    )


def ids_of(cast: Cast) -> dict[str, str]:
    """What the paths and forms of the console name, for a cast whose owner and member are in its Space."""
    in_space = {one.user_id: one.pk for one in SpaceMembership.objects.filter(space=cast.space)}
    return {
        "organization": cast.organization.get_absolute_url(),
        "organization_id": cast.organization.pk,
        "space_id": cast.space.pk,
        "space": cast.space.get_absolute_url(),
        "in_organization": cast.memberships[Role.MEMBER].pk,
        "in_space": in_space[cast.member.pk],
        "owner_in_space": in_space[cast.owner.pk],
        "member": cast.member.email,
        "member_id": cast.member.pk,
        "admin_id": cast.admin.pk,
        "administrator": role_named(cast.space, "Administrator").pk,
        "viewer": role_named(cast.space, "Viewer").pk,
    }


def role_with(space: Space, owner: User, name: str, *settings: str) -> SpaceRole:
    """A SpaceRole with these ``SETTING_…`` names and nothing else."""
    return SpaceRole.objects.create(
        organization_id=space.organization_id,
        space=space,
        name=name,
        settings=list(settings),
        created_by=owner,
        updated_by=owner,
    )


def deactivated(user: User) -> User:
    """The account after WEEGLOO deactivated it."""
    return deactivate_account(actor=SYSTEM, user=user)


def fresh[M: Any](row: M) -> M:
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)


def emails() -> list[tuple[str, str]]:
    """The whole outbox as (kind, the address it goes to), sorted."""
    return sorted(Email.objects.values_list("kind", "recipient__email"))


@dataclass
class Watch:
    """What a block of code wrote."""

    entries: list[ActivityEntry]
    emails: list[tuple[str, str]]


@contextmanager
def watching() -> Iterator[Watch]:
    """Collects the activity entries and the emails written inside, each in a steady order."""
    entries = set(ActivityEntry.objects.values_list("pk", flat=True))
    mails = set(Email.objects.values_list("pk", flat=True))
    watch = Watch([], [])
    yield watch
    watch.entries = list(ActivityEntry.objects.exclude(pk__in=entries).order_by("created_at", "id"))
    watch.emails = sorted(Email.objects.exclude(pk__in=mails).values_list("kind", "recipient__email"))


_TABLES = (
    User,
    Plan,
    Organization,
    OrganizationMembership,
    Space,
    SpaceRole,
    SpaceMembership,
    SpaceMembershipRole,
    ActivityEntry,
    Email,
)


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Not one row of the product's tables differs after the block: no version, no email, no entry."""

    def rows() -> dict[str, list[dict[str, Any]]]:
        found = {table.__name__: list(table.objects.order_by("pk").values()) for table in _TABLES}
        for user in found["User"]:
            del user["language_read"]  # noted with any page that is read
        return found

    before = rows()
    yield
    assert rows() == before
