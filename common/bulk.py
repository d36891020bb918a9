"""Writing many rows with one statement that costs PostgreSQL's time, not Django's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, router
from django.db.models.expressions import DatabaseDefault

# Values by the names of their columns, as JSON has them.
type Row = dict[str, Any]


def insert_rows(
    model: type[models.Model], rows: Iterable[Row], *, ignore_conflicts: bool = False, **shared: Any
) -> int:
    """Insert ``rows``, each with the ``shared`` columns besides; returns how many were given.

    All rows name the same columns. One that is in neither gets its field's default, the same for
    all rows (so give each row its id), or the database's. ``bulk_create`` makes an object of each
    row first, and looks at every value of every column twice; for a thousand invitations that
    takes longer than PostgreSQL's whole work. Here PostgreSQL reads the rows itself, out of one
    JSON array. Raises :class:`ValueError` for what is no column.
    """
    rows = list(rows)
    if not rows:
        return 0
    fields = _fields(model)
    given = rows[0].keys() | shared.keys()
    if unknown := given - fields.keys():
        raise ValueError(f"{model.__name__} has no column {', '.join(sorted(unknown))}")
    defaults = {
        column: field.get_default()
        for column, field in fields.items()
        if column not in given and not field.primary_key and not field.has_db_default()
    }
    database = connections[router.db_for_write(model)]
    table = database.ops.quote_name(model._meta.db_table)
    columns = ", ".join(map(database.ops.quote_name, sorted(given | defaults.keys())))
    with database.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM "  # noqa: S608  # names of our own models
            f"json_populate_recordset(json_populate_record(NULL::{table}, %s), %s)"
            + (" ON CONFLICT DO NOTHING" if ignore_conflicts else ""),
            [_json(defaults | shared), _json(rows)],
        )
    return len(rows)


def insert_objects(objects: Sequence[models.Model]) -> None:
    """:func:`insert_rows` for objects of one model, as they are."""
    if objects:
        insert_rows(type(objects[0]), [_row(one) for one in objects])


def _row(instance: models.Model) -> Row:
    """Its columns; what the database fills in by itself is left to it."""
    values = {column: getattr(instance, field.attname) for column, field in _fields(type(instance)).items()}
    return {column: value for column, value in values.items() if not isinstance(value, DatabaseDefault)}


def _fields(model: type[models.Model]) -> dict[str, models.Field[Any, Any]]:
    return {str(field.column): field for field in model._meta.concrete_fields if not field.generated}


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, separators=(",", ":"))
