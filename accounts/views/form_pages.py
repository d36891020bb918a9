"""Pages with forms: what was typed survives, and what a form makes is made once."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext_lazy as _

from accounts import sent_forms, unsent_forms
from accounts.requests import person_of
from common.errors import Text
from common.form_keys import read_key
from common.htmx import go
from common.unsent import Unsent

# In the session: the pages whose forms were typed in and not sent. No page asks the database in vain.
_PAGES = "unsent"
_TWICE = _("You sent this form twice. It was done once.")
type View = Callable[..., HttpResponseBase]


def form_page(view: View) -> View:
    """A view whose GET shows the form that its POST takes.

    What was typed and not sent, because the session had ended or the token was old, is shown there
    once more: ``common.forms.posted`` gives it to the form. Sending it makes it be forgotten.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            if not hasattr(request, "unsent"):
                request.unsent = _unsent(request)  # type: ignore[attr-defined]  # read by unsent_of
            return view(request, *args, **kwargs)
        response = view(request, *args, **kwargs)
        address = request.get_full_path()
        if address in request.session.get(_PAGES, ()) and leads_on(response):
            unsent_forms.drop(person_of(request), address)
            request.session[_PAGES] = [one for one in request.session[_PAGES] if one != address]
        return response

    page.is_form_page = True  # type: ignore[attr-defined]  # read by is_form_page
    return page


def is_form_page(view: View) -> bool:
    """Whether ``view`` is a :func:`form_page`."""
    return getattr(view, "is_form_page", False)


def keep_unsent(request: HttpRequest, person_id: str, page: str, typed: Any) -> bool:
    """Keep what was typed in the form at ``page`` for that person; whether it could be kept."""
    try:
        view = resolve(page.partition("?")[0]).func
    except Resolver404:
        return False
    if not is_form_page(view) or not unsent_forms.keep(person_id, page, typed):
        return False
    request.session[_PAGES] = [*(one for one in request.session.get(_PAGES, ()) if one != page), page][
        -unsent_forms.MOST_FORMS :
    ]
    return True


def _unsent(request: HttpRequest) -> Unsent | None:
    """What the person typed here before the session ended."""
    address = request.get_full_path()
    if not request.user.is_authenticated or address not in request.session.get(_PAGES, ()):
        return None
    typed = unsent_forms.kept(person_of(request), address)
    words = _("This was not sent yet, because you were signed out. Check what you typed, then send it.")
    return None if typed is None else Unsent.told(typed, words)


def sent_once(*, page: str = "", words: Text = _TWICE) -> Callable[[View], View]:
    """What the form makes, its second sending does not make again: it leads where the first led.

    That counts for the form with one key (``components/form_top.html``), two at once too. ``page`` is
    the name of the URL to lead to where success is a page of its own and no redirect.
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            person_id, key = read_key(request) if request.method == "POST" else ("", "")
            if not key or person_id != request.user.pk:
                return view(request, *args, **kwargs)
            with transaction.atomic():
                first = sent_forms.first_sending(person_of(request), key)
                if first is None:
                    response = view(request, *args, **kwargs)
                    place = leads_on(response) or (
                        reverse(page) if page and response.status_code == 200 else ""
                    )
                    if place:
                        sent_forms.remember_sending(person_of(request), key, place)
                    return response
            messages.info(request, str(words))
            return go(request, first.leads_to)

        return once

    return decorated


def leads_on(response: HttpResponseBase) -> str:
    """Where an answer leads, by a redirect or htmx's; nothing for a page."""
    if isinstance(response, HttpResponse):
        return response.headers.get("HX-Redirect") or response.headers.get("Location", "")
    return ""
