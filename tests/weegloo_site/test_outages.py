"""The database away, and probes that come often (findings: degraded operation)."""

import json
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.test import Client
from psycopg import errors as pg

from accounts import services
from common.outages import is_outage
from tests.api.caller import Caller, code
from tests.cast import Cast, make_cast
from tests.pages import HTMX
from tests.workers import own_broker
from weegloo_site import views


def raised(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    """``kind`` as Django raises it from an error of the driver."""
    error = kind(str(cause))
    error.__cause__ = cause
    return error


AWAY = [
    raised(psycopg.OperationalError("connection refused")),
    raised(psycopg.OperationalError("consuming input failed: server closed the connection unexpectedly")),
    raised(pg.AdminShutdown("terminating connection")),
    raised(pg.CannotConnectNow("starting up")),
    raised(pg.TooManyConnections("sorry, too many clients already")),
    raised(pg.ConnectionFailure("lost")),
    raised(psycopg.InterfaceError("the connection is closed"), InterfaceError),
    OperationalError("couldn't get a connection after 5.00 sec"),
]
THERE = [
    raised(pg.DeadlockDetected("deadlock")),
    raised(pg.SerializationFailure("could not serialize")),
    raised(pg.LockNotAvailable("lock")),
    raised(pg.QueryCanceled("timeout")),
    raised(pg.DiskFull("no space")),
    DatabaseError("x"),
    ValueError("x"),
]


@pytest.mark.parametrize("error", AWAY, ids=str)
def test_what_is_an_outage(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize("error", THERE, ids=str)
def test_what_is_a_fault_of_a_statement(error: Exception) -> None:
    assert not is_outage(error)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch):
    """A function that takes the database away: every connection is refused from then on."""

    def take() -> None:
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    yield take
    monkeypatch.undo()
    connection.close()


PAGES = ["/organizations/", "/profile/", "/organizations/{organization}/membership/", "/spaces/{space}/roles/"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_every_page_answers_503(away, headers: dict[str, str]) -> None:
    cast = make_cast()
    client = Client(raise_request_exception=False)
    client.force_login(cast.owner)
    away()
    for page in PAGES:
        path = page.format(organization=cast.organization.pk, space=cast.space.pk)
        for response in (client.get(path, headers=headers), client.post(path, {"name": "x"}, headers=headers)):
            assert (response.status_code, response["Retry-After"]) == (503, "5"), path
            assert "We can't reach our database." in response.text
            assert "nothing was changed" not in response.text
    assert client.post("/sign-in/", {"email": "a@example.com"}).status_code == 503


@pytest.mark.django_db(transaction=True)
def test_every_call_answers_503(away) -> None:
    cast = make_cast()
    caller = Caller(cast.owner)
    away()
    for method, path, body in (
        ("GET", "/me", None),
        ("GET", f"/spaces/{cast.space.pk}", None),
        ("POST", "/organizations", {"name": "x"}),
        ("DELETE", f"/spaces/{cast.space.pk}", None),
    ):
        response = caller(method, path, body)
        assert (response.status_code, code(response)) == (503, "WGL503901")
        assert (response["Retry-After"], response.json()["details"]) == ("5", {"retryAfter": 5})
        assert response.json()["sys"]["type"] == "ServiceUnavailable"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "nothing was changed" not in response.text
    assert Caller().get("/openapi.json").status_code == 200  # who has no token needs no database


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_in_the_middle_is_503_too(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    caller = Caller(cast.owner)
    client = Client(raise_request_exception=False)
    client.force_login(cast.owner)

    def lose(*_args: object, **_more: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patched:
        patched.setattr("organizations.services.insert_objects", lose, raising=False)
        patched.setattr("organizations.models.Organization.save", lose)
        response = caller.post("/organizations", {"name": "x"})
        assert (response.status_code, code(response)) == (503, "WGL503901")
    connection.close()  # as at the end of every real request
    assert caller.get("/me").status_code == 200  # the next request has a connection of its own
    with monkeypatch.context() as patched:
        patched.setattr(services, "touch", lose)
        patched.setattr("weegloo_site.middleware.touch", lose)
        assert client.get("/organizations/").status_code == 503
    connection.close()


def test_another_fault_is_500_and_json_at_the_api(client: Client, db: None, monkeypatch) -> None:
    client.raise_request_exception = False

    def fail(*_args: object, **_more: object) -> None:
        raise ValueError

    monkeypatch.setattr("weegloo_site.middleware.touch", fail)
    cast = make_cast()
    client.force_login(cast.owner)
    page = client.get("/organizations/")
    assert (page.status_code, "Something went wrong on our side" in page.text) == (500, True)
    answer = Caller(cast.owner).get("/me")
    assert (answer.status_code, code(answer)) == (500, "WGL500901")


@pytest.fixture
def readiness(monkeypatch: pytest.MonkeyPatch) -> views.Readiness:
    found = views.Readiness()
    monkeypatch.setattr(views, "readiness", found)
    return found


class TestReadiness:
    def test_it_is_remembered(self, readiness: views.Readiness, monkeypatch: pytest.MonkeyPatch) -> None:
        checks = []

        def check(state: dict[str, bool]) -> None:
            checks.append(1)
            state["database"] = True

        monkeypatch.setattr(views, "_check", check)
        for _number in range(20):
            assert readiness.state()["database"]
        assert len(checks) == 1
        readiness.forget()
        readiness.state()
        assert len(checks) == 2

    def test_one_check_at_a_time_and_nobody_waits_for_one_that_hangs(
        self, readiness: views.Readiness, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        release, checks = threading.Event(), []
        monkeypatch.setattr(views, "LONGEST_WAIT", 0.2)
        monkeypatch.setattr(views, "REMEMBERED", 0.0)

        def hang(state: dict[str, bool]) -> None:
            checks.append(1)
            release.wait(30)
            state["database"] = True

        monkeypatch.setattr(views, "_check", hang)
        seconds: list[float] = []

        def probe() -> None:
            began = time.monotonic()
            assert not any(readiness.state().values())
            seconds.append(time.monotonic() - began)

        probes = [threading.Thread(target=probe) for _number in range(8)]
        for one in probes:
            one.start()
        for one in probes:
            one.join()
        probe()
        assert len(seconds) == 9
        assert max(seconds) < 1
        assert len(checks) == 1
        release.set()
        while not readiness.state()["database"]:
            time.sleep(0.01)

    @pytest.mark.worker
    @pytest.mark.django_db(transaction=True)
    def test_a_broker_that_hangs_or_is_gone(self, readiness: views.Readiness, tmp_path: Path) -> None:
        with own_broker(tmp_path) as broker:
            assert Client().get("/readyz").json()["broker"] is True
            readiness.forget()
            with broker.frozen():
                began = time.monotonic()
                response = Client().get("/readyz")
                assert time.monotonic() - began < 1.9
                assert response.status_code == 503
            time.sleep(1)
            readiness.forget()
            broker.stop()
            state = json.loads(Client().get("/readyz").content)
            assert (state["database"], state["broker"], state["worker"]) == (True, False, False)
            broker.start()


def test_the_cast_of_this_module_is_real(cast: Cast) -> None:
    """The pages above exist: with the database there they answer 200."""
    client = Client()
    client.force_login(cast.owner)
    for page in PAGES:
        path = page.format(organization=cast.organization.pk, space=cast.space.pk)
        assert client.get(path).status_code == 200
