"""The OpenAPI document, its page, and what the API answers to all that the document lets one send."""

import os
import re

import jsonschema_rs
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup

from api.cma import document
from common.text import is_blank
from tests.cast import put_in, role_named

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "3"))
# Refusals that the document cannot foresee: a version that is not the present one, a rule.
EXPECTED = ["2xx", "304", "401", "403", "404", "409", "422", "428", "429"]
# What no schema can say: that a cursor was signed, an address can be mailed to.
BEYOND_SCHEMA = ("next", "prev", "user.email", "If-Match")


def test_the_document(callers):
    response = callers.nobody.get("/openapi.json")
    assert response.status_code == 200
    found = response.json()
    assert found["openapi"].startswith("3.1")
    assert found == document_as_json()
    for name, schema in found["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name
    names = set(re.findall(r'"#/components/(\w+)/([\w.-]+)"', response.content.decode()))
    assert all(name in found["components"][kind] for kind, name in names)
    OpenAPIV31SpecValidator(found).validate()
    assert found["servers"] == [{"url": "/"}]
    assert "deepObject" not in response.text
    operations = [operation for path in found["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations) >= 40
    for operation in operations:
        assert operation["summary"]
        assert {"401", "404", "406", "429", "500", "503"} <= set(operation["responses"])


def test_no_schema_has_a_default():
    """Generated clients send defaults, or want a property that has one."""

    def schemas(part):
        if isinstance(part, dict):
            if "type" in part:
                yield part
            part = list(part.values())
        for inner in part if isinstance(part, list) else ():
            yield from schemas(inner)

    found = list(schemas(document_as_json()))
    assert len(found) > 100
    assert not [schema for schema in found if "default" in schema]


def test_a_read_is_described_as_the_whole_resource():
    answer = document()["paths"]["/v1/spaces/{spaceId}"]["get"]["responses"][200]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Space"}
    page = document()["paths"]["/v1/spaces/{spaceId}/space-roles"]["get"]["responses"][200]
    properties = page["content"]["application/json"]["schema"]["properties"]
    assert properties["items"]["items"] == {"$ref": "#/components/schemas/SpaceRole"}
    included = document()["components"]["schemas"]["Included"]["properties"]
    assert list(included) == ["Organization", "Plan", "Space", "SpaceRole", "User"]


def test_operations_are_named_in_weegloos_pattern():
    names = {operation["operationId"] for path in document()["paths"].values() for operation in path.values()}
    for resource in ("Space", "SpaceRole", "SpaceMembership", "OrganizationMembership"):
        one = {f"{verb}One{resource}" for verb in ("Get", "Update", "Patch", "Delete")}
        assert names >= one | {f"Create{resource}", f"GetList{resource}s"}
    assert {"GetMe", "CreateBulkOrganizationMemberships", "GetOneSpaceAccess"} <= names


def document_as_json():
    import json

    return json.loads(json.dumps(document()))


def test_every_code_of_the_specification_has_an_example():
    """All of api.md's table, but for what no operation of today answers."""
    codes = {example["value"]["sys"]["code"] for example in document()["components"]["examples"].values()}
    expected = {
        *(f"WGL400{n}" for n in ("006", "020", "907", "908", "909", "910", "911")),
        *(
            "WGL401001",
            "WGL403901",
            "WGL403902",
            "WGL404001",
            "WGL406901",
            "WGL411901",
            "WGL413901",
            "WGL415901",
        ),
        *(f"WGL409{n}" for n in ("005", "901", "902", "904", "906", "907")),
        *(f"WGL422{n}" for n in ("001", "024", "025", "900", "901", "902", "903", "904", "931")),
        *("WGL428901", "WGL429902", "WGL500901", "WGL503901"),
    }
    assert codes == expected


def test_the_page_needs_no_script_and_no_network(callers):
    response = callers.nobody.get("/docs")
    page = response.content.decode()
    assert response.status_code == 200
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    for text in ("Invite a person by email address.", "WGL422900", "SpaceRoleBody", "X-Weegloo-Version"):
        assert text in page


@pytest.fixture
def ids(cast, callers):
    """Ids that exist, so that requests get past 404."""
    place = put_in(cast.space, cast.owner, cast.member, "Viewer")
    return {
        "organizationId": cast.organization.pk,
        "organizationMembershipId": cast.memberships["MEMBER"].pk,
        "spaceId": cast.space.pk,
        "spaceMembershipId": place.pk,
        "spaceRoleId": role_named(cast.space, "Editor").pk,
        "tokenId": callers.admin.token.pk,
        "planId": "free",
    }


@pytest.fixture
def one_connection():
    """The WSGI application inside the test's transaction, as Django's own test client does it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.timeout(0 if EXAMPLES > 20 else 120)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_schemathesis(mode, callers, ids, one_connection):
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", get_wsgi_application())
    del schema.raw_schema["security"]  # who calls is our matter; test_sweep does without a token
    schema.config.generation.allow_x00 = False  # no schema says it; test_conventions does
    checks = schema.config.checks
    checks.positive_data_acceptance.expected_statuses = EXPECTED
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if mode == GenerationMode.NEGATIVE and not (operation.query or operation.headers or operation.body):
            continue  # nothing of it can be invalid
        known = {one.name: ids[one.name] for one in operation.path_parameters}
        for path_parameters in (known, None) if known and mode == GenerationMode.POSITIVE else (known,):
            strategy = operation.as_strategy(mode, path_parameters=path_parameters)

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=EXAMPLES <= 20,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def conforms(case):
                nonlocal tried
                tried += 1
                if mode == GenerationMode.POSITIVE:
                    drop_what_no_schema_says(case)
                before = transaction.savepoint_create()
                excluded = not_checked(case)
                try:
                    case.call_and_validate(
                        headers={"Authorization": f"Bearer {callers.owner.secret}"}, excluded_checks=excluded
                    )
                except FailureGroup as group:
                    if not all(was_lost(failure, case) for failure in group.exceptions):
                        raise
                finally:
                    transaction.savepoint_rollback(before)

            conforms()
    assert tried > 100


def drop_what_no_schema_says(case):
    """Leave parameters out whose valid values no schema can describe: lists of values in one text too."""
    for parameters in (case.query or {}, case.headers or {}):
        for name in list(parameters):
            if name.startswith(BEYOND_SCHEMA) or name.endswith("[in]"):
                del parameters[name]


def not_checked(case):
    """The checks that cannot hold for this case; ``select`` leaves a part of the resource described."""
    excluded = [schemathesis.checks.positive_data_acceptance] if fits_by_chance(case) else []
    if "select" in (case.query or {}):
        excluded.append(schemathesis.checks.response_schema_conformance)
    return excluded


def fits_by_chance(case):
    """Whether validity depends on more than the schema: a patch on its body, an action on its map.

    No pattern names every mark that cannot be seen by itself.
    """
    texts = [str(text) for text in case.body.values()] if isinstance(case.body, dict) else []
    return case.method == "PATCH" or case.path.endswith("/access") or any(map(is_blank, texts))


def was_lost(failure, case):
    """Whether what was to be invalid, one operator more in a filter, was not sent after all."""
    parameters = document()["paths"][case.path][case.method.lower()]["parameters"]
    known = {parameter["name"] for parameter in parameters}
    # A parameter without a value, an empty list of them too, is not in the URL.
    sent = {name for name, value in (case.query or {}).items() if value is not None and value != []}
    return (
        isinstance(failure, AcceptedNegativeData) and "`additionalProperties`" in str(failure) and sent <= known
    )
