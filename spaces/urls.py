"""Space screens."""

from django.urls import path

from spaces import views

urlpatterns = [
    path("spaces/<str:space_id>/", views.overview, name="space"),
    path("spaces/<str:space_id>/settings/", views.settings, name="space-settings"),
    path("spaces/<str:space_id>/delete/", views.delete, name="space-delete"),
]
