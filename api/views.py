"""The OpenAPI document, the page that shows it, and addresses that do not exist."""

from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET

from api.cma import document
from api.core.requests import call_of
from api.docs import page
from common.errors import NotFound

# The page has no script at all.
_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document; no token needed."""
    response = JsonResponse(document(), json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "public, max-age=300"
    return response


@csp_override(_CSP)
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page to read; no token, no script, no network needed."""
    return render(request, "api/docs.html", {"page": page(document())})


def unknown(request: HttpRequest, *args: Any, **ids: Any) -> NoReturn:
    """No such route: 401 without a token, as everywhere, then 404."""
    call_of(request)
    raise NotFound(
        _("There is no such route."), suggestion=_("See /v1/docs or /v1/openapi.json for the routes.")
    )
