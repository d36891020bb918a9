"""Every header of every email says exactly what was composed, on every Python (rules §10; RFC 2047)."""

import json
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from email.header import decode_header, make_header
from email.policy import SMTP, Policy
from email.policy import default as default_policy
from pathlib import Path
from shutil import which
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.addresses import canonical_address
from accounts.models import User
from accounts.services import ensure_user
from common.errors import InvalidEmail
from memberships.models import Role
from memberships.services.invitations import invite_members
from outbox import delivery, headers
from outbox.mailbox import MailboxBackend, read_message, stored_names
from outbox.messages import Message, render, unlinkable
from outbox.models import OUR_FAULT, Email, Kind, State
from outbox.queue import compose, enqueue
from tests.cast import Cast, acting
from tests.outbox import read_headers
from tests.outbox.smtp import Mailbag


def encoded(text: str, charset: str = "utf-8") -> str:
    """``text`` as an encoded word, as an attacker would type it."""
    return f"=?{charset}?b?{b64encode(text.encode(charset)).decode()}?="


NAMES = {
    "a header in an encoded word": "=?utf-8?b?SGkNClJlcGx5LVRvOiB4QGV4YW1wbGUuY29tDQpYOg==?=",
    "the end of the headers": encoded("Hi\r\n\r\nbody"),
    "a bare line feed": encoded("Hi\nBcc: x@example.com"),
    "a carriage return": encoded("Hi\rBcc: x@example.com"),
    "a link in an encoded word": "=?utf-8?b?ZXZpbC5leGFtcGxlL2xvZ2lu?=",
    "quoted-printable": "=?utf-8?q?Hi=0D=0AReply-To:_x?=",
    "capital letters": "=?UTF-8?Q?a=2Cb?= =?Utf-8?B?YQ==?=",
    "Latin 1": "=?iso-8859-1?q?caf=E9?=",
    "Korean charsets": encoded("가", "euc-kr") + encoded("나", "iso-2022-kr"),
    "UTF-7": "=?utf-7?q?+AAoAQgBjAGM-?=",
    "a charset that nobody knows": "=?x-nobody?b?SGk=?=",
    "a charset with a language": "=?us-ascii*en?q?a?=",
    "inside a word": "Daily=?utf-8?q?=2C?=Wear",
    "between words": "Daily =?utf-8?q?=2C?= Wear",
    "within Korean": "데일리 =?utf-8?q?=2C?= 웨어",
    "two in a row": "=?utf-8?q?a?= =?utf-8?q?b?=",
    "one without its end": "=?utf-8?q?Daily",
    "nested": "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?=",
    "only the beginning": "=?",
    "the long Korean one": "서울 봄 여름 가을 겨울 온라인 쇼핑몰 주식회사 한국 온라인 의류 판매점",
    "64 syllables": "가" * 64,
    "64 syllables with spaces": "가 나 " * 16,
    "mixed": "Daily 데일리 Wear 웨어 Mall 몰 café Ромашка 電子商店",
    "two spaces": "Daily  Wear   Mall",
    "other spaces": "데일리\u3000웨어\u00a0몰",
    "64 letters without a space": "n" * 64,
    "64 emoji": "👗" * 64,
    "families": "👨\u200d👩\u200d👧\u200d👦" * 9,
    "flags": "🇰🇷🇫🇷" * 16,
    "many marks": "e" + "\u0301" * 63,
    "conjoining jamo": "\u1112\u1161\u11ab" * 21,
    "Persian": "می\u200cخواهم",
    "a header": "Subject: x, Bcc: y@example.com",
    "structure": """"Kim, Minji" (boss) <x@example.com>; [a]\\""",
    "percent and braces": "%0d%0aBcc:x {{ code }} ${x}",
}
# The subject of each kind in English, when every word of it is the name.
SUBJECTS = {
    Kind.ORGANIZATION_INVITATION: "{name} invited you to {name}",
    Kind.SPACE_INVITATION: "{name} added you to {name}",
    Kind.ORGANIZATION_REMOVAL: "You were removed from {name}",
    Kind.SPACE_REMOVAL: "You were removed from {name}",
    Kind.ROLE_CHANGE: "Your role in {name} changed",
    Kind.NEW_OWNER: "{name} has a new Owner",
    Kind.SIGN_IN_CODE: "123456 is your WEEGLOO sign-in code",
}
HEADERS = sorted(
    [
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Auto-Submitted",
        "X-Weegloo-Kind",
        "Date",
        "MIME-Version",
        "Content-Type",
    ]
)
ADDRESS = "minji.kim+x=y?z@example.com"


def message_with(kind: Kind, name: str, *, language: str = "en") -> Message:
    """An email of ``kind`` in which every word that people choose is ``name``."""
    context = {
        "actor": name,
        "organization": name,
        "space": name,
        "spaces": [{"name": name, "roles": [name, name]}],
        "roles": [name],
        "owners": [name, name],
        "role": "MEMBER",
        "before": "ADMIN",
        "left": False,
        "code": "123456",
        "path": "/organizations/abc/",
    }
    recipient = User(name=name, email=ADDRESS, email_key=ADDRESS)
    message_id = "<3MdKSM6SDaJTUsZEASf5ZVlI8kg@console.example.com>"
    return render(
        Email(kind=kind, recipient=recipient, language=language, context=context, message_id=message_id)
    )


def written(message: Message, policy: Policy) -> tuple[bytes, list[str]]:
    """The message as it is sent, and the lines of its headers."""
    raw = message.message(policy=policy).as_bytes()
    linesep = policy.linesep.encode()
    block = raw.partition(linesep * 2)[0]
    assert not set(block.replace(linesep, b"")) & set(b"\r\n\0")
    return raw, block.decode("ascii").split(policy.linesep)


def unfolded(lines: list[str]) -> dict[str, str]:
    """Each header's name and its text on one line, read by RFC 5322 alone."""
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        if line[0] == " ":
            fields[name] += line
        else:
            name, text = line.split(": ", 1) if ": " in line else (line.rstrip(":"), "")
            assert name not in fields
            fields[name] = text
    return fields


def check_words(lines: list[str]) -> None:
    """Encoded words: at most 75 characters, in lines of at most 76, each of whole characters."""
    for line in lines:
        if "=?" in line:
            assert len(line) <= 76, line
        for word in re.findall(r"=\?\S*", line):
            assert len(word) <= 75, word
            ((octets, charset),) = decode_header(word)
            assert (charset, octets.decode("utf-8") != "") == ("utf-8", True)


@pytest.mark.parametrize("policy", [default_policy, SMTP], ids=["mailbox", "smtp"])
@pytest.mark.parametrize("case", NAMES)
def test_no_name_changes_a_header(case: str, policy: Policy, tmp_path: Path) -> None:
    for kind in Kind:
        message = message_with(kind, NAMES[case])
        raw, lines = written(message, policy)
        expected = SUBJECTS[kind].format(name=unlinkable(NAMES[case]))

        fields = unfolded(lines)
        assert sorted(fields) == HEADERS
        assert fields["To"] == ADDRESS
        assert fields["From"] == "WEEGLOO <no-reply@weegloo.com>"
        assert message.subject == expected
        assert str(make_header(decode_header(fields["Subject"]))) == expected
        check_words(lines)
        path = tmp_path / "message.eml"
        path.write_bytes(raw)
        assert read_headers.read(path) == {
            "names": HEADERS,
            "subject": expected,
            "to": [["", ADDRESS]],
            "from": [["WEEGLOO", "no-reply@weegloo.com"]],
            "defects": [],
        }


@pytest.mark.parametrize("case", NAMES)
def test_a_name_in_a_subject_looks_as_it_was_typed(case: str) -> None:
    """All that an email adds to a name is U+2060, which nobody sees."""
    assert unlinkable(NAMES[case]).replace("\u2060", "") == NAMES[case]


def pythons() -> list[str]:
    """This Python, and every other one from 3.12 on that is found on this machine."""
    found = [which(f"python3.{minor}") for minor in range(12, 20)]
    candidates = [sys.executable, *(path for path in found if path)]
    candidates += [str(path) for path in sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))]
    versions: dict[str, str] = {}
    for candidate in candidates:
        asked = subprocess.run(
            [candidate, "-c", "import sys; print(sys.version if sys.version_info >= (3, 12) else '')"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode == 0 and asked.stdout.strip():
            versions.setdefault(asked.stdout, candidate)
    return list(versions.values())


def test_every_python_on_this_machine_reads_the_same(tmp_path: Path) -> None:
    expected = {}
    for number, (case, name) in enumerate(NAMES.items()):
        for kind in Kind:
            message = message_with(kind, name, language="ko" if number % 2 else "en")
            file = f"{number:02}-{kind}.eml"
            (tmp_path / file).write_bytes(written(message, SMTP)[0])
            expected[file] = (case, message.subject)

    interpreters = pythons()
    assert sys.executable in interpreters
    for python in interpreters:
        answer = subprocess.run(
            [python, "-I", read_headers.__file__, str(tmp_path)], capture_output=True, check=True
        )
        read = json.loads(answer.stdout)
        assert len(read) == len(expected)
        for file, (case, subject) in expected.items():
            assert read[file]["subject"] == subject, (python, case, file)
            assert read[file]["names"] == HEADERS, (python, case, file)
            assert read[file]["to"] == [["", ADDRESS]], (python, case, file)
            assert read[file]["defects"] == [], (python, case, file)


@pytest.mark.parametrize(
    ("configured", "display_name", "address"),
    [
        ("WEEGLOO <no-reply@weegloo.com>", "WEEGLOO", "no-reply@weegloo.com"),
        ("no-reply@weegloo.com", "", "no-reply@weegloo.com"),
        ("위글루 <no-reply@weegloo.com>", "위글루", "no-reply@weegloo.com"),
        ("위글루 <no-reply@한국.kr>", "위글루", "no-reply@xn--3e0b707e.kr"),
        ('"WEEGLOO, \\"Inc\\"." <no-reply@weegloo.com>', 'WEEGLOO, "Inc".', "no-reply@weegloo.com"),
        ("=?utf-8?q?a=2Cb?= <no-reply@weegloo.com>", "=?utf-8?q?a=2Cb?=", "no-reply@weegloo.com"),
        ("WEEGLOO  Console <no-reply@weegloo.com>", "WEEGLOO  Console", "no-reply@weegloo.com"),
        ("W" * 90 + " <no-reply@weegloo.com>", "W" * 90, "no-reply@weegloo.com"),
        (
            "위글루 온라인 쇼핑몰 한국 주식회사 <no-reply@weegloo.com>",
            "위글루 온라인 쇼핑몰 한국 주식회사",
            "no-reply@weegloo.com",
        ),
    ],
)
def test_the_senders_name_is_shown_as_configured(
    settings: Settings,
    db: None,
    mailbag: Mailbag,
    configured: str,
    display_name: str,
    address: str,
) -> None:
    settings.DEFAULT_FROM_EMAIL = configured
    message = message_with(Kind.ROLE_CHANGE, "DailyWear")
    message.reply_to = [configured]
    _raw, lines = written(message, SMTP)
    check_words(lines)
    fields = unfolded(lines)
    for name in ("From", "Reply-To"):
        phrase, _bracket, rest = fields[name].rpartition("<")
        assert rest.rstrip(">") == address
        if "=?" in phrase:
            assert str(make_header(decode_header(phrase.strip()))) == display_name
        else:
            assert re.sub(r"\\(.)", r"\1", phrase.strip().strip('"')) == display_name

    enqueue([compose(Kind.ROLE_CHANGE, ensure_user("minji@example.com"), organization="x", actor="y", role="")])
    assert delivery.deliver_all_due() == 1
    assert Email.objects.get().state == State.SENT  # the envelope's sender is read from the same text


class TestAddresses:
    """An address goes out as that very address, or is refused when it is typed."""

    @pytest.mark.parametrize(
        "address",
        [
            "=?utf-8?q?a=2cb?=@example.com",
            "=?UTF-8?B?YSxi?=@example.com",
            "x=?utf-8?q?a=2cb?=y@example.com",
            "x.=?us-ascii?q?a?=@example.com",
            "＝？utf-8？q？a=2cb？＝@example.com",
        ],
    )
    def test_one_that_mail_software_decodes_is_refused(self, cast: Cast, address: str) -> None:
        with pytest.raises(InvalidEmail) as refusal:
            canonical_address(address)
        assert str(refusal.value.message) == 'The part before the @ can\'t contain "=?".'
        invited = invite_members(
            actor=acting(cast.owner), organization=cast.organization, addresses=[address], role=Role.MEMBER
        )
        assert [verdict.reason for verdict in invited] == ['The part before the @ can\'t contain "=?".']
        assert not Email.objects.filter(kind=Kind.ORGANIZATION_INVITATION).exists()

    @pytest.mark.parametrize(
        "address",
        [
            "=cmd|'/c_calc'!a0@example.com",
            "a?b=c?=@example.com",
            "bounce+kim=example.com@example.com",
            "!#$%&'*+-/=^_`{|}~@example.com",
            "n" * 64 + "@" + ".".join(["d" * 60] * 3) + ".com",
        ],
    )
    def test_any_other_goes_out_as_it_is(self, db: None, mailbag: Mailbag, address: str) -> None:
        enqueue([compose(Kind.SPACE_REMOVAL, ensure_user(address), actor="A", organization="B", space="C")])
        delivery.deliver_all_due()
        assert mailbag.to == [address]
        (to,) = mailbag.messages()[0]["To"].addresses
        assert to.addr_spec == address

    def test_one_stored_before_the_rule_gets_no_email_that_could_go_elsewhere(
        self, db: None, mailbag: Mailbag
    ) -> None:
        user = ensure_user("minji@example.com")
        User.objects.filter(pk=user.pk).update(email="=?utf-8?q?a=2cb?=@example.com")
        enqueue([compose(Kind.SPACE_REMOVAL, user, actor="A", organization="B", space="C")])
        delivery.deliver_all_due()
        assert mailbag.envelopes == []
        assert Email.objects.get().last_error == OUR_FAULT

    @pytest.mark.parametrize(
        "text",
        [
            *("", "a", "a@", "@b.co", "a b@c.co", "a,b@c.co", "a@b.co, c@d.co", "a@b.co\r\nBcc: c@d.co"),
            *('"a"@b.co', "a@b.co\0", "김@b.co", "a@b..", "<a@b.co> <c@d.co>,", "a@" + "b" * 100_000),
        ],
    )
    def test_a_header_takes_one_plain_address_alone(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"address|line break"):
            headers.mailbox("To", text)


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb: c", "a\0", "a\x85b", "a\u2028b", "\ud800", "a\tb"])
def test_no_header_is_written_with_a_line_break_or_control_character(text: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        headers.unstructured("Subject", text)
    with pytest.raises(ValueError, match="must be ASCII"):
        headers.literal("Message-ID", f"<{text}>")


def test_a_local_message_file_shows_the_name(tmp_path: Path) -> None:
    backend = MailboxBackend(folder=tmp_path, alias="default")
    for name in NAMES.values():
        backend.send_messages([message_with(Kind.NEW_OWNER, name)])
    stored = [read_message(tmp_path, name) for name in stored_names(tmp_path)]
    assert sorted(str(one.message["Subject"]) for one in stored if one) == sorted(
        f"{unlinkable(name)} has a new Owner" for name in NAMES.values()
    )
    assert {tuple(sorted(one.message.keys())) for one in stored if one} == {tuple(HEADERS)}


# --- Any name at all ----------------------------------------------------------------------------

_pieces = st.sampled_from(
    [
        *("=?utf-8?q?", "=?utf-8?b?", "?=", "=?", "SGkNClg6", "=0D=0A", "\r\n", "\n", " ", "  ", "_", "가"),
        *("👨\u200d👩", "\u0301", "\u2028", ": ", '"', "<a@b.co>", ",", "\\", "\u2060", "\x00", "🇰🇷"),
    ]
)
names = st.one_of(st.text(max_size=200), st.lists(st.one_of(_pieces, st.text(max_size=5))).map("".join))


@settings(max_examples=400, deadline=None)
@given(names)
@example("")
@example(" ")
def test_any_text_reads_back_from_a_subject(name: str) -> None:
    subject = unlinkable(name)
    folded = headers.unstructured("Subject", subject).fold(policy=SMTP)
    assert folded.endswith("\r\n")
    lines = folded.removesuffix("\r\n").split("\r\n")
    assert all(line.isascii() and line.isprintable() and line.strip() for line in lines)
    assert all(len(line) <= 76 for line in lines)
    assert lines[0].startswith("Subject:")
    assert all(line.startswith(" ") for line in lines[1:])
    check_words(lines)
    assert str(make_header(decode_header(unfolded(lines)["Subject"]))) == subject
    assert str(parsed(folded)["Subject"]) == subject


def parsed(headers_: str) -> read_headers.email.message.EmailMessage:
    """The message that these headers begin, read by this Python."""
    message: read_headers.email.message.EmailMessage = read_headers.email.message_from_string(
        f"{headers_}\r\n", policy=default_policy
    )
    return message


@settings(max_examples=60, deadline=None)
@given(names, st.sampled_from(Kind))
def test_any_name_leaves_the_headers_of_an_email_alone(name: str, kind: Kind) -> None:
    message = message_with(kind, name)
    _raw, lines = written(message, SMTP)
    fields = unfolded(lines)
    assert sorted(fields) == HEADERS
    assert fields["To"] == ADDRESS
    assert message.subject == SUBJECTS[kind].format(name=unlinkable(name))
    assert str(make_header(decode_header(fields["Subject"]))) == message.subject


def seconds(work: Callable[[], object]) -> float:
    """The least CPU time of five runs."""
    measured = []
    for _run in range(5):
        began = process_time()
        work()
        measured.append(process_time() - began)
    return min(measured)


@pytest.mark.parametrize(
    "piece",
    [
        "=?utf-8?q?=2C?= ",
        "=?",
        "a",
        "a ",
        "가",
        "가 ",
        "\u0301",
        "👨\u200d",
        "🇰🇷",
        "\u1112\u1161",
        "e\u0301\u0316",
        ".",
    ],
)
def test_four_times_the_length_takes_about_four_times_the_time(piece: str) -> None:
    def work(length: int) -> Callable[[], object]:
        name = (piece * length)[:length]
        return lambda: headers.unstructured("Subject", unlinkable(name)).fold(policy=SMTP)

    assert seconds(work(80_000)) < 12 * seconds(work(20_000))
