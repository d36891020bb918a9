"""Writing many rows with one statement that costs PostgreSQL's time, not Django's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, router

# Values by the names of their columns, as JSON has them.
type Row = dict[str, Any]


def insert_rows(
    model: type[models.Model], rows: Iterable[Row], *, ignore_conflicts: bool = False, **shared: Any
) -> int:
    """Insert ``rows``, each with the ``shared`` columns besides; returns how many were given.

    A column that is in neither gets its field's default, the same for all rows: give each row
    its id. ``bulk_create`` makes an object of each row first, and looks at every value of every
    column twice; for a thousand invitations that takes longer than PostgreSQL's whole work. Here
    PostgreSQL reads the rows itself, out of one JSON array.
    """
    rows = list(rows)
    if not rows:
        return 0
    written = [field for field in _written(model) if field.column in rows[0] or not field.primary_key]
    common = {field.column: field.get_default() for field in written} | shared
    database = connections[router.db_for_write(model)]
    table = database.ops.quote_name(model._meta.db_table)
    columns = ", ".join(database.ops.quote_name(str(field.column)) for field in written)
    with database.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM "  # noqa: S608  # names of our own models
            f"json_populate_recordset(json_populate_record(NULL::{table}, %s), %s)"
            + (" ON CONFLICT DO NOTHING" if ignore_conflicts else ""),
            [_json(common), _json(rows)],
        )
    return len(rows)


def insert_objects(objects: Sequence[models.Model]) -> None:
    """:func:`insert_rows` for objects of one model, as they are."""
    if objects:
        columns = [(str(field.column), field.attname) for field in _written(type(objects[0]))]
        insert_rows(type(objects[0]), [{c: getattr(one, a) for c, a in columns} for one in objects])


def _written(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields that an INSERT names: what the database fills in by itself is left to it."""
    return [
        field for field in model._meta.concrete_fields if not field.generated and not field.has_db_default()
    ]


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, separators=(",", ":"))
