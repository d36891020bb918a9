"""Refusals say what is allowed (api.md, Errors; words.md, rule 6)."""

import pytest

from tests.api.caller import code, refer
from tests.cast import put_in, role_named

AVAILABLE = (
    "Available: limit, skip, order, include, select, next, prev, sys.id, sys.createdAt, sys.updatedAt, "
    "sys.version, sys.createdBy.sys.id, sys.updatedBy.sys.id, sys.organization.sys.id, sys.user.sys.id, "
    "user.email, role."
)


@pytest.fixture
def members(cast):
    return f"/organizations/{cast.organization.pk}/organization-memberships"


@pytest.mark.parametrize(
    ("query", "reason", "suggestion"),
    [
        ({"foo": "1"}, "Unknown parameter `foo`.", AVAILABLE),
        ({"f" * 101: "1"}, f"Unknown parameter `{'f' * 100}…`.", AVAILABLE),
        (
            {"role[gt]": "ADMIN"},
            "`role` has no operator `gt`.",
            "Available: role, role[ne], role[in], role[exists].",
        ),
        ({"role": "BOSS"}, "The value of `role` is not valid.", "Send OWNER, ADMIN, MEMBER."),
        (
            {"role[in]": "BOSS"},
            "The value of `role[in]` is not valid.",
            "Send at most 100 values with commas between them: OWNER, ADMIN, MEMBER.",
        ),
        ({"role[exists]": "1"}, "The value of `role[exists]` is not valid.", "Send true, false."),
        (
            {"sys.createdAt[gt]": "today"},
            "The value of `sys.createdAt[gt]` is not valid.",
            "Send an ISO 8601 time such as 2026-05-11T10:51:16.841Z.",
        ),
        ({"limit": "0"}, "The value of `limit` is not valid.", "Send a whole number from 1 to 100."),
        ({"include": "9"}, "The value of `include` is not valid.", "Send a whole number from 0 to 3."),
        (
            {"select": "nope"},
            "Unknown property `nope`.",
            (
                "Available: sys, role, sys.id, sys.type, sys.organization, sys.user, sys.createdBy, "
                "sys.createdAt, sys.updatedBy, sys.updatedAt, sys.version."
            ),
        ),
        (
            {"order": "nope"},
            "Lists can't be ordered by `nope`.",
            "Available: sys.id, sys.createdAt, sys.updatedAt, role; with - before it for descending.",
        ),
        ({"role": ["ADMIN", "OWNER"]}, "`role` is sent more than once.", "Send `role` once."),
    ],
)
def test_parameters(callers, members, query, reason, suggestion):
    response = callers.owner.get(members, query=query)
    assert (response.status_code, code(response)) == (400, "WGL400910")
    body = response.json()
    assert (body["reason"], body["suggestion"]) == (reason, suggestion)


def test_parameters_of_one_thing(callers):
    body = callers.owner.get("/me", query={"limit": "1"}).json()
    assert (body["reason"], body["suggestion"]) == ("Unknown parameter `limit`.", "Available: include, select.")
    body = callers.owner.post("/organizations", {"name": "x"}, query={"limit": "1"}).json()
    assert (body["reason"], body["suggestion"]) == ("Unknown parameter `limit`.", "Send no parameters here.")


def test_methods(callers, members):
    body = callers.owner.delete(members).json()
    assert (body["reason"], body["suggestion"]) == ("`DELETE` isn't supported here.", "Allowed: GET, POST.")


@pytest.mark.parametrize(
    ("body", "suggestion"),
    [
        ({}, "Send `/email`: an email address."),
        (
            {"email": "ana@example.com", "nope": 1},
            "Available properties: role, spaces, email.",
        ),
        ({"email": "ana@example.com", "role": "BOSS"}, "Send `/role`: 'OWNER', 'ADMIN' or 'MEMBER'."),
        (
            {"email": "ana@example.com", "spaces": [{"space": refer("Space", "x")}]},
            (
                'Send `/spaces/0/roles`: 1 to 3 SpaceRoles of the Space: [{"sys": {"id": "…", "type": "Refer", '
                '"targetType": "SpaceRole"}}].'
            ),
        ),
        (
            {"email": "ana@example.com", "spaces": [{"roles": [{}]}]},
            (
                'Send `/spaces/0/space`: a Space: {"sys": {"id": "…", "type": "Refer", "targetType": "Space"}}.'
                " "
                "Send `/spaces/0/roles/0/sys`: id, type 'Refer' and targetType 'SpaceRole'."
            ),
        ),
        (
            {"email": "ana@example.com", "spaces": [{"space": refer("Space", "x"), "roles": [], "x": 1}]},
            "Available properties of `/spaces/0`: space, roles.",
        ),
        ({"email": 1}, "Correct the values in `details.errors`, then try again."),
        ([], "Correct the values in `details.errors`, then try again."),
    ],
)
def test_bodies(callers, members, body, suggestion):
    response = callers.owner.post(members, body)
    assert (response.status_code, code(response)) == (400, "WGL400006")
    assert response.json()["reason"] == "The body doesn't match the expected schema; see `details.errors`."
    assert response.json()["suggestion"] == suggestion


def test_the_kind_of_thing_that_is_missing(callers, cast):
    organization, space = f"/organizations/{cast.organization.pk}", f"/spaces/{cast.space.pk}"
    nothing = "1" * 27
    put_in(cast.space, cast.owner, cast.member)
    role = role_named(cast.space, "Viewer").pk
    for path, kind in (
        (f"/organizations/{nothing}", "Organization"),
        (f"/organizations/{nothing}/spaces", "Organization"),
        (f"{organization}/organization-memberships/{nothing}", "Organization membership"),
        (f"/organizations/{nothing}/organization-memberships/{nothing}", "Organization membership"),
        (f"/spaces/{nothing}", "Space"),
        (f"/spaces/{nothing}/space-roles", "Space"),
        (f"{space}/space-roles/{nothing}", "SpaceRole"),
        (f"{space}/space-memberships/{nothing}", "Space membership"),
        (f"/personal-access-tokens/{nothing}", "personal access token"),
        (f"/plans/{nothing}", "plan"),
    ):
        response = callers.owner.get(path)
        assert (response.status_code, code(response)) == (404, "WGL404001"), path
        assert response.json()["reason"] == f"This {kind} doesn't exist, or you can't see it."
        seen = path.startswith(space)
        assert response.json().get("details") == ({"space": refer("Space", cast.space.pk)} if seen else None)

    def told(caller, path):
        body = caller.get(path).json()
        return body["reason"], body["suggestion"], body.get("details")

    # Hidden and missing are the same, one level down too.
    assert told(callers.stranger, f"{space}/space-roles/{role}") == told(
        callers.stranger, f"/spaces/{nothing}/space-roles/{role}"
    )
    assert callers.member.get(f"{space}/space-roles/{nothing}").json()["details"] == {
        "space": refer("Space", cast.space.pk)
    }
    assert callers.owner.get("/nope").json()["reason"] == "There is no such route."
