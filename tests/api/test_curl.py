"""“Copy as curl” on each screen: the very command works, and shows what the screen shows."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import override_settings
from django.urls import get_resolver, reverse

from common.curl import ApiCall
from memberships.models import Role
from tests.api.caller import Caller
from tests.cast import Cast, join, organization_of, person, put_in, role_named, space_in
from tests.pages import HTMX, as_
from tests.weegloo_site.test_urls import named

# Screens that show nothing the API has: forms that begin something, refusals, what asks before it acts.
NOTHING = {
    "go",
    "shortcuts",
    "organization-create",
    "organization-delete",
    "organization-leave",
    "organization-member-remove",
    "space-create",
    "space-delete",
    "space-member-add",
    "space-member-remove",
    "space-member-roles",
    "space-role-create",
    "space-role-delete",
}
# Not screens of a signed-in person: other answers, fragments, redirects, POST alone.
NO_SCREEN = {
    "home",
    "healthz",
    "readyz",
    "sign-in",
    "sign-in-code",
    "sign-out",
    "language",
    "token-delete",
    "switcher",
    "organization-member-role",
    "space-role-preview",
    "styleguide",
    "mailbox",
    "mailbox-message",
    "mailbox-message-html",
}

type Ids = Callable[[dict[str, Any]], list[str]]


@dataclass(frozen=True)
class Screen:
    """A screen, and the ids of what it shows in their order, from its context."""

    name: str
    shows: Ids | None = None
    query: str = ""


SCREENS = [
    Screen("organization-list", lambda c: [place.membership.pk for place in c["places"]]),
    Screen("organization", lambda c: [row.space.pk for row in c["spaces"].rows]),
    Screen("organization-membership", lambda c: [row.membership.pk for row in c["rows"]]),
    Screen("organization-membership", lambda c: [row.membership.pk for row in c["rows"]], "role=OWNER"),
    Screen("organization-membership", lambda c: [row.membership.pk for row in c["rows"]], "q=@EXAMPLE.com"),
    Screen("organization-member-spaces", lambda c: [c["membership"].pk]),
    Screen("organization-settings", lambda c: [c["organization"].pk]),
    Screen("space", lambda c: [c["space"].pk]),
    Screen("space-settings", lambda c: [c["space"].pk]),
    Screen("space-membership", lambda c: [row.pk for row in c["members"].page.items]),
    Screen("space-membership", lambda c: [row.pk for row in c["members"].page.items], "q=@example"),
    Screen("space-roles", lambda c: [role.pk for role, _meaning in c["rows"]]),
    Screen("space-role", lambda c: [c["role"].pk]),
    Screen("space-access"),
    Screen("space-access", None, "what=content+Read&content_type=product&tag=sale&own=on"),
    Screen("space-access", None, "what=settings+SETTING_ROLE"),
    Screen("profile"),
    Screen("tokens", lambda c: [token.pk for token in c["page"].items]),
]


def address(cast: Cast, name: str) -> str:
    """The screen's address, of the cast's places."""
    member = cast.memberships[Role.ADMIN]
    if name.startswith("space-member-"):
        member = cast.space.memberships.first()
    ids = {
        "organization_id": cast.organization.pk,
        "space_id": cast.space.pk,
        "membership_id": member.pk,
        "role_id": role_named(cast.space, "Editor").pk,
    }
    wanted = get_resolver().reverse_dict.getlist(name)[0][0][0][1]
    return reverse(name, kwargs={key: ids[key] for key in wanted})


def call(caller: Caller, command: str) -> Any:
    """What the API answers when a shell runs the command with the caller's token."""
    words = shlex.split(command.replace("\\\n", " ").replace("$WEEGLOO_TOKEN", caller.secret))
    assert words[:3] == ["curl", "-H", f"Authorization: Bearer {caller.secret}"]
    body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
    url = urlsplit(words[-1])
    response = caller(
        "POST" if body is not None else "GET",
        url.path.removeprefix("/v1"),
        body,
        content_type="application/json",
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
    )
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture
def crowd(cast: Cast) -> Cast:
    """More people, Spaces and Organizations than one."""
    for name in ("Minji", "Daniel", "김민지"):
        join(cast.organization, cast.owner, member := person("" if name == "김민지" else name))
        put_in(cast.space, cast.owner, member)
    space_in(cast.organization, cast.owner, "Announcements")
    organization_of(cast.owner, "Hanok")
    return cast


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen.name} {screen.query}".strip())
def test_the_command_of_a_screen_answers_what_it_shows(crowd: Cast, screen: Screen):
    caller = Caller(crowd.owner)
    response = as_(crowd.owner).get(f"{address(crowd, screen.name)}?{screen.query}")
    assert response.status_code == 200
    api = response.context["frame"].api
    answer = call(caller, api.command)
    if screen.shows is not None:
        shown = screen.shows(response.context)
        items = answer.get("items", [answer])
        assert [item["sys"]["id"] for item in items] == shown != []
    assert list(api.left_out) == []


def test_inviting(crowd: Cast):
    response = as_(crowd.owner).get(address(crowd, "invite"))
    answer = call(Caller(crowd.owner), response.context["frame"].api.command)
    assert [item["outcome"] for item in answer["items"]] == ["invited"]
    chosen = as_(crowd.owner).post(address(crowd, "invite"), {"emails": "not an address", "role": "ADMIN"})
    assert chosen.context["frame"].api.body["role"] == "ADMIN"


def test_a_question_about_access_is_asked_with_its_facts(crowd: Cast):
    query = "what=content+Read&content_type=product&tag=sale&own=on"
    response = as_(crowd.owner).get(f"{address(crowd, 'space-access')}?{query}")
    answer = call(Caller(crowd.owner), response.context["frame"].api.command)
    assert answer["allowed"] is response.context["allowed"] is True
    assert len(answer["because"]) == len(response.context["because"])


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_screens_without_one(crowd: Cast, name: str):
    response = as_(crowd.owner).get(address(crowd, name))
    assert response.status_code == 200
    assert response.context["frame"].api is None
    assert 'id="api"' not in response.text


def test_every_screen_is_among_these():
    routes = {name for name, _route in named(get_resolver().url_patterns) if not name.startswith("admin:")}
    assert routes == {screen.name for screen in SCREENS} | {"invite"} | NOTHING | NO_SCREEN


# ---- What has no counterpart, and what follows the screen


@pytest.mark.parametrize("name", ["organization-membership", "space-membership", "organization-list"])
def test_a_search_by_name_is_left_out_and_said(crowd: Cast, name: str):
    response = as_(crowd.owner).get(address(crowd, name), {"q": "minji"})
    api = response.context["frame"].api
    assert len(api.left_out) == 1
    assert "minji" not in api.command
    assert "Not included:" in response.text
    call(Caller(crowd.owner), api.command)


def test_a_later_page_is_left_out_and_said(crowd: Cast, settings):
    settings.PAGE_SIZE = 2
    client = as_(crowd.owner)
    first = client.get(address(crowd, "organization-membership"))
    response = client.get(
        address(crowd, "organization-membership"), {"cursor": first.context["members"].page.next}
    )
    assert [str(words) for words in response.context["frame"].api.left_out] == [
        "The page: follow “next” in the answer's “links”."
    ]


def test_a_fragment_brings_the_command_along(crowd: Cast):
    listing = address(crowd, "organization-membership")
    fragment = as_(crowd.owner).get(listing, {"role": "ADMIN"}, headers=HTMX)
    assert '<div class="popover api" id="api"' in fragment.text
    assert 'hx-swap-oob="true"' in fragment.text
    assert "role=ADMIN" in fragment.text
    dialog = as_(crowd.owner).get(address(crowd, "organization-member-remove"), headers=HTMX)
    assert 'id="api"' not in dialog.text


# ---- The command itself


@override_settings(BASE_URL="https://console.example.com")
def test_nothing_in_it_escapes_its_quotes():
    api = ApiCall("/x", {"user.email[match]": "'; rm -rf ~ #&$(id)@"}, body={"name": "it's $HOME `id` 김"})
    assert shlex.split(api.command.replace("\\\n", " ")) == [
        "curl",
        "-H",
        "Authorization: Bearer $WEEGLOO_TOKEN",
        "-H",
        "Content-Type: application/json",
        "-d",
        '{"name": "it\'s $HOME `id` 김"}',
        "https://console.example.com/v1/x?user.email%5Bmatch%5D=%27%3B+rm+-rf+~+%23%26%24%28id%29@",
    ]
