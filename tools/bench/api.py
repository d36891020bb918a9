"""The API beside its floor: the same rows by a plain Django view (issue 3).

python -m tools.bench.api
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import django

SINGLE, LIST, INVITATIONS = 4.0, 4.0, 0.3


def run() -> dict[str, float]:
    """Seconds by what was measured, the middle of its rounds; everything is rolled back."""
    # After django.setup(), which whoever runs this has seen to.
    from django.db import transaction
    from django.test.utils import override_settings

    with transaction.atomic(), override_settings(API_REQUESTS_PER_MINUTE=1_000_000, ALLOWED_HOSTS=["*"]):
        try:
            return _measure()
        finally:
            transaction.set_rollback(True)


def _measure() -> dict[str, float]:
    from django.db import connection
    from django.test import Client

    from memberships.models import OrganizationMembership
    from memberships.services.invitations import invite_members
    from tests.api.caller import Caller
    from tests.cast import acting, organization_of, person

    owner = person("Owner")
    organization = organization_of(owner)
    caller = Caller(owner)
    base = f"/organizations/{organization.pk}/organization-memberships"
    invite_members(
        actor=acting(owner),
        organization=organization,
        addresses=[f"bench{number}@example.com" for number in range(99)],
        role="MEMBER",
    )
    one = OrganizationMembership.objects.get(organization=organization, user=owner)
    plain = Client()
    numbers = iter(range(10_000_000))

    def many(number: int) -> dict[str, Any]:
        return {"emails": [f"bulk{next(numbers)}@example.com" for _one in range(number)]}

    def get(path: str, **query: str) -> Callable[[], Any]:
        return lambda: _ok(caller.get(path, query=query))

    def write(path: str, body: dict[str, Any]) -> None:
        _ok(caller.post(path, body))
        with connection.cursor() as cursor:  # what a commit checks: it is rolled back in the end
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    floor = {name: lambda name=name: _ok(plain.get(f"/{name}/{one.pk}")) for name in ("empty", "one", "list")}
    with _plain_views():
        figures = {
            "floor: an empty view": _middle(floor["empty"]),
            "floor: a view with one query, as JSON": _middle(floor["one"]),
            "floor: a view with 100 rows and their people, as JSON": _middle(floor["list"]),
        }
    return figures | {
        "single read": _middle(get(f"{base}/{one.pk}")),
        "list of 100 with include=1": _middle(get(base, limit="100", include="1")),
        "one invitation": _middle(lambda: write(base, {"email": f"new{next(numbers)}@example.com"})),
        "1,000 invitations in bulk": _middle(lambda: write(f"{base}/bulk", many(1000)), rounds=9),
    }


def _plain_views() -> Any:
    """A URLconf of plain views over the same middleware."""
    import sys
    from types import ModuleType

    from django.contrib.auth.decorators import login_not_required
    from django.http import HttpResponse
    from django.test.utils import override_settings
    from django.urls import path

    from memberships.models import OrganizationMembership

    def shape(row: Any) -> dict[str, Any]:
        return {
            "id": row.pk,
            "organization": row.organization_id,
            "user": {"id": row.user_id, "name": row.user.name, "email": row.user.email},
            "createdBy": row.created_by_id,
            "createdAt": row.created_at.isoformat(),
            "updatedBy": row.updated_by_id,
            "updatedAt": row.updated_at.isoformat(),
            "version": row.version,
            "role": row.role,
        }

    @login_not_required
    def empty(request: Any, ident: str) -> HttpResponse:
        return HttpResponse()

    @login_not_required
    def one(request: Any, ident: str) -> HttpResponse:
        row = OrganizationMembership.objects.select_related("user").get(pk=ident)
        return HttpResponse(json.dumps(shape(row)), content_type="application/json")

    @login_not_required
    def several(request: Any, ident: str) -> HttpResponse:
        organization = OrganizationMembership.objects.get(pk=ident).organization_id
        rows = OrganizationMembership.objects.filter(organization=organization).select_related("user")
        found = [shape(row) for row in rows.order_by("created_at", "id")[:100]]
        return HttpResponse(json.dumps(found), content_type="application/json")

    urls = ModuleType("tools.bench.plain_urls")
    urls.urlpatterns = [  # type: ignore[attr-defined]
        path("empty/<ident>", empty),
        path("one/<ident>", one),
        path("list/<ident>", several),
    ]
    sys.modules[urls.__name__] = urls
    return override_settings(ROOT_URLCONF=urls.__name__)


def _ok(response: Any) -> None:
    assert response.status_code < 300, response.content


def _middle(work: Callable[[], Any], rounds: int = 40) -> float:
    work()
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def ratios(figures: dict[str, float]) -> dict[str, float]:
    """How many times the floor."""
    return {
        "single read / plain": figures["single read"] / figures["floor: a view with one query, as JSON"],
        "list of 100 / plain": figures["list of 100 with include=1"]
        / figures["floor: a view with 100 rows and their people, as JSON"],
    }


def main() -> int:
    """Print the figures; 1 when a limit is passed."""
    import tests.servers  # noqa: F401  # the embedded servers in the tests' folder

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    from django.test.utils import setup_databases

    setup_databases(verbosity=0, interactive=False, keepdb=True)
    figures = run()
    for what, seconds in figures.items():
        print(f"{what}: {seconds * 1000:.2f} ms")
    found = ratios(figures)
    for what, ratio in found.items():
        print(f"{what}: {ratio:.1f}")
    single, listed = found.values()
    return int(single > SINGLE or listed > LIST or figures["1,000 invitations in bulk"] > INVITATIONS)


if __name__ == "__main__":
    raise SystemExit(main())
