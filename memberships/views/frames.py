"""The frames of Organization and Space screens, with the menu that the reader's role allows."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.errors import Text
from common.frame import Frame, MenuItem
from memberships.selectors import OrganizationAccess, SpaceAccess


def organization_frame(access: OrganizationAccess, current: str) -> Frame:
    """The frame of an Organization screen; ``current`` is the URL name of the menu's entry."""
    organization = access.organization

    def item(label: Text, name: str, icon: str) -> MenuItem:
        return MenuItem(label, reverse(name, args=[organization.pk]), icon, current=name == current)

    menu = [item(_("Spaces"), "organization", "box")]
    if access.may_manage:
        menu += [
            item(_("Membership"), "organization-membership", "users"),
            item(_("Settings"), "organization-settings", "settings"),
        ]
    return Frame(organization, menu=menu, menu_label=_("Organization"))


def space_frame(access: SpaceAccess, current: str) -> Frame:
    """The frame of a Space screen."""
    space = access.space

    def item(label: Text, name: str, icon: str) -> MenuItem:
        return MenuItem(label, reverse(name, args=[space.pk]), icon, current=name == current)

    menu = [
        item(_("Overview"), "space", "layout-grid"),
        item(_("Membership"), "space-membership", "users"),
        item(_("Roles & Permissions"), "space-roles", "shield-check"),
    ]
    if access.may_change:
        menu.append(item(_("Settings"), "space-settings", "settings"))
    return Frame(access.organization.organization, space, menu, _("Space"))
