"""Space screens."""

from django.urls import path

from spaces import access_views, role_views, views

urlpatterns = [
    path("spaces/<str:space_id>/", views.overview, name="space"),
    path("spaces/<str:space_id>/settings/", views.settings, name="space-settings"),
    path("spaces/<str:space_id>/delete/", views.delete, name="space-delete"),
    path("spaces/<str:space_id>/roles/", role_views.role_list, name="space-roles"),
    path("spaces/<str:space_id>/roles/create/", role_views.create, name="space-role-create"),
    path("spaces/<str:space_id>/roles/preview/", role_views.preview, name="space-role-preview"),
    path("spaces/<str:space_id>/roles/<str:role_id>/", role_views.edit, name="space-role"),
    path("spaces/<str:space_id>/roles/<str:role_id>/delete/", role_views.delete, name="space-role-delete"),
    path("spaces/<str:space_id>/access/", access_views.access, name="space-access"),
]
