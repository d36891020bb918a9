"""allauth as we use it: no sign-up, no passwords, no messages and no emails of its own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from accounts.requests import client_ip


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from :mod:`accounts.services` only; mail goes through the outbox only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: there is no sign-up (rules §2)."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our pages have their own words."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refuse: it would go to an address as typed, past the outbox."""
        raise ImproperlyConfigured(f"allauth wanted to send {template_prefix}")

    def get_client_ip(self, request: HttpRequest) -> str:
        """As our own limits count it."""
        return client_ip(request)
