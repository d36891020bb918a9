"""Forms that come without a session, or with a token from before the last sign-in.

Whose they are tells their key, else the cookie of who was signed in here last; both are signed by us,
so that nobody can plant text in another person's form. Nothing is ever sent by itself.
"""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import (
    HttpResponseClientRedirect,
    reselect,
    reswap,
    retarget,
    trigger_client_event,
)

from accounts.requests import person_of, safe_next
from accounts.views.form_pages import is_form_page, keep_unsent, leads_on
from common.errors import DomainError
from common.form_keys import read_key
from common.htmx import wants_fragment
from common.unsent import Unsent, typed_fields
from weegloo_site.refusals import refusal_page

_DIALOG: Final = "dialog"
_ID = re.compile(r"[A-Za-z][\w-]{0,100}")
_MOST_HIDDEN: Final = 100_000
_person = signing.Signer(salt="person signed in last")


# ---- Without a session


def to_sign_in(request: HttpRequest, *, is_token_fresh: bool = True) -> HttpResponse:
    """The redirect to sign-in and back to a *page* afterwards: the form's, with what was typed.

    What was a POST of no form, or a fragment of a page, leads back to the page it was on. htmx gets
    ``HX-Redirect``: it would swap the sign-in page in otherwise.
    """
    fragment = wants_fragment(request)
    if request.method in ("GET", "HEAD") and not fragment:
        page = request.get_full_path()
    else:
        page = _keep(request, is_token_fresh) or _page_it_was_on(request)
    response = redirect_to_login(page) if page else redirect("sign-in")
    patch_vary_headers(response, ["HX-Request"])
    return HttpResponseClientRedirect(response["Location"]) if fragment else response


def _keep(request: HttpRequest, is_token_fresh: bool) -> str:
    """Keep what was typed; the page of the form, or nothing when there was nothing to keep.

    The form is at the address it was sent to, or, where that has no page, at the one it was on. Only
    a fresh token proves that the form was shown to the person who was signed in last.
    """
    person_id, _key = read_key(request)
    if not person_id and is_token_fresh:
        person_id = _last_person(request)
    if request.method != "POST" or not person_id:
        return ""
    typed = typed_fields(request)
    for page in (request.get_full_path(), _page_it_was_on(request)):
        if keep_unsent(request, person_id, page, typed):
            return page
    return ""


def _page_it_was_on(request: HttpRequest) -> str:
    url = request.headers.get("HX-Current-URL") if wants_fragment(request) else request.headers.get("Referer")
    return urlsplit(safe_next(request, url or ""))._replace(scheme="", netloc="", fragment="").geturl()


def remember_person(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser know, signed, who is signed in."""
    value = _person.sign(person_of(request).pk)
    if request.COOKIES.get(settings.PERSON_COOKIE_NAME) != value:
        response.set_cookie(
            settings.PERSON_COOKIE_NAME,
            value,
            max_age=2 * settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _last_person(request: HttpRequest) -> str:
    try:
        return _person.unsign(request.COOKIES.get(settings.PERSON_COOKIE_NAME, "")[:200])
    except signing.BadSignature:
        return ""


# ---- With an old token


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A POST whose token is not of this session, or missing: nothing is done.

    From another site it is refused. From a page of ours that was open since before the person signed
    in again, the form comes back with everything typed and a fresh token.
    """
    match = request.resolver_match
    if match is None or _comes_from(request) == "elsewhere":
        return _expired(request)
    person_id, _key = read_key(request)
    if not request.user.is_authenticated and getattr(match.func, "login_required", True):
        return to_sign_in(request, is_token_fresh=False)
    if request.user.is_authenticated and person_id not in ("", request.user.pk):
        return _of_another_person(request)
    if is_form_page(match.func):
        return _form_again(request, match.func, match.args, match.kwargs)
    return _told(request, _words()) if wants_fragment(request) else _button_again(request)


def _words() -> str:
    return _("This page had expired, so nothing was sent. Everything is still here: send it once more.")


def _comes_from(request: HttpRequest) -> str:
    """Which site's page sent it, as the browser says: "here", "elsewhere", or "unknown"."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    ours = f"{request.scheme}://{request.get_host()}"
    if site != "none":
        is_here = site == "same-origin"
    elif sender := request.headers.get("Origin") or request.headers.get("Referer"):
        is_here = sender == ours or sender.startswith(f"{ours}/")
    else:
        return "unknown"
    return "here" if is_here else "elsewhere"


def _form_again(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase:
    """The page of the form with what was typed: what its GET shows, so that nothing can be done.

    Over htmx, of that page the part that the answer goes into.
    """
    htmx, method, typed = getattr(request, "htmx", None), request.method, request.POST
    is_fragment, target = wants_fragment(request), request.headers.get("HX-Target", "")
    request.unsent = Unsent.told(typed_fields(request), _words())  # type: ignore[attr-defined]
    request.method, request.POST = "GET", QueryDict()
    if is_fragment and target != _DIALOG:
        request.htmx = None  # type: ignore[attr-defined]
    try:
        response = view(request, *args, **kwargs)
    except DomainError as error:
        request.htmx = htmx  # type: ignore[attr-defined]
        return refusal_page(request, error)
    finally:
        request.method, request.POST, request.htmx = method, typed, htmx  # type: ignore[attr-defined]
    assert isinstance(response, HttpResponse)  # noqa: S101  # no form page streams
    if response.status_code != 200:
        place = leads_on(response)
        return HttpResponseClientRedirect(place) if is_fragment and place else response
    if not is_fragment:
        response.status_code = 403
        return response
    if target != _DIALOG:
        if not _ID.fullmatch(target) or f'id="{target}"' not in response.text:
            return _told(request, _words())
        for choose in (retarget, reselect):
            choose(response, f"#{target}")
        response["HX-Reswap"] = "outerHTML ignoreTitle:true"
    response.status_code = 422
    return _with_fresh_token(request, response)


def _button_again(request: HttpRequest) -> HttpResponse:
    """A page with one button that sends the same to the same address: for what has no page of its own.

    Only for what surely came from a page of ours: the fields cannot be seen.
    """
    typed = typed_fields(request)
    if _comes_from(request) != "here" or len(typed.urlencode()) > _MOST_HIDDEN:
        return _expired(request)
    fields = [(name, value) for name in typed for value in typed.getlist(name)]
    return render(request, "once_more.html", {"fields": fields, "words": _words()}, status=403)


def _of_another_person(request: HttpRequest) -> HttpResponse:
    words = _("Somebody else was signed in when this page was opened, so nothing was sent. Reload the page.")
    return _told(request, words) if wants_fragment(request) else _expired(request, words)


def _told(request: HttpRequest, words: str) -> HttpResponse:
    """A notice; the page stays as it is, and its forms get a fresh token."""
    messages.warning(request, words)
    response = HttpResponse(render_to_string("components/notices_oob.html", request=request), status=422)
    reswap(response, "none")
    return _with_fresh_token(request, response)


def _with_fresh_token(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let ``console.js`` put a fresh token in every form of the page."""
    trigger_client_event(response, "fresh-token", {"token": get_token(request)})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _expired(request: HttpRequest, words: str = "") -> HttpResponse:
    """The page for a form that is not ours, or nobody's any more."""
    return render(request, "403_csrf.html", {"words": words}, status=403)
