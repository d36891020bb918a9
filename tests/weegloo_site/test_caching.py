"""What browsers may keep: nothing of the console but its static files."""

import pytest
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse

from accounts.actor import SYSTEM
from accounts.services import make_staff
from tests.cast import Cast, person
from tests.form_pages import BUTTONS, FORM_PAGES
from tests.pages import HTMX, as_


def directives(response: HttpResponse) -> set[str]:
    return {one.strip() for one in response.headers.get("Cache-Control", "").split(",")}


def assert_private(response: HttpResponse) -> None:
    assert directives(response) >= {"private", "no-store"}, response.headers


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_pages_and_fragments_are_never_stored(cast: Cast, headers: dict[str, str]):
    client = as_(cast.owner)
    pages = [page(cast) for page in BUTTONS.values()] + [page(cast)[0] for page in FORM_PAGES.values()]
    pages += [
        "/",
        "/organizations/",
        "/switcher/",
        "/go/?q=a",
        "/shortcuts/",
        cast.organization.get_absolute_url(),
        reverse("organization-membership", args=[cast.organization.pk]),
        cast.space.get_absolute_url(),
        reverse("space-membership", args=[cast.space.pk]),
        reverse("space-roles", args=[cast.space.pk]),
        reverse("space-access", args=[cast.space.pk]),
        "/styleguide/",
        "/mailbox/",
    ]
    for page in pages:
        response = client.get(page, headers=headers)
        assert response.status_code in (200, 302, 405), page
        assert_private(response)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_redirects_refusals_and_errors_are_not_either(cast: Cast, client: Client, headers: dict[str, str]):
    client.force_login(cast.owner)
    client.raise_request_exception = False
    answers = [
        client.post(reverse("space-create", args=[cast.organization.pk]), {"name": "X"}, headers=headers),
        client.post(reverse("space-create", args=[cast.organization.pk]), {"name": ""}, headers=headers),
        client.get(reverse("organization", args=[cast.strange_organization.pk]), headers=headers),
        client.get("/nothing/here", headers=headers),
        client.get("/organizations", headers=headers),
        client.get(reverse("organization-member-role", args=[cast.organization.pk, "x"]), headers=headers),
        client.post("/sign-out/", headers=headers),
    ]
    statuses = [response.status_code for response in answers]
    assert statuses[1:] == [422, 404, 404, 301, 405, 302]
    for response in answers:
        assert_private(response)


def test_a_fault_of_ours_is_not_stored(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch):
    from organizations import views

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(views.places, "places_of", broken)
    client.force_login(cast.owner)
    client.raise_request_exception = False
    response = client.get("/organizations/")
    assert response.status_code == 500
    assert_private(response)


def test_an_old_token_and_an_ended_session_are_answered_privately(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    page = reverse("invite", args=[cast.organization.pk])
    assert_private(client.get(page))
    client.force_login(cast.owner)
    assert_private(client.post(page, {"emails": "ana@example.com"}))
    assert_private(client.post(page, {"emails": "ana@example.com"}, headers={"Origin": "https://evil.example"}))


def test_sign_in_and_the_staff_admin_are_not_stored(client: Client, db: None):
    assert_private(client.get("/sign-in/"))
    assert_private(client.post("/sign-in/", {"email": "minji.kim@example.com"}))
    assert_private(client.get("/sign-in/code/"))
    client.force_login(make_staff(actor=SYSTEM, user=person("Staff")))
    for page in ("/admin/", "/admin/accounts/user/", "/admin/nothing/"):
        assert_private(client.get(page))


def test_static_files_and_the_public_document_stay_cacheable(client: Client, db: None):
    response = client.get(static("js/console.js"))
    response.close()
    assert response.status_code == 200
    assert directives(response) >= {"public", "immutable"}
    assert directives(client.get("/v1/openapi.json")) == {"public", "max-age=300"}


def test_the_api_is_not_stored_either(client: Client, db: None):
    assert "no-store" in directives(client.get("/v1/me"))
