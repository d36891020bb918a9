"""Creating, changing and deleting Spaces (rules §6)."""

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from activity import log
from activity.models import Action
from common.errors import NotPermitted, StaleVersion
from common.names import clean_name
from memberships.models import SpaceMembership
from memberships.selectors import lock_organization, lock_space
from memberships.services import entries
from memberships.services.holdings import add_holdings
from organizations.models import Organization
from spaces.models import Space, SpaceRole
from spaces.presets import preset_roles


@transaction.atomic
def create_space(*, actor: Actor, organization: Organization, name: str) -> Space:
    """Create a Space with its three roles; its creator becomes a member with Administrator.

    Raises :class:`NotFound`, :class:`NotPermitted`, :class:`Invalid`.
    """
    access = lock_organization(actor, organization.pk)
    access.require_manager()
    if actor.user is None:
        raise NotPermitted
    name = clean_name(name)
    space = Space.objects.create(
        organization=access.organization, name=name, created_by=actor.user, updated_by=actor.user
    )
    roles = SpaceRole.objects.bulk_create(preset_roles(space))
    Organization.objects.filter(pk=organization.pk).update(space_count=F("space_count") + 1)
    log.record(
        [
            log.entry(
                Action.SPACE_CREATED,
                actor=actor,
                organization_id=organization.pk,
                space_id=space.pk,
                subject=space.pk,
                after={"name": name, "version": 1},
            )
        ]
    )
    if access.membership is not None:
        membership = SpaceMembership.objects.create(
            organization=access.organization,
            space=space,
            user=actor.user,
            created_by=actor.user,
            updated_by=actor.user,
        )
        add_holdings([(membership, roles[:1])])
        Space.objects.filter(pk=space.pk).update(member_count=1)
        log.record([entries.added_to_space(actor, membership, roles[:1])])
    return space


@transaction.atomic
def update_space(*, actor: Actor, space: Space, name: str, expected_version: int) -> Space:
    """Rename a Space. The same name changes nothing.

    Raises :class:`NotFound`, :class:`NotPermitted`, :class:`Invalid`, :class:`StaleVersion`.
    """
    access = lock_space(actor, space)
    if not access.may_change:
        raise NotPermitted
    name = clean_name(name)
    target = access.space
    if target.version != expected_version:
        raise StaleVersion(current=target)
    if target.name == name:
        return target
    before = {"name": target.name, "version": target.version}
    target.name = name
    target.save_change("name", by=actor.user)
    log.record(
        [
            log.entry(
                Action.SPACE_UPDATED,
                actor=actor,
                organization_id=target.organization_id,
                space_id=target.pk,
                subject=target.pk,
                before=before,
                after={"name": name, "version": target.version},
            )
        ]
    )
    return target


@transaction.atomic
def delete_space(*, actor: Actor, space: Space) -> None:
    """Delete a Space with its memberships and roles; Organization memberships stay.

    OWNER and ADMIN. Raises :class:`NotFound`, :class:`NotPermitted`.
    """
    access = lock_space(actor, space)
    if not access.may_manage:
        raise NotPermitted
    target = access.space
    SpaceMembership.objects.filter(space=target).delete()
    SpaceRole.objects.filter(space=target).delete()
    Space.objects.filter(pk=target.pk).delete()
    Organization.objects.filter(pk=target.organization_id).update(space_count=F("space_count") - 1)
    log.record(
        [
            log.entry(
                Action.SPACE_DELETED,
                actor=actor,
                organization_id=target.organization_id,
                space_id=target.pk,
                subject=target.pk,
                before={"name": target.name, "members": target.member_count, "version": target.version},
            )
        ]
    )
