"""The way in and out: what holds for every request under ``/v1``, known address or not."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import TooManyFieldsSent
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from accounts.requests import client_network
from api.core import rate_limit
from api.core.errors import error_body
from api.core.negotiation import VENDOR, answered_type
from api.core.preconditions import not_modified
from api.core.refusals import (
    BadJson,
    MethodNotAllowed,
    NotAcceptable,
    OurFault,
    UnsupportedMediaType,
)
from api.core.requests import Call, token_of
from api.core.responses import Answer
from common.errors import DomainError, InvalidParameter, NotFound, Unavailable
from common.outages import is_outage

logger = logging.getLogger(__name__)
type View = Callable[..., HttpResponseBase]


def door(view: View) -> View:
    """``view`` as the API answers: no cookies, the caller known and counted, refusals as JSON."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
        request.COOKIES = {}
        with translation.override(translation.get_language_from_request(request)):
            return _answer(view, request, *args, **ids)

    return answered


def _answer(view: View, request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
    rate: rate_limit.Rate | None = None
    try:
        token = token_of(request)
        request.user = token.user if token else AnonymousUser()
        rate = rate_limit.count(token.pk if token else client_network(request))
        if rate is not None:
            rate.require_within()
        if token is not None:
            request.call = Call(request, token)  # type: ignore[attr-defined]  # read by call_of
        response = _of_method(view, request, *args, **ids)
        if isinstance(response, HttpResponseNotAllowed):
            methods = ", ".join(sorted(response["Allow"].split(", ")))
            response = refusal(request, MethodNotAllowed.among(request.method or "", methods))
            response["Allow"] = methods
    except Exception as error:  # noqa: BLE001  # whatever it is, the answer is JSON
        response = refusal(request, error)
    if rate is not None:
        rate.write(response)
    if not response.has_header("Cache-Control"):
        response["Cache-Control"] = "no-store"
    response["Content-Language"] = translation.get_language() or "en"
    patch_vary_headers(response, ("Accept", "Accept-Language", "Authorization"))
    return response


def _of_method(view: View, request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
    """The view's response, for GET unless the client has it already; HEAD is GET without its content."""
    if request.method not in ("GET", "HEAD"):
        return view(request, *args, **ids)
    method, request.method = request.method, "GET"
    response = not_modified(request, view(request, *args, **ids))
    request.method = method
    if method == "GET" or response.status_code == 304:
        return response
    if isinstance(response, HttpResponse):
        length = len(response.content)
        response.content = b""
        response["Content-Length"] = str(length)
    return response


def refusal(request: HttpRequest, error: Exception) -> HttpResponse:
    """The response to ``error``; one that is no refusal is logged, and answered as ours."""
    refused = _as_refusal(error)
    if isinstance(refused, Unavailable):
        logger.warning("The database is away: %s", type(error).__name__)
    if isinstance(refused, OurFault):
        logger.error("The API failed", exc_info=error)
    try:
        media_type = answered_type(request)
    except NotAcceptable:
        media_type = VENDOR
    request_id: str = getattr(request, "request_id", "")
    response = Answer(refused.status, error_body(refused, request_id)).response(media_type)
    if refused.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(refused, UnsupportedMediaType):
        response["Accept-Encoding"] = "identity"  # RFC 9110 §15.5.16
    if "retryAfter" in refused.details:
        response["Retry-After"] = str(refused.details["retryAfter"])
    return response


def _as_refusal(error: Exception) -> DomainError:
    match error:
        case DomainError():
            return error
        case Http404():
            return NotFound()
        case UnreadablePostError():
            return BadJson(_("The connection ended before the body did."))
        case TooManyFieldsSent():
            return InvalidParameter(_("There are too many parameters."))
        case _ if is_outage(error):
            return Unavailable()
    return OurFault()
