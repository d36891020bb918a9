"""References in bodies: ``{"sys": {"id", "type": "Refer", "targetType"}}``."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.core.parsing import Body
from memberships.models import MAX_SPACE_ROLES


def _example(target: str) -> str:
    return f'{{"sys": {{"id": "…", "type": "Refer", "targetType": "{target}"}}}}'


class _ReferSys(Body):
    id: Annotated[str, StringConstraints(min_length=1, max_length=64), Field(description="the id")]
    type: Annotated[Literal["Refer"], Field(description="'Refer'")]


class UserReferSys(_ReferSys):
    """The identity of a User."""

    target_type: Annotated[Literal["User"], Field(description="'User'")]


class SpaceReferSys(_ReferSys):
    """The identity of a Space."""

    target_type: Annotated[Literal["Space"], Field(description="'Space'")]


class SpaceRoleReferSys(_ReferSys):
    """The identity of a SpaceRole."""

    target_type: Annotated[Literal["SpaceRole"], Field(description="'SpaceRole'")]


class ReferToUser(Body):
    """A reference to a User."""

    sys: Annotated[UserReferSys, Field(description="id, type 'Refer' and targetType 'User'")]


class ReferToSpace(Body):
    """A reference to a Space."""

    sys: Annotated[SpaceReferSys, Field(description="id, type 'Refer' and targetType 'Space'")]


class ReferToSpaceRole(Body):
    """A reference to a SpaceRole."""

    sys: Annotated[SpaceRoleReferSys, Field(description="id, type 'Refer' and targetType 'SpaceRole'")]


UserRefer = Annotated[ReferToUser, Field(description=f"a User: {_example('User')}")]
SpaceRefer = Annotated[ReferToSpace, Field(description=f"a Space: {_example('Space')}")]
SpaceRoleRefers = Annotated[
    list[ReferToSpaceRole],
    Field(
        min_length=1,
        max_length=MAX_SPACE_ROLES,
        description=f"1 to {MAX_SPACE_ROLES} SpaceRoles of the Space: [{_example('SpaceRole')}]",
        json_schema_extra={"uniqueItems": True},
    ),
]
