"""Forms as a browser reads them out of a page: where they are sent, and what they hold."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

TOKEN, KEY = "csrfmiddlewaretoken", "form_key"


@dataclass
class Filled:
    """One form of a page."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def holds(self, name: str, value: object) -> bool:
        """Whether it would send ``value``, or all of several."""
        wanted = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
        return self.fields.get(name) == wanted


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Filled] = []
        self._form: Filled | None = None
        self._area = self._select = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        match tag:
            case "form":
                self._form = Filled(given.get("action", ""), given.get("method", "get"))
                self.found.append(self._form)
            case "input" if name and "disabled" not in given:
                ticks = given.get("type") in {"checkbox", "radio"}
                if not ticks or "checked" in given:
                    self._add(name, value)
            case "textarea":
                self._area = name
                self._add(name, "")
            case "select":
                self._select, self._options = name, []
            case "option":
                self._options.append((value, "selected" in given))

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._form = None
            case "textarea":
                if self._form:
                    text = self._form.fields[self._area][0].removeprefix("\n")
                    self._form.fields[self._area] = [text]
                self._area = ""
            case "select":
                chosen = [value for value, selected in self._options if selected]
                self._add(self._select, (chosen or [value for value, _ in self._options] or [""])[0])
                self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            self._form.fields[self._area][0] += data

    def _add(self, name: str, value: str) -> None:
        if self._form:
            self._form.fields.setdefault(name, []).append(value)


def forms_in(html: str) -> list[Filled]:
    """Every form, in order."""
    reader = _Forms()
    reader.feed(html)
    return reader.found


def the_form(response: HttpResponse) -> Filled:
    """The form that a page or fragment is for: the one with a key."""
    (form,) = [each for each in forms_in(response.text) if KEY in each.fields]
    return form
