"""Public identifiers: alphanumeric, no separators (api.md, Conventions)."""

import secrets
import string

from ksuid import KsuidMs

_ALPHABET = string.ascii_letters + string.digits


def new_ksuid() -> str:
    """A 27 character KSUID; in ``C`` collation ids sort by the time they were made."""
    return str(KsuidMs())


def new_short_id() -> str:
    """An 8 character id for Organizations and Spaces."""
    return random_text(8)


def random_text(length: int) -> str:
    """``length`` random alphanumerics from the system's secure source."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
