"""Names within other text: each keeps its direction to itself (UAX #9; rules §3).

In HTML a name is in ``<bdi>``. In text, which may become HTML or not, two signs enclose it; no name
has them (:mod:`common.names`), and templates make elements of them.
"""

import re
import unicodedata

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from common.errors import Text

_FIRST_STRONG_ISOLATE, _END = "\u2068", "\u2069"
_NOT_RIGHT_TO_LEFT = {"", "L", "EN", "ES", "ET", "CS", "NSM", "BN", "B", "S", "WS", "ON"}
_ELEMENT = re.compile("<bdi>([^<]*)</bdi>")
_ENCLOSED = re.compile("\u2068([^\u2068\u2069]*)\u2069")


def bdi(name: Text) -> SafeString:
    """A name in HTML."""
    return format_html("<bdi>{}</bdi>", name)


def enclosed(name: Text) -> str:
    """A name in a sentence that a template shows."""
    return f"{_FIRST_STRONG_ISOLATE}{name}{_END}"


def isolated(name: Text) -> str:
    """A name where no element can be: in titles, options, attributes, sentences of the API.

    It is enclosed only if anything of it goes from right to left.
    """
    text = str(name)
    turns = any(unicodedata.bidirectional(letter) not in _NOT_RIGHT_TO_LEFT for letter in text)
    return enclosed(text) if turns else text


def with_elements(text: Text) -> SafeString:
    """Text with enclosed names as HTML."""
    return mark_safe(_ENCLOSED.sub(r"<bdi>\1</bdi>", conditional_escape(str(text))))  # noqa: S308  # escaped


def without_elements(html: str) -> SafeString:
    """HTML with names in ``<bdi>`` for where no element can be."""
    return mark_safe(_ELEMENT.sub(lambda found: isolated(found[1]), html))  # noqa: S308  # it was HTML before
