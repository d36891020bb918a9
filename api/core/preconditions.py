"""The version a change is made against, and the entity tags of answers (api.md, Version; rules §9)."""

import hashlib
import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from api.core.refusals import BadVersion, VersionRequired

HEADER = "X-Weegloo-Version"
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_TAG = re.compile(r'(?:W/)?"[^"]*"')
_VERSION_TAG = re.compile(r'(?:W/)?"(-?[0-9]{1,18})(?:-[0-9a-f]+)?"')
# RFC 9110 §15.4.5: what a 304 repeats of the 200 that it stands for.
_REPEATED = ("ETag", "Cache-Control", "Content-Location", "Expires")


def stated_version(request: HttpRequest, present: int) -> int:
    """The version that ``X-Weegloo-Version`` states, or its alias ``If-Match``.

    Of several versions in ``If-Match`` it is the ``present`` one, if that is among them (RFC 9110
    §13.1.1). Raises :class:`VersionRequired`, :class:`BadVersion` (also when the two headers disagree).
    """
    header, matching = request.headers.get(HEADER), request.headers.get("If-Match")
    versions = {present}
    if header is None and matching is None:
        raise VersionRequired
    if matching is not None:
        versions = _versions_in(matching)
    if header is None:
        return present if present in versions else max(versions)
    if not _NUMBER.fullmatch(header.strip()):
        raise BadVersion
    version = int(header)
    if matching is not None and version not in versions:
        raise BadVersion(_("X-Weegloo-Version and If-Match disagree."))
    return version


def _versions_in(text: str) -> set[int]:
    """The versions in an ``If-Match`` header; tags of other kinds match nothing."""
    if text.strip() == "*":
        raise BadVersion(
            _("If-Match: * does not say which version you read."),
            suggestion=_(
                "State the version you read: its ETag in If-Match, or sys.version in X-Weegloo-Version."
            ),
        )
    versions = {int(found[1]) for tag in _TAG.findall(text) if (found := _VERSION_TAG.fullmatch(tag))}
    if not versions or _TAG.sub("", text).strip(" \t,"):
        raise BadVersion(
            _("If-Match is not a list of ETags."),
            suggestion=_('Send the ETag of the resource as you read it, such as W/"3".'),
        )
    return versions


def version_tag(version: int, part: bytes = b"") -> str:
    """The ETag of a resource in ``version``; of a ``part`` of it, or of more than it, also by the content.

    Tags are weak: the same resource is answered in two media types (RFC 9110 §8.8.1).
    """
    return f'W/"{version}-{_digest(part)}"' if part else f'W/"{version}"'


def not_modified(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """``response``, or a 304 where the client has this already (``If-None-Match``, RFC 9110 §13.1.2).

    An answer that has no ETag yet gets one of its content.
    """
    if response.status_code != 200 or not isinstance(response, HttpResponse):
        return response
    if not response.has_header("ETag"):
        response["ETag"] = f'W/"{_digest(response.content)}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if known != ["*"] and _opaque(response["ETag"]) not in map(_opaque, known):
        return response
    unchanged = HttpResponseNotModified()
    for name in _REPEATED:
        if response.has_header(name):
            unchanged[name] = response[name]
    return unchanged


def _opaque(tag: str) -> str:
    """The tag for a weak comparison."""
    return tag.removeprefix("W/")


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()
