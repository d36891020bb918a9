"""User: a person, as they see themselves and as others see them (api.md, Fine print)."""

from collections.abc import Collection, Iterable
from typing import Literal, NotRequired, TypedDict

from django.conf import settings

from accounts.actor import Actor
from accounts.models import User
from api.core.include import includable_as
from api.core.operations import Resource
from api.core.schemas import Id, Moment, Shape, Version, moment
from memberships.selectors import people, people_with_visible_address


class MeSys(TypedDict):
    """The system properties of one's own account."""

    id: Id
    type: Literal["User"]
    createdAt: Moment
    updatedAt: Moment
    version: Version


class Me(TypedDict):
    """One's own account."""

    sys: MeSys
    email: str
    name: str
    language: str


class PersonSys(TypedDict):
    """What identifies a person."""

    id: Id
    type: Literal["User"]


class Person(TypedDict):
    """Another's account; the address only for those who may see it.

    The name is empty until they have opened an Organization of yours.
    """

    sys: PersonSys
    email: NotRequired[str]
    name: str


def me(user: User) -> Me:
    """The caller's own account."""
    return {
        "sys": {
            "id": user.pk,
            "type": "User",
            "createdAt": moment(user.created_at),
            "updatedAt": moment(user.updated_at),
            "version": user.version,
        },
        "email": user.email,
        "name": user.name,
        "language": user.language or settings.LANGUAGE_CODE,
    }


def person(user: User, *, with_address: bool) -> Person:
    """Another's account. When it was made would tell whether an invitation made it."""
    shape: Person = {"sys": {"id": user.pk, "type": "User"}, "name": user.name}
    return {**shape, "email": user.email} if with_address else shape


def _people(actor: Actor, ids: Collection[str]) -> Iterable[Shape]:
    seen = people_with_visible_address(actor, ids)
    for user in people(actor, ids):
        yield person(user, with_address=user.pk in seen)


USERS = Resource(User, me, Me, fields=(), versioned_whole=False)  # reading the console sets the language
includable_as("User", Person, _people)
