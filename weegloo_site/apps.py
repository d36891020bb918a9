"""The ``weegloo_site`` app."""

from django.apps import AppConfig


class WeeglooSiteConfig(AppConfig):
    """Registers the app."""

    name = "weegloo_site"
    verbose_name = "Site"
