"""What texts that people give may hold."""

import unicodedata


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can keep it: no NUL, no lone surrogate (JSON can carry both)."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def is_plain(text: str) -> bool:
    """Whether a one-line text has no control characters, which nobody could see or type."""
    return all(unicodedata.category(letter) not in ("Cc", "Cs") for letter in text)


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: no letters but white space and invisible ones."""
    return all(letter.isspace() or unicodedata.category(letter) == "Cf" for letter in text)
