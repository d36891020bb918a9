"""The names of what rules speak of: people of the Space, and ids that people gave names to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.addresses import canonical_address
from accounts.models import User
from common.errors import InvalidEmail
from memberships.selectors import SpaceAccess, space_members_of, space_people
from spaces.models import SpaceRole
from spaces.permissions import SELF, TARGETS, Key, Map, grants_of, names_in

SUGGESTED = 100

type Known = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class People:
    """Members of the Space: their names by id, and their ids by the addresses that were typed."""

    names: Mapping[str, str]
    ids: Mapping[str, str]


def people_named(access: SpaceAccess, typed: Iterable[str]) -> People:
    """The members of the Space that ``typed`` ids and addresses mean; one statement, or none."""
    keys = {one: _key(one) for one in typed if "\0" not in one}
    found = list(space_people(access, set(keys.values()))) if keys else []
    ids = {member.user.email_key: member.user_id for member in found}
    return People(
        {member.user_id: member.person.display_name for member in found},
        {one: ids[key] for one, key in keys.items() if key in ids},
    )


def creators_in(roles: Iterable[SpaceRole]) -> set[str]:
    """The people whose things the rules of ``roles`` are about."""
    conditions = [condition for grant in grants_of(roles) for condition in grant.rule.conditions]
    return {value for key, value in conditions if key == Key.CREATED_BY} - {SELF}


def known_ids(roles: list[SpaceRole]) -> Known:
    """The content types, tags and scripts that ``roles`` speak of, with their names, to choose from."""
    names = names_in(roles)
    known: Known = {"ContentType": {}, "Tag": {}, "Script": {}}
    for grant in grants_of(roles):
        for key, value in grant.rule.conditions if grant.map != Map.SETTINGS else ():
            if key != Key.CREATED_BY:
                known[TARGETS[grant.map][key]][value] = names.get(value, "")
    return known


def suggested_people(access: SpaceAccess) -> list[User]:
    """The newest members of the Space, to choose from; others are typed."""
    members = space_members_of(access).prefetch_related(None).order_by("-created_at", "-id")
    return [membership.person for membership in members[:SUGGESTED]]


def _key(typed: str) -> str:
    """An address in canonical form; anything else as it is."""
    try:
        return canonical_address(typed) if "@" in typed else typed
    except InvalidEmail:
        return typed
