"""Endpoints: one wrapper makes the checks of every one of them, in the order of api.md.

401 → 404 → 406 → 415 → 413 → 403 → version header → body → references in it → stale version →
rules. An endpoint says how its thing is *found* (and who may do what with it), which body it
takes, and which service does it; the last three checks are the service's.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from jsonpatch import JsonPatch

from api.core.bodies import MAX_BODY, read_bytes, require_body_type
from api.core.errors import error_body
from api.core.filters import HISTORY, Field
from api.core.idempotency import answer_once, stated_key
from api.core.include import INCLUDE, include_depth, included
from api.core.json_patch import apply_patch, read_patch
from api.core.negotiation import answered_type
from api.core.pagination import Listing, page_body, read_query, single_values
from api.core.parsing import Body, read_body, read_json, replacing
from api.core.preconditions import stated_version
from api.core.refusals import BadPatch, PatchTestFailed
from api.core.requests import Call, call_of
from api.core.responses import Answer
from api.core.schemas import Shape, Shaper, register
from api.core.sparse_fields import SELECT, selection
from common.errors import DomainError, InvalidParameter, NotFound, NotPermitted, StaleVersion, Text

type Find = Callable[..., Any]
type Act = Callable[[Call, Any], Answer]
_ID = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True)
class Resource:
    """A kind of thing: how its rows look, what its lists can be asked.

    ``answer`` is the ``TypedDict`` of the shape, ``fields`` what filters and orders. It is
    ``versioned_whole`` if no property changes without its version.
    """

    model: type[Model]
    shape: Shaper
    answer: type
    fields: Sequence[Field] = HISTORY
    order: str = "sys.createdAt,sys.id"
    versioned_whole: bool = True

    def __post_init__(self) -> None:
        register(self.model, self.shape)

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """What ``select`` may name."""
        system = self.answer.__annotations__["sys"].__annotations__
        return (*self.answer.__annotations__, *(f"sys.{name}" for name in system))

    def found(self, call: Call, row: Model) -> Answer:
        """``row`` as a single read answers it."""
        given = single_values(call.request.GET)
        for name in given:
            if name not in (INCLUDE, SELECT):
                raise InvalidParameter.unknown(name, (INCLUDE, SELECT))
        shape = self.shape(row)
        left: Shape = selection(given.get(SELECT), self.properties).of(shape)
        depth = include_depth(given)
        if depth:
            left = {**left, "include": included(call.actor, [shape], depth)}
        partial = SELECT in given or depth > 0 or not self.versioned_whole
        return Answer(200, left, version=_version(row), partial=partial)

    def written(self, row: Model, *, status: int = 200, location: str = "") -> Answer:
        """``row`` as a change answers it."""
        return Answer(
            status, self.shape(row), location=location, version=_version(row), partial=not self.versioned_whole
        )


@dataclass(frozen=True)
class Endpoint:
    """One method of one address; it takes bodies of the types in ``bodies``, up to ``most`` bytes.

    ``missing`` is the reason of a 404: that the kind of thing the address names does not exist.
    """

    find: Find
    act: Act
    bodies: tuple[str, ...] = ()
    most: int = MAX_BODY
    missing: Text = NotFound.message

    def __call__(self, request: HttpRequest, ids: Sequence[str]) -> HttpResponse:
        """Make the checks that come before the service's, then act."""
        call = call_of(request)
        try:
            return self._answered(call, request, ids)
        except NotFound as error:
            raise NotFound(self.missing, **error.details) from None

    def _answered(self, call: Call, request: HttpRequest, ids: Sequence[str]) -> HttpResponse:
        found, refused = self._found(call, ids)
        media_type = answered_type(request)
        if self.bodies:
            require_body_type(request, self.bodies)
            call.body = read_bytes(request, self.most)
        if refused is not None:
            raise refused
        return self.act(call, found).response(media_type)

    def _found(self, call: Call, ids: Sequence[str]) -> tuple[Any, NotPermitted | None]:
        """The thing; a refusal to do something with it is held back until its turn."""
        if not all(_ID.fullmatch(ident) for ident in ids):
            raise NotFound
        try:
            return self.find(call, *ids), None
        except NotPermitted as error:
            return None, error


def listing(resource: Resource, handler: Callable[[Call, Any], Listing[Any]]) -> Act:
    """A page of what ``handler`` lists."""

    def act(call: Call, found: Any) -> Answer:
        query = read_query(call.request, resource.fields, resource.properties, resource.order)
        page, capped = page_body(call.request, query, handler(call, found), resource.shape, call.actor)
        return Answer(200, page, capped=capped)

    return act


def reading(resource: Resource, handler: Callable[[Call, Any], Model]) -> Act:
    """The row that ``handler`` gives."""
    return lambda call, found: resource.found(call, handler(call, found))


def creating[B: Body](
    model: type[B], handler: Callable[[Call, Any, B], Answer], *, keepable: bool = True
) -> Act:
    """What ``handler`` makes of the body; once for each ``Idempotency-Key``, if its answer is ``keepable``."""

    def act(call: Call, found: Any) -> Answer:
        _refuse_parameters(call.request)
        value = read_json(call.body)
        body = read_body(model, value)
        key = stated_key(call.request, call.token, value, keepable=keepable)
        if key is None:
            return handler(call, found, body)
        return answer_once(key, lambda: _settled(call, lambda: handler(call, found, body)))

    return act


def changing[B: Body](
    resource: Resource, model: type[B], handler: Callable[[Call, Any, B, int], Model], *, patches: bool
) -> Act:
    """What ``handler`` makes of the row that was found, with a whole body or a patch of it."""

    def act(call: Call, row: Any) -> Answer:
        version = stated_version(call.request, row.version)
        _refuse_parameters(call.request)
        value = read_json(call.body)
        if patches:
            value = _patched(resource, row, read_patch(value), version)
        body = read_body(model if patches else replacing(model), value)
        return resource.written(handler(call, row, body, version))

    return act


def deleting(handler: Callable[[Call, Any], None]) -> Act:
    """Nothing, once ``handler`` has deleted what was found."""

    def act(call: Call, found: Any) -> Answer:
        _refuse_parameters(call.request)
        handler(call, found)
        return Answer(204)

    return act


def _patched(resource: Resource, row: Any, patch: JsonPatch, version: int) -> Any:
    """The body of ``row`` with the patch, which was made against ``version``.

    Where the row has another version by now, a patch that does not fit it is stale, not bad. (One
    that fits is refused by the service, under its lock.)
    """
    body = {name: value for name, value in resource.shape(row).items() if name != "sys"}
    try:
        return apply_patch(patch, body)
    except (BadPatch, PatchTestFailed):
        if row.version != version:
            raise StaleVersion(current=row) from None
        raise


def _settled(call: Call, act: Callable[[], Answer]) -> Answer:
    """The answer of ``act``, a refusal too, unless it passes by itself (429)."""
    try:
        with transaction.atomic():
            return act()
    except DomainError as error:
        if error.status == 429:
            raise
        request_id: str = getattr(call.request, "request_id", "")
        return Answer(error.status, error_body(error, request_id))


def _refuse_parameters(request: HttpRequest) -> None:
    for name in request.GET:
        raise InvalidParameter.unknown(name, ())


def _version(row: Model) -> int | None:
    return getattr(row, "version", None)
