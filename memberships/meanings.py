"""One line of meaning for each role, for people who choose one."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Text
from memberships.models import Role
from spaces.models import SpaceRole
from spaces.permissions import summary

ROLE_MEANINGS: dict[Role, Text] = {
    Role.OWNER: gettext_lazy("Everything in the Organization, billing included. Can make other people Owners."),
    Role.ADMIN: gettext_lazy("Invites and manages members, creates and manages Spaces. No billing."),
    Role.MEMBER: gettext_lazy("Works with content in the Spaces they are assigned to."),
}

_ALL: dict[str, Any] = {"All": {"Allow": []}}
_READ: dict[str, Any] = {"Read": {"Allow": []}}


def space_role_meaning(role: SpaceRole) -> str:
    """What a SpaceRole lets its holders do, told from what it allows, never from its name."""
    if role.is_locked:
        return _("Everything in this Space, its members and settings too.")
    if not role.settings and not role.script and role.content_type == _READ:
        if role.content == role.media == _ALL:
            return _("Creates, edits and publishes content and media.")
        if role.content == role.media == _READ:
            return _("Reads content and media, changes nothing.")
    return summary(role, role.labels)
