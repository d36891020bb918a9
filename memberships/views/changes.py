"""Who changed what meanwhile, for whoever sent a form that is no longer the newest (rules §9)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from activity import log
from activity.models import ActivityEntry
from common.isolation import enclosed
from memberships.models import Role
from spaces.models import SpaceRole
from spaces.permissions import FIELDS, Map, summary


def was_here(request: HttpRequest, subject: str, *, place_id: str) -> bool:
    """Return True if a POST removes a row that is already gone from that Organization or Space.

    The caller must be allowed to remove it there. An id of another place counts as unknown (rules §13).
    """
    if request.method != "POST":
        return False
    entry = log.last_change(subject)
    return entry is not None and place_id in (entry.organization_id, entry.space_id)


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of a row: a sentence, and a line per value."""

    who: str
    lines: list[str]


def last_change(subject: str) -> Change | None:
    """The last change of the row with the id ``subject``, in words."""
    entry = log.last_change(subject)
    if entry is None:
        return None
    who = _("%(name)s changed this in the meantime.") % {"name": enclosed(log.name_of(entry.actor))}
    return Change(who, [_line(entry, key) for key in entry.before if _differs(entry, key)])


def _differs(entry: ActivityEntry, key: str) -> bool:
    return key != "version" and entry.before[key] != entry.after.get(key)


def _line(entry: ActivityEntry, key: str) -> str:
    labels = {
        "name": _("Name"),
        "description": _("Description"),
        "role": _("Role"),
        "roles": _("Roles"),
        "labels": _("Names"),
        **{kind.value: kind.label for kind in Map},
    }
    return _("%(what)s: “%(before)s” became “%(after)s”.") % {
        "what": labels.get(key, key),
        "before": _words(key, entry.before[key]),
        "after": _words(key, entry.after.get(key, "")),
    }


def _words(key: str, value: Any) -> str:
    if key in Map:
        return summary(SpaceRole(**{FIELDS[Map(key)]: value}))
    if isinstance(value, dict):
        return ", ".join(str(item) for item in value.values())
    if isinstance(value, list):
        return ", ".join(enclosed(item["name"]) for item in value)
    return str(Role(value).label) if value in Role.values else enclosed(str(value))
