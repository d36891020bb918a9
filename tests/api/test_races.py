"""Writers at the same moment, with real connections (rules §9; api.md, Version)."""

from functools import partial

import pytest

from api.models import IdempotentAnswer
from memberships.models import OrganizationMembership
from organizations.models import Organization
from spaces.models import Space
from tests import rounds
from tests.api.caller import Caller, code
from tests.cast import make_cast

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
# A round of fifty takes seconds.
ROUNDS = max(3, rounds.ROUNDS // 10)


def at_once(number, act):
    """``act(0)`` to ``act(number - 1)`` at one moment."""
    return rounds.together(*(partial(act, index) for index in range(number)))


def test_fifty_writers_on_one_membership():
    """One success per version; the rest are 409 with the resource as it is now."""
    cast = make_cast()
    secret = Caller(cast.owner).secret
    path = f"/organizations/{cast.organization.pk}/organization-memberships/{cast.memberships['MEMBER'].pk}"
    for number in range(ROUNDS):
        version = number + 1
        role = ("ADMIN", "MEMBER")[number % 2]
        answers = at_once(
            50,
            lambda index, version=version, role=role: (
                Caller(secret=secret).put(path, {"role": role}, version=version)
                if index % 2
                else Caller(secret=secret).patch(
                    path, [{"op": "replace", "path": "/role", "value": role}], version=version
                )
            ),
        )
        won = [answer for answer in answers if answer.status_code == 200]
        lost = [answer for answer in answers if answer.status_code != 200]
        assert len(won) == 1
        assert {code(answer) for answer in lost} == {"WGL409005"}
        now = won[0].json()
        assert now["sys"]["version"] == version + 1
        for answer in lost:
            assert answer.json()["details"] == {"currentVersion": version + 1, "current": now}


def test_one_key_at_the_same_moment_does_it_once():
    cast = make_cast()
    secret = Caller(cast.owner).secret
    path = f"/organizations/{cast.organization.pk}/spaces"
    for number in range(ROUNDS):
        answers = at_once(
            12,
            lambda _index, number=number: Caller(secret=secret).post(
                path, {"name": f"S{number}"}, Idempotency_Key=f"k{number}"
            ),
        )
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert {code(answer) for answer in answers if answer.status_code == 409} <= {"WGL409907"}
        assert len({answer.json()["sys"]["id"] for answer in answers if answer.status_code == 201}) == 1
        assert Space.objects.filter(name=f"S{number}").count() == 1
    assert IdempotentAnswer.objects.count() == ROUNDS


def test_inviting_one_address_at_the_same_moment():
    cast = make_cast()
    secret = Caller(cast.owner).secret
    path = f"/organizations/{cast.organization.pk}/organization-memberships"
    for number in range(ROUNDS):
        address = f"same{number}@example.com"
        answers = at_once(
            8, lambda _index, address=address: Caller(secret=secret).post(path, {"email": address})
        )
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
        assert OrganizationMembership.objects.filter(user__email=address).count() == 1
    organization = Organization.objects.get(pk=cast.organization.pk)
    assert organization.member_count == organization.memberships.count()
    assert organization.version == 1
