"""Fixtures that every test may use."""

import pytest

from tests.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """A fresh Organization with an owner, an admin, a member, and a stranger elsewhere."""
    return make_cast()
