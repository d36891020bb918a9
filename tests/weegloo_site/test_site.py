"""Health, headers, the mailbox, settings from the environment."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.models import User
from organizations.models import Organization
from outbox import delivery
from outbox.mailbox import stored_names
from spaces.models import Space
from tests.cast import Cast, person
from tests.workers import until

ROOT = Path(__file__).resolve().parents[2]


def test_healthz_answers_without_a_session(client, db):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"database": True})


def test_readyz_names_what_is_missing(client, db):
    state: dict[str, bool] = {}

    def looked_at() -> bool:
        state.update(client.get("/readyz").json())
        return state["database"] and state["migrations"] and state["broker"]

    # The first look at the migrations may take longer than a probe waits.
    until(looked_at, 20)
    assert set(state) == {"database", "migrations", "broker", "worker"}


def test_strict_content_security_policy_and_request_id(client, db):
    response = client.get("/sign-in/")
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert len(response["X-Request-Id"]) == 20
    assert "style=" not in response.text
    assert "<script>" not in response.text


def test_the_mailbox_shows_every_email_and_its_code(client, cast: Cast, settings, tmp_path):
    settings.MAIL_DIR = tmp_path
    settings.MAILERS = {
        "default": {"BACKEND": "outbox.mailbox.MailboxBackend", "OPTIONS": {"folder": tmp_path}}
    }
    assert "No emails yet" in client.get("/mailbox/").text
    client.post("/sign-in/", {"email": "minji.kim@example.com"})
    assert delivery.deliver_all_due() == 1
    (name,) = stored_names(tmp_path)
    ((stored, code),) = client.get("/mailbox/").context["rows"]
    assert stored.message["Subject"] == f"{code} is your WEEGLOO sign-in code"
    assert client.get(f"/mailbox/{name}/").context["code"] == code
    part = client.get(f"/mailbox/{name}/html/")
    assert code in part.text
    assert part["Content-Security-Policy"].startswith("default-src 'none'")
    assert part["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get("/mailbox/nothing/").status_code == 404
    assert client.get("/mailbox/..%2Fsettings/").status_code == 404


PRODUCTION = {
    "DATABASE_URL": "postgresql://u:p@db.internal:5433/weegloo?sslmode=require",
    "REDIS_URL": "rediss://:secret@cache.internal:6380/2",
    "SECRET_KEY": "s" * 60,
    "ALLOWED_HOSTS": "console.weegloo.com, www.weegloo.com",
    "BASE_URL": "https://console.weegloo.com",
    "EMAIL_URL": "smtp+tls://user:p%40ss@mail.internal",
}
_PRINT = """
import json, django; from django.conf import settings as s; d = s.DATABASES["default"]
print(json.dumps([d["HOST"], d["PORT"], d["NAME"], d["OPTIONS"], s.CELERY_BROKER_URL,
s.CACHES["default"]["LOCATION"], s.ALLOWED_HOSTS, s.MAILERS["default"]["OPTIONS"]["password"],
s.SESSION_COOKIE_SECURE, s.LOCAL]))
"""


def load(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    keep = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "weegloo_site.settings"}
    return subprocess.run(
        [sys.executable, "-c", _PRINT],
        env=keep | environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_come_from_the_environment():
    done = load(PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        "db.internal",
        "5433",
        "weegloo",
        {"sslmode": "require"},
        "rediss://:secret@cache.internal:6380/2",
        "rediss://:secret@cache.internal:6380/3",
        ["console.weegloo.com", "www.weegloo.com"],
        "p@ss",
        True,
        False,
    ]


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_a_missing_variable_stops_the_start_with_its_name(name):
    done = load({key: value for key, value in PRODUCTION.items() if key != name})
    assert done.returncode != 0
    assert name in done.stderr


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "http://x"),
        ("SECRET_KEY", "short"),
        ("BASE_URL", "http://plain.example"),
        ("EMAIL_URL", "imap://x"),
        ("PORT", "eighty"),
        ("OUTBOX_LEASE_SECONDS", "0"),
        ("REDIS_URL", "redis://h:6379/abc"),
        ("LOG_LEVEL", "verbose"),
        ("ALLOWED_HOSTS", ","),
        ("DATABASE_URL", "postgresql://"),
        ("EMAIL_URL", "smtp://"),
    ],
)
def test_a_bad_variable_stops_the_start_with_its_name(name, bad):
    done = load(PRODUCTION | {name: bad})
    assert done.returncode != 0
    assert name in done.stderr


def test_every_variable_is_described():
    example = (ROOT / ".env.example").read_text()
    source = (ROOT / "weegloo_site" / "settings.py").read_text()
    import re

    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source))
    assert {name for name in read if f"{name}=" not in example} == set()


def test_the_page_of_someone_without_a_csrf_token(db):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person())
    response = client.post("/profile/", {"name": "x"})
    assert response.status_code == 403
    assert "<h1>" in response.text


@pytest.mark.parametrize(
    ("path", "site", "encoding"),
    [
        ("/sign-in/", "none", "gzip"),
        ("/sign-in/", "same-origin", "gzip"),
        ("/sign-in/", "same-site", None),
        ("/sign-in/", "cross-site", None),
        ("/sign-in/", "", None),
        ("/v1/openapi.json", "same-origin", None),
    ],
)
def test_pages_are_compressed_but_never_for_another_site(client, db, path, site, encoding):
    response = client.get(path, headers={"Accept-Encoding": "gzip", "Sec-Fetch-Site": site})
    assert response.headers.get("Content-Encoding") == encoding


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_answered_whatever_their_host(client, db, path):
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code in (200, 503)
    assert client.get("/sign-in/", headers={"Host": "10.0.0.7:8000"}).status_code == 400


def test_notices_make_no_cookie_of_their_own(client, db):
    client.force_login(person())
    client.post("/profile/", {"name": "Kim", "version": "1"})
    assert {name for name in client.cookies if "weegloo" not in name} == set()


def test_a_name_is_never_markup(client, cast: Cast):
    """The strict policy stops scripts; an htmx attribute would act all the same."""
    name = "<p hx-post=/sign-out/ hx-trigger=load>"
    Organization.objects.filter(pk=cast.organization.pk).update(name=name)
    Space.objects.filter(pk=cast.space.pk).update(name=name)
    User.objects.filter(pk=cast.member.pk).update(name=name)
    client.force_login(cast.owner)
    organization, space = cast.organization.get_absolute_url(), cast.space.get_absolute_url()
    pages = ["", "membership/", "membership/invite/", "settings/", "delete/", "membership/leave/"]
    spaces = ["", "membership/", "membership/add/?q=member", "settings/", "delete/"]
    for path in [*(organization + page for page in pages), *(space + page for page in spaces)]:
        for headers in ({}, {"HX-Request": "true"}):
            assert "<p hx-post" not in client.get(path, headers=headers).text, path


def test_a_line_break_in_a_log_message_does_not_start_a_line():
    import logging

    from weegloo_site.logs import LineFormatter

    record = logging.LogRecord("x", logging.INFO, "", 0, "GET %s", ("/x\n2026 ERROR forged",), None)
    assert "\n" not in LineFormatter().format(record)
