"""The table of refusals: each with what brings it about, through either door.

``api`` is a call of the API; ``console`` gives the address and the form of the screen that does the
same (None: the screens have no way to it). Both must tell the same code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from common import errors
from memberships.models import Role
from organizations.models import Organization
from tests.api.caller import Caller, refer
from tests.cast import Cast, put_in, role_named

type Door = Callable[[Cast, Caller], HttpResponse]


@dataclass(frozen=True)
class Refusal:
    """One way to a refusal: ``by`` the person of that name in the cast."""

    error: type[errors.DomainError]
    by: str
    api: Door | None
    console: Callable[[Cast], tuple[str, dict[str, Any]]] | None = None
    arrange: Callable[[Cast], object] = lambda _cast: None


def _members(cast: Cast) -> str:
    return f"/organizations/{cast.organization.pk}/organization-memberships"


def _member(cast: Cast, role: Role) -> str:
    return f"{_members(cast)}/{cast.memberships[role].pk}"


def _invite(cast: Cast) -> str:
    return f"/organizations/{cast.organization.pk}/membership/invite/"


def _places(cast: Cast) -> str:
    return f"/spaces/{cast.space.pk}/space-memberships"


def _role(cast: Cast, name: str) -> str:
    return f"/spaces/{cast.space.pk}/space-roles/{role_named(cast.space, name).pk}"


def _assignment(cast: Cast, user_id: str, role_id: str = "") -> dict[str, Any]:
    role_id = role_id or role_named(cast.space, "Viewer").pk
    return {"user": refer("User", user_id), "roles": [refer("SpaceRole", role_id)]}


def _role_screen(cast: Cast, name: str) -> str:
    return f"/spaces/{cast.space.pk}/roles/{role_named(cast.space, name).pk}/"


def _adding(cast: Cast, user_id: str) -> tuple[str, dict[str, Any]]:
    """What the screen Add sends."""
    form = {"user": user_id, "roles": role_named(cast.space, "Viewer").pk}
    return f"/spaces/{cast.space.pk}/membership/add/", form


def _misplaced() -> dict[str, Any]:
    rule = {"self": refer("ContentType", "product")}
    return {"name": "Misplaced", "content": {"Read": {"Allow": [rule]}}}


REFUSALS = [
    Refusal(
        errors.Invalid,
        "owner",
        lambda cast, call: call.post(f"/organizations/{cast.organization.pk}/spaces", {"name": " "}),
        # The screens' forms find it first and say it at the field.
    ),
    Refusal(
        errors.InvalidParameter,
        "owner",
        lambda cast, call: call.get(_members(cast), query={"limit": "0"}),
    ),
    Refusal(
        errors.MisplacedFilter,
        "owner",
        lambda cast, call: call.post(f"/spaces/{cast.space.pk}/space-roles", _misplaced()),
    ),
    Refusal(
        errors.NotPermitted,
        "member",
        lambda cast, call: call.get(_members(cast)),
        lambda cast: (f"/organizations/{cast.organization.pk}/membership/", {}),
    ),
    Refusal(
        errors.SessionRequired,
        "owner",
        lambda cast, call: call.delete(f"/organizations/{cast.organization.pk}"),
    ),
    Refusal(
        errors.NotFound,
        "stranger",
        lambda cast, call: call.get(_members(cast)),
        lambda cast: (f"/organizations/{cast.organization.pk}/membership/", {}),
    ),
    Refusal(
        errors.AlreadyMember,
        "owner",
        lambda cast, call: call.post(_members(cast), {"email": cast.member.email}),
        lambda cast: (_invite(cast), {"emails": cast.member.email, "role": "MEMBER"}),
    ),
    Refusal(
        errors.AlreadyInSpace,
        "owner",
        lambda cast, call: call.post(_places(cast), _assignment(cast, cast.member.pk)),
        lambda cast: _adding(cast, cast.member.pk),
        arrange=lambda cast: put_in(cast.space, cast.owner, cast.member),
    ),
    Refusal(
        errors.SpaceRoleNameTaken,
        "owner",
        lambda cast, call: call.post(f"/spaces/{cast.space.pk}/space-roles", {"name": "EDITOR"}),
        lambda cast: (f"/spaces/{cast.space.pk}/roles/create/", {"name": "EDITOR", "version": 1}),
    ),
    Refusal(
        errors.StaleVersion,
        "owner",
        lambda cast, call: call.put(_member(cast, Role.MEMBER), {"role": "ADMIN"}, version=7),
        lambda cast: (
            f"/organizations/{cast.organization.pk}/membership/{cast.memberships[Role.MEMBER].pk}/role/",
            {"role": "ADMIN", "version": 7},
        ),
    ),
    Refusal(
        errors.RoleAboveOwn,
        "admin",
        lambda cast, call: call.put(_member(cast, Role.MEMBER), {"role": "OWNER"}, version=1),
        lambda cast: (
            f"/organizations/{cast.organization.pk}/membership/{cast.memberships[Role.MEMBER].pk}/role/",
            {"role": "OWNER", "version": 1},
        ),
    ),
    # An Organization is not deleted through the API: these two are the console's alone.
    Refusal(
        errors.OrganizationNotEmpty,
        "owner",
        None,
        lambda cast: (
            f"/organizations/{cast.organization.pk}/delete/",
            {"name": cast.organization.name, "version": 1},
        ),
    ),
    Refusal(
        errors.PlanNotFree,
        "owner",
        None,
        lambda cast: (
            f"/organizations/{cast.organization.pk}/delete/",
            {"name": cast.organization.name, "version": 1},
        ),
        arrange=lambda cast: Organization.objects.filter(pk=cast.organization.pk).update(plan="pro"),
    ),
    Refusal(
        errors.SpaceRoleInUse,
        "owner",
        lambda cast, call: call.delete(_role(cast, "Editor")),
        lambda cast: (_role_screen(cast, "Editor") + "delete/", {"move_to": ""}),
        arrange=lambda cast: put_in(cast.space, cast.owner, cast.member, "Editor"),
    ),
    Refusal(
        errors.SpaceRoleLocked,
        "owner",
        lambda cast, call: call.put(_role(cast, "Administrator"), {"name": "Boss"}, version=1),
        lambda cast: (_role_screen(cast, "Administrator"), {"name": "Boss", "version": 1}),
    ),
    Refusal(
        errors.LastOwner,
        "owner",
        lambda cast, call: call.put(_member(cast, Role.OWNER), {"role": "MEMBER"}, version=1),
        lambda cast: (
            f"/organizations/{cast.organization.pk}/membership/{cast.memberships[Role.OWNER].pk}/role/",
            {"role": "MEMBER", "version": 1},
        ),
    ),
    Refusal(
        errors.NotOrganizationMember,
        "owner",
        lambda cast, call: call.post(_places(cast), _assignment(cast, cast.stranger.pk)),
        lambda cast: _adding(cast, cast.stranger.pk),
    ),
    Refusal(
        errors.UnknownSpaceRole,
        "owner",
        lambda cast, call: call.post(
            _places(cast),
            _assignment(cast, cast.member.pk, role_named(cast.strange_space, "Viewer").pk),
        ),
        lambda cast: (
            f"/spaces/{cast.space.pk}/membership/add/",
            {"user": cast.member.pk, "roles": role_named(cast.strange_space, "Viewer").pk},
        ),
    ),
    Refusal(
        errors.InvalidEmail,
        "owner",
        lambda cast, call: call.post(_members(cast), {"email": "nobody"}),
        lambda cast: (_invite(cast), {"emails": "nobody", "role": "MEMBER"}),
    ),
    Refusal(
        errors.UnknownSpace,
        "owner",
        lambda cast, call: call.post(
            _members(cast),
            {
                "email": "new@example.com",
                "spaces": [
                    {
                        "space": refer("Space", cast.strange_space.pk),
                        "roles": [refer("SpaceRole", role_named(cast.strange_space, "Viewer").pk)],
                    }
                ],
            },
        ),
        lambda cast: (
            _invite(cast),
            {
                "emails": "new@example.com",
                "role": "MEMBER",
                f"roles-{cast.strange_space.pk}": role_named(cast.strange_space, "Viewer").pk,
            },
        ),
    ),
]
# Brought about by a rate, which has a test of its own (test_limits).
ELSEWHERE = {
    errors.TooManyRequests,
    errors.Unavailable,  # tests/weegloo_site/test_outages.py
}
