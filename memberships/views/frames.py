"""The frames of Organization and Space screens, with the menu that the reader's role allows."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.curl import ApiCall
from common.errors import Text
from common.frame import Frame, MenuItem
from memberships.selectors import OrganizationAccess, SpaceAccess


def organization_frame(access: OrganizationAccess, current: str, api: ApiCall | None = None) -> Frame:
    """The frame of an Organization screen; ``current`` is the URL name of the menu's entry."""
    organization = access.organization

    def item(label: Text, name: str, icon: str, key: str = "") -> MenuItem:
        return MenuItem(label, reverse(name, args=[organization.pk]), icon, current=name == current, key=key)

    menu, actions = [item(_("Spaces"), "organization", "box", "s")], []
    if access.may_manage:
        menu += [
            item(_("Membership"), "organization-membership", "users", "m"),
            item(_("Settings"), "organization-settings", "settings", "t"),
        ]
        actions = [
            item(_("Invite"), "invite", "user-plus"),
            item(_("Create Space"), "space-create", "plus"),
        ]
    return Frame(organization, menu=menu, menu_label=_("Organization"), actions=actions, api=api)


def space_frame(access: SpaceAccess, current: str, api: ApiCall | None = None) -> Frame:
    """The frame of a Space screen."""
    space = access.space

    def item(label: Text, name: str, icon: str, key: str = "") -> MenuItem:
        return MenuItem(label, reverse(name, args=[space.pk]), icon, current=name == current, key=key)

    menu = [
        item(_("Overview"), "space", "layout-grid", "o"),
        item(_("Membership"), "space-membership", "users", "m"),
        item(_("Roles & Permissions"), "space-roles", "shield-check", "r"),
    ]
    actions = [item(_("Check my access"), "space-access", "circle-question-mark")]
    if access.may_change:
        menu.append(item(_("Settings"), "space-settings", "settings", "t"))
    if access.may_manage_members or access.may_manage_roles:
        actions = [item(_("Check access"), "space-access", "circle-question-mark")]
    if access.may_manage_roles:
        actions.insert(0, item(_("Create a role"), "space-role-create", "plus"))
    if access.may_manage_members:
        actions.insert(0, item(_("Add members"), "space-member-add", "user-plus"))
    return Frame(access.organization.organization, space, menu, _("Space"), actions, api)
