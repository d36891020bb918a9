"""``issue_token``, ``create_staff`` and the housekeeping."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.actor import SYSTEM
from accounts.models import PersonalAccessToken, SignInCode, User
from accounts.services import ensure_user, hash_secret
from common.models import now
from memberships.models import OrganizationMembership
from memberships.services.accounts import sweep_unused_accounts
from memberships.services.organization_members import remove_member
from tests.cast import acting, join, organization_of, person


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_issue_token_prints_a_token_as_its_last_line(db):
    secret = run("issue_token", "Dev@Example.com", "--name", "CI").splitlines()[-1]
    assert secret.startswith("PSNAT")
    token = PersonalAccessToken.objects.get()
    assert (token.name, token.user.email, token.secret_hash) == ("CI", "Dev@Example.com", hash_secret(secret))
    assert secret.startswith(token.prefix)
    assert not token.user.is_slot
    assert run("issue_token", "dev@example.com") != secret
    assert User.objects.count() == 1


def test_issue_token_refuses_what_is_no_address(db):
    with pytest.raises(CommandError, match="WGL422903"):
        run("issue_token", "nobody")


def test_create_staff_makes_staff_once(db):
    assert "staff@example.com is staff" in run("create_staff", "staff@example.com")
    run("create_staff", "STAFF@example.com")
    user = User.objects.get()
    assert (user.is_staff, user.version) == (True, 2)


def test_the_sweep_takes_only_slots_nobody_used(db):
    owner = person("Owner")
    organization = organization_of(owner)
    inert, young, member, removed = (ensure_user(f"{name}@example.com") for name in ("a", "b", "c", "d"))
    join(organization, owner, member)
    remove_member(actor=acting(owner), membership=join(organization, owner, removed))
    User.objects.exclude(pk=young.pk).update(created_at=now() - timedelta(days=1, minutes=1))
    SignInCode.objects.create(user=inert, created_at=now() - timedelta(days=2))
    assert sweep_unused_accounts(actor=SYSTEM) == 1
    assert set(User.objects.values_list("pk", flat=True)) == {owner.pk, young.pk, member.pk, removed.pk}
    assert SignInCode.objects.count() == 0
    assert OrganizationMembership.objects.filter(user=member).exists()
