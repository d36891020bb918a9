"""Membership screens, of an Organization and of a Space; ⌘K."""

from django.urls import include, path

from memberships.views import invitations, organization_members, palette, space_members

_organization = [
    path("", organization_members.member_list, name="organization-membership"),
    path("invite/", invitations.invite, name="invite"),
    path("leave/", organization_members.leave, name="organization-leave"),
    path("<str:membership_id>/role/", organization_members.change_role, name="organization-member-role"),
    path("<str:membership_id>/spaces/", organization_members.spaces, name="organization-member-spaces"),
    path("<str:membership_id>/remove/", organization_members.remove, name="organization-member-remove"),
]
_space = [
    path("", space_members.member_list, name="space-membership"),
    path("add/", space_members.add, name="space-member-add"),
    path("<str:membership_id>/roles/", space_members.change_roles, name="space-member-roles"),
    path("<str:membership_id>/remove/", space_members.remove, name="space-member-remove"),
]
urlpatterns = [
    path("go/", palette.go, name="go"),
    path("shortcuts/", palette.shortcuts, name="shortcuts"),
    path("organizations/<str:organization_id>/membership/", include(_organization)),
    path("spaces/<str:space_id>/membership/", include(_space)),
]
