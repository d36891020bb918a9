"""Calls from browsers on other sites (api.md, CORS)."""

import pytest

from tests.api.caller import code

ORIGIN = "https://shop.example"
ALLOWED = (
    "Authorization, Content-Type, Accept, X-Weegloo-Version, If-Match, If-None-Match, Idempotency-Key, "
    "Prefer, X-Weegloo-Advanced-Search"
)


def preflight(client, path, method="GET"):
    return client.options(
        path,
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/me", "GET"),
        ("/v1/organizations", "POST"),
        ("/v1/organizations/{organization}", "GET, PUT, PATCH, DELETE"),
        ("/v1/organizations/{organization}/organization-memberships", "GET, POST"),
        ("/v1/spaces/{space}/space-roles", "GET, POST"),
        ("/v1/nope", "GET, POST, PUT, PATCH, DELETE"),
    ],
)
def test_a_preflight_names_the_methods_of_the_route(client, cast, path, methods):
    path = path.format(organization=cast.organization.pk, space=cast.space.pk)
    response = preflight(client, path, "PUT")
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert set(response["Access-Control-Allow-Methods"].split(", ")) == set(methods.split(", "))
    assert response["Access-Control-Allow-Headers"] == ALLOWED
    assert response["Access-Control-Max-Age"] == "7200"
    assert "Access-Control-Allow-Credentials" not in response
    assert "Set-Cookie" not in response


def test_preflights_are_not_counted(client, callers, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    for _number in range(5):
        response = preflight(client, "/v1/me")
        assert response.status_code == 204
        assert "RateLimit-Limit" not in response


def test_every_answer_can_be_read(callers, cast, settings):
    base = f"/organizations/{cast.organization.pk}"
    answers = [
        (200, callers.owner.get("/me", Origin=ORIGIN)),
        (200, callers.owner.get("/openapi.json", Origin=ORIGIN)),
        (200, callers.owner.get("/docs", Origin=ORIGIN)),
        (201, callers.owner.post("/organizations", {"name": "X"}, Origin=ORIGIN)),
        (304, callers.owner.get("/me", Origin=ORIGIN, If_None_Match="*")),
        (400, callers.owner.post(f"{base}/spaces", {}, Origin=ORIGIN)),
        (401, callers.nobody.get("/me", Origin=ORIGIN)),
        (404, callers.owner.get("/nope", Origin=ORIGIN)),
        (405, callers.owner.get("/organizations", Origin=ORIGIN)),
        (406, callers.owner.get("/me", Accept="text/html", Origin=ORIGIN)),
        (428, callers.owner.put(base, {"name": "X"}, Origin=ORIGIN)),
    ]
    settings.API_REQUESTS_PER_MINUTE = 1
    callers.owner.get("/me")
    answers.append((429, callers.owner.get("/me", Origin=ORIGIN)))
    for status, response in answers:
        assert response.status_code == status, response.content
        assert response["Access-Control-Allow-Origin"] == "*"
        exposed = response["Access-Control-Expose-Headers"].split(", ")
        assert {
            "ETag",
            "Location",
            "Retry-After",
            "RateLimit-Limit",
            "RateLimit-Remaining",
            "RateLimit-Reset",
            "X-Request-Id",
            "Preference-Applied",
            "X-Weegloo-Total-Count",
        } <= set(exposed)


def test_options_alone_is_no_preflight(callers):
    response = callers.owner("OPTIONS", "/me")
    assert (response.status_code, code(response), response["Allow"]) == (405, "WGL405901", "GET")


def test_other_pages_of_the_site_are_not_shared(client, db):
    for path in ("/sign-in/", "/v1x/me", "/healthz"):
        assert "Access-Control-Allow-Origin" not in client.get(path, headers={"Origin": ORIGIN}), path
        assert "Access-Control-Allow-Methods" not in preflight(client, path)
