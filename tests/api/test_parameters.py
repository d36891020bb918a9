"""Any text in a parameter or header: read or refused, in time in proportion to its length."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts.sign_in import read_code
from api.core.operations import Resource
from api.core.pagination import read_query
from api.core.preconditions import not_modified, stated_version
from api.resources.organization_memberships import MEMBERSHIPS
from api.resources.space_roles import SPACE_ROLES
from common.errors import DomainError
from common.pagination import carried_by
from common.search import Term
from tests.growth import assert_proportional

NAMES = st.sampled_from(
    ["limit", "skip", "next", "prev", "order", "select", "include", "role", "role[in]", "sys.createdAt[gte]"]
)
WORDS = st.text(max_size=60) | st.text(st.sampled_from("aA0-,.[]:\"'*W/ \0é한"), max_size=60)


def read(resource: Resource, query: str) -> object:
    request = RequestFactory().get(f"/v1/x?{query}")
    return read_query(request, resource.fields, resource.properties, resource.order)


def refusal_of(reader: Callable[[], object]) -> DomainError | None:
    """The refusal that reading ends in, if it does; anything else raised is a fault."""
    try:
        reader()
    except DomainError as error:
        return error
    return None


@pytest.mark.parametrize("resource", [MEMBERSHIPS, SPACE_ROLES], ids=["memberships", "roles"])
@given(st.dictionaries(NAMES | WORDS, WORDS, max_size=4))
def test_any_parameters_of_a_list(resource, parameters):
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in parameters.items())
    error = refusal_of(lambda: read(resource, query))
    if error is not None:
        assert (error.code, error.status) == ("WGL400910", 400)
        assert error.details["parameter"] in {*parameters, ""} | {"prev", "skip"}
        assert str(error.message)
        assert str(error.suggestion)


@given(WORDS)
def test_any_cursor(text):
    with pytest.raises(DomainError) as refused:
        carried_by(text or "-")
    assert refused.value.code == "WGL400910"


@given(WORDS, WORDS)
def test_any_version_headers(version, tags):
    request = RequestFactory().put("/", headers={"X-Weegloo-Version": version, "If-Match": tags})
    error = refusal_of(lambda: stated_version(request, 3))
    assert error is None or error.code in ("WGL400909", "WGL428901")


@given(WORDS)
def test_any_if_none_match(tags):
    request = RequestFactory().get("/", headers={"If-None-Match": tags})
    assert not_modified(request, HttpResponse("x")).status_code in (200, 304)


@given(WORDS)
def test_any_search_and_any_code(text):
    Term.read(text).within("search")
    assert len(read_code(text)) in (0, 6)


LONG = {
    "a filter": (lambda text: read(MEMBERSHIPS, f"role[in]={text}"), "ADMIN,"),
    "an order": (lambda text: read(MEMBERSHIPS, f"order={text}"), "role,"),
    "a selection": (lambda text: read(MEMBERSHIPS, f"select={text}"), "role,"),
    "a cursor": (lambda text: read(MEMBERSHIPS, f"next={text}"), "a:"),
    "an unknown parameter": (lambda text: read(MEMBERSHIPS, f"{text}=1"), "a.a["),
    "an address": (lambda text: read(MEMBERSHIPS, f"user.email={text}"), "a%CC%80"),
    "tags": (lambda text: stated_version(RequestFactory().put("/", headers={"If-Match": text}), 1), '"1",'),
    "open tags": (lambda text: stated_version(RequestFactory().put("/", headers={"If-Match": text}), 1), 'W/"'),
    "a search": (Term.read, "a b"),
}


@pytest.mark.parametrize(("reader", "part"), LONG.values(), ids=LONG)
def test_time_grows_in_proportion_to_the_length(reader, part):
    assert_proportional(reader, lambda n: part * n, 5_000)
