"""Space screens."""

from django.urls import path

from spaces.views import access, roles, spaces

urlpatterns = [
    path("spaces/<str:space_id>/", spaces.overview, name="space"),
    path("spaces/<str:space_id>/settings/", spaces.settings, name="space-settings"),
    path("spaces/<str:space_id>/delete/", spaces.delete, name="space-delete"),
    path("spaces/<str:space_id>/roles/", roles.role_list, name="space-roles"),
    path("spaces/<str:space_id>/roles/create/", roles.create, name="space-role-create"),
    path("spaces/<str:space_id>/roles/preview/", roles.preview, name="space-role-preview"),
    path("spaces/<str:space_id>/roles/<str:role_id>/", roles.edit, name="space-role"),
    path("spaces/<str:space_id>/roles/<str:role_id>/delete/", roles.delete, name="space-role-delete"),
    path("spaces/<str:space_id>/access/", access.access, name="space-access"),
]
