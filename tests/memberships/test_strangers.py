"""What an Organization learns of a person who was never there: nothing but the address (rules §2)."""

import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.services import create_token
from common.models import now
from memberships import presence
from memberships.models import OrganizationMembership, Role, SpaceMembership
from outbox.models import Email, Kind
from tests.api.caller import Caller
from tests.cast import (
    Cast,
    acting,
    deactivated,
    fresh,
    join,
    opened,
    organization_of,
    person,
    put_in,
    role_with,
    space_in,
)
from tests.pages import HTMX, Page, as_, notices

NAME = "Minji Kim"
NEVER = "has not opened this Organization yet"


def known(address: str = "minji.a@example.com") -> User:
    """A person with everything there is to learn: a name, a language, tokens, an Organization of their own."""
    user = person("Minji")
    User.objects.filter(pk=user.pk).update(
        email=address.replace("minji", "Minji"),
        email_key=address,
        name=NAME,
        language="ko",
        last_active_at=now(),
    )
    user = fresh(user)
    create_token(actor=acting(user), user=user, name="laptop")
    organization_of(user, "Hanok")
    return user


def unknown(address: str = "minji.b@example.com") -> User:
    """A slot."""
    user = person(signed_in=False)
    User.objects.filter(pk=user.pk).update(email=address, email_key=address)
    return fresh(user)


def invited(cast: Cast, user: User, role: Role = Role.MEMBER) -> OrganizationMembership:
    """The person a member, and never there."""
    client = as_(cast.owner)
    response = client.post(
        reverse("invite", args=[cast.organization.pk]), {"emails": user.email_key, "role": role}
    )
    assert response.status_code == 302
    return OrganizationMembership.objects.get(organization=cast.organization, user=user)


def member_page(name: str) -> Callable[[Cast, OrganizationMembership], str]:
    return lambda cast, one: reverse(name, args=[cast.organization.pk, one.pk])


def place_page(name: str) -> Callable[[Cast, OrganizationMembership], str]:
    def address(cast: Cast, one: OrganizationMembership) -> str:
        return reverse(name, args=[cast.space.pk, SpaceMembership.objects.get(user=one.user_id).pk])

    return address


def space_list(cast: Cast, one: OrganizationMembership) -> str:
    return reverse("space-membership", args=[cast.space.pk], query={"q": one.user.email_key})


SCREENS: dict[str, Callable[[Cast, OrganizationMembership], str]] = {
    "members": lambda cast, one: reverse(
        "organization-membership", args=[cast.organization.pk], query={"q": one.user.email_key}
    ),
    "spaces": member_page("organization-member-spaces"),
    "remove": member_page("organization-member-remove"),
    "space members": space_list,
    "space roles": place_page("space-member-roles"),
    "space remove": place_page("space-member-remove"),
    "space add": lambda cast, one: reverse(
        "space-member-add", args=[cast.space.pk], query={"q": one.user.email_key}
    ),
    "access": lambda cast, one: reverse("space-access", args=[cast.space.pk], query={"user": one.user_id}),
    "access search": lambda cast, one: reverse(
        "space-access", args=[cast.space.pk], query={"q": one.user.email_key}
    ),
    "role": lambda cast, one: reverse(
        "space-role", args=[cast.space.pk, one.user.space_memberships.get().role_ids[0]]
    ),
    "palette": lambda _cast, one: reverse("go", query={"q": one.user.email_key}),
}


def seen(html: str, one: OrganizationMembership) -> str:
    """The page without what differs by nature: ids, tokens, nonces and the address."""
    place = SpaceMembership.objects.get(user=one.user_id)
    for text, mark in (
        (one.pk, "M"),
        (place.pk, "P"),
        (one.user_id, "U"),
        (one.user.email_key, "@"),
        (one.user.email_key.replace("@", "%40"), "@"),
    ):
        html = html.replace(text, mark)
    html = re.sub(r'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"', "", html)
    html = re.sub(r'x-csrftoken[^}]*}|nonce="[^"]*"|data-hue="\d+"', "", html)
    return re.sub(r'(datetime|title)="[^"]*"', "", html)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_is_the_same_for_known_and_unknown(cast: Cast, screen: str, headers: dict[str, str]):
    looks = []
    for user in (known(), unknown()):
        one = invited(cast, user)
        put_in(cast.space, cast.owner, user)
        response = as_(cast.owner).get(SCREENS[screen](cast, one), headers=headers)
        assert response.status_code == 200
        assert "minji." in response.text or (screen, headers) == ("access", HTMX)  # only who is searched
        assert NAME not in response.text
        looks.append(seen(response.text, one))
        SpaceMembership.objects.filter(user=user).delete()
        OrganizationMembership.objects.filter(pk=one.pk).delete()
    assert looks[0] == looks[1]


def test_a_row_of_each_list(cast: Cast):
    user = known()
    one = invited(cast, user)
    put_in(cast.space, cast.owner, user)
    client = as_(cast.owner)
    row = Page(client.get(SCREENS["members"](cast, one))).rows[0]
    assert row[:6] == ["M", "minji.a@example.com", "Save", "1 Space", NEVER, "Email on its way"]
    assert Page(client.get(space_list(cast, one))).rows[0][:4] == ["M", "minji.a@example.com", "Editor", NEVER]

    opened(one)
    row = Page(client.get(SCREENS["members"](cast, one))).rows[0]
    assert row[:6] == ["MK", NAME, "Minji.a@example.com", "Save", "1 Space", "now"]
    row = Page(client.get(space_list(cast, one))).rows[0]
    assert row[:5] == ["MK", NAME, "Minji.a@example.com", "Editor", "now"]


def test_the_name_finds_nobody_until_then(cast: Cast):
    user = known()
    one = invited(cast, user)
    put_in(cast.space, cast.owner, user)
    token = Caller(cast.owner)

    def found(q: str) -> list[int]:
        client = as_(cast.owner)
        members = client.get(reverse("organization-membership", args=[cast.organization.pk]), {"q": q})
        places = client.get(reverse("space-membership", args=[cast.space.pk]), {"q": q})
        added = client.get(reverse("space-member-add", args=[cast.space.pk]), {"q": q})
        go = client.get(reverse("go"), {"q": q})
        palette = [group for group in go.context["groups"] if str(group.label) == "Members"]
        query = {"user.email[match]": q}
        api = token.get(f"/organizations/{cast.organization.pk}/organization-memberships", query=query)
        return [
            len(members.context["rows"]),
            len(places.context["members"].rows),
            added.context["candidates"].found,
            sum(len(group.entries) for group in palette),
            api.json()["totalCount"],
        ]

    assert found("minji kim") == found("kim") == found("김") == [0, 0, 0, 0, 0]
    assert found("minji.a") == [1, 1, 1, 1, 1]
    assert found("MINJI A@EX") == [1, 1, 1, 1, 0]  # words: the API compares the address as it is

    opened(one)
    assert found("kim") == [1, 1, 1, 1, 0]
    assert fresh(one).search == fresh(SpaceMembership.objects.get(user=user)).search == fresh(user).search


def test_the_search_text_follows_a_rename_only_when_the_name_shows(cast: Cast):
    user = known()
    one = invited(cast, user)
    place = put_in(cast.space, cast.owner, user)
    for name in ("Élodie", ""):
        User.objects.filter(pk=user.pk).update(name=name)
        assert fresh(one).search == fresh(place).search == " minji.a@example.com"
    User.objects.filter(pk=user.pk).update(email="Durand@example.com", email_key="durand@example.com")
    assert fresh(one).search == fresh(place).search == " durand@example.com"
    opened(one)
    User.objects.filter(pk=user.pk).update(name="Élodie")
    assert fresh(one).search == fresh(place).search == "elodie durand@example.com"
    later = space_in(cast.organization, cast.owner, "Later")
    assert fresh(put_in(later, cast.owner, user)).search == "elodie durand@example.com"


def test_one_organization_tells_the_other_nothing(cast: Cast):
    user = known()
    other = organization_of(cast.stranger, "Other")
    opened(join(other, cast.stranger, user))
    one = invited(cast, user)
    assert Page(as_(cast.owner).get(SCREENS["members"](cast, one))).rows[0][1] == "minji.a@example.com"
    assert one.last_active_at is None


def test_the_address_is_not_spelled_as_somebody_else_did(cast: Cast):
    user = person()
    User.objects.filter(pk=user.pk).update(email="Kim.Minji@FASS.de", email_key="kim.minji@xn--fa-hia.de")
    one = invited(cast, fresh(user))
    page = Page(as_(cast.owner).get(reverse("organization-membership", args=[cast.organization.pk])))
    assert page.rows[0][1] == "kim.minji@faß.de"
    assert one.person.email == "kim.minji@faß.de"


def test_a_deactivated_stranger_can_be_added_like_any_other(cast: Cast):
    user = person("Minji")
    User.objects.filter(pk=user.pk).update(email="minji.a@example.com", email_key="minji.a@example.com")
    one = invited(cast, deactivated(fresh(user)))
    client = as_(cast.owner)
    address = reverse("space-member-add", args=[cast.space.pk], query={"q": "minji.a"})
    assert client.get(address).context["candidates"].found == 1
    opened(one)
    assert client.get(address).context["candidates"].found == 0


def test_a_deactivated_stranger_is_an_administrator_like_any_other(cast: Cast):
    user = deactivated(person("Gone"))
    one = invited(cast, user)
    put_in(cast.space, cast.owner, user, "Administrator")
    address = member_page("organization-member-remove")(cast, owner_of(cast))
    assert as_(cast.owner).get(address).context["departure"].unmanned == []
    opened(one)
    assert as_(cast.owner).get(address).context["departure"].unmanned == [cast.space]


def owner_of(cast: Cast) -> OrganizationMembership:
    """The owner's own membership, who holds Administrator in the Space and is not the last OWNER."""
    join(cast.organization, cast.owner, person("Other"), Role.OWNER)
    return OrganizationMembership.objects.get(organization=cast.organization, user=cast.owner)


def test_the_id_does_not_tell_since_when_there_is_an_account(db: None):
    """A KSUID begins with the second in which it was made."""
    ids = [person(signed_in=False).pk for _ in range(20)]
    assert {(len(one), one.isalnum(), one.isascii()) for one in ids} == {(27, True, True)}
    assert len({one[:4] for one in ids}) > 10


# ---- What is said of them


def test_notices_name_the_address_alone(cast: Cast):
    user = known()
    one = invited(cast, user)
    place = put_in(cast.space, cast.owner, user)
    client = as_(cast.owner)
    response = client.post(
        reverse("organization-member-role", args=[cast.organization.pk, one.pk]),
        {"role": "ADMIN", "version": 1},
        headers=HTMX,
    )
    assert notices(response) == ["minji.a@example.com is Admin now."]
    response = client.post(
        reverse("space-member-roles", args=[cast.space.pk, place.pk]),
        {"roles": place.role_ids, "version": 1},
        headers=HTMX,
    )
    assert notices(response) == ["The roles of minji.a@example.com are saved."]
    response = client.post(reverse("space-member-remove", args=[cast.space.pk, place.pk]), headers=HTMX)
    assert notices(response)[0].startswith("minji.a@example.com was removed from Shopping Mall.")
    again = client.post(
        reverse("invite", args=[cast.organization.pk]), {"emails": "MINJI.A@example.com", "role": "MEMBER"}
    )
    assert "minji.a@example.com: Show in the list" in Page(again).words
    assert NAME not in again.text
    response = client.post(
        reverse("organization-member-remove", args=[cast.organization.pk, one.pk]), headers=HTMX
    )
    assert notices(response)[0].startswith("minji.a@example.com was removed from DailyWear Company.")


def test_owners_read_of_a_new_one_by_the_address(cast: Cast):
    join(cast.organization, cast.owner, person("Other"), Role.OWNER)
    invited(cast, known(), Role.OWNER)
    (email,) = Email.objects.filter(kind=Kind.NEW_OWNER)
    assert email.context["owners"] == ["minji.a@example.com"]


def test_a_rule_about_their_things_names_the_address(cast: Cast):
    user = known()
    invited(cast, user)
    put_in(cast.space, cast.owner, user)
    role = role_with(cast.space, cast.owner, "Own things")
    rule = {"createdBy": {"sys": {"id": user.pk, "type": "Refer", "targetType": "User"}}}
    type(role).objects.filter(pk=role.pk).update(content={"Read": {"Allow": [rule]}})
    page = as_(cast.owner).get(reverse("space-role", args=[cast.space.pk, role.pk]))
    assert page.status_code == 200
    assert NAME not in page.text


@pytest.mark.parametrize("tokens", [0, 1, 3])
def test_tokens_are_never_counted(cast: Cast, tokens: int):
    for number in range(tokens):
        create_token(actor=acting(cast.member), user=cast.member, name=str(number))
    member = cast.memberships[Role.MEMBER]
    page = Page(as_(cast.owner).get(member_page("organization-member-remove")(cast, member)))
    assert "Any access tokens of theirs stop working in this Organization." in page.words
    page = Page(as_(cast.member).get(reverse("organization-leave", args=[cast.organization.pk])))
    assert "Your access tokens stop working in this Organization." in page.words


def test_owners_who_were_never_here_are_warned_of_whatever_they_do_elsewhere(cast: Cast):
    invited(cast, known(), Role.OWNER)
    page = Page(as_(cast.owner).get(reverse("organization-leave", args=[cast.organization.pk])))
    assert "The remaining Owners haven't opened this Organization yet." in page.words


# ---- When they come


def arrivals() -> dict[str, Callable[[Cast, User], Any]]:
    """The ways into an Organization."""
    return {
        "page": lambda cast, user: as_(user).get(cast.organization.get_absolute_url()),
        "space": lambda cast, user: as_(user).get(cast.space.get_absolute_url()),
        "api": lambda cast, user: Caller(user).get(f"/organizations/{cast.organization.pk}"),
        "api space": lambda cast, user: Caller(user).get(f"/spaces/{cast.space.pk}/space-memberships"),
        "not permitted": lambda cast, user: as_(user).get(SCREENS["members"](cast, _own(cast, user))),
    }


def _own(cast: Cast, user: User) -> OrganizationMembership:
    return OrganizationMembership.objects.get(organization=cast.organization, user=user)


@pytest.mark.parametrize("arrival", arrivals())
def test_opening_it_counts_here(cast: Cast, arrival: str):
    user = known()
    one = invited(cast, user)
    place = put_in(cast.space, cast.owner, user)
    before = now()
    assert arrivals()[arrival](cast, user).status_code in (200, 403)
    one = fresh(one)
    assert one.last_active_at is not None
    assert before <= one.last_active_at <= now()
    assert one.search == fresh(place).search == fresh(user).search
    # It is no change of the membership.
    assert (one.version, one.updated_at) == (1, one.created_at)


def test_what_is_not_of_the_organization_does_not_count(cast: Cast):
    user = known()
    one = invited(cast, user)
    client = as_(user)
    for address in (reverse("organization-list"), reverse("profile"), reverse("go"), "/go/?q=daily"):
        assert client.get(address).status_code == 200
    for path in ("/me", "/me/organization-memberships", "/me/space-memberships"):
        assert Caller(user).get(path, query={"include": "3"} if "-" in path else None).status_code == 200
    Client().get(cast.organization.get_absolute_url())
    assert fresh(one).last_active_at is None


def test_the_first_page_already_shows_ones_own_name(cast: Cast):
    user = known()
    User.objects.filter(pk=user.pk).update(language="en")
    invited(cast, user)
    put_in(cast.space, cast.owner, user)
    page = Page(as_(user).get(reverse("space-membership", args=[cast.space.pk])))
    assert page.rows[0][:3] == ["MK", NAME, "You"]


def test_whoever_creates_an_organization_is_there(cast: Cast):
    owner = OrganizationMembership.objects.get(organization=cast.organization, user=cast.owner)
    assert owner.last_active_at is not None
    assert owner.person == cast.owner


def test_it_is_written_once_in_five_minutes(cast: Cast):
    one = cast.memberships[Role.MEMBER]
    client = as_(cast.member)
    address = cast.organization.get_absolute_url()

    def writes() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return sum("weegloo_note_active" in query["sql"] for query in queries)

    client.get(address)
    assert writes() == 0
    for age, written in ((timedelta(minutes=4), 0), (timedelta(minutes=6), 1)):
        OrganizationMembership.objects.filter(pk=one.pk).update(last_active_at=now() - age)
        assert writes() == written
    assert now() - fresh(one).last_active_at < timedelta(minutes=1)


def test_services_alone_note_nothing(cast: Cast):
    """A job that acts for a person does not mean that they are here."""
    one = join(cast.organization, cast.owner, person("Admin", signed_in=False), Role.ADMIN)
    space_in(cast.organization, one.user)
    assert fresh(one).last_active_at is None
    presence.here(one)
    assert fresh(one).last_active_at is None


def test_the_past_is_kept_as_far_as_it_is_known(cast: Cast):
    """The migration: active after they became a member, or the maker of the Organization."""
    later, before, never = person("Later"), person("Before"), person(signed_in=False)
    User.objects.filter(pk=never.pk).update(name="Never Here")
    ones = {user: join(cast.organization, cast.owner, user) for user in (later, before, never)}
    owner = OrganizationMembership.objects.get(organization=cast.organization, user=cast.owner)
    place = put_in(cast.space, cast.owner, before)
    moment = fresh(ones[later]).created_at + timedelta(hours=1)
    User.objects.filter(pk=later.pk).update(last_active_at=moment)
    User.objects.filter(pk__in=[before.pk, cast.owner.pk]).update(last_active_at=moment - timedelta(days=1))
    for model in (OrganizationMembership, SpaceMembership):
        for row in model.objects.select_related("user"):
            model.objects.filter(pk=row.pk).update(search=row.user.search)
    OrganizationMembership.objects.update(last_active_at=None)

    migration = import_module("memberships.migrations.0005_last_active_here")
    with connection.cursor() as cursor:
        cursor.execute(migration._PAST + migration._HIDE)

    assert fresh(ones[later]).last_active_at == moment
    assert fresh(owner).last_active_at == owner.created_at
    assert fresh(ones[later]).search == f"later {later.email}"
    for user in (before, never):
        assert fresh(ones[user]).last_active_at is None
        assert fresh(ones[user]).search == f" {user.email}"
    assert fresh(place).search == f" {before.email}"
