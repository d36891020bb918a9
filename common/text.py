"""What texts that people give may hold."""

import unicodedata

# Ranges of Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt), which have no visible shape.
_IGNORABLE = (
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
# Characters without a visible shape: empty braille cell, object replacement, null notehead.
_SHAPELESS = frozenset("\u2800\ufffc\U0001d159")
# Embeddings, overrides and isolates (UAX #9), which also change the direction of the text around them.
_DIRECTIONS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can keep it: no NUL, no lone surrogate (JSON can carry both)."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def is_plain(text: str) -> bool:
    """Whether a one-line text has no control characters and line breaks, which nobody could see or type."""
    return all(unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp") for letter in text)


def turns_text(text: str) -> bool:
    """Return True if a text has a character that changes the direction of the text after it."""
    return not _DIRECTIONS.isdisjoint(text)


def is_ignorable(character: str) -> bool:
    """Return True if a character has no visible shape by itself (Default_Ignorable_Code_Point)."""
    return any(first <= ord(character) <= last for first, last in _IGNORABLE)


def is_blank(text: str) -> bool:
    """Return True if a text has only white space, invisible characters and combining marks."""
    return not any(map(_is_visible, text))


def _is_visible(character: str) -> bool:
    if character.isspace() or character in _SHAPELESS or is_ignorable(character):
        return False
    category = unicodedata.category(character)  # newer signs than this Python knows are visible
    return category not in ("Cc", "Cf", "Cs") and category[0] not in "MZ"
