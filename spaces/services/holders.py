"""Moving the members who hold a SpaceRole to another (rules §8)."""

from collections.abc import Sequence

from django.db.models import F

from accounts.actor import Actor
from activity import log
from common.models import now
from memberships.models import SpaceMembership, SpaceMembershipRole
from memberships.services import entries
from memberships.services.holdings import add_holdings
from spaces.models import SpaceRole


def move_holders(
    actor: Actor, memberships: Sequence[SpaceMembership], role: SpaceRole, destination: SpaceRole
) -> int:
    """Put ``destination`` where each of ``memberships`` holds ``role``; how many there were.

    Who holds both loses ``role`` only, so three roles stay three at most. A constant number of
    statements; call it under the Organization's lock, with the roles prefetched.
    """
    if not memberships:
        return 0
    moves = []
    for membership in memberships:
        held = membership.held_roles
        keeps = destination in held
        roles = [destination if one == role else one for one in held if not (keeps and one == role)]
        moves.append((membership, held, roles))
    ids = [membership.pk for membership in memberships]
    SpaceMembershipRole.objects.filter(membership__in=ids).delete()
    add_holdings([(membership, roles) for membership, _, roles in moves])
    by = {"updated_by": actor.user} if actor.user else {}
    SpaceMembership.objects.filter(pk__in=ids).update(version=F("version") + 1, updated_at=now(), **by)
    for membership in memberships:
        membership.version += 1
    log.record(entries.space_roles_changed(actor, membership, held, roles) for membership, held, roles in moves)
    return len(moves)
