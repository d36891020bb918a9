"""Each refusal of the product, through the API: its status, its code, its kind, nothing written."""

import pytest

from common import errors
from tests.api.caller import Caller
from tests.api.refusals import ELSEWHERE, REFUSALS
from tests.api.test_sweep import everything


def all_of(base):
    for error in base.__subclasses__():
        if error.__module__ == errors.__name__:
            yield error
        yield from all_of(error)


def test_the_table_is_complete():
    assert {refusal.error for refusal in REFUSALS} | ELSEWHERE == set(all_of(errors.DomainError))


@pytest.mark.parametrize(
    "refusal", [one for one in REFUSALS if one.api], ids=lambda refusal: refusal.error.__name__
)
def test_through_the_api(refusal, cast):
    refusal.arrange(cast)
    caller = Caller(getattr(cast, refusal.by))
    before = everything()
    response = refusal.api(cast, caller)
    error = response.json()
    assert (response.status_code, error["sys"]["code"], error["sys"]["type"]) == (
        refusal.error.status,
        refusal.error.code,
        refusal.error.kind,
    )
    assert error["reason"]
    assert everything() == before


@pytest.mark.parametrize(
    "refusal", [one for one in REFUSALS if one.console], ids=lambda refusal: refusal.error.__name__
)
def test_through_the_console(refusal, cast, client):
    """The same refusal on the screen: the same status, and its code in the page."""
    refusal.arrange(cast)
    client.force_login(getattr(cast, refusal.by))
    before = everything()
    address, form = refusal.console(cast)
    response = client.post(address, form) if form else client.get(address)
    assert response.status_code in (refusal.error.status, 422)
    if refusal.error is not errors.NotFound:  # one page for everything that is not there
        assert f'data-code="{refusal.error.code}"' in response.content.decode()
    assert everything() == before
