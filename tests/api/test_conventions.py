"""The conventions, each by an example (api.md, Conventions and Fine print)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import PersonalAccessToken, User
from accounts.services import delete_token
from memberships.models import Role
from tests.api.caller import PATCH, VENDOR, Caller, code
from tests.cast import acting, join, person, put_in, role_named


@pytest.fixture
def base(cast):
    return f"/organizations/{cast.organization.pk}"


# --- Authentication -----------------------------------------------------------------------


def test_no_or_bad_token_is_401(callers):
    good = callers.owner.secret
    for secret in ("", "PSNAT", "PSNATwrong", good[:-1] + ("a" if good[-1] != "a" else "b"), good + "a", "é"):
        response = Caller(secret=secret).get("/me")
        assert (response.status_code, code(response)) == (401, "WGL401001"), secret
        assert response["WWW-Authenticate"] == "Bearer"
    assert callers.nobody.get("/me", Authorization=f"Basic {good}").status_code == 401
    assert callers.nobody.get("/me", Authorization=f"bearer {good}").status_code == 200


def test_a_session_is_no_token(callers, cast):
    client = callers.nobody.client
    client.force_login(cast.owner)
    assert client.get("/v1/me").status_code == 401


def test_deleted_tokens_and_ended_accounts_stop_at_once(callers, cast):
    delete_token(actor=acting(cast.member), token=callers.member.token)
    assert callers.member.get("/me").status_code == 401
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)
    assert callers.admin.get("/me").status_code == 401


def test_last_used_is_noted_once_a_minute(callers):
    assert callers.owner.get("/me").status_code == 200
    first = PersonalAccessToken.objects.get(pk=callers.owner.token.pk).last_used_at
    assert first is not None
    callers.owner.get("/me")
    assert PersonalAccessToken.objects.get(pk=callers.owner.token.pk).last_used_at == first


def test_the_secret_is_shown_once_and_hashed(callers):
    made = callers.owner.post("/personal-access-tokens", {"name": "ci"})
    secret = made.json()["sys"]["accessToken"]
    assert Caller(secret=secret).get("/me").status_code == 200
    again = callers.owner.get(made["Location"].removeprefix("/v1")).json()
    assert "accessToken" not in again["sys"]
    assert secret not in str(PersonalAccessToken.objects.values_list())
    assert callers.admin.get(made["Location"].removeprefix("/v1")).status_code == 404
    assert callers.admin.delete(made["Location"].removeprefix("/v1")).status_code == 404


# --- Media types --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, VENDOR),
        ("*/*", VENDOR),
        (VENDOR, VENDOR),
        (f"{VENDOR};charset=UTF-8", VENDOR),
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/*", VENDOR),
        (f"{VENDOR};q=0.1, application/json", "application/json"),
        (f"application/json;q=0.1, {VENDOR};q=0", "application/json"),
        ("text/html, */*;q=0.1", VENDOR),
    ],
)
def test_accept(callers, accept, answered):
    response = callers.owner.get("/me", **({"Accept": accept} if accept else {}))
    assert response.status_code == 200
    assert response["Content-Type"] == f"{answered};charset=UTF-8"


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/*", "application/json;q=0", "nonsense"])
def test_not_acceptable(callers, accept):
    response = callers.owner.get("/me", Accept=accept)
    assert (response.status_code, code(response)) == (406, "WGL406901")
    assert response["Content-Type"].startswith(VENDOR)


def test_body_types(callers, base):
    for kind in (VENDOR, "application/json", "application/json; charset=UTF-8"):
        assert callers.owner.post(f"{base}/spaces", {"name": "S"}, content_type=kind).status_code == 201
    for kind in ("text/plain", PATCH, "application/json;charset=euc-kr", "application/x-www-form-urlencoded"):
        response = callers.owner.post(f"{base}/spaces", {"name": "S"}, content_type=kind)
        assert (response.status_code, code(response)) == (415, "WGL415901"), kind
    response = callers.owner.patch(base, [], version=1, content_type="application/json")
    assert code(response) == "WGL415901"
    assert code(callers.owner.put(base, {"name": "X"}, version=1, content_type=PATCH)) == "WGL415901"


def test_methods_and_routes_that_are_not_there(callers, base):
    response = callers.owner.get("/organizations")
    assert (response.status_code, code(response), response["Allow"]) == (405, "WGL405901", "POST")
    for path in ("", "/", "/nope", f"{base}/uploads", f"{base}/activity", "/me/nope"):
        assert callers.nobody.get(path or "/").status_code == 401
        response = callers.owner.get(path or "/")
        assert (response.status_code, code(response)) == (404, "WGL404001"), path
    for ident in ("%00", "é", "..", "a" * 100, "a%20b", "'"):
        assert callers.owner.get(f"/organizations/{ident}").status_code == 404


def test_head_is_get_without_content(callers):
    response = callers.owner("HEAD", "/me")
    assert (response.status_code, response.content) == (200, b"")
    assert int(response["Content-Length"]) > 100


# --- Versions -----------------------------------------------------------------------------


def test_the_version_header(callers, base):
    put = callers.owner.put
    body = {"name": "DailyWear"}
    assert (put(base, body).status_code, code(put(base, body))) == (428, "WGL428901")
    for version in ("one", "1.0", "", "+1", "1 1", "١"):
        response = callers.owner.put(base, body, version=version)
        assert (response.status_code, code(response)) == (400, "WGL400909"), version
    for version in (0, -1, 2, 10**17):
        response = put(base, body, version=version)
        assert (response.status_code, code(response)) == (409, "WGL409005"), version
        details = response.json()["details"]
        assert details["currentVersion"] == 1
        assert details["current"] == callers.owner.get(base).json()
    done = put(base, body, version=1)
    assert (done.status_code, done["ETag"], done.json()["sys"]["version"]) == (200, 'W/"2"', 2)
    same = put(base, body, version=2)
    assert (same.status_code, same.json()["sys"]["version"]) == (200, 2)


def test_if_match_is_an_alias(callers, base):
    etag = callers.owner.get(base)["ETag"]
    assert callers.owner.put(base, {"name": "A"}, If_Match=etag).status_code == 200
    assert callers.owner.put(base, {"name": "B"}, If_Match='W/"2"').status_code == 200
    for tag in ("*", "3", '"x"', '"3", x', '"3" "', ""):
        assert code(callers.owner.put(base, {"name": "C"}, If_Match=tag)) == "WGL400909", tag
    assert code(callers.owner.put(base, {"name": "C"}, version=3, If_Match='"4"')) == "WGL400909"
    assert callers.owner.put(base, {"name": "C"}, version=3, If_Match='"3"').status_code == 200


# --- PUT and PATCH ------------------------------------------------------------------------


def test_put_replaces_the_whole(callers, base):
    callers.owner.put(base, {"name": "A", "description": "words"}, version=1)
    assert callers.owner.get(base).json()["description"] == "words"
    callers.owner.put(base, {"name": "A"}, version=2)
    assert "description" not in callers.owner.get(base).json()


def test_put_takes_back_what_was_read(callers, cast):
    for path in (
        f"/organizations/{cast.organization.pk}",
        f"/organizations/{cast.organization.pk}/organization-memberships/{cast.memberships[Role.MEMBER].pk}",
        f"/spaces/{cast.space.pk}",
        f"/spaces/{cast.space.pk}/space-memberships/{put_in(cast.space, cast.owner, cast.member).pk}",
        f"/spaces/{cast.space.pk}/space-roles/{role_named(cast.space, 'Viewer').pk}",
    ):
        read = callers.owner.get(path).json()
        response = callers.owner.put(path, read, version=1)
        assert (response.status_code, response.json()) == (200, read), path
        for anything in ({}, None, "text", [1], {"id": "other", "version": 99, "type": "Nope"}):
            response = callers.owner.put(path, read | {"sys": anything}, version=1)
            assert (response.status_code, response.json()) == (200, read), (path, anything)


def test_sys_is_unknown_in_post(callers, base):
    response = callers.owner.post(f"{base}/spaces", {"name": "X", "sys": {}})
    assert (response.status_code, code(response)) == (400, "WGL400006")


def test_patch(callers, base):
    operations = [
        {"op": "test", "path": "/name", "value": "DailyWear Company"},
        {"op": "add", "path": "/description", "value": "Clothes"},
        {"op": "copy", "from": "/description", "path": "/name"},
    ]
    patched = callers.owner.patch(base, operations, version=1)
    assert patched.status_code == 200
    assert (patched.json()["name"], patched.json()["description"]) == ("Clothes", "Clothes")
    removed = callers.owner.patch(base, [{"op": "remove", "path": "/description"}], version=2)
    assert "description" not in removed.json()
    assert callers.owner.patch(base, [], version=3).json()["sys"]["version"] == 3


@pytest.mark.parametrize(
    "patch",
    [
        {},
        [{}],
        [1],
        [{"op": "replace", "path": "/name"}],
        [{"op": "rename", "path": "/name", "value": "X"}],
        [{"op": "replace", "path": "", "value": {"name": "X"}}],
        [{"op": "replace", "path": "name", "value": "X"}],
        [{"op": "replace", "path": "/~2", "value": "X"}],
        [{"op": "replace", "path": "/sys/version", "value": 1}],
        [{"op": "add", "path": "/sys", "value": 1}],
        [{"op": "copy", "from": "/sys/id", "path": "/name"}],
        [{"op": "move", "path": "/name"}],
        [{"op": "replace", "path": "/nope", "value": "X"}],
        [{"op": "remove", "path": "/name/0"}],
        [{"op": "replace", "path": "/name/0", "value": "X"}],
        [{"op": "move", "from": "/nope", "path": "/name"}],
        [{"op": "test", "path": "/nope", "value": "X"}],
    ],
)
def test_bad_patches(callers, base, patch):
    response = callers.owner.patch(base, patch, version=1)
    assert response.status_code in (400, 409), response.content
    assert code(response) in ("WGL400908", "WGL409906")
    assert callers.owner.get(base).json()["sys"]["version"] == 1


def test_a_failed_test_of_a_patch_is_409(callers, base):
    response = callers.owner.patch(base, [{"op": "test", "path": "/name", "value": "X"}], version=1)
    assert (response.status_code, code(response)) == (409, "WGL409906")


def test_a_patch_that_does_not_fit_a_newer_version_is_stale(callers, base):
    callers.owner.put(base, {"name": "New"}, version=1)
    for operation in (
        {"op": "test", "path": "/name", "value": "DailyWear Company"},
        {"op": "remove", "path": "/description"},
        {"op": "replace", "path": "/name", "value": "Mine"},
    ):
        response = callers.owner.patch(base, [operation], version=1)
        assert code(response) == "WGL409005"
        assert response.json()["details"]["currentVersion"] == 2


def test_patches_do_not_fill_the_memory(callers, cast):
    path = f"/spaces/{cast.space.pk}/space-memberships"
    one = callers.owner.get(path).json()["items"][0]["sys"]["id"]
    bomb = [{"op": "copy", "from": "/roles", "path": "/roles/-"}] * 60
    assert code(callers.owner.patch(f"{path}/{one}", bomb, version=1)) == "WGL400908"
    many = [{"op": "test", "path": "/roles/0", "value": 1}] * 201
    assert code(callers.owner.patch(f"{path}/{one}", many, version=1)) == "WGL400908"


# --- Bodies -------------------------------------------------------------------------------

DEEP = '{"name":' + "[" * 40 + "]" * 40 + "}"
BODIES = [
    (b" ", "WGL400907"),
    (b"{", "WGL400907"),
    (b"{'name': 'x'}", "WGL400907"),
    (b'{"name": NaN}', "WGL400907"),
    (b'{"name": "\xff"}', "WGL400907"),
    (b'{"name": "x", "name": "y"}', "WGL400907"),
    (rb'{"name": "a\u0000b"}', "WGL400907"),
    (rb'{"name": "\ud800"}', "WGL400907"),
    (rb'{"\udfff": 1, "name": "x"}', "WGL400907"),
    (b'{"name": "a\x00b"}', "WGL400907"),
    (DEEP.encode(), "WGL400907"),
    (b"[" * 100_000, "WGL400907"),
    (b'{"name": ' + b"1" * 5000 + b"}", "WGL400907"),
    (b"[]", "WGL400006"),
    (b'"x"', "WGL400006"),
    (b"null", "WGL400006"),
    (b"{}", "WGL400006"),
    (b'{"name": 1}', "WGL400006"),
    (b'{"name": null}', "WGL400006"),
    (b'{"name": ""}', "WGL400006"),
    (b'{"name": "   "}', "WGL400006"),
    (b'{"name": "' + b"a" * 65 + b'"}', "WGL400006"),
    (b'{"name": "x", "nme": 1}', "WGL400006"),
    (b'{"name": "x", "description": ""}', "WGL400006"),
]


@pytest.mark.parametrize(("raw", "expected"), BODIES)
def test_bad_bodies(callers, base, raw, expected):
    before = callers.owner.get(base).json()
    response = callers.owner.put(base, raw=raw, version=1)
    assert (response.status_code, code(response)) == (400, expected)
    assert callers.owner.get(base).json() == before


def test_a_surrogate_pair_is_text(callers, base):
    response = callers.owner.put(base, raw=rb'{"name": "\ud83d\ude00 \\u0000"}', version=1)
    assert response.json()["name"] == "😀 \\u0000"


def test_a_body_over_1_mib(callers, base):
    response = callers.owner.put(base, raw=b'{"name": "' + b"a" * 1024 * 1024 + b'"}', version=1)
    assert (response.status_code, code(response)) == (413, "WGL413901")


def test_every_fault_at_once(callers, base):
    body = {"role": "BOSS", "spaces": [{"space": {"sys": {"id": 1}}, "roles": []}], "extra/~": 1}
    response = callers.owner.post(f"{base}/organization-memberships", body)
    assert code(response) == "WGL400006"
    found = {(fault["path"], fault["code"]) for fault in response.json()["details"]["errors"]}
    assert found == {
        ("/email", "required"),
        ("/role", "value"),
        ("/spaces/0/space/sys/id", "string_type"),
        ("/spaces/0/space/sys/type", "required"),
        ("/spaces/0/space/sys/targetType", "required"),
        ("/spaces/0/roles", "count"),
        ("/extra~1~0", "unknown_property"),
    }


def test_the_shape_of_an_error(callers):
    response = callers.owner.get("/organizations/nowhere1")
    error = response.json()
    assert list(error) == ["requestId", "sys", "reason", "suggestion"]
    assert list(error["sys"]) == ["id", "type", "code", "timestamp"]
    assert re.fullmatch("[A-Za-z0-9]{16}", error["sys"]["id"])
    assert error["requestId"] == response["X-Request-Id"]
    assert isinstance(error["sys"]["timestamp"], int)
    assert error["sys"]["timestamp"] > 1_700_000_000_000


def test_answers_name_their_language_which_no_cookie_chooses(callers, settings):
    callers.owner.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
    response = callers.owner.get("/me", Accept_Language="en-GB")
    assert (response["Content-Language"], "Accept-Language" in response["Vary"]) == ("en", True)


def test_our_fault_is_500_in_the_same_shape(callers, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("api.resources.users.USERS.shape.__code__", broken.__code__)
    response = callers.owner.get("/me")
    assert (response.status_code, code(response)) == (500, "WGL500901")
    assert "ZeroDivisionError" in caplog.text


# --- The order of checks ------------------------------------------------------------------


def test_the_order_of_checks(callers, cast, base):
    """One request with every fault; mended one by one, it tells of the next each time."""
    member = cast.memberships
    path = f"{base}/organization-memberships/{next(m for r, m in member.items() if r == 'ADMIN').pk}"
    html, text = {"Accept": "text/html"}, {"content_type": "text/plain"}
    huge = b'{"role": "' + b"a" * 1024 * 1024
    bad = b'{"role": "BOSS"}'
    owner, stranger, nobody, plain = callers.owner, callers.stranger, callers.nobody, callers.member
    assert code(nobody.put(path, raw=huge, **html, **text)) == "WGL401001"
    assert code(stranger.put(path, raw=huge, **html, **text)) == "WGL404001"
    assert code(plain.put(path, raw=huge, **html, **text)) == "WGL406901"
    assert code(plain.put(path, raw=huge, **text)) == "WGL415901"
    assert code(plain.put(path, raw=huge)) == "WGL413901"
    assert code(plain.put(path, raw=bad)) == "WGL403901"
    assert code(owner.put(path, raw=bad)) == "WGL428901"
    assert code(owner.put(path, raw=bad, version="x")) == "WGL400909"
    assert code(owner.put(path, raw=bad, version=7)) == "WGL400006"
    assert code(owner.put(path, {"role": "OWNER"}, version=7)) == "WGL409005"
    assert code(callers.admin.put(path, {"role": "OWNER"}, version=7)) == "WGL409005"
    assert code(callers.admin.put(path, {"role": "OWNER"}, version=1)) == "WGL422001"


def test_statements_are_constant(callers, cast, base):
    def statements(path, **query):
        callers.owner.get("/me")
        with CaptureQueriesContext(connection) as found:
            assert callers.owner.get(path, query=query).status_code == 200
        return len(found)

    paths = {
        f"{base}/organization-memberships": 3,
        f"{base}/spaces": 3,
        f"/spaces/{cast.space.pk}/space-memberships": 7,
        "/me/organization-memberships": 3,
    }
    first = {path: (statements(path), statements(path, include="3")) for path in paths}
    assert {path: plain for path, (plain, _more) in first.items()} == paths
    for _number in range(2):
        someone = person()
        join(cast.organization, cast.owner, someone)
        callers.owner.post(f"{base}/spaces", {"name": "More"})
        roles = callers.owner.get(f"/spaces/{cast.space.pk}/space-roles").json()["items"]
        callers.owner.post(
            f"/spaces/{cast.space.pk}/space-memberships",
            {
                "user": {"sys": {"id": someone.pk, "type": "Refer", "targetType": "User"}},
                "roles": [
                    {"sys": {"id": role["sys"]["id"], "type": "Refer", "targetType": "SpaceRole"}}
                    for role in roles
                ],
            },
        )
    assert {path: (statements(path), statements(path, include="3")) for path in paths} == first
