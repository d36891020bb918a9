"""Rates and Idempotency-Key (api.md, Limits)."""

import pytest
from django.test.utils import override_settings

from api.core import rate_limit
from api.models import IdempotentAnswer
from api.tasks import sweep_idempotent_answers
from common.models import now
from memberships.models import OrganizationMembership
from outbox.models import Email
from tests.api.caller import Caller, code
from tests.cast import person


@pytest.fixture
def few(settings):
    settings.API_REQUESTS_PER_MINUTE = 3


def test_a_rate_per_token(callers, few):
    for left in (2, 1, 0):
        response = callers.owner.get("/me")
        assert response.status_code == 200
        assert response["RateLimit-Limit"] == "3"
        assert response["RateLimit-Remaining"] == str(left)
        assert 1 <= int(response["RateLimit-Reset"]) <= 60
    response = callers.owner.get("/me")
    assert (response.status_code, code(response)) == (429, "WGL429902")
    assert response["Retry-After"] == response["RateLimit-Reset"]
    assert response["RateLimit-Remaining"] == "0"
    seconds = int(response["Retry-After"])
    assert response.json()["details"] == {"retryAfter": seconds}
    assert response.json()["suggestion"] == (
        f"This is not a limit of your plan. Try again in {seconds} second{'s' * (seconds != 1)}."
    )
    assert callers.owner.get("/nope").status_code == 429
    assert callers.admin.get("/me").status_code == 200


def test_without_a_token_the_address_is_counted(few, db):
    guesser = Caller(secret="PSNATwrong")
    guesser.client.defaults["REMOTE_ADDR"] = "192.0.2.77"
    seen = [guesser.get("/me").status_code for _number in range(5)]
    assert seen == [401, 401, 401, 429, 429]


def test_every_answer_says_the_rate(callers, few):
    for path in ("/openapi.json", "/docs"):
        response = callers.admin.get(path)
        assert response["RateLimit-Limit"] == "3"


@override_settings(CACHE_URL="redis://127.0.0.1:1/0", API_REQUESTS_PER_MINUTE=2)
def test_redis_away(callers):
    rate_limit._client.cache_clear()
    try:
        seen = [callers.owner.get("/me").status_code for _number in range(3)]
    finally:
        rate_limit._client.cache_clear()
        rate_limit._breaker.reset()
    assert seen == [200, 200, 429]


# --- Idempotency-Key ----------------------------------------------------------------------


@pytest.fixture
def members(cast):
    return f"/organizations/{cast.organization.pk}/organization-memberships"


def test_the_same_request_is_answered_again(callers, members):
    body = {"email": "once@example.com"}
    first = callers.owner.post(members, body, Idempotency_Key="k1")
    again = callers.owner.post(members, {"email": "once@example.com"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first["Location"], first["ETag"]) == (
        again.content,
        again["Location"],
        again["ETag"],
    )
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert OrganizationMembership.objects.filter(user__email="once@example.com").count() == 1
    assert Email.objects.filter(recipient__email="once@example.com").count() == 1
    other = callers.owner.post(members, {"email": "two@example.com"}, Idempotency_Key="k1")
    assert (other.status_code, code(other)) == (422, "WGL422931")
    elsewhere = callers.owner.post("/organizations", body, Idempotency_Key="k1")
    assert elsewhere.status_code == 400
    assert callers.admin.post(members, {"email": "two@example.com"}, Idempotency_Key="k1").status_code == 201


def test_a_refusal_is_answered_again_too(callers, members):
    body = {"email": "no address"}
    first = callers.owner.post(members, body, Idempotency_Key="k2")
    again = callers.owner.post(members, body, Idempotency_Key="k2")
    assert (code(first), code(again)) == ("WGL422903", "WGL422903")
    assert first.json() == again.json()


def test_a_key_holds_for_a_day(callers, members):
    body = {"name": "S"}
    path = members.replace("organization-memberships", "spaces")
    first = callers.owner.post(path, body, Idempotency_Key="k3").json()
    IdempotentAnswer.objects.update(created_at=now() - rates_day())
    second = callers.owner.post(path, body, Idempotency_Key="k3").json()
    assert first["sys"]["id"] != second["sys"]["id"]
    assert IdempotentAnswer.objects.count() == 1
    assert sweep_idempotent_answers() == 0
    IdempotentAnswer.objects.update(created_at=now() - rates_day())
    assert sweep_idempotent_answers() == 1


def rates_day():
    from datetime import timedelta

    return timedelta(hours=24, seconds=1)


def test_where_a_key_cannot_serve(callers, members):
    made = callers.owner.post("/personal-access-tokens", {"name": "x"}, Idempotency_Key="k4")
    assert (made.status_code, code(made)) == (400, "WGL400911")
    for key in ("", "a" * 256, "a b", "é"):
        assert code(callers.owner.post(members, {"email": "a@b.com"}, Idempotency_Key=key)) == "WGL400911", key


def test_keys_end_with_their_token(callers, members):
    callers.owner.post(members, {"email": "a@b.com"}, Idempotency_Key="k5")
    callers.owner.delete(f"/personal-access-tokens/{callers.owner.token.pk}")
    assert not IdempotentAnswer.objects.exists()


def test_a_removed_person_gets_no_old_answer(callers, cast, members):
    body = {"email": person().email}
    assert callers.admin.post(members, body, Idempotency_Key="k6").status_code == 201
    callers.owner.delete(f"{members}/{cast.memberships['ADMIN'].pk}")
    assert callers.admin.post(members, body, Idempotency_Key="k6").status_code == 404
