"""A made-up language whose words all stand in marks: what is read without them is not translated."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import allauth
import django
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tools import messages

LANGUAGE = "xx"
# What others say on our screens: Django's forms and dates, allauth's refusals.
_OTHERS = (
    Path(django.__file__).parent / "conf/locale/en/LC_MESSAGES/django.po",
    Path(django.__file__).parent / "contrib/humanize/locale/en/LC_MESSAGES/django.po",
    Path(allauth.__file__).parent / "locale/ko/LC_MESSAGES/django.po",
)
_MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
_LETTERS = re.compile(r"[^\W\d_]")
# Attributes that are read out, shown, or said by scripts.
_SPOKEN = {
    *("aria-label", "aria-description", "aria-roledescription", "aria-valuetext"),
    *("title", "placeholder", "alt", "label", "data-announce", "data-label"),
}
_WORDS = re.compile(r"\S \S|^[A-Z][a-z]+$")  # in any other data attribute: for scripts to say
_TYPED = {"text", "search", "email", "submit", "button", "reset"}
_NOT_WORDS = {"data-mac", "data-key", "data-copy"}  # keys, and what is for programs
_SILENT = {"script", "style", "kbd", "code", "pre"}


def write_catalogue(folder: Path) -> None:
    """The made-up language, as a compiled catalogue in ``folder``."""
    catalogue = Catalog(locale="en")  # for its two forms
    for source in (*map(_read, _OTHERS), messages.found("ko")):
        for context, ident in messages.messages(source):
            forms = (ident,) if isinstance(ident, str) else ident
            marked = tuple(f"⟦{form}⟧" for form in forms)
            catalogue.add(ident, marked[0] if isinstance(ident, str) else marked, context=context)
    path = folder / LANGUAGE / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def bare(html: str, data: Iterable[str] = ()) -> list[str]:
    """What a page says outside of marks, but for ``data``; the texts and attributes as they stand there."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [text for text in reader.said() if not _is_data(text, data)]


def bare_text(text: str, data: Iterable[str] = ()) -> list[str]:
    """The same of a plain text."""
    return [line.strip() for line in _unmarked(text).splitlines() if not _is_data(line, data)]


def _is_data(text: str, data: Iterable[str]) -> bool:
    left = re.sub(r"https?://\S+", "", text)
    for known in sorted(filter(None, data), key=len, reverse=True):
        left = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", "", left)
    return _LETTERS.search(left) is None


def _unmarked(text: str) -> str:
    """``text`` without its marks and what is in them; marks can stand in marks."""
    while (less := _MARKED.sub("", text)) != text:
        text = less
    return text


class _Reader(HTMLParser):
    """Collects the texts of a page, and the attributes that people see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[str] = []
        self._attributes: list[str] = []
        self._silent = 0

    def said(self) -> Iterator[str]:
        """Each text and attribute without its marks; marks can begin in one element and end in another."""
        for text in (*_unmarked("\n".join(self._texts)).split("\n"), *map(_unmarked, self._attributes)):
            yield " ".join(text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            for_scripts = name.startswith("data-") and name not in _NOT_WORDS
            if name in _SPOKEN or (for_scripts and _WORDS.search(value)):
                self._attributes.append(value)
        if tag == "input" and given.get("type", "text") in _TYPED:
            self._attributes.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._texts.append(data.replace("\n", " "))
