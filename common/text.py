"""What texts that people give may hold."""


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can keep it: no NUL, no lone surrogate (JSON can carry both)."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
