"""Pages and their fragments: the only place that decides which of the two a request gets."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page it already shows."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    partial: str = "",
    into: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page, or its template partial ``partial`` when htmx asks; the view names it.

    A fragment brings waiting notices along, and the API's call for what it shows. ``into`` is the
    CSS selector of the element that the fragment replaces when that is not the one the request
    named; ``#dialog`` is filled instead.
    """
    if not (partial and wants_fragment(request)):
        response = render(request, template, context, status=status)
    else:
        response = render(request, f"{template}#{partial}", context, status=status)
        response.write(render_to_string("components/notices_oob.html", request=request))
        if getattr(context.get("frame"), "api", None):
            response.write(render_to_string("components/api.html", context | {"oob": True}, request))
        if into:
            retarget(response, into)
            reswap(response, "innerHTML" if into == "#dialog" else "outerHTML")
    patch_vary_headers(response, ["HX-Request"])
    return response


def go(request: HttpRequest, url: str) -> HttpResponse:
    """On to another page after a POST, with JavaScript or without."""
    if wants_fragment(request):
        return HttpResponseClientRedirect(url)
    return redirect(url)
