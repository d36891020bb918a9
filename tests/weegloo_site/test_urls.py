"""What can be reached without signing in: exactly this, and nothing by accident."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

from accounts.models import User
from tests.cast import person

# The API under /v1/ asks for its token itself (tests/api/test_sweep.py).
PUBLIC = {
    "healthz",
    "readyz",
    "sign-in",
    "sign-in-code",
    "sign-out",
    "language",
    "styleguide",
    "mailbox",
    "mailbox-message",
    "mailbox-message-html",
    "admin:login",
}


def named(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route outside the API with its full name."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}", pattern
        elif pattern.namespace != "api":
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from named(pattern.url_patterns, inner)


def test_the_public_urls():
    routes = dict(named(get_resolver().url_patterns))
    assert {
        name for name, route in routes.items() if not getattr(route.callback, "login_required", True)
    } == PUBLIC


class TestStyleguide:
    def test_it_is_open_in_local_mode_and_always_in_english(self, client, db):
        response = client.get("/styleguide/", headers={"Accept-Language": "ko"})
        assert response.status_code == 200
        assert '<html lang="en"' in response.text
        assert response["Content-Language"] == "en"

    def test_in_production_it_exists_for_staff_alone(self, client, db, settings):
        settings.LOCAL = False
        assert client.get("/styleguide/").status_code == 404
        reader = person()
        client.force_login(reader)
        assert client.get("/styleguide/").status_code == 404
        User.objects.filter(pk=reader.pk).update(is_staff=True)
        assert client.get("/styleguide/").status_code == 200

    def test_its_dialog_is_a_fragment_of_the_same_address(self, client, db):
        response = client.get("/styleguide/", headers={"HX-Request": "true"})
        assert response.text.lstrip().startswith('<div class="dialog-body">')
