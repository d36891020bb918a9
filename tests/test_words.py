"""The words: in step with the code, all of them Korean, none forgotten on any screen (issue 5)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf.locale import LANG_INFO
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import Model
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from pytest_django import Settings

from accounts.models import PersonalAccessToken, User
from accounts.services import create_token
from api.cma import document
from memberships.models import OrganizationMembership, SpaceMembership
from organizations.models import Organization
from outbox.mailbox import MailboxBackend, stored_names
from outbox.messages import render
from outbox.models import Email, Kind
from outbox.queue import compose
from spaces.models import Space, SpaceRole
from spaces.permissions import refer, summary
from tests import marks
from tests.cast import Cast, acting, ids_of, person, put_in, role_named
from tests.pages import HTMX, Page, as_
from tests.spaces.generated import space_role
from tools import messages

# --- In step ------------------------------------------------------------------------------

LANGUAGES = messages.languages()
_NAMED = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
_TAGS = re.compile(r"</?\w+[^>]*>")
MAKE = "run `make words`"


def test_every_language_offered_has_a_catalogue(settings: Settings) -> None:
    assert [code for code, _name in settings.LANGUAGES if code != "en"] == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_the_messages_of_the_code(language: str) -> None:
    said, kept = messages.messages(messages.found(language)), messages.messages(messages.read(language))
    assert sorted(map(str, said.keys() - kept.keys())) == [], f"missing: {MAKE}, and translate"
    assert sorted(map(str, kept.keys() - said.keys())) == [], f"obsolete: {MAKE}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    for message in messages.messages(messages.read(language)).values():
        assert all(messages.strings(message)), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_placeholders_and_markup(language: str) -> None:
    for message in messages.messages(messages.read(language)).values():
        # The form for many has them all: “a minute ago” is “%(count)s minutes ago”.
        said = message.id if isinstance(message.id, str) else message.id[1]
        for string in messages.strings(message):
            assert sorted(_NAMED.findall(string)) == sorted(_NAMED.findall(said)), message.id
            assert sorted(_TAGS.findall(string)) == sorted(_TAGS.findall(said)), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_words(language: str) -> None:
    path = messages.path_of(language)
    assert path.with_suffix(".mo").read_bytes() == messages.compiled(messages.found(language)), MAKE


def test_numbers_for_programs_have_no_separators() -> None:
    """``1,000`` is no version and no number of a row: whoever writes one by hand unlocalizes it."""
    numbers = re.compile(r'(?:value|max|min)="[^"]*\{\{ *[\w.]+\.(?:version|number|count) *\}\}')
    for path in (messages.PROJECT / "templates").rglob("*.html"):
        assert not numbers.search(path.read_text()), path


# --- No screen without its words ----------------------------------------------------------

EXEMPT = {
    "admin": "Django's and unfold's own translations",
    "v1": "for programs; its document is in English",
    "styleguide": "in English, for who builds the console",
    "healthz": "for probes",
    "readyz": "for probes",
    "mailbox-message-html": "an email, which has tests of its own",
}
# Said in every language as they are.
SAME = ("WEEGLOO", "you@example.com", "English", "한국어", "UTC")
MADE_UP = {"code": marks.LANGUAGE, "name": "", "name_local": "", "bidi": False}
NAMES = ("오너", "어드민", "멤버", "먼나라", "데일리웨어", "쇼핑몰", "먼곳")


def routes() -> dict[str, str]:
    """The console's routes by name, as the URLconf has them."""
    found = dict(_routes(get_resolver().url_patterns, ""))
    return {name: route for name, route in found.items() if name not in EXEMPT}


def _routes(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if route.partition("/")[0] in EXEMPT:
            continue
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield pattern.name or route, route


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the made-up language."""
    folder = tmp_path_factory.mktemp("locale")
    marks.write_catalogue(folder)
    return folder


@pytest.fixture
def marked(settings: Settings, catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything the console says in marks. The settings' own signals clear Django's caches."""
    monkeypatch.setitem(LANG_INFO, marks.LANGUAGE, MADE_UP)
    settings.LOCALE_PATHS = [catalogue]
    settings.LANGUAGES = [(marks.LANGUAGE, "English"), ("en", "English")]
    with translation.override(marks.LANGUAGE):
        yield


@pytest.fixture
def named(cast: Cast) -> Cast:
    """The cast with names that are words of no language of ours, and something of everything."""
    people = (cast.owner, cast.admin, cast.member, cast.stranger)
    for user, name in zip(people, NAMES, strict=False):
        User.objects.filter(pk=user.pk).update(name=name)
    for organization, name in ((cast.organization, "데일리웨어"), (cast.strange_organization, "먼나라")):
        Organization.objects.filter(pk=organization.pk).update(name=name)
    for space, name in ((cast.space, "쇼핑몰"), (cast.strange_space, "먼곳")):
        Space.objects.filter(pk=space.pk).update(name=name)
    for row in (*people, cast.organization, cast.space):
        row.refresh_from_db()
    put_in(cast.space, cast.owner, cast.member, "Viewer")
    return cast


def data() -> set[str]:
    """What the database says: names, addresses, ids, and the initials and first letters of them."""
    tables: tuple[type[Model], ...] = (Organization, Space, SpaceRole, OrganizationMembership, SpaceMembership)
    found = {str(pk) for table in tables for pk in table._default_manager.values_list("pk", flat=True)}
    for user in User.objects.all():
        found |= {user.pk, user.email, user.name, user.initials}
    for table in (Organization, Space, SpaceRole, PersonalAccessToken):
        for name in table._default_manager.values_list("name", flat=True):
            found |= {name, name[:1].upper()}
    prefixes = PersonalAccessToken.objects.values_list("prefix", flat=True)
    return found | {*prefixes, *SAME, *NAMES}


def reader(user: User | None = None) -> Client:
    """A browser that asks for the made-up language."""
    client = Client(headers={"Accept-Language": marks.LANGUAGE})
    if user is not None:
        client.force_login(user)
    return client


def bare(response: HttpResponse, *more: str) -> list[str]:
    """The words of an answer that are neither translated nor data."""
    return marks.bare(response.text, data() | set(more))


def arguments(cast: Cast, route: str) -> dict[str, str]:
    """An id for each parameter of a route; a parameter of another name needs one here."""
    in_space = route.startswith("spaces/")
    memberships = SpaceMembership if in_space else OrganizationMembership
    membership = memberships._default_manager.get(
        user=cast.member, organization=cast.organization, **({"space": cast.space} if in_space else {})
    )
    known = {
        "organization_id": cast.organization.pk,
        "space_id": cast.space.pk,
        "membership_id": membership.pk,
        "role_id": role_named(cast.space, "Editor").pk,
        "token_id": PersonalAccessToken.objects.get(user=cast.owner).pk,
        "name": "nothing",
    }
    return {name: known[name] for name in re.findall(r"<(?:\w+:)?(\w+)>", route)}


def test_the_marks_find_what_is_bare() -> None:
    html = '<p title="Bare">⟦Marked <a href="/">오너</a> ⟦twice⟧⟧ and bare 3</p><input value="⟦x⟧, Typed">'
    assert marks.bare(html, {"오너"}) == ["and bare 3", "Bare", ", Typed"]
    assert marks.bare_text("⟦Open 오너:⟧\nhttps://console.test/sign-in/\nBare 오너", {"오너"}) == ["Bare 오너"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["pages", "fragments"])
def test_no_screen_says_anything_bare(headers: dict[str, str], named: Cast, marked: None) -> None:
    """Every route of the console, for the owner and for a member; a new one is here by itself."""
    create_token(actor=acting(named.owner), user=named.owner, name="쇼핑몰")
    found, shown = {}, 0
    for who in ("owner", "member"):
        client = reader(getattr(named, who))
        for name, route in routes().items():
            response = client.get(reverse(name, kwargs=arguments(named, route)), headers=headers)
            assert response.status_code in (200, 204, 302, 403, 404, 405), (name, response.status_code)
            shown += response.status_code == 200
            found[who, name] = bare(response)
    assert {screen: said for screen, said in found.items() if said} == {}
    assert shown > len(routes())


class Say(NamedTuple):
    """A request whose answer has words that no plain GET of a route shows."""

    who: str
    path: str
    status: int = 200
    send: dict[str, Any] | None = None


# {…}: ids of the cast.
STATES = {
    "signed out": Say("", "/sign-in/"),
    "no address": Say("", "/sign-in/", 422, {"email": ""}),
    "no such address": Say("", "/sign-in/", 422, {"email": "1@2"}),
    "a link for someone else": Say("owner", "/sign-in/?email=1@example.com"),
    "in no Organization": Say("nobody", "/organizations/"),
    "no Organization matches": Say("owner", "/organizations/?q=1234"),
    "not there": Say("owner", "/organizations/1234/", 404),
    "not a stranger's": Say("stranger", "{organization}", 404),
    "not a member's": Say("member", "{organization}settings/", 403),
    "not an admin's": Say("admin", "{organization}delete/", 403),
    "a name too long": Say("owner", "/organizations/new/", 422, {"name": "1" * 65, "description": "2" * 129}),
    "no name": Say("owner", "/organizations/new/", 422, {"name": ""}),
    "a profile's name": Say("owner", "/profile/", 422, {"name": "1" * 65, "version": "1"}),
    "a token without a name": Say("owner", "/profile/tokens/", 422, {"name": ""}),
    "a token, this once": Say("owner", "/profile/tokens/", 200, {"name": "먼곳"}),
    "nowhere to go": Say("owner", "/go/?q=1234"),
    "somewhere to go": Say("owner", "/go/?q=멤버&organization={organization_id}"),
    "what one can do": Say("owner", "/go/?space={space_id}"),
    "nobody matches": Say("owner", "{organization}membership/?q=1234"),
    "a page that is gone": Say("owner", "{organization}membership/?cursor=1234", 400),
    "all in one role": Say("owner", "{organization}membership/?role=OWNER"),
    "the last Owner leaves": Say("owner", "{organization}membership/leave/"),
    "the last Owner, all the same": Say("owner", "{organization}membership/leave/", 422, {}),
    "an Admin leaves": Say("admin", "{organization}membership/leave/"),
    "no role": Say("owner", "{organization}membership/{in_organization}/role/", 422, {"version": "1"}),
    "a stale role": Say(
        "owner", "{organization}membership/{in_organization}/role/", 409, {"role": "ADMIN", "version": "9"}
    ),
    "to a role above one's own": Say(
        "admin", "{organization}membership/{in_organization}/role/", 422, {"role": "OWNER", "version": "1"}
    ),
    "no such Space to give": Say("owner", "{organization}membership/invite/?space=1234"),
    "no addresses": Say("owner", "{organization}membership/invite/", 422, {"emails": "", "role": "MEMBER"}),
    "invited, member, twice, faulty": Say(
        "owner",
        "{organization}membership/invite/",
        200,
        {"emails": "1@example.com, 1@example.com, {member}, 2@, @3, 4", "role": "MEMBER"},
    ),
    "no role to invite with": Say(
        "owner", "{organization}membership/invite/", 422, {"emails": "1@example.com"}
    ),
    "not deleted while it has Spaces": Say("owner", "{organization}delete/", 422, {"name": "데일리웨어"}),
    "deleting by another name": Say("owner", "{organization}delete/", 422, {"name": "1234"}),
    "a stale Organization": Say("owner", "{organization}settings/", 409, {"name": "1234", "version": "9"}),
    "a stale Space": Say("owner", "{space}settings/", 409, {"name": "1234", "version": "9"}),
    "no name for a Space": Say("owner", "{organization}spaces/new/", 422, {"name": " "}),
    "another name of a Space": Say("owner", "{space}delete/", 422, {"name": "1234"}),
    "nobody in the Space matches": Say("owner", "{space}membership/?q=1234"),
    "nobody to add": Say("owner", "{space}membership/add/?q=1234"),
    "some to add": Say("owner", "{space}membership/add/?q=어드민"),
    "nobody chosen": Say("owner", "{space}membership/add/", 422, {}),
    "in the Space already": Say(
        "owner", "{space}membership/add/", 422, {"user": "{member_id}", "roles": "{viewer}"}
    ),
    "no roles": Say("owner", "{space}membership/{in_space}/roles/", 422, {"version": "1"}),
    "stale roles": Say(
        "owner", "{space}membership/{in_space}/roles/", 409, {"version": "9", "roles": "{administrator}"}
    ),
    "the last Administrator": Say("owner", "{space}membership/{owner_in_space}/roles/"),
    "removing the last Administrator": Say("owner", "{space}membership/{owner_in_space}/remove/"),
    "a locked role": Say("owner", "{space}roles/{administrator}/"),
    "a role that is held": Say("owner", "{space}roles/{viewer}/delete/"),
    "not deleted while it is held": Say("owner", "{space}roles/{viewer}/delete/", 422, {}),
    "a copy of a role": Say("owner", "{space}roles/create/?from={viewer}"),
    "a role without a name": Say("owner", "{space}roles/create/", 422, {"name": ""}),
    "the same name": Say("owner", "{space}roles/create/", 409, {"name": "Viewer"}),
    "a stale role of the Space": Say(
        "owner", "{space}roles/{viewer}/", 409, {"name": "1234", "version": "9", "settings": ["SETTING_TAG"]}
    ),
    "scopes": Say(
        "owner",
        "{space}roles/create/",
        422,
        {
            "name": "1234",
            "content-rows": ["0", "1", "2", "3"],
            "content-1-contentType": "1 2",
            "content-1-createdBy": "1@example.com",
            "content-1-tag": "",
            "content-2-createdBy": ":self",
            "content-3-createdBy": ":self",
            "content-2-Read": "Allow",
            "content-3-Read": "Allow Deny",
        },
    ),
    "one more scope": Say("owner", "{space}roles/create/", 200, {"do": "add script self"}),
    "a role in words": Say(
        "owner",
        "{space}roles/preview/",
        200,
        {
            "content-rows": ["0", "1", "2"],
            "content-0-Read": "Allow",
            "content-1-createdBy": ":self",
            "content-1-tag": "1",
            "content-1-Edit": "Allow",
            "content-2-contentType": "2",
            "content-2-Edit": "Allow",
            "content-2-Delete": "Deny",
            "settings": ["SETTING_TAG", "SETTING_USER", "SETTING_WEBHOOK"],
        },
    ),
    "what someone may do": Say("owner", "{space}access/?user={member_id}&what=content+Read&own=on&tag=1"),
    "what someone may not do": Say("owner", "{space}access/?user={member_id}&what=settings+SETTING_TAG"),
    "what an Admin may do": Say("owner", "{space}access/?user={admin_id}"),
    "a question that is none": Say("owner", "{space}access/?what=1&tag=1+2", 422),
    "nobody to ask about": Say("owner", "{space}access/?q=1234"),
}


@pytest.fixture
def ids(named: Cast) -> dict[str, str]:
    """What the addresses of STATES name."""
    return ids_of(named)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["pages", "fragments"])
def test_no_state_says_anything_bare(
    headers: dict[str, str], named: Cast, ids: dict[str, str], marked: None
) -> None:
    readers = {who: reader(getattr(named, who)) for who in ("owner", "admin", "member", "stranger")}
    readers |= {"": reader(), "nobody": reader(person())}
    found, statuses = {}, {}
    for state, said in STATES.items():
        response = _answer(readers[said.who], said, ids, headers)
        statuses[state] = response.status_code
        found[state] = bare(response, "1@example.com")
    assert {state: messages for state, messages in found.items() if messages} == {}
    assert statuses == {state: said.status for state, said in STATES.items()}


def _answer(client: Client, said: Say, ids: dict[str, str], headers: dict[str, str]) -> HttpResponse:
    path = said.path.format(**ids)
    if said.send is None:
        return client.get(path, headers=headers)
    return client.post(path, {name: _filled(sent, ids) for name, sent in said.send.items()}, headers=headers)


def _filled(value: str | list[str], ids: dict[str, str]) -> str | list[str]:
    return value.format(**ids) if isinstance(value, str) else value


CHANGES = {
    "a profile": Say("owner", "/profile/", 302, {"name": "오너", "version": "1"}),
    "an Organization": Say("owner", "/organizations/new/", 302, {"name": "먼곳"}),
    "its settings": Say("owner", "{organization}settings/", 302, {"name": "먼곳", "version": "1"}),
    "a Space": Say("owner", "{organization}spaces/new/", 302, {"name": "먼곳"}),
    "a Space deleted": Say("owner", "{space}delete/", 302, {"name": "쇼핑몰"}),
    "invitations": Say(
        "owner", "{organization}membership/invite/", 302, {"emails": "1@example.com", "role": "ADMIN"}
    ),
    "a role": Say(
        "owner", "{organization}membership/{in_organization}/role/", 302, {"role": "ADMIN", "version": "1"}
    ),
    "a removal": Say("owner", "{organization}membership/{in_organization}/remove/", 302, {}),
    "leaving": Say("member", "{organization}membership/leave/", 302, {}),
    "an assignment": Say("owner", "{space}membership/add/", 302, {"user": "{admin_id}", "roles": "{viewer}"}),
    "other roles": Say(
        "owner", "{space}membership/{owner_in_space}/roles/", 302, {"version": "1", "roles": "{viewer}"}
    ),
    "a removal from a Space": Say("owner", "{space}membership/{in_space}/remove/", 302, {}),
    "a new role": Say("owner", "{space}roles/create/", 302, {"name": "먼곳"}),
    "a role moved and deleted": Say(
        "owner", "{space}roles/{viewer}/delete/", 302, {"move_to": "{administrator}"}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_notice_of_a_change_says_nothing_bare(
    change: str, named: Cast, ids: dict[str, str], marked: None
) -> None:
    said = CHANGES[change]
    client = reader(getattr(named, said.who))
    response = _answer(client, said, ids, {})
    assert response.status_code == said.status
    page = client.get(response["Location"], follow=True)
    assert "data-notice" in page.text
    assert bare(page, "먼곳") == []


def test_the_code_of_a_sign_in_says_nothing_bare(db: None, marked: None) -> None:
    client = reader()
    client.post("/sign-in/", {"email": "1@example.com"})
    assert bare(client.get("/sign-in/code/")) == []
    for code in ("", "1"):
        assert bare(client.post("/sign-in/code/", {"code": code})) == []
    for _try in range(3):
        response = client.post("/sign-in/code/", {"code": "1"}, follow=True)
    assert bare(response) == []


def test_a_form_open_for_too_long_says_nothing_bare(named: Cast, marked: None) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": marks.LANGUAGE})
    client.force_login(named.owner)
    assert bare(client.post("/profile/", {"name": "1"})) == []


def test_the_mailbox_says_nothing_bare(settings: Settings, tmp_path: Path, named: Cast, marked: None) -> None:
    settings.MAIL_DIR = tmp_path
    message = render(_email(Kind.SIGN_IN_CODE, marks.LANGUAGE))
    MailboxBackend(folder=tmp_path, alias="default").send_messages([message])
    (name,) = stored_names(tmp_path)
    sent_to = message.to[0]
    assert bare(reader().get("/mailbox/"), sent_to) == []
    assert bare(reader().get(f"/mailbox/{name}/"), sent_to) == []


FACTS = {
    "actor": "오너",
    "organization": "데일리웨어",
    "space": "쇼핑몰",
    "roles": ["먼곳", "먼나라"],
    "owners": ["멤버", "어드민"],
    "role": "ADMIN",
    "before": "MEMBER",
    "code": "123456",
    "path": "/organizations/1/",
}
SPACES = {
    Kind.ORGANIZATION_INVITATION: [{"name": "쇼핑몰", "roles": ["먼곳", "먼나라"]}],
    Kind.ORGANIZATION_REMOVAL: ["쇼핑몰"],
}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("left", [False, True])
def test_an_email_says_nothing_bare(kind: Kind, left: bool, db: None, marked: None) -> None:
    message = render(_email(kind, marks.LANGUAGE, left=left))
    html = str(message.alternatives[0].content)
    assert f'lang="{marks.LANGUAGE}"' in html
    known = {*NAMES, *SAME}
    assert marks.bare(html, known) == []
    assert marks.bare_text(str(message.body), known) == []
    assert marks.bare_text(message.subject, known) == []


def _email(kind: Kind, language: str, **facts: Any) -> Email:
    user = person()
    user.language = language
    row = compose(kind, user, **(FACTS | {"spaces": SPACES.get(kind, [])} | facts))
    return Email(**row, recipient=user)


# --- Korean -------------------------------------------------------------------------------


def korean(user: User | None = None) -> Client:
    """A browser that asks for Korean."""
    client = Client(headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"})
    if user is not None:
        client.force_login(user)
    return client


def test_sign_in_is_korean(db: None) -> None:
    response = korean().get("/sign-in/")
    page = Page(response)
    assert page.words.startswith("본문으로 건너뛰기 WEEGLOO 로그인 이메일 주소를 입력하면")
    assert '<html lang="ko"' in page.html
    assert response["Content-Language"] == "ko"
    assert "Accept-Language" in response["Vary"]
    assert "이메일 주소를 입력해 주세요." in Page(korean().post("/sign-in/", {"email": ""})).words


def test_each_language_is_offered_by_its_own_name(db: None) -> None:
    for client in (korean(), Client()):
        offered = re.findall(r'name="language"[^>]*>([^<]+)<', client.get("/sign-in/").text)
        assert offered == ["English", "한국어"]


def test_the_list_of_members_is_korean(named: Cast) -> None:
    moment = datetime(2026, 3, 9, 5, 7, tzinfo=UTC)
    OrganizationMembership.objects.filter(user=named.member).update(last_active_at=moment)
    page = Page(korean(named.owner).get(f"{named.organization.get_absolute_url()}membership/"))
    assert page.menu == ["스페이스", "멤버십", "설정"]
    assert page.rows[0] == ["이름", "역할", "스페이스", "최근 활동", "참여일", "작업"]
    assert [page.rows[1][-4], *page.rows[1][-2:]] == ["2026년 3월 9일", "제거", "멤버"]
    assert 'data-announce="멤버 3명"' in page.html
    assert 'title="2026년 3월 9일 오전 5:07 UTC"' in page.html
    assert "마지막 소유자예요. 먼저 다른 멤버를 소유자로 지정해 주세요." in page.words


def test_an_invitation_is_korean(db: None) -> None:
    message = render(_email(Kind.ORGANIZATION_INVITATION, "ko"))
    assert message.subject == "오너 님이 데일리웨어 조직에 초대했어요"
    text = str(message.body)
    assert text.startswith(
        "오너 님이 WEEGLOO의 데일리웨어 조직에 초대했어요. 따로 수락하지 않아도 바로 시작할 수 있어요.\n\n"
        "조직에서의 역할: 관리자\n\n참여하는 스페이스:\n- 쇼핑몰 (먼곳, 먼나라)\n\n데일리웨어 열기:\nhttp"
    )
    html = str(message.alternatives[0].content)
    assert '<html lang="ko"' in html
    assert "조직에서의 역할: <strong>관리자</strong>" in html


def test_an_email_is_in_the_language_of_who_gets_it(named: Cast) -> None:
    User.objects.filter(pk=named.member.pk).update(language="ko")
    member = OrganizationMembership.objects.get(user=named.member, organization=named.organization)
    before = set(Email.objects.values_list("pk", flat=True))
    as_(named.owner).post(f"{named.organization.get_absolute_url()}membership/{member.pk}/remove/")
    email = Email.objects.exclude(pk__in=before).get()
    assert render(email).subject == "데일리웨어 조직에서 제거되었어요"


def test_a_refused_form_is_korean(named: Cast) -> None:
    page = Page(korean(named.owner).post("/organizations/new/", {"name": "", "description": "2" * 129}))
    assert "필수 항목이에요." in page.words
    assert "128자까지 쓸 수 있어요(지금 129자)." in page.words


def test_plurals_numbers_and_dates() -> None:
    block = "{% blocktranslate count n=n %}{{ n }} member{% plural %}{{ n }} members{% endblocktranslate %}"
    said = Template("{% load i18n %}" + block)
    members = {n: said.render(Context({"n": n})) for n in (1, 5, 12_345)}
    assert members == {1: "1 member", 5: "5 members", 12_345: "12,345 members"}
    with translation.override("ko"):
        members = {n: said.render(Context({"n": n})) for n in (1, 5, 12_345)}
        assert members == {1: "멤버 1명", 5: "멤버 5명", 12_345: "멤버 12,345명"}
        assert [naturaltime(timezone.now() - timedelta(minutes=n)) for n in (0, 1, 5, 60)] == [
            "방금",
            "1분 전",
            "5분 전",
            "1시간 전",
        ]
        day = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
        assert date_format(day, "DATE_FORMAT") == "2026년 11월 22일"
        assert date_format(day, "DATETIME_FORMAT") == "2026년 11월 22일 오후 2:05"


def test_a_role_in_korean_words() -> None:
    own = {"createdBy": refer("User", ":self")}
    product, sale = {"contentType": refer("ContentType", "1")}, {"tag": refer("Tag", "sale")}
    role = space_role(
        content={
            "Read": {"Allow": []},
            "Create": {"Allow": []},
            "Edit": {"Allow": [{**product, **own}, sale]},
            "Delete": {"Deny": []},
        },
        settings=["SETTING_WEBHOOK", "SETTING_USER"],
    )
    with translation.override("ko"):
        assert summary(role, {"1": "상품"}) == (
            "할 수 있는 일: 콘텐츠 읽기·만들기, "
            "콘텐츠 수정(“상품” 타입이면서 직접 만든 것 또는 “sale” 태그만), "
            "웹훅·멤버십 관리. 할 수 없는 일: 콘텐츠 삭제."
        )


def test_the_api_refuses_in_korean_and_documents_itself_in_english(db: None) -> None:
    client = korean()
    refused = client.get("/v1/me/organization-memberships")
    assert refused["Content-Language"] == "ko"
    assert refused.json()["reason"] == "유효한 개인 액세스 토큰이 필요해요."
    document.cache_clear()
    assert client.get("/v1/openapi.json").text == Client().get("/v1/openapi.json").text
    assert '<html lang="en">' in client.get("/v1/docs").text
    assert not re.search("[가-힣]", client.get("/v1/docs").text)
