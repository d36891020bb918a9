"""What a request tells of who makes it."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.actor import Actor, Origin


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person, acting in the console."""
    assert request.user.is_authenticated  # noqa: S101  # LoginRequiredMiddleware has seen to it
    return Actor(user=request.user, origin=Origin.CONSOLE)


def client_ip(request: HttpRequest) -> str:
    """The caller's address: the connection's, or what the outermost trusted proxy saw."""
    seen: str = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and len(forwarded) >= settings.TRUSTED_PROXIES:
        seen = forwarded[-settings.TRUSTED_PROXIES]
    return seen


def safe_next(request: HttpRequest, url: str) -> str:
    """``url`` when it stays on this site, else nothing."""
    allowed = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if allowed else ""
