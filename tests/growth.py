"""How the time of a reader of foreign text grows with the length of the text."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from common.errors import DomainError

# Quadratic work would take 16 times as long for 4 times the text.
MOST = 9
RUNS = 4
# What takes less is not measured: a busy machine's clock is no finer.
UNMEASURED = 0.02


def assert_proportional[T](read: Callable[[T], object], make: Callable[[int], T], length: int) -> None:
    """Reading 4 × ``length`` takes about 4 times as long as ``length``; refusals are readings too."""
    longer = _seconds(read, make(4 * length))
    if longer > UNMEASURED:
        assert longer <= MOST * _seconds(read, make(length))


def _seconds[T](read: Callable[[T], object], text: T) -> float:
    found = []
    for _run in range(RUNS):
        began = time.process_time()
        with suppress(DomainError):
            read(text)
        found.append(time.process_time() - began)
    return min(found)


def test_growth_is_told_apart() -> None:
    """The measure itself: it lets linear work pass and finds quadratic work."""
    assert_proportional(sorted, lambda n: "a" * n, 200_000)
    with pytest.raises(AssertionError):
        assert_proportional(lambda text: [text.count("b") for _each in text], lambda n: "a" * n, 4000)
