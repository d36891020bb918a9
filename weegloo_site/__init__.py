"""Settings, URLs, middleware and start of the site."""

from weegloo_site.celery import app as celery_app

__all__ = ["celery_app"]
