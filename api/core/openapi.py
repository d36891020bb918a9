"""What the OpenAPI 3.1 document says of an operation; all of it from the code that does it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from api.core.errors import Error
from api.core.filters import Field
from api.core.include import included_kinds
from api.core.json_patch import Patch
from api.core.negotiation import JSON, VENDOR
from api.core.refusals import (
    BadJson,
    LengthRequired,
    NotAcceptable,
    OurFault,
    PayloadTooLarge,
    Unauthorized,
    UnsupportedMediaType,
)
from api.core.schemas import refer
from common.errors import DomainError, Invalid, InvalidParameter, NotFound, TooManyRequests, Unavailable

_REFERENCE = "#/components/schemas/{model}"
_ALWAYS = (Unauthorized, NotFound, NotAcceptable, InvalidParameter, TooManyRequests, OurFault, Unavailable)
_WITH_BODY = (UnsupportedMediaType, LengthRequired, PayloadTooLarge, BadJson, Invalid)
_types: dict[str, TypeAdapter[Any]] = {}
_errors: dict[str, type[DomainError]] = {}
_alone: set[type[DomainError]] = set()  # those that some operation has as the only one of their status


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "description": description,
        "required": False,
        "schema": {"type": "string", **schema},
    }


IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    "The same key with the same request within 24 hours is answered again, not done again.",
    pattern="^[!-~]{1,255}$",
)
VERSION_HEADERS = (
    _header(
        "X-Weegloo-Version",
        "sys.version of the resource as it was read. This header or its alias If-Match is required.",
        pattern="^[0-9]{1,18}$",
    ),
    _header(
        "If-Match",
        "The ETag of the resource as it was read, or a list of ETags that may be the present one.",
        pattern='^(W/)?"[0-9]{1,18}(-[0-9a-f]+)?"(, *(W/)?"[0-9]{1,18}(-[0-9a-f]+)?")*$',
    ),
)
_IF_NONE_MATCH = _header("If-None-Match", "ETags of what you have: 304 without a body if it is still the same.")


def schema(kind: Any, name: str = "") -> dict[str, Any]:
    """A reference to the schema of ``kind``: a TypedDict, a pydantic model, or an alias with a ``name``."""
    name = name or kind.__name__
    _types[name] = TypeAdapter(kind)
    return {"$ref": _REFERENCE.format(model=name)}


def page(kind: Any) -> dict[str, Any]:
    """A page of a list."""
    link = {"type": "string", "pattern": "^/v1/"}
    return {
        "type": "object",
        "required": ["items", "totalCount", "links"],
        "properties": {
            "items": {"type": "array", "items": schema(kind)},
            "totalCount": {"type": "integer", "minimum": 0},
            "links": {
                "type": "object",
                "required": ["self"],
                "properties": {"self": link, "next": link, "prev": link},
                "additionalProperties": False,
            },
            "include": {"$ref": _REFERENCE.format(model="Included")},
        },
        "additionalProperties": False,
    }


def _included() -> dict[str, Any]:
    """The resources that those answered refer to, by type."""
    return {
        "type": "object",
        "description": "With `include`: the resources referred to, by type, each once.",
        "properties": {name: {"type": "array", "items": schema(kind)} for name, kind in included_kinds()},
        "additionalProperties": False,
    }


def query(name: str, description: str, schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A query parameter."""
    return {
        "in": "query",
        "name": name,
        "description": description,
        "required": False,
        "schema": schema,
        **more,
    }


def read_parameters(properties: Sequence[str]) -> list[dict[str, Any]]:
    """The parameters of a single read."""
    name = f"(?:{'|'.join(re.escape(name) for name in properties)})"
    return [
        _IF_NONE_MATCH,
        query(
            "include",
            "How many hops of references to follow; none without it.",
            {"type": "integer", "minimum": 0, "maximum": 3},
        ),
        query(
            "select",
            "Properties to keep, or with - to drop. The answer then has only those, with sys.id and sys.type.",
            {"type": "string", "pattern": f"^(?:{name}(?:,{name})*|-{name}(?:,-{name})*)$"},
        ),
    ]


def path_parameter(name: str) -> dict[str, Any]:
    """An id in the path."""
    return {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}


def list_parameters(fields: Sequence[Field], properties: Sequence[str], order: str) -> list[dict[str, Any]]:
    """The parameters of a list: paging, order, and what can be filtered by."""
    by = [sign + field.path for field in fields if field.orders for sign in ("", "-")]
    return [
        # No defaults: clients generated from the document would send them, against a cursor too.
        query("limit", "Rows on a page; 15 without it.", {"type": "integer", "minimum": 1, "maximum": 100}),
        query("skip", "Rows left out first.", {"type": "integer", "minimum": 0, "maximum": 100}),
        query("next", "The cursor of links.next.", {"type": "string", "minLength": 1}),
        query("prev", "The cursor of links.prev.", {"type": "string", "minLength": 1}),
        query(
            "order",
            f"Properties, - for descending; sys.id always comes last. {order} without it.",
            {"type": "array", "items": {"type": "string", "enum": by}, "minItems": 1},
            style="form",
            explode=False,
        ),
        *read_parameters(properties),
        *(one for field in fields for one in _filters(field)),
    ]


def _filters(field: Field) -> Iterator[dict[str, Any]]:
    """A plain parameter for each operator: generators of clients cannot use ``deepObject``."""
    kinds = {"exists": {"type": "boolean"}, "in": {"type": "string"}}
    for operator in field.operators:
        name = field.path if operator == "eq" else f"{field.path}[{operator}]"
        yield query(name, f"Filter: {_FILTERS[operator]}", kinds.get(operator, field.schema))


_FILTERS = {
    "eq": "equal to this value.",
    "ne": "not equal to this value.",
    "in": "equal to one of these values, separated by commas.",
    "exists": "has a value, or has none.",
    "prefix": "begins with this text.",
    "match": "contains this text, without regard to case.",
    "gt": "greater than this value.",
    "gte": "greater than or equal to this value.",
    "lt": "less than this value.",
    "lte": "less than or equal to this value.",
}


def operation(
    *,
    answers: Mapping[int, dict[str, Any] | None],
    parameters: Iterable[dict[str, Any]] = (),
    body: tuple[Any, Sequence[str]] | None = None,
    errors: Iterable[type[DomainError]] = (),
) -> dict[str, Any]:
    """What an operation takes and answers."""
    found: dict[str, Any] = {"parameters": list(parameters)}
    if body is not None:
        kind, media_types = body
        reference = schema(kind, "Patch" if kind is Patch else "")
        found["requestBody"] = {
            "required": True,
            "content": {media_type: {"schema": reference} for media_type in media_types},
        }
    responses: dict[int, Any] = {
        status: _answer(status, content, tagged="Match" in str(parameters), listed="skip" in str(parameters))
        for status, content in answers.items()
    }
    if _IF_NONE_MATCH in found["parameters"]:
        responses[304] = {
            "description": "Not Modified",
            "headers": {**_headers(), "ETag": _header_reference("ETag")},
        }
    by_status: dict[int, list[type[DomainError]]] = defaultdict(list)
    for error in dict.fromkeys((*_ALWAYS, *(_WITH_BODY if body else ()), *errors)):
        by_status[error.status].append(error)
        _errors[error.__name__] = error
    for status, several in sorted(by_status.items()):
        if len(several) > 1:
            responses[status] = _refusals(status, several)
            continue
        [error] = several
        _alone.add(error)
        responses[status] = {"$ref": f"#/components/responses/{error.__name__}"}
    return found | {"responses": responses}


def _answer(status: int, content: dict[str, Any] | None, *, tagged: bool, listed: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": _headers()}
    if status == 201:
        answer["headers"]["Location"] = _header_reference("Location")
    if tagged:
        answer["headers"]["ETag"] = _header_reference("ETag")
    if listed:
        answer["headers"]["X-Weegloo-Total-Count"] = _header_reference("X-Weegloo-Total-Count")
    if content is not None:
        answer["content"] = {media_type: {"schema": content} for media_type in (VENDOR, JSON)}
    return answer


def _refusals(status: int, errors: Sequence[type[DomainError]]) -> dict[str, Any]:
    headers = _headers()
    if status in (429, 503):
        headers["Retry-After"] = _header_reference("Retry-After")
    examples = {error.__name__: {"$ref": f"#/components/examples/{error.__name__}"} for error in errors}
    return {
        "description": "; ".join(f"{error.code}: {_first_line(error)}" for error in errors),
        "headers": headers,
        "content": {
            media_type: {"schema": schema(Error), "examples": examples} for media_type in (VENDOR, JSON)
        },
    }


def _headers() -> dict[str, Any]:
    names = ("X-Request-Id", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    return {name: _header_reference(name) for name in names}


def _header_reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _first_line(error: type[DomainError]) -> str:
    return (error.__doc__ or "").strip().partition("\n")[0].partition(";")[0].partition(" (")[0].strip(".")


def components() -> dict[str, Any]:
    """What operations refer to: schemas, examples of errors, headers."""
    responses = {
        name: _refusals(error.status, [error]) for name, error in sorted(_errors.items()) if error in _alone
    }
    included = _included()
    inputs = [(name, "validation", adapter) for name, adapter in _types.items()]
    _by_name, definitions = TypeAdapter.json_schemas(inputs, ref_template=_REFERENCE)  # type: ignore[arg-type]
    schemas = {"Included": included, **definitions.get("$defs", {})}
    for (name, _mode), found in _by_name.items():
        schemas.setdefault(name, found)
    for found in schemas.values():
        if "description" in found:
            found["description"] = found["description"].replace("``", "`")
    return {
        "schemas": schemas,
        "responses": responses,
        "examples": {name: _example(error) for name, error in sorted(_errors.items())},
        "headers": _HEADERS,
        "securitySchemes": {
            "PersonalAccessToken": {
                "type": "http",
                "scheme": "bearer",
                "description": "A personal access token (PSNAT…) of a person, with that person's rights.",
            }
        },
    }


_HEADERS = {
    name: {"description": description, "schema": {"type": kind}}
    for name, kind, description in (
        ("X-Request-Id", "string", "The request's id, as in errors and in our log."),
        ("RateLimit-Limit", "integer", "Requests a minute."),
        ("RateLimit-Remaining", "integer", "Requests left of them."),
        ("RateLimit-Reset", "integer", "Seconds until all are back."),
        ("Retry-After", "integer", "Seconds to wait."),
        ("Location", "string", "The address of what was made."),
        ("ETag", "string", "For If-None-Match and If-Match; it begins with sys.version where there is one."),
        ("X-Weegloo-Total-Count", "string", "capped: with these filters there are more than 10,000."),
    )
}
_DETAILS: dict[str, dict[str, Any]] = {
    "Invalid": {"errors": [{"path": "/name", "code": "required", "message": "Field required"}]},
    "InvalidParameter": {"parameter": "limit"},
    "TooManyRequests": {"retryAfter": 12},
    "Unavailable": {"retryAfter": Unavailable.retry_after},
    "AlreadyMember": {
        "organizationMembership": refer("OrganizationMembership", "3trmXRL6dW1QKblBXOc8nXAVz4kPXd")
    },
    "AlreadyInSpace": {"spaceMembership": refer("SpaceMembership", "3trmXRM3RqbgSnifyg7PAm5memEx0")},
    "StaleVersion": {"currentVersion": 2, "current": {"sys": {"id": "ilLRJxDp", "version": 2}}},
    "SpaceRoleInUse": {"spaceMemberships": [refer("SpaceMembership", "3trmXRM3RqbgSnifyg7PAm5memEx0")]},
}


def _example(error: type[DomainError]) -> dict[str, Any]:
    value: dict[str, Any] = {
        "requestId": "9fSxwVfQG1kXvYc3mT2a",
        "sys": {
            "id": "Zk4TqB7wVnR2LxY8",
            "type": error.kind,
            "code": error.code,
            "timestamp": 1_778_496_676_841,
        },
        "reason": str(error.message),
        "suggestion": str(error.suggestion),
    }
    if details := _DETAILS.get(error.__name__):
        value["details"] = details
    return {"summary": error.code, "value": value}
