"""One request of the API: who calls, and the answer's media type."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from accounts.actor import Actor, Origin
from accounts.models import PersonalAccessToken, User
from accounts.services import TOKEN_MARK, use_token
from api.core.refusals import Unauthorized


@dataclass
class Call:
    """A request whose caller is known; ``body`` is there once the endpoint has read it."""

    request: HttpRequest
    token: PersonalAccessToken
    body: bytes = b""

    @property
    def user(self) -> User:
        """The person the token acts for."""
        return self.token.user

    @cached_property
    def actor(self) -> Actor:
        """The person acting through the API."""
        return Actor(user=self.token.user, origin=Origin.API, token=self.token)


def token_of(request: HttpRequest) -> PersonalAccessToken | None:
    """The token of the ``Authorization`` header, with its person; None for no valid one."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.startswith(TOKEN_MARK):
        return None
    return use_token(secret) if secret.isascii() and secret.isalnum() else None


def call_of(request: HttpRequest) -> Call:
    """The call that :func:`api.core.dispatch.door` let in; raises :class:`Unauthorized`."""
    call: Call | None = getattr(request, "call", None)
    if call is None:
        raise Unauthorized
    return call
