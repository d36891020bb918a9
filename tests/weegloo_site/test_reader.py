"""Each reader their own language, whoever was answered before them in the same thread."""

from django.test import Client

from accounts.models import User
from tests.cast import person
from tests.pages import as_

KOREAN, ENGLISH = {"Accept-Language": "ko-KR,ko;q=0.9"}, {"Accept-Language": "en"}


def reader(language: str) -> Client:
    """The browser of a person who chose that language, or none."""
    user = person()
    User.objects.filter(pk=user.pk).update(language=language)
    return as_(user)


def answered(client: Client, accept: dict[str, str]) -> tuple[str, bool]:
    """In which language, by the header and by the page."""
    response = client.get("/", headers=accept, follow=True)
    assert response.status_code == 200
    language = response["Content-Language"]
    return language, f'<html lang="{language}"' in response.text


def test_a_readers_language_stays_theirs(db: None) -> None:
    korean, english, undecided, anonymous = reader("ko"), reader("en"), reader(""), Client()
    in_korean, in_english = ("ko", True), ("en", True)
    for client, accept, expected in (
        (korean, ENGLISH, in_korean),
        (english, KOREAN, in_english),
        (korean, ENGLISH, in_korean),
        (anonymous, ENGLISH, in_english),
        (korean, ENGLISH, in_korean),
        (anonymous, {}, in_english),
        (anonymous, KOREAN, in_korean),
        (english, KOREAN, in_english),
        (anonymous, KOREAN, in_korean),
        (undecided, ENGLISH, in_english),
        (undecided, KOREAN, in_korean),
        (english, {}, in_english),
    ):
        assert answered(client, accept) == expected
