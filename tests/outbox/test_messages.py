"""Names in emails: shown, never a link, never a header (rules §10; anchors-product.md, Mail content)."""

import re
from html.parser import HTMLParser

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.services import ensure_user
from outbox import delivery
from outbox.messages import render, unlinkable
from outbox.models import Email, Kind, State
from outbox.queue import compose, enqueue
from tests.outbox.smtp import Mailbag

FAMILY = "👨\u200d👩\u200d👧"
NAMES = {
    "CR and LF": "Daily\r\nBcc: all@evil.example\r\n\r\nWear",
    "a link": '<a href="https://evil.example/">DailyWear</a>',
    "an image and a script": "<img src=//evil.example/x.png onerror=alert(1)><script>alert(1)</script>",
    "http://": "http://evil.example/login",
    "https:// and a port": "https://evil.example:8443/a?b=c#d",
    "a bare domain": "evil.example",
    "www": "www.evil.example",
    "a domain of a new kind": "evil.shop, evil.zip and evil.co.kr",
    "an international domain": "악.한국 evil。example",
    "an address": "billing@evil.example",
    "mailto": "mailto:billing@evil.example",
    "javascript": "javascript:alert(document.domain)",
    "an IP address": "192.0.2.7/login",
    "a UNC path": "\\\\evil.example\\share",
    "markdown": "[DailyWear](https://evil.example) **bold** `code` ![x](//evil.example/x.png)",
    "bidi overrides": "Daily\u202eraeW\u202c \u2066evil\u2069 \u200fmall",
    "zero-width letters": "ev\u200bil\u2060.exam\ufeffple",
    "an entity": "Daily &amp; Wear &lt;b&gt;",
    "quotes": """O'Neil & "Sons" <Ltd>""",
    "template signs": "{{ link }} {% now %} %(organization)s %s 100%",
    "64 emoji": "👗" * 64,
    "a family": FAMILY + " Kim",
    "Korean": "데일리웨어",
    "line separators": "Daily\u2028Wear\u2029Mall\x0b\x0cX\x85Y",
    "control characters": "Daily\x07\x1b[31mWear",
    "only invisible": "\u200b\u2060\u202e",
    "a long one": "n" * 64,
    "encoded words": "=?utf-8?q?Bcc=3A_all=40evil.example?=",
    "full-width signs": "evil．example／login ｅｖｉｌ｡example",
}
# What clients turn into links: schemes, addresses, and anything like a domain.
LINKED = re.compile(
    r"""https?://|mailto:|javascript:|www\.|//\w|\\\\\w|\w@\w|[\w-]\.(?:example|shop|zip|kr|co|com|한국)|\d\.\d""",
    re.IGNORECASE,
)


class Links(HTMLParser):
    """Every address an HTML text points to, and every element it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [
            value or "" for name, value in attrs if name in {"href", "src", "action", "background"}
        ]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def context(name: str) -> dict[str, object]:
    """Every word of every kind of email is ``name``."""
    return {
        "actor": name,
        "organization": name,
        "space": name,
        "spaces": [{"name": name, "roles": [name, name]}],
        "roles": [name],
        "owners": [name, name],
        "role": "MEMBER",
        "before": "ADMIN",
        "left": False,
        "path": "/organizations/abc/",
    }


KINDS = [kind for kind in Kind if kind != Kind.SIGN_IN_CODE]


@pytest.mark.parametrize("case", NAMES)
def test_a_hostile_name_is_only_a_name(db: None, mailbag: Mailbag, settings: Settings, case: str) -> None:
    settings.BASE_URL = "https://console.test"
    name, user = NAMES[case], ensure_user("minji@recipient.test")
    rows = [compose(kind, user, **context(name)) for kind in KINDS]
    enqueue(rows)

    delivery.deliver_all_due()

    assert list(Email.objects.values_list("state", flat=True).distinct()) == [State.SENT], [
        row.last_error for row in Email.objects.all()
    ]
    assert mailbag.to == ["minji@recipient.test"] * len(KINDS)
    for message in mailbag.messages():
        # One subject, one line, no header that is not ours.
        assert len(message.get_all("Subject")) == 1
        assert not re.search(r"[\r\n]", message["Subject"])
        assert message["Bcc"] is None
        assert set(message.keys()) == {
            *("Content-Type", "MIME-Version", "Subject", "From", "To", "Date"),
            *("Message-ID", "Auto-Submitted", "X-Weegloo-Kind", "X-Peer", "X-MailFrom", "X-RcptTo"),
        } & set(message.keys())
        assert message.defects == []
        text, html = (part.get_content() for part in message.iter_parts())
        links = Links(html)

        # No foreign link, no element made of a name.
        assert all(target.startswith("https://console.test/sign-in/?") for target in links.targets)
        assert not links.tags & {"script", "img", "b", "iframe", "form"}
        # Nothing that a client links by itself, but our own link.
        own = re.compile(r"https://console\.test/sign-in/\?\S+")
        visible = own.sub("", text), own.sub("", "".join(links.texts)), message["Subject"]
        for words in visible:
            outside_styles = re.sub(r"\{[^}]*\}", "", words)
            assert not LINKED.search(outside_styles), (LINKED.search(outside_styles), outside_styles)
            assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff]", words)
        # The text part is text: what a person typed stands there, not its HTML entities.
        shown = unlinkable(name)
        assert shown in text.replace("\n", " ") or not shown
        assert ("&amp;" in text) == ("&amp;" in name)
        assert "&#x27;" not in text
        assert "&quot;" not in text


def test_names_keep_their_look() -> None:
    for name in (
        FAMILY + " Kim",
        "데일리웨어",
        "👗" * 64,
        "O'Neil & Sons",
        "Élodie",
        "ООО Ромашка",
        "🏳️\u200d🌈",
    ):
        assert unlinkable(name) == name
    assert unlinkable("evil.example").replace("\u2060", "") == "evil.example"


def test_the_recipients_own_name_and_address_cannot_break_the_header(db: None, mailbag: Mailbag) -> None:
    user = ensure_user("=cmd|'/c_calc'!a0@example.com")
    enqueue([compose(Kind.SPACE_REMOVAL, user, **context("DailyWear"))])
    delivery.deliver_all_due()
    assert mailbag.to == ["=cmd|'/c_calc'!a0@example.com"]


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example/", "/a?b=c&d=é#f"])
def test_the_link_stays_on_the_console(db: None, mailbag: Mailbag, settings: Settings, path: str) -> None:
    settings.BASE_URL = "https://console.test"
    enqueue(
        [
            compose(
                Kind.ROLE_CHANGE,
                ensure_user("minji+a&b@example.com"),
                **(context("DailyWear") | {"path": path}),
            )
        ]
    )
    delivery.deliver_all_due()
    text, html = (part.get_content() for part in mailbag.messages()[0].iter_parts())
    (target,) = Links(html).targets
    assert target in text
    assert target.startswith("https://console.test/sign-in/?email=minji%2Ba%26b%40example.com&next=")
    assert "evil.example/" not in target.partition("next=")[0]


class _Cells(HTMLParser):
    """Each element as (tag, attributes, the open elements around it)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[tuple[str, dict[str, str]]]]] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.found.append((tag, attributes, self._open[::-1]))
        if tag not in {"meta", "br"}:
            self._open.append((tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag


WITH_BUTTON = {Kind.ORGANIZATION_INVITATION, Kind.SPACE_INVITATION, Kind.ROLE_CHANGE, Kind.NEW_OWNER}


@pytest.mark.parametrize("kind", Kind)
def test_outlook_for_windows_shows_the_button_and_the_card(kind: Kind) -> None:
    """It drops padding on a link, and ``max-width``; cells and the ``width`` of a table it keeps."""
    user = User(email="minji@example.com", email_key="minji@example.com")
    facts = context("DailyWear") | {"code": "123456"}
    html = str(
        render(Email(kind=kind, recipient=user, context=facts, message_id="<a@b>")).alternatives[0].content
    )
    elements = _Cells(html).found

    buttons = [(attributes, around) for tag, attributes, around in elements if tag == "a"]
    assert len(buttons) == (kind in WITH_BUTTON)
    for attributes, around in buttons:
        assert "padding" not in attributes["style"]
        assert "background" not in attributes["style"]
        tag, cell = around[0]
        assert tag == "td"
        assert "padding: 12px 20px" in cell["style"]
        assert "background: #006a9b" in cell["style"]
        assert cell["bgcolor"] == "#006a9b"
    for tag, attributes, _around in elements:
        if "max-width" in attributes.get("style", ""):
            assert (tag, attributes["width"]) == ("table", "520")
        if "padding: 12px" in attributes.get("style", ""):
            assert tag == "td"
    assert sum("max-width" in attributes.get("style", "") for _tag, attributes, _around in elements) == 1
    assert re.search(r'<!--\[if mso\]><table [^>]*width="520"', html)
