"""The staff admin: staff only, read-only, quick, changes through services."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.actor import SYSTEM
from accounts.models import User
from accounts.services import make_staff
from activity.models import Action, ActivityEntry
from common.admin import ReadOnlyAdmin
from memberships.models import Role
from outbox.models import Email, Kind, State
from tests.cast import Cast, join, person

MODELS = list(admin.site._registry)


@pytest.fixture
def staff(db) -> User:
    return make_staff(actor=SYSTEM, user=person("Staff"))


def url(model, page: str, *args: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_to_anyone_else_it_does_not_exist(client, db):
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/sign-in/?next=/admin/", 302)
    client.force_login(person())
    for path in ("/admin/", "/admin/login/", "/admin/accounts/user/", "/admin/password_change/"):
        assert client.get(path).status_code == 404, path


def test_every_registered_page_is_read_only():
    assert {type(model_admin).__mro__[1] for model_admin in admin.site._registry.values()} == {ReadOnlyAdmin}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_and_row_shows_and_nothing_can_be_typed(client, staff, cast: Cast, model):
    client.force_login(staff)
    listing = client.get(url(model, "changelist"))
    assert listing.status_code == 200
    assert client.get(url(model, "changelist") + "?q=owner").status_code == 200
    assert client.get(url(model, "add")).status_code == 403
    row = model._default_manager.exclude(**({"kind": Kind.SIGN_IN_CODE} if model is Email else {})).first()
    if row is not None:
        assert client.get(url(model, "change", row.pk)).status_code == 200
        assert client.post(url(model, "change", row.pk), {"name": "x"}).status_code == 403
        assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_search_by_part_of_name_or_address_or_by_id(client, staff, cast: Cast):
    client.force_login(staff)
    User.objects.filter(pk=cast.member.pk).update(name="Zoë 김민지")
    for term in ("ZOË", "김", cast.member.email.upper(), cast.member.pk):
        rows = client.get(url(User, "changelist"), {"q": term}).context["cl"].result_list
        assert [row.pk for row in rows] == [cast.member.pk], term


def act(client, model, action: str, *rows):
    return client.post(
        url(model, "changelist"), {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True
    )


def test_deactivating_goes_through_the_service(client, staff, cast: Cast):
    client.force_login(staff)
    response = act(client, User, "deactivate", cast.member, cast.owner)
    cast.member.refresh_from_db()
    cast.owner.refresh_from_db()
    assert (cast.member.is_active, cast.owner.is_active) == (False, True)
    assert "promote someone else to owner first" in response.text.lower()
    entry = ActivityEntry.objects.get(action=Action.ACCOUNT_DEACTIVATED)
    assert (entry.actor, entry.origin, entry.user, entry.organization_id) == (
        staff,
        "staff",
        cast.member,
        cast.organization.pk,
    )


def test_emails_show_but_for_sign_in_codes_and_can_be_sent_again(client, staff, cast: Cast):
    client.force_login(staff)
    client.post("/sign-in/", {"email": "x@example.com"})
    newcomer = person("New")
    join(cast.organization, cast.owner, newcomer, Role.MEMBER)
    sent = Email.objects.create(
        kind=Kind.ROLE_CHANGE, recipient=newcomer, state=State.FAILED, attempts=3, message_id="<a@b>"
    )
    shown = client.get(url(Email, "changelist")).context["cl"].result_list
    assert Kind.SIGN_IN_CODE not in {email.kind for email in shown}
    act(client, Email, "send_again", sent)
    sent.refresh_from_db()
    assert (sent.state, sent.attempts, sent.message_id) == (State.QUEUED, 0, "<a@b>")


def test_lists_cost_the_same_at_any_length(client, staff, cast: Cast, django_assert_num_queries):
    client.force_login(staff)
    client.get(url(User, "changelist"))
    with django_assert_num_queries(4):
        client.get(url(User, "changelist"))
    for _ in range(3):
        person()
    with django_assert_num_queries(4):
        client.get(url(User, "changelist"))
