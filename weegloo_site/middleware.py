"""What every request passes through."""

import logging
import time
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts.services import touch
from common.errors import DomainError
from common.ids import random_text
from weegloo_site import logs

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


class HtmxLoginRedirectMiddleware:
    """Turns the redirect to sign-in into ``HX-Redirect``: htmx would swap the page in otherwise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            getattr(request, "htmx", False)
            and response.status_code == 302
            and not request.user.is_authenticated
        ):
            return HttpResponseClientRedirect(response["Location"])
        return response


class LastActiveMiddleware:
    """Notes when a signed-in person was last here, and in which Organization or Space."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated:
            touch(request.user, _place(request) if response.status_code == 200 else "")
        return response


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
        """The page or notice for a :class:`DomainError`; None leaves any other exception alone."""
        if not isinstance(exception, DomainError):
            return None
        if getattr(request, "htmx", False) and exception.status not in (403, 404):
            messages.error(request, str(exception.message))
            response = render(request, "components/refusal.html", {"error": exception}, status=exception.status)
            response["HX-Reswap"] = "none"
            return response
        template = {403: "403.html", 404: "404.html"}.get(exception.status, "refusal.html")
        return render(request, template, {"error": exception}, status=exception.status)
