"""Assigning to a Space, changing SpaceRoles, removing: who may do what (rules §7, §9, §10, §11)."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import SYSTEM, Actor, Origin
from accounts.models import User
from common.errors import (
    AlreadyInSpace,
    DomainError,
    Invalid,
    NotFound,
    NotOrganizationMember,
    NotPermitted,
    RoleAboveOwn,
    StaleVersion,
    UnknownSpaceRole,
)
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.services.organization_members import remove_member
from memberships.services.space_members import (
    AssignmentOutcome,
    assign_member,
    assign_to_space,
    change_space_roles,
    remove_from_space,
)
from outbox.models import Email
from spaces.models import Space, SpaceRole
from tests.cast import (
    Cast,
    acting,
    deactivated,
    fresh,
    join,
    nothing_changes,
    person,
    put_in,
    role_named,
    role_with,
    space_in,
    watching,
)

REFUSALS: dict[str, type[DomainError]] = {
    "NotPermitted": NotPermitted,
    "RoleAboveOwn": RoleAboveOwn,
    "NotFound": NotFound,
}


@dataclass
class Crew:
    """Everyone who might manage the Space's members, made when a test asks for them."""

    cast: Cast
    roles: dict[str, SpaceRole]
    newcomer: User  # in the Organization, not in the Space
    clerk: SpaceMembership  # in the Space with Viewer
    actors: dict[str, Actor]

    def actor(self, name: str) -> Actor:
        """OWNER and ADMIN (not in the Space), MEMBER (outside), or the holder of a SpaceRole."""
        if name not in self.actors:
            self.actors[name] = self._made(name)
        return self.actors[name]

    def place(self, name: str) -> SpaceMembership:
        """The Space Membership of the holder of a SpaceRole."""
        return SpaceMembership.objects.get(space=self.cast.space, user=self.actor(name).user)

    def _made(self, name: str) -> Actor:
        match name:
            case "staff":
                return Actor(person("Staff"), Origin.STAFF)
            case "system":
                return SYSTEM
            case "stranger":
                return acting(self.cast.stranger)
            case "OWNER" | "ADMIN" | "MEMBER":
                return acting(self.cast.by_role(Role(name)))
        holder = person(name)
        join(self.cast.organization, self.cast.owner, holder)
        put_in(self.cast.space, self.cast.owner, holder, name)
        return acting(holder)


@pytest.fixture
def crew(cast: Cast) -> Crew:
    """The Space with five roles, nobody in it but the clerk."""
    space, owner = cast.space, cast.owner
    remove_from_space(actor=acting(owner), membership=SpaceMembership.objects.get(space=space, user=owner))
    roles = {role.name: role for role in SpaceRole.objects.filter(space=space)}
    roles["Manager"] = role_with(space, owner, "Manager", "SETTING_USER")
    roles["Everything"] = role_with(space, owner, "Everything", "SETTING_ALL")
    viewer, newcomer = person("Viewer"), person("Newcomer")
    for user in (viewer, newcomer):
        join(cast.organization, owner, user)
    clerk = put_in(space, owner, viewer, "Viewer")
    Email.objects.all().delete()
    return Crew(cast, roles, newcomer, clerk, {})


# Who gives what. Who manages only through a SpaceRole gives Administrator only if they hold it,
# other roles only if they hold Administrator or that very role.
GIVE = [
    # actor, role, outcome
    ("OWNER", "Administrator", "done"),
    ("OWNER", "Editor", "done"),
    ("ADMIN", "Administrator", "done"),
    ("ADMIN", "Editor", "done"),
    ("Administrator", "Administrator", "done"),
    ("Administrator", "Editor", "done"),
    ("Administrator", "Manager", "done"),
    ("Manager", "Administrator", "RoleAboveOwn"),
    ("Manager", "Editor", "RoleAboveOwn"),
    ("Manager", "Manager", "done"),
    ("Everything", "Administrator", "RoleAboveOwn"),
    ("Everything", "Editor", "RoleAboveOwn"),
    ("Everything", "Everything", "done"),
    ("Editor", "Editor", "NotPermitted"),
    ("MEMBER", "Editor", "NotFound"),
    ("stranger", "Editor", "NotFound"),
    ("staff", "Administrator", "done"),
    ("system", "Editor", "done"),
]


def given(crew: Crew, actor: str, outcome: str, act: Callable[[Actor], object]) -> bool:
    """Runs ``act``; whether the table expects it to succeed."""
    if outcome == "done":
        act(crew.actor(actor))
        return True
    with nothing_changes(), pytest.raises(REFUSALS[outcome]):
        act(crew.actor(actor))
    return False


@pytest.mark.parametrize(("actor", "role", "outcome"), GIVE)
def test_assigning(crew: Crew, actor: str, role: str, outcome: str) -> None:
    space, user, given_role = crew.cast.space, crew.newcomer, crew.roles[role]
    crew.actor(actor)
    count = fresh(space).member_count

    with watching() as watch:
        done = given(
            crew,
            actor,
            outcome,
            lambda who: assign_member(actor=who, space=space, user_id=user.pk, role_ids=[given_role.pk]),
        )
    if not done:
        return

    by = crew.actor(actor).user
    place = SpaceMembership.objects.get(space=space, user=user)
    assert (place.version, place.created_by, place.updated_by) == (1, by or user, by or user)
    assert place.organization_id == space.organization_id
    assert place.held_roles == [given_role]
    assert (fresh(space).member_count, fresh(space).version) == (count + 1, 1)
    (entry,) = watch.entries
    assert (entry.action, entry.actor, entry.user, entry.subject) == (
        "space_membership.created",
        by,
        user,
        place.pk,
    )
    assert (entry.organization_id, entry.space_id) == (space.organization_id, space.pk)
    assert (entry.before, entry.after) == (
        {},
        {"space": space.name, "roles": [{"id": given_role.pk, "name": role}], "version": 1},
    )
    assert watch.emails == [("space_invitation", user.email)]


# Who changes whom. A manager through a SpaceRole changes and removes only a member all of whose
# roles they could give; and what is new has the ceiling of GIVE.
CHANGE = [
    # actor, roles held, role added, outcome
    ("OWNER", ["Viewer"], "Administrator", "done"),
    ("ADMIN", ["Viewer"], "Editor", "done"),
    ("ADMIN", ["Administrator", "Viewer"], "Editor", "done"),
    ("Administrator", ["Viewer"], "Administrator", "done"),
    ("Administrator", ["Administrator"], "Editor", "done"),
    ("Administrator", ["Everything"], "Manager", "done"),
    ("Manager", ["Manager"], "Editor", "RoleAboveOwn"),
    ("Manager", ["Manager"], "Administrator", "RoleAboveOwn"),
    ("Manager", ["Viewer"], "Manager", "NotPermitted"),
    ("Manager", ["Viewer"], "Administrator", "NotPermitted"),
    ("Manager", ["Administrator"], "Manager", "NotPermitted"),
    ("Manager", ["Manager", "Viewer"], "Editor", "NotPermitted"),
    ("Manager", ["Viewer", "Manager"], "Editor", "NotPermitted"),
    ("Manager", ["Everything"], "Manager", "NotPermitted"),
    ("Everything", ["Administrator"], "Everything", "NotPermitted"),
    ("Everything", ["Viewer"], "Everything", "NotPermitted"),
    ("Everything", ["Manager"], "Everything", "NotPermitted"),
    ("Editor", ["Editor"], "Viewer", "NotPermitted"),
    ("MEMBER", ["Viewer"], "Editor", "NotFound"),
    ("stranger", ["Viewer"], "Editor", "NotFound"),
    ("staff", ["Administrator"], "Editor", "done"),
    ("system", ["Viewer"], "Editor", "done"),
]


def reassigned(crew: Crew, names: list[str]) -> None:
    """Give the clerk the roles of these names instead; their version stays 1."""
    if names != ["Viewer"]:
        remove_from_space(actor=SYSTEM, membership=crew.clerk)
        crew.clerk = put_in(crew.cast.space, crew.cast.owner, crew.clerk.user, *names)
        Email.objects.all().delete()


@pytest.mark.parametrize(("actor", "names", "added", "outcome"), CHANGE)
def test_changing_space_roles(crew: Crew, actor: str, names: list[str], added: str, outcome: str) -> None:
    reassigned(crew, names)
    space, wanted, held = crew.cast.space, crew.roles[added], [crew.roles[name] for name in names]
    crew.actor(actor)
    count = fresh(space).member_count

    with watching() as watch:
        done = given(
            crew,
            actor,
            outcome,
            lambda who: change_space_roles(
                actor=who,
                membership=crew.clerk,
                role_ids=[wanted.pk, *(role.pk for role in held)],
                expected_version=1,
            ),
        )
    if not done:
        return

    by = crew.actor(actor).user
    place = fresh(crew.clerk)
    assert (place.version, place.created_by, place.updated_by) == (2, crew.cast.owner, by or crew.cast.owner)
    assert place.updated_at > place.created_at
    assert place.held_roles == [wanted, *held]
    assert (fresh(space).member_count, fresh(space).version) == (count, 1)
    (entry,) = watch.entries
    assert (entry.action, entry.actor, entry.user, entry.subject) == (
        "space_membership.updated",
        by,
        crew.clerk.user,
        crew.clerk.pk,
    )
    assert entry.before == {"roles": [{"id": role.pk, "name": role.name} for role in held], "version": 1}
    assert [one["name"] for one in entry.after["roles"]] == [added, *names]
    assert entry.after["version"] == 2
    assert watch.emails == []  # rules §10 has no email for it


REMOVE = [
    # actor, roles held, outcome
    ("OWNER", ["Administrator"], "done"),
    ("ADMIN", ["Viewer"], "done"),
    ("Administrator", ["Viewer"], "done"),
    ("Administrator", ["Administrator", "Everything"], "done"),
    ("Manager", ["Manager"], "done"),
    ("Manager", ["Viewer"], "NotPermitted"),
    ("Manager", ["Administrator"], "NotPermitted"),
    ("Manager", ["Manager", "Viewer"], "NotPermitted"),
    ("Everything", ["Everything"], "done"),
    ("Everything", ["Administrator"], "NotPermitted"),
    ("Editor", ["Editor"], "NotPermitted"),
    ("MEMBER", ["Viewer"], "NotFound"),
    ("stranger", ["Viewer"], "NotFound"),
    ("staff", ["Administrator"], "done"),
    ("system", ["Viewer"], "done"),
]


@pytest.mark.parametrize(("actor", "names", "outcome"), REMOVE)
def test_removing_from_a_space(crew: Crew, actor: str, names: list[str], outcome: str) -> None:
    reassigned(crew, names)
    space, user = crew.cast.space, crew.clerk.user
    crew.actor(actor)
    other = put_in(space_in(crew.cast.organization, crew.cast.owner, "Outlet"), crew.cast.owner, user)
    count = fresh(space).member_count

    with watching() as watch:
        done = given(crew, actor, outcome, lambda who: remove_from_space(actor=who, membership=crew.clerk))
    if not done:
        return

    assert not SpaceMembership.objects.filter(pk=crew.clerk.pk).exists()
    assert fresh(space).member_count == count - 1
    # The Organization membership and other Spaces stay.
    assert OrganizationMembership.objects.filter(organization=crew.cast.organization, user=user).exists()
    assert fresh(other).held_roles == [role_named(other.space, "Editor")]
    assert fresh(other.space).member_count == 2
    (entry,) = watch.entries
    assert (entry.action, entry.actor, entry.user, entry.subject) == (
        "space_membership.deleted",
        crew.actor(actor).user,
        user,
        crew.clerk.pk,
    )
    assert entry.before == {
        "space": space.name,
        "roles": [{"id": crew.roles[name].pk, "name": name} for name in names],
        "version": 1,
        "createdAt": crew.clerk.created_at.isoformat(),
    }
    assert watch.emails == [("space_removal", user.email)]


class TestActors:
    @pytest.mark.parametrize("kind", ["removed", "deactivated", "removed from the Space"])
    def test_who_is_gone_finds_nothing(self, crew: Crew, kind: str) -> None:
        """An open page of someone who lost the Space: 404 with the next click."""
        manager = crew.actor("Manager")
        assert manager.user is not None
        match kind:
            case "removed":
                remove_member(
                    actor=crew.actor("OWNER"),
                    membership=OrganizationMembership.objects.get(user=manager.user),
                )
            case "deactivated":
                manager = acting(deactivated(manager.user))
            case _:
                place = SpaceMembership.objects.get(space=crew.cast.space, user=manager.user)
                remove_from_space(actor=crew.actor("OWNER"), membership=place)

        with nothing_changes():
            for act in (
                lambda: assign_member(
                    actor=manager,
                    space=crew.cast.space,
                    user_id=crew.newcomer.pk,
                    role_ids=[crew.roles["Manager"].pk],
                ),
                lambda: change_space_roles(
                    actor=manager,
                    membership=crew.clerk,
                    role_ids=[crew.roles["Manager"].pk],
                    expected_version=1,
                ),
                lambda: remove_from_space(actor=manager, membership=crew.clerk),
            ):
                with pytest.raises(NotFound):
                    act()

    def test_a_role_in_one_space_gives_nothing_in_another(self, crew: Crew) -> None:
        outlet = space_in(crew.cast.organization, crew.cast.owner, "Outlet")
        place = put_in(outlet, crew.cast.owner, crew.clerk.user)
        administrator = crew.actor("Administrator")
        with nothing_changes():
            for act in (
                lambda: assign_member(
                    actor=administrator,
                    space=outlet,
                    user_id=crew.newcomer.pk,
                    role_ids=[role_named(outlet, "Viewer").pk],
                ),
                lambda: remove_from_space(actor=administrator, membership=place),
            ):
                with pytest.raises(NotFound):
                    act()

    def test_a_manager_gives_themselves_nothing_they_lack(self, crew: Crew) -> None:
        manager = crew.actor("Manager")
        own = SpaceMembership.objects.get(space=crew.cast.space, user=manager.user)
        with nothing_changes(), pytest.raises(RoleAboveOwn) as refusal:
            change_space_roles(
                actor=manager,
                membership=own,
                role_ids=[crew.roles["Manager"].pk, crew.roles["Administrator"].pk],
                expected_version=1,
            )
        assert refusal.value.code == "WGL422001"

    def test_a_manager_takes_nothing_away_that_they_could_not_give(self, crew: Crew) -> None:
        administrator, manager = crew.place("Administrator"), crew.actor("Manager")
        with nothing_changes(), pytest.raises(NotPermitted) as refusal:
            change_space_roles(
                actor=manager,
                membership=administrator,
                role_ids=[crew.roles["Manager"].pk],
                expected_version=7,  # the permission comes before the version
            )
        assert refusal.value.code == "WGL403901"

    @pytest.mark.parametrize("more", [[], ["Viewer"], ["Editor", "Everything"]])
    def test_a_manager_gives_up_their_own_roles_and_leaves(self, crew: Crew, more: list[str]) -> None:
        manager = crew.actor("Manager")
        own = crew.place("Manager")
        ids = [crew.roles[name].pk for name in [*more, "Manager"]]
        own = (
            change_space_roles(actor=acting(crew.cast.owner), membership=own, role_ids=ids, expected_version=1)
            if more
            else own
        )
        kept = change_space_roles(
            actor=manager,
            membership=own,
            role_ids=[crew.roles["Manager"].pk],
            expected_version=own.version,
        )
        assert kept.held_roles == [crew.roles["Manager"]]
        remove_from_space(actor=manager, membership=kept)
        assert not SpaceMembership.objects.filter(pk=own.pk).exists()


ROLE_LISTS = [
    # names of roles, refusal
    ([], Invalid),
    (["Viewer"], None),
    (["Viewer", "Administrator"], None),
    (["Viewer", "Administrator", "Editor"], None),
    (["Manager", "Editor", "Viewer"], None),
    (["Administrator", "Editor", "Viewer", "Manager"], Invalid),
    (["Editor", "Editor"], Invalid),
    (["Editor", "Viewer", "Editor"], Invalid),
    (["of another Space"], UnknownSpaceRole),
    (["Editor", "of another Space"], UnknownSpaceRole),
    (["of another Organization"], UnknownSpaceRole),
    (["none"], UnknownSpaceRole),
    (["NUL"], UnknownSpaceRole),
    (["surrogate"], UnknownSpaceRole),
]


@pytest.mark.parametrize(
    ("names", "refusal"), ROLE_LISTS, ids=[", ".join(row[0]) or "no role" for row in ROLE_LISTS]
)
def test_one_to_three_roles_of_the_space_in_the_order_given(
    crew: Crew, names: list[str], refusal: type[DomainError] | None
) -> None:
    outlet = space_in(crew.cast.organization, crew.cast.owner, "Outlet")
    ids = {name: role.pk for name, role in crew.roles.items()} | {
        "of another Space": role_named(outlet, "Editor").pk,
        "of another Organization": role_named(crew.cast.strange_space, "Editor").pk,
        "none": "x" * 27,
        "NUL": "\0",
        "surrogate": "\udc80",
    }
    chosen = [ids[name] for name in names]
    administrator = crew.place("Administrator")

    def assign() -> SpaceMembership:
        return assign_member(
            actor=crew.actor("OWNER"), space=crew.cast.space, user_id=crew.newcomer.pk, role_ids=chosen
        )

    def change() -> SpaceMembership:
        return change_space_roles(
            actor=crew.actor("OWNER"), membership=administrator, role_ids=chosen, expected_version=1
        )

    for act in (assign, change):
        if refusal:
            with nothing_changes(), pytest.raises(refusal):
                act()
        else:
            assert [role.name for role in fresh(act()).held_roles] == names


class TestAssigning:
    def test_someone_outside_the_organization(self, crew: Crew) -> None:
        for user_id in (crew.cast.stranger.pk, person("Nowhere").pk, "x" * 27, "", "\0", "\ud800"):
            with nothing_changes(), pytest.raises(NotOrganizationMember):
                assign_member(
                    actor=crew.actor("OWNER"),
                    space=crew.cast.space,
                    user_id=user_id,
                    role_ids=[crew.roles["Viewer"].pk],
                )

    def test_someone_in_the_space_already(self, crew: Crew) -> None:
        with nothing_changes(), pytest.raises(AlreadyInSpace) as refusal:
            assign_member(
                actor=crew.actor("OWNER"),
                space=crew.cast.space,
                user_id=crew.clerk.user_id,
                role_ids=[crew.roles["Editor"].pk],
            )
        assert refusal.value.details["membership"] == crew.clerk
        assert refusal.value.code == "WGL409902"

    def test_several_people_each_with_an_outcome(self, crew: Crew) -> None:
        people = [
            crew.newcomer.pk,
            crew.clerk.user_id,
            crew.cast.stranger.pk,
            crew.cast.member.pk,
            crew.newcomer.pk,
        ]
        with watching() as watch:
            assignments = assign_to_space(
                actor=crew.actor("ADMIN"),
                space=crew.cast.space,
                user_ids=people,
                role_ids=[crew.roles["Viewer"].pk],
            )
        assert [(one.user_id, one.outcome) for one in assignments] == [
            (crew.newcomer.pk, AssignmentOutcome.ASSIGNED),
            (crew.clerk.user_id, AssignmentOutcome.ALREADY_IN_SPACE),
            (crew.cast.stranger.pk, AssignmentOutcome.NOT_ORGANIZATION_MEMBER),
            (crew.cast.member.pk, AssignmentOutcome.ASSIGNED),
        ]
        assert fresh(crew.cast.space).member_count == 1 + 2
        assert len(watch.entries) == 2
        assert watch.emails == sorted(
            ("space_invitation", user.email) for user in (crew.newcomer, crew.cast.member)
        )

    def test_a_constant_number_of_statements(self, cast: Cast) -> None:
        def statements(count: int) -> int:
            people = [person() for _ in range(count)]
            for user in people:
                join(cast.organization, cast.owner, user)
            with CaptureQueriesContext(connection) as queries:
                assign_to_space(
                    actor=acting(cast.owner),
                    space=cast.space,
                    user_ids=[user.pk for user in people],
                    role_ids=[role_named(cast.space, "Viewer").pk],
                )
            return len(queries)

        assert statements(1) == statements(12)

    def test_a_space_of_another_organization_does_not_exist(self, cast: Cast) -> None:
        smuggled = Space.objects.get(pk=cast.strange_space.pk)
        smuggled.organization_id = cast.organization.pk
        for space in (cast.strange_space, smuggled):
            with nothing_changes(), pytest.raises(NotFound):
                assign_member(
                    actor=acting(cast.owner),
                    space=space,
                    user_id=cast.member.pk,
                    role_ids=[role_named(space, "Viewer").pk],
                )


class TestVersions:
    @pytest.mark.parametrize("stated", [0, 1, 3])
    def test_another_version_is_stale(self, crew: Crew, stated: int) -> None:
        def change(version: int, role: str) -> None:
            change_space_roles(
                actor=crew.actor("OWNER"),
                membership=crew.clerk,
                role_ids=[crew.roles[role].pk],
                expected_version=version,
            )

        change(1, "Editor")
        with nothing_changes(), pytest.raises(StaleVersion) as refusal:
            change(stated, "Viewer")
        current = refusal.value.details["current"]
        assert (current.version, current.held_roles) == (2, [crew.roles["Editor"]])

    def test_the_same_roles_again_change_nothing(self, crew: Crew) -> None:
        for actor in (crew.actor("OWNER"), crew.actor("Administrator")):
            with nothing_changes():
                kept = change_space_roles(
                    actor=actor,
                    membership=crew.clerk,
                    role_ids=[crew.roles["Viewer"].pk],
                    expected_version=1,
                )
            assert kept.version == 1

    def test_another_order_is_a_change(self, crew: Crew) -> None:
        first = [crew.roles[name].pk for name in ("Editor", "Viewer")]
        change_space_roles(actor=crew.actor("OWNER"), membership=crew.clerk, role_ids=first, expected_version=1)
        changed = change_space_roles(
            actor=crew.actor("OWNER"), membership=crew.clerk, role_ids=first[::-1], expected_version=2
        )
        assert (changed.version, [role.name for role in changed.held_roles]) == (3, ["Viewer", "Editor"])


def test_the_organizations_owner_is_removed_from_a_space_like_anyone(cast: Cast) -> None:
    """Managing needs no Space Membership; the last one may go."""
    place = SpaceMembership.objects.get(space=cast.space, user=cast.owner)
    with watching() as watch:
        remove_from_space(actor=acting(cast.admin), membership=place)
    assert fresh(cast.space).member_count == 0
    assert watch.emails == [("space_removal", cast.owner.email)]
    assert fresh(cast.memberships[Role.OWNER]).role == Role.OWNER
