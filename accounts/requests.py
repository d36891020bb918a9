"""What a request tells of who makes it."""

from contextlib import suppress
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.actor import Actor, Origin
from accounts.models import User


def person_of(request: HttpRequest) -> User:
    """The signed-in person; ``LoginRequiredMiddleware`` lets nobody else as far as a view."""
    return cast("User", request.user)


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person acting in the console."""
    return Actor(user=person_of(request), origin=Origin.CONSOLE)


def client_ip(request: HttpRequest) -> str:
    """The caller's address: the connection's, or what the outermost trusted proxy saw."""
    seen: str = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and len(forwarded) >= settings.TRUSTED_PROXIES:
        claimed = forwarded[-settings.TRUSTED_PROXIES]
        # Some balancers append the port: 1.2.3.4:5678, [::1]:5678.
        host = claimed.partition("]")[0].lstrip("[") if "[" in claimed else claimed
        host = host.partition(":")[0] if host.count(":") == 1 else host
        with suppress(ValueError):
            seen = str(ip_address(host))
    return seen


def client_network(request: HttpRequest) -> str:
    """The network that limits count: an IPv4 address, or the first address of an IPv6 /64.

    One customer of a provider has a whole /64 (RFC 6177). Empty when the address is unknown.
    """
    try:
        address = ip_address(client_ip(request))
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((address.packed, 64), strict=False).network_address)
    return str(address)


def safe_next(request: HttpRequest, url: str) -> str:
    """``url`` when it stays on this site, else nothing."""
    allowed = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if allowed else ""
