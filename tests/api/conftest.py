"""Fixtures of the API's tests."""

from dataclasses import dataclass

import pytest

from tests.api.caller import Caller
from tests.cast import Cast


@dataclass
class Callers:
    owner: Caller
    admin: Caller
    member: Caller
    stranger: Caller
    nobody: Caller


@pytest.fixture(autouse=True)
def no_rate_limit(settings):
    """The tests are quicker than a person; test_rates turns it on."""
    settings.API_REQUESTS_PER_MINUTE = 0


@pytest.fixture
def callers(cast: Cast) -> Callers:
    return Callers(Caller(cast.owner), Caller(cast.admin), Caller(cast.member), Caller(cast.stranger), Caller())
