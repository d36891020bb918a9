"""Changing and removing Organization members: who may do what to whom (rules §4, §9, §10, §11)."""

import pytest

from accounts.actor import SYSTEM, Actor, Origin
from common.errors import DomainError, LastOwner, NotFound, NotPermitted, RoleAboveOwn, StaleVersion
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.services.organization_members import change_role, remove_member
from tests.cast import (
    Cast,
    acting,
    deactivated,
    fresh,
    join,
    nothing_changes,
    person,
    put_in,
    space_in,
    watching,
)

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
REFUSALS: dict[str, type[DomainError]] = {
    "NotPermitted": NotPermitted,
    "RoleAboveOwn": RoleAboveOwn,
    "LastOwner": LastOwner,
    "NotFound": NotFound,
}


def table(text: str) -> list[tuple[str, ...]]:
    """The rows of a table written with spaces; the first line is its head."""
    return [tuple(line.split()) for line in text.strip().splitlines()[1:]]


CHANGE = table("""
    actor   target  wanted  outcome
    OWNER   OWNER   OWNER   same
    OWNER   OWNER   ADMIN   changed
    OWNER   OWNER   MEMBER  changed
    OWNER   ADMIN   OWNER   changed
    OWNER   ADMIN   ADMIN   same
    OWNER   ADMIN   MEMBER  changed
    OWNER   MEMBER  OWNER   changed
    OWNER   MEMBER  ADMIN   changed
    OWNER   MEMBER  MEMBER  same
    ADMIN   OWNER   OWNER   NotPermitted
    ADMIN   OWNER   ADMIN   NotPermitted
    ADMIN   OWNER   MEMBER  NotPermitted
    ADMIN   ADMIN   OWNER   RoleAboveOwn
    ADMIN   ADMIN   ADMIN   same
    ADMIN   ADMIN   MEMBER  changed
    ADMIN   MEMBER  OWNER   RoleAboveOwn
    ADMIN   MEMBER  ADMIN   changed
    ADMIN   MEMBER  MEMBER  same
    MEMBER  OWNER   OWNER   NotPermitted
    MEMBER  OWNER   ADMIN   NotPermitted
    MEMBER  OWNER   MEMBER  NotPermitted
    MEMBER  ADMIN   OWNER   NotPermitted
    MEMBER  ADMIN   ADMIN   NotPermitted
    MEMBER  ADMIN   MEMBER  NotPermitted
    MEMBER  MEMBER  OWNER   NotPermitted
    MEMBER  MEMBER  ADMIN   NotPermitted
    MEMBER  MEMBER  MEMBER  NotPermitted
""")


@pytest.mark.parametrize(("actor_role", "target_role", "wanted", "outcome"), CHANGE)
def test_changing_a_role(cast: Cast, actor_role: str, target_role: str, wanted: str, outcome: str) -> None:
    actor = cast.by_role(Role(actor_role))
    target = join(cast.organization, cast.owner, person("Target"), Role(target_role))
    bystander = person("Bystander")  # an OWNER who learns of new ones
    join(cast.organization, cast.owner, bystander, OWNER)

    def change() -> OrganizationMembership:
        return change_role(actor=acting(actor), membership=target, role=Role(wanted), expected_version=1)

    if outcome == "same":
        with nothing_changes():
            assert change().version == 1
        return
    if outcome in REFUSALS:
        with nothing_changes(), pytest.raises(REFUSALS[outcome]):
            change()
        return

    members = fresh(cast.organization).member_count
    with watching() as watch:
        returned = change()

    row = fresh(target)
    assert (row.role, row.version) == (returned.role, returned.version) == (wanted, 2)
    assert (row.updated_by, row.created_by) == (actor, cast.owner)
    assert row.updated_at > row.created_at == target.created_at
    organization = fresh(cast.organization)
    assert (organization.member_count, organization.version) == (members, cast.organization.version)
    (entry,) = watch.entries
    assert (entry.action, entry.actor, entry.user, entry.subject) == (
        "organization_membership.updated",
        actor,
        target.user,
        target.pk,
    )
    assert (entry.organization_id, entry.space_id, entry.origin) == (cast.organization.pk, "", "console")
    assert entry.before == {"role": target_role, "version": 1}
    assert entry.after == {"role": wanted, "version": 2}
    expected = [("role_change", target.user.email)]
    if wanted == OWNER:
        # The OWNERs, save the new one and the one who did it.
        expected.append(("new_owner", bystander.email))
    assert watch.emails == sorted(expected)


REMOVE = table("""
    actor   target  outcome
    OWNER   OWNER   removed
    OWNER   ADMIN   removed
    OWNER   MEMBER  removed
    ADMIN   OWNER   NotPermitted
    ADMIN   ADMIN   removed
    ADMIN   MEMBER  removed
    MEMBER  OWNER   NotPermitted
    MEMBER  ADMIN   NotPermitted
    MEMBER  MEMBER  NotPermitted
""")


@pytest.mark.parametrize(("actor_role", "target_role", "outcome"), REMOVE)
def test_removing_a_member(cast: Cast, actor_role: str, target_role: str, outcome: str) -> None:
    actor = cast.by_role(Role(actor_role))
    target = join(cast.organization, cast.owner, person("Target"), Role(target_role))

    if outcome in REFUSALS:
        with nothing_changes(), pytest.raises(REFUSALS[outcome]):
            remove_member(actor=acting(actor), membership=target)
        return

    with watching() as watch:
        remove_member(actor=acting(actor), membership=target)

    assert not OrganizationMembership.objects.filter(pk=target.pk).exists()
    assert fresh(cast.organization).member_count == 3
    (entry,) = watch.entries
    assert (entry.action, entry.actor, entry.user, entry.subject) == (
        "organization_membership.deleted",
        actor,
        target.user,
        target.pk,
    )
    assert entry.before == {
        "role": target_role,
        "version": 1,
        "createdAt": target.created_at.isoformat(),
        "spaces": [],
    }
    assert entry.after == {}
    assert watch.emails == [("organization_removal", target.user.email)]
    assert fresh(target.user).is_active  # the account stays


SELF = table("""
    self    owners  wanted  outcome
    OWNER   2       OWNER   same
    OWNER   2       ADMIN   changed
    OWNER   2       MEMBER  changed
    OWNER   2       leave   left
    OWNER   1       OWNER   same
    OWNER   1       ADMIN   LastOwner
    OWNER   1       MEMBER  LastOwner
    OWNER   1       leave   LastOwner
    ADMIN   1       OWNER   RoleAboveOwn
    ADMIN   1       ADMIN   same
    ADMIN   1       MEMBER  changed
    ADMIN   1       leave   left
    MEMBER  1       OWNER   NotPermitted
    MEMBER  1       ADMIN   NotPermitted
    MEMBER  1       MEMBER  NotPermitted
    MEMBER  1       leave   left
""")


@pytest.mark.parametrize(("role", "owners", "wanted", "outcome"), SELF)
def test_oneself(cast: Cast, role: str, owners: str, wanted: str, outcome: str) -> None:
    user, membership = cast.by_role(Role(role)), cast.memberships[Role(role)]
    if owners == "2":
        join(cast.organization, cast.owner, person("Second"), OWNER)

    def act() -> None:
        if wanted == "leave":
            remove_member(actor=acting(user), membership=membership)
        else:
            change_role(actor=acting(user), membership=membership, role=Role(wanted), expected_version=1)

    if outcome == "same":
        with nothing_changes():
            act()
    elif outcome in REFUSALS:
        with nothing_changes(), pytest.raises(REFUSALS[outcome]):
            act()
    else:
        with watching() as watch:
            act()
        (entry,) = watch.entries
        assert (entry.actor, entry.user) == (user, user)
        if outcome == "changed":
            assert fresh(membership).role == wanted
            assert watch.emails == [("role_change", user.email)]
        else:
            assert not OrganizationMembership.objects.filter(pk=membership.pk).exists()
            assert watch.emails == [("organization_removal", user.email)]


def test_who_demoted_themselves_has_lost_the_powers_at_once(cast: Cast) -> None:
    join(cast.organization, cast.owner, person("Second"), OWNER)
    change_role(actor=acting(cast.owner), membership=cast.memberships[OWNER], role=MEMBER, expected_version=1)

    with nothing_changes(), pytest.raises(NotPermitted):
        change_role(
            actor=acting(cast.owner), membership=cast.memberships[OWNER], role=OWNER, expected_version=2
        )


class TestActors:
    """Whoever acts is looked at under the lock, whatever the caller believes."""

    @pytest.mark.parametrize("origin", [Origin.STAFF, Origin.SYSTEM])
    def test_staff_and_system_have_the_powers_of_an_owner(self, cast: Cast, origin: Origin) -> None:
        staff = person("Staff") if origin == Origin.STAFF else None
        actor = Actor(staff, origin)
        target = cast.memberships[MEMBER]

        with watching() as watch:
            change_role(actor=actor, membership=target, role=OWNER, expected_version=1)

        row = fresh(target)
        assert (row.role, row.version, row.updated_by) == (OWNER, 2, staff or cast.owner)
        (entry,) = watch.entries
        assert (entry.actor, entry.origin) == (staff, origin)
        assert watch.emails == [("new_owner", cast.owner.email), ("role_change", cast.member.email)]

        with watching() as watch:
            remove_member(actor=actor, membership=cast.memberships[OWNER])
        assert watch.emails == [("organization_removal", cast.owner.email)]

    @pytest.mark.parametrize("actor", [SYSTEM, "staff"])
    def test_the_last_owner_holds_for_staff_and_system_too(self, cast: Cast, actor: Actor | str) -> None:
        who = Actor(person("Staff"), Origin.STAFF) if isinstance(actor, str) else actor
        with nothing_changes():
            with pytest.raises(LastOwner):
                change_role(actor=who, membership=cast.memberships[OWNER], role=ADMIN, expected_version=1)
            with pytest.raises(LastOwner):
                remove_member(actor=who, membership=cast.memberships[OWNER])

    @pytest.mark.parametrize("kind", ["stranger", "removed", "deactivated", "nobody"])
    def test_who_is_not_in_the_organization_finds_nothing(self, cast: Cast, kind: str) -> None:
        match kind:
            case "stranger":
                actor = acting(cast.stranger)
            case "removed":
                remove_member(actor=acting(cast.owner), membership=cast.memberships[ADMIN])
                actor = acting(cast.admin)
            case "deactivated":
                actor = acting(deactivated(cast.admin))
            case _:
                actor = Actor(None, Origin.CONSOLE)
        target = cast.memberships[MEMBER]

        with nothing_changes():
            with pytest.raises(NotFound):
                change_role(actor=actor, membership=target, role=ADMIN, expected_version=1)
            with pytest.raises(NotFound):
                remove_member(actor=actor, membership=target)

    def test_a_membership_of_another_organization_does_not_exist(self, cast: Cast) -> None:
        target = join(cast.strange_organization, cast.stranger, person("Far"))
        smuggled = fresh(target)
        smuggled.organization_id = cast.organization.pk  # as if the caller had mixed two up

        with nothing_changes():
            for membership in (target, smuggled):
                with pytest.raises(NotFound):
                    change_role(actor=acting(cast.owner), membership=membership, role=ADMIN, expected_version=1)
                with pytest.raises(NotFound):
                    remove_member(actor=acting(cast.owner), membership=membership)

    def test_what_was_loaded_before_does_not_count(self, cast: Cast) -> None:
        """An ADMIN holds a row that says MEMBER; meanwhile the person became OWNER."""
        target = cast.memberships[MEMBER]
        change_role(actor=acting(cast.owner), membership=target, role=OWNER, expected_version=1)
        assert target.role == MEMBER

        with nothing_changes():
            with pytest.raises(NotPermitted):
                remove_member(actor=acting(cast.admin), membership=target)
            with pytest.raises(NotPermitted):
                change_role(actor=acting(cast.admin), membership=target, role=MEMBER, expected_version=2)

    def test_the_token_stands_in_the_log(self, cast: Cast) -> None:
        from accounts.services import create_token

        token = create_token(actor=acting(cast.owner), user=cast.owner, name="CI").token
        with watching() as watch:
            change_role(
                actor=Actor(cast.owner, Origin.API, token),
                membership=cast.memberships[MEMBER],
                role=ADMIN,
                expected_version=1,
            )
        (entry,) = watch.entries
        assert (entry.origin, entry.token_id) == ("api", token.pk)


class TestVersions:
    """A change states the version it was made against (rules §9)."""

    @pytest.mark.parametrize("stated", [0, 1, 3, -1, 2**40])
    def test_another_version_is_stale(self, cast: Cast, stated: int) -> None:
        target = cast.memberships[MEMBER]
        change_role(actor=acting(cast.owner), membership=target, role=ADMIN, expected_version=1)

        with nothing_changes(), pytest.raises(StaleVersion) as refusal:
            change_role(actor=acting(cast.owner), membership=target, role=MEMBER, expected_version=stated)
        current = refusal.value.details["current"]
        assert (current.pk, current.role, current.version) == (target.pk, ADMIN, 2)

    def test_stale_even_when_the_wish_is_fulfilled_already(self, cast: Cast) -> None:
        target = cast.memberships[MEMBER]
        change_role(actor=acting(cast.owner), membership=target, role=ADMIN, expected_version=1)

        with nothing_changes(), pytest.raises(StaleVersion):
            change_role(actor=acting(cast.owner), membership=target, role=ADMIN, expected_version=1)

    def test_versions_follow_each_other(self, cast: Cast) -> None:
        target = cast.memberships[MEMBER]
        for version, role in enumerate((ADMIN, OWNER, MEMBER), start=1):
            changed = change_role(
                actor=acting(cast.owner), membership=target, role=role, expected_version=version
            )
            assert changed.version == version + 1

    def test_a_role_that_does_not_exist_is_never_stored(self, cast: Cast) -> None:
        with nothing_changes(), pytest.raises(ValueError, match="SUPER"):
            change_role(
                actor=acting(cast.owner),
                membership=cast.memberships[MEMBER],
                role="SUPER",  # type: ignore[arg-type]
                expected_version=1,
            )


class TestLastOwner:
    """An Organization always has at least one OWNER whose account is active (rules §4)."""

    def test_an_owner_with_a_deactivated_account_does_not_count(self, cast: Cast) -> None:
        second = person("Second")
        join(cast.organization, cast.owner, second, OWNER)
        deactivated(second)

        with nothing_changes():
            with pytest.raises(LastOwner):
                change_role(
                    actor=acting(cast.owner),
                    membership=cast.memberships[OWNER],
                    role=MEMBER,
                    expected_version=1,
                )
            with pytest.raises(LastOwner):
                remove_member(actor=acting(cast.owner), membership=cast.memberships[OWNER])

    def test_an_owner_who_never_signed_in_counts(self, cast: Cast) -> None:
        join(cast.organization, cast.owner, person("Slot", signed_in=False), OWNER)

        remove_member(actor=acting(cast.owner), membership=cast.memberships[OWNER])

        assert fresh(cast.organization).member_count == 3

    def test_an_owner_elsewhere_does_not_count(self, cast: Cast) -> None:
        join(cast.organization, cast.owner, cast.stranger, ADMIN)  # OWNER of another Organization

        with nothing_changes(), pytest.raises(LastOwner):
            remove_member(actor=acting(cast.owner), membership=cast.memberships[OWNER])

    def test_allowed_one_of_two_owners_goes(self, cast: Cast) -> None:
        second = join(cast.organization, cast.owner, person("Second"), OWNER)
        remove_member(actor=acting(cast.owner), membership=second)
        assert not OrganizationMembership.objects.filter(pk=second.pk).exists()

    def test_allowed_an_admin_is_demoted_while_there_is_one_owner(self, cast: Cast) -> None:
        change_role(
            actor=acting(cast.owner), membership=cast.memberships[ADMIN], role=MEMBER, expected_version=1
        )
        assert fresh(cast.memberships[ADMIN]).role == MEMBER

    def test_allowed_a_deactivated_owner_is_removed_and_demoted(self, cast: Cast) -> None:
        gone, idle = person("Gone"), person("Idle")
        first = join(cast.organization, cast.owner, gone, OWNER)
        second = join(cast.organization, cast.owner, idle, OWNER)
        deactivated(gone)
        deactivated(idle)

        remove_member(actor=acting(cast.owner), membership=first)
        change_role(actor=acting(cast.owner), membership=second, role=MEMBER, expected_version=1)

    def test_a_second_removal_of_the_same_person_is_no_success(self, cast: Cast) -> None:
        """ "Already removed" must not look like "removed"."""
        remove_member(actor=acting(cast.owner), membership=cast.memberships[MEMBER])
        with nothing_changes(), pytest.raises(NotFound):
            remove_member(actor=acting(cast.owner), membership=cast.memberships[MEMBER])


class TestRemovalEmptiesTheSpaces:
    """Removing from the Organization removes from all its Spaces, in one transaction (rules §7)."""

    def test_its_own_spaces_and_no_other_organizations(self, cast: Cast) -> None:
        second = space_in(cast.organization, cast.owner, "Outlet")
        empty = space_in(cast.organization, cast.owner, "Without them")
        first_place = put_in(cast.space, cast.owner, cast.member, "Viewer", "Editor")
        second_place = put_in(second, cast.owner, cast.member, "Administrator")
        join(cast.strange_organization, cast.stranger, cast.member)
        elsewhere = put_in(cast.strange_space, cast.stranger, cast.member)
        colleague = put_in(cast.space, cast.owner, cast.admin)

        with watching() as watch:
            remove_member(actor=acting(cast.owner), membership=cast.memberships[MEMBER])

        left = SpaceMembership.objects.filter(user=cast.member)
        assert list(left) == [elsewhere]
        assert SpaceMembership.objects.filter(pk=colleague.pk).exists()
        assert [fresh(space).member_count for space in (cast.space, second, empty)] == [2, 1, 1]
        assert [fresh(space).version for space in (cast.space, second, empty)] == [1, 1, 1]
        assert fresh(cast.strange_space).member_count == 2
        assert fresh(cast.organization).member_count == 2
        assert fresh(cast.strange_organization).member_count == 2
        assert watch.emails == [("organization_removal", cast.member.email)]  # one, not one per Space
        (entry,) = watch.entries
        spaces = {space.pop("name"): space for space in entry.before["spaces"]}
        assert [role["name"] for role in spaces["Shopping Mall"]["roles"]] == ["Viewer", "Editor"]
        assert spaces["Shopping Mall"]["membership"] == first_place.pk
        assert spaces["Outlet"]["membership"] == second_place.pk
        assert spaces["Outlet"]["version"] == 1
        assert set(spaces) == {"Shopping Mall", "Outlet"}

    def test_leaving_does_the_same(self, cast: Cast) -> None:
        put_in(cast.space, cast.owner, cast.member)

        with watching() as watch:
            remove_member(actor=acting(cast.member), membership=cast.memberships[MEMBER])

        assert not SpaceMembership.objects.filter(user=cast.member).exists()
        assert fresh(cast.space).member_count == 1
        assert watch.emails == [("organization_removal", cast.member.email)]

    def test_the_email_says_who_and_names_the_spaces(self, cast: Cast) -> None:
        from outbox.models import Email

        put_in(cast.space, cast.owner, cast.member)
        remove_member(actor=acting(cast.admin), membership=cast.memberships[MEMBER])

        context = Email.objects.get().context
        assert (context["actor"], context["organization"]) == ("Admin", "DailyWear Company")
        assert (context["left"], context["spaces"]) == (False, ["Shopping Mall"])
