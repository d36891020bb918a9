"""``If-None-Match`` and lists in ``If-Match`` (api.md, Bodies and Version; RFC 9110 §13.1)."""

from datetime import timedelta

import pytest

from accounts.models import PersonalAccessToken
from common.models import now
from tests.api.caller import Caller, code


@pytest.fixture
def base(cast):
    return f"/organizations/{cast.organization.pk}"


def reads(cast):
    """Reads of every sort: versioned, parts and wholes, lists, without a version."""
    base, space = f"/organizations/{cast.organization.pk}", f"/spaces/{cast.space.pk}"
    return [
        base,
        f"{base}?include=1",
        f"{base}?select=name",
        f"{base}/organization-memberships",
        f"{base}/organization-memberships?limit=1&include=2",
        f"{base}/spaces",
        space,
        f"{space}/space-roles",
        f"{space}/access",
        "/me",
        "/personal-access-tokens",
        "/plans",
        "/openapi.json",
    ]


def test_what_the_client_has_is_not_sent_again(callers, cast):
    # Using a token is noted each minute, and is in the list of tokens.
    PersonalAccessToken.objects.update(last_used_at=now() + timedelta(hours=1))
    for path in reads(cast):
        first = callers.owner.get(path)
        etag = first["ETag"]
        assert etag.startswith('W/"'), path
        for known in (etag, etag.removeprefix("W/"), f'"x", {etag}', f'"x",{etag},"y"', "*"):
            for method in ("GET", "HEAD"):
                response = callers.owner(method, path, If_None_Match=known)
                assert (response.status_code, response.content) == (304, b""), (path, known)
                assert response["ETag"] == etag
                assert "Content-Type" not in response
                for name in ("Cache-Control", "Vary", "X-Request-Id"):
                    assert name in response, name
        for other in ('"x"', 'W/"0"', "nonsense", ""):
            response = callers.owner.get(path, If_None_Match=other)
            assert (response.status_code, response.content) == (200, first.content), (path, other)


def test_a_change_ends_it(callers, base):
    etags = {
        path: callers.owner.get(path)["ETag"] for path in (base, f"{base}?include=1", f"{base}?select=name")
    }
    assert len(set(etags.values())) == 3
    assert callers.owner.put(base, {"name": "New"}, version=1).status_code == 200
    for path, etag in etags.items():
        assert callers.owner.get(path, If_None_Match=etag).status_code == 200


def test_a_change_in_what_is_included_ends_it_too(callers, cast):
    space = f"/spaces/{cast.space.pk}"
    whole, including = callers.owner.get(space)["ETag"], callers.owner.get(f"{space}?include=1")["ETag"]
    callers.owner.put(f"/organizations/{cast.organization.pk}", {"name": "New"}, version=1)
    assert callers.owner.get(space, If_None_Match=whole).status_code == 304
    assert callers.owner.get(f"{space}?include=1", If_None_Match=including).status_code == 200


def test_it_is_asked_after_the_token_and_the_right_to_read(callers, base):
    etag = callers.owner.get(base)["ETag"]
    assert Caller().get(base, If_None_Match=etag).status_code == 401
    assert callers.stranger.get(base, If_None_Match=etag).status_code == 404
    assert callers.owner.get(base, If_None_Match="*", Accept="text/html").status_code == 406


def test_every_etag_is_taken_back(callers, base):
    for version, query in enumerate(("", "?include=1", "?select=name", "?select=-name&include=2"), start=1):
        etag = callers.owner.get(f"{base}{query}")["ETag"]
        assert callers.owner.put(base, {"name": f"Name {version}"}, If_Match=etag).status_code == 200
        stale = callers.owner.put(base, {"name": "X"}, If_Match=etag)
        assert (stale.status_code, code(stale)) == (409, "WGL409005")
    plain = callers.owner.get(base, Accept="application/json")["ETag"]
    assert callers.owner.put(base, {"name": "Y"}, If_Match=plain).status_code == 200


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ('"1"', 200),
        ('"1", "2"', 200),
        ('"7","1"', 200),
        ('W/"3" , "x,y", W/"1"', 200),
        (',"1",', 200),
        ('"2", "3"', 409),
        ('"0"', 409),
        ('"-1", "x"', 409),
    ],
)
def test_a_list_that_holds_the_present_version_passes(callers, cast, base, tags, status):
    for method, body in (("PUT", {"name": "DailyWear Company"}), ("PATCH", [])):
        response = callers.owner(method, base, body, If_Match=tags)
        assert response.status_code == status
        if status == 409:
            assert (code(response), response.json()["details"]["currentVersion"]) == ("WGL409005", 1)


def test_any_version_is_no_version(callers, base):
    for method, body in (("PUT", {"name": "X"}), ("PATCH", [])):
        response = callers.owner(method, base, body, If_Match="*")
        assert (response.status_code, code(response)) == (400, "WGL400909")
        assert response.json()["reason"] == "If-Match: * does not say which version you read."
        assert "the version you read" in response.json()["suggestion"]
    both = callers.owner.put(base, {"name": "X"}, version=1, If_Match='"1", "2"')
    assert both.status_code == 200
