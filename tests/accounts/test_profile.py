"""The profile: the person's name (rules §2, §9)."""

import pytest

from accounts.models import User
from accounts.services import change_profile, create_token
from common.errors import Invalid
from tests.cast import acting, person


def save(client, name: str, version: int):
    return client.post("/profile/", {"name": name, "version": version})


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Minji Kim", "Minji Kim"), ("  김   민지 ", "김 민지"), ("", ""), ("x" * 64, "x" * 64)],
)
def test_a_name_is_saved(client, db, typed, stored):
    user = person()
    client.force_login(user)
    assert save(client, typed, 1)["Location"] == "/profile/"
    user.refresh_from_db()
    assert (user.name, user.version) == (stored, 2)


def test_65_characters_are_refused_and_kept(client, db):
    user = person()
    client.force_login(user)
    response = save(client, "x" * 65, 1)
    assert response.status_code == 422
    assert response.context["form"]["name"].value() == "x" * 65
    assert User.objects.get(pk=user.pk).version == 1


def test_a_stale_form_keeps_what_was_typed_and_saves_the_second_time(client, db):
    user = person()
    client.force_login(user)
    save(client, "First", 1)
    response = save(client, "Second", 1)
    assert response.status_code == 409
    assert "First" in response.text
    assert response.context["form"]["name"].value() == "Second"
    assert save(client, "Second", int(response.context["form"]["version"].value())).status_code == 302
    assert User.objects.get(pk=user.pk).name == "Second"


def choose(client, **chosen: str):
    version = client.get("/profile/").context["form"]["version"].value()
    return client.post("/profile/", {"name": "Minji", "version": version} | chosen, follow=True)


def test_ones_language_wins_over_the_browsers(client, db):
    client.force_login(person("Minji"))
    assert '<html lang="en"' in client.get("/profile/").text
    page = choose(client, language="ko")
    assert '<html lang="ko"' in page.text
    assert page.headers["Content-Language"] == "ko"
    assert "프로필" in page.text
    english = {"Accept-Language": "en"}
    assert '<html lang="ko"' in client.get("/profile/", headers=english).text
    choose(client, language="")
    assert '<html lang="en"' in client.get("/profile/", headers=english).text


def test_appearance_is_kept(client, db):
    client.force_login(person("Minji"))
    assert 'data-theme="system"' in client.get("/profile/").text
    assert 'data-theme="dark"' in choose(client, appearance="dark").text
    assert 'data-theme="system"' in choose(client, appearance="").text


@pytest.mark.parametrize("chosen", [{"language": "xx"}, {"appearance": "pink"}])
def test_what_is_no_choice_is_refused(client, db, chosen):
    user = person("Minji")
    client.force_login(user)
    response = choose(client, **chosen)
    assert response.status_code == 422
    (field,) = chosen
    assert response.context["form"].errors[field]
    with pytest.raises(Invalid):
        change_profile(actor=acting(user), user=user, name="Minji", expected_version=1, **chosen)


def test_signed_out_one_chooses_for_the_browser(client, db):
    page = client.post("/language/", {"language": "ko", "next": "/sign-in/"}, follow=True)
    assert '<html lang="ko"' in page.text
    assert client.post("/language/", {"language": "ko", "next": "https://evil.example/"})["Location"] == "/"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Seoul", "KST"),
        ("", "UTC"),
        ("Nowhere/City", "UTC"),
        ("../../../etc/passwd", "UTC"),
        ("America", "UTC"),
        ("x" * 3000, "UTC"),
    ],
)
def test_times_are_in_the_readers_zone(client, db, zone, shown):
    user = person("Minji")
    create_token(actor=acting(user), user=user, name="CI")
    client.force_login(user)
    client.cookies["weegloo_zone"] = zone
    assert f' {shown}">' in client.get("/profile/tokens/").text


def test_the_browsers_language_is_the_browsers(client, db):
    """What was chosen on the sign-in screen, perhaps by someone else, ends with the choice."""
    client.post("/language/", {"language": "ko", "next": "/"})
    client.force_login(person("Minji"))
    assert '<html lang="ko"' in client.get("/profile/").text
    assert '<html lang="en"' in choose(client, language="").text
