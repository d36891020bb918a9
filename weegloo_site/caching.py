"""What browsers and proxies may keep of the answers."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PrivateAnswersMiddleware:
    """Forbid storing every answer that does not state its own ``Cache-Control`` (RFC 9111 §5.2.2.5).

    Pages, fragments, redirects, errors and files alike, signed in or not: after signing out, **Back**
    must not show members again. Static files are answered by WhiteNoise before they get here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response
