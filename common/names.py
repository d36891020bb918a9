"""What a name may be: the one rule for people, Organizations, Spaces, SpaceRoles and tokens (rules §3)."""

import unicodedata

import wcwidth
from django.utils.translation import gettext as _

from common.errors import Invalid
from common.text import is_blank, is_plain, is_storable, turns_text

MAX_LENGTH = 64
DESCRIPTION_LENGTH = 128
# Composing makes up to four characters into one (a Greek letter with three marks).
_MOST_PARTS = 4
LONGEST_TYPED = MAX_LENGTH * _MOST_PARTS

type Fault = dict[str, str]


def clean_name(name: str, *, optional: bool = False) -> str:
    """The name as it is stored, trimmed and composed (NFC); raises :class:`Invalid` with what is wrong."""
    name, faults = read_name(name, optional=optional)
    if faults:
        raise Invalid(faults[0]["message"], errors=faults)
    return name


def read_name(name: str, path: str = "/name", *, optional: bool = False) -> tuple[str, list[Fault]]:
    """:func:`clean_name` without raising: the name and its faults.

    ``optional`` names may be empty, but not blank.
    """
    too_long = _("A name has at most 64 characters.") if optional else _("A name has 1 to 64 characters.")
    name, faults = _read_line(name, path, MAX_LENGTH, too_long)
    if not (faults or name or optional):
        faults = [_fault(path, "length", too_long)]
    if not faults and name and is_blank(name):
        faults = [
            _fault(path, "blank", _("This name has only invisible characters. Use letters, digits or symbols."))
        ]
    return name, faults


def read_description(text: str, path: str = "/description") -> tuple[str, list[Fault]]:
    """A description as it is stored, and its faults; it may be empty."""
    too_long = _("A description has at most 128 characters.")
    text, faults = _read_line(text, path, DESCRIPTION_LENGTH, too_long)
    return ("" if is_blank(text) else text), faults


def _read_line(text: str, path: str, longest: int, too_long: str) -> tuple[str, list[Fault]]:
    if len(text) > longest * _MOST_PARTS:  # normalizing takes quadratic time
        text = text.strip()
        if len(text) > longest * _MOST_PARTS:
            return text, [_fault(path, "length", too_long)]
    if not is_storable(text):
        return text, [_fault(path, "characters", _("Some characters in this text can't be saved."))]
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > longest:
        return text, [_fault(path, "length", too_long)]
    if not is_plain(text):
        return text, [_fault(path, "characters", _("Remove the invisible characters from this text."))]
    if turns_text(text):
        return text, [
            _fault(path, "direction", _("Remove the invisible characters that change the text direction."))
        ]
    return text, []


def _fault(path: str, code: str, message: str) -> Fault:
    return {"path": path, "code": code, "message": message}


def initials(*texts: str, most: int = 2) -> str:
    """Up to ``most`` letters or digits: of the first and the last word of the first text that has any.

    Each is all that a reader sees as one letter (UAX #29); brackets, emoji and other signs are none.
    """
    for text in texts:
        words = [found for word in unicodedata.normalize("NFC", text).split() if (found := _initial(word))]
        if words:
            return "".join([*words[:1], *words[1:][-1:]][:most])
    return ""


def _initial(word: str) -> str:
    """The first letter or digit of a word in upper case, with the marks on it; nothing if it has none."""
    for letter in wcwidth.iter_graphemes(word):
        if _is_letter(letter):
            upper = unicodedata.normalize("NFC", letter.upper())
            return upper if len(upper) <= len(letter) else letter
    return ""


def _is_letter(grapheme: str) -> bool:
    # A digit on a key (1️⃣) is an emoji; a letter that modifies another is read as an apostrophe.
    return (
        unicodedata.category(grapheme[0]) in ("Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No")
        and not is_blank(grapheme)
        and not set(grapheme) & {"\u20e3", "\ufe0f"}
    )
