"""WEEGLOO's own examples (the seeds) and what the API answers: the same keys, order and types."""

import json
import re
from pathlib import Path

import pytest

from tests.cast import put_in

SEEDS = Path(__file__).with_name("seeds")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def outline(value):
    """Keys in their order, and kinds of values."""
    match value:
        case dict():
            return {
                name: value[name] if name in ("type", "targetType") else outline(value[name]) for name in value
            }
        case list():
            return [outline(part) for part in value]
        case str() if STAMP.fullmatch(value):
            return "date-time"
    return type(value).__name__


def in_order(value):
    return json.dumps(outline(value))


@pytest.mark.parametrize("name", ["organization", "organization_membership", "space_membership"])
def test_the_seeds_examples(name, callers, cast):
    base = f"/organizations/{cast.organization.pk}"
    body = {
        "name": "DailyWear Company",
        "description": "Company running an online clothing and accessories store",
    }
    callers.owner.put(base, body, version=1)
    place = put_in(cast.space, cast.owner, cast.member, "Editor")
    paths = {
        "organization": base,
        "organization_membership": f"{base}/organization-memberships/{cast.memberships['OWNER'].pk}",
        "space_membership": f"/spaces/{cast.space.pk}/space-memberships/{place.pk}",
    }
    example = json.loads((SEEDS / f"{name}.json").read_text())
    assert in_order(callers.owner.get(paths[name]).json()) == in_order(example)


def test_the_other_shapes(callers, cast):
    space = callers.owner.get(f"/spaces/{cast.space.pk}").json()
    history = ["createdBy", "createdAt", "updatedBy", "updatedAt", "version"]
    assert list(space) == ["sys", "name"]
    assert list(space["sys"]) == ["id", "type", "organization", "plan", *history]
    role = callers.owner.get(f"/spaces/{cast.space.pk}/space-roles").json()["items"][0]
    assert list(role) == ["sys", "name", "contentType", "content", "media", "script", "settings"]
    assert list(role["sys"]) == ["id", "type", "space", "isLocked", *history]
    token = callers.owner.post("/personal-access-tokens", {"name": "ci"}).json()
    assert list(token) == ["sys", "name"]
    made = ["createdBy", "createdAt", "updatedBy", "updatedAt"]
    assert list(token["sys"]) == ["id", "type", "user", "scopes", *made, "lastUsedAt", "accessToken"]
    assert token["sys"]["scopes"] == ["PERSONAL"]
    plan = callers.owner.get("/plans/enterprise").json()
    assert plan == {
        "sys": {"id": "enterprise", "type": "Plan"},
        "name": "Enterprise",
        "monthlyPrice": {"amount": "990.00", "currency": "USD"},
        "limits": {"spaces": None, "members": None},
    }
    me = callers.owner.get("/me").json()
    assert list(me) == ["sys", "email", "name", "language"]
    assert list(me["sys"]) == ["id", "type", "createdAt", "updatedAt", "version"]
    for ident, length in ((cast.organization.pk, 8), (cast.space.pk, 8), (cast.owner.pk, 27)):
        assert re.fullmatch(f"[A-Za-z0-9]{{{length}}}", ident)
