"""SpaceRole (rules §8)."""

from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field, WithJsonSchema

from api.core import filters
from api.core.include import includable
from api.core.operations import Resource
from api.core.pagination import Listing
from api.core.parsing import Body
from api.core.requests import Call
from api.core.responses import Answer
from api.core.routes import Routes
from api.core.schemas import History, Id, Refer, history, refer
from api.resources.names import Name
from common.errors import (
    MisplacedFilter,
    NotPermitted,
    RoleAboveOwn,
    SpaceRoleInUse,
    SpaceRoleLocked,
    SpaceRoleNameTaken,
)
from memberships.selectors import (
    SpaceAccess,
    readable_space_roles,
    space_access,
    space_role,
    space_roles_of,
)
from spaces.models import SpaceRole as SpaceRoleRow
from spaces.permissions.validation import MAX_RULES_IN_LIST, read
from spaces.permissions.vocabulary import ACTIONS, ALIASES, SELF, TARGETS, Effect, Key, Map
from spaces.permissions.vocabulary import SETTINGS as SETTING_NAMES
from spaces.services import create_space_role, delete_space_role, update_space_role


class _Identity(TypedDict):
    id: Id
    type: Literal["SpaceRole"]
    space: Refer
    isLocked: bool


class SpaceRoleSys(_Identity, History):
    """The system properties of a SpaceRole."""


type Permissions = dict[str, dict[str, list[dict[str, Any]]]]


def _map(kind: Map, *, reading: bool) -> WithJsonSchema:
    """What a map may hold, as the validation reads it."""
    rule = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {key.value: _refer(key, target) for key, target in TARGETS[kind].items()},
    }
    rules = {"type": "array", "items": rule, "maxItems": MAX_RULES_IN_LIST, "uniqueItems": True}
    lists = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 0 if reading else 1,
        "properties": {effect.value: rules for effect in Effect},
    }
    names = [action.value for action in ACTIONS[kind]]
    aliases = [alias for alias, meant in ALIASES.items() if meant in names and not reading]
    return WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys((*names, *aliases), lists),
        }
    )


def _refer(key: Key, target: str) -> dict[str, Any]:
    pattern = "^[A-Za-z0-9._-]{1,64}$"
    identifier: dict[str, Any] = {"type": "string", "pattern": pattern}
    if key == Key.CREATED_BY:
        identifier = {"anyOf": [{"const": SELF}, identifier]}
    properties = {"id": identifier, "type": {"const": "Refer"}, "targetType": {"const": target}}
    sys = {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }
    return {"type": "object", "required": ["sys"], "properties": {"sys": sys}, "additionalProperties": False}


_SETTINGS = WithJsonSchema(
    {"type": "array", "items": {"type": "string", "enum": list(SETTING_NAMES)}, "uniqueItems": True}
)


class SpaceRole(TypedDict):
    """A named bundle of permissions inside one Space."""

    sys: SpaceRoleSys
    name: str
    contentType: Annotated[Permissions, _map(Map.CONTENT_TYPE, reading=True)]
    content: Annotated[Permissions, _map(Map.CONTENT, reading=True)]
    media: Annotated[Permissions, _map(Map.MEDIA, reading=True)]
    script: Annotated[Permissions, _map(Map.SCRIPT, reading=True)]
    settings: Annotated[list[str], _SETTINGS]


class SpaceRoleBody(Body):
    """A SpaceRole as it is wanted; a map left out is empty.

    The maps are read by ``spaces.permissions``, which knows their words.
    """

    name: Name
    content_type: Annotated[Any, _map(Map.CONTENT_TYPE, reading=False)] = Field(default_factory=dict)
    content: Annotated[Any, _map(Map.CONTENT, reading=False)] = Field(default_factory=dict)
    media: Annotated[Any, _map(Map.MEDIA, reading=False)] = Field(default_factory=dict)
    script: Annotated[Any, _map(Map.SCRIPT, reading=False)] = Field(default_factory=dict)
    settings: Annotated[Any, _SETTINGS] = Field(default_factory=list)

    @property
    def permissions(self) -> dict[str, Any]:
        """The maps and settings, by their API names."""
        return self.model_dump(by_alias=True, exclude={"name"})

    @classmethod
    def more_faults(cls, value: dict[str, Any]) -> list[dict[str, str]]:
        """The faults of the maps."""
        return read({kind.value: value[kind] for kind in Map if kind in value})[1]


def space_role_shape(row: SpaceRoleRow) -> SpaceRole:
    """The SpaceRole as the API shows it."""
    return {
        "sys": {
            "id": row.pk,
            "type": "SpaceRole",
            "space": refer("Space", row.space_id),
            "isLocked": row.is_locked,
            **history(row),
        },
        "name": row.name,
        "contentType": row.content_type,
        "content": row.content,
        "media": row.media,
        "script": row.script,
        "settings": row.settings,
    }


SPACE_ROLES = Resource(
    SpaceRoleRow,
    space_role_shape,
    SpaceRole,
    fields=(*filters.HISTORY, filters.text("name", "name"), filters.boolean("sys.isLocked", "is_locked")),
)
includable("SpaceRole", SpaceRole, readable_space_roles)
routes = Routes("Space roles")
LIST = "/spaces/{spaceId}/space-roles"
ONE = LIST + "/{spaceRoleId}"


def _space(call: Call, space_id: str) -> SpaceAccess:
    return space_access(call.actor, space_id)


def _managed(call: Call, space_id: str) -> SpaceAccess:
    access = space_access(call.actor, space_id)
    if not access.may_manage_roles:
        raise NotPermitted
    return access


def _role(call: Call, space_id: str, role_id: str) -> SpaceRoleRow:
    return space_role(space_access(call.actor, space_id), role_id)


def _changeable(call: Call, space_id: str, role_id: str) -> SpaceRoleRow:
    access = space_access(call.actor, space_id)
    row = space_role(access, role_id)
    if not access.may_manage_roles:
        raise NotPermitted
    return row


@routes.listing(LIST, SPACE_ROLES, find=_space)
def list_space_roles(_call: Call, access: SpaceAccess) -> Listing[SpaceRoleRow]:
    """The roles of a Space; Administrator comes first."""
    return Listing(space_roles_of(access))


@routes.creating(
    LIST,
    SpaceRole,
    find=_managed,
    body=SpaceRoleBody,
    errors=(NotPermitted, MisplacedFilter, RoleAboveOwn, SpaceRoleNameTaken),
)
def make_space_role(call: Call, access: SpaceAccess, body: SpaceRoleBody) -> Answer:
    """Create a role: OWNER, ADMIN, and members with ``SETTING_ROLE`` within what they hold."""
    row = create_space_role(actor=call.actor, space=access.space, name=body.name, permissions=body.permissions)
    return SPACE_ROLES.written(row, status=201, location=f"{call.request.path}/{row.pk}")


@routes.reading(ONE, SPACE_ROLES, find=_role)
def get_space_role(_call: Call, found: SpaceRoleRow) -> SpaceRoleRow:
    """One role of a Space."""
    return found


@routes.changing(
    ONE,
    SPACE_ROLES,
    find=_changeable,
    body=SpaceRoleBody,
    errors=(NotPermitted, MisplacedFilter, SpaceRoleLocked, RoleAboveOwn, SpaceRoleNameTaken),
)
def change_space_role(call: Call, found: SpaceRoleRow, body: SpaceRoleBody, version: int) -> SpaceRoleRow:
    """Change a role; it holds for its members from their next request on."""
    return update_space_role(
        actor=call.actor,
        role=found,
        name=body.name,
        permissions=body.permissions,
        expected_version=version,
    )


@routes.deleting(ONE, find=_changeable, errors=(NotPermitted, SpaceRoleLocked, SpaceRoleInUse))
def remove_space_role(call: Call, found: SpaceRoleRow) -> None:
    """Delete a role that no member holds."""
    delete_space_role(actor=call.actor, role=found)
