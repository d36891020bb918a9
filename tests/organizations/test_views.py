"""Organizations: the list, the switcher, the Organization screen, settings (rules §3, §4)."""

import pytest
from django.urls import reverse

from memberships.models import Role
from organizations.models import Organization
from organizations.services import update_organization
from spaces.models import Space
from spaces.services import delete_space
from tests.cast import Cast, acting, join, organization_of, person, put_in, space_in
from tests.pages import HTMX, Page, as_, notices


def url(name: str, cast: Cast) -> str:
    return reverse(name, args=[cast.organization.pk])


SCREENS = ["organization", "space-create", "organization-settings", "organization-delete"]


@pytest.mark.parametrize("name", SCREENS)
def test_a_stranger_finds_nothing(cast: Cast, name: str):
    assert as_(cast.stranger).get(url(name, cast)).status_code == 404
    response = as_(cast.stranger).post(url(name, cast), {"name": "x", "version": 1})
    assert response.status_code == (405 if name == "organization" else 404)


@pytest.mark.parametrize("name", SCREENS[1:])
def test_a_member_is_told_why_not(cast: Cast, name: str):
    for method in ("get", "post"):
        response = getattr(as_(cast.member), method)(url(name, cast))
        assert (response.status_code, Page(response).codes) == (403, ["WGL403901"])


# ---- List and switcher


def test_whoever_is_in_no_organization_may_create_one(db: None):
    page = Page(as_(person("New")).get(reverse("organization-list")))
    assert "You are not in any Organization yet" in page.words
    assert page.links["Create Organization"] == reverse("organization-create")


def test_the_list_shows_the_spaces_one_sees(cast: Cast):
    news = space_in(cast.organization, cast.owner, "News")
    put_in(news, cast.owner, cast.member)
    page = Page(as_(cast.member).get(reverse("organization-list")))
    assert (page.links["News"], "Shopping Mall" in page.links) == (news.get_absolute_url(), False)
    assert "Far Away" not in page.words
    assert "Shopping Mall" in Page(as_(cast.admin).get(reverse("organization-list"))).links


def test_the_switcher_searches_once_there_are_many(cast: Cast):
    client = as_(cast.owner)
    assert "switcher-search" not in client.get(reverse("switcher"), headers=HTMX).text
    for number in range(8):
        space_in(organization_of(cast.owner, f"Company {number}"), cast.owner, f"Place {number}")
    assert "switcher-search" in client.get(reverse("switcher"), headers=HTMX).text
    page = Page(client.get(reverse("switcher"), {"q": "place 3"}, headers=HTMX))
    assert page.html.lstrip().startswith('<div id="switcher-list"')
    assert list(page.links) == ["C", "Company 3", "Place 3"]
    assert list(Page(client.get(reverse("switcher"), {"q": "company 3"}, headers=HTMX)).links) == [
        *("C", "Company 3", "Place 3")
    ]


def test_without_htmx_the_switcher_is_the_list(cast: Cast):
    response = as_(cast.owner).get(reverse("switcher"))
    assert (response.status_code, response["Location"]) == (302, reverse("organization-list"))


@pytest.mark.parametrize("others", [1, 3])
def test_list_and_switcher_cost_the_same_however_many(cast: Cast, others: int, django_assert_num_queries):
    for _ in range(others):
        space_in(organization_of(cast.owner), cast.owner)
    client = as_(cast.owner)
    client.get(reverse("organization-list"))
    for name in ("organization-list", "switcher"):
        with django_assert_num_queries(4):
            client.get(reverse(name), headers=HTMX)


# ---- Creating


def test_creating_an_organization(db: None):
    user = person("New")
    client = as_(user)
    response = client.post(reverse("organization-create"), {"name": " Hanok ", "description": "Home goods"})
    organization = Organization.objects.get()
    assert (response.status_code, response["Location"]) == (302, organization.get_absolute_url())
    assert (organization.name, organization.description) == ("Hanok", "Home goods")
    assert organization.memberships.get().role == Role.OWNER


@pytest.mark.parametrize("name", ["", "   ", "x" * 65])
def test_an_organization_needs_a_fitting_name(db: None, name: str):
    client = as_(person("New"))
    address = reverse("organization-create")
    response = client.post(address, {"name": name, "description": "kept"}, headers=HTMX)
    page = Page(response)
    assert (page.status, page.inputs["description"]) == (422, ["kept"])
    assert 'id="id_name_error"' in page.html
    assert not Organization.objects.exists()


# ---- The Organization screen


def test_owner_and_admin_see_every_space_and_a_member_their_own(cast: Cast):
    news = space_in(cast.organization, cast.owner, "News")
    put_in(news, cast.owner, cast.member, "Viewer")
    told = {
        user: [(row.space.name, row.roles and [str(role) for role in row.roles]) for row in rows]
        for user in (cast.owner, cast.admin, cast.member)
        for rows in [as_(user).get(url("organization", cast)).context["spaces"].rows]
    }
    assert told == {
        cast.owner: [("Shopping Mall", ["Administrator"]), ("News", ["Administrator"])],
        cast.admin: [("Shopping Mall", None), ("News", None)],
        cast.member: [("News", ["Viewer"])],
    }


def test_the_menu_holds_what_ones_role_allows(cast: Cast):
    menus = {
        user: Page(as_(user).get(url("organization", cast))).menu
        for user in (cast.owner, cast.admin, cast.member)
    }
    full = ["Spaces", "Membership", "Settings"]
    assert menus == {cast.owner: full, cast.admin: full, cast.member: ["Spaces"]}


def test_empty_screens_name_the_next_step(cast: Cast):
    assert "You aren't in any Space yet" in Page(as_(cast.member).get(url("organization", cast))).words
    delete_space(actor=acting(cast.owner), space=cast.space)
    page = Page(as_(cast.owner).get(url("organization", cast)))
    assert "No Space yet" in page.words
    assert page.links["Create Space"] == url("space-create", cast)


def test_everyone_may_leave_but_the_last_owner(cast: Cast):
    leave = url("organization-leave", cast)
    assert Page(as_(cast.member).get(url("organization", cast))).links["Leave"] == leave
    page = Page(as_(cast.owner).get(url("organization", cast)))
    assert "Leave" not in page.links
    assert "You're the last Owner. Make someone else an Owner first." in page.words


def test_the_last_place_is_remembered(cast: Cast):
    client = as_(cast.owner)
    client.get(url("organization", cast))
    assert client.get("/")["Location"] == cast.organization.get_absolute_url()
    client.get(reverse("space-membership", args=[cast.space.pk]))
    assert client.get("/")["Location"] == cast.space.get_absolute_url()


@pytest.mark.parametrize("others", [1, 3])
def test_the_screen_costs_the_same_however_many_spaces(cast: Cast, others: int, django_assert_num_queries):
    for _ in range(others):
        space_in(cast.organization, cast.owner)
    client = as_(cast.owner)
    client.get(url("organization", cast))
    with django_assert_num_queries(7):
        client.get(url("organization", cast))


def test_creating_a_space(cast: Cast):
    client = as_(cast.admin)
    assert client.get(url("space-create", cast)).status_code == 200
    response = client.post(url("space-create", cast), {"name": "News"}, headers=HTMX)
    space = Space.objects.get(name="News")
    assert response["HX-Redirect"] == space.get_absolute_url()
    refused = client.post(url("space-create", cast), {"name": ""}, headers=HTMX)
    assert (refused.status_code, Page(refused).is_fragment) == (422, True)


# ---- Settings


def test_settings_are_saved(cast: Cast):
    client = as_(cast.admin)
    page = Page(client.get(url("organization-settings", cast)))
    assert page.inputs["name"] == ["DailyWear Company"]
    assert cast.organization.pk in page.words
    response = client.post(
        url("organization-settings", cast), {"name": "DailyWear", "description": "Clothes", "version": 1}
    )
    assert (response.status_code, response["Location"]) == (302, url("organization-settings", cast))
    assert notices(response) == ["Saved."]
    cast.organization.refresh_from_db()
    assert (cast.organization.name, cast.organization.version) == ("DailyWear", 2)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_stale_form_keeps_what_was_typed_and_can_be_saved_again(cast: Cast, headers: dict[str, str]):
    update_organization(
        actor=acting(cast.admin),
        organization=cast.organization,
        name="Theirs",
        description="",
        expected_version=1,
    )
    client = as_(cast.owner)
    typed = {"name": "Mine", "description": "kept", "version": 1}
    page = Page(client.post(url("organization-settings", cast), typed, headers=headers))
    assert (page.status, page.codes, page.is_fragment) == (409, ["WGL409005"], bool(headers))
    assert "Admin changed this in the meantime." in page.words
    assert "Name: “DailyWear Company” became “Theirs”." in page.words
    assert (page.inputs["name"], page.inputs["description"]) == (["Mine"], ["kept"])
    assert page.inputs["version"] == ["2"]
    assert client.post(url("organization-settings", cast), typed | {"version": 2}).status_code == 302


@pytest.mark.parametrize("version", ["", "x", "0"])
def test_settings_need_a_version(cast: Cast, version: str):
    response = as_(cast.owner).post(url("organization-settings", cast), {"name": "x", "version": version})
    assert response.status_code == 422


def test_the_spaces_that_block_deleting_are_listed(cast: Cast):
    page = Page(as_(cast.owner).get(url("organization-settings", cast)))
    assert page.links["Shopping Mall"] == reverse("space-settings", args=[cast.space.pk])
    assert "1 Space is still here. Delete it first." in page.words
    assert "Delete Organization" not in page.links


def test_an_admin_finds_no_way_to_delete(cast: Cast):
    assert "Delete" not in Page(as_(cast.admin).get(url("organization-settings", cast))).words
    assert as_(cast.admin).get(url("organization-delete", cast)).status_code == 403


def test_deleting_wants_the_name_typed(cast: Cast):
    delete_space(actor=acting(cast.owner), space=cast.space)
    client = as_(cast.owner)
    settings = Page(client.get(url("organization-settings", cast)))
    assert settings.links["Delete Organization"] == url("organization-delete", cast)
    wrong = Page(client.post(url("organization-delete", cast), {"name": "dailywear company"}))
    assert wrong.status == 422
    assert "The name doesn't match." in wrong.words
    response = client.post(url("organization-delete", cast), {"name": " DailyWear Company "})
    assert (response.status_code, response["Location"]) == (302, reverse("organization-list"))
    assert not Organization.objects.filter(pk=cast.organization.pk).exists()


def test_with_a_space_left_deleting_is_refused(cast: Cast):
    response = as_(cast.owner).post(url("organization-delete", cast), {"name": "DailyWear Company"})
    page = Page(response)
    assert (page.status, page.codes) == (422, ["WGL422024"])
    assert page.links["Shopping Mall"] == reverse("space-settings", args=[cast.space.pk])


def test_pages_of_spaces(cast: Cast, settings):
    settings.PAGE_SIZE = 1
    space_in(cast.organization, cast.owner, "News")
    client = as_(cast.owner)
    first = client.get(url("organization", cast))
    second = client.get(url("organization", cast) + Page(first).links["Next"], headers=HTMX)
    assert Page(second).html.lstrip().startswith('<div id="space-list"')
    assert [row.space.name for row in second.context["spaces"].rows] == ["News"]


def test_a_new_owner_frees_the_old_one(cast: Cast):
    join(cast.organization, cast.owner, person("Second"), Role.OWNER)
    assert "Leave" in Page(as_(cast.owner).get(url("organization", cast))).links
