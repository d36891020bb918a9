"""How a refusal looks (api.md, Errors)."""

import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from django.db.models import Model
from django.utils.functional import Promise
from pydantic import ConfigDict, Field

from api.core.schemas import Refer, Shape, refer, shape_of
from common.errors import AlreadyInSpace, AlreadyMember, DomainError, StaleVersion
from common.ids import random_text

Kind = Literal[
    "BadRequest",
    "Unauthorized",
    "Forbidden",
    "NotFound",
    "MethodNotAllowed",
    "NotAcceptable",
    "Conflict",
    "LengthRequired",
    "PayloadTooLarge",
    "UnsupportedMediaType",
    "Unprocessable",
    "PreconditionRequired",
    "TooManyRequest",
    "InternalServerError",
    "ServiceUnavailable",
]


class ErrorSys(TypedDict):
    """What kind of refusal it is."""

    id: str
    type: Kind
    code: Annotated[str, Field(pattern=r"^WGL\d{6}$")]
    timestamp: Annotated[int, Field(description="Milliseconds since 1970, UTC.")]


class Fault(TypedDict):
    """One fault of a body, at a JSON pointer."""

    path: str
    code: str
    message: str


class Details(TypedDict, total=False):
    """Data about the refusal; what there is depends on the code."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]  # how pydantic is told

    errors: list[Fault]
    parameter: str
    currentVersion: int
    current: dict[str, Any]
    organizationMembership: Refer
    spaceMembership: Refer
    retryAfter: int


class Error(TypedDict):
    """A refusal: ``reason`` and ``suggestion`` are for people, the rest for programs."""

    requestId: str
    sys: ErrorSys
    reason: str
    suggestion: str
    details: NotRequired[Details]


def error_body(error: DomainError, request_id: str) -> Shape:
    """``error`` as the API answers it."""
    body: dict[str, Any] = {
        "requestId": request_id,
        "sys": {
            "id": random_text(16),
            "type": error.kind,
            "code": error.code,
            "timestamp": time.time_ns() // 1_000_000,
        },
        "reason": str(error.message),
        "suggestion": str(error.suggestion),
    }
    if details := _details(error):
        body["details"] = details
    return body


def _details(error: DomainError) -> Mapping[str, Any]:
    """What the service tells of the refusal, its rows as the API shows them."""
    details = error.details
    match error:
        case StaleVersion():
            current = details["current"]
            return {"currentVersion": current.version, "current": shape_of(current)}
        case AlreadyMember() | AlreadyInSpace():
            row = details["membership"]
            name = type(row).__name__
            return {name[0].lower() + name[1:]: _plain(row)}
    return {name: _plain(value) for name, value in details.items()}


def _plain(value: Any) -> Any:
    """``value`` as JSON: a row is a Refer, a text is in the caller's language."""
    match value:
        case Model():
            return refer(type(value).__name__, str(value.pk))  # type: ignore[arg-type]  # named as its model
        case Promise():
            return str(value)
        case Mapping():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(part) for part in value]
    return value
