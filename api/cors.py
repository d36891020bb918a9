"""Calls from browsers on other sites (Fetch, CORS protocol; api.md, CORS).

Every answer under ``/v1`` may be read by every site: no cookie is accepted there, so that a page can
do nothing with a person's session. A browser's question beforehand (preflight) has no token and is
answered before authentication and outside the rate limit.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

ALLOWED_HEADERS = (
    "Authorization",
    "Content-Type",
    "Accept",
    "X-Weegloo-Version",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Prefer",
    "X-Weegloo-Advanced-Search",
)
EXPOSED_HEADERS = (
    "ETag",
    "Location",
    "Retry-After",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "X-Request-Id",
    "X-Weegloo-Total-Count",
    "Preference-Applied",
    "Idempotency-Replayed",
)
ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MAX_AGE = 7200  # seconds; the longest that Chromium keeps it


class CorsMiddleware:
    """Lets pages of every site call ``/v1`` and read its answers, errors too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with the headers that let a page read it."""
        if not f"{request.path_info}/".startswith("/v1/"):
            return self.get_response(request)
        asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = _preflight(request) if asked else self.get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = ", ".join(EXPOSED_HEADERS)
        return response


def _preflight(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=204)
    del response["Content-Type"]
    response["Access-Control-Allow-Methods"] = ", ".join(_methods(request.path_info))
    response["Access-Control-Allow-Headers"] = ", ".join(ALLOWED_HEADERS)
    response["Access-Control-Max-Age"] = str(MAX_AGE)
    return response


def _methods(path: str) -> tuple[str, ...]:
    """The methods of the route; all of them where there is none, so that a page can read the 404."""
    try:
        view = resolve(path).func
    except Resolver404:
        return ALL_METHODS
    methods: tuple[str, ...] = getattr(view, "methods", ALL_METHODS)
    return methods
