"""The screens of one's own tokens (issue: tokens on the account page; api.md, Auth)."""

import pytest
from django.test import Client

from accounts.models import PersonalAccessToken
from accounts.services import create_token
from activity.models import ActivityEntry
from tests.api.caller import Caller
from tests.cast import acting, nothing_changes, person
from tests.pages import HTMX, Page, as_


def test_a_token_is_created_shown_once_and_works(db: None) -> None:
    user = person("Sam")
    client = as_(user)
    assert "No token yet" in Page(client.get("/profile/tokens/")).words

    response = client.post("/profile/tokens/", {"name": " Nightly import "})
    token = PersonalAccessToken.objects.get(user=user)
    assert token.name == "Nightly import"
    (secret,) = [word for word in Page(response).words.split() if word.startswith("PSNAT") and "…" not in word]
    assert response.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")

    caller = Caller(secret=secret)
    assert caller.get("/me").json()["sys"]["id"] == user.pk

    later = client.get("/profile/tokens/").text
    assert secret not in later
    assert f"{token.prefix}…" in later
    assert "Nightly import" in later


def test_with_htmx_the_list_comes_with_the_secret(db: None) -> None:
    page = Page(as_(person()).post("/profile/tokens/", {"name": "CI"}, headers=HTMX))
    assert page.is_fragment
    assert "PSNAT" in page.words
    assert "Begins with" in page.words


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\0b"])
def test_a_bad_name_is_refused_and_kept(db: None, name: str) -> None:
    client = as_(person())
    with nothing_changes():
        response = client.post("/profile/tokens/", {"name": name})
    assert response.status_code == 422
    assert response.context["form"]["name"].value() == name
    assert response.context["form"].errors["name"]


def test_deleting_asks_first_and_ends_the_token_at_once(db: None) -> None:
    user = person("Sam")
    issued = create_token(actor=acting(user), user=user, name="CI")
    client, url = as_(user), f"/profile/tokens/{issued.token.pk}/delete/"
    caller = Caller(secret=issued.secret)

    assert "Delete the token CI?" in Page(client.get(url)).words
    assert Page(client.get(url, headers=HTMX)).is_fragment
    assert caller.get("/me").status_code == 200
    assert client.post(url)["Location"] == "/profile/tokens/"
    assert caller.get("/me").status_code == 401
    again = client.post(url, follow=True)
    assert again.redirect_chain == [("/profile/tokens/", 302)]
    assert "The token CI was already deleted." in Page(again).words
    assert client.get(url).status_code == 404
    assert ActivityEntry.objects.filter(
        action="personal_access_token.deleted", subject=issued.token.pk
    ).exists()


def test_anothers_token_is_as_if_it_did_not_exist(db: None) -> None:
    owner, stranger = person("Sam"), person("Eve")
    issued = create_token(actor=acting(owner), user=owner, name="CI")
    client, url = as_(stranger), f"/profile/tokens/{issued.token.pk}/delete/"
    with nothing_changes():
        assert client.get(url).status_code == 404
        assert client.post(url).status_code == 404
    assert "CI" not in Page(client.get("/profile/tokens/")).words.split()
    assert Client().get("/profile/tokens/").status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many(db: None, django_assert_num_queries, count: int) -> None:
    user = person()
    for number in range(count):
        create_token(actor=acting(user), user=user, name=f"Token {number}")
    client = as_(user)
    client.get("/profile/tokens/")
    with django_assert_num_queries(3):  # session, person, tokens
        client.get("/profile/tokens/")


def test_pages_of_tokens(db: None) -> None:
    user = person()
    for number in range(51):
        create_token(actor=acting(user), user=user, name=f"T{number}")
    client = as_(user)
    first = Page(client.get("/profile/tokens/"))
    assert len(first.rows) == 50
    second = Page(client.get("/profile/tokens/" + first.links["Next"]))
    assert [row[0] for row in second.rows] == ["T0"]
