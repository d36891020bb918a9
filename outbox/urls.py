"""The local mailbox."""

from django.urls import path

from outbox import views

urlpatterns = [
    path("", views.mailbox, name="mailbox"),
    path("<str:name>/", views.message, name="mailbox-message"),
    path("<str:name>/html/", views.message_html, name="mailbox-message-html"),
]
