"""Each resource: its happy path, its refusals (api.md, Endpoints)."""

import pytest

from activity.models import ActivityEntry
from memberships.models import OrganizationMembership, Role
from outbox.models import Email, Kind
from tests.api.caller import Caller, code, refer
from tests.cast import nothing_changes, person, put_in, role_named, role_with


@pytest.fixture
def base(cast):
    return f"/organizations/{cast.organization.pk}"


@pytest.fixture
def members(base):
    return f"{base}/organization-memberships"


@pytest.fixture
def place(cast):
    return f"/spaces/{cast.space.pk}"


def role_refer(space, name):
    return refer("SpaceRole", role_named(space, name).pk)


# --- Organizations ------------------------------------------------------------------------


def test_organizations(callers):
    made = callers.member.post("/organizations", {"name": "Mine", "description": "All mine"})
    assert made.status_code == 201
    path = made["Location"].removeprefix("/v1")
    assert callers.member.get(path).json() == made.json()
    assert callers.owner.get(path).status_code == 404
    (entry,) = ActivityEntry.objects.filter(organization_id=made.json()["sys"]["id"])
    assert (entry.origin, entry.token_id) == ("api", callers.member.token.pk)


def test_an_organization_is_never_deleted_with_a_token(callers, base):
    for caller in (callers.owner, callers.admin, callers.member):
        response = caller.delete(base)
        assert (response.status_code, code(response)) == (403, "WGL403902")
    assert callers.stranger.delete(base).status_code == 404
    assert callers.owner.get(base).status_code == 200


def test_members_read_but_do_not_change_the_organization(callers, base):
    assert callers.member.get(base).status_code == 200
    assert code(callers.member.put(base, {"name": "X"}, version=1)) == "WGL403901"
    assert code(callers.member.patch(base, [], version=1)) == "WGL403901"


# --- Organization Memberships -------------------------------------------------------------


def test_inviting(callers, cast, members):
    body = {
        "email": "Minji <Minji.Kim@example.com>",
        "role": "ADMIN",
        "spaces": [{"space": refer("Space", cast.space.pk), "roles": [role_refer(cast.space, "Editor")]}],
    }
    made = callers.owner.post(members, body)
    assert made.status_code == 201
    assert made.json()["role"] == "ADMIN"
    assert callers.owner.get(made["Location"].removeprefix("/v1")).json() == made.json()
    user = OrganizationMembership.objects.get(pk=made.json()["sys"]["id"]).user
    assert user.email == "Minji.Kim@example.com"
    assert [email.kind for email in Email.objects.filter(recipient=user)] == [Kind.ORGANIZATION_INVITATION]
    emails = Email.objects.count()
    again = callers.owner.post(members, {"email": "minji.kim@EXAMPLE.com"})
    assert (again.status_code, code(again)) == (409, "WGL409901")
    assert again.json()["details"] == {
        "organizationMembership": refer("OrganizationMembership", made.json()["sys"]["id"])
    }
    assert Email.objects.count() == emails
    organization = callers.owner.get(members.rpartition("/")[0]).json()
    assert organization["sys"]["version"] == 1


def test_inviting_refused(callers, cast, members):
    def refused(caller, **body):
        response = caller.post(members, {"email": "new@example.com", **body})
        return response.status_code, code(response)

    strange = [{"space": refer("Space", cast.strange_space.pk), "roles": [refer("SpaceRole", "x")]}]
    foreign = [{"space": refer("Space", cast.space.pk), "roles": [role_refer(cast.strange_space, "Viewer")]}]
    assert refused(callers.member) == (403, "WGL403901")
    assert refused(callers.admin, role="OWNER") == (422, "WGL422001")
    assert refused(callers.admin, role="OWNER", email=cast.member.email) == (422, "WGL422001")
    assert refused(callers.owner, email="nobody") == (422, "WGL422903")
    assert refused(callers.owner, email="é@example.com") == (422, "WGL422903")
    assert refused(callers.owner, spaces=strange) == (422, "WGL422904")
    assert refused(callers.owner, spaces=foreign) == (422, "WGL422902")
    assert refused(callers.admin, spaces=strange, role="OWNER") == (422, "WGL422904")
    assert not OrganizationMembership.objects.filter(user__email="new@example.com").exists()


def test_roles(callers, cast, members):
    def change(caller, who, role, version=1):
        response = caller.put(f"{members}/{cast.memberships[who].pk}", {"role": role}, version=version)
        return response.status_code if response.status_code == 200 else code(response)

    assert change(callers.member, Role.MEMBER, "MEMBER") == "WGL403901"
    assert change(callers.admin, Role.OWNER, "MEMBER") == "WGL403901"
    assert change(callers.admin, Role.ADMIN, "OWNER") == "WGL422001"
    assert change(callers.admin, Role.MEMBER, "OWNER") == "WGL422001"
    assert change(callers.owner, Role.OWNER, "ADMIN") == "WGL422900"
    assert change(callers.admin, Role.MEMBER, "ADMIN") == 200
    assert change(callers.owner, Role.MEMBER, "OWNER", 2) == 200
    patch = [{"op": "replace", "path": "/role", "value": "MEMBER"}]
    patched = callers.owner.patch(f"{members}/{cast.memberships[Role.OWNER].pk}", patch, version=1)
    assert patched.json()["role"] == "MEMBER"


def test_leaving_and_removing(callers, cast, members):
    own = f"{members}/{cast.memberships[Role.MEMBER].pk}"
    assert callers.member.get(own).status_code == 200
    assert callers.member.get(members).status_code == 403
    assert callers.member.get(f"{members}/{cast.memberships[Role.OWNER].pk}").status_code == 403
    assert callers.member.delete(f"{members}/{cast.memberships[Role.ADMIN].pk}").status_code == 403
    left = callers.member.delete(own)
    assert (left.status_code, left.content) == (204, b"")
    assert callers.member.get(own).status_code == 404
    assert callers.admin.delete(f"{members}/{cast.memberships[Role.OWNER].pk}").status_code == 403
    assert code(callers.owner.delete(f"{members}/{cast.memberships[Role.OWNER].pk}")) == "WGL422900"
    assert callers.owner.delete(f"{members}/{cast.memberships[Role.ADMIN].pk}").status_code == 204
    assert callers.admin.get(members).status_code == 404


def test_bulk(callers, cast, members):
    emails = ["a@example.com", "Lee <B@example.com>", "A@EXAMPLE.com", cast.member.email, "nonsense", ""]
    response = callers.owner.post(f"{members}/bulk", {"emails": emails})
    assert response.status_code == 200
    items = response.json()["items"]
    assert [item["email"] for item in items] == emails
    outcomes = ["invited", "invited", "duplicate", "already_member", "invalid", "invalid"]
    assert [item["outcome"] for item in items] == outcomes
    assert items[3]["organizationMembership"] == refer(
        "OrganizationMembership", cast.memberships[Role.MEMBER].pk
    )
    assert "reason" not in items[0]
    assert items[4]["reason"]
    again = callers.owner.post(f"{members}/bulk", {"emails": emails}).json()["items"]
    assert [item["outcome"] for item in again[:2]] == ["already_member"] * 2
    assert code(callers.admin.post(f"{members}/bulk", {"emails": ["x"], "role": "OWNER"})) == "WGL422001"
    none = callers.owner.post(f"{members}/bulk", {"emails": []})
    assert (none.status_code, code(none)) == (400, "WGL400006")
    many = callers.owner.post(f"{members}/bulk", {"emails": ["x"] * 10_001})
    assert many.json()["details"]["errors"][0]["path"] == "/emails"
    assert callers.member.post(f"{members}/bulk", {"emails": []}).status_code == 403
    assert code(callers.owner.get(f"{members}/bulk")) == "WGL405901"


def test_bulk_makes_no_more_than_20_000_space_memberships(callers, cast, members):
    """Repetitions count, of addresses and of Spaces."""
    space = {"space": refer("Space", cast.space.pk), "roles": [role_refer(cast.space, "Editor")]}
    with nothing_changes():
        refused = callers.owner.post(
            f"{members}/bulk", {"emails": ["a@example.com"] * 2001, "spaces": [space] * 10}
        )
    assert (refused.status_code, code(refused)) == (400, "WGL400006")
    assert "20,000" in refused.json()["details"]["errors"][0]["message"]
    fits = callers.owner.post(f"{members}/bulk", {"emails": ["a@example.com"] * 2000, "spaces": [space] * 10})
    assert code(fits) == "WGL422904"  # only the repeated Space is wrong with it


# --- Spaces -------------------------------------------------------------------------------


def test_spaces(callers, cast, base):
    made = callers.admin.post(f"{base}/spaces", {"name": " Internal Announcements "})
    assert made.status_code == 201
    assert made.json()["name"] == "Internal Announcements"
    path = made["Location"].removeprefix("/v1")
    assert path == f"/spaces/{made.json()['sys']['id']}"
    assert callers.owner.get(path).json() == made.json()
    assert callers.member.get(path).status_code == 404
    put = callers.owner.put(path, {"name": "News"}, version=1)
    assert (put.json()["name"], put.json()["sys"]["version"]) == ("News", 2)
    patch = [{"op": "replace", "path": "/name", "value": "News 2"}]
    assert callers.owner.patch(path, patch, version=2).json()["name"] == "News 2"
    assert callers.owner.delete(path).status_code == 204
    assert callers.owner.get(path).status_code == 404
    assert callers.member.post(f"{base}/spaces", {"name": "No"}).status_code == 403


def test_space_members_do_not_change_the_space(callers, cast, place):
    put_in(cast.space, cast.owner, cast.member, "Editor")
    assert callers.member.get(place).status_code == 200
    assert code(callers.member.put(place, {"name": "Mine"}, version=1)) == "WGL403901"
    assert code(callers.member.delete(place)) == "WGL403901"


# --- Space Memberships --------------------------------------------------------------------


def test_assigning(callers, cast, place):
    path = f"{place}/space-memberships"
    body = {
        "user": refer("User", cast.member.pk),
        "roles": [role_refer(cast.space, "Viewer"), role_refer(cast.space, "Editor")],
    }
    made = callers.admin.post(path, body)
    assert made.status_code == 201
    assert made.json()["roles"] == body["roles"]
    one = made["Location"].removeprefix("/v1")
    assert callers.member.get(one).json() == made.json()
    again = callers.admin.post(path, body)
    assert (again.status_code, code(again)) == (409, "WGL409902")
    assert again.json()["details"] == {"spaceMembership": refer("SpaceMembership", made.json()["sys"]["id"])}
    patch = [{"op": "remove", "path": "/roles/0"}]
    patched = callers.owner.patch(one, patch, version=1)
    assert patched.json()["roles"] == [role_refer(cast.space, "Editor")]
    swapped = {"roles": [role_refer(cast.space, "Administrator"), role_refer(cast.space, "Editor")]}
    assert callers.owner.put(one, swapped, version=2).json()["roles"] == swapped["roles"]
    assert callers.owner.delete(one).status_code == 204
    assert callers.member.get(place).status_code == 404
    assert callers.member.get(f"/organizations/{cast.organization.pk}").status_code == 200


@pytest.mark.parametrize(
    ("roles", "permitted"),
    [
        (["Host"], True),
        (["Viewer"], False),
        (["Administrator"], False),
        (["Host", "Viewer"], False),
        (["Viewer", "Host"], False),
    ],
)
def test_a_manager_by_role_changes_and_removes_whom_they_could_assign(callers, cast, place, roles, permitted):
    host = role_with(cast.space, cast.owner, "Host", "SETTING_USER")
    put_in(cast.space, cast.owner, cast.member, "Host")
    target = put_in(cast.space, cast.owner, cast.admin, *roles)
    one = f"{place}/space-memberships/{target.pk}"
    body = {"roles": [refer("SpaceRole", host.pk)]}
    patch = [{"op": "replace", "path": "/roles/0", "value": refer("SpaceRole", host.pk)}]
    calls = [
        callers.member.put(one, body, version=1),
        callers.member.patch(one, patch, version=1),
        callers.member.delete(one),
    ]
    if permitted:
        assert [response.status_code for response in calls] == [200, 200, 204]
        return
    # The permission comes before version and body.
    calls += [
        callers.member.put(one, body, version=7),
        callers.member.put(one, body),
        callers.member.put(one, {"roles": "no"}, version=1),
        callers.member.patch(one, patch, version="x"),
    ]
    assert {(response.status_code, code(response)) for response in calls} == {(403, "WGL403901")}
    target.refresh_from_db()
    assert (target.version, [role.name for role in target.held_roles]) == (1, roles)


def test_a_manager_by_role_removes_themselves(callers, cast, place):
    role_with(cast.space, cast.owner, "Host", "SETTING_USER")
    own = put_in(cast.space, cast.owner, cast.member, "Host", "Viewer")
    assert callers.member.delete(f"{place}/space-memberships/{own.pk}").status_code == 204


def test_assigning_refused(callers, cast, place):
    path = f"{place}/space-memberships"
    viewer = role_refer(cast.space, "Viewer")

    def refused(caller, user=cast.member.pk, roles=(viewer,)):
        response = caller.post(path, {"user": refer("User", user), "roles": list(roles)})
        return code(response)

    assert refused(callers.owner, user=cast.stranger.pk) == "WGL422901"
    assert refused(callers.owner, user="nobody") == "WGL422901"
    assert refused(callers.owner, roles=[role_refer(cast.strange_space, "Viewer")]) == "WGL422902"
    assert refused(callers.owner, roles=[]) == "WGL400006"
    assert refused(callers.owner, roles=[viewer] * 4) == "WGL400006"
    assert refused(callers.owner, roles=[viewer] * 2) == "WGL400006"
    assert refused(callers.owner, roles=[refer("Space", cast.space.pk)]) == "WGL400006"
    put_in(cast.space, cast.owner, cast.member, "Viewer")
    assert refused(callers.member, user=cast.admin.pk) == "WGL403901"


def test_the_ceiling_of_who_manages_by_a_space_role(callers, cast, place):
    """A member with SETTING_USER gives what they hold; unknown people come first (references)."""
    body = {"name": "Desk", "settings": ["SETTING_USER"]}
    desk = callers.owner.post(f"{place}/space-roles", body).json()
    put_in(cast.space, cast.owner, cast.member, "Desk")
    path = f"{place}/space-memberships"

    def assign(user, *roles):
        return callers.member.post(path, {"user": refer("User", user), "roles": list(roles)})

    administrator = role_refer(cast.space, "Administrator")
    assert code(assign(cast.admin.pk, administrator)) == "WGL422001"
    assert code(assign(cast.owner.pk, administrator)) == "WGL422001"  # before "already in the Space"
    assert code(assign(cast.stranger.pk, administrator)) == "WGL422901"
    assert assign(cast.admin.pk, refer("SpaceRole", desk["sys"]["id"])).status_code == 201


# --- Space roles --------------------------------------------------------------------------


def test_space_roles(callers, cast, place):
    path = f"{place}/space-roles"
    own = {"createdBy": refer("User", ":self")}
    body = {
        "name": "Author",
        "content": {"Save": {"Allow": [own]}, "Publish": {"Deny": []}},
        "settings": ["SETTING_TAG"],
    }
    made = callers.owner.post(path, body)
    assert made.status_code == 201, made.content
    assert made.json()["content"] == {"Edit": {"Allow": [own]}, "Publish": {"Deny": []}}
    assert made.json()["media"] == {}
    one = made["Location"].removeprefix("/v1")
    patch = [
        {"op": "add", "path": "/media/Read", "value": {"Allow": []}},
        {"op": "remove", "path": "/content/Edit"},
    ]
    patched = callers.owner.patch(one, patch, version=1)
    assert patched.json()["media"] == {"Read": {"Allow": []}}
    assert patched.json()["content"] == {"Publish": {"Deny": []}}
    assert callers.owner.put(one, {"name": "Author"}, version=2).json()["settings"] == []
    assert callers.owner.delete(one).status_code == 204


def test_space_roles_refused(callers, cast, place):
    path = f"{place}/space-roles"
    post = callers.owner.post
    rule = {"self": refer("ContentType", "x")}
    assert code(post(path, {"name": "editor"})) == "WGL409904"
    assert code(post(path, {"name": "X", "content": {"Read": {"Allow": [rule]}}})) == "WGL400020"
    faulty = post(path, {"nme": "X", "media": {"Fly": {}}, "settings": ["SETTING_SKY"]})
    found = {fault["path"] for fault in faulty.json()["details"]["errors"]}
    assert {"/name", "/nme", "/media/Fly", "/settings/0"} <= found
    administrator = f"{path}/{role_named(cast.space, 'Administrator').pk}"
    assert code(callers.owner.put(administrator, {"name": "X"}, version=1)) == "WGL422025"
    assert code(callers.owner.delete(administrator)) == "WGL422025"
    put_in(cast.space, cast.owner, cast.member, "Editor")
    editor = f"{path}/{role_named(cast.space, 'Editor').pk}"
    held = callers.owner.delete(editor)
    assert code(held) == "WGL422024"
    assert held.json()["details"]["spaceMemberships"][0]["sys"]["targetType"] == "SpaceMembership"
    assert callers.member.get(editor).status_code == 200
    assert callers.member.post(path, {"name": "X"}).status_code == 403
    assert callers.member.delete(editor).status_code == 403


# --- Access -------------------------------------------------------------------------------


def test_access(callers, cast, place):
    put_in(cast.space, cast.owner, cast.member, "Viewer")
    path = f"{place}/access"
    viewer = role_refer(cast.space, "Viewer")
    grants = [
        {"role": viewer, "effect": "Allow", "map": kind, "action": "Read", "rule": {}}
        for kind in ("contentType", "content", "media")
    ]
    whole = {"user": refer("User", cast.member.pk), "roles": [viewer], "grants": grants}
    assert callers.member.get(path).json() == whole
    assert callers.owner.get(path, query={"user": cast.member.pk}).json() == whole
    assert callers.member.get(path, query={"user": cast.owner.pk}).status_code == 403

    def ask(caller=callers.member, **query):
        return caller.get(path, query=query).json()

    assert ask(map="content", action="Read") == {"allowed": True, "because": grants[1:2]}
    assert ask(map="content", action="Edit", tag=["a", "b"]) == {"allowed": False, "because": []}
    assert ask(map="settings", action="SETTING_USER")["allowed"] is False
    assert ask(callers.admin, map="content", action="Read") == {"allowed": False, "because": []}
    assert ask(callers.owner, map="content", action="Read", user=cast.stranger.pk)["allowed"] is False
    for query in ({"map": "content"}, {"action": "Read"}, {"tag": "x"}, {"map": "sky", "action": "Read"}):
        assert code(callers.member.get(path, query=query)) == "WGL400910"
    assert code(callers.member.get(path, query={"map": "content", "action": "Execute"})) == "WGL400910"
    assert callers.stranger.get(path).status_code == 404


def test_me(callers, cast):
    assert callers.owner.get("/me").json()["email"] == cast.owner.email
    listed = callers.owner.get("/me/organization-memberships").json()
    assert listed["totalCount"] == 1
    assert listed["items"][0]["role"] == "OWNER"
    spaces = callers.owner.get("/me/space-memberships", query={"include": "1"}).json()
    assert spaces["include"]["Space"][0]["name"] == "Shopping Mall"
    assert Caller(person()).get("/me/organization-memberships").json()["items"] == []
