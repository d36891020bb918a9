"""Creating, changing and deleting Organizations (rules §3, §9, §11)."""

import pytest

from accounts.actor import SYSTEM, Actor, Origin
from accounts.services import create_token
from activity.models import ActivityEntry
from common.errors import (
    DomainError,
    Invalid,
    NotFound,
    NotPermitted,
    OrganizationNotEmpty,
    PlanNotFree,
    SessionRequired,
    StaleVersion,
)
from memberships.models import OrganizationMembership, Role
from memberships.services.organization_members import remove_member
from organizations.models import Organization
from organizations.services import create_organization, delete_organization, update_organization
from spaces.models import Space
from tests.cast import Cast, acting, deactivated, fresh, nothing_changes, person, space_in, watching

NAMES = [
    # typed, stored or refusal
    ("DailyWear", "DailyWear"),
    ("  DailyWear \n", "DailyWear"),
    ("데일리웨어", "데일리웨어"),
    ("n", "n"),
    ("n" * 64, "n" * 64),
    ("👗" * 64, "👗" * 64),
    ('<b>"Daily" & Wear</b>', '<b>"Daily" & Wear</b>'),
    ("", Invalid),
    (" \t\n\u3000", Invalid),
    ("n" * 65, Invalid),
    ("Daily\0Wear", Invalid),
    ("Daily\ud800Wear", Invalid),
]
DESCRIPTIONS = [
    ("", ""),
    (" Clothes for every day ", "Clothes for every day"),
    ("d" * 128, "d" * 128),
    ("d" * 129, Invalid),
    ("a\0b", Invalid),
]


def _ids(rows: list[tuple[str, object]]) -> list[str]:
    return [ascii(row[0])[:24] for row in rows]


class TestCreating:
    def test_who_creates_becomes_the_first_owner(self, db: None) -> None:
        user = person("Owner")
        with watching() as watch:
            organization = create_organization(actor=acting(user), name=" DailyWear ", description=" Clothes ")

        row = fresh(organization)
        assert (row.name, row.description, row.version) == ("DailyWear", "Clothes", 1)
        assert (row.plan_id, row.is_official, row.member_count, row.space_count) == ("free", False, 1, 0)
        assert row.created_by == row.updated_by == user
        membership = OrganizationMembership.objects.get(organization=row)
        assert (membership.user, membership.role, membership.version) == (user, Role.OWNER, 1)
        assert membership.created_by == user
        (entry,) = watch.entries
        assert (entry.action, entry.actor, entry.organization_id, entry.subject) == (
            "organization.created",
            user,
            row.pk,
            row.pk,
        )
        assert entry.after == {"name": "DailyWear", "description": "Clothes", "version": 1}
        assert watch.emails == []

    @pytest.mark.parametrize("actor", [SYSTEM, Actor(None, Origin.STAFF), Actor(None, Origin.CONSOLE)])
    def test_nobody_cannot_own(self, db: None, actor: Actor) -> None:
        with nothing_changes(), pytest.raises(NotPermitted):
            create_organization(actor=actor, name="DailyWear")

    @pytest.mark.parametrize(("typed", "outcome"), NAMES, ids=_ids(NAMES))
    def test_names(self, db: None, typed: str, outcome: str | type[DomainError]) -> None:
        user = person("Owner")
        if isinstance(outcome, str):
            assert fresh(create_organization(actor=acting(user), name=typed)).name == outcome
        else:
            with nothing_changes(), pytest.raises(outcome) as refusal:
                create_organization(actor=acting(user), name=typed)
            assert [fault["path"] for fault in refusal.value.details["errors"]] == ["/name"]

    @pytest.mark.parametrize(("typed", "outcome"), DESCRIPTIONS, ids=_ids(DESCRIPTIONS))
    def test_descriptions(self, db: None, typed: str, outcome: str | type[DomainError]) -> None:
        user = person("Owner")
        if isinstance(outcome, str):
            made = create_organization(actor=acting(user), name="DailyWear", description=typed)
            assert fresh(made).description == outcome
        else:
            with nothing_changes(), pytest.raises(outcome):
                create_organization(actor=acting(user), name="DailyWear", description=typed)

    def test_every_fault_is_told_at_once(self, db: None) -> None:
        with pytest.raises(Invalid) as refusal:
            create_organization(actor=acting(person("Owner")), name="", description="d" * 129)
        assert [fault["path"] for fault in refusal.value.details["errors"]] == ["/name", "/description"]

    def test_a_person_owns_several_of_the_same_name(self, db: None) -> None:
        user = person("Owner")
        ids = {create_organization(actor=acting(user), name="DailyWear").pk for _ in range(3)}
        assert len(ids) == 3


UPDATE: list[tuple[str, type[DomainError] | None]] = [
    ("OWNER", None),
    ("ADMIN", None),
    ("MEMBER", NotPermitted),
    ("stranger", NotFound),
    ("deactivated", NotFound),
    ("removed", NotFound),
    ("staff", None),
    ("system", None),
]


def actor_named(cast: Cast, name: str) -> Actor:
    """One of the actors of the tables."""
    match name:
        case "stranger":
            return acting(cast.stranger)
        case "deactivated":
            return acting(deactivated(cast.admin))
        case "removed":
            remove_member(actor=acting(cast.owner), membership=cast.memberships[Role.ADMIN])
            return acting(cast.admin)
        case "staff":
            return Actor(person("Staff"), Origin.STAFF)
        case "system":
            return SYSTEM
        case _:
            return acting(cast.by_role(Role(name)))


class TestUpdating:
    @pytest.mark.parametrize(("name", "refusal"), UPDATE)
    def test_who_may(self, cast: Cast, name: str, refusal: type[DomainError] | None) -> None:
        actor = actor_named(cast, name)

        def update() -> Organization:
            return update_organization(
                actor=actor,
                organization=cast.organization,
                name="Outlet",
                description="Cheap",
                expected_version=1,
            )

        if refusal:
            with nothing_changes(), pytest.raises(refusal):
                update()
            return
        with watching() as watch:
            update()
        row = fresh(cast.organization)
        assert (row.name, row.description, row.version) == ("Outlet", "Cheap", 2)
        assert (row.updated_by, row.created_by) == (actor.user or cast.owner, cast.owner)
        assert row.member_count == 3
        (entry,) = watch.entries
        assert (entry.action, entry.actor, entry.origin) == ("organization.updated", actor.user, actor.origin)
        assert entry.before == {"name": "DailyWear Company", "description": "", "version": 1}
        assert entry.after == {"name": "Outlet", "description": "Cheap", "version": 2}
        assert watch.emails == []

    def test_the_same_values_change_nothing(self, cast: Cast) -> None:
        with nothing_changes():
            same = update_organization(
                actor=acting(cast.owner),
                organization=cast.organization,
                name=" DailyWear Company ",
                description="  ",
                expected_version=1,
            )
        assert same.version == 1

    @pytest.mark.parametrize("stated", [0, 1, 3])
    def test_another_version_is_stale(self, cast: Cast, stated: int) -> None:
        def update(name: str, version: int) -> None:
            update_organization(
                actor=acting(cast.owner),
                organization=cast.organization,
                name=name,
                description="",
                expected_version=version,
            )

        update("First", 1)
        with nothing_changes(), pytest.raises(StaleVersion) as refusal:
            update("Second", stated)
        assert refusal.value.details["current"].name == "First"

    @pytest.mark.parametrize(
        "typed", [row[0] for row in NAMES if row[1] is Invalid], ids=_ids([r for r in NAMES if r[1] is Invalid])
    )
    def test_invalid_names(self, cast: Cast, typed: str) -> None:
        with nothing_changes(), pytest.raises(Invalid):
            update_organization(
                actor=acting(cast.owner),
                organization=cast.organization,
                name=typed,
                description="",
                expected_version=1,
            )

    def test_kept_counters_leave_the_version_alone(self, cast: Cast) -> None:
        """Two members joined and a Space was made since; a form from before is not stale."""
        update_organization(
            actor=acting(cast.owner),
            organization=cast.organization,
            name="Outlet",
            description="",
            expected_version=1,
        )
        row = fresh(cast.organization)
        assert (row.member_count, row.space_count) == (3, 1)


DELETE: list[tuple[str, type[DomainError] | None]] = [
    ("OWNER", None),
    ("ADMIN", NotPermitted),
    ("MEMBER", NotPermitted),
    ("stranger", NotFound),
    ("deactivated", NotFound),
    ("removed", NotFound),
    ("staff", None),
    ("system", None),
]


def emptied(cast: Cast) -> None:
    """Takes the Organization's Space away."""
    from spaces.services.spaces import delete_space

    delete_space(actor=acting(cast.owner), space=cast.space)


class TestDeleting:
    @pytest.mark.parametrize(("name", "refusal"), DELETE)
    def test_who_may(self, cast: Cast, name: str, refusal: type[DomainError] | None) -> None:
        emptied(cast)
        actor = actor_named(cast, name)
        members = fresh(cast.organization).member_count
        if refusal:
            with nothing_changes(), pytest.raises(refusal):
                delete_organization(actor=actor, organization=cast.organization)
            return
        with watching() as watch:
            delete_organization(actor=actor, organization=cast.organization)
        assert not Organization.objects.filter(pk=cast.organization.pk).exists()
        assert not OrganizationMembership.objects.filter(organization=cast.organization.pk).exists()
        assert OrganizationMembership.objects.filter(organization=cast.strange_organization).count() == 1
        assert fresh(cast.member).is_active  # accounts stay
        (entry,) = watch.entries
        assert (entry.action, entry.actor, entry.organization_id, entry.subject) == (
            "organization.deleted",
            actor.user,
            cast.organization.pk,
            cast.organization.pk,
        )
        assert entry.before == {
            "name": "DailyWear Company",
            "description": "",
            "members": members,
            "version": 1,
        }
        assert watch.emails == []
        # The log outlives what it tells of.
        assert ActivityEntry.objects.filter(organization_id=cast.organization.pk).count() > 3

    def test_not_with_a_token_not_even_an_owners(self, cast: Cast) -> None:
        emptied(cast)
        token = create_token(actor=acting(cast.owner), user=cast.owner, name="CI").token
        with nothing_changes(), pytest.raises(SessionRequired) as refusal:
            delete_organization(actor=Actor(cast.owner, Origin.API, token), organization=cast.organization)
        assert (refusal.value.status, refusal.value.code) == (403, "WGL403902")

    def test_a_stranger_with_a_token_learns_nothing(self, cast: Cast) -> None:
        with nothing_changes(), pytest.raises(NotFound):
            delete_organization(actor=acting(cast.stranger, Origin.API), organization=cast.organization)

    def test_spaces_left_are_listed(self, cast: Cast) -> None:
        second = space_in(cast.organization, cast.owner, "Outlet")
        with nothing_changes(), pytest.raises(OrganizationNotEmpty) as refusal:
            delete_organization(actor=acting(cast.owner), organization=cast.organization)
        assert refusal.value.details["spaces"] == [cast.space, second]
        assert refusal.value.code == "WGL422024"

    @pytest.mark.parametrize("plan", ["basic", "pro", "enterprise"])
    def test_only_on_the_free_plan(self, cast: Cast, plan: str) -> None:
        emptied(cast)
        Organization.objects.filter(pk=cast.organization.pk).update(plan=plan)
        with nothing_changes(), pytest.raises(PlanNotFree):
            delete_organization(actor=acting(cast.owner), organization=cast.organization)

    def test_twice(self, cast: Cast) -> None:
        emptied(cast)
        delete_organization(actor=acting(cast.owner), organization=cast.organization)
        with nothing_changes(), pytest.raises(NotFound):
            delete_organization(actor=acting(cast.owner), organization=cast.organization)

    def test_ids_that_are_no_text_are_not_found(self, cast: Cast) -> None:
        for organization_id in ("\0", "a\0b", "\ud800", "", "x" * 500):
            with nothing_changes(), pytest.raises(NotFound):
                delete_organization(actor=acting(cast.owner), organization=Organization(pk=organization_id))
        assert Space.objects.filter(organization=cast.organization).count() == 1
