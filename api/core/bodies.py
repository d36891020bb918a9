"""Bodies before they are JSON: which kinds are taken, and their bytes (api.md, Bodies)."""

import re
from collections.abc import Collection
from typing import IO, cast

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.translation import gettext as _

from api.core.refusals import BadJson, LengthRequired, PayloadTooLarge, UnsupportedMediaType

MAX_BODY = 1024 * 1024
_PIECE = 64 * 1024
_NUMBER = re.compile(r"[0-9]{1,18}")


def require_body_type(request: HttpRequest, allowed: Collection[str]) -> None:
    """Raise :class:`UnsupportedMediaType` unless the body is of a type in ``allowed``, in UTF-8, as it is.

    Content codings such as gzip are not taken (RFC 9110 §15.5.16).
    """
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity"):
        raise UnsupportedMediaType(
            _("The Content-Encoding of the body is not supported here."),
            suggestion=_("Send the body as it is, without Content-Encoding."),
        )
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    if request.content_type not in allowed or charset.lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(
            suggestion=_("Allowed: Content-Type: %(types)s") % {"types": " / ".join(allowed)}
        )


def read_bytes(request: HttpRequest, most: int = MAX_BODY) -> bytes:
    """The body of a request, however it is framed: with its length stated, or in chunks (RFC 9112 §7.1).

    Raises :class:`PayloadTooLarge` over ``most`` bytes, of which no more are read;
    :class:`LengthRequired` where the web server hands chunks on without saying where they end;
    :class:`BadJson` for a body that ended before its stated length.
    """
    stated = request.META.get("CONTENT_LENGTH") or ""
    length = int(stated) if _NUMBER.fullmatch(stated) else None
    if length is None and stated:
        raise LengthRequired
    if length is not None and length > most:
        raise PayloadTooLarge.over(most)
    body = _read(_stream(request, length), most)
    if length is not None and len(body) < length:
        raise BadJson(_("The body ended before its Content-Length."))
    return body


def _stream(request: HttpRequest, length: int | None) -> IO[bytes]:
    """Where the body is read from; Django gives a WSGI request without a length an empty body."""
    if length is None and isinstance(request, WSGIRequest):
        if request.environ.get("wsgi.input_terminated"):
            return cast("IO[bytes]", request.environ["wsgi.input"])
        if "HTTP_TRANSFER_ENCODING" in request.META:
            raise LengthRequired
    return cast("IO[bytes]", request)


def _read(stream: IO[bytes], most: int) -> bytes:
    """Everything in ``stream``, which may give less than it is asked for."""
    pieces: list[bytes] = []
    left = most + 1
    while left and (piece := stream.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise PayloadTooLarge.over(most)
    return b"".join(pieces)
