"""References in bodies: ``{"sys": {"id", "type": "Refer", "targetType"}}``."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.conventions.reading import Body
from memberships.models import MAX_SPACE_ROLES


class _ReferSys(Body):
    id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    type: Literal["Refer"]


class UserReferSys(_ReferSys):
    """The identity of a User."""

    target_type: Literal["User"]


class SpaceReferSys(_ReferSys):
    """The identity of a Space."""

    target_type: Literal["Space"]


class SpaceRoleReferSys(_ReferSys):
    """The identity of a SpaceRole."""

    target_type: Literal["SpaceRole"]


class ReferToUser(Body):
    """A reference to a User."""

    sys: UserReferSys


class ReferToSpace(Body):
    """A reference to a Space."""

    sys: SpaceReferSys


class ReferToSpaceRole(Body):
    """A reference to a SpaceRole."""

    sys: SpaceRoleReferSys


SpaceRoleRefers = Annotated[
    list[ReferToSpaceRole],
    Field(min_length=1, max_length=MAX_SPACE_ROLES, json_schema_extra={"uniqueItems": True}),
]
