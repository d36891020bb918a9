"""A circuit breaker: a server that was away a moment ago is left alone for a while."""

import time


class Breaker:
    """Open for ``seconds`` after a failure; each process has its own.

    Whoever finds it open does without the server, and so nobody waits for a time-out again and again.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the server is to be left alone."""
        return time.monotonic() < self._until

    def trip(self) -> None:
        """Note that the server is away."""
        self._until = time.monotonic() + self.seconds

    def reset(self) -> None:
        """Forget it."""
        self._until = 0.0
