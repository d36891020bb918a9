"""What the shapes of all resources share, and where a row's shape is found (api.md, Conventions; seeds).

A shape is a ``TypedDict``: the type checker holds the functions that make it to its keys, the
OpenAPI document is generated from it, and making it costs no more than a dict.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict

from django.db.models import Model
from pydantic import Field

from common.models import Versioned

type Shape = Mapping[str, Any]
type Shaper = Callable[[Any], Shape]

Id = Annotated[str, Field(description="Unique resource identifier.", pattern="^[A-Za-z0-9-]+$")]
Moment = Annotated[
    str,
    Field(
        description="ISO 8601, UTC, with milliseconds.",
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        json_schema_extra={"format": "date-time"},
    ),
]
Version = Annotated[int, Field(ge=1, description="Resource version; +1 with every change.")]
TargetType = Literal[
    "User", "Organization", "Space", "SpaceRole", "Plan", "OrganizationMembership", "SpaceMembership"
]


class ReferSys(TypedDict):
    """The identity of what is referred to."""

    id: Id
    type: Literal["Refer"]
    targetType: TargetType


class Refer(TypedDict):
    """A reference to another resource."""

    sys: ReferSys


class History(TypedDict):
    """Who and when of the first and the last change."""

    createdBy: Refer
    createdAt: Moment
    updatedBy: Refer
    updatedAt: Moment
    version: Version


def refer(target: TargetType, ident: str) -> Refer:
    """A Refer to ``ident``."""
    return {"sys": {"id": ident, "type": "Refer", "targetType": target}}


def moment(value: datetime) -> str:
    """``value`` (UTC) as the API writes it: ``2026-05-11T10:51:16.841Z``."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def history(row: Versioned) -> History:
    """The part of ``sys`` that every settings resource has."""
    return {
        "createdBy": refer("User", row.created_by_id),
        "createdAt": moment(row.created_at),
        "updatedBy": refer("User", row.updated_by_id),
        "updatedAt": moment(row.updated_at),
        "version": row.version,
    }


_SHAPERS: dict[type[Model], Shaper] = {}


def register(model: type[Model], shaper: Shaper) -> None:
    """Let :func:`shape_of` know how rows of ``model`` look."""
    _SHAPERS[model] = shaper


def shape_of(row: Model) -> Shape:
    """The row as the API shows it."""
    return _SHAPERS[type(row)](row)
