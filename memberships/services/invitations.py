"""Inviting people to an Organization (rules §5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import F
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.address_parsing import bare_address
from accounts.addresses import canonical_address
from accounts.models import User
from accounts.services import ensure_users
from activity import log
from common.bulk import insert_objects
from common.errors import AlreadyMember, Invalid, InvalidEmail, NotPermitted, RoleAboveOwn, UnknownSpace
from memberships import policies
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.selectors import OrganizationAccess, lock_organization
from memberships.services import entries, notices
from memberships.services.holdings import add_holdings, choose_roles
from organizations.models import Organization
from outbox import queue
from spaces.models import Space, SpaceRole

# Of one call: addresses × Spaces.
MAX_ASSIGNMENTS = 20_000


class Outcome(StrEnum):
    """What became of one address."""

    INVITED = "invited"
    ALREADY_MEMBER = "already_member"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    OVER_PLAN_LIMIT = "over_plan_limit"
    OVER_SENDING_LIMIT = "over_sending_limit"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one address ``entry`` as it was given."""

    entry: str
    outcome: Outcome
    membership: OrganizationMembership | None = None
    reason: str = ""

    @property
    def code(self) -> str:
        """The public code of the refusal that a single invitation would get; empty for others."""
        return _CODES.get(self.outcome, "")


_CODES = {Outcome.ALREADY_MEMBER: AlreadyMember.code, Outcome.INVALID: InvalidEmail.code}


@dataclass(frozen=True, slots=True)
class SpaceGrant:
    """A Space and 1 to 3 of its SpaceRoles, by id, to be given with an invitation."""

    space_id: str
    role_ids: Sequence[str]


@transaction.atomic
def invite_members(
    *,
    actor: Actor,
    organization: Organization,
    addresses: Sequence[str],
    role: Role,
    spaces: Sequence[SpaceGrant] = (),
) -> list[Verdict]:
    """Make each address a member at once, with a verdict per address in the order given.

    Unknown addresses get an account slot; everyone invited gets one email. A constant number of
    statements however many addresses. Raises :class:`NotFound`, :class:`NotPermitted`,
    :class:`RoleAboveOwn`, :class:`UnknownSpace`, :class:`UnknownSpaceRole`, :class:`Invalid`
    (the number of SpaceRoles) for the call as a whole; nothing is written then.
    """
    _require_moderate(len(addresses), len(spaces))
    access = lock_organization(actor, organization.pk)
    if not access.may_manage:
        raise NotPermitted
    grants = _grants(access, spaces)
    if role not in policies.assignable_roles(access.role):
        raise RoleAboveOwn

    verdicts, first = _read(addresses)
    users = ensure_users({key: bare_address(addresses[index]) for key, index in first.items()})
    present = {
        membership.user_id: membership
        for membership in OrganizationMembership.objects.select_related("user").filter(
            organization=access.organization, user__pk__any=[user.pk for user in users.values()]
        )
    }
    new: list[OrganizationMembership] = []
    for key, index in first.items():
        known = present.get(users[key].pk)
        if known:
            reason = _("This person is already a member.")
            verdicts[index] = Verdict(addresses[index], Outcome.ALREADY_MEMBER, known, reason)
        else:
            new.append(_membership(actor, access.organization, users[key], role))
            verdicts[index] = Verdict(addresses[index], Outcome.INVITED, new[-1])
    _write(actor, access.organization, new, grants)
    return verdicts


def invite_member(
    *,
    actor: Actor,
    organization: Organization,
    address: str,
    role: Role,
    spaces: Sequence[SpaceGrant] = (),
) -> OrganizationMembership:
    """:func:`invite_members` with one address, its verdict as an error.

    Raises :class:`InvalidEmail` and :class:`AlreadyMember` (with the membership) besides.
    """
    (verdict,) = invite_members(
        actor=actor, organization=organization, addresses=[address], role=role, spaces=spaces
    )
    match verdict.outcome:
        case Outcome.INVITED:
            assert verdict.membership is not None  # noqa: S101  # what INVITED means
            return verdict.membership
        case Outcome.ALREADY_MEMBER:
            raise AlreadyMember(membership=verdict.membership)
        case _:
            raise InvalidEmail(verdict.reason)


def _require_moderate(addresses: int, spaces: int) -> None:
    """Refuse more Space Memberships than one call may make; repetitions count (rules §5)."""
    if addresses * spaces > MAX_ASSIGNMENTS:
        words = _("%(addresses)s addresses × %(spaces)s Spaces are more than %(most)s. Send fewer of either.")
        raise Invalid.at(
            "/spaces",
            "too_many",
            words % {"addresses": addresses, "spaces": spaces, "most": number_format(MAX_ASSIGNMENTS)},
        )


def _read(addresses: Sequence[str]) -> tuple[list[Verdict], dict[str, int]]:
    """Verdicts that need no database, and where each canonical address stands first."""
    verdicts: list[Verdict] = []
    first: dict[str, int] = {}
    for index, entry in enumerate(addresses):
        try:
            key = canonical_address(bare_address(entry))
        except InvalidEmail as error:
            verdicts.append(Verdict(entry, Outcome.INVALID, reason=str(error.message)))
            continue
        if first.setdefault(key, index) == index:
            verdicts.append(Verdict(entry, Outcome.INVITED))
        else:
            verdicts.append(Verdict(entry, Outcome.DUPLICATE, reason=_("Listed twice.")))
    return verdicts, first


def _grants(access: OrganizationAccess, grants: Sequence[SpaceGrant]) -> list[tuple[Space, list[SpaceRole]]]:
    """The Spaces and SpaceRoles of ``grants``, in two statements."""
    if not grants:
        return []
    spaces = Space.objects.filter(organization=access.organization).in_bulk(
        [grant.space_id for grant in grants]
    )
    roles = SpaceRole.objects.filter(space__in=spaces).in_bulk(
        [role_id for grant in grants for role_id in grant.role_ids]
    )
    chosen: dict[str, tuple[Space, list[SpaceRole]]] = {}
    for index, grant in enumerate(grants):
        space = spaces.get(grant.space_id)
        if space is None or space.pk in chosen:
            raise UnknownSpace
        chosen[space.pk] = (space, choose_roles(space, grant.role_ids, roles, path=f"/spaces/{index}/roles"))
    return list(chosen.values())


def _membership(actor: Actor, organization: Organization, user: User, role: Role) -> OrganizationMembership:
    by = actor.user or user
    return OrganizationMembership(organization=organization, user=user, role=role, created_by=by, updated_by=by)


def _write(
    actor: Actor,
    organization: Organization,
    memberships: list[OrganizationMembership],
    grants: list[tuple[Space, list[SpaceRole]]],
) -> None:
    """Memberships, their Spaces, counters, activity and emails: a statement for each table."""
    if not memberships:
        return
    insert_objects(memberships)
    assigned = [
        (
            SpaceMembership(
                organization=organization,
                space=space,
                user=membership.user,
                created_by=membership.created_by,
                updated_by=membership.created_by,
            ),
            roles,
        )
        for membership in memberships
        for space, roles in grants
    ]
    insert_objects([membership for membership, _roles in assigned])
    add_holdings(assigned)
    Space.objects.filter(pk__in=[space.pk for space, _roles in grants]).update(
        member_count=F("member_count") + len(memberships)
    )
    Organization.objects.filter(pk=organization.pk).update(member_count=F("member_count") + len(memberships))
    log.record(
        [
            *(entries.invited(actor, one) for one in memberships),
            *(entries.added_to_space(actor, *one) for one in assigned),
        ]
    )
    queue.enqueue(notices.invitations(actor, organization, memberships, grants))
    if any(one.role == Role.OWNER for one in memberships):
        queue.enqueue(notices.new_owners(actor, organization, memberships))
