"""The properties a list can be filtered and ordered by (api.md, Lists)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import InvalidParameter, shortened

type Test = Callable[["Field", str, Any], Q]
MAX_LISTED = 100
MAX_NAME = 100
_A_TEXT = gettext_lazy("a text")


@dataclass(frozen=True)
class Field:
    """One property: its path in the API, its column, and what it can be asked.

    ``read`` makes a value of a parameter's text or raises ``ValueError``; ``allowed`` says in words which
    values it reads.
    """

    path: str
    column: str
    operators: tuple[str, ...]
    read: Callable[[str], Any] = str
    orders: bool = True
    nullable: bool = False
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    allowed: str | Promise = _A_TEXT
    test: Test | None = None

    def condition(self, operator: str, text: str) -> Q:
        """The rows for which the property stands in ``operator`` to ``text``.

        ``operator`` is one of ``operators``. Raises ``ValueError`` for a value that cannot be read.
        """
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
_TRUE_FALSE = "true, false"
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

    return Field(
        path, column, _SET, read, schema={"type": "string", "enum": list(words)}, allowed=", ".join(words)
    )


def time(path: str, column: str, **more: Any) -> Field:
    """A moment, compared to the millisecond."""
    return Field(
        path,
        column,
        _COMPARED,
        _moment,
        schema={"type": "string", "format": "date-time"},
        allowed=gettext_lazy("an ISO 8601 time such as 2026-05-11T10:51:16.841Z"),
        **more,
    )


def boolean(path: str, column: str) -> Field:
    """Yes or no."""
    return Field(
        path, column, ("eq", "ne", "exists"), _boolean, schema={"type": "boolean"}, allowed=_TRUE_FALSE
    )


def number(path: str, column: str) -> Field:
    """A whole number."""
    schema = {"type": "integer", "minimum": -999_999_999, "maximum": 999_999_999}
    return Field(path, column, _COMPARED, _number, schema=schema, allowed=gettext_lazy("a whole number"))


def asked_of(fields: Mapping[str, Field], parameter: str, *, others: Iterable[str] = ()) -> tuple[Field, str]:
    """The property and the operator that ``parameter`` filters by.

    Raises :class:`InvalidParameter` with what there is, the ``others`` included.
    """
    found = _PARAMETER.fullmatch(parameter) if len(parameter) <= MAX_NAME else None
    known = fields.get(found.group(1)) if found else None
    if found is None or known is None:
        raise InvalidParameter.unknown(parameter, (*others, *fields))
    operator = "eq" if found.group(2) is None else found.group(2)
    if operator not in known.operators:
        raise InvalidParameter.named(
            parameter,
            _("`%(path)s` has no operator `%(operator)s`.")
            % {"path": known.path, "operator": shortened(operator)},
            _("Available: %(names)s.") % {"names": ", ".join(_names(known))},
        )
    return known, operator


def _names(field: Field) -> Iterator[str]:
    """The parameters that filter by ``field``."""
    for operator in field.operators:
        yield field.path if operator == "eq" else f"{field.path}[{operator}]"


def filter_of(fields: Mapping[str, Field], parameter: str, value: str) -> Q:
    """The condition of one query parameter; raises :class:`InvalidParameter` naming it."""
    known, operator = asked_of(fields, parameter)
    try:
        return known.condition(operator, value.replace("\0", ""))  # no stored text has a NUL
    except ValueError:
        raise InvalidParameter.value(parameter, _allowed(known, operator)) from None


def _allowed(field: Field, operator: str) -> str:
    match operator:
        case "exists":
            return _TRUE_FALSE
        case "in":
            return _("at most %(most)d values with commas between them: %(allowed)s") % {
                "most": MAX_LISTED,
                "allowed": field.allowed,
            }
    return str(field.allowed)


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
