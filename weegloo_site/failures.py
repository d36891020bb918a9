"""Answers to what nobody foresaw, and to a database that is away; neither may touch the database."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template import loader

from api.core.dispatch import refusal
from common.errors import Unavailable
from common.outages import is_outage


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``: called while the exception is handled."""
    error = sys.exc_info()[1]
    if request.path_info.startswith("/v1/") and isinstance(error, Exception):
        return refusal(request, error)
    return unavailable(request) if is_outage(error) else HttpResponse(_plain("500.html"), status=500)


def unavailable(_request: HttpRequest) -> HttpResponse:
    """503: nothing is said about what was changed, which may be uncertain."""
    response = HttpResponse(_plain("503.html"), status=Unavailable.status)
    response["Retry-After"] = str(Unavailable.retry_after)
    response["Cache-Control"] = "no-store"
    return response


def _plain(template: str) -> str:
    """The template with an empty context."""
    return loader.get_template(template).render()
