"""Every URL of the site: one per action."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from weegloo_site import styleguide, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("", include("organizations.urls")),
    path("", include("spaces.urls")),
    path("", include("memberships.urls")),
    path("v1/", include(("api.urls", "api"))),
    path("admin/", admin.site.urls),
    path("styleguide/", styleguide.page, name="styleguide"),
]
handler500 = "weegloo_site.failures.server_error"
if settings.LOCAL_MAILBOX:
    urlpatterns.append(path("mailbox/", include("outbox.urls")))
