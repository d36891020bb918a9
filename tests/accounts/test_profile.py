"""The profile: the person's name (rules §2, §9)."""

import pytest

from accounts.models import User
from tests.cast import person


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
