"""Organization › Membership › Invite (rules §5)."""

from urllib.parse import quote

import pytest
from django.urls import reverse

from accounts.models import User
from memberships.models import OrganizationMembership, Role, SpaceMembership
from outbox.models import Email
from spaces.services import delete_space
from tests.cast import Cast, acting, role_named, space_in
from tests.pages import HTMX, Page, as_, notices


def url(cast: Cast) -> str:
    return reverse("invite", args=[cast.organization.pk])


def members(cast: Cast) -> set[str]:
    memberships = OrganizationMembership.objects.filter(organization=cast.organization)
    return set(memberships.values_list("user__email", flat=True))


@pytest.mark.parametrize(
    ("role", "offered"),
    [(Role.OWNER, ["OWNER", "ADMIN", "MEMBER"]), (Role.ADMIN, ["ADMIN", "MEMBER"])],
)
def test_the_roles_one_may_give_are_offered_and_member_is_chosen(cast: Cast, role: Role, offered: list[str]):
    page = Page(as_(cast.by_role(role)).get(url(cast)))
    assert page.inputs["role"] == offered
    assert page.ticked["role"] == ["MEMBER"]


def test_an_address_in_the_link_is_filled_in(cast: Cast):
    page = Page(as_(cast.owner).get(url(cast), {"email": "a@example.com"}))
    assert page.inputs["emails"] == ["a@example.com"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("minji.kim@example.com", "1 person invited. They are a member now, and an email is on its way."),
        (
            "a@example.com, b@example.com\nC <c@example.com>",
            "3 people invited. They are members now, and emails are on their way.",
        ),
    ],
)
def test_all_invited_leads_back_to_the_list(cast: Cast, typed: str, told: str):
    response = as_(cast.owner).post(url(cast), {"emails": typed, "role": "MEMBER"})
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("organization-membership", args=[cast.organization.pk]),
    )
    assert notices(response) == [told]
    assert Email.objects.count() == told.count("@") + int(told[0])


def test_over_htmx_it_leads_back_too(cast: Cast):
    response = as_(cast.owner).post(url(cast), {"emails": "a@example.com", "role": "ADMIN"}, headers=HTMX)
    assert response["HX-Redirect"] == reverse("organization-membership", args=[cast.organization.pk])
    assert OrganizationMembership.objects.get(user__email="a@example.com").role == Role.ADMIN


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_in_part_tells_of_each_and_keeps_the_faulty_ones(cast: Cast, headers: dict[str, str]):
    typed = f"new@example.com, {cast.member.email}, broken@, NEW@example.com"
    response = as_(cast.owner).post(url(cast), {"emails": typed, "role": "MEMBER"}, headers=headers)
    page = Page(response)
    assert page.status == 200
    assert page.is_fragment == bool(headers)
    assert page.inputs["emails"] == ["broken@\nNEW@example.com"]
    assert "1 person invited" in page.words
    assert "1 person is already a member" in page.words
    assert "Check 2 addresses" in page.words
    assert "broken@ The address needs a name, an @ and a domain." in page.words
    assert "NEW@example.com Listed twice." in page.words
    listed = reverse("organization-membership", args=[cast.organization.pk])
    assert page.links["Show in the list"] == f"{listed}?q={quote(cast.member.email)}"
    assert page.links["Add to a Space"] == reverse(
        "organization-member-spaces", args=[cast.organization.pk, cast.memberships[Role.MEMBER].pk]
    )
    assert "new@example.com" in members(cast)


def test_an_address_that_is_a_member_changes_nothing(cast: Cast):
    response = as_(cast.owner).post(url(cast), {"emails": cast.member.email.upper(), "role": "ADMIN"})
    page = Page(response)
    assert (page.status, page.codes) == (422, ["WGL409901"])
    assert "1 person is already a member" in page.words
    assert page.inputs["emails"] == [""]
    assert cast.memberships[Role.MEMBER].version == 1
    assert not Email.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_rows_of_a_spreadsheet(cast: Cast, headers: dict[str, str]):
    rows = "Name\tEmail\tRole\nAna Ruiz\tana@example.com\tEditor\nCem\t'cem@example.com\tViewer"
    page = Page(as_(cast.owner).post(url(cast), {"emails": rows, "role": "MEMBER"}, headers=headers))
    assert page.status == 200
    assert page.inputs["emails"] == ["'cem@example.com"]
    assert "8 words of your table were left out because they aren't email addresses." in page.words
    assert (
        "'cem@example.com The address has a quotation mark at one end. Did you mean cem@example.com?"
        in page.words
    )
    assert "ana@example.com" in members(cast)
    assert "cem@example.com" not in members(cast)
    row = "Cem\tcem@example.com"
    response = as_(cast.owner).post(url(cast), {"emails": row, "role": "MEMBER"})
    assert notices(response) == [
        (
            "1 person invited. They are a member now, and an email is on its way. "
            "1 word of your table was left out because it isn't an email address."
        )
    ]


@pytest.mark.parametrize("typed", ["", "  ,; \n"])
def test_nothing_typed(cast: Cast, typed: str):
    page = Page(as_(cast.owner).post(url(cast), {"emails": typed, "role": "MEMBER"}))
    assert page.status == 422
    assert "Type at least one email address." in page.words


def test_addresses_times_spaces_are_limited_and_the_text_stays(cast: Cast):
    spaces = [cast.space, *(space_in(cast.organization, cast.owner, f"Space {n}") for n in range(2))]
    roles = {f"roles-{space.pk}": role_named(space, "Editor").pk for space in spaces}
    typed = " ".join(f"a{number}@example.com" for number in range(6_667))
    page = Page(as_(cast.owner).post(url(cast), {"emails": typed, "role": "MEMBER", **roles}))
    assert page.status == 422
    assert "more than 20,000" in page.words
    assert page.inputs["emails"] == [typed]
    assert User.objects.count() == 4


def test_ten_thousand_at_most_and_the_text_stays(cast: Cast):
    typed = " ".join(f"a{number}@example.com" for number in range(10_001))
    page = Page(as_(cast.owner).post(url(cast), {"emails": typed, "role": "MEMBER"}))
    assert page.status == 422
    assert "These are 10,001 addresses; at most 10,000 can be invited at a time." in page.words
    assert page.inputs["emails"] == [typed]
    assert User.objects.count() == 4


def test_spaces_and_roles_come_along(cast: Cast):
    news = space_in(cast.organization, cast.owner, "News")
    roles = [role_named(news, name).pk for name in ("Editor", "Viewer")]
    as_(cast.owner).post(url(cast), {"emails": "a@example.com", "role": "MEMBER", f"roles-{news.pk}": roles})
    place = SpaceMembership.objects.get(user__email="a@example.com")
    assert (place.space, [role.name for role in place.held_roles]) == (news, ["Editor", "Viewer"])


def test_more_than_three_roles_are_refused_by_the_space(cast: Cast):
    roles = [*cast.space.space_roles.values_list("pk", flat=True), "four"]
    page = Page(
        as_(cast.owner).post(
            url(cast), {"emails": "a@example.com", "role": "MEMBER", f"roles-{cast.space.pk}": roles}
        )
    )
    assert page.status == 422
    assert "Choose no more than 3 roles." in page.words
    assert page.inputs["emails"] == ["a@example.com"]


def test_a_space_deleted_meanwhile_is_told_of(cast: Cast):
    news = space_in(cast.organization, cast.owner, "News")
    role = role_named(news, "Editor").pk
    delete_space(actor=acting(cast.owner), space=news)
    response = as_(cast.owner).post(
        url(cast), {"emails": "a@example.com", "role": "MEMBER", f"roles-{news.pk}": role}
    )
    assert (response.status_code, Page(response).codes) == (422, ["WGL422904"])
    assert "a@example.com" not in members(cast)


def test_an_admin_cannot_invite_an_owner(cast: Cast):
    response = as_(cast.admin).post(url(cast), {"emails": "a@example.com", "role": "OWNER"})
    page = Page(response)
    assert (page.status, page.codes) == (422, ["WGL422001"])
    assert page.inputs["emails"] == ["a@example.com"]


def test_the_spaces_can_be_searched_and_what_is_ticked_stays(cast: Cast):
    news = space_in(cast.organization, cast.owner, "News")
    role = role_named(news, "Editor").pk
    response = as_(cast.owner).get(url(cast), {"space": "mall", f"roles-{news.pk}": role}, headers=HTMX)
    page = Page(response)
    assert page.html.lstrip().startswith('<div class="stack tight" id="space-choices"')
    assert [choice.space.name for choice in response.context["form"].spaces] == ["Shopping Mall", "News"]
    assert page.ticked == {f"roles-{news.pk}": [role]}


def test_a_member_may_not(cast: Cast):
    client = as_(cast.member)
    assert client.get(url(cast)).status_code == 403
    assert client.post(url(cast), {"emails": "a@example.com", "role": "MEMBER"}).status_code == 403


def test_a_stranger_finds_nothing(cast: Cast):
    client = as_(cast.stranger)
    assert client.get(url(cast)).status_code == 404
    assert client.post(url(cast), {"emails": "a@example.com", "role": "MEMBER"}).status_code == 404


@pytest.mark.parametrize("others", [1, 3])
def test_the_screen_costs_the_same_however_many_spaces(cast: Cast, others: int, django_assert_num_queries):
    for number in range(others):
        space_in(cast.organization, cast.owner, f"Space {number}")
    client = as_(cast.owner)
    client.get(url(cast))
    with django_assert_num_queries(5):
        client.get(url(cast))
