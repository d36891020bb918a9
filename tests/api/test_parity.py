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
