"""Real connections against each other: what must hold, holds; nobody sees a 500 (rules §4, §9)."""

# ruff: noqa: B023  # every function is run within the round that makes it

import itertools
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Count

from accounts.actor import SYSTEM
from accounts.models import User
from accounts.services import change_profile, ensure_user, ensure_users
from common.errors import (
    AlreadyInSpace,
    AlreadyMember,
    LastOwner,
    NotFound,
    NotOrganizationMember,
    NotPermitted,
    OrganizationNotEmpty,
    StaleVersion,
)
from common.models import now
from memberships import presence
from memberships.models import OrganizationMembership, Role, SpaceMembership, SpaceMembershipRole
from memberships.services.accounts import deactivate_account, sweep_unused_accounts
from memberships.services.invitations import Outcome, SpaceGrant, invite_member, invite_members
from memberships.services.organization_members import change_role, remove_member
from memberships.services.space_members import assign_member, change_space_roles, remove_from_space
from organizations.models import Organization
from organizations.services import delete_organization, update_organization
from outbox.models import Email
from spaces.models import Space
from spaces.services.spaces import create_space, delete_space, update_space
from tests.cast import acting, emails, fresh, join, organization_of, person, put_in, role_named, space_in
from tests.rounds import ROUNDS, refusals, rounds, together, won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.timeout(0)]
OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


def two_owners() -> tuple[Organization, list[User], list[OrganizationMembership]]:
    """A fresh Organization with exactly two OWNERs."""
    first, second = person("One"), person("Two")
    organization = organization_of(first)
    join(organization, first, second, OWNER)
    memberships = [
        OrganizationMembership.objects.get(organization=organization, user=u) for u in (first, second)
    ]
    return organization, [first, second], memberships


def active_owners(organization: Organization) -> int:
    """How many OWNERs with active accounts the Organization has."""
    return OrganizationMembership.objects.filter(
        organization=organization, role=OWNER, user__is_active=True
    ).count()


def check_counters() -> None:
    """Every kept counter equals what it counts, and every Space Membership has its roles."""
    for organization in Organization.objects.annotate(
        members=Count("memberships", distinct=True), places=Count("spaces", distinct=True)
    ):
        assert (organization.member_count, organization.space_count) == (
            organization.members,
            organization.places,
        )
    for space in Space.objects.annotate(members=Count("memberships")):
        assert space.member_count == space.members
    assert set(SpaceMembership.objects.values_list("pk", flat=True)) == set(
        SpaceMembershipRole.objects.values_list("membership", flat=True)
    )


def test_two_owners_demote_each_other() -> None:
    for _round in rounds():
        organization, (one, two), (first, second) = two_owners()

        outcomes = together(
            lambda: change_role(actor=acting(one), membership=second, role=MEMBER, expected_version=1),
            lambda: change_role(actor=acting(two), membership=first, role=MEMBER, expected_version=1),
        )

        assert len(won(outcomes)) == 1
        assert refusals(outcomes) == {NotPermitted}  # who was demoted first has no say any more
        assert active_owners(organization) == 1


def test_owners_go_in_every_way_at_once() -> None:
    """Demotion, leaving, removal and deactivation, two to four of them on two OWNERs."""
    chance = random.Random(20)
    seen: Counter[str] = Counter()
    for _round in rounds():
        organization, (one, two), (first, second) = two_owners()
        ways = {
            "one demotes two": lambda: change_role(
                actor=acting(one), membership=second, role=ADMIN, expected_version=1
            ),
            "two demotes one": lambda: change_role(
                actor=acting(two), membership=first, role=ADMIN, expected_version=1
            ),
            "one demotes themselves": lambda: change_role(
                actor=acting(one), membership=first, role=MEMBER, expected_version=1
            ),
            "one leaves": lambda: remove_member(actor=acting(one), membership=first),
            "two leaves": lambda: remove_member(actor=acting(two), membership=second),
            "one removes two": lambda: remove_member(actor=acting(one), membership=second),
            "two removes one": lambda: remove_member(actor=acting(two), membership=first),
            "one is deactivated": lambda: deactivate_account(actor=SYSTEM, user=one),
            "two is deactivated": lambda: deactivate_account(actor=SYSTEM, user=two),
        }
        chosen = chance.sample(sorted(ways), chance.randint(2, 4))

        outcomes = together(*(ways[name] for name in chosen))

        assert active_owners(organization) >= 1, chosen
        assert refusals(outcomes) <= {LastOwner, NotPermitted, NotFound, StaleVersion}
        assert won(outcomes), chosen
        seen.update(type(one).__name__ for one in outcomes)
    check_counters()
    assert seen["LastOwner"] or ROUNDS < 20  # the races did meet


def test_four_invite_the_same_new_address() -> None:
    for number in rounds():
        inviters = [person("Owner"), *(person("Admin") for _ in range(3))]
        organization = organization_of(inviters[0])
        for admin in inviters[1:]:
            join(organization, inviters[0], admin, ADMIN)
        spellings = [f"{name}{number}@example.com" for name in ("same", "Same", "SAME", "ｓａｍｅ")]
        Email.objects.all().delete()

        outcomes = together(
            *(
                lambda actor=actor, address=address: invite_member(
                    actor=acting(actor), organization=organization, address=address, role=MEMBER
                )
                for actor, address in zip(inviters, spellings, strict=True)
            )
        )

        assert len(won(outcomes)) == 1
        assert refusals(outcomes) == {AlreadyMember}
        assert User.objects.filter(email_key=f"same{number}@example.com").count() == 1
        assert OrganizationMembership.objects.filter(organization=organization).count() == 5
        (mail,) = emails()
        assert mail == (
            "organization_invitation",
            User.objects.get(email_key=f"same{number}@example.com").email,
        )
    check_counters()


def test_four_make_the_same_accounts_in_other_orders() -> None:
    """Rows of accounts are made in one order for everyone, or the transactions wait in a ring."""
    for number in rounds():
        keys = [f"p{n}.round{number}@example.com" for n in range(150)]
        for key in keys[::50]:
            ensure_user(key)  # some have a slot already
        orders = [keys, keys[::-1], keys[75:] + keys[:75], keys[::2] + keys[1::2]]

        made = together(*(lambda order=order: ensure_users({key: key for key in order}) for order in orders))

        assert len({frozenset(user.pk for user in users.values()) for users in made}) == 1
        assert User.objects.filter(email_key__contains=f".round{number}@").count() == 150


def test_two_organizations_invite_the_same_new_people() -> None:
    for number in rounds():
        owners = [person("Owner"), person("Owner")]
        organizations = [organization_of(owner) for owner in owners]
        addresses = [f"p{n}.round{number}@example.com" for n in range(10)]

        outcomes = together(
            *(
                lambda owner=owner, organization=organization, order=order: invite_members(
                    actor=acting(owner), organization=organization, addresses=order, role=MEMBER
                )
                for owner, organization, order in zip(
                    owners, organizations, (addresses, addresses[::-1]), strict=True
                )
            )
        )

        assert all({verdict.outcome for verdict in verdicts} == {Outcome.INVITED} for verdicts in outcomes)
        assert User.objects.filter(email_key__contains=f".round{number}@").count() == 10
    check_counters()


def test_inviting_while_unused_slots_are_swept() -> None:
    """Either the slot goes before and is made anew, or it stays; the invited person is a member."""
    for number in rounds():
        owner = person("Owner")
        organization = organization_of(owner)
        keys = [f"slot{n}.round{number}@example.com" for n in range(100)]
        slots = sorted(ensure_users({key: key for key in keys}).values(), key=lambda user: user.pk)
        User.objects.filter(pk__in=[slot.pk for slot in slots]).update(created_at=now() - timedelta(days=2))
        invited = [slot.email for slot in slots[::-1][:4]]  # the sweep comes to them last

        verdicts, first, second = together(
            lambda: invite_members(
                actor=acting(owner), organization=organization, addresses=invited, role=MEMBER
            ),
            lambda: sweep_unused_accounts(actor=SYSTEM),
            lambda: sweep_unused_accounts(actor=SYSTEM),
        )

        assert {verdict.outcome for verdict in verdicts} == {Outcome.INVITED}
        assert 96 <= first + second + sweep_unused_accounts(actor=SYSTEM) <= 100
        members = OrganizationMembership.objects.filter(organization=organization, role=MEMBER)
        assert set(members.values_list("user__email", flat=True)) == set(invited)
        assert Email.objects.filter(recipient__organization_memberships__in=members).count() == 4
        assert (
            not User.objects.filter(email_key__contains=f".round{number}@").exclude(email__in=invited).exists()
        )
    check_counters()


def test_of_several_stale_writers_exactly_one_wins() -> None:
    """Six forms of the same version, of every kind of row: one change, five refusals (rules §9)."""
    for number in rounds():
        owner, member = person("Owner"), person("Member")
        organization = organization_of(owner)
        membership = join(organization, owner, member)
        space = space_in(organization, owner)
        place = put_in(space, owner, member, "Viewer")
        choices = list(itertools.permutations(role.pk for role in space.space_roles.all()))
        writers = {
            "role": lambda n: change_role(
                actor=acting(owner), membership=membership, role=(OWNER, ADMIN)[n % 2], expected_version=1
            ),
            "organization": lambda n: update_organization(
                actor=acting(owner),
                organization=organization,
                name=f"Name {n}",
                description="",
                expected_version=1,
            ),
            "space": lambda n: update_space(
                actor=acting(owner), space=space, name=f"Name {n}", expected_version=1
            ),
            "space roles": lambda n: change_space_roles(
                actor=acting(owner), membership=place, role_ids=choices[n], expected_version=1
            ),
            "profile": lambda n: change_profile(
                actor=acting(member), user=fresh(member), name=f"Name {n}", expected_version=member.version
            ),
        }
        kinds = sorted(writers)
        kind = kinds[number % len(kinds)]

        outcomes = together(*(lambda n=n: writers[kind](n) for n in range(6)))

        assert len(won(outcomes)) == 1, kind
        assert refusals(outcomes) == {StaleVersion}
        changed = {
            "role": membership,
            "organization": organization,
            "space": space,
            "space roles": place,
            "profile": member,
        }[kind]
        assert fresh(changed).version == changed.version + 1


def test_three_assign_the_same_person() -> None:
    for _round in rounds():
        owner, member = person("Owner"), person("Member")
        organization = organization_of(owner)
        join(organization, owner, member)
        space = space_in(organization, owner)
        Email.objects.all().delete()

        outcomes = together(
            *(
                lambda name=name: assign_member(
                    actor=acting(owner), space=space, user_id=member.pk, role_ids=[role_named(space, name).pk]
                )
                for name in ("Administrator", "Editor", "Viewer")
            )
        )

        assert len(won(outcomes)) == 1
        assert refusals(outcomes) == {AlreadyInSpace}
        assert emails() == [("space_invitation", member.email)]
    check_counters()


def test_assigning_while_the_person_is_removed_from_the_organization() -> None:
    """Whichever is first: in the end the person is nowhere, and no key is left dangling."""
    for _round in rounds():
        owner, member = person("Owner"), person("Member")
        organization = organization_of(owner)
        membership = join(organization, owner, member)
        space = space_in(organization, owner)
        role = role_named(space, "Editor").pk
        Email.objects.all().delete()

        assigned, removed = together(
            lambda: assign_member(actor=acting(owner), space=space, user_id=member.pk, role_ids=[role]),
            lambda: remove_member(actor=acting(owner), membership=membership),
        )

        assert removed is None
        assert isinstance(assigned, SpaceMembership | NotOrganizationMember)
        assert not SpaceMembership.objects.filter(user=member).exists()
        told = [kind for kind, _to in emails()]
        assert told == ["organization_removal", *["space_invitation"] * isinstance(assigned, SpaceMembership)]
    check_counters()


def test_a_space_is_deleted_while_people_come_and_go() -> None:
    for number in rounds():
        owner, member, admin = person("Owner"), person("Member"), person("Admin")
        organization = organization_of(owner)
        join(organization, owner, member)
        join(organization, owner, admin, ADMIN)
        space = space_in(organization, owner)
        place = put_in(space, owner, admin)
        role = role_named(space, "Editor").pk

        outcomes = together(
            lambda: delete_space(actor=acting(owner), space=space),
            lambda: assign_member(actor=acting(admin), space=space, user_id=member.pk, role_ids=[role]),
            lambda: remove_from_space(actor=acting(owner), membership=place),
            lambda: invite_member(
                actor=acting(owner),
                organization=organization,
                address=f"new{number}@example.com",
                role=MEMBER,
                spaces=[SpaceGrant(space.pk, [role])],
            ),
        )

        assert outcomes[0] is None
        assert not Space.objects.filter(pk=space.pk).exists()
        assert not SpaceMembership.objects.filter(organization=organization).exists()
    check_counters()


def test_an_organization_is_deleted_while_it_fills() -> None:
    for number in rounds():
        owner = person("Owner")
        organization = organization_of(owner)

        deleted, created, invited = together(
            lambda: delete_organization(actor=acting(owner), organization=organization),
            lambda: create_space(actor=acting(owner), organization=organization, name="Shopping Mall"),
            lambda: invite_member(
                actor=acting(owner), organization=organization, address=f"n{number}@example.com", role=MEMBER
            ),
        )

        if deleted is None:
            assert not Organization.objects.filter(pk=organization.pk).exists()
            assert isinstance(created, NotFound)
        else:
            assert isinstance(deleted, OrganizationNotEmpty)
            assert isinstance(created, Space)
            assert isinstance(invited, OrganizationMembership)
    check_counters()


def opens(membership: OrganizationMembership) -> None:
    """The person's first page of the Organization."""
    with presence.noting():
        presence.here(membership)


def check_search() -> None:
    """Everybody is found by what shows of them, in each list."""
    for one in OrganizationMembership.objects.select_related("user"):
        shown = one.user.search if one.last_active_at else f" {one.user.email}"
        places = SpaceMembership.objects.filter(organization=one.organization_id, user=one.user)
        assert {one.search, *places.values_list("search", flat=True)} == {shown}


def test_a_first_visit_while_the_person_is_renamed_assigned_and_removed() -> None:
    """Their name shows everywhere or nowhere; nobody waits in a ring."""
    for number in rounds():
        owner, user = person("Owner"), person("Minji")
        organization = organization_of(owner)
        spaces = [space_in(organization, owner, name) for name in ("One", "Two", "Three")]
        one = invite_member(actor=acting(owner), organization=organization, address=user.email, role=MEMBER)
        for space in spaces[:2]:
            put_in(space, owner, user)
        editor, tab = role_named(spaces[2], "Editor").pk, fresh(one)
        acts = [
            lambda: opens(tab),
            lambda: change_profile(actor=acting(user), user=user, name="Kim", expected_version=1),
            lambda: assign_member(actor=acting(owner), space=spaces[2], user_id=user.pk, role_ids=[editor]),
            lambda: opens(one),
            lambda: remove_member(actor=acting(owner), membership=one),
        ]
        together(*acts[: 4 + number % 2])
        check_search()
        for left in OrganizationMembership.objects.filter(pk=one.pk):
            opens(left)
        check_search()
    check_counters()


def test_a_page_does_not_wait_for_whoever_holds_the_membership() -> None:
    owner, user = person("Owner"), person("Minji")
    organization = organization_of(owner)
    one = invite_member(actor=acting(owner), organization=organization, address=user.email, role=MEMBER)
    place = put_in(space_in(organization, owner), owner, user)
    for held in (one, place):
        with transaction.atomic():
            type(held).objects.select_for_update().get(pk=held.pk)
            together(lambda: opens(one))
        assert fresh(one).last_active_at is None
    opens(one)
    check_search()
    assert fresh(place).search == fresh(user).search
