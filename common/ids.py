"""Public identifiers: alphanumeric, no separators (api.md, Conventions)."""

import secrets
import string

from ksuid import KsuidMs

_ALPHABET = string.ascii_letters + string.digits


# Two base 62 digits at a time: an invitation makes four ids, the library's own writing of one takes
# twice as long.
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]


def new_ksuid() -> str:
    """A 27 character KSUID; in ``C`` collation ids sort by the time they were made."""
    return _written(bytes(KsuidMs()))


def new_timeless_id() -> str:
    """An id that looks like a KSUID and tells nothing of when it was made."""
    return _written(secrets.token_bytes(20))


def _written(identifier: bytes) -> str:
    """20 bytes in base 62."""
    number = int.from_bytes(identifier)
    text = ""
    for _pair in range(14):
        number, pair = divmod(number, 3844)
        text = _PAIRS[pair] + text
    return text[1:]


def new_short_id() -> str:
    """An 8 character id for Organizations and Spaces."""
    return random_text(8)


def random_text(length: int) -> str:
    """``length`` random alphanumerics from the system's secure source."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
