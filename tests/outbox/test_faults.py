"""One email's fault stops no other, and inviters read plain words (rules §10)."""

import logging
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from socket import gaierror
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.actor import SYSTEM
from accounts.services import ensure_user, make_staff
from common.models import now
from memberships.models import Role
from memberships.services.invitations import invite_member
from outbox import delivery
from outbox.models import OUR_FAULT, UNREACHABLE, Email, Kind, State
from outbox.queue import compose, enqueue
from tests.cast import Cast, acting, person
from tests.outbox.smtp import Mailbag, RawServer
from tests.pages import Page, as_
from weegloo_site.env import smtp_options
from weegloo_site.logs import JsonFormatter, LineFormatter


def queued(address: str) -> Email:
    """An email to that address, in the outbox."""
    row = compose(Kind.SPACE_REMOVAL, ensure_user(address), actor="Sam", organization="A", space="B")
    enqueue([row])
    return Email.objects.get(pk=row["id"])


def state(row: Email) -> tuple[str, int, str]:
    """The state, the tries and the last error."""
    row.refresh_from_db()
    return row.state, row.attempts, row.last_error


@contextmanager
def answering(settings: Settings, answers: dict[str, bytes]) -> Iterator[RawServer]:
    """A mail server that gives those answers, and this process sending to it."""
    with RawServer(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": smtp_options(urlsplit(server.url)),
            }
        }
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


ANSWERS = {
    b"450 try \0 later": "450 try later",
    b"450 \0\0": "450",
    b"450": "450",
    b"450 a\x07b\x1b[31mc\x7f\tlater\x0b\x0c": "450 ab[31mc later",
    b"450 caf\xe9 \xff\xfe": "450 caf\N{REPLACEMENT CHARACTER} " + "\N{REPLACEMENT CHARACTER}" * 2,
    b"450 \xed\xa0\x80": "450 " + "\N{REPLACEMENT CHARACTER}" * 3,
    "450 나중에 다시".encode(): "450 나중에 다시",
    "450 x\u202eevil\u2066\u200b\u2028y\x85z".encode(): "450 xevil y z",
    b"450 " + b"n" * 8_000: "450 " + "n" * 296,
    b"450 " + b" " * 3_000 + b"n": "450 n",
    b"450-first\r\n450-\0second\r\n450 third": "450 first second third",
    b"450 too\rmany\rreturns": "450 too many returns",
    b"what?": OUR_FAULT,
    b"\0\0\0": OUR_FAULT,
    b"\xff\xfe\xfd 450": OUR_FAULT,
    b"": UNREACHABLE,
}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: ascii(answer[:20]))
def test_any_octets_in_an_answer_are_kept_as_words(db: None, settings: Settings, answer: bytes) -> None:
    with answering(settings, {"odd@example.com": answer}) as server:
        odd, fine = queued("odd@example.com"), queued("fine@example.com")
        assert delivery.deliver_all_due() == 2
    assert state(odd) == (State.QUEUED, 1, ANSWERS[answer])
    assert state(fine) == (State.SENT, 1, "")
    assert server.accepted == ["fine@example.com"]


def test_a_refusal_for_good_with_a_nul_fails(db: None, settings: Settings) -> None:
    with answering(settings, {"odd@example.com": b"550 no \0 such user"}):
        odd = queued("odd@example.com")
        delivery.deliver_all_due()
    assert state(odd) == (State.FAILED, 1, "550 no such user")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.co": (550, b"no \0 user")}), "550 no user"),
        (smtplib.SMTPDataError(554, "spam\0"), "554 spam"),
        (smtplib.SMTPSenderRefused(501, b"bad\x01 sender", "a@b.co"), "501 bad sender"),
        (smtplib.SMTPConnectError(421, b"busy"), "421 busy"),
        (smtplib.SMTPDataError(450, "\ud800 lone"), "450 lone"),
        (smtplib.SMTPDataError(450, b"x" * 10**7), "450 " + "x" * 296),
        (smtplib.SMTPDataError(450, b" " * 10**7 + b"x"), "450"),
        (smtplib.SMTPDataError(-1, b"\x80"), OUR_FAULT),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), UNREACHABLE),
        (ConnectionRefusedError(111, "Connection refused"), UNREACHABLE),
        (ConnectionResetError(104, "reset"), UNREACHABLE),
        (BrokenPipeError(32, "Broken pipe"), UNREACHABLE),
        (TimeoutError("timed out"), UNREACHABLE),
        (gaierror(-2, "Name or service not known"), UNREACHABLE),
        (ssl.SSLCertVerificationError("certificate verify failed"), UNREACHABLE),
        (FileExistsError(17, "File exists", "/srv/mail"), OUR_FAULT),
        (PermissionError(13, "Permission denied", "/srv/mail"), OUR_FAULT),
        (OSError(28, "No space left on device"), OUR_FAULT),
        (UnicodeEncodeError("ascii", "김", 0, 1, "ordinal not in range"), OUR_FAULT),
        (KeyError("Subject"), OUR_FAULT),
        (RuntimeError(""), OUR_FAULT),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_only_the_mail_servers_own_words_are_shown(error: Exception, words: str) -> None:
    assert delivery.describe(error) == words


class TestOurOwnFaults:
    """The mail folder is a file: nothing can be written into it."""

    @pytest.fixture
    def invited(
        self, cast: Cast, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> Email:
        caplog.set_level(logging.WARNING)
        folder = tmp_path / "mail"
        folder.write_text("not a folder")
        settings.MAILERS = {
            "default": {"BACKEND": "outbox.mailbox.MailboxBackend", "OPTIONS": {"folder": folder}}
        }
        membership = invite_member(
            actor=acting(cast.owner),
            organization=cast.organization,
            address="new@example.com",
            role=Role.MEMBER,
        )
        delivery.deliver_all_due()
        return Email.objects.get(membership_id=membership.pk)

    def test_the_members_row_says_it_plainly(self, cast: Cast, invited: Email) -> None:
        page = Page(as_(cast.owner).get(f"{cast.organization.get_absolute_url()}membership/"))
        assert "A problem on our side stopped this email." in page.words
        assert "Errno" not in page.html
        assert "mail'" not in page.html

    def test_the_staff_admin_says_it_plainly(self, client: Client, invited: Email) -> None:
        client.force_login(make_staff(actor=SYSTEM, user=person("Staff")))
        for path in ("/admin/outbox/email/", f"/admin/outbox/email/{invited.pk}/change/"):
            html = client.get(path).text
            assert "A problem on our side stopped this email." in html
            assert "Errno" not in html

    def test_the_log_has_the_details(self, invited: Email, caplog: pytest.LogCaptureFixture) -> None:
        (record,) = [one for one in caplog.get_records("setup") if one.getMessage() == "email not sent"]
        assert vars(record)["email"] == invited.pk
        assert vars(record)["fault"] == "FileExistsError"
        assert "File exists" in vars(record)["detail"]


@pytest.mark.parametrize("answer", ["550 no such user <minji.kim@example.com>", "minji.kim@example.com?"])
def test_the_log_names_no_address(
    db: None, mailbag: Mailbag, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    """Also when the server's answer has no code or quotes the address."""
    mailbag.recipients["minji.kim@example.com"] = answer
    queued("minji.kim@example.com")
    delivery.deliver_all_due()
    (record,) = [one for one in caplog.records if one.getMessage() == "email not sent"]
    assert "minji" not in LineFormatter().format(record)
    assert "minji" not in JsonFormatter().format(record)


def refuse_to_write(state: str, row: Email) -> None:
    """Let the database fail when the row is to become ``state``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE FUNCTION refuse_{state}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'disk is full'; END $$;
            CREATE TRIGGER refuse_{state} BEFORE UPDATE ON outbox_email FOR EACH ROW
                WHEN (NEW.id = '{row.pk}' AND NEW.state = '{state}') EXECUTE FUNCTION refuse_{state}()"""
        )


class TestAFaultWhileAResultIsWritten:
    @pytest.mark.parametrize(
        ("to_write", "answer"),
        [("sent", "250 OK"), ("queued", "451 later"), ("failed", "550 no such user")],
    )
    def test_the_next_email_is_sent(
        self, db: None, mailbag: Mailbag, caplog: pytest.LogCaptureFixture, to_write: str, answer: str
    ) -> None:
        first, second = queued("first@example.com"), queued("second@example.com")
        if not answer.startswith("250"):
            mailbag.recipients["first@example.com"] = answer
        refuse_to_write(to_write, first)

        assert delivery.deliver_all_due() == 2

        assert state(second) == (State.SENT, 1, "")
        assert state(first) == (State.SENDING, 1, "")
        assert first.leased_until is not None
        (record,) = [one for one in caplog.records if one.getMessage() == "result of an email not written"]
        assert (vars(record)["email"], vars(record)["attempt"]) == (first.pk, 1)

    def test_it_is_tried_again_when_the_lease_lapsed_and_fails_in_the_end(
        self, db: None, mailbag: Mailbag, settings: Settings
    ) -> None:
        settings.OUTBOX_MAX_ATTEMPTS = 3
        row = queued("first@example.com")
        refuse_to_write("sent", row)
        for attempt in (1, 2, 3):
            assert delivery.deliver_all_due() == 1
            assert state(row) == (State.SENDING, attempt, "")
            assert delivery.deliver_all_due() == 0  # not while the lease runs
            Email.objects.filter(pk=row.pk).update(leased_until=now() - timedelta(seconds=1))
        assert delivery.deliver_all_due() == 0
        assert state(row) == (State.FAILED, 3, OUR_FAULT)
        assert (row.lease_id, row.leased_until) == ("", None)
        assert mailbag.ids() == {row.message_id: 3}

    def test_it_is_sent_once_the_database_writes_again(self, db: None, mailbag: Mailbag) -> None:
        row = queued("first@example.com")
        refuse_to_write("sent", row)
        delivery.deliver_all_due()
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse_sent ON outbox_email")
        Email.objects.filter(pk=row.pk).update(leased_until=now() - timedelta(seconds=1))
        delivery.deliver_all_due()
        assert state(row) == (State.SENT, 2, "")
        assert mailbag.ids() == {row.message_id: 2}
