"""Keyset pages: as quick at the millionth row as at the first, and steady while rows come and go.

A cursor holds the order values of the row that it is at, signed, and bound to the filters and the
order of the list it came from. It can carry the parameters of that list, so that it is enough by itself.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidParameter

# Without the time: the same page has the same links, and so the same ETag.
_signer = signing.Signer(salt="common.pagination")


@dataclass(frozen=True, slots=True)
class Key:
    """One part of an order: a model field (lookups with ``__`` allowed), never null."""

    field: str
    descending: bool = False

    def value_of(self, row: Model) -> Any:
        """The row's value, as it stands in a cursor."""
        value: Any = row
        for name in self.field.split("__"):
            value = getattr(value, name)
        return value.isoformat() if isinstance(value, datetime) else value


NEWEST_FIRST = (Key("created_at", descending=True), Key("id", descending=True))
OLDEST_FIRST = (Key("created_at"), Key("id"))


@dataclass(frozen=True, slots=True)
class Page[M]:
    """Some rows of a list, and the cursors of the pages around them (None: there is none)."""

    items: list[M]
    next: str | None
    previous: str | None


def paginate[M: Model](
    rows: QuerySet[M],
    *,
    order: Sequence[Key],
    limit: int,
    cursor: str = "",
    binding: str = "",
    skip: int = 0,
    parameter: str = "cursor",
    nearest: bool = False,
    carried: Mapping[str, Any] | None = None,
) -> Page[M]:
    """At most ``limit`` of ``rows`` after (or before) ``cursor``, in one statement.

    ``order`` ends with a unique key. ``binding`` names the list with its filters; a cursor of
    another raises :class:`InvalidParameter` naming ``parameter``, as does one that was tampered
    with. ``skip`` leaves rows out on the first page. With ``nearest``, a page of which all rows are
    gone is the last page of the list, or the first one when it is read backwards: one more statement.
    The page's cursors hold ``carried``, see :func:`carried_by`.
    """
    bound = hashlib.sha256(
        json.dumps([binding, [(k.field, k.descending) for k in order]]).encode()
    ).hexdigest()[:16]
    backwards, values = _read(cursor, bound, len(order), parameter) if cursor else (False, None)
    cursors = _Cursors(order, bound, carried or {})
    page = _page(rows, cursors, limit, backwards, values, skip)
    if page.items or values is None or not nearest:
        return page
    return _page(rows, cursors, limit, not backwards)


def carried_by(cursor: str, parameter: str = "cursor") -> dict[str, Any]:
    """What :func:`paginate` was given for the cursor to carry; raises :class:`InvalidParameter`."""
    return _signed(cursor, parameter)[2]


@dataclass(frozen=True, slots=True)
class _Cursors:
    """What all cursors of one list share."""

    order: Sequence[Key]
    bound: str
    carried: Mapping[str, Any]

    def at(self, row: Model, *, backwards: bool) -> str:
        values = [key.value_of(row) for key in self.order]
        return _signer.sign_object([int(backwards), self.bound, self.carried, *values], compress=True)


def _page[M: Model](
    rows: QuerySet[M],
    cursors: _Cursors,
    limit: int,
    backwards: bool,
    values: list[Any] | None = None,
    skip: int = 0,
) -> Page[M]:
    """The rows beyond the row with ``values``; without it, from the end of the list."""
    if values is not None:
        rows = rows.filter(_beyond(cursors.order, values, backwards=backwards))
    rows = rows.order_by(*(_ordering(key, backwards=backwards) for key in cursors.order))
    found = list(rows[skip : skip + limit + 1])
    more = len(found) > limit
    items = found[:limit]
    if backwards:
        items.reverse()
    if not items:
        return Page([], None, None)
    has_next = values is not None if backwards else more
    has_previous = more if backwards else (values is not None or skip > 0)
    return Page(
        items,
        cursors.at(items[-1], backwards=False) if has_next else None,
        cursors.at(items[0], backwards=True) if has_previous else None,
    )


def _ordering(key: Key, *, backwards: bool) -> Any:
    return F(key.field).desc() if key.descending != backwards else F(key.field).asc()


def _beyond(order: Sequence[Key], values: Sequence[Any], *, backwards: bool) -> Q:
    """Rows after the one with ``values``: the first key bounds the index scan, the rest break ties."""
    beyond = Q(pk__in=[])
    tied = Q()
    for key, value in zip(order, values, strict=True):
        side = "lt" if key.descending != backwards else "gt"
        beyond |= tied & Q(**{f"{key.field}__{side}": value})
        tied &= Q(**{key.field: value})
    first = order[0]
    bound = "lte" if first.descending != backwards else "gte"
    return Q(**{f"{first.field}__{bound}": values[0]}) & beyond


def _read(cursor: str, bound: str, length: int, parameter: str) -> tuple[bool, list[Any]]:
    backwards, made_for, _carried, values = _signed(cursor, parameter)
    if made_for != bound or len(values) != length:
        raise InvalidParameter.named(
            parameter,
            _("This cursor belongs to another list, order or filter."),
            _("Follow `links` of the list, or leave the cursor out."),
        )
    return backwards, values


def _signed(cursor: str, parameter: str) -> tuple[bool, str, dict[str, Any], list[Any]]:
    """The parts of a cursor of ours: its direction, list, what it carries, and its row's values."""
    try:
        backwards, made_for, carried, *values = _signer.unsign_object(cursor)
        return bool(backwards), made_for, dict(carried), values
    except (signing.BadSignature, ValueError, TypeError, zlib.error):
        raise InvalidParameter.named(
            parameter,
            _("This is not a cursor of this API."),
            _("Take the cursor from `links` of a list; leave it out for the first page."),
        ) from None
