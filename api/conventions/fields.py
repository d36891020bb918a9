"""The properties a list can be filtered and ordered by (api.md, Lists)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from common.errors import InvalidParameter

type Test = Callable[["Field", str, Any], Q]
MAX_LISTED = 100


@dataclass(frozen=True)
class Field:
    """One property: its path in the API, its column, and what it can be asked.

    ``read`` makes a value of a parameter's text or raises ``ValueError``.
    """

    path: str
    column: str
    operators: tuple[str, ...]
    read: Callable[[str], Any] = str
    orders: bool = True
    nullable: bool = False
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    test: Test | None = None

    def condition(self, operator: str, text: str) -> Q:
        """The rows for which the property stands in ``operator`` to ``text``.

        Raises ``ValueError`` for a value that is none, ``KeyError`` for an operator it has not.
        """
        if operator not in self.operators:
            raise KeyError(operator)
        if operator == "exists":
            exists = _boolean(text)
            return Q(**{f"{self.column}__isnull": not exists}) if self.nullable else _always(exists)
        value = [self.read(part) for part in text.split(",")] if operator == "in" else self.read(text)
        if operator == "in" and len(value) > MAX_LISTED:
            raise ValueError
        if self.test is not None:
            return self.test(self, operator, value)
        lookup = Q(**{f"{self.column}__{_LOOKUPS[operator]}": value})
        return ~lookup if operator == "ne" else lookup


_LOOKUPS = {
    "eq": "exact",
    "ne": "exact",
    "in": "in",
    "prefix": "startswith",
    "match": "icontains",
    "gt": "gt",
    "gte": "gte",
    "lt": "lt",
    "lte": "lte",
}
_SET = ("eq", "ne", "in", "exists")
_COMPARED = (*_SET, "gt", "gte", "lt", "lte")
_TEXT = (*_COMPARED, "prefix", "match")
_PARAMETER = re.compile(r"([A-Za-z]+(?:\.[A-Za-z]+)*)(?:\[([A-Za-z]*)\])?")


def text(path: str, column: str, **more: Any) -> Field:
    """A text or an id."""
    return Field(path, column, _TEXT, **more)


def refer(path: str, column: str) -> Field:
    """The id of a Refer."""
    return Field(f"{path}.sys.id", column, _SET, orders=False)


def choice(path: str, column: str, values: Iterable[str]) -> Field:
    """One of a few words."""
    words = tuple(values)

    def read(word: str) -> str:
        if word not in words:
            raise ValueError(word)
        return word

    return Field(path, column, _SET, read, schema={"type": "string", "enum": list(words)})


def time(path: str, column: str, **more: Any) -> Field:
    """A moment, compared to the millisecond."""
    return Field(path, column, _COMPARED, _moment, schema={"type": "string", "format": "date-time"}, **more)


def boolean(path: str, column: str) -> Field:
    """Yes or no."""
    return Field(path, column, ("eq", "ne", "exists"), _boolean, schema={"type": "boolean"})


def number(path: str, column: str) -> Field:
    """A whole number."""
    schema = {"type": "integer", "minimum": -999_999_999, "maximum": 999_999_999}
    return Field(path, column, _COMPARED, _number, schema=schema)


def filter_of(fields: dict[str, Field], parameter: str, value: str) -> Q:
    """The condition of one query parameter; raises :class:`InvalidParameter` naming it."""
    value = value.replace("\0", "")  # no stored text has it
    found = _PARAMETER.fullmatch(parameter)
    known = fields.get(found.group(1)) if found else None
    if found is None or known is None:
        raise InvalidParameter.named(parameter, _("There is no such parameter here."))
    operator = found.group(2)
    try:
        return known.condition("eq" if operator is None else operator, value)
    except KeyError:
        raise InvalidParameter.named(
            parameter,
            _("The operators here are %(operators)s.") % {"operators": ", ".join(known.operators)},
        ) from None
    except ValueError:
        raise InvalidParameter.named(parameter, _("This value cannot be compared with.")) from None


def _moment(value: str) -> datetime:
    try:
        read = datetime.fromisoformat(value)
        read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except OverflowError:
        raise ValueError(value) from None
    return read.replace(microsecond=read.microsecond // 1000 * 1000)


def _boolean(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(value)
    return value == "true"


def _number(value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", value):
        raise ValueError(value)
    return int(value)


def _always(holds: bool) -> Q:
    return ~Q(pk__in=[]) if holds else Q(pk__in=[])


IDENTITY = (
    text("sys.id", "id"),
    time("sys.createdAt", "created_at"),
)
HISTORY = (
    *IDENTITY,
    time("sys.updatedAt", "updated_at"),
    replace(number("sys.version", "version"), orders=False),
    refer("sys.createdBy", "created_by_id"),
    refer("sys.updatedBy", "updated_by_id"),
)
