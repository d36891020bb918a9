"""Deactivating accounts and sweeping unused ones (rules §2, §4)."""

from datetime import timedelta

import pytest

from accounts.actor import SYSTEM, Actor, Origin
from accounts.models import SignInCode, User
from accounts.services import create_token, ensure_user, mark_signed_in
from common.errors import LastOwner, NotFound, NotPermitted
from common.models import now
from memberships.models import OrganizationMembership, Role
from memberships.services.accounts import deactivate_account, sweep_unused_accounts
from memberships.services.invitations import invite_member
from memberships.services.organization_members import change_role, remove_member
from tests.cast import Cast, acting, fresh, join, nothing_changes, organization_of, person, put_in, watching


class TestDeactivating:
    @pytest.mark.parametrize("origin", [Origin.CONSOLE, Origin.API])
    @pytest.mark.parametrize("role", Role)
    def test_only_weegloo_does_it(self, cast: Cast, origin: Origin, role: Role) -> None:
        actor = acting(cast.by_role(role), origin)
        with nothing_changes():
            for user in (cast.member, actor.user):
                with pytest.raises(NotPermitted):
                    deactivate_account(actor=actor, user=user)

    def test_nothing_is_deleted_and_every_organization_logs_it(self, cast: Cast) -> None:
        join(cast.strange_organization, cast.stranger, cast.member)
        place = put_in(cast.space, cast.owner, cast.member)
        staff = person("Staff")

        with watching() as watch:
            user = deactivate_account(actor=Actor(staff, Origin.STAFF), user=cast.member)

        assert (user.is_active, user.version) == (False, cast.member.version + 1)
        assert not fresh(cast.member).is_active
        assert fresh(place).version == fresh(cast.memberships[Role.MEMBER]).version == 1
        assert fresh(cast.organization).member_count == 3
        assert {entry.organization_id for entry in watch.entries} == {
            cast.organization.pk,
            cast.strange_organization.pk,
        }
        for entry in watch.entries:
            assert (entry.action, entry.actor, entry.user, entry.origin) == (
                "account.deactivated",
                staff,
                cast.member,
                "staff",
            )
            assert (entry.before, entry.after) == ({"isActive": True}, {"isActive": False})
        assert watch.emails == []

    def test_without_an_organization_it_is_logged_all_the_same(self, cast: Cast) -> None:
        lonely = person("Lonely")
        with watching() as watch:
            deactivate_account(actor=SYSTEM, user=lonely)
        assert [(entry.organization_id, entry.user) for entry in watch.entries] == [("", lonely)]

    def test_again_changes_nothing(self, cast: Cast) -> None:
        deactivate_account(actor=SYSTEM, user=cast.member)
        with nothing_changes():
            deactivate_account(actor=SYSTEM, user=cast.member)

    def test_the_last_owner_of_any_organization(self, cast: Cast) -> None:
        """Refused as a whole, naming the Organizations that would be left without one."""
        second = organization_of(cast.owner, "Second")
        shared = organization_of(cast.owner, "Shared")
        join(shared, cast.owner, cast.admin, Role.OWNER)

        with nothing_changes(), pytest.raises(LastOwner) as refusal:
            deactivate_account(actor=SYSTEM, user=cast.owner)
        assert sorted(refusal.value.details["organizations"]) == sorted([cast.organization.pk, second.pk])

    def test_another_owner_whose_account_is_deactivated_does_not_count(self, cast: Cast) -> None:
        second = person("Second")
        join(cast.organization, cast.owner, second, Role.OWNER)
        deactivate_account(actor=SYSTEM, user=second)
        with nothing_changes(), pytest.raises(LastOwner):
            deactivate_account(actor=SYSTEM, user=cast.owner)

    def test_allowed_one_of_two_owners(self, cast: Cast) -> None:
        join(cast.organization, cast.owner, person("Second"), Role.OWNER)
        deactivate_account(actor=SYSTEM, user=cast.owner)
        assert not fresh(cast.owner).is_active

    def test_allowed_admin_and_member_while_there_is_one_owner(self, cast: Cast) -> None:
        for user in (cast.admin, cast.member):
            deactivate_account(actor=SYSTEM, user=user)
            assert not fresh(user).is_active

    def test_someone_who_is_not_there(self, db: None) -> None:
        gone = ensure_user("gone@example.com")
        User.objects.filter(pk=gone.pk).delete()
        with pytest.raises(NotFound):
            deactivate_account(actor=SYSTEM, user=gone)


def aged(user: User, hours: float) -> User:
    """The account as if it had been made that long ago."""
    User.objects.filter(pk=user.pk).update(created_at=now() - timedelta(hours=hours))
    return user


class TestSweeping:
    """A slot never used and in no Organization goes after a day (rules §2)."""

    def test_what_goes_and_what_stays(self, cast: Cast) -> None:
        goes = [aged(ensure_user(f"slot{n}@example.com"), 25) for n in range(3)]
        young = aged(ensure_user("young@example.com"), 23)
        asked_again = aged(ensure_user("again@example.com"), 48)
        SignInCode.objects.create(user=asked_again, ip="127.0.0.1", created_at=now() - timedelta(hours=25))
        SignInCode.objects.create(user=asked_again, ip="127.0.0.1")
        used = aged(person("Used"), 48)
        member = aged(person("Colleague", signed_in=False), 48)
        join(cast.organization, cast.owner, member)
        former = aged(person("Former", signed_in=False), 48)
        remove_member(actor=acting(cast.owner), membership=join(cast.organization, cast.owner, former))
        staff = aged(ensure_user("staff@example.com"), 48)
        User.objects.filter(pk=staff.pk).update(is_staff=True)
        holder = aged(ensure_user("token@example.com"), 48)
        create_token(actor=SYSTEM, user=holder, name="CI")
        SignInCode.objects.create(user=goes[0], ip="127.0.0.1", created_at=now() - timedelta(hours=25))
        SignInCode.objects.create(user=young, ip="127.0.0.1")

        assert sweep_unused_accounts(actor=SYSTEM) == 3

        assert not User.objects.filter(pk__in=[user.pk for user in goes]).exists()
        stay = [young, asked_again, used, member, former, staff, holder]
        assert User.objects.filter(pk__in=[user.pk for user in stay]).count() == len(stay)
        assert {code.user for code in SignInCode.objects.all()} == {young, asked_again}
        assert sweep_unused_accounts(actor=SYSTEM) == 0

    def test_whose_code_is_on_its_way_goes_with_it(self, db: None) -> None:
        from outbox.models import Email, Kind
        from outbox.queue import compose, enqueue

        slot = aged(ensure_user("slot@example.com"), 25)
        enqueue([compose(Kind.SIGN_IN_CODE, slot, code="123456")])
        assert sweep_unused_accounts(actor=SYSTEM) == 1
        assert not Email.objects.exists()

    def test_only_weegloo_does_it(self, cast: Cast) -> None:
        with nothing_changes(), pytest.raises(NotPermitted):
            sweep_unused_accounts(actor=acting(cast.owner))

    def test_the_address_can_be_invited_again(self, cast: Cast) -> None:
        aged(ensure_user("slot@example.com"), 25)
        sweep_unused_accounts(actor=SYSTEM)
        membership = invite_member(
            actor=acting(cast.owner),
            organization=cast.organization,
            address="slot@example.com",
            role=Role.MEMBER,
        )
        assert membership.user.is_slot

    def test_a_slot_that_signed_in_meanwhile_stays(self, db: None) -> None:
        slot = aged(ensure_user("slot@example.com"), 25)
        mark_signed_in(slot)
        assert sweep_unused_accounts(actor=SYSTEM) == 0


def test_a_deactivated_person_can_still_be_removed_and_changed(cast: Cast) -> None:
    deactivate_account(actor=SYSTEM, user=cast.member)
    membership = OrganizationMembership.objects.get(pk=cast.memberships[Role.MEMBER].pk)
    change_role(actor=acting(cast.owner), membership=membership, role=Role.ADMIN, expected_version=1)
    remove_member(actor=acting(cast.owner), membership=membership)
    assert fresh(cast.organization).member_count == 2
