"""Organization screens."""

from django.urls import path

from organizations import views

urlpatterns = [
    path("organizations/", views.organization_list, name="organization-list"),
    path("organizations/new/", views.create, name="organization-create"),
    path("organizations/<str:organization_id>/", views.spaces, name="organization"),
    path("organizations/<str:organization_id>/spaces/new/", views.create_space, name="space-create"),
    path("organizations/<str:organization_id>/settings/", views.settings, name="organization-settings"),
    path("organizations/<str:organization_id>/delete/", views.delete, name="organization-delete"),
    path("switcher/", views.switcher, name="switcher"),
]
