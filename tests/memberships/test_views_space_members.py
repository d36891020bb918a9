"""Space › Membership (rules §7)."""

import pytest
from django.urls import reverse

from memberships.models import SpaceMembership
from memberships.services.space_members import change_space_roles
from outbox.models import Email
from spaces.models import SpaceRole
from tests.cast import Cast, acting, join, person, put_in, role_named
from tests.pages import HTMX, Page, as_, notices


def list_url(cast: Cast) -> str:
    return reverse("space-membership", args=[cast.space.pk])


def add_url(cast: Cast) -> str:
    return reverse("space-member-add", args=[cast.space.pk])


def url(name: str, membership: SpaceMembership) -> str:
    return reverse(name, args=[membership.space_id, membership.pk])


def custom_role(cast: Cast, name: str = "Host", settings: tuple[str, ...] = ("SETTING_USER",)) -> SpaceRole:
    return SpaceRole.objects.create(
        organization=cast.organization,
        space=cast.space,
        name=name,
        settings=list(settings),
        created_by=cast.owner,
        updated_by=cast.owner,
    )


# ---- The list


def test_any_member_of_the_space_sees_who_is_in_it(cast: Cast):
    put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
    page = Page(as_(cast.member).get(list_url(cast)))
    assert [row[1] for row in page.rows] == ["Member", "Owner"]
    assert page.rows[0][2:6] == ["You", cast.member.email, "Editor", "Viewer"]
    assert page.menu == ["Overview", "Membership", "Roles & Permissions"]
    assert "Add" not in page.links
    assert "Change roles" not in page.words


def test_whoever_manages_it_finds_add_change_and_remove(cast: Cast):
    page = Page(as_(cast.admin).get(list_url(cast)))
    assert page.links["Add"] == add_url(cast)
    own = cast.space.memberships.get()
    assert page.links["Change roles"] == url("space-member-roles", own)
    assert page.links["Remove"] == url("space-member-remove", own)
    assert page.menu == ["Overview", "Membership", "Roles & Permissions", "Settings"]


def test_search_over_htmx(cast: Cast):
    put_in(cast.space, cast.owner, cast.member)
    page = Page(as_(cast.owner).get(list_url(cast), {"q": "MEMB"}, headers=HTMX))
    assert page.html.lstrip().startswith('<div id="space-member-list"')
    assert [row[1] for row in page.rows] == ["Member"]
    nobody = Page(as_(cast.owner).get(list_url(cast), {"q": "zzz"}))
    assert "No one matches" in nobody.words


@pytest.mark.parametrize("name", ["space-membership", "space-member-add"])
def test_strangers_and_members_elsewhere_find_nothing(cast: Cast, name: str):
    for user in (cast.stranger, cast.member):
        assert as_(user).get(reverse(name, args=[cast.space.pk])).status_code == 404


@pytest.mark.parametrize("name", ["space-member-roles", "space-member-remove"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_find_nothing_of_a_member(cast: Cast, name: str, method: str):
    own = cast.space.memberships.get()
    assert getattr(as_(cast.stranger), method)(url(name, own)).status_code == 404
    elsewhere = reverse(name, args=[cast.strange_space.pk, own.pk])
    assert getattr(as_(cast.stranger), method)(elsewhere).status_code == 404


@pytest.mark.parametrize("name", ["space-member-roles", "space-member-remove"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_does_not_manage_it_is_told_why_not(cast: Cast, name: str, method: str):
    put_in(cast.space, cast.owner, cast.member, "Editor")
    response = getattr(as_(cast.member), method)(url(name, cast.space.memberships.get(user=cast.owner)))
    assert (response.status_code, Page(response).codes) == (403, ["WGL403901"])


@pytest.mark.parametrize("others", [1, 3])
def test_the_list_costs_the_same_however_long(cast: Cast, others: int, django_assert_num_queries):
    for _ in range(others):
        put_in(cast.space, cast.owner, join(cast.organization, cast.owner, person("More")).user)
    client = as_(cast.owner)
    client.get(list_url(cast))
    with django_assert_num_queries(8):
        client.get(list_url(cast))
    with django_assert_num_queries(9):
        client.get(list_url(cast), {"q": "e"})


# ---- Adding


def test_organization_members_are_found_and_those_inside_are_marked(cast: Cast):
    response = as_(cast.owner).get(add_url(cast))
    page = Page(response)
    assert page.inputs["user"] == [cast.member.pk, cast.admin.pk]
    assert "Already in this Space" in page.words
    assert [str(row.user) for row in response.context["candidates"].people] == ["Member", "Admin", "Owner"]


def test_roles_are_explained(cast: Cast):
    custom_role(cast)
    page = Page(as_(cast.owner).get(add_url(cast)))
    assert (
        "Administrator Everything in this Space, its members and settings too. "
        "Editor Creates, edits and publishes content and media. "
        "Viewer Reads content and media, changes nothing. "
        "Host Can manage Membership."
    ) in page.words


def test_who_is_picked_stays_through_the_next_search(cast: Cast):
    response = as_(cast.owner).get(add_url(cast), {"q": "admin", "user": cast.member.pk}, headers=HTMX)
    page = Page(response)
    assert page.html.lstrip().startswith('<div id="candidates"')
    assert page.inputs["user"] == [cast.member.pk, cast.admin.pk]
    assert page.ticked["user"] == [cast.member.pk]


def test_the_protection_token_of_a_search_leaves_the_address(cast: Cast):
    response = as_(cast.owner).get(add_url(cast), {"q": "a", "csrfmiddlewaretoken": "secret"})
    assert (response.status_code, response["Location"]) == (302, f"{add_url(cast)}?q=a")


def test_nobody_found_leads_to_an_invitation_for_who_may(cast: Cast):
    page = Page(as_(cast.owner).get(add_url(cast), {"q": "new@example.com"}))
    assert "No one found for “new@example.com”: not yet an Organization member." in page.words
    assert (
        page.links["Invite them to the Organization"]
        == f"{reverse('invite', args=[cast.organization.pk])}?email=new%40example.com"
    )


def test_a_manager_by_role_searches_too_but_does_not_invite(cast: Cast):
    custom_role(cast)
    put_in(cast.space, cast.owner, cast.member, "Host")
    client = as_(cast.member)
    assert Page(client.get(add_url(cast), {"q": "admin"})).inputs["user"] == [cast.admin.pk]
    page = Page(client.get(add_url(cast), {"q": "new@example.com"}))
    assert "Ask an Owner or Admin to invite them first." in page.words
    assert "Invite them to the Organization" not in page.links


def test_people_of_other_organizations_are_as_if_they_did_not_exist(cast: Cast):
    page = Page(as_(cast.owner).get(add_url(cast), {"q": cast.stranger.email, "user": cast.stranger.pk}))
    assert "user" not in page.inputs


def test_several_are_assigned_with_several_roles(cast: Cast):
    roles = [role_named(cast.space, name).pk for name in ("Viewer", "Editor")]
    response = as_(cast.owner).post(add_url(cast), {"user": [cast.member.pk, cast.admin.pk], "roles": roles})
    assert (response.status_code, response["Location"]) == (302, list_url(cast))
    assert notices(response) == ["2 people added to Shopping Mall. Emails are on their way."]
    place = cast.space.memberships.get(user=cast.member)
    assert [role.name for role in place.held_roles] == ["Viewer", "Editor"]
    assert Email.objects.count() == 2


def test_from_a_members_spaces_it_leads_back_to_them(cast: Cast):
    """So that one after the other takes a person into several Spaces."""
    client, member = as_(cast.owner), cast.organization.memberships.get(user=cast.member)
    theirs = reverse("organization-member-spaces", args=[cast.organization.pk, member.pk])
    link = Page(client.get(theirs)).links[cast.space.name]
    assert link.startswith(add_url(cast))
    page = Page(client.get(link))
    assert page.links["Back"] == page.links["Cancel"] == theirs
    assert page.ticked["user"] == [cast.member.pk]
    picked = {"user": cast.member.pk, "roles": role_named(cast.space, "Viewer").pk}
    refused = Page(client.post(add_url(cast), {"user": cast.member.pk, "of": member.pk}))
    assert refused.inputs["of"] == [member.pk]
    assert client.post(add_url(cast), picked | {"of": member.pk})["Location"] == theirs


@pytest.mark.parametrize("of", ["", "//evil.example", "../../x", "x\0"])
def test_what_names_no_member_leads_back_to_the_space(cast: Cast, of: str):
    picked = {"user": cast.member.pk, "roles": role_named(cast.space, "Viewer").pk, "of": of}
    assert as_(cast.owner).post(add_url(cast), picked)["Location"] == list_url(cast)


def test_those_inside_already_and_strangers_are_left_alone_and_told_of(cast: Cast):
    role = role_named(cast.space, "Viewer").pk
    users = [cast.member.pk, cast.owner.pk, cast.stranger.pk]
    response = as_(cast.owner).post(add_url(cast), {"user": users, "roles": role})
    assert notices(response) == [
        "1 person added to Shopping Mall. An email is on its way.",
        "1 person is already in this Space. Nothing changed for them.",
        "1 person is not yet an Organization member. Invite them first.",
    ]


def test_when_nobody_was_assigned_the_form_says_why(cast: Cast):
    role = role_named(cast.space, "Viewer").pk
    page = Page(as_(cast.owner).post(add_url(cast), {"user": cast.owner.pk, "roles": role}))
    assert page.status == 422
    assert "1 person is already in this Space. Nothing changed for them." in page.words
    assert page.ticked["roles"] == [role]


def test_without_people_or_roles(cast: Cast):
    page = Page(as_(cast.owner).post(add_url(cast), {"q": "adm"}))
    assert page.status == 422
    assert "Select at least one member." in page.words
    assert "Choose 1 to 3 roles." in page.words
    assert page.inputs["user"] == [cast.admin.pk]


def test_a_manager_by_role_gives_no_more_than_they_hold(cast: Cast):
    custom_role(cast)
    put_in(cast.space, cast.owner, cast.member, "Host")
    client = as_(cast.member)
    assert client.get(add_url(cast)).context["form"].fields["roles"].choices[0][1] == "Host"
    administrator = role_named(cast.space, "Administrator").pk
    response = client.post(add_url(cast), {"user": cast.admin.pk, "roles": administrator})
    assert (response.status_code, Page(response).codes) == (422, ["WGL422001"])


@pytest.mark.parametrize("others", [1, 3])
def test_the_search_costs_the_same_however_many(cast: Cast, others: int, django_assert_num_queries):
    for _ in range(others):
        join(cast.organization, cast.owner, person("More"))
    client = as_(cast.owner)
    client.get(add_url(cast))
    with django_assert_num_queries(9):
        client.get(add_url(cast))
    with django_assert_num_queries(10):
        client.get(add_url(cast), {"user": cast.member.pk, "q": "more"})


# ---- Changing roles


def test_other_roles_are_saved(cast: Cast):
    place = put_in(cast.space, cast.owner, cast.member, "Editor")
    client = as_(cast.owner)
    address = url("space-member-roles", place)
    page = Page(client.get(address, headers=HTMX))
    assert page.ticked["roles"] == [role_named(cast.space, "Editor").pk]
    viewer = role_named(cast.space, "Viewer").pk
    response = client.post(address, {"roles": viewer, "version": 1}, headers=HTMX)
    assert response["HX-Retarget"] == "#space-member-list"
    assert Page(response).rows[0][3] == "Viewer"
    assert client.post(address, {"roles": viewer, "version": 2})["Location"] == list_url(cast)


@pytest.mark.parametrize("name", ["space-member-roles", "space-member-remove"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("roles", [["Editor"], ["Administrator"], ["Host", "Editor"]])
def test_a_manager_by_role_takes_away_no_more_than_they_hold(
    cast: Cast, name: str, method: str, headers: dict[str, str], roles: list[str]
):
    host = custom_role(cast)
    put_in(cast.space, cast.owner, cast.member, "Host")
    place = put_in(cast.space, cast.owner, cast.admin, *roles)
    sent = {"roles": host.pk, "version": 7} if method == "post" else {}
    response = getattr(as_(cast.member), method)(url(name, place), sent, headers=headers)
    assert (response.status_code, Page(response).codes) == (403, ["WGL403901"])
    assert [role.name for role in cast.space.memberships.get(pk=place.pk).held_roles] == roles


def test_a_manager_by_role_has_controls_only_where_they_work(cast: Cast):
    custom_role(cast)
    own = put_in(cast.space, cast.owner, cast.member, "Host")
    another = join(cast.organization, cast.owner, person("Another")).user
    theirs = put_in(cast.space, cast.owner, another, "Host")
    above = put_in(cast.space, cast.owner, cast.admin, "Host", "Viewer")
    html = Page(as_(cast.member).get(list_url(cast))).html
    for place in (own, theirs):
        assert url("space-member-roles", place) in html
        assert url("space-member-remove", place) in html
    for place in (above, cast.space.memberships.get(user=cast.owner)):
        assert f'id="member-{place.pk}"' in html
        assert url("space-member-roles", place) not in html
        assert url("space-member-remove", place) not in html


def test_a_manager_by_role_leaves_by_themselves(cast: Cast):
    custom_role(cast)
    own = put_in(cast.space, cast.owner, cast.member, "Host", "Viewer")
    assert as_(cast.member).get(url("space-member-remove", own)).status_code == 200
    assert as_(cast.member).post(url("space-member-remove", own)).status_code == 302
    assert not cast.space.memberships.filter(pk=own.pk).exists()


def test_stale_roles_say_who_changed_what_and_a_second_save_applies_them(cast: Cast):
    place = put_in(cast.space, cast.owner, cast.member, "Editor")
    viewer, administrator = (role_named(cast.space, name).pk for name in ("Viewer", "Administrator"))
    change_space_roles(actor=acting(cast.admin), membership=place, role_ids=[viewer], expected_version=1)
    client = as_(cast.owner)
    page = Page(client.post(url("space-member-roles", place), {"roles": administrator, "version": 1}))
    assert (page.status, page.codes) == (409, ["WGL409005"])
    assert "Admin changed this in the meantime." in page.words
    assert "Roles: “Editor” became “Viewer”." in page.words
    assert (page.ticked["roles"], page.inputs["version"]) == ([administrator], ["2"])
    client.post(url("space-member-roles", place), {"roles": administrator, "version": 2})
    assert [role.name for role in cast.space.memberships.get(pk=place.pk).held_roles] == ["Administrator"]


@pytest.mark.parametrize("roles", [[], ["no such role"]])
def test_roles_that_are_none(cast: Cast, roles: list[str]):
    place = put_in(cast.space, cast.owner, cast.member)
    response = as_(cast.owner).post(
        url("space-member-roles", place), {"roles": roles, "version": 1}, headers=HTMX
    )
    assert (response.status_code, response["HX-Retarget"]) == (422, "#dialog")


# ---- Removing


def test_removing_from_this_space_only(cast: Cast):
    place = put_in(cast.space, cast.owner, cast.member)
    client = as_(cast.owner)
    page = Page(client.get(url("space-member-remove", place), headers=HTMX))
    assert "Remove Member from Shopping Mall?" in page.words
    assert "Roles they lose: Editor" in page.words
    response = client.post(url("space-member-remove", place), headers=HTMX)
    assert [row[1] for row in Page(response).rows] == ["Owner"]
    assert "1 of 1" in Page(response).words
    assert "Member was removed from Shopping Mall. They get an email about it." in Page(response).words
    assert cast.organization.memberships.filter(user=cast.member).exists()


def test_the_last_administrator_of_a_space_is_told_of(cast: Cast):
    own = cast.space.memberships.get(user=cast.owner)
    page = Page(as_(cast.owner).get(url("space-member-remove", own)))
    assert "This Space will have no Administrator." in page.words


def test_who_removes_themselves_lands_where_they_may_be(cast: Cast):
    place = put_in(cast.space, cast.owner, cast.member, "Administrator")
    response = as_(cast.member).post(url("space-member-remove", place))
    assert (response.status_code, response["Location"]) == (302, cast.organization.get_absolute_url())
