"""The site's own app, and the staff admin's."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class WeeglooSiteConfig(AppConfig):
    """Registers the site's commands."""

    name = "weegloo_site"


class StaffAdminConfig(AdminConfig):
    """django.contrib.admin with our site."""

    default_site = "weegloo_site.staff.StaffSite"
    default = False
