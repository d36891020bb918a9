"""The last line: what PostgreSQL refuses by itself, from whatever door (architecture.md, Data)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from accounts.services import change_profile, ensure_user
from common import search
from common.search import Term
from memberships.constraints import CREATE, FOREIGN_KEYS, FUNCTIONS, TRIGGERS
from memberships.models import OrganizationMembership, Role, SpaceMembership, SpaceMembershipRole
from memberships.services.invitations import invite_member
from organizations.models import Organization
from spaces.models import Space
from tests.cast import (
    Cast,
    acting,
    deactivated,
    fresh,
    join,
    make_cast,
    person,
    put_in,
    role_named,
    role_with,
    space_in,
)


def sql(statement: str, *parameters: object) -> int:
    """Runs one statement; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    """The block, with its deferred checks, is refused by the constraint of that name."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():  # noqa: PT012
        yield
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert isinstance(error.value.__cause__, psycopg.Error)
    assert error.value.__cause__.diag.constraint_name == name


@contextmanager
def allowed() -> Iterator[None]:
    """The block passes every check, also the deferred ones."""
    with transaction.atomic():
        yield
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


class TestTheCatalogue:
    """``makemigrations --check`` cannot see what is written in SQL; here is exactly what there is."""

    TABLES = ("accounts_", "activity_", "memberships_", "organizations_", "outbox_", "spaces_")

    def test_triggers(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal")
            triggers = dict(cursor.fetchall())
        assert set(triggers) == TRIGGERS
        assert set(triggers.values()) == {"O"}  # none is disabled

    def test_composite_foreign_keys(self, db: None) -> None:
        """Django makes foreign keys of one column only; those of two are ours."""
        with connection.cursor() as cursor:
            cursor.execute("""
                SELECT conname, condeferrable, condeferred, convalidated FROM pg_constraint
                WHERE contype = 'f' AND array_length(conkey, 1) > 1""")
            rows = cursor.fetchall()
        assert {name for name, *_ in rows} == set(FOREIGN_KEYS)
        assert all(flags == [True, True, True] for _, *flags in rows)

    def test_constraint_triggers(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 't'")
            names = {name for (name,) in cursor.fetchall()}
        assert names == set(re.findall(r"CREATE CONSTRAINT TRIGGER (\w+)", CREATE))

    def test_functions(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'weegloo%'")
            names = {name for (name,) in cursor.fetchall()}
        assert names == {function.partition("(")[0] for function in (*FUNCTIONS, *search.FUNCTIONS)}

    def test_every_foreign_key_of_ours_is_checked(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated OR NOT conenforced")
            assert cursor.fetchall() == []


def _to(table: str, column: str) -> str:
    return f"UPDATE {table} SET {column} = %s WHERE id = %s"


class TestWhatRawSqlCannotDo:
    def test_a_space_member_is_an_organization_member(self, cast: Cast) -> None:
        place = put_in(cast.space, cast.owner, cast.member)
        with refused_by("space_membership_member_fk"):
            sql(_to("memberships_spacemembership", "user_id"), cast.stranger.pk, place.pk)

    def test_a_removed_member_leaves_no_space_membership(self, cast: Cast) -> None:
        put_in(cast.space, cast.owner, cast.member)
        with refused_by("space_membership_member_fk"):
            sql(
                "DELETE FROM memberships_organizationmembership WHERE id = %s",
                cast.memberships[Role.MEMBER].pk,
            )

    def test_a_space_membership_is_of_the_spaces_organization(self, cast: Cast) -> None:
        join(cast.strange_organization, cast.stranger, cast.member)
        place = put_in(cast.space, cast.owner, cast.member)
        with refused_by("space_membership_space_fk"):
            sql(
                _to("memberships_spacemembership", "organization_id"),
                cast.strange_organization.pk,
                place.pk,
            )

    def test_a_held_role_is_of_the_space(self, cast: Cast) -> None:
        outlet = space_in(cast.organization, cast.owner, "Outlet")
        place = put_in(cast.space, cast.owner, cast.member)
        with refused_by("space_membership_role_role_fk"):
            sql(
                "UPDATE memberships_spacemembershiprole SET role_id = %s WHERE membership_id = %s",
                role_named(outlet, "Editor").pk,
                place.pk,
            )

    def test_a_holding_is_of_its_memberships_space_and_organization(self, cast: Cast) -> None:
        outlet = space_in(cast.organization, cast.owner, "Outlet")
        place = put_in(cast.space, cast.owner, cast.member)
        with refused_by("space_membership_role_membership_fk"):
            sql(
                "UPDATE memberships_spacemembershiprole SET space_id = %s, role_id = %s "
                "WHERE membership_id = %s",
                outlet.pk,
                role_named(outlet, "Editor").pk,
                place.pk,
            )
        with refused_by("space_membership_role_space_fk"):
            sql(
                "UPDATE memberships_spacemembershiprole SET organization_id = %s WHERE membership_id = %s",
                cast.strange_organization.pk,
                place.pk,
            )

    def test_a_role_is_of_its_spaces_organization(self, cast: Cast) -> None:
        with refused_by("space_role_space_fk"):
            sql(
                _to("spaces_spacerole", "organization_id"),
                cast.strange_organization.pk,
                role_named(cast.space, "Viewer").pk,
            )

    def test_a_space_stays_in_its_organization(self, cast: Cast) -> None:
        with refused_by("space_role_space_fk"):
            sql(_to("spaces_space", "organization_id"), cast.strange_organization.pk, cast.space.pk)

    def test_no_fourth_role(self, cast: Cast) -> None:
        fourth = role_with(cast.space, cast.owner, "Clerk")
        place = put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer", "Administrator")
        for position, name in ((3, "space_membership_role_count"), (2, "space_membership_role_position")):
            with refused_by(name):
                SpaceMembershipRole.objects.create(
                    membership=place,
                    role=fourth,
                    organization=cast.organization,
                    space=cast.space,
                    position=position,
                )

    def test_no_role_twice(self, cast: Cast) -> None:
        place = put_in(cast.space, cast.owner, cast.member, "Editor")
        with refused_by("space_membership_role_once"):
            SpaceMembershipRole.objects.create(
                membership=place,
                role=role_named(cast.space, "Editor"),
                organization=cast.organization,
                space=cast.space,
                position=1,
            )

    def test_no_membership_without_a_role(self, cast: Cast) -> None:
        with refused_by("space_membership_has_role"):
            SpaceMembership.objects.create(
                organization=cast.organization,
                space=cast.space,
                user=cast.member,
                created_by=cast.owner,
                updated_by=cast.owner,
            )

    def test_the_last_role_of_a_membership_stays(self, cast: Cast) -> None:
        place = put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
        other = put_in(cast.space, cast.owner, cast.admin, "Administrator")
        with refused_by("space_membership_has_role"):
            sql("DELETE FROM memberships_spacemembershiprole WHERE membership_id = %s", place.pk)
        with refused_by("space_membership_has_role"):
            moved = SpaceMembershipRole.objects.filter(membership=other)
            moved.update(membership=place, position=2)
        with allowed():
            sql(
                "DELETE FROM memberships_spacemembershiprole WHERE membership_id = %s AND position = 0",
                place.pk,
            )

    def test_nobody_is_a_member_twice(self, cast: Cast) -> None:
        with refused_by("organization_member"):
            OrganizationMembership.objects.create(
                organization=cast.organization,
                user=cast.member,
                role=Role.MEMBER,
                created_by=cast.owner,
                updated_by=cast.owner,
            )
        put_in(cast.space, cast.owner, cast.member)
        with refused_by("space_member"):
            SpaceMembership.objects.create(
                organization=cast.organization,
                space=cast.space,
                user=cast.member,
                created_by=cast.owner,
                updated_by=cast.owner,
            )

    @pytest.mark.parametrize("role", ["SUPER", "owner", "", "GUEST"])
    def test_no_role_but_the_three(self, cast: Cast, role: str) -> None:
        with refused_by("organization_membership_role"):
            sql(_to("memberships_organizationmembership", "role"), role, cast.memberships[Role.MEMBER].pk)

    VERSIONED = {
        "organization_version": ("organizations_organization", lambda cast: cast.organization.pk),
        "space_version": ("spaces_space", lambda cast: cast.space.pk),
        "space_role_version": ("spaces_spacerole", lambda cast: role_named(cast.space, "Viewer").pk),
        "organization_membership_version": (
            "memberships_organizationmembership",
            lambda cast: cast.memberships[Role.MEMBER].pk,
        ),
        "space_membership_version": (
            "memberships_spacemembership",
            lambda cast: put_in(cast.space, cast.owner, cast.member).pk,
        ),
    }

    @pytest.mark.parametrize("name", VERSIONED)
    def test_versions_begin_with_one(self, cast: Cast, name: str) -> None:
        table, row = self.VERSIONED[name]
        pk = row(cast)
        with refused_by(name):
            sql(_to(table, "version"), 0, pk)

    @pytest.mark.parametrize(
        ("table", "row", "name"),
        [
            ("organizations_organization", lambda cast: cast.organization.pk, "organization_name_given"),
            ("spaces_space", lambda cast: cast.space.pk, "space_name_given"),
            ("spaces_spacerole", lambda cast: role_named(cast.space, "Viewer").pk, "space_role_name_given"),
        ],
    )
    def test_names_are_given(self, cast: Cast, table: str, row: Callable[[Cast], str], name: str) -> None:
        with refused_by(name):
            sql(_to(table, "name"), "", row(cast))

    def test_role_names_are_unique_in_a_space_whatever_their_case(self, cast: Cast) -> None:
        with refused_by("space_role_name"):
            role_with(cast.space, cast.owner, "eDITOR")

    def test_one_account_per_mailbox(self, db: None) -> None:
        ensure_user("minji@example.com")
        with refused_by("accounts_user_email_key_key"):
            User.objects.create(email="MINJI@example.com", email_key="minji@example.com")

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE activity_activityentry SET origin = 'system'",
            "UPDATE activity_activityentry SET id = id",
            "DELETE FROM activity_activityentry",
        ],
    )
    def test_activity_entries_are_never_edited(self, cast: Cast, statement: str) -> None:
        with refused_by("activity_entry_fixed"):
            sql(statement)

    def test_an_account_with_a_history_is_never_deleted(self, cast: Cast) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012
            sql("DELETE FROM accounts_user WHERE id = %s", cast.member.pk)
            sql("SET CONSTRAINTS ALL IMMEDIATE")

    @pytest.mark.parametrize("column", ["state", "kind"])
    def test_emails_have_a_state_and_a_kind(self, cast: Cast, column: str) -> None:
        invite_member(
            actor=acting(cast.owner), organization=cast.organization, address="a@example.com", role=Role.MEMBER
        )
        with refused_by(f"email_{column}"):
            sql(f"UPDATE outbox_email SET {column} = 'lost'")


class TestLastOwner:
    """By SQL alone: one OWNER with an active account is always left (rules §4)."""

    STATEMENTS = {
        "demote": ("UPDATE memberships_organizationmembership SET role = 'ADMIN' WHERE user_id = %s"),
        "remove": "DELETE FROM memberships_organizationmembership WHERE user_id = %s",
        "deactivate": "UPDATE accounts_user SET is_active = false WHERE id = %s",
    }

    @pytest.mark.parametrize("what", STATEMENTS)
    def test_the_last_one_stays(self, cast: Cast, what: str) -> None:
        # Nothing else shall stand in the way of the removal.
        from memberships.services.space_members import remove_from_space

        remove_from_space(actor=acting(cast.admin), membership=SpaceMembership.objects.get(user=cast.owner))
        with refused_by("organization_last_owner"):
            sql(self.STATEMENTS[what], cast.owner.pk)
        second = person("Second")
        join(cast.organization, cast.owner, second, Role.OWNER)
        with allowed():
            sql(self.STATEMENTS[what], cast.owner.pk)
        with refused_by("organization_last_owner"):
            sql(self.STATEMENTS[what], second.pk)

    @pytest.mark.parametrize("what", STATEMENTS)
    def test_in_bulk(self, cast: Cast, what: str) -> None:
        join(cast.organization, cast.owner, person("Second"), Role.OWNER)
        statement = self.STATEMENTS[what].partition("WHERE")[0]
        with refused_by("organization_last_owner"):
            sql("DELETE FROM memberships_spacemembershiprole")
            sql("DELETE FROM memberships_spacemembership")
            sql(statement)

    def test_a_deactivated_owner_does_not_count(self, cast: Cast) -> None:
        second = person("Second")
        join(cast.organization, cast.owner, second, Role.OWNER)
        deactivated(second)
        with refused_by("organization_last_owner"):
            sql(self.STATEMENTS["demote"], cast.owner.pk)

    def test_a_membership_given_to_someone_deactivated(self, cast: Cast) -> None:
        idle = deactivated(person("Idle"))
        with refused_by("organization_last_owner"):
            SpaceMembershipRole.objects.all()._raw_delete("default")
            SpaceMembership.objects.all()._raw_delete("default")
            sql(
                "UPDATE memberships_organizationmembership SET user_id = %s WHERE user_id = %s",
                idle.pk,
                cast.owner.pk,
            )

    def test_a_membership_moved_to_another_organization(self, cast: Cast) -> None:
        with refused_by("organization_last_owner"):
            SpaceMembershipRole.objects.all()._raw_delete("default")
            SpaceMembership.objects.all()._raw_delete("default")
            sql(
                "UPDATE memberships_organizationmembership SET organization_id = %s WHERE user_id = %s",
                cast.strange_organization.pk,
                cast.owner.pk,
            )

    def test_no_organization_without_an_owner(self, cast: Cast) -> None:
        with refused_by("organization_last_owner"):
            Organization.objects.create(name="Ownerless", created_by=cast.owner, updated_by=cast.owner)
        idle = deactivated(person("Idle"))
        for user, role in ((cast.owner, Role.ADMIN), (idle, Role.OWNER)):
            with refused_by("organization_last_owner"):
                organization = Organization.objects.create(
                    name="Ownerless", created_by=cast.owner, updated_by=cast.owner
                )
                OrganizationMembership.objects.create(
                    organization=organization, user=user, role=role, created_by=user, updated_by=user
                )

    def test_two_may_change_places_in_one_transaction(self, cast: Cast) -> None:
        with allowed():
            sql(self.STATEMENTS["demote"], cast.owner.pk)
            sql(
                "UPDATE memberships_organizationmembership SET role = 'OWNER' WHERE user_id = %s",
                cast.admin.pk,
            )
        assert fresh(cast.memberships[Role.ADMIN]).role == Role.OWNER

    def test_demoting_others_is_none_of_its_business(self, cast: Cast) -> None:
        with allowed():
            sql(self.STATEMENTS["demote"], cast.member.pk)
            sql(self.STATEMENTS["deactivate"], cast.member.pk)
        with allowed():
            sql(self.STATEMENTS["remove"], cast.member.pk)

    def test_an_organization_goes_with_all_its_owners(self, cast: Cast) -> None:
        from spaces.services.spaces import delete_space

        delete_space(actor=acting(cast.owner), space=cast.space)
        with allowed():
            sql(
                "DELETE FROM memberships_organizationmembership WHERE organization_id = %s",
                cast.organization.pk,
            )
            sql("DELETE FROM organizations_organization WHERE id = %s", cast.organization.pk)

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("demote", "demote"),
            ("remove", "deactivate"),
            ("deactivate", "demote"),
            ("deactivate", "deactivate"),
        ],
    )
    def test_two_connections_that_each_take_one_of_two_owners(
        self, isolation: str, first: str, second: str
    ) -> None:
        """Both have seen two OWNERs before either commits; one of them must fail."""
        cast = make_cast()
        one, two = person("One"), person("Two")
        for user in (one, two):
            join(cast.organization, cast.owner, user, Role.OWNER)
        from memberships.services.organization_members import remove_member

        remove_member(actor=acting(cast.owner), membership=cast.memberships[Role.OWNER])

        a, b = connect(isolation), connect(isolation)
        with a, b:
            for session in (a, b):
                owners = session.execute(
                    "SELECT count(*) FROM memberships_organizationmembership "
                    "WHERE role = 'OWNER' AND organization_id = %s",
                    [cast.organization.pk],
                ).fetchone()
                assert owners == (2,)
            a.execute(self.STATEMENTS[first], [one.pk])
            b.execute(self.STATEMENTS[second], [two.pk])
            a.commit()
            with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.SerializationFailure)):
                b.commit()
            b.rollback()

        left = OrganizationMembership.objects.filter(
            organization=cast.organization, role=Role.OWNER, user__is_active=True
        )
        assert [membership.user for membership in left] == [two]

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
    def test_two_connections_that_each_take_one_of_two_roles(self, isolation: str) -> None:
        cast = make_cast()
        place = put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
        statement = "DELETE FROM memberships_spacemembershiprole WHERE membership_id = %s AND position = %s"

        a, b = connect(isolation), connect(isolation)
        with a, b:
            for position, session in enumerate((a, b)):
                session.execute(statement, [place.pk, position])
            a.commit()
            with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.SerializationFailure)):
                b.commit()
            b.rollback()
        assert place.holdings.count() == 1


def connect(isolation: str) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of its own to the test database, with a transaction begun."""
    database = settings.DATABASES["default"]
    session = psycopg.connect(
        dbname=connection.settings_dict["NAME"],
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"],
        port=database["PORT"] or None,
    )
    session.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
    return session


class TestSearch:
    """The folded name and address in both membership tables, kept by the database."""

    def found(self, term: str) -> set[str]:
        """The addresses of whoever the Organization's list finds."""
        rows = OrganizationMembership.objects.filter(Term.read(term).within("search"))
        places = SpaceMembership.objects.filter(Term.read(term).within("search"))
        assert {place.user_id for place in places} <= {row.user_id for row in rows}
        return set(rows.values_list("user__email", flat=True))

    def rename(self, user: User, name: str) -> None:
        change_profile(actor=acting(user), user=user, name=name, expected_version=fresh(user).version)

    @pytest.mark.parametrize(
        ("name", "terms"),
        [
            ("Élodie Durand", ["él", "ÉLO", "élodie", "E\u0301LODIE", "durand", "die dur"]),
            ("E\u0301lodie (NFD)", ["élo", "Élo", "elodie"]),
            ("김민지", ["김", "민지", "\u1100\u1175\u11b7", "김민지"]),
            ("ＭＩＮＪＩ", ["minji", "Minji", "ｍｉｎｊ"]),
            ("ΟΔΥΣΣΕΥΣ", ["οδυσσευσ", "ΟΔΥΣΣΕΥΣ", "Δυσ"]),
            ("İstanbul Ofisi", ["İstanbul", "ofisi", "stanbul"]),
            ("100% Cotton_Kim", ["100%", "n_k", "%"]),
            ('O\'Neil \\ "Sam"', ["o'n", "\\", '"sam"']),
        ],
    )
    def test_it_follows_a_renamed_person(self, cast: Cast, name: str, terms: list[str]) -> None:
        put_in(cast.space, cast.owner, cast.member)
        assert self.found("Member") == {cast.member.email}

        self.rename(cast.member, name)

        for term in terms:
            assert self.found(term) == {cast.member.email}, term
        assert self.found("Member (gone)") == set()

    def test_the_address_is_searched_too(self, cast: Cast) -> None:
        assert self.found(cast.admin.email.upper()[:6]) == {cast.admin.email}

    def test_both_tables_carry_the_same_text(self, cast: Cast) -> None:
        place = put_in(cast.space, cast.owner, cast.member)
        self.rename(cast.member, "Élodie")
        expected = f"elodie {cast.member.email}"
        assert fresh(cast.member).search == expected
        assert fresh(place).search == fresh(cast.memberships[Role.MEMBER]).search == expected
        # It is no change of the memberships.
        assert fresh(place).version == fresh(cast.memberships[Role.MEMBER]).version == 1

    @pytest.mark.parametrize("term", ["김", "é", "민지", "이준"])
    def test_the_database_makes_trigrams_of_every_script(self, db: None, term: str) -> None:
        """Under the C locale it would make none, and the index would find nothing."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT show_trgm(%s), lower('É') = 'é'", [term])
            trigrams, lowered = cursor.fetchone()
        assert trigrams
        assert lowered

    def test_spaces_and_organizations_of_others_are_untouched(self, cast: Cast) -> None:
        before = set(OrganizationMembership.objects.exclude(user=cast.member).values_list("pk", "search"))
        self.rename(cast.member, "Élodie")
        assert (
            set(OrganizationMembership.objects.exclude(user=cast.member).values_list("pk", "search")) == before
        )
        assert Space.objects.count() == 2
