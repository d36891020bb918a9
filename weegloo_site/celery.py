"""The Celery application; tasks are found in each app's ``tasks`` module."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")

app = Celery("weegloo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def poll_the_outbox(**_signal: Any) -> None:
    """Let each worker look for due emails by itself, whether or not the broker is there."""
    from outbox import poller  # noqa: PLC0415  # the apps are not loaded before

    poller.start()
