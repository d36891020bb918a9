"""Creating, changing and deleting SpaceRoles (rules §8; issue 4).

Who may: OWNER, ADMIN, and Space members with ``SETTING_ROLE``. The ceiling: nobody makes a
SpaceRole into more than they hold themselves, unless OWNER, ADMIN or Administrator.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from accounts.actor import Actor
from activity import log
from activity.models import Action
from common.bulk import Row
from common.errors import (
    NotFound,
    NotPermitted,
    RoleAboveOwn,
    SpaceRoleInUse,
    SpaceRoleLocked,
    SpaceRoleNameTaken,
    StaleVersion,
    UnknownSpaceRole,
)
from common.names import read_name
from memberships import policies
from memberships.selectors import SpaceAccess, holders_of, lock_space, may_move_holders, space_access
from spaces.models import Space, SpaceRole
from spaces.permissions import FIELDS, grants_of
from spaces.permissions.validation import Shape, read, refuse
from spaces.services.holders import move_holders

HOLDERS_LISTED = 100

type _Logged = dict[str, Any]
type Labels = Mapping[str, str]
_API_NAMES = {"name": "name"} | {field: kind.value for kind, field in FIELDS.items()}
_LOGGED_AS = _API_NAMES | {"labels": "labels"}


@transaction.atomic
def create_space_role(
    *, actor: Actor, space: Space, name: str, permissions: object, labels: Labels | None = None
) -> SpaceRole:
    """Create a SpaceRole with ``permissions``: maps and ``settings`` as in the API's body.

    ``labels`` names ids that the rules speak of.

    Raises :class:`NotFound`, :class:`NotPermitted`, :class:`Invalid` (every fault at once),
    :class:`MisplacedFilter`, :class:`RoleAboveOwn`, :class:`SpaceRoleNameTaken`.
    """
    access = lock_space(actor, space)
    user = actor.user
    if user is None or not access.may_manage_roles:
        raise NotPermitted
    name, shape = _read(name, permissions, labels)
    role = SpaceRole(
        organization_id=access.space.organization_id,
        space=access.space,
        name=name,
        created_by=user,
        updated_by=user,
        **shape.as_fields(),
    )
    role.labels = _labels(role, labels or {})
    _require_within(access, role)
    _require_free_name(access.space, role)
    role.save(force_insert=True)
    log.record([_entry(Action.SPACE_ROLE_CREATED, actor, role, after=_logged(role))])
    return role


@transaction.atomic
def update_space_role(
    *,
    actor: Actor,
    role: SpaceRole,
    name: str,
    permissions: object,
    expected_version: int,
    labels: Labels | None = None,
) -> SpaceRole:
    """Replace a SpaceRole's name and permissions. The same values change nothing.

    ``labels`` names ids that the rules speak of; None leaves the names as they are. The ceiling
    counts for what is newly given. Raises :class:`NotFound`, :class:`NotPermitted`,
    :class:`Invalid`, :class:`MisplacedFilter`, :class:`StaleVersion`, :class:`SpaceRoleLocked`,
    :class:`RoleAboveOwn`, :class:`SpaceRoleNameTaken`.
    """
    access, target = _lock(actor, role)
    name, shape = _read(name, permissions, labels)
    if target.version != expected_version:
        raise StaleVersion(current=target)
    if target.is_locked:
        raise SpaceRoleLocked
    wanted: dict[str, Any] = {"name": name, **shape.as_fields()}
    if labels is not None:
        wanted["labels"] = _labels(SpaceRole(**wanted), labels)
    changed = [field for field, value in wanted.items() if getattr(target, field) != value]
    if not changed:
        return target
    before = SpaceRole(pk=target.pk, **{field: getattr(target, field) for field in wanted})
    for field in changed:
        setattr(target, field, wanted[field])
    _require_within(access, target, before)
    if "name" in changed:
        _require_free_name(access.space, target)
    then = {"name": before.name, **_logged(before, *changed), "version": target.version}
    target.save_change(*changed, by=actor.user)
    after = {"name": name, **_logged(target, *changed), "version": target.version}
    log.record([_entry(Action.SPACE_ROLE_UPDATED, actor, target, before=then, after=after)])
    return target


@transaction.atomic
def delete_space_role(*, actor: Actor, role: SpaceRole, move_to: SpaceRole | None = None) -> None:
    """Delete a SpaceRole, first moving who holds it to ``move_to`` when that is given.

    Moving needs the right to change each holder and to give ``move_to`` (rules §7); each
    membership moved has its next version and an activity entry, and nobody gets an email. Raises
    :class:`NotFound`, :class:`NotPermitted`, :class:`UnknownSpaceRole` (``move_to`` is the role
    itself or of another Space), :class:`SpaceRoleLocked`, :class:`RoleAboveOwn`,
    :class:`SpaceRoleInUse` with the first holders and their number.
    """
    access, target = _lock(actor, role)
    if move_to is not None and not may_move_holders(access, target):
        raise NotPermitted
    destination = _destination(target, move_to)
    if target.is_locked:
        raise SpaceRoleLocked
    holders = holders_of(target)
    moved = 0
    if destination is not None:
        if not policies.grantable_space_roles(access.role, access.own_roles, [destination]):
            raise RoleAboveOwn
        moved = move_holders(actor, list(holders.select_related("user", "space")), target, destination)
    elif number := holders.count():
        raise SpaceRoleInUse(spaceMemberships=list(holders[:HOLDERS_LISTED]), totalCount=number)
    before = _logged(target)
    if destination is not None and moved:
        before |= {"movedTo": {"id": destination.pk, "name": destination.name}, "moved": moved}
    log.record([_entry(Action.SPACE_ROLE_DELETED, actor, target, before=before)])
    target.delete()


def _lock(actor: Actor, role: SpaceRole) -> tuple[SpaceAccess, SpaceRole]:
    """The Space and the row as they are under the Organization's lock, for who manages roles."""
    access = lock_space(actor, space_access(actor, role.space_id).space)
    target = SpaceRole.objects.filter(pk=role.pk, space=access.space).first()
    if target is None:
        raise NotFound
    if not access.may_manage_roles:
        raise NotPermitted
    return access, target


def _read(name: str, permissions: object, labels: Labels | None) -> tuple[str, Shape]:
    """Name and permissions as they will be stored, or every fault of them and of ``labels``."""
    name, faults = read_name(name)
    shape, more = read(permissions)
    faults += more
    for identifier, label in (labels or {}).items():
        faults += read_name(label, f"/labels/{identifier}")[1]
    if faults:
        refuse(faults)
    return name, shape


def _labels(role: SpaceRole, labels: Labels) -> dict[str, str]:
    """Those of ``labels`` that name something the rules of ``role`` speak of."""
    spoken = {value for grant in grants_of([role]) for _, value in grant.rule.conditions}
    return {identifier: read_name(label)[0] for identifier, label in labels.items() if identifier in spoken}


def _destination(role: SpaceRole, move_to: SpaceRole | None) -> SpaceRole | None:
    """``move_to`` as it is now, another SpaceRole of the same Space."""
    if move_to is None:
        return None
    found = SpaceRole.objects.filter(space=role.space_id, pk=move_to.pk).exclude(pk=role.pk).first()
    if found is None:
        raise UnknownSpaceRole
    return found


def _require_within(access: SpaceAccess, wanted: SpaceRole, before: SpaceRole | None = None) -> None:
    if not policies.may_shape_space_role(access.role, access.own_roles, wanted, before):
        raise RoleAboveOwn


def _require_free_name(space: Space, role: SpaceRole) -> None:
    """No other role of the Space has this name, as the database's own lower case compares."""
    same = SpaceRole.objects.filter(Exact(Lower("name"), Lower(Value(role.name))), space=space)
    if same.exclude(pk=role.pk).exists():
        raise SpaceRoleNameTaken


def _logged(role: SpaceRole, *fields: str) -> _Logged:
    """``fields`` of the role for the log; all of them and the version when none is named."""
    named = {_LOGGED_AS[field]: getattr(role, field) for field in fields or _API_NAMES}
    return named if fields else {**named, "version": role.version}


def _entry(
    action: Action,
    actor: Actor,
    role: SpaceRole,
    *,
    before: _Logged | None = None,
    after: _Logged | None = None,
) -> Row:
    return log.entry(
        action,
        actor=actor,
        organization_id=role.organization_id,
        space_id=role.space_id,
        subject=role.pk,
        before=before,
        after=after,
    )
