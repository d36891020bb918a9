"""The page, or the notice over htmx, for a refusal that no view answered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.errors import DomainError


def refusal_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer with the status and code of ``error``; 403 and 404 have pages of their own."""
    if getattr(request, "htmx", False) and error.status not in (403, 404):
        messages.error(request, str(error.message))
        response = render(request, "components/refusal.html", {"error": error}, status=error.status)
        response["HX-Reswap"] = "none"
        return response
    template = {403: "403.html", 404: "404.html"}.get(error.status, "refusal.html")
    return render(request, template, {"error": error}, status=error.status)
