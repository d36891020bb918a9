"""Emails as rows: written with the change they tell of, and a worker woken after it (rules §10)."""

import time
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import translation
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.actor import SYSTEM
from accounts.models import User
from accounts.services import make_staff
from common.errors import NotPermitted
from memberships.models import OrganizationMembership, Role
from memberships.services.invitations import invite_member, invite_members
from memberships.services.organization_members import change_role, remove_member
from outbox import queue
from outbox.models import Email, Kind, State
from outbox.queue import compose, enqueue, send_again
from tests.api.caller import Caller
from tests.cast import Cast, acting, emails, fresh, make_cast, person
from tests.outbox.smtp import Server
from tests.pages import as_
from tests.workers import Worker, own_broker, until


class _RolledBackError(Exception):
    pass


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """The cast, and no wake-up waiting from the making of it."""
    connection.run_on_commit.clear()
    return cast


class TestInTheTransaction:
    def test_a_change_that_rolled_back_leaves_no_email_and_wakes_nobody(
        self, cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        def fail() -> None:
            with transaction.atomic():
                invite_member(
                    actor=acting(cast.owner),
                    organization=cast.organization,
                    address="new@example.com",
                    role=Role.MEMBER,
                )
                raise _RolledBackError

        with django_capture_on_commit_callbacks() as callbacks, pytest.raises(_RolledBackError):
            fail()
        assert emails() == []
        assert callbacks == []

    def test_one_wake_up_however_many_emails(
        self, cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
            invite_members(
                actor=acting(cast.owner),
                organization=cast.organization,
                addresses=[f"p{n}@example.com" for n in range(5)],
                role=Role.OWNER,
            )
            remove_member(actor=acting(cast.owner), membership=cast.memberships[Role.MEMBER])
        assert len(callbacks) == 1
        assert len(emails()) == 6

    def test_an_inner_rollback_does_not_lose_the_wake_up_of_what_stays(
        self, cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        """A callback registered in a savepoint goes with it; the next email registers its own."""

        def invite(address: str) -> None:
            invite_member(
                actor=acting(cast.owner), organization=cast.organization, address=address, role=Role.MEMBER
            )

        def inner() -> None:
            with transaction.atomic():
                invite("lost@example.com")
                raise _RolledBackError

        with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
            with pytest.raises(_RolledBackError):
                inner()
            invite("kept@example.com")
        assert len(callbacks) == 1
        assert emails() == [("organization_invitation", "kept@example.com")]

        connection.run_on_commit.clear()
        with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
            invite("first@example.com")
            with pytest.raises(_RolledBackError):
                inner()
        assert len(callbacks) == 1

    def test_no_email_no_wake_up(
        self, cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        with django_capture_on_commit_callbacks() as callbacks:
            enqueue([])
            change_role(
                actor=acting(cast.owner),
                membership=cast.memberships[Role.MEMBER],
                role=Role.MEMBER,
                expected_version=1,
            )
        assert callbacks == []

    def test_what_a_new_row_holds(self, db: None, settings: object) -> None:
        user = person("Minji")
        enqueue(compose(Kind.ROLE_CHANGE, user, organization="DailyWear") for _ in range(2))
        first, second = Email.objects.all()
        assert (first.state, first.attempts, first.leased_until, first.lease_id) == (State.QUEUED, 0, None, "")
        assert (first.language, first.context) == ("en", {"organization": "DailyWear"})
        assert first.message_id == f"<{first.pk}@127.0.0.1>"
        assert first.message_id != second.message_id


class TestSendingAgain:
    """Staff queue a sent or failed email once more."""

    def test_which_ones(self, db: None) -> None:
        user = person("Minji")
        rows = {}
        for state in State:
            for kind in (Kind.ROLE_CHANGE, Kind.SIGN_IN_CODE):
                row = Email(**compose(kind, user), state=state, attempts=12, last_error="550 no such user")
                rows[state, kind] = row
        Email.objects.bulk_create(rows.values())

        with pytest.raises(NotPermitted):
            send_again(actor=acting(user), emails=list(rows.values()))
        assert send_again(actor=SYSTEM, emails=list(rows.values())) == 2

        for (state, kind), row in rows.items():
            row.refresh_from_db()
            again = kind == Kind.ROLE_CHANGE and state in (State.SENT, State.FAILED)
            expected = (State.QUEUED, 0, "") if again else (state, 12, "550 no such user")
            assert (row.state, row.attempts, row.last_error) == expected


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
class TestTheBroker:
    def test_each_transaction_wakes_once(self, tmp_path: Path) -> None:
        cast = make_cast()
        with own_broker(tmp_path) as broker:
            invite_members(
                actor=acting(cast.owner),
                organization=cast.organization,
                addresses=[f"p{n}@example.com" for n in range(20)],
                role=Role.OWNER,
            )
            assert broker.waiting() == 1
            remove_member(actor=acting(cast.owner), membership=cast.memberships[Role.MEMBER])
            assert broker.waiting() == 2

    def test_the_broker_is_away_while_inviting(self, tmp_path: Path, smtp: Server) -> None:
        """The invitation succeeds, quickly; the email leaves without the broker."""
        cast = make_cast()
        with (
            own_broker(tmp_path / "broker") as broker,
            Worker(tmp_path, email_url=smtp.url, redis_url=broker.url) as worker,
        ):
            broker.stop()
            began = time.monotonic()
            membership = invite_member(
                actor=acting(cast.owner),
                organization=cast.organization,
                address="minji.kim@example.com",
                role=Role.MEMBER,
            )
            assert time.monotonic() - began < 0.5
            assert OrganizationMembership.objects.filter(pk=membership.pk).exists()
            until(lambda: smtp.bag.to == ["minji.kim@example.com"], 30, "the email leaves", worker)
            until(lambda: Email.objects.get().state == State.SENT, 10, "it is marked")

    def test_a_broker_that_stays_away_never_hangs_an_invitation(self, tmp_path: Path) -> None:
        """More changes than the publisher's pool has connections: none is lost or left waiting."""
        cast = make_cast()
        seconds = []
        with own_broker(tmp_path) as broker:
            broker.stop()
            for number in range(25):
                began = time.monotonic()
                invite_member(
                    actor=acting(cast.owner),
                    organization=cast.organization,
                    address=f"p{number}@example.com",
                    role=Role.MEMBER,
                )
                seconds.append(time.monotonic() - began)
            assert max(seconds) < 0.5, seconds
            broker.start()
            queue.breaker.reset()
            remove_member(actor=acting(cast.owner), membership=cast.memberships[Role.MEMBER])
            assert broker.waiting() == 1
        assert Email.objects.filter(state=State.QUEUED).count() == 26

    def test_a_broker_that_hangs_is_asked_once_and_then_left_alone(self, tmp_path: Path) -> None:
        cast = make_cast()
        seconds = []
        with own_broker(tmp_path) as broker, broker.frozen():
            for number in range(10):
                began = time.monotonic()
                invite_member(
                    actor=acting(cast.owner),
                    organization=cast.organization,
                    address=f"p{number}@example.com",
                    role=Role.MEMBER,
                )
                seconds.append(time.monotonic() - began)
            assert queue.breaker.is_open
        assert max(seconds) < 0.5, seconds
        assert sum(second > 0.19 for second in seconds) <= 1, seconds

    def test_a_sign_in_code_leaves_while_the_broker_hangs(self, tmp_path: Path, smtp: Server) -> None:
        user = person("Minji")
        with (
            own_broker(tmp_path / "broker") as broker,
            Worker(tmp_path, email_url=smtp.url, redis_url=broker.url) as worker,
            broker.frozen(),
        ):
            began = time.monotonic()
            client = Client()
            assert client.post("/sign-in/", {"email": user.email}).status_code == 302
            assert time.monotonic() - began < 1
            until(lambda: smtp.bag.to == [user.email], 30, "the code leaves", worker)


class TestLanguage:
    """An email speaks its recipient's language (rules §10)."""

    def language(self, user: User) -> str:
        return str(compose(Kind.ROLE_CHANGE, user)["language"])

    def test_chosen_wins_over_read_and_read_over_the_senders(self, db: None) -> None:
        user = person("Minji")
        with translation.override("ko"):
            assert self.language(user) == "ko"  # nothing is known of them
            user.language_read = "en"
            assert self.language(user) == "en"
            user.language = "ko"
        assert self.language(user) == "ko"

    def test_what_the_browser_reads_is_noted(self, client: Client, db: None) -> None:
        user = person("Minji")
        client.force_login(user)
        for language in ("ko", "en"):
            client.get("/profile/", headers={"Accept-Language": language})
            assert self.language(fresh(user)) == language

    @pytest.mark.parametrize("accept", [None, "", "en", "ko", "de-DE,de;q=0.9", "*", "\x00ko;q=x" * 50])
    def test_no_api_call_changes_it(self, cast: Cast, accept: str | None) -> None:
        """The person reads the console in Korean; programs with a token, or the same browser, call the API."""
        browser, caller = as_(cast.owner), Caller(cast.owner)
        browser.get("/profile/", headers={"Accept-Language": "ko"})
        before = fresh(cast.owner)
        headers = {} if accept is None else {"Accept-Language": accept}
        organization, space = f"/organizations/{cast.organization.pk}", f"/spaces/{cast.space.pk}"
        for path in ("/me", "/organizations", organization, space, "/docs", "/openapi.json", "/nothing/here"):
            caller.get(path, **headers)
            caller.post(path, {"name": ""}, **headers)
            browser.get(f"/v1{path}", headers=headers)
        after = fresh(cast.owner)
        assert (after.language_read, after.last_place) == ("ko", before.last_place)
        assert self.language(after) == "ko"

    def test_the_staff_admin_does_not_change_it(self, db: None) -> None:
        staff = make_staff(actor=SYSTEM, user=person("Staff"))
        browser = as_(staff)
        browser.get("/profile/", headers={"Accept-Language": "ko"})
        for path in ("/admin/", "/admin/outbox/email/"):
            assert browser.get(path, headers={"Accept-Language": "en"}).status_code == 200
        assert self.language(fresh(staff)) == "ko"

    def test_every_kind_of_console_request_notes_it(self, cast: Cast) -> None:
        url = cast.organization.get_absolute_url()
        for method, path, more in (
            ("get", f"{url}membership/", {}),
            ("get", f"{url}membership/", {"HX-Request": "true"}),
            ("post", "/profile/", {}),
            ("get", "/no/such/page/", {}),
        ):
            User.objects.filter(pk=cast.owner.pk).update(language_read="")
            getattr(as_(cast.owner), method)(path, headers={"Accept-Language": "ko", **more})
            assert fresh(cast.owner).language_read == ("" if "such" in path else "ko"), path
