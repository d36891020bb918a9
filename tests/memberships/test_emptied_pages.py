"""A page of which all rows are gone shows the page before it, search and filter kept (console.md)."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from common.errors import InvalidParameter
from common.pagination import OLDEST_FIRST, paginate
from memberships.models import OrganizationMembership, Role, SpaceMembership
from organizations.models import Organization
from spaces.models import Space
from spaces.services import delete_space
from tests.cast import Cast, acting, fresh, join, person, put_in, space_in
from tests.pages import HTMX, Page, as_

EMPTY = ("No one matches", "Nobody is in this Space yet", "Nobody on this page any more", "No Space yet")


@pytest.fixture(autouse=True)
def pages_of_two(settings) -> None:
    settings.PAGE_SIZE = 2


def last_page(client: Client, address: str) -> str:
    """The address of the last page of a list."""
    links = Page(client.get(address)).links
    while "Next" in links:
        address = address.partition("?")[0] + links["Next"]
        links = Page(client.get(address)).links
    return address


def shown(page: Page) -> list[str]:
    assert not any(words in page.words for words in EMPTY)
    return [row[0] for row in page.rows[1:]]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("query", [{}, {"q": "crowd"}, {"role": "MEMBER"}, {"q": "crowd", "role": "MEMBER"}])
def test_members_of_the_organization(cast: Cast, query: dict[str, str], headers: dict[str, str]) -> None:
    for _ in range(4):
        join(cast.organization, cast.owner, person("Crowd"))
    # Those who cannot be removed are on the first page.
    staying = OrganizationMembership.objects.filter(organization=cast.organization).exclude(role=Role.MEMBER)
    staying.update(created_at="2999-01-01T00:00:00Z")
    client, address = as_(cast.owner), reverse("organization-membership", args=[cast.organization.pk])
    last = last_page(client, f"{address}?{urlencode(query)}")
    for membership in [row.membership for row in client.get(last).context["rows"]]:
        kept = last.partition("?")[2]
        url = reverse("organization-member-remove", args=[cast.organization.pk, membership.pk])
        response = client.post(f"{url}?{kept}", headers=headers, follow=True)

    page = Page(response)
    assert shown(page)
    found = [row.membership for row in response.context["rows"]]
    rest = OrganizationMembership.objects.filter(organization=cast.organization).order_by("-created_at", "-id")
    rest = rest.filter(role=query["role"]) if "role" in query else rest
    rest = rest.filter(search__contains=query["q"]) if "q" in query else rest
    assert found == list(rest)[-2:]
    assert "Next" not in page.links
    if len(rest) > 2:
        assert all(f"{name}={value}" in page.links["Previous"] for name, value in query.items())
    reloaded = client.get(last).context["rows"]
    assert [row.membership for row in reloaded] == found


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("query", ["", "q=crowd"])
def test_members_of_a_space(cast: Cast, query: str, headers: dict[str, str]) -> None:
    for _ in range(4):
        user = person("Crowd")
        join(cast.organization, cast.owner, user)
        put_in(cast.space, cast.owner, user)
    if not query:
        SpaceMembership.objects.filter(user=cast.owner).update(created_at="2999-01-01T00:00:00Z")
    client, address = as_(cast.owner), reverse("space-membership", args=[cast.space.pk])
    last = last_page(client, f"{address}?{query}")
    removed = [row.membership for row in client.get(last).context["members"].rows]
    for membership in removed:
        url = reverse("space-member-remove", args=[cast.space.pk, membership.pk])
        response = client.post(f"{url}?{last.partition('?')[2]}", headers=headers, follow=True)

    page = Page(response)
    rest = SpaceMembership.objects.filter(space=cast.space).order_by("-created_at", "-id")
    rest = rest.filter(search__contains="crowd") if query else rest
    assert [row.membership for row in response.context["members"].rows] == list(rest)[-2:]
    assert shown(page)
    assert query in page.links.get("Previous", query)


def test_spaces(cast: Cast) -> None:
    spaces = [cast.space, *(space_in(cast.organization, cast.owner, f"Space {n}") for n in range(3))]
    client = as_(cast.owner)
    last = last_page(client, reverse("organization", args=[cast.organization.pk]))
    for space in spaces[2:]:
        delete_space(actor=acting(cast.owner), space=fresh(space))
    response = client.get(last)
    assert [row.space for row in response.context["spaces"].rows] == spaces[:2]


def test_a_search_that_finds_nobody_any_more_says_so(cast: Cast) -> None:
    for _ in range(3):
        join(cast.organization, cast.owner, person("Crowd"))
    client, address = as_(cast.owner), reverse("organization-membership", args=[cast.organization.pk])
    last = last_page(client, f"{address}?q=crowd")
    OrganizationMembership.objects.filter(search__contains="crowd").delete()
    page = Page(client.get(last))
    assert "No one matches" in page.words
    assert page.links["Clear search"] == address


def test_read_backwards_the_first_page_is_the_nearest(cast: Cast) -> None:
    spaces = [space_in(cast.organization, cast.owner, f"N{n}") for n in range(4)]
    rows = Space.objects.filter(name__startswith="N")

    def page(cursor: str = "", *, nearest: bool = True):
        return paginate(rows, order=OLDEST_FIRST, limit=2, cursor=cursor, nearest=nearest)

    before = page(page().next).previous
    for space in spaces[:2]:
        delete_space(actor=acting(cast.owner), space=fresh(space))
    found = page(before)
    assert found.items == spaces[2:]
    assert (found.previous, found.next) == (None, None)
    assert page(before, nearest=False).items == []  # the API says what is there


def test_a_cursor_of_another_list_is_still_refused(cast: Cast) -> None:
    with pytest.raises(InvalidParameter):
        paginate(Organization.objects.all(), order=OLDEST_FIRST, limit=2, cursor="x", nearest=True)


def test_nothing_at_all_stays_empty(cast: Cast) -> None:
    page = paginate(OrganizationMembership.objects.none(), order=OLDEST_FIRST, limit=2, nearest=True)
    assert (page.items, page.next, page.previous) == ([], None, None)


def test_only_an_emptied_page_costs_a_statement_more(cast: Cast, django_assert_num_queries) -> None:
    rows = OrganizationMembership.objects.filter(role=Role.ADMIN)
    first = paginate(OrganizationMembership.objects.all(), order=OLDEST_FIRST, limit=2)
    with django_assert_num_queries(1):
        paginate(
            OrganizationMembership.objects.all(), order=OLDEST_FIRST, limit=2, cursor=first.next, nearest=True
        )
    with django_assert_num_queries(2):
        paginate(
            rows.none() | rows.filter(pk="x"), order=OLDEST_FIRST, limit=2, cursor=first.next, nearest=True
        )
