"""Lists: their parameters, a page of rows, its links (api.md, Lists)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from api.conventions.fields import Field, filter_of
from api.conventions.include import INCLUDE, include_depth, included
from api.conventions.selection import SELECT, Selection, selection
from api.conventions.shapes import Shape, Shaper
from common.errors import InvalidParameter
from common.pagination import Key, Page, paginate

CURSORS = ("next", "prev")
_RESERVED = ("limit", "skip", "order", INCLUDE, SELECT, *CURSORS)


@dataclass(frozen=True, slots=True)
class Listing[M: Model]:
    """All rows of a list that the caller may see, and how many they are where that is known."""

    rows: QuerySet[M]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a list, read."""

    limit: int
    skip: int
    order: tuple[Key, ...]
    filters: tuple[Q, ...]
    selection: Selection
    include: int
    cursor: str
    parameter: str
    binding: str


def read_query(request: HttpRequest, fields: Sequence[Field], properties: Sequence[str], order: str) -> Query:
    """The parameters of ``request``, by default in ``order``.

    Raises :class:`InvalidParameter` naming the first bad one.
    """
    given = single_values(request.GET)
    known = {field.path: field for field in fields}
    filters = {name: value for name, value in given.items() if name not in _RESERVED}
    cursors = [name for name in CURSORS if name in given]
    if len(cursors) > 1:
        raise InvalidParameter.named("prev", _("Follow one of next and prev, not both."))
    if cursors and "skip" in given:
        raise InvalidParameter.named("skip", _("A cursor says by itself where the page begins."))
    if cursors and not given[cursors[0]]:
        raise InvalidParameter.named(cursors[0], _("This cursor is not one of ours."))
    return Query(
        limit=whole_number(given, "limit", 15, 1, 100),
        skip=whole_number(given, "skip", 0, 0, 100),
        order=_order(given.get("order", order), known),
        filters=tuple(filter_of(known, name, value) for name, value in filters.items()),
        selection=selection(given.get(SELECT), properties),
        include=include_depth(given),
        cursor=given[cursors[0]] if cursors else "",
        parameter=cursors[0] if cursors else "",
        binding="&".join([request.path, *sorted(f"{name}={value}" for name, value in filters.items())]),
    )


def page_body(request: HttpRequest, query: Query, listing: Listing[Any], shape: Shaper, actor: Any) -> Shape:
    """The page that ``query`` asks for, in a constant number of statements."""
    rows = listing.rows.filter(*query.filters)
    total = listing.total if listing.total is not None and not query.filters else _count(rows)
    page = paginate(
        rows,
        order=query.order,
        limit=query.limit,
        cursor=query.cursor,
        binding=query.binding,
        skip=query.skip,
        parameter=query.parameter,
    )
    shapes = [shape(row) for row in page.items]
    body: dict[str, Any] = {
        "items": [query.selection.of(item) for item in shapes],
        "totalCount": total,
        "links": _links(request, page),
    }
    if query.include:
        body["include"] = included(actor, shapes, query.include)
    return body


def single_values(parameters: QueryDict) -> dict[str, str]:
    """Each parameter's one value; raises :class:`InvalidParameter` for one given twice."""
    for name, values in parameters.lists():
        if len(values) > 1:
            raise InvalidParameter.named(name, _("This parameter can be given once."))
    return {name: str(value) for name, value in parameters.items()}


def whole_number(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    """The number of parameter ``name``; raises :class:`InvalidParameter` out of its range."""
    value = given.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        message = _("This is a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
        raise InvalidParameter.named(name, message)
    return int(value)


def _order(text: str, fields: dict[str, Field]) -> tuple[Key, ...]:
    """The order, made total by ``sys.id``."""
    keys: dict[str, Key] = {}
    for part in (*text.split(","), "sys.id"):
        path = part.removeprefix("-")
        field = fields.get(path)
        if field is None or not field.orders:
            raise InvalidParameter.named("order", _("There is no ordering by “%(path)s”.") % {"path": part})
        if "sys.id" not in keys:  # after it nothing is left to decide; nor by the same property twice
            keys.setdefault(path, Key(field.column, descending=part.startswith("-")))
    return tuple(keys.values())


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by().select_related(None).prefetch_related(None).count()


def _links(request: HttpRequest, page: Page[Any]) -> dict[str, str]:
    """``self`` as it was asked for; the pages around it with the same filters and order."""
    given = single_values(request.GET)
    around = {name: value for name, value in given.items() if name not in (*CURSORS, "skip")}
    links = {"self": _link(request, given)}
    for name, cursor in (("next", page.next), ("prev", page.previous)):
        if cursor:
            links[name] = _link(request, around | {name: cursor})
    return links


def _link(request: HttpRequest, parameters: dict[str, Any]) -> str:
    query = urlencode(parameters, safe=",:[]@")
    return f"{request.path}?{query}" if query else request.path
