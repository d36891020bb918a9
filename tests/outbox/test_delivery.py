"""From the row to the mail server: claim, send, mark (rules §10)."""

import smtplib
from datetime import timedelta
from email.utils import parseaddr

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.services import ensure_user
from common.models import now
from memberships.models import Role
from memberships.services.invitations import invite_member
from outbox import delivery
from outbox.models import OUR_FAULT, UNREACHABLE, Email, Kind, State
from outbox.queue import compose, enqueue
from tests.cast import Cast, acting, make_cast
from tests.outbox.smtp import Mailbag, Server
from tests.rounds import rounds, together
from tests.workers import Broker, Worker, own_broker, until


def queued(*addresses: str, kind: Kind = Kind.SPACE_REMOVAL) -> list[Email]:
    """One email to each address, in the outbox."""
    rows = [
        compose(kind, ensure_user(address), actor="Sam", organization="DailyWear", space="Mall")
        for address in addresses
    ]
    enqueue(rows)
    kept = Email.objects.in_bulk([row["id"] for row in rows])
    return [kept[row["id"]] for row in rows]


def state(row: Email) -> tuple[str, int, str]:
    """What became of it: state, tries, last error."""
    row.refresh_from_db()
    return row.state, row.attempts, row.last_error


def make_due(*rows: Email) -> None:
    """The wait is over."""
    Email.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=now())


class TestThroughProductionsBackend:
    def test_an_invitation_arrives_whole(self, cast: Cast, mailbag: Mailbag, settings: Settings) -> None:
        settings.BASE_URL = "https://console.example.com"
        membership = invite_member(
            actor=acting(cast.owner),
            organization=cast.organization,
            address="Minji.Kim@Example.com",
            role=Role.ADMIN,
        )

        assert delivery.deliver_all_due() == 1

        ((recipient, message),) = mailbag.envelopes
        assert recipient == "Minji.Kim@Example.com"
        assert parseaddr(message["To"]) == ("", "Minji.Kim@Example.com")
        assert message["Subject"] == "Owner invited you to DailyWear Company"
        assert message["From"] == "WEEGLOO <no-reply@weegloo.com>"
        row = Email.objects.get()
        assert message["Message-ID"] == row.message_id == f"<{row.pk}@console.example.com>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Date"].datetime is not None
        assert message.get_content_type() == "multipart/alternative"
        text, html = message.iter_parts()
        assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
        link = (
            "https://console.example.com/sign-in/?email=Minji.Kim%40Example.com"
            f"&next=%2Forganizations%2F{cast.organization.pk}%2F"
        )
        assert link in text.get_content()
        assert link.replace("&", "&amp;") in html.get_content()
        for part in (text, html):
            assert "Owner made you a member of DailyWear Company" in part.get_content()
            assert "Admin" in part.get_content()
        assert state(row) == (State.SENT, 1, "")
        assert row.sent_at is not None
        assert row.lease_id == ""
        assert membership.user.is_slot

    def test_international_domains_go_out_by_todays_rules(self, db: None, mailbag: Mailbag) -> None:
        """Python's own codec would send ``faß.de`` to ``fass.de``, which is someone else's."""
        queued("Kim@faß.de", "kim@한국.kr")
        delivery.deliver_all_due()
        assert sorted(mailbag.to) == ["Kim@xn--fa-hia.de", "kim@xn--3e0b707e.kr"]

    def test_one_connection_for_many(self, db: None, mailbag: Mailbag) -> None:
        queued(*(f"p{n}@example.com" for n in range(25)))
        assert delivery.deliver_all_due() == 25
        assert len(mailbag.envelopes) == 25
        assert delivery.deliver_all_due() == 0

    @pytest.mark.parametrize("kind", Kind)
    def test_every_kind_is_sent_in_both_parts(self, db: None, mailbag: Mailbag, kind: Kind) -> None:
        row = compose(
            kind,
            ensure_user("minji@example.com"),
            actor="Sam",
            organization="DailyWear",
            space="Shopping Mall",
            spaces=[{"name": "Mall", "roles": ["Editor", "Viewer"]}],
            roles=["Editor", "Viewer"],
            role="OWNER",
            before="ADMIN",
            owners=["Jun", "Lee"],
            left=False,
            path="/organizations/abc/",
            code="123456",
        )
        enqueue([row])
        delivery.deliver_all_due()
        (message,) = mailbag.messages()
        assert message["X-Weegloo-Kind"] == kind
        assert message["Subject"].strip()
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


class TestRefusals:
    def test_a_temporary_refusal_waits_and_carries_the_same_message_id(
        self, db: None, mailbag: Mailbag, settings: Settings
    ) -> None:
        settings.OUTBOX_RETRY_SECONDS = 30
        (row,) = queued("slow@example.com")
        mailbag.recipients["slow@example.com"] = "451 4.7.1 Greylisted,\ttry later"

        for attempt, wait in ((1, 30), (2, 60), (3, 120)):
            make_due(row)
            assert delivery.deliver_all_due() == 1
            assert state(row) == (State.QUEUED, attempt, "451 4.7.1 Greylisted, try later")
            seconds = (row.due_at - now()).total_seconds()
            assert wait * 0.85 < seconds < wait * 1.15
            assert delivery.deliver_all_due() == 0  # not before its time
        del mailbag.recipients["slow@example.com"]
        make_due(row)
        delivery.deliver_all_due()

        assert state(row) == (State.SENT, 4, "")
        assert dict(mailbag.ids()) == {row.message_id: 1}

    def test_a_message_refused_for_now_waits(self, db: None, mailbag: Mailbag) -> None:
        (row,) = queued("full@example.com")
        mailbag.contents["full@example.com"] = "452 4.2.2 Mailbox full"
        delivery.deliver_all_due()
        assert state(row) == (State.QUEUED, 1, "452 4.2.2 Mailbox full")

    @pytest.mark.parametrize("where", ["recipients", "contents"])
    def test_a_refusal_for_good_fails_with_the_reason_and_stops_nobody(
        self, db: None, mailbag: Mailbag, where: str
    ) -> None:
        rows = queued("first@example.com", "gone@example.com", "last@example.com")
        getattr(mailbag, where)["gone@example.com"] = "550 5.1.1 No such user here"

        assert delivery.deliver_all_due() == 3

        assert [state(row)[0] for row in rows] == [State.SENT, State.FAILED, State.SENT]
        assert state(rows[1]) == (State.FAILED, 1, "550 5.1.1 No such user here")
        assert sorted(mailbag.to) == ["first@example.com", "last@example.com"]

    def test_after_the_last_try_it_fails(self, db: None, mailbag: Mailbag, settings: Settings) -> None:
        settings.OUTBOX_MAX_ATTEMPTS = 3
        (row,) = queued("slow@example.com")
        mailbag.recipients["slow@example.com"] = "451 later"
        for _attempt in range(3):
            make_due(row)
            delivery.deliver_all_due()
        assert state(row) == (State.FAILED, 3, "451 later")
        make_due(row)
        assert delivery.deliver_all_due() == 0

    def test_a_poison_message_does_not_block_the_queue(self, db: None, mailbag: Mailbag) -> None:
        """One that cannot even be rendered says so on its row; the others leave."""
        poison, fine = queued("poison@example.com", "fine@example.com")
        Email.objects.filter(pk=poison.pk).update(message_id="<a\r\nBcc: all@example.com>")
        other = queued("other@example.com")[0]
        Email.objects.filter(pk=other.pk).update(language="xx")

        assert delivery.deliver_all_due() == 3

        assert state(fine)[0] == State.SENT
        assert state(poison) == (State.QUEUED, 1, OUR_FAULT)
        assert "fine@example.com" in mailbag.to
        assert all(message["Bcc"] is None for message in mailbag.messages())

    def test_the_wait_never_overflows(self) -> None:
        assert delivery.backoff(10_000) <= timedelta(hours=7)


class TestTheServerIsAway:
    def test_nothing_is_lost_and_no_try_is_counted(self, db: None, smtp: Server, settings: Settings) -> None:
        settings.OUTBOX_MAX_ATTEMPTS = 2
        rows = queued("a@example.com", "b@example.com", "c@example.com")
        smtp.stop()
        try:
            for _sweep in range(5):
                make_due(*rows)
                assert delivery.deliver_all_due() == 1  # it does not knock once per email
            assert {state(row)[0] for row in rows} == {State.QUEUED}
            assert max(state(row)[1] for row in rows) == 0
            assert {state(row)[2] for row in rows} <= {"", UNREACHABLE}
            assert UNREACHABLE in {state(row)[2] for row in rows}
        finally:
            smtp.start()
        make_due(*rows)
        assert delivery.deliver_all_due() == 3
        assert {state(row) for row in rows} == {(State.SENT, 1, "")}

    def test_which_faults_are_for_good(self) -> None:
        for error, permanent in (
            (smtplib.SMTPRecipientsRefused({"a@b.co": (550, b"no")}), True),
            (smtplib.SMTPRecipientsRefused({"a@b.co": (451, b"later")}), False),
            (smtplib.SMTPDataError(554, b"spam"), True),
            (smtplib.SMTPDataError(421, b"busy"), False),
            (smtplib.SMTPServerDisconnected("gone"), False),
            (smtplib.SMTPAuthenticationError(535, b"bad password"), False),
            (ConnectionRefusedError(), False),
            (TimeoutError(), False),
        ):
            assert delivery.is_permanent(error) is permanent, error
            assert delivery.describe(error)


class TestSignInCodes:
    def code(self, address: str, seconds: float = 600) -> Email:
        row = compose(
            Kind.SIGN_IN_CODE,
            ensure_user(address),
            expires_at=now() + timedelta(seconds=seconds),
            code="824193",
        )
        enqueue([row])
        return Email.objects.get(pk=row["id"])

    def test_the_code_is_forgotten_once_sent_and_the_row_at_its_end(self, db: None, mailbag: Mailbag) -> None:
        row = self.code("minji@example.com")
        delivery.deliver_all_due()

        assert "824193" in mailbag.messages()[0].as_string()
        row.refresh_from_db()
        assert (row.state, row.context) == (State.SENT, {})
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM outbox_email e WHERE e::text LIKE '%824193%'")
            assert cursor.fetchone() == (0,)

        delivery.deliver_all_due()
        assert Email.objects.filter(pk=row.pk).exists()
        Email.objects.filter(pk=row.pk).update(expires_at=now())
        delivery.deliver_all_due()
        assert not Email.objects.filter(pk=row.pk).exists()

    def test_one_that_expired_unsent_is_never_sent(self, db: None, mailbag: Mailbag) -> None:
        row = self.code("minji@example.com", seconds=-1)
        assert delivery.claim() is None  # also between two looks for what has expired
        assert delivery.deliver_all_due() == 0
        assert not Email.objects.filter(pk=row.pk).exists()
        assert mailbag.envelopes == []

    def test_one_does_not_wait_behind_a_thousand_invitations(self, db: None, mailbag: Mailbag) -> None:
        queued(*(f"p{n}@example.com" for n in range(30)))
        self.code("minji@example.com")
        delivery.deliver_all_due()
        assert mailbag.to[0] == "minji@example.com"
        assert len(mailbag.to) == 31

    def test_the_others_leave_in_the_order_they_came(self, db: None, mailbag: Mailbag) -> None:
        for name in "abcde":
            row = queued(f"{name}@example.com")[0]
            Email.objects.filter(pk=row.pk).update(due_at=now() - timedelta(seconds=200 - ord(name)))
        delivery.deliver_all_due()
        assert [to[0] for to in mailbag.to] == list("abcde")

    def test_what_is_due_is_found_by_its_index(self, db: None) -> None:
        queued(*(f"p{n}@example.com" for n in range(50)))
        Email.objects.update(state=State.SENT)
        queued("minji@example.com")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(
                """EXPLAIN SELECT * FROM outbox_email
                   WHERE (state = 'queued' OR (state = 'sending' AND leased_until < now()))
                   AND (expires_at IS NULL OR expires_at > now()) AND due_at <= now()
                   ORDER BY expires_at ASC NULLS LAST, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
            )
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "email_due" in plan
        assert "Sort" not in plan


class TestLeases:
    def test_a_claimed_email_is_taken(self, db: None) -> None:
        (row,) = queued("minji@example.com")
        claimed = delivery.claim()
        assert claimed == row
        assert claimed.lease_id
        assert (claimed.state, claimed.attempts) == (State.SENDING, 1)
        assert delivery.claim() is None

    def test_a_lapsed_lease_gives_it_to_another_who_alone_marks_it(self, db: None, mailbag: Mailbag) -> None:
        (row,) = queued("minji@example.com")
        late = delivery.claim()
        assert late is not None
        Email.objects.filter(pk=row.pk).update(leased_until=now() - timedelta(seconds=1))

        delivery.deliver_all_due()  # another worker
        assert state(row) == (State.SENT, 2, "")
        sent_at = row.sent_at

        from django.core.mail import mailers

        mailbag.recipients["minji@example.com"] = "550 no"
        delivery.deliver(late, mailers.default)  # the first one comes to, and fails
        assert state(row) == (State.SENT, 2, "")
        assert row.sent_at == sent_at

    @pytest.mark.race
    @pytest.mark.timeout(0)
    @pytest.mark.django_db(transaction=True)
    def test_two_deliver_one_email(self, mailbag: Mailbag) -> None:
        for number in rounds():
            (row,) = queued(f"p{number}@example.com")
            tried = together(delivery.deliver_all_due, delivery.deliver_all_due)
            assert sum(tried) == 1
            assert state(row) == (State.SENT, 1, "")
        assert set(mailbag.ids().values()) == {1}

    @pytest.mark.race
    @pytest.mark.timeout(0)
    @pytest.mark.django_db(transaction=True)
    def test_four_deliver_forty(self, mailbag: Mailbag) -> None:
        rows = queued(*(f"p{n}@example.com" for n in range(40)))
        tried = together(*[delivery.deliver_all_due] * 4)
        assert sum(tried) == 40
        assert mailbag.ids() == {row.message_id: 1 for row in rows}


@pytest.mark.worker
class TestWorkers:
    def test_an_invitation_is_delivered_by_a_worker(self, worker: Worker, mailbag: Mailbag) -> None:
        """Commit, wake-up over the broker, delivery: no sweep in between."""
        cast = make_cast()
        invite_member(
            actor=acting(cast.owner),
            organization=cast.organization,
            address="minji.kim@example.com",
            role=Role.MEMBER,
        )
        until(lambda: "minji.kim@example.com" in mailbag.to, 20, "the email leaves", worker)
        until(lambda: Email.objects.get().state == State.SENT, 5, "it is marked")
        (message,) = mailbag.messages("minji.kim@example.com")
        assert "https://console.example.com/sign-in/" in message.as_string().replace("=\n", "")

    @pytest.mark.django_db(transaction=True)
    def test_killed_in_the_middle_of_200_emails(
        self, smtp: Server, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """All arrive; one per worker process twice, and that with the same Message-ID.

        After the 100th message the server keeps its answers back, so that both processes are
        killed between the sending and the marking: the worst moment there is.
        """
        folder, bag = tmp_path_factory.mktemp("killed"), smtp.bag
        bag.acknowledge = 100
        users = [ensure_user(f"p{n}@example.com") for n in range(200)]

        def workers(broker: Broker, **environment: str) -> Worker:
            return Worker(folder, email_url=smtp.url, redis_url=broker.url, processes=2, **environment)

        with own_broker(folder / "broker") as broker:
            # The worker's own look into the outbox comes too late: two wake-ups start two processes.
            with workers(broker, OUTBOX_SWEEP_SECONDS="600") as first:
                for some, reached in ((users[:150], 101), (users[150:], 102)):
                    enqueue(
                        [
                            compose(Kind.SPACE_REMOVAL, user, actor="A", organization="B", space="C")
                            for user in some
                        ]
                    )
                    until(lambda: len(bag.envelopes) == reached, 60, "each process waits for the answer")  # noqa: B023
                first.kill()
            assert Email.objects.filter(state=State.SENT).count() == 100
            twice = {str(message["Message-ID"]) for message in bag.messages()[100:]}
            bag.release.set()

            with workers(broker):
                until(lambda: not Email.objects.exclude(state=State.SENT).exists(), 60, "all are sent")

        ids = bag.ids()
        assert set(bag.to) == {user.email for user in users}
        assert set(ids) == set(Email.objects.values_list("message_id", flat=True))
        assert len(ids) == 200
        assert {message_id for message_id, times in ids.items() if times > 1} == twice
        assert set(ids.values()) == {1, 2}
