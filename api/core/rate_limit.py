"""How many requests a token, or without one an IP address, may make in a minute (api.md, Limits).

The counter is in Redis, shared by all processes. While Redis is away each process counts for
itself: still a limit, only a looser one.
"""

import logging
import threading
import time
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from django.http.response import HttpResponseBase
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.breaker import Breaker
from common.errors import TooManyRequests

logger = logging.getLogger(__name__)
WINDOW = 60
_MOST_LOCAL = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a caller stands in their minute, this request counted."""

    limit: int
    used: int
    reset: int

    def write(self, response: HttpResponseBase) -> None:
        """Say so in the headers."""
        response["RateLimit-Limit"] = str(self.limit)
        response["RateLimit-Remaining"] = str(max(0, self.limit - self.used))
        response["RateLimit-Reset"] = str(self.reset)

    def require_within(self) -> None:
        """Raise :class:`TooManyRequests` past the limit."""
        if self.used > self.limit:
            raise TooManyRequests.for_seconds(self.reset)


def count(caller: str) -> Rate | None:
    """Count one request of ``caller``; None when there is no limit."""
    limit = settings.API_REQUESTS_PER_MINUTE
    if not limit:
        return None
    used, reset = _count(f"{settings.CACHES['default']['KEY_PREFIX']}:rate:{caller}")
    return Rate(limit, used, reset)


def _count(key: str) -> tuple[int, int]:
    if not _breaker.is_open:
        try:
            with _client().pipeline(transaction=True) as pipe:
                pipe.incr(key)
                pipe.expire(key, WINDOW, nx=True)
                pipe.ttl(key)
                used, _fresh, left = pipe.execute()
        except redis.RedisError:
            logger.warning("Redis is away; each process counts the API's requests for itself.")
            _breaker.trip()
        else:
            return used, max(1, left)
    return _local.count(key)


@cache
def _client() -> "redis.Redis":
    # A request must not hang on a dead Redis.
    return redis.Redis.from_url(
        settings.CACHE_URL, socket_connect_timeout=0.2, socket_timeout=0.2, retry=Retry(NoBackoff(), 0)
    )


class _Local:
    """The counters of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, key: str) -> tuple[int, int]:
        """How many in this minute, and the seconds until the next."""
        moment = time.monotonic()
        with self._lock:
            if len(self._windows) > _MOST_LOCAL:
                self._windows = {k: window for k, window in self._windows.items() if window[0] > moment}
            end, used = self._windows.get(key, (0.0, 0))
            if end <= moment:
                end, used = moment + WINDOW, 0
            self._windows[key] = end, used + 1
        return used + 1, max(1, round(end - moment))


_breaker = Breaker(5)
_local = _Local()
