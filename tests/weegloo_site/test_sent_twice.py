"""The same form sent twice: it makes nothing twice, and a wish that is so already is no conflict."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import PersonalAccessToken, SentForm, User
from accounts.tasks import sweep_forms
from common.models import now
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.services.organization_members import remove_member
from memberships.services.space_members import remove_from_space
from organizations.models import Organization
from spaces.models import Space, SpaceRole
from spaces.services import delete_space, delete_space_role
from tests.cast import (
    Cast,
    acting,
    fresh,
    join,
    make_cast,
    nothing_changes,
    person,
    put_in,
    role_named,
    watching,
)
from tests.filled import KEY, the_form
from tests.form_pages import FORM_PAGES, Typed
from tests.pages import HTMX, Page, as_
from tests.rounds import together

CREATIONS: dict[str, Typed] = {
    "organization-create": {"name": "Second Company"},
    "space-create": {"name": "Second Shop"},
    "space-role-create": {"name": "Packer", "content-rows": ["0"], "content-0-Read": "Allow"},
    "tokens": {"name": "Nightly import"},
    "invite": {"emails": "ana@example.com, ben@example.com", "role": "MEMBER"},
    "space-member-add": {},
}
MADE: tuple[type, ...] = (
    Organization,
    OrganizationMembership,
    Space,
    SpaceMembership,
    SpaceRole,
    PersonalAccessToken,
)


def counts() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in MADE}  # type: ignore[attr-defined]


def creation(cast: Cast, client: Client, name: str) -> tuple[str, dict[str, object]]:
    """The address of a creation form, and what it sends filled in."""
    page, typed = FORM_PAGES[name](cast)
    return page, {**the_form(client.get(page)).fields, **typed, **CREATIONS[name]}


def place(response: HttpResponse) -> str:
    return response.headers.get("HX-Redirect") or response.headers.get("Location", "")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("name", CREATIONS)
def test_the_second_sending_makes_nothing_and_leads_to_the_first(
    cast: Cast, name: str, headers: dict[str, str]
):
    client = as_(cast.owner)
    page, sent = creation(cast, client, name)
    before = counts()
    first = client.post(page, sent, headers=headers)
    made = counts()
    assert made != before
    with watching() as watch, nothing_changes():
        second = client.post(page, sent, headers=headers)
    assert (watch.entries, watch.emails) == ([], [])
    assert counts() == made
    assert second.status_code < 400
    assert place(second) == (place(first) or page)
    told = Page(client.get(place(second))).words
    assert "You sent this form twice" in told


@pytest.mark.parametrize("name", CREATIONS)
def test_the_same_words_in_a_new_form_are_a_new_wish(cast: Cast, name: str):
    client = as_(cast.owner)
    client.post(*creation(cast, client, name))
    made = counts()
    response = client.post(*creation(cast, client, name))
    # Names of Organizations, Spaces and tokens may repeat; the others are refused as ever.
    grows = name in {"organization-create", "space-create", "tokens"}
    assert (counts() != made) == grows
    assert response.status_code == {"space-role-create": 409, "invite": 422, "space-member-add": 422}.get(
        name, response.status_code
    )


def test_a_refused_form_can_be_sent_again_with_the_same_key(cast: Cast):
    client = as_(cast.owner)
    page, sent = creation(cast, client, "space-create")
    assert client.post(page, sent | {"name": ""}).status_code == 422
    assert client.post(page, sent).status_code == 302
    assert Space.objects.filter(name="Second Shop").count() == 1


def test_what_is_made_and_that_it_was_sent_are_written_together(cast: Cast):
    client = as_(cast.owner)
    client.raise_request_exception = False
    page, sent = creation(cast, client, "space-create")
    before = counts()
    with connection.cursor() as cursor:  # the note cannot be written
        cursor.execute("ALTER TABLE accounts_sentform ADD CONSTRAINT full_up CHECK (false)")
    assert client.post(page, sent).status_code == 500
    assert counts() == before
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_sentform DROP CONSTRAINT full_up")
    assert client.post(page, sent).status_code == 302
    assert counts() != before


@pytest.mark.parametrize("key", ["", "x", "a.b:c", "\0", "é" * 100, "x" * 100_000])
def test_a_key_that_is_none_does_no_harm(cast: Cast, key: str):
    client = as_(cast.owner)
    page, sent = creation(cast, client, "space-create")
    assert client.post(page, sent | {KEY: key}).status_code == 302
    assert not SentForm.objects.exists()


def test_the_key_of_somebody_else_counts_for_them_alone(cast: Cast):
    owner, admin = as_(cast.owner), as_(cast.admin)
    page, sent = creation(cast, owner, "space-create")
    owner.post(page, sent)
    admin.post(page, sent)
    assert Space.objects.filter(name="Second Shop").count() == 2
    assert SentForm.objects.count() == 1


def test_keys_are_remembered_for_a_week(cast: Cast):
    client = as_(cast.owner)
    client.post(*creation(cast, client, "space-create"))
    with time_machine.travel(now() + timedelta(days=6)):
        sweep_forms()
        assert SentForm.objects.count() == 1
    with time_machine.travel(now() + timedelta(days=8)):
        sweep_forms()
    assert SentForm.objects.count() == 0


def test_the_secret_of_a_token_is_shown_once_and_that_is_said(cast: Cast):
    client = as_(cast.owner)
    page, sent = creation(cast, client, "tokens")
    assert "PSNAT" in client.post(page, sent).text
    again = client.post(page, sent, follow=True)
    assert "one token was created" in Page(again).words
    assert "Copy it now" not in Page(again).words


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["organization-create", "space-create", "tokens", "invite"])
def test_two_sendings_at_once_make_one(name: str):
    cast = make_cast()
    client = as_(cast.owner)
    page, sent = creation(cast, client, name)
    before = counts()

    def send() -> HttpResponse:
        own = Client()
        own.cookies = client.cookies
        return own.post(page, sent)

    answers = together(send, send)
    assert all(answer.status_code in (200, 302) for answer in answers)
    assert len({place(answer) or page for answer in answers}) == 1
    grown = {table: count - before[table] for table, count in counts().items() if count != before[table]}
    assert (
        grown
        == {
            "organization-create": {"Organization": 1, "OrganizationMembership": 1},
            "space-create": {"Space": 1, "SpaceMembership": 1, "SpaceRole": 3},
            "tokens": {"PersonalAccessToken": 1},
            "invite": {"OrganizationMembership": 2, "SpaceMembership": 2},
        }[name]
    )


# ---- A wish that is so already


WISHES: dict[str, Typed] = {
    "profile": {"name": "Minji  Kim", "language": "ko", "appearance": "dark"},
    "organization-settings": {"name": "Daily Shop", "description": "Shirts"},
    "space-settings": {"name": "Mall"},
    "space-role": {
        "name": "Packer",
        "content-rows": ["0"],
        "content-0-Read": "Deny",
        "settings": ["SETTING_TAG"],
    },
    "organization-member-role": {"role": "ADMIN"},
    "space-member-roles": {},
}


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("name", WISHES)
def test_a_change_sent_twice_is_no_conflict(cast: Cast, name: str, headers: dict[str, str]):
    client = as_(cast.owner)
    page, typed = FORM_PAGES[name](cast)
    sent = {"version": "1", **typed, **WISHES[name]}
    first = client.post(page, sent, headers=headers)
    with watching() as watch, nothing_changes():
        second = client.post(page, sent, headers=headers)
    assert (
        first.status_code == second.status_code == (200 if headers and "member" in name else first.status_code)
    )
    assert first.status_code < 400
    assert place(first) == place(second)
    assert (watch.entries, watch.emails) == ([], [])


@pytest.mark.parametrize("name", WISHES)
def test_another_wish_made_against_the_old_state_still_is_one(cast: Cast, name: str):
    client = as_(cast.owner)
    page, typed = FORM_PAGES[name](cast)
    sent = {"version": "1", **typed, **WISHES[name]}
    client.post(page, sent)
    other: dict[str, Typed] = {
        "organization-member-role": {"role": "OWNER"},
        "space-member-roles": {"roles": [role_named(cast.space, "Administrator").pk]},
    }
    with nothing_changes():
        response = client.post(page, sent | other.get(name, {"name": "Another"}))
    assert response.status_code == 409


# ---- Removed already


def remove_url(cast: Cast, membership: OrganizationMembership) -> str:
    return reverse("organization-member-remove", args=[cast.organization.pk, membership.pk])


def in_space(cast: Cast) -> SpaceMembership:
    return put_in(cast.space, cast.owner, cast.member, "Editor")


def member_gone(cast: Cast) -> tuple[str, str]:
    membership = cast.memberships[Role.MEMBER]
    remove_member(actor=acting(cast.admin), membership=membership)
    return remove_url(cast, membership), reverse("organization-membership", args=[cast.organization.pk])


def space_member_gone(cast: Cast) -> tuple[str, str]:
    membership = in_space(cast)
    remove_from_space(actor=acting(cast.admin), membership=membership)
    page = reverse("space-member-remove", args=[cast.space.pk, membership.pk])
    return page, reverse("space-membership", args=[cast.space.pk])


def gone_from_everywhere(cast: Cast) -> tuple[str, str]:
    """Removed from the Organization, and so from the Space."""
    membership = in_space(cast)
    remove_member(actor=acting(cast.admin), membership=cast.memberships[Role.MEMBER])
    page = reverse("space-member-remove", args=[cast.space.pk, membership.pk])
    return page, reverse("space-membership", args=[cast.space.pk])


def space_gone(cast: Cast) -> tuple[str, str]:
    delete_space(actor=acting(cast.admin), space=cast.space)
    return reverse("space-delete", args=[cast.space.pk]), cast.organization.get_absolute_url()


def role_gone(cast: Cast) -> tuple[str, str]:
    role = role_named(cast.space, "Viewer")
    delete_space_role(actor=acting(cast.admin), role=role)
    page = reverse("space-role-delete", args=[cast.space.pk, role.pk])
    return page, reverse("space-roles", args=[cast.space.pk])


GONE: dict[str, tuple[Callable[[Cast], tuple[str, str]], str]] = {
    "member": (member_gone, "This person was already removed from DailyWear Company."),
    "space member": (space_member_gone, "This person was already removed from Shopping Mall."),
    "member of both": (gone_from_everywhere, "This person was already removed from Shopping Mall."),
    "space": (space_gone, "Shopping Mall was already deleted."),
    "role": (role_gone, "This role was already deleted."),
}


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("name", GONE)
def test_what_somebody_removed_meanwhile_is_told_as_removed(cast: Cast, name: str, headers: dict[str, str]):
    prepare, words = GONE[name]
    page, leads_to = prepare(cast)
    client = as_(cast.owner)
    with nothing_changes():
        response = client.post(page, {"name": "Shopping Mall"}, headers=headers)
    assert place(response) == leads_to
    assert words in Page(client.get(leads_to)).words
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("name", GONE)
def test_to_a_stranger_it_never_existed(cast: Cast, name: str):
    page, _leads_to = GONE[name][0](cast)
    assert as_(cast.stranger).post(page, {"name": "Shopping Mall"}).status_code == 404


def test_what_was_removed_elsewhere_never_was_here(cast: Cast):
    strange = join(cast.strange_organization, cast.stranger, person("Gone"))
    remove_member(actor=acting(cast.stranger), membership=strange)
    there = cast.strange_space.memberships.get()
    remove_from_space(actor=acting(cast.stranger), membership=there)
    role = role_named(cast.strange_space, "Viewer")
    delete_space_role(actor=acting(cast.stranger), role=role)
    delete_space(actor=acting(cast.stranger), space=cast.strange_space)
    client = as_(cast.owner)
    for page in (
        remove_url(cast, strange),
        reverse("space-member-remove", args=[cast.space.pk, there.pk]),
        reverse("space-role-delete", args=[cast.space.pk, role.pk]),
        reverse("space-delete", args=[cast.strange_space.pk]),
    ):
        assert client.post(page, {"name": "Far Away"}).status_code == 404


@pytest.mark.parametrize("name", ["member", "space member", "space", "role"])
def test_who_may_not_remove_is_not_told(cast: Cast, name: str):
    """A plain member of the Space sees what stands there now, and no more."""
    plain = person("Plain")
    join(cast.organization, cast.owner, plain)
    put_in(cast.space, cast.owner, plain, "Editor")
    page, _leads_to = GONE[name][0](cast)
    response = as_(plain).post(page, {"name": "Shopping Mall"})
    assert response.status_code in (403, 404)
    assert "already" not in Page(response).words


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_leaving_twice(cast: Cast, headers: dict[str, str]):
    client = as_(cast.member)
    page = reverse("organization-leave", args=[cast.organization.pk])
    for words in ("You left DailyWear Company.", "You already left this Organization."):
        response = client.post(page, headers=headers)
        assert place(response) == "/organizations/"
        assert words in Page(client.get("/organizations/")).words
    assert client.get(page).status_code == 404


def test_leaving_after_a_removal(cast: Cast):
    remove_member(actor=acting(cast.owner), membership=cast.memberships[Role.MEMBER])
    response = as_(cast.member).post(reverse("organization-leave", args=[cast.organization.pk]), follow=True)
    assert "You were already removed from this Organization." in Page(response).words


def test_deleting_an_organization_twice(cast: Cast):
    delete_space(actor=acting(cast.owner), space=cast.space)
    client, page = as_(cast.owner), reverse("organization-delete", args=[cast.organization.pk])
    client.post(page, {"name": cast.organization.name})
    assert not Organization.objects.filter(pk=cast.organization.pk).exists()
    response = client.post(page, {"name": cast.organization.name}, follow=True)
    assert response.redirect_chain == [("/organizations/", 302)]
    assert "DailyWear Company was already deleted." in Page(response).words
    assert as_(cast.admin).post(page, {"name": cast.organization.name}).status_code == 404


def test_a_person_removed_between_two_clicks_is_removed_once(cast: Cast):
    client, page = as_(cast.owner), remove_url(cast, cast.memberships[Role.MEMBER])
    with watching() as watch:
        for words in ("Member was removed from", "already removed from"):
            response = client.post(page, follow=True)
            assert words in Page(response).words
    assert [entry.action for entry in watch.entries] == ["organization_membership.deleted"]
    assert watch.emails == [("organization_removal", cast.member.email)]
    assert fresh(cast.organization).member_count == 2
    assert User.objects.filter(pk=cast.member.pk).exists()
