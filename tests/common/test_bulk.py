"""Rows written from JSON are what Django itself would have written."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Origin
from accounts.models import User
from activity.models import Action, ActivityEntry
from common.bulk import insert_objects, insert_rows
from common.ids import new_ksuid
from tests.cast import organization_of, person

NAMES = ["Minji", "김민지", 'O\'Brien "x" \\ {} %s', "👩‍👩‍👧", "tab\tand\nline", "null", ""]


def test_every_kind_of_value_comes_back_as_it_was(db: None) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 789000, UTC)
    values = {"text": NAMES, "number": 1.5, "nothing": None, "deep": [{"a": [True, {}]}]}
    insert_rows(
        ActivityEntry,
        [
            {"id": f"{index:027}", "subject": "s", "before": {"name": name}, "created_at": moment}
            for index, name in enumerate(NAMES)
        ],
        action=Action.SPACE_CREATED,
        origin=Origin.API,
        after=values,
    )
    rows = ActivityEntry.objects.order_by("id")
    assert [row.before["name"] for row in rows] == NAMES
    assert {(row.created_at, row.action, row.origin, row.user_id) for row in rows} == {
        (moment, "space.created", "api", None)
    }
    assert rows[0].after == values


def test_objects_are_written_as_bulk_create_writes_them(db: None) -> None:
    def people(mark: str) -> list[User]:
        return [
            User(name=name, email=f"{mark}{n}@example.com", email_key=f"{mark}{n}@example.com", password="!")
            for n, name in enumerate(NAMES)
        ]

    def written(mark: str) -> list[dict[str, object]]:
        rows = User.objects.filter(email__startswith=mark).order_by("email").values()
        own = {"id", "email", "email_key", "search", "created_at", "updated_at"}
        return [{key: value for key, value in row.items() if key not in own} for row in rows]

    insert_objects(people("json"))
    User.objects.bulk_create(people("django"))
    assert written("json") == written("django")
    assert User.objects.get(email="json1@example.com").search == "ㄱㅣㅁㅁㅣㄴㅈㅣ json1@example.com"


def test_what_the_database_fills_in_is_left_to_it(db: None) -> None:
    organization = organization_of(person("Owner"))
    membership = organization.memberships.get()
    assert membership.search.startswith("owner ")


def test_a_thousand_rows_are_one_statement(db: None) -> None:
    with CaptureQueriesContext(connection) as statements:
        rows = [{"id": new_ksuid(), "email": f"{n}@x.com", "email_key": f"{n}@x.com"} for n in range(1000)]
        assert insert_rows(User, rows, password="!") == 1000
    assert len(statements) == 1
    assert insert_rows(User, []) == 0


def test_conflicts_are_refused_or_left_alone(db: None) -> None:
    user = person("Minji")
    row = {"id": new_ksuid(), "email": user.email, "email_key": user.email_key}
    insert_rows(User, [row], ignore_conflicts=True, password="!")
    assert User.objects.filter(email_key=user.email_key).count() == 1
    with pytest.raises(IntegrityError):
        insert_rows(User, [row], password="!")


def test_an_id_has_one_index_only(db: None) -> None:
    """Ids and the foreign keys to them need no second index for LIKE (``IdField``)."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT c.relname FROM pg_index i
            JOIN pg_class c ON c.oid = i.indexrelid
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            JOIN pg_opclass o ON o.oid = i.indclass[0]
            WHERE o.opcname = 'varchar_pattern_ops' AND a.attcollation = '"C"'::regcollation""")
        assert cursor.fetchall() == []
        # No index is the beginning of another: that one serves as well.
        cursor.execute("""
            SELECT one.indexrelid::regclass, other.indexrelid::regclass
            FROM pg_index one JOIN pg_index other ON one.indrelid = other.indrelid
            JOIN pg_class c ON c.oid = one.indrelid
            WHERE one.indexrelid <> other.indexrelid AND NOT one.indisunique
              AND c.relname ~ '^(accounts|organizations|spaces|memberships|outbox|activity|api)_'
              AND one.indpred IS NULL AND other.indpred IS NULL
              AND one.indexprs IS NULL AND other.indexprs IS NULL
              AND one.indclass[0] = other.indclass[0]
              AND one.indnatts < other.indnatts
              AND (other.indkey::int2[])[0 : one.indnatts - 1] = (one.indkey::int2[])""")
        assert cursor.fetchall() == []


def test_what_is_no_column_is_a_mistake(db: None) -> None:
    with pytest.raises(ValueError, match="User has no column nmae"):
        insert_rows(User, [{"id": new_ksuid(), "nmae": "Minji"}])


def test_what_is_given_wins_over_the_databases_default(db: None) -> None:
    insert_objects([User(email="a@x.com", email_key="a@x.com", password="!", appearance="dark")])
    insert_rows(User, [{"id": new_ksuid(), "email": "b@x.com", "email_key": "b@x.com", "password": "!"}])
    assert list(User.objects.order_by("email").values_list("appearance", flat=True)) == ["dark", ""]
