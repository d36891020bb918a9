"""A Space: overview and settings (rules §6)."""

import pytest
from django.urls import reverse

from spaces.models import Space, SpaceRole
from spaces.services import update_space
from tests.cast import Cast, acting, put_in
from tests.pages import HTMX, Page, as_, notices


def url(name: str, cast: Cast) -> str:
    return reverse(name, args=[cast.space.pk])


@pytest.mark.parametrize("name", ["space", "space-settings", "space-delete"])
def test_strangers_and_members_elsewhere_find_nothing(cast: Cast, name: str):
    for user in (cast.stranger, cast.member):
        assert as_(user).get(url(name, cast)).status_code == 404
        posted = as_(user).post(url(name, cast), {"name": "x", "version": 1})
        assert posted.status_code == (405 if name == "space" else 404)


@pytest.mark.parametrize("name", ["space-settings", "space-delete"])
def test_a_plain_space_member_is_told_why_not(cast: Cast, name: str):
    put_in(cast.space, cast.owner, cast.member, "Editor")
    response = as_(cast.member).get(url(name, cast))
    assert (response.status_code, Page(response).codes) == (403, ["WGL403901"])


def test_the_overview_tells_what_one_is_here(cast: Cast):
    put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
    page = Page(as_(cast.member).get(url("space", cast)))
    assert "Your roles Editor Viewer Members 2 members" in page.words
    assert cast.space.pk in page.words
    assert page.menu == ["Overview", "Membership", "Roles & Permissions"]
    manager = Page(as_(cast.admin).get(url("space", cast)))
    assert "None. You manage this Space as Admin of the Organization but aren't a member." in manager.words
    assert manager.menu == ["Overview", "Membership", "Roles & Permissions", "Settings"]


def test_the_overview_costs(cast: Cast, django_assert_num_queries):
    client = as_(cast.owner)
    client.get(url("space", cast))
    with django_assert_num_queries(6):
        client.get(url("space", cast))


def test_the_name_is_saved(cast: Cast):
    response = as_(cast.admin).post(url("space-settings", cast), {"name": "Mall", "version": 1}, headers=HTMX)
    assert response["HX-Redirect"] == url("space-settings", cast)
    assert notices(response) == ["Saved."]
    cast.space.refresh_from_db()
    assert (cast.space.name, cast.space.version) == ("Mall", 2)


def test_a_space_needs_a_name(cast: Cast):
    response = as_(cast.owner).post(url("space-settings", cast), {"name": " ", "version": 1})
    assert response.status_code == 422


def test_a_stale_form_keeps_what_was_typed(cast: Cast):
    update_space(actor=acting(cast.admin), space=cast.space, name="Theirs", expected_version=1)
    client = as_(cast.owner)
    page = Page(client.post(url("space-settings", cast), {"name": "Mine", "version": 1}))
    assert (page.status, page.codes) == (409, ["WGL409005"])
    assert "Name: “Shopping Mall” became “Theirs”." in page.words
    assert (page.inputs["name"], page.inputs["version"]) == (["Mine"], ["2"])
    assert client.post(url("space-settings", cast), {"name": "Mine", "version": 2}).status_code == 302


def test_with_setting_general_one_renames_but_does_not_delete(cast: Cast):
    role = SpaceRole.objects.create(
        organization=cast.organization,
        space=cast.space,
        name="Keeper",
        settings=["SETTING_GENERAL"],
        created_by=cast.owner,
        updated_by=cast.owner,
    )
    put_in(cast.space, cast.owner, cast.member, role.name)
    client = as_(cast.member)
    assert "Delete" not in Page(client.get(url("space-settings", cast))).words
    assert client.post(url("space-settings", cast), {"name": "Mall", "version": 1}).status_code == 302
    assert client.post(url("space-delete", cast), {"name": "Mall"}).status_code == 403


def test_deleting_wants_the_name_typed(cast: Cast):
    client = as_(cast.admin)
    dialog = Page(client.get(url("space-delete", cast), headers=HTMX))
    assert dialog.is_fragment
    wrong = client.post(url("space-delete", cast), {"name": "shopping mall"}, headers=HTMX)
    assert (wrong.status_code, Page(wrong).is_fragment) == (422, True)
    response = client.post(url("space-delete", cast), {"name": "Shopping Mall"})
    assert (response.status_code, response["Location"]) == (302, cast.organization.get_absolute_url())
    assert notices(response) == ["Shopping Mall is deleted."]
    assert not Space.objects.filter(pk=cast.space.pk).exists()
