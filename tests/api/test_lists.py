"""Lists: pages, order, select, filters, include (api.md, Lists)."""

from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from accounts.services import ensure_users
from api.cma import document
from common.models import now
from memberships.models import OrganizationMembership, Role
from tests.api.caller import Caller, code
from tests.cast import join, person, put_in, role_named


@pytest.fixture
def members(cast):
    return f"/organizations/{cast.organization.pk}/organization-memberships"


def walk(caller, path, **query):
    """All items, page by page, and how many pages there were."""
    items, pages, link = [], 0, None
    while pages < 100:
        response = (
            caller.get(path, query=query) if link is None else caller.client.get(link, headers=_auth(caller))
        )
        assert response.status_code == 200, response.content
        body = response.json()
        items += body["items"]
        pages += 1
        link = body["links"].get("next")
        if link is None:
            return items, pages
    raise AssertionError("no end")


def _auth(caller):
    return {"Authorization": f"Bearer {caller.secret}"}


def follow(caller, link):
    return caller.client.get(link, headers=_auth(caller))


def test_the_shape_of_a_list(callers, members):
    body = callers.owner.get(members).json()
    assert list(body) == ["items", "totalCount", "links"]
    assert body["totalCount"] == len(body["items"]) == 3
    assert body["links"] == {"self": f"/v1{members}"}


def test_pages_forwards_and_back(callers, cast, members):
    for _number in range(7):
        join(cast.organization, cast.owner, person())
    everyone, pages = walk(callers.owner, members, limit=3)
    assert (len(everyone), pages) == (10, 4)
    assert [one["sys"]["createdAt"] for one in everyone] == sorted(one["sys"]["createdAt"] for one in everyone)
    first = callers.owner.get(members, query={"limit": "3"}).json()
    assert set(first["links"]) == {"self", "next"}
    second = follow(callers.owner, first["links"]["next"]).json()
    assert set(second["links"]) == {"self", "next", "prev"}
    assert second["items"] == everyone[3:6]
    assert second["links"]["self"] == first["links"]["next"]
    back = follow(callers.owner, second["links"]["prev"]).json()
    assert back["items"] == everyone[:3]
    assert "prev" not in back["links"]
    newest, _pages = walk(callers.owner, members, limit=4, order="-sys.createdAt,-sys.id")
    assert newest == everyone[::-1]


def test_limit_and_skip(callers, cast, members):
    for _number in range(14):
        join(cast.organization, cast.owner, person())
    body = callers.owner.get(members).json()
    assert (len(body["items"]), body["totalCount"]) == (15, 17)
    skipped = callers.owner.get(members, query={"skip": "16", "limit": "100"}).json()
    assert (len(skipped["items"]), skipped["totalCount"]) == (1, 17)
    assert set(skipped["links"]) == {"self", "prev"}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "١"}, "limit"),
        ({"limit": ["1", "2"]}, "limit"),
        ({"skip": "-1"}, "skip"),
        ({"skip": "101"}, "skip"),
        ({"order": "nope"}, "order"),
        ({"order": ""}, "order"),
        ({"order": "role,nope"}, "order"),
        ({"order": "sys.id,nope"}, "order"),
        ({"order": "sys.user"}, "order"),
        ({"select": "role,-sys"}, "select"),
        ({"select": "nope"}, "select"),
        ({"select": ""}, "select"),
        ({"include": "4"}, "include"),
        ({"include": "-1"}, "include"),
        ({"nope": "1"}, "nope"),
        ({"role[gt]": "ADMIN"}, "role[gt]"),
        ({"role[nope]": "ADMIN"}, "role[nope]"),
        ({"role[]": "ADMIN"}, "role[]"),
        ({"role": "BOSS"}, "role"),
        ({"role[in]": "ADMIN,BOSS"}, "role[in]"),
        ({"role[exists]": "yes"}, "role[exists]"),
        ({"sys.createdAt": "yesterday"}, "sys.createdAt"),
        ({"sys.createdAt[gte]": "0001-01-01T00:00:00+14:00"}, "sys.createdAt[gte]"),
        ({"sys.version": "one"}, "sys.version"),
        ({"user.email": "no address"}, "user.email"),
        ({"role[in][in]": "x"}, "role[in][in]"),
        ({"sys.id[in]": ",".join(["a"] * 101)}, "sys.id[in]"),
        ({"next": ""}, "next"),
        ({"next": "abc"}, "next"),
        ({"prev": "a:b:c"}, "prev"),
        ({"next": "é" * 10}, "next"),
    ],
)
def test_bad_parameters_are_named(callers, members, query, named):
    response = callers.owner.get(members, query=query)
    assert (response.status_code, code(response)) == (400, "WGL400910")
    assert response.json()["details"] == {"parameter": named}


def test_parameters_where_there_are_none(callers, cast, members):
    assert code(callers.owner.get("/me", query={"limit": "1"})) == "WGL400910"
    assert code(callers.owner.post(members, {"email": "a@b.com"}, query={"x": "1"})) == "WGL400910"


def test_cursors_are_bound_and_signed(callers, cast, members):
    for _number in range(3):
        join(cast.organization, cast.owner, person())
    link = callers.owner.get(members, query={"limit": "2"}).json()["links"]["next"]
    cursor = link.partition("next=")[2]

    def refused(path=members, **query):
        response = callers.owner.get(path, query=query)
        return response.status_code == 400 and code(response) == "WGL400910"

    assert refused(next=cursor[:-1] + ("a" if cursor[-1] != "a" else "b"))
    assert refused(next=cursor, role="MEMBER")
    assert refused(next=cursor, nope="1")
    assert refused(next=cursor, order="-sys.createdAt")
    assert refused(next=cursor, skip="1")
    assert refused(next=cursor, prev=cursor)
    assert refused("/me/organization-memberships", next=cursor)
    assert callers.owner.get(members, query={"next": cursor, "limit": "1"}).status_code == 200
    stranger = f"/organizations/{cast.strange_organization.pk}/organization-memberships"
    assert code(callers.stranger.get(stranger, query={"next": cursor})) == "WGL400910"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"order": "-sys.createdAt"},
        {"order": "role,-sys.updatedAt"},
        {"role": "MEMBER"},
        {"role[in]": "MEMBER,ADMIN", "order": "-sys.id"},
        {"user.email[match]": "example", "role[ne]": "OWNER"},
    ],
)
def test_a_cursor_alone_brings_order_and_filters(callers, cast, members, query):
    for number in range(7):
        join(cast.organization, cast.owner, person(), Role.ADMIN if number % 3 else Role.MEMBER)
    everyone = callers.owner.get(members, query=query).json()
    first = callers.owner.get(members, query={"limit": "2", **query}).json()
    assert first["items"] == everyone["items"][:2]
    cursor = parse_qs(first["links"]["next"].partition("?")[2])["next"][0]
    second = callers.owner.get(members, query={"next": cursor}).json()
    assert second["items"] == everyone["items"][2:]
    assert second["totalCount"] == everyone["totalCount"]
    assert second["links"]["self"] == f"/v1{members}?next={cursor}"
    for extra in ({}, {"select": "role"}, {"include": "1"}, query):
        body = callers.owner.get(members, query={"next": cursor, "limit": "2", **extra}).json()
        assert [one["sys"]["id"] for one in body["items"]] == [
            one["sys"]["id"] for one in everyone["items"][2:4]
        ], extra
        back = parse_qs(body["links"]["prev"].partition("?")[2])
        assert {name: value[0] for name, value in back.items() if name != "prev"} == {
            "limit": "2",
            **extra,
            **query,
        }
        before = callers.owner.get(members, query={"prev": back["prev"][0], "limit": "2"}).json()
        assert before["items"] == first["items"]
        assert before["links"] | {"self": ""} == {"self": "", "next": before["links"]["next"]}


def test_what_contradicts_a_cursor_is_named(callers, cast, members):
    for _number in range(3):
        join(cast.organization, cast.owner, person())
    link = callers.owner.get(members, query={"limit": "1", "role": "MEMBER"}).json()["links"]["next"]
    cursor = parse_qs(link.partition("?")[2])["next"][0]
    for query, named in (
        ({"role": "ADMIN"}, "role"),
        ({"role[ne]": "MEMBER"}, "role[ne]"),
        ({"order": "-sys.createdAt"}, "order"),
        ({"user.email[match]": "a"}, "user.email[match]"),
    ):
        response = callers.owner.get(members, query={"next": cursor, **query})
        assert (response.status_code, code(response)) == (400, "WGL400910"), query
        assert response.json()["details"] == {"parameter": named}
        assert response.json()["reason"] == f"`{named}` contradicts the cursor."
    for query in ({"role[eq]": "MEMBER"}, {"order": "sys.createdAt"}, {"order": "sys.createdAt,sys.id"}):
        assert callers.owner.get(members, query={"next": cursor, **query}).status_code == 200, query


def test_a_filtered_count_is_capped(callers, cast, members, monkeypatch):
    monkeypatch.setattr("api.core.pagination.MAX_COUNTED", 3)
    for _number in range(3):
        join(cast.organization, cast.owner, person())
    for query, total, capped in (
        ({}, 6, False),
        ({"role[ne]": "OWNER"}, 3, True),
        ({"role": "ADMIN"}, 1, False),
    ):
        response = callers.owner.get(members, query=query)
        assert response.json()["totalCount"] == total
        assert response.get("X-Weegloo-Total-Count") == ("capped" if capped else None)
    exactly = callers.owner.get(members, query={"user.email[match]": "example", "role[in]": "OWNER,ADMIN"})
    assert (exactly.json()["totalCount"], "X-Weegloo-Total-Count" in exactly) == (2, False)


def test_filters(callers, cast, members):
    kim = person("Kim")
    join(cast.organization, cast.owner, kim, Role.ADMIN)

    def found(**query):
        response = callers.owner.get(members, query=query)
        assert response.status_code == 200, response.content
        body = response.json()
        assert body["totalCount"] == len(body["items"])
        return {one["sys"]["user"]["sys"]["id"] for one in body["items"]}

    everyone = {cast.owner.pk, cast.admin.pk, cast.member.pk, kim.pk}
    assert found(role="ADMIN") == found(**{"role[eq]": "ADMIN"}) == {cast.admin.pk, kim.pk}
    assert found(**{"role[ne]": "ADMIN"}) == {cast.owner.pk, cast.member.pk}
    assert found(**{"role[in]": "OWNER,MEMBER"}) == {cast.owner.pk, cast.member.pk}
    assert found(**{"role[exists]": "true"}) == everyone
    assert found(**{"role[exists]": "false"}) == set()
    assert found(**{"user.email[match]": "KIM"}) == {kim.pk}
    assert found(**{"user.email[match]": "%"}) == set()
    assert found(**{"user.email": kim.email.upper()}) == {kim.pk}
    assert found(**{"user.email[prefix]": "kim"}) == {kim.pk}
    assert found(**{"user.email[ne]": kim.email}) == everyone - {kim.pk}
    assert found(**{"user.email[match]": "kim", "role": "MEMBER"}) == set()
    assert found(**{"sys.user.sys.id": kim.pk}) == {kim.pk}
    assert found(**{"sys.user.sys.id[in]": f"{kim.pk},{cast.stranger.pk}"}) == {kim.pk}
    assert found(**{"sys.user.sys.id": "\0"}) == set()
    assert found(**{"sys.version[gte]": "1"}) == everyone
    row = OrganizationMembership.objects.get(user=kim, organization=cast.organization)
    assert found(**{"sys.id": row.pk}) == {kim.pk}
    stamp = callers.owner.get(f"{members}/{row.pk}").json()["sys"]["createdAt"]
    assert kim.pk in found(**{"sys.createdAt": stamp})
    assert kim.pk in found(**{"sys.createdAt[lte]": stamp})
    later = (now() + timedelta(days=1)).isoformat()
    assert found(**{"sys.createdAt[gt]": later}) == set()
    assert found(**{"sys.createdAt[lt]": later}) == everyone


def test_filters_of_space_memberships(callers, cast):
    path = f"/spaces/{cast.space.pk}/space-memberships"
    put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
    editor = role_named(cast.space, "Editor").pk

    def found(**query):
        body = callers.member.get(path, query=query).json()
        return {one["sys"]["user"]["sys"]["id"] for one in body["items"]}

    assert found(**{"roles.sys.id": editor}) == {cast.member.pk}
    assert found(**{"roles.sys.id[ne]": editor}) == {cast.owner.pk}
    assert found(**{"user.email[match]": "member"}) == {cast.member.pk}


def test_order(callers, cast):
    path = f"/organizations/{cast.organization.pk}/spaces"
    for name in ("Beta", "Alpha", "Beta"):
        callers.owner.post(path, {"name": name})
    names = [one["name"] for one in walk(callers.owner, path, order="name", limit=2)[0]]
    assert names == ["Alpha", "Beta", "Beta", "Shopping Mall"]
    names = [one["name"] for one in walk(callers.owner, path, order="-name,sys.updatedAt", limit=1)[0]]
    assert names == ["Shopping Mall", "Beta", "Beta", "Alpha"]
    assert [one["name"] for one in walk(callers.owner, path, order="-name,name,sys.id,-sys.id")[0]] == names


def test_select(callers, members):
    def first(select):
        return callers.owner.get(members, query={"select": select}).json()["items"][0]

    whole = callers.owner.get(members).json()["items"][0]
    assert list(first("role")) == ["sys", "role"]
    assert list(first("role")["sys"]) == ["id", "type"]
    assert first("sys") == {"sys": whole["sys"]}
    assert list(first("sys.version")["sys"]) == ["id", "type", "version"]
    assert first("-role") == {"sys": whole["sys"]}
    assert list(first("-sys.createdBy,-sys.updatedBy")["sys"]) == [
        name for name in whole["sys"] if name not in ("createdBy", "updatedBy")
    ]
    assert list(first("-sys")["sys"]) == ["id", "type"]


def test_include(callers, cast, members):
    def included(path, depth, caller=callers.owner):
        body = caller.get(path, query={"include": str(depth)}).json()
        return {
            name: {one["sys"]["id"]: one for one in found} for name, found in body.get("include", {}).items()
        }

    assert included(members, 0) == {}
    one = included(members, 1)
    assert set(one) == {"Organization", "User"}
    assert set(one["User"]) == {cast.owner.pk, cast.admin.pk, cast.member.pk}
    assert one["User"][cast.member.pk]["email"] == cast.member.email
    assert (
        one["Organization"][cast.organization.pk]
        == callers.owner.get(f"/organizations/{cast.organization.pk}").json()
    )
    assert set(included(members, 2)) == {"Organization", "User", "Plan"}
    space = f"/spaces/{cast.space.pk}/space-memberships"
    assert set(included(space, 1)) == {"Space", "SpaceRole", "User"}
    assert set(included(space, 3)) == {"Organization", "Plan", "Space", "SpaceRole", "User"}
    assert set(included(f"/spaces/{cast.space.pk}", 1)) == {"Organization", "Plan", "User"}


def test_whose_address_is_shown(callers, cast):
    def address(caller, person_id, path="/me/organization-memberships"):
        users = caller.get(path, query={"include": "1"}).json()["include"]["User"]
        return next(user for user in users if user["sys"]["id"] == person_id).get("email")

    assert address(callers.member, cast.member.pk) == cast.member.email
    assert address(callers.member, cast.owner.pk) is None
    assert address(callers.admin, cast.owner.pk) == cast.owner.email
    put_in(cast.space, cast.owner, cast.member, "Viewer")
    space = f"/spaces/{cast.space.pk}/space-memberships"
    assert address(callers.member, cast.owner.pk, space) == cast.owner.email
    other = Caller(person("Other"))
    join(cast.organization, cast.owner, other.user)
    users = other.get("/me/organization-memberships", query={"include": "1"}).json()["include"]["User"]
    assert {user["sys"]["id"]: list(user) for user in users} == {
        other.user.pk: ["sys", "name", "email"],
        cast.owner.pk: ["sys", "name"],
    }
    assert all(list(user["sys"]) == ["id", "type"] for user in users)


def test_a_member_sees_their_own_spaces(callers, cast):
    path = f"/organizations/{cast.organization.pk}/spaces"
    assert callers.member.get(path).json()["totalCount"] == 0
    put_in(cast.space, cast.owner, cast.member, "Viewer")
    assert callers.member.get(path).json()["totalCount"] == 1
    assert callers.admin.get(path).json()["totalCount"] == 1
    callers.owner.post(path, {"name": "Second"})
    assert callers.member.get(path).json()["totalCount"] == 1
    assert callers.admin.get(path).json()["totalCount"] == 2


@pytest.mark.parametrize("order", ["sys.createdAt", "-sys.createdAt", "role,-sys.id"])
def test_a_walk_is_steady_while_rows_come_and_go(callers, cast, members, order):
    """1,000 members, 200 added and 200 removed on the way: who was there throughout is seen once."""
    _add(cast, range(1000))
    there = list(
        OrganizationMembership.objects.filter(organization=cast.organization).order_by("created_at", "pk")
    )
    leaving = there[3::5][:200]
    seen, link, page = [], None, 0
    while link or not page:
        response = (
            follow(callers.owner, link)
            if link
            else callers.owner.get(members, query={"limit": "50", "order": order})
        )
        body = response.json()
        seen += [one["sys"]["id"] for one in body["items"]]
        link = body["links"].get("next")
        if page < 20:
            gone = leaving[page * 10 : page * 10 + 10]
            OrganizationMembership.objects.filter(pk__in=[row.pk for row in gone]).delete()
            _add(cast, range(2000 + page * 10, 2010 + page * 10))
        page += 1
    assert len(seen) == len(set(seen))
    assert {row.pk for row in there} - {row.pk for row in leaving} <= set(seen)


def _add(cast, numbers):
    addresses = {f"x{number}@example.com": f"x{number}@example.com" for number in numbers}
    OrganizationMembership.objects.bulk_create(
        OrganizationMembership(
            organization=cast.organization, user=user, created_by=cast.owner, updated_by=cast.owner
        )
        for user in ensure_users(addresses).values()
    )


def test_every_filter_has_every_operator_it_names(callers, cast):
    """No field and operator that the document offers ends in a fault of ours."""
    samples = {"date-time": "2026-05-11T10:51:16.841Z", "integer": "1", "boolean": "true"}
    tried = 0
    for path, methods in document()["paths"].items():
        parameters = [
            one
            for one in methods.get("get", {}).get("parameters", [])
            if one.get("description", "").startswith("Filter: ")
        ]
        address = path.replace("{organizationId}", cast.organization.pk).replace("{spaceId}", cast.space.pk)
        schemas = {one["name"]: one["schema"] for one in parameters}
        for parameter in parameters:
            name, schema = parameter["name"], parameter["schema"]
            value = samples.get(schema.get("format", schema["type"]), schema.get("enum", ["a@b.com"])[0])
            if name.endswith("[in]"):  # any text in the document; values of the property all the same
                schema = schemas[name.removesuffix("[in]")]
                value = samples.get(schema.get("format", schema["type"]), schema.get("enum", ["a@b.com"])[0])
            response = callers.owner.get(address.removeprefix("/v1"), query={name: value, "include": "1"})
            assert response.status_code == 200, (path, name, response.content)
            tried += 1
    assert tried > 200
