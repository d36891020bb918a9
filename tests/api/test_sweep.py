"""Every route of the URLconf against people and ids that do not belong (rules §13).

The routes are read from the URLconf, so a new one is in the sweep by itself; a body it takes needs a
sample here, or the sweep fails.
"""

import itertools
import json
import re

import pytest
from django.apps import apps

from accounts.models import User
from api import urls
from api.cma import document
from tests.api.caller import PATCH, VENDOR, refer
from tests.cast import put_in, role_named

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Anyone with a token may read these.
OPEN = {"plans/<planId>"}
APPS = ("organizations", "spaces", "memberships", "activity", "outbox", "api")


def routes():
    """The routes of the API as Django has them, with the parameters in ``<>``."""
    own = {"document", "docs", "unknown"}
    return list(dict.fromkeys(str(route.pattern) for route in urls.urlpatterns if route.name not in own))


ROUTES = routes()
WITH_IDS = [route for route in ROUTES if "<" in route and route not in OPEN]


@pytest.fixture
def ids(cast, callers):
    """Real ids by parameter, and a stranger's."""
    place = put_in(cast.space, cast.owner, cast.member, "Viewer")
    far = cast.strange_space
    return {
        "organizationId": (cast.organization.pk, cast.strange_organization.pk),
        "organizationMembershipId": (
            cast.memberships["MEMBER"].pk,
            cast.strange_organization.memberships.get().pk,
        ),
        "spaceId": (cast.space.pk, far.pk),
        "spaceMembershipId": (place.pk, far.memberships.get().pk),
        "spaceRoleId": (role_named(cast.space, "Editor").pk, role_named(far, "Editor").pk),
        "tokenId": (callers.owner.token.pk, callers.stranger.token.pk),
        "userId": (cast.admin.pk, cast.stranger.pk),
    }


def path_of(route, ids, **foreign):
    def value(found):
        real, strange = ids[found.group(1)]
        return strange if found.group(1) in foreign else real

    return "/" + re.sub(r"<(\w+)>", value, route)


def samples(ids):
    """A body that would be accepted, by the name of its schema."""
    real = {name: pair[0] for name, pair in ids.items()}
    role = refer("SpaceRole", real["spaceRoleId"])
    spaces = [{"space": refer("Space", real["spaceId"]), "roles": [role]}]
    permissions = {"content": {"Read": {"Allow": []}}}
    return {
        "OrganizationBody": {"name": "Swept"},
        "InvitationBody": {"email": "swept@example.com", "spaces": spaces},
        "BulkBody": {"emails": ["swept@example.com"], "spaces": spaces},
        "RoleBody": {"role": "ADMIN"},
        "SpaceBody": {"name": "Swept"},
        "AssignmentBody": {"user": refer("User", real["userId"]), "roles": [role]},
        "SpaceRolesBody": {"roles": [role]},
        "SpaceRoleBody": {"name": "Swept", **permissions},
        "TokenBody": {"name": "Swept"},
        "Patch": [],
    }


def operation(route, method):
    path = "/v1/" + route.replace("<", "{").replace(">", "}")
    return document()["paths"].get(path, {}).get(method.lower())


def body_of(route, method, ids):
    found = operation(route, method)
    content = (found or {}).get("requestBody", {}).get("content")
    if not content:
        return None
    name = next(iter(content.values()))["schema"]["$ref"].rpartition("/")[2]
    if name == "Patch":  # what it leads to is the body of PUT
        put = body_of(route, "PUT", ids)
        return [{"op": "add", "path": f"/{key}", "value": value} for key, value in put.items()]
    return samples(ids)[re.sub("Update$", "Body", name)]


def call(caller, method, path, body=None):
    kind = PATCH if method == "PATCH" else VENDOR
    return caller(method, path, body, version=1, content_type=kind)


def everything():
    """Every row there is, but for when tokens and people were last seen."""
    rows = {
        model.__name__: sorted(map(str, model.objects.values_list()))
        for name in APPS
        for model in apps.get_app_config(name).get_models()
    }
    return rows | {"User": sorted(User.objects.values_list("pk", "email", "name", "version"))}


def test_every_route_is_documented():
    documented = {path.removeprefix("/v1/").replace("{", "<").replace("}", ">") for path in document()["paths"]}
    assert documented == set(ROUTES)
    assert len(ROUTES) >= 19


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_token(route, callers, ids):
    before = everything()
    for method in METHODS:
        path = path_of(route, ids) if "<planId>" not in route else "/plans/free"
        response = call(callers.nobody, method, path, body_of(route, method, ids))
        assert response.status_code == (401 if operation(route, method) else 405), method
    assert everything() == before


@pytest.mark.parametrize("route", WITH_IDS)
def test_with_a_strangers_token(route, callers, ids):
    before = everything()
    for method in METHODS:
        response = call(callers.stranger, method, path_of(route, ids), body_of(route, method, ids))
        assert response.status_code == (404 if operation(route, method) else 405), method
    assert everything() == before


@pytest.mark.parametrize("route", WITH_IDS)
def test_with_ids_of_another_organization_in_the_path(route, callers, ids):
    before = everything()
    names = re.findall(r"<(\w+)>", route)
    some = [group for size in range(1, len(names) + 1) for group in itertools.combinations(names, size)]
    for method, group in itertools.product(METHODS, some):
        path = path_of(route, ids, **dict.fromkeys(group))
        response = call(callers.owner, method, path, body_of(route, method, ids))
        assert response.status_code == (404 if operation(route, method) else 405), (method, group)
    assert everything() == before


@pytest.mark.parametrize("route", ROUTES)
def test_with_ids_of_another_organization_in_the_body(route, callers, ids):
    before = everything()
    tried = 0
    for method in ("POST", "PUT", "PATCH"):
        body = json.dumps(body_of(route, method, ids))
        for real, strange in ids.values():
            if f'"{real}"' in body:
                swapped = json.loads(body.replace(f'"{real}"', f'"{strange}"'))
                response = call(callers.owner, method, path_of(route, ids), swapped)
                assert response.status_code == 422, (method, swapped, response.content)
                tried += 1
    assert everything() == before
    assert tried or not re.search("membership", route) or "organizationMembershipId" in route or "me/" in route


@pytest.mark.parametrize("route", ROUTES)
def test_with_ids_of_another_organization_in_a_filter(route, callers, ids):
    parameters = [
        one for one in (operation(route, "GET") or {"parameters": []})["parameters"] if one["in"] == "query"
    ]
    for parameter in parameters:
        if not parameter["name"].endswith("sys.id"):
            continue
        path = path_of(route, ids) if "<" in route else f"/{route}"
        for _real, strange in ids.values():
            found = callers.owner.get(path, query={parameter["name"]: strange}).json()
            assert (found["items"], found["totalCount"]) == ([], 0), parameter["name"]


def test_the_samples_would_be_accepted(callers, ids):
    """Or the sweep would sweep nothing: the same calls by the owner with real ids succeed."""
    for route in ROUTES:
        for method in ("POST", "PUT"):
            body = body_of(route, method, ids)
            if body is not None:
                response = call(
                    callers.owner, method, path_of(route, ids) if "<" in route else f"/{route}", body
                )
                assert response.status_code in (200, 201, 409), (route, method, response.content)
