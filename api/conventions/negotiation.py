"""Media types: what is answered, and what a body may be (api.md, Conventions)."""

from collections.abc import Collection

from django.http import HttpRequest
from django.http.request import MediaType

from api.conventions.refusals import NotAcceptable, PayloadTooLarge, UnsupportedMediaType

VENDOR = "application/vnd.com.weegloo.v1+json"
JSON = "application/json"
PATCH = "application/json-patch+json"
BODIES = (VENDOR, JSON)
PATCHES = (PATCH,)
MAX_BODY = 1024 * 1024


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


def require_body_type(request: HttpRequest, allowed: Collection[str]) -> None:
    """Raise :class:`UnsupportedMediaType` unless the Content-Type is one of ``allowed``, in UTF-8."""
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    if request.content_type not in allowed or charset.lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(suggestion=f"Content-Type: {' / '.join(allowed)}")


def require_small_body(request: HttpRequest) -> None:
    """Raise :class:`PayloadTooLarge` over 1 MiB, without reading it."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > MAX_BODY:
        raise PayloadTooLarge


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
