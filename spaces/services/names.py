"""The names of Spaces and SpaceRoles (rules §6, §8)."""

from django.utils.translation import gettext as _

from common.errors import Invalid
from common.text import is_blank, is_plain

MAX_LENGTH = 64


def clean_name(name: str) -> str:
    """The trimmed name; raises :class:`Invalid` unless it has 1 to 64 characters, all of them text."""
    name, faults = read_name(name)
    if faults:
        raise Invalid(faults[0]["message"], errors=faults)
    return name


def read_name(name: str, path: str = "/name") -> tuple[str, list[dict[str, str]]]:
    """:func:`clean_name` without raising: the trimmed name and its faults."""
    name = name.strip()
    if not 1 <= len(name) <= MAX_LENGTH or is_blank(name):
        return name, [{"path": path, "code": "length", "message": _("A name has 1 to 64 characters.")}]
    if not is_plain(name):
        message = _("A name has no control characters.")
        return name, [{"path": path, "code": "characters", "message": message}]
    return name, []
