"""What a person may do in a Space, and why (rules §8, Deciding)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, cast

from django.utils.translation import gettext as _

from api.core import openapi
from api.core.requests import Call
from api.core.responses import Answer
from api.core.routes import Routes
from api.core.schemas import Refer, refer
from common.errors import InvalidParameter, NotPermitted
from memberships.selectors import space_access, space_roles_held
from spaces.models import SpaceRole
from spaces.permissions.decisions import Permissions, Request
from spaces.permissions.rules import Grant
from spaces.permissions.vocabulary import ACTIONS, Map, Setting, action_named

EffectName = Literal["Allow", "Deny"]
MapName = Literal["contentType", "content", "media", "script", "settings"]


class GrantShape(TypedDict):
    """One rule of one SpaceRole; an empty ``rule`` is everything."""

    role: Refer
    effect: EffectName
    map: MapName
    action: str
    rule: dict[str, Any]


class Access(TypedDict):
    """All that a person's roles say."""

    user: Refer
    roles: list[Refer]
    grants: list[GrantShape]


class Decision(TypedDict):
    """The answer to one question, and the grants that decided it."""

    allowed: bool
    because: list[GrantShape]


@dataclass(frozen=True, slots=True)
class _Asked:
    person: str
    roles: Sequence[SpaceRole]


routes = Routes("Access")
_FACTS = ("contentType", "createdBy", "self")
_ONCE = ("user", "map", "action", *_FACTS)


def _person(call: Call, space_id: str) -> _Asked:
    access = space_access(call.actor, space_id)
    person = call.request.GET.get("user", call.user.pk).replace("\0", "")
    return _Asked(person, space_roles_held(access, person))


@routes.asking(
    "/spaces/{spaceId}/access",
    Access | Decision,
    name="AccessOrDecision",
    find=_person,
    errors=(NotPermitted,),
    parameters=[
        openapi.query(
            "user",
            "Whose access; yours unless you manage the Space.",
            {"type": "string", "pattern": "^[A-Za-z0-9]{1,40}$"},
        ),
        openapi.query("map", "The kind of thing asked about.", {"type": "string", "enum": Map.values}),
        openapi.query("action", "What is to be done to it, or the setting.", {"type": "string"}),
        *(openapi.query(name, "A fact of the thing: an id.", {"type": "string"}) for name in _FACTS),
        openapi.query("tag", "Facts of the thing: its tags.", {"type": "array", "items": {"type": "string"}}),
    ],
)
def get_access(call: Call, found: _Asked) -> Answer:
    """What a person's roles in the Space say, or whether they allow one thing.

    Alone: all grants. With ``map`` and ``action``, and what is known of the thing: allowed or not,
    and the grants that decided.
    """
    request = _request(call)
    permissions = Permissions.of(found.roles, found.person)
    if request is None:
        whole: Access = {
            "user": refer("User", found.person),
            "roles": [refer("SpaceRole", role.pk) for role in found.roles],
            "grants": [_grant(grant) for grant in permissions.grants],
        }
        return Answer(200, whole)
    decision = permissions.decide(request)
    answer: Decision = {
        "allowed": decision.allowed,
        "because": [_grant(grant) for grant in decision.because],
    }
    return Answer(200, answer)


def _grant(grant: Grant) -> GrantShape:
    return {
        "role": refer("SpaceRole", grant.role_id),
        "effect": cast("EffectName", grant.effect.value),
        "map": cast("MapName", grant.map.value),
        "action": grant.action.value,
        "rule": grant.rule.as_json(grant.map),
    }


def _actions(kind: Map) -> list[str]:
    return [name.value for name in (Setting if kind == Map.SETTINGS else ACTIONS[kind])]


def _request(call: Call) -> Request | None:
    """The question the parameters put; None when they put none. Raises :class:`InvalidParameter`."""
    given: dict[str, str] = {}
    for name, values in call.request.GET.lists():
        if name not in (*_ONCE, "tag"):
            raise InvalidParameter.unknown(name, (*_ONCE, "tag"))
        if name in _ONCE and len(values) > 1:
            raise InvalidParameter.repeated(name)
        given[name] = values[-1]
    if "user" in given and not re.fullmatch("[A-Za-z0-9]{1,40}", given["user"]):
        raise InvalidParameter.value("user", _("the id of a User"))
    asked = {name: value for name, value in given.items() if name != "user"}
    if not asked:
        return None
    for name in ("map", "action"):
        if name not in asked:
            raise InvalidParameter.named(
                name,
                _("`%(name)s` is missing.") % {"name": name},
                _("Send both `map` and `action`, or none of the parameters but `user`."),
            )
    try:
        kind = Map(asked["map"])
    except ValueError:
        raise InvalidParameter.value("map", ", ".join(Map.values)) from None
    try:
        action = action_named(kind, asked["action"])
    except ValueError:
        raise InvalidParameter.value("action", ", ".join(_actions(kind))) from None
    return Request(
        kind,
        action,
        content_type=asked.get("contentType"),
        created_by=asked.get("createdBy"),
        tags=frozenset(call.request.GET.getlist("tag")),
        self_id=asked.get("self"),
    )
