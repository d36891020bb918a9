"""One line of meaning for each role, for people who choose one."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.errors import Text
from memberships.models import Role
from spaces.models import SpaceRole

ROLE_MEANINGS: dict[Role, Text] = {
    Role.OWNER: gettext_lazy("Everything in the Organization, billing included. Can make other people Owners."),
    Role.ADMIN: gettext_lazy("Invites and manages members, creates and manages Spaces. No billing."),
    Role.MEMBER: gettext_lazy("Works with content in the Spaces they are assigned to."),
}

_ALL = {"All": {"Allow": []}}
_READ = {"Read": {"Allow": []}}


def space_role_meaning(role: SpaceRole) -> str:
    """What a SpaceRole lets its holders do, told from what it allows, never from its name."""
    if role.is_locked:
        return _("Everything in this Space, its members and settings too.")
    if not role.settings and not role.script and role.content_type == _READ:
        if role.content == role.media == _ALL:
            return _("Creates, edits and publishes content and media.")
        if role.content == role.media == _READ:
            return _("Reads content and media, changes nothing.")
    allowed = sum(
        "Allow" in rules
        for kind in (role.content_type, role.content, role.media, role.script)
        for rules in kind.values()
    )
    count = allowed + len(role.settings)
    if not count:
        return _("Allows nothing yet.")
    return ngettext("%(count)d permission.", "%(count)d permissions.", count) % {"count": count}
