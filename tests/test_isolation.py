"""No name turns the words around it round: on every screen each is by itself (rules §3).

The names are written from right to left, and every screen of the console is looked through for
their letters, in every state that ``test_words`` knows; a new screen is here by itself.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.models import PersonalAccessToken, User
from accounts.services import create_token
from common.isolation import bdi, enclosed, isolated, with_elements, without_elements
from organizations.models import Organization
from spaces.models import Space, SpaceRole
from tests.cast import Cast, acting, ids_of, person, put_in
from tests.pages import HTMX, as_
from tests.test_words import CHANGES, NAMES, STATES, Say, arguments, routes
from weegloo_site.settings import BASE_DIR

HEBREW = dict(zip(NAMES, ("דנה", "נועם", "תמר", "אורי", "בגדים", "חנות", "רחוק"), strict=True))
ROLES = {"Administrator": "מנהלת", "Editor": "עורכת", "Viewer": "צופה"}
_LETTER = re.compile("[\u0590-\u05ff]")
_ENCLOSED = re.compile("\u2068[^\u2068\u2069]*\u2069")
# What people read or hear of attributes; the others are for programs, or are what was typed.
_SAID = {"aria-label", "title", "alt", "placeholder", "data-announce", "data-label", "aria-description"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Without elements inside: of these the signs alone isolate. A tile has one letter and nothing else.
_PLAIN = {"title", "option"}
_ALONE = {"tile", "avatar"}


class _Names(HTMLParser):
    """Collects texts in which a letter of a name is not isolated."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.isolated: set[str] = set()
        self._open: list[tuple[str, set[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in _SAID & set(given):
            self._look(given[name], f"{tag} {name}")
            if "<bdi" in given[name]:
                self.found.append(f"{tag} {name}: an element in an attribute")
        if tag not in _VOID:
            self._open.append((tag, set(given.get("class", "").split())))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _classes in self._open}
        if tags & {"script", "style", "textarea"}:
            return
        if tags & _PLAIN:
            self._look(data, "/".join(tags & _PLAIN))
            if "bdi" in data:
                self.found.append(f"an element in {data!r}")
        elif "bdi" in tags:
            self.isolated.add(data.strip())
        elif not (self._open and self._open[-1][1] & _ALONE):
            self._look(data, "text")

    def _look(self, text: str, where: str) -> None:
        if _LETTER.search(_ENCLOSED.sub("", text)):
            self.found.append(f"{where}: {text.strip()}")


def names_in(html: str) -> _Names:
    reader = _Names()
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture
def named(cast: Cast) -> Cast:
    """The cast with names in Hebrew, and something of everything."""
    put_in(cast.space, cast.owner, cast.member, "Viewer")
    people = (cast.owner, cast.admin, cast.member, cast.stranger)
    for user, name in zip(people, HEBREW.values(), strict=False):
        User.objects.filter(pk=user.pk).update(name=name)
    organization, space, far = list(HEBREW.values())[4:]
    Organization.objects.filter(pk=cast.organization.pk).update(name=organization)
    Space.objects.filter(pk=cast.space.pk).update(name=space)
    Space.objects.filter(pk=cast.strange_space.pk).update(name=far)
    for row in (*people, cast.organization, cast.space):
        row.refresh_from_db()
    return cast


@pytest.fixture
def ids(named: Cast) -> dict[str, str]:
    found = ids_of(named)
    for name, hebrew in ROLES.items():
        SpaceRole.objects.filter(space=named.space, name=name).update(name=hebrew)
    return found


def hebrew(value: str | list[str], ids: dict[str, str]) -> str | list[str]:
    if isinstance(value, list):
        return value
    for korean, name in HEBREW.items():
        value = value.replace(korean, name)
    return value.format(**ids)


def answer(named: Cast, said: Say, ids: dict[str, str], headers: dict[str, str]):
    user = person() if said.who == "nobody" else getattr(named, said.who, None)
    client = as_(user) if user else as_(named.stranger)
    if not said.who:
        client.logout()
    path = hebrew(said.path, ids)
    if said.send is None:
        return client, client.get(path, headers=headers)
    data = {name: hebrew(value, ids) for name, value in said.send.items()}
    return client, client.post(path, data, headers=headers)


def test_the_reader_finds_what_is_not_isolated():
    html = (
        '<title>דנה</title><p title="דנה">x דנה <bdi>דנה</bdi> <i class="tile">ד</i><b>\u2068דנה\u2069</b></p>'
    )
    assert names_in(html).found == ["title: דנה", "p title: דנה", "text: x דנה"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["pages", "fragments"])
def test_every_name_on_every_screen_is_isolated(headers: dict[str, str], named: Cast) -> None:
    create_token(actor=acting(named.owner), user=named.owner, name="מפתח")
    addresses = {name: reverse(name, kwargs=arguments(named, route)) for name, route in routes().items()}
    for name, hebrew_name in ROLES.items():
        SpaceRole.objects.filter(space=named.space, name=name).update(name=hebrew_name)
    found, seen = {}, set()
    for who in ("owner", "member"):
        client = as_(getattr(named, who))
        for name, address in addresses.items():
            names = names_in(client.get(address, headers=headers).text)
            seen |= names.isolated
            if names.found:
                found[who, name] = names.found
    assert found == {}
    expected = {"דנה", "תמר", "בגדים", "חנות", "מפתח", *ROLES.values()}
    assert expected <= seen


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["pages", "fragments"])
def test_every_name_in_every_state_is_isolated(
    headers: dict[str, str], named: Cast, ids: dict[str, str]
) -> None:
    found = {}
    for state, said in STATES.items():
        _client, response = answer(named, said, ids, headers)
        if names := names_in(response.text).found:
            found[state] = names
    assert found == {}


@pytest.mark.parametrize("change", CHANGES)
def test_every_name_in_the_notice_of_a_change_is_isolated(
    change: str, named: Cast, ids: dict[str, str]
) -> None:
    client, response = answer(named, CHANGES[change], ids, {})
    assert response.status_code == CHANGES[change].status
    page = client.get(response["Location"], follow=True)
    assert "data-notice" in page.text
    assert names_in(page.text).found == []


def test_a_notice_has_the_name_by_itself(named: Cast, ids: dict[str, str]) -> None:
    client, response = answer(named, CHANGES["a removal"], ids, {})
    page = client.get(response["Location"]).text
    assert "<bdi>תמר</bdi> was removed from <bdi>בגדים</bdi>." in page
    assert "\u2068תמר" not in page


def test_names_hold_no_markup_where_they_are_shown(cast: Cast) -> None:
    User.objects.filter(pk=cast.member.pk).update(name="<b>\"'&</b>")
    text = as_(cast.owner).get(reverse("organization-membership", args=[cast.organization.pk])).text
    assert "<bdi>&lt;b&gt;&quot;&#x27;&amp;&lt;/b&gt;</bdi>" in text
    assert "<b>" not in text


def test_the_ways_to_isolate() -> None:
    assert bdi("<דנה>") == "<bdi>&lt;דנה&gt;</bdi>"
    assert enclosed("Minji") == "\u2068Minji\u2069"
    assert isolated("Minji (1)") == "Minji (1)"
    assert isolated("דנה") == "\u2068דנה\u2069"
    assert isolated("a\u202eb") == "\u2068a\u202eb\u2069"
    assert with_elements(f"<i> {enclosed('<b>')}, {enclosed('x')}") == (
        "&lt;i&gt; <bdi>&lt;b&gt;</bdi>, <bdi>x</bdi>"
    )
    assert without_elements(f"{bdi('<דנה>')} {bdi('x')}") == "\u2068&lt;דנה&gt;\u2069 x"


# A name straight from a row, in a template: by a filter that isolates, or as a value.
_NAME = re.compile(r"\{\{ *(?:[a-z_]+\.)+display_name *\}\}|=(?:[a-z_]+\.)+display_name(?= )")


def test_no_template_writes_the_name_of_a_person_without_a_filter() -> None:
    for path in (Path(BASE_DIR) / "templates").rglob("*.html"):
        if "emails" not in path.parts:
            assert not _NAME.search(path.read_text()), path


def test_tokens_are_isolated_too(named: Cast) -> None:
    create_token(actor=acting(named.owner), user=named.owner, name="מפתח")
    token = PersonalAccessToken.objects.get(user=named.owner)
    for address in (reverse("tokens"), reverse("token-delete", args=[token.pk])):
        names = names_in(as_(named.owner).get(address).text)
        assert names.found == []
        assert "מפתח" in names.isolated
