"""⌘K: who finds what (console.md, Frame; rules §13)."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from memberships import finding
from memberships.models import Role
from tests.cast import Cast, join, organization_of, person, put_in, role_with, space_in
from tests.pages import HTMX, Page, as_

GO = "/go/"


def found(user: User, q: str = "", **where: str) -> dict[str, list[str]]:
    """The labels under each heading."""
    response = as_(user).get(GO, {"q": q, **where}, headers=HTMX)
    assert response.status_code == 200
    return {
        str(group.label): [str(entry.label) for entry in group.entries] for group in response.context["groups"]
    }


def entry(user: User, q: str, heading: str, **where: str) -> Any:
    """The first entry under a heading."""
    response = as_(user).get(GO, {"q": q, **where}, headers=HTMX)
    return next(group.entries[0] for group in response.context["groups"] if group.label == heading)


# ---- People


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_owner_and_admin_find_every_member(cast: Cast, role: Role):
    reader = cast.by_role(role)
    assert found(reader, cast.member.email[:9])["Members"] == ["Member"]
    first = entry(reader, cast.member.email, "Members")
    listing = reverse("organization-membership", args=[cast.organization.pk])
    assert first.url == reverse(
        "organization-membership", args=[cast.organization.pk], query={"q": cast.member.email}
    )
    page = Page(as_(reader).get(first.url))
    assert first.url.startswith(listing)
    assert [row[1] for row in page.rows] == ["Member"]


def test_a_member_finds_people_only_in_their_own_spaces(cast: Cast):
    assert "Members" not in found(cast.member, "admin")
    put_in(cast.space, cast.owner, cast.member)
    assert found(cast.member, "owner")["Members"] == ["Owner"]
    assert "Members" not in found(cast.member, "admin")
    first = entry(cast.member, "owner", "Members")
    assert first.url == reverse("space-membership", args=[cast.space.pk], query={"q": cast.owner.email})
    assert first.detail == f"{cast.owner.email} · Shopping Mall"


def test_a_strangers_name_never_shows(cast: Cast):
    for reader in (cast.owner, cast.admin, cast.member):
        for q in ("stranger", "Elsewhere", "Far Away", cast.stranger.email):
            assert found(reader, q) == {}
    assert found(cast.stranger, "owner") == {}
    assert found(cast.stranger, "stranger")["Members"] == ["Stranger"]


def test_nobody_is_listed_before_anything_is_typed(cast: Cast):
    assert "Members" not in found(cast.owner)


def test_members_of_the_place_one_is_in_come_first(cast: Cast):
    other = organization_of(cast.owner, "Hanok")
    join(other, cast.owner, person("Member"))
    for near, name in ((cast.organization, "DailyWear Company"), (other, "Hanok")):
        assert entry(cast.owner, "member", "Members", organization=near.pk).detail.endswith(f"· {name}")
    assert found(cast.owner, "member")["Members"] == ["Member", "Member"]


def test_a_group_shows_six(cast: Cast):
    for _ in range(8):
        join(cast.organization, cast.owner, person("Numerous"))
        space_in(cast.organization, cast.owner, "Numerous")
    groups = found(cast.owner, "numerous")
    assert {name: len(labels) for name, labels in groups.items()} == {"Spaces": 6, "Members": 6}


@pytest.mark.parametrize("q", ["김", "민지", "지", "김민지", "MI", "inj", "NJI K"])
def test_any_part_of_a_name_finds_them(cast: Cast, q: str):
    newcomer = person("Newcomer")
    User.objects.filter(pk=newcomer.pk).update(name="김민지 Minji Kim")
    join(cast.organization, cast.owner, User.objects.get(pk=newcomer.pk))
    assert "김민지 Minji Kim" in found(cast.owner, q)["Members"]


def test_few_letters_are_looked_for_among_the_newest_alone(cast: Cast, monkeypatch):
    """A trigram index finds no fewer than three; a million names are not read for two."""
    monkeypatch.setattr(finding, "_NEWEST", 1)
    join(cast.organization, cast.owner, person("Newest"))
    assert "Members" not in found(cast.owner, "ow")
    assert found(cast.owner, "ne")["Members"] == ["Newest"]
    assert found(cast.owner, "own")["Members"] == ["Owner"]


# ---- Places


def test_organizations_and_spaces(cast: Cast):
    assert found(cast.owner, "daily") == {"Organizations": ["DailyWear Company"]}
    assert found(cast.owner, "mall") == {"Spaces": ["Shopping Mall"]}
    assert found(cast.admin, "MALL") == {"Spaces": ["Shopping Mall"]}
    assert found(cast.member, "mall") == {}
    put_in(cast.space, cast.owner, cast.member)
    assert found(cast.member, "mall") == {"Spaces": ["Shopping Mall"]}


# ---- Screens and actions


ORGANIZATION = ["Spaces", "Membership", "Settings", "Invite", "Create Space"]
MANAGED = ["Overview", "Membership", "Roles & Permissions", "Settings"]


def test_the_screens_and_actions_of_an_organization(cast: Cast):
    shown = {
        user: found(user, organization=cast.organization.pk).get("DailyWear Company")
        for user in (cast.owner, cast.admin, cast.member, cast.stranger)
    }
    assert shown == {
        cast.owner: ORGANIZATION,
        cast.admin: ORGANIZATION,
        cast.member: ["Spaces"],
        cast.stranger: None,
    }


def test_the_screens_and_actions_of_a_space(cast: Cast):
    role_with(cast.space, cast.owner, "Hosts", "SETTING_USER")
    host, reader = person("Host"), person("Reader")
    for user, role in ((host, "Hosts"), (reader, "Viewer")):
        join(cast.organization, cast.owner, user)
        put_in(cast.space, cast.owner, user, role)
    shown = {user: found(user, space=cast.space.pk).get("Shopping Mall") for user in (cast.admin, host, reader)}
    ask = "Check access"
    assert shown == {
        cast.admin: [*MANAGED, "Add members", "Create a role", ask],
        host: [*MANAGED[:3], "Add members", ask],
        reader: [*MANAGED[:3], "Check my access"],
    }
    assert "Shopping Mall" not in found(cast.member, space=cast.space.pk)


def test_in_a_space_the_actions_of_its_organization_are_found_too(cast: Cast):
    assert found(cast.owner, "invite", space=cast.space.pk) == {"DailyWear Company": ["Invite"]}
    assert entry(cast.owner, "invite", "DailyWear Company", space=cast.space.pk).url == reverse(
        "invite", args=[cast.organization.pk]
    )
    assert found(cast.owner, "mall settings", space=cast.space.pk) == {"Shopping Mall": ["Settings"]}


def test_the_account_is_always_within_reach(db: None):
    assert {"Profile", "Create Organization", "Keyboard shortcuts"} <= set(found(person())["Your account"])
    assert found(person(), "profile") == {"Your account": ["Profile"]}


# ---- What people type, and what it costs


@pytest.mark.parametrize("q", ["\0", "a\0b", "x" * 10_000, "%", "_", "\\", "' OR 1=1 --", "ﷺ" * 500, "   "])
def test_whatever_is_typed_is_answered(cast: Cast, q: str):
    for where in ({}, {"organization": "\0"}, {"space": "x" * 500}, {"space": cast.strange_space.pk}):
        response = as_(cast.owner).get(GO, {"q": q, **where}, headers=HTMX)
        assert response.status_code == 200
        assert "Far Away" not in response.text


def test_nothing_found_is_said(cast: Cast):
    page = Page(as_(cast.owner).get(GO, {"q": "no such thing"}, headers=HTMX))
    assert "Nothing matches." in page.words
    assert 'data-announce="0 results"' in page.html
    assert "listbox" not in page.html


@pytest.mark.parametrize("others", [1, 3])
def test_it_costs_the_same_however_many(cast: Cast, others: int, django_assert_num_queries):
    for _ in range(others):
        organization = organization_of(cast.owner)
        space = space_in(organization, cast.owner)
        newcomer = person("Newcomer")
        join(organization, cast.owner, newcomer)
        put_in(space, cast.owner, newcomer)
        theirs = organization_of(newcomer)
        join(theirs, newcomer, cast.owner)
        put_in(space_in(theirs, newcomer), newcomer, cast.owner)
    client = as_(cast.owner)
    client.get(GO)
    # Session, person; four for the Space one is in; two for where to look, four for what is found,
    # and two for how far to look for a single letter.
    for q, statements in (("newcomer", 12), ("e", 14)):
        with django_assert_num_queries(statements):
            client.get(GO, {"q": q, "space": cast.space.pk}, headers=HTMX)


# ---- Page and fragment


def test_the_fragment_is_a_listbox(cast: Cast):
    page = Page(as_(cast.owner).get(GO, {"q": "mall"}, headers=HTMX))
    assert page.is_fragment
    assert page.html.lstrip().startswith('<div id="palette-list" role="listbox"')
    assert page.html.count('role="option"') == 1


def test_without_javascript_it_is_a_page_of_links(cast: Cast):
    client = as_(cast.owner)
    home = Page(client.get(cast.space.get_absolute_url()))
    assert f'href="/go/?space={cast.space.pk}"' in home.html
    page = Page(client.get(GO, {"space": cast.space.pk, "q": "invite"}))
    assert page.links["Invite"] == reverse("invite", args=[cast.organization.pk])
    assert page.inputs["space"] == [cast.space.pk]
    assert "listbox" not in page.html
    assert page.menu == MANAGED


def test_the_sheet_of_shortcuts(cast: Cast):
    client = as_(cast.owner)
    page = Page(client.get("/shortcuts/", {"organization": cast.organization.pk}))
    assert "g m DailyWear Company: Membership" in page.words
    fragment = Page(client.get("/shortcuts/", headers=HTMX))
    assert fragment.is_fragment
    assert 'id="dialog-title"' in fragment.html


def test_strangers_to_the_site_are_sent_to_sign_in(client, db: None):
    for url in (GO, "/shortcuts/"):
        assert client.get(url).status_code == 302
