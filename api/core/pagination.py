"""Lists: their parameters, a page of rows, its links (api.md, Lists)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from api.core.filters import Field, asked_of, filter_of
from api.core.include import INCLUDE, include_depth, included
from api.core.schemas import Shape, Shaper
from api.core.sparse_fields import SELECT, Selection, selection
from common.errors import InvalidParameter, shortened
from common.pagination import Key, Page, carried_by, paginate

CURSORS = ("next", "prev")
MAX_COUNTED = 10_000
_RESERVED = ("limit", "skip", "order", INCLUDE, SELECT, *CURSORS)


@dataclass(frozen=True, slots=True)
class Listing[M: Model]:
    """All rows of a list that the caller may see, and how many they are where that is known."""

    rows: QuerySet[M]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a list, read.

    ``listed`` are its order and filters as the caller gave them, or the cursor brought them; ``around``
    the parameters that the pages before and after share.
    """

    limit: int
    skip: int
    order: tuple[Key, ...]
    filters: tuple[Q, ...]
    selection: Selection
    include: int
    cursor: str
    parameter: str
    path: str
    listed: Mapping[str, str]
    around: Mapping[str, str]


def read_query(request: HttpRequest, fields: Sequence[Field], properties: Sequence[str], order: str) -> Query:
    """The parameters of ``request``, by default in ``order``.

    Raises :class:`InvalidParameter` naming the first bad one.
    """
    given = single_values(request.GET)
    known = {field.path: field for field in fields}
    listed = {name: value for name, value in given.items() if name == "order" or name not in _RESERVED}
    parameter, cursor = _cursor(given)
    for name in listed.keys() - {"order"}:
        asked_of(known, name, others=_RESERVED)
    if cursor:
        carried = carried_by(cursor, parameter)
        if carried.get("path") == request.path:  # a cursor of another list is refused with its page
            listed = _brought(carried["listed"], listed, order)
    filters = {name: value for name, value in listed.items() if name != "order"}
    return Query(
        limit=whole_number(given, "limit", 15, 1, 100),
        skip=whole_number(given, "skip", 0, 0, 100),
        order=_order(listed.get("order", order), known),
        filters=tuple(filter_of(known, name, value) for name, value in filters.items()),
        selection=selection(given.get(SELECT), properties),
        include=include_depth(given),
        cursor=cursor,
        parameter=parameter,
        path=request.path,
        listed=listed,
        around=listed | {name: given[name] for name in ("limit", INCLUDE, SELECT) if name in given},
    )


def _cursor(given: Mapping[str, str]) -> tuple[str, str]:
    """The parameter that has the cursor, and the cursor; two empty texts without one."""
    cursors = [name for name in CURSORS if name in given]
    if len(cursors) > 1:
        raise InvalidParameter.named(
            "prev", _("Send `next` or `prev`, not both."), _("Follow one of the two links at a time.")
        )
    if not cursors:
        return "", ""
    if given.get("skip", "0") != "0":
        raise InvalidParameter.named(
            "skip",
            _("`skip` can't be combined with a cursor."),
            _("Leave `skip` out: the cursor has the place."),
        )
    [name] = cursors
    return name, given[name] or "-"  # an empty cursor is one that is not ours


def _brought(carried: Mapping[str, str], listed: Mapping[str, str], order: str) -> dict[str, str]:
    """The order and filters that a cursor brings; raises for ones in ``listed`` that say otherwise."""
    brought = {_plain(name): value for name, value in ({"order": order} | dict(carried)).items()}
    for name, value in listed.items():
        same = brought.get(_plain(name))
        if same is None or (_total(value) != _total(same) if name == "order" else value != same):
            raise InvalidParameter.named(
                name,
                _("`%(name)s` contradicts the cursor.") % {"name": name},
                _("Leave `%(name)s` out: the cursor brings the list's order and filters.") % {"name": name},
            )
    return dict(carried)


def _plain(name: str) -> str:
    """The name of a filter without the operator that is the default."""
    return name.removesuffix("[eq]")


def _total(order: str) -> str:
    """An order as it is applied: with ``sys.id`` last."""
    return order if "sys.id" in order.replace("-", "").split(",") else f"{order},sys.id"


def page_body(
    request: HttpRequest, query: Query, listing: Listing[Any], shape: Shaper, actor: Any
) -> tuple[Shape, bool]:
    """The page that ``query`` asks for, in a constant number of statements.

    Also whether its ``totalCount`` is capped: counting takes time for each row that a filter finds.
    """
    rows = listing.rows.filter(*query.filters)
    if query.filters:
        total = _count(rows, most=MAX_COUNTED)
    else:
        total = listing.total if listing.total is not None else _count(rows)
    capped = bool(query.filters) and total > MAX_COUNTED
    page = paginate(
        rows,
        order=query.order,
        limit=query.limit,
        cursor=query.cursor,
        binding=query.path,
        skip=query.skip,
        parameter=query.parameter,
        carried={"path": query.path, "listed": query.listed},
    )
    shapes = [shape(row) for row in page.items]
    body: dict[str, Any] = {
        "items": [query.selection.of(item) for item in shapes],
        "totalCount": min(total, MAX_COUNTED) if capped else total,
        "links": _links(request, query, page),
    }
    if query.include:
        body["include"] = included(actor, shapes, query.include)
    return body, capped


def single_values(parameters: QueryDict) -> dict[str, str]:
    """Each parameter's one value; raises :class:`InvalidParameter` for one given twice."""
    for name, values in parameters.lists():
        if len(values) > 1:
            raise InvalidParameter.repeated(name)
    return {name: str(value) for name, value in parameters.items()}


def whole_number(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    """The number of parameter ``name``; raises :class:`InvalidParameter` out of its range."""
    value = given.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise InvalidParameter.value(
            name, _("a whole number from %(least)d to %(most)d") % {"least": least, "most": most}
        )
    return int(value)


def _order(text: str, fields: dict[str, Field]) -> tuple[Key, ...]:
    """The order, made total by ``sys.id``."""
    keys: dict[str, Key] = {}
    for part in (*text.split(","), "sys.id"):
        path = part.removeprefix("-")
        field = fields.get(path)
        if field is None or not field.orders:
            raise InvalidParameter.named(
                "order",
                _("Lists can't be ordered by `%(path)s`.") % {"path": shortened(part)},
                _("Available: %(names)s; with - before it for descending.")
                % {"names": ", ".join(name for name, one in fields.items() if one.orders)},
            )
        if "sys.id" not in keys:  # after it nothing is left to decide; nor by the same property twice
            keys.setdefault(path, Key(field.column, descending=part.startswith("-")))
    return tuple(keys.values())


def _count(rows: QuerySet[Any], *, most: int | None = None) -> int:
    """How many rows there are; with ``most``, no more than one beyond it are counted."""
    counted = rows.order_by().select_related(None).prefetch_related(None)
    return counted.count() if most is None else counted[: most + 1].count()


def _links(request: HttpRequest, query: Query, page: Page[Any]) -> dict[str, str]:
    """``self`` as it was asked for; the pages around it with the same filters and order."""
    links = {"self": _link(request, single_values(request.GET))}
    for name, cursor in (("next", page.next), ("prev", page.previous)):
        if cursor:
            links[name] = _link(request, {**query.around, name: cursor})
    return links


def _link(request: HttpRequest, parameters: dict[str, Any]) -> str:
    query = urlencode(parameters, safe=",:[]@")
    return f"{request.path}?{query}" if query else request.path
