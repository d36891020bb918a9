"""Reading a page as a person does: its words, its rows, its fields."""

import re
from html import unescape
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client

from accounts.models import User

HTMX = {"HX-Request": "true"}
_SILENT = {"script", "style", "svg", "template", "title", "option"}


class _Reader(HTMLParser):
    """Collects the words of a page, of each table row and list item, and its links and inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.rows: list[list[str]] = []
        self.links: dict[str, str] = {}
        self.inputs: dict[str, list[str]] = {}
        self.ticked: dict[str, list[str]] = {}
        self.codes: list[str] = []
        self._silent = 0
        self._text = ""
        self._row: list[str] | None = None
        self._href: str | None = None
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "bdi":  # a name within a sentence
            return
        self._end_text()
        given = dict(attrs)
        if tag in _SILENT:
            self._silent += 1
        if given.get("data-code"):
            self.codes.append(str(given["data-code"]))
        if tag == "tr":
            self._row = []
        if tag == "a":
            self._href = given.get("href")
        name = given.get("name") or ""
        if tag == "input":
            self.inputs.setdefault(name, []).append(given.get("value") or "")
            if "checked" in given:
                self.ticked.setdefault(name, []).append(given.get("value") or "")
        if tag == "textarea":
            self._area = name
            self.inputs[name] = [""]
        if tag == "option" and "selected" in given:
            self.ticked.setdefault("option", []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "bdi":
            return
        self._end_text()
        if tag in _SILENT:
            self._silent -= 1
        if tag == "tr" and self._row is not None:
            self.rows.append(self._row)
            self._row = None
        if tag == "a":
            self._href = None
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.inputs[self._area][0] += data
            return
        if not self._silent:
            self._text += data

    def close(self) -> None:
        super().close()
        self._end_text()

    def _end_text(self) -> None:
        text, self._text = " ".join(self._text.split()), ""
        if not text:
            return
        self.words.append(text)
        if self._row is not None:
            self._row.append(text)
        if self._href is not None:
            self.links[text] = self._href


class Page:
    """What an answer says."""

    def __init__(self, response: HttpResponse) -> None:
        reader = _Reader()
        reader.feed(response.text)
        reader.close()
        self.status = response.status_code
        self.html = response.text
        self.words = " ".join(reader.words)
        self.rows = [row for row in reader.rows if row and row[0] not in ("Name", "")]
        self.links = reader.links
        # A browser leaves the line break out with which a <textarea> begins.
        self.inputs = {
            name: [one.removeprefix("\n") for one in values] for name, values in reader.inputs.items()
        }
        self.ticked = reader.ticked
        self.codes = reader.codes

    @property
    def menu(self) -> list[str]:
        """The entries of the menu on the left."""
        nav = re.search(r'<nav class="side".*?</nav>', self.html, re.DOTALL)
        return [unescape(label) for label in re.findall(r"</svg>([^<]+)</a>", nav.group())] if nav else []

    @property
    def is_fragment(self) -> bool:
        """Whether it is a part of a page only."""
        return "<html" not in self.html


def as_(user: User) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user)
    return client


def notices(response: HttpResponse) -> list[str]:
    """The notices an answer left for the next page, or brought along."""
    signs = str.maketrans("", "", "\u2068\u2069")  # around names
    return [str(message).translate(signs) for message in response.wsgi_request._messages]
