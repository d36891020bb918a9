"""Who may do what: pure functions of loaded objects (rules §4, §7)."""

from collections.abc import Iterable, Sequence

from memberships.models import Role
from spaces.models import SpaceRole
from spaces.permissions import allows_setting, covers

_RANK = {Role.MEMBER: 0, Role.ADMIN: 1, Role.OWNER: 2}


def is_above(role: Role | str, other: Role | str) -> bool:
    """Whether ``role`` is a higher level than ``other``."""
    return _RANK[Role(role)] > _RANK[Role(other)]


def may_manage_organization(role: Role | str | None) -> bool:
    """Members, Spaces and settings of the Organization: OWNER and ADMIN."""
    return role in (Role.OWNER, Role.ADMIN)


def may_delete_organization(role: Role | str | None) -> bool:
    """Deleting, plan and invoices: OWNER."""
    return role == Role.OWNER


def assignable_roles(role: Role | str | None) -> tuple[Role, ...]:
    """The Organization roles someone may give: none above their own, highest first."""
    if role is None or not may_manage_organization(role):
        return ()
    return tuple(candidate for candidate in Role if not is_above(candidate, role))


def may_change(role: Role | str | None, target: Role | str) -> bool:
    """Whether ``role`` may change or remove a member whose role is ``target``."""
    return role is not None and may_manage_organization(role) and not is_above(target, role)


def may_manage_space(role: Role | str | None) -> bool:
    """Create, manage and delete Spaces: OWNER and ADMIN, without being the Space's member."""
    return may_manage_organization(role)


def may_manage_space_members(role: Role | str | None, own_roles: Iterable[SpaceRole]) -> bool:
    """OWNER, ADMIN, and Space members with ``SETTING_USER`` (rules §7)."""
    return may_manage_space(role) or allows_setting(own_roles, "SETTING_USER")


def may_change_space(role: Role | str | None, own_roles: Iterable[SpaceRole]) -> bool:
    """The Space's settings: OWNER, ADMIN, and Space members with ``SETTING_GENERAL``."""
    return may_manage_space(role) or allows_setting(own_roles, "SETTING_GENERAL")


def may_manage_space_roles(role: Role | str | None, own_roles: Iterable[SpaceRole]) -> bool:
    """The Space's SpaceRoles: OWNER, ADMIN, and Space members with ``SETTING_ROLE``."""
    return may_manage_space(role) or allows_setting(own_roles, "SETTING_ROLE")


def grantable_space_roles(
    role: Role | str | None, own_roles: Sequence[SpaceRole], roles: Iterable[SpaceRole]
) -> list[SpaceRole]:
    """Which of ``roles`` someone may give (rules §7, Ceiling).

    Who manages only through a SpaceRole gives Administrator only if they hold it, and other roles
    only if they hold Administrator or that very role.
    """
    if may_manage_space(role):
        return list(roles)
    held = {own.pk for own in own_roles}
    administers = any(own.is_locked for own in own_roles)
    return [candidate for candidate in roles if administers or candidate.pk in held]


def may_change_space_member(
    role: Role | str | None, own_roles: Sequence[SpaceRole], held: Iterable[SpaceRole]
) -> bool:
    """Whether someone may change or remove a Space member who holds ``held`` (rules §7, Ceiling).

    OWNER and ADMIN may for everyone. A manager through a SpaceRole may only where they could give
    every role of ``held``, so always for themselves.
    """
    if may_manage_space(role):
        return True
    held = list(held)
    return may_manage_space_members(role, own_roles) and grantable_space_roles(role, own_roles, held) == held


def may_shape_space_role(
    role: Role | str | None,
    own_roles: Sequence[SpaceRole],
    wanted: SpaceRole,
    before: SpaceRole | None = None,
) -> bool:
    """Whether a SpaceRole may become ``wanted``: nobody makes one into more than they hold.

    OWNER, ADMIN and who holds Administrator may make any. For an edit ``before`` is the role as
    it was; only what it newly gives counts then.
    """
    return may_shape_any_space_role(role, own_roles) or covers(own_roles, wanted, before=before)


def may_shape_any_space_role(role: Role | str | None, own_roles: Iterable[SpaceRole]) -> bool:
    """Make SpaceRoles of whatever permissions: OWNER, ADMIN and who holds Administrator."""
    return may_manage_space(role) or any(own.is_locked for own in own_roles)
