"""The version a change is made against (api.md, Version; rules §9)."""

import re

from django.http import HttpRequest
from django.utils.translation import gettext as _

from api.conventions.refusals import BadVersion, VersionRequired

HEADER = "X-Weegloo-Version"
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_TAG = re.compile(r'(?:W/)?"(-?[0-9]{1,18})"')


def stated_version(request: HttpRequest) -> int:
    """The version of ``X-Weegloo-Version``, or of its alias ``If-Match``.

    Raises :class:`VersionRequired`, :class:`BadVersion` (also when the two disagree).
    """
    stated: set[int] = set()
    for header, pattern in ((HEADER, _NUMBER), ("If-Match", _TAG)):
        text = request.headers.get(header)
        if text is None:
            continue
        found = pattern.fullmatch(text.strip())
        if found is None:
            raise BadVersion(_("%(header)s is not a version.") % {"header": header})
        stated.add(int(found.group(found.lastindex or 0)))
    if not stated:
        raise VersionRequired
    if len(stated) > 1:
        raise BadVersion(_("X-Weegloo-Version and If-Match disagree."))
    return stated.pop()


def etag(version: int) -> str:
    """The ETag of a resource in ``version``."""
    return f'"{version}"'
