"""What every request passes through."""

import logging
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils import timezone, translation

from accounts.services import touch
from common.errors import DomainError
from common.ids import random_text
from common.outages import is_outage
from memberships import presence
from weegloo_site import logs
from weegloo_site.failures import unavailable
from weegloo_site.refusals import refusal_page
from weegloo_site.stale_forms import remember_person, to_sign_in
from weegloo_site.views import healthz, readyz

logger = logging.getLogger("weegloo.request")
type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """Gives each request an id: in the log, in ``X-Request-Id``, in the API's errors."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        ident = random_text(20)
        request.request_id = ident  # type: ignore[attr-defined]  # read by error pages and the API
        token = logs.request_id.set(ident)
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = ident
            # The path without its query: a query may hold an address or a search.
            logger.info(
                "%s %s %s",
                request.method,
                request.path,
                response.status_code,
                extra={"ms": round((time.monotonic() - started) * 1000)},
            )
            return response
        finally:
            logs.request_id.reset(token)


class Utf8Middleware:
    """Reads every query and form as UTF-8, which is what our pages and the API's clients send.

    Django would take the charset that the request names, which may be any codec of Python: one
    that decodes to lone surrogates, or to no text at all.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.encoding = "utf-8"
        return self.get_response(request)


class HealthMiddleware:
    """Answers probes before anything asks for their host name or for TLS."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match request.path:
            case "/healthz":
                return healthz(request)
            case "/readyz":
                return readyz(request)
            case _:
                return self.get_response(request)


class CompressedPagesMiddleware(GZipMiddleware):
    """Compresses pages that our own pages, or the person, asked for; the API and other sites get theirs plain.

    Whoever can make a browser ask for a page again and again, and sees the lengths of the answers,
    could guess what stands in it beside their own words (BREACH). Such requests come from another site,
    and browsers say so. Django's random length is there besides.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Gzip, for HTML."""
        ours = request.headers.get("Sec-Fetch-Site") in ("same-origin", "none")
        if not ours or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends whoever is not signed in to sign-in, and back to a page with what was typed afterwards."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        """The redirect, with ``next``."""
        return to_sign_in(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Remember who is signed in to the console."""
        if _is_console(request) and request.user.is_authenticated:
            remember_person(request, response)
        return response


class ReaderMiddleware:
    """The reader's own language, where they chose one, and the time zone their browser told of."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = getattr(request.user, "language", "")
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        with timezone.override(_zone(request.COOKIES.get(settings.TIME_ZONE_COOKIE_NAME, ""))):
            return self.get_response(request)


def _zone(name: str) -> ZoneInfo | None:
    """The zone of that name; None, which is UTC, for what is none."""
    try:
        return ZoneInfo(name)  # it refuses names that lead out of its folder
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


class LastActiveMiddleware:
    """Notes when a signed-in person was last here, and in which Organization.

    Of the console also the place that was opened, and the language read.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with presence.noting():
            response = self.get_response(request)
        if not request.user.is_authenticated:
            return response
        if _is_console(request):
            place = _place(request) if response.status_code == 200 else ""
            touch(request.user, place, translation.get_language() or "")
        else:
            touch(request.user)
        return response


def _is_console(request: HttpRequest) -> bool:
    """Whether the URL is a page of the console: the API and the staff admin have namespaces."""
    return request.resolver_match is not None and not request.resolver_match.namespaces


def _place(request: HttpRequest) -> str:
    """The path of the Organization or Space that the request's URL is in."""
    ids = request.resolver_match.kwargs if request.resolver_match and request.method == "GET" else {}
    for kind in ("space", "organization"):
        if f"{kind}_id" in ids:
            return reverse(kind, args=[ids[f"{kind}_id"]])
    return ""


class DomainErrorMiddleware:
    """Answers a refusal that a view did not answer itself, with its status and code.

    404 and 403 get pages of their own. Over htmx the answer is a notice.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page or notice for a refusal or an outage; None leaves any other exception alone."""
        if is_outage(exception):
            logger.warning("The database is away: %s", type(exception).__name__)
            return unavailable(request)
        if not isinstance(exception, DomainError):
            return None
        return refusal_page(request, exception)
