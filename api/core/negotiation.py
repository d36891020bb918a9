"""Media types: what is answered, and what a body may be (api.md, Conventions)."""

from django.http import HttpRequest
from django.http.request import MediaType

from api.core.refusals import NotAcceptable

VENDOR = "application/vnd.com.weegloo.v1+json"
JSON = "application/json"
PATCH = "application/json-patch+json"
BODIES = (VENDOR, JSON)
PATCHES = (PATCH,)


def answered_type(request: HttpRequest) -> str:
    """The media type to answer in; raises :class:`NotAcceptable`.

    The one the caller likes best; WEEGLOO's own where it makes no difference.
    """
    accept = request.headers.get("Accept", "").strip()
    if not accept:
        return VENDOR
    ranges = [_range(part) for part in accept.split(",")]
    liked = {candidate: _quality(candidate, ranges) for candidate in (VENDOR, JSON)}
    best = max(liked, key=lambda candidate: liked[candidate])
    if not liked[best]:
        raise NotAcceptable
    return best


def _range(part: str) -> tuple[str, float]:
    kind = MediaType(part.strip())
    try:
        quality = float(kind.params.get("q", "1"))
    except ValueError:
        quality = 1.0
    return f"{kind.main_type}/{kind.sub_type}".lower(), quality


def _quality(candidate: str, ranges: list[tuple[str, float]]) -> float:
    """How much ``candidate`` is liked: the most specific range that fits it says so."""
    for wanted in (candidate, "application/*", "*/*"):
        fitting = [quality for name, quality in ranges if name == wanted]
        if fitting:
            return max(fitting)
    return 0.0
