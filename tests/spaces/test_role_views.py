"""Space › Roles & Permissions (rules §8; console.md)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import ActivityEntry
from common.errors import RoleAboveOwn, SpaceRoleInUse, SpaceRoleLocked, SpaceRoleNameTaken
from memberships.models import SpaceMembership, SpaceMembershipRole
from memberships.services.space_members import change_space_roles
from outbox.models import Email
from spaces.models import SpaceRole
from spaces.permissions import MAPS, TARGETS, Key, Map, refer
from spaces.services import create_space_role, update_space_role
from tests.cast import Cast, acting, fresh, join, person, put_in, role_named, watching
from tests.pages import HTMX, Page, as_, notices

PRODUCT = {"contentType": refer("ContentType", "product")}
OWN = {"createdBy": refer("User", ":self")}
SALE = {"tag": refer("Tag", "sale")}
READ_PRODUCTS = {"content": {"Read": {"Allow": [PRODUCT]}}}
# The three rows that the form of "Product Editor" holds.
TYPED = {
    "name": "Product Editor",
    "content-rows": ["0", "1"],
    "content-1-contentType": "product",
    "content-1-contentType-name": "Products",
    "content-1-Read": "Allow",
    "content-1-Create": "Allow",
    "content-1-Edit": "Allow",
}


def url(name: str, cast: Cast, *more: str) -> str:
    return reverse(name, args=[cast.space.pk, *more])


def made(cast: Cast, name: str = "Product Editor", permissions: object = READ_PRODUCTS, **more) -> SpaceRole:
    return create_space_role(
        actor=acting(cast.owner), space=cast.space, name=name, permissions=permissions, **more
    )


def keeper(cast: Cast, permissions: dict | None = None) -> User:
    """A Space member who manages roles by a SpaceRole alone, one of ``permissions``."""
    role = made(cast, "Keeper", {"settings": ["SETTING_ROLE"], **(permissions or READ_PRODUCTS)})
    user = person("Keeper")
    join(cast.organization, cast.owner, user)
    put_in(cast.space, cast.owner, user, role.name)
    return user


@contextmanager
def nothing_is_stored() -> Iterator[None]:
    """Not a row differs after the block; that a person was active is noted on their account alone."""

    def rows() -> list[list[dict]]:
        tables = (SpaceRole, SpaceMembership, SpaceMembershipRole, ActivityEntry, Email)
        return [list(table.objects.order_by("pk").values()) for table in tables]

    before = rows()
    yield
    assert rows() == before


def fields(html: str) -> dict[str, list[str]]:
    """What a browser would send of the editor as it stands."""
    form = re.search(r'<form[^>]*id="role-form".*?</form>', html, re.DOTALL)
    assert form is not None
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form.group()):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or re.search(r"\bchecked\b", tag):
            sent.setdefault(given["name"], []).append(given.get("value", ""))
    for name, body in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form.group(), re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        sent[name] = [chosen.group(1) if chosen else ""]
    del sent["csrfmiddlewaretoken"]
    return sent


def save_again(client: Client, address: str, **changes: object):
    return client.post(address, {**fields(client.get(address).text), **changes})


# ---- Who


@pytest.mark.parametrize("name", ["space-roles", "space-role-create", "space-access"])
def test_strangers_and_members_elsewhere_find_nothing(cast: Cast, name: str):
    for user in (cast.stranger, cast.member):
        assert as_(user).get(url(name, cast)).status_code == 404


@pytest.mark.parametrize("name", ["space-role", "space-role-delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_find_no_role(cast: Cast, name: str, method: str):
    role = role_named(cast.space, "Editor")
    assert getattr(as_(cast.stranger), method)(url(name, cast, role.pk)).status_code == 404
    elsewhere = reverse(name, args=[cast.strange_space.pk, role.pk])
    assert getattr(as_(cast.stranger), method)(elsewhere).status_code == 404


def test_a_plain_space_member_reads_and_does_not_write(cast: Cast):
    put_in(cast.space, cast.owner, cast.member, "Editor")
    client = as_(cast.member)
    role = made(cast)
    page = Page(client.get(url("space-roles", cast)))
    assert "Roles & Permissions" in page.menu
    assert not {"Create", "Edit", "Delete", "Duplicate"} & set(page.links)
    page = Page(client.get(url("space-role", cast, role.pk)))
    assert "You can view roles." in page.words
    assert "Save" not in page.words
    refused = [
        client.get(url("space-role-create", cast)),
        client.post(url("space-role-create", cast), TYPED),
        client.post(url("space-role-preview", cast), TYPED),
        client.post(url("space-role", cast, role.pk), {**TYPED, "version": 1}),
        client.get(url("space-role-delete", cast, role.pk)),
        client.post(url("space-role-delete", cast, role.pk)),
    ]
    with nothing_is_stored():
        assert [(each.status_code, Page(each).codes) for each in refused] == [(403, ["WGL403901"])] * 6


# ---- The list


def test_the_list(cast: Cast):
    made(cast, permissions=READ_PRODUCTS, labels={"product": "Products"})
    put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
    page = Page(as_(cast.admin).get(url("space-roles", cast)))
    assert [row[0] for row in page.rows] == ["Administrator", "Editor", "Viewer", "Product Editor"]
    assert page.rows[0][1:4] == [
        "Locked",
        "Everything in this Space, its members and settings too.",
        "1 member",
    ]
    assert "Edit" not in page.rows[0]
    assert "Delete" not in page.rows[0]
    assert page.rows[1][2:] == ["1 member", "Edit", "Editor", "Duplicate", "Editor", "Delete", "Editor"]
    assert page.rows[3][1:3] == ["Can read content of the type “Products”.", "nobody"]
    assert page.links["Create"] == url("space-role-create", cast)


@pytest.mark.parametrize("more", [1, 3])
def test_what_the_screens_cost(cast: Cast, more: int, django_assert_num_queries):
    roles = [made(cast, f"Role {number}") for number in range(more)]
    for number in range(more):
        user = join(cast.organization, cast.owner, person("More")).user
        put_in(cast.space, cast.owner, user, f"Role {number}", "Editor")
    client = as_(cast.owner)
    client.get(url("space-roles", cast))
    editor = role_named(cast.space, "Editor")
    for cost, address in (
        (7, url("space-roles", cast)),
        (8, url("space-role-create", cast)),
        (11, url("space-role", cast, roles[0].pk)),
        (10, url("space-role-delete", cast, editor.pk)),
        (9, url("space-access", cast)),
        (10, f"{url('space-access', cast)}?what=content+Read&content_type=product"),
    ):
        with django_assert_num_queries(cost):
            client.get(address)


# ---- Creating


def test_a_role_is_built(cast: Cast):
    response = as_(cast.admin).post(url("space-role-create", cast), TYPED)
    assert (response.status_code, response["Location"]) == (302, url("space-roles", cast))
    assert notices(response) == ["The role Product Editor is created."]
    role = role_named(cast.space, "Product Editor")
    assert role.content == {action: {"Allow": [PRODUCT]} for action in ("Read", "Create", "Edit")}
    assert (role.content_type, role.media, role.script, role.settings) == ({}, {}, {}, [])
    assert role.labels == {"product": "Products"}


def test_everything_the_editor_can_say(cast: Cast):
    sent = {
        "name": "All of it",
        "settings": ["SETTING_USER", "SETTING_TAG"],
        "contentType-rows": ["0", "1"],
        "contentType-0-Read": "Allow",
        "contentType-1-self": "product",
        "contentType-1-Edit": "Allow",
        "content-rows": ["0", "1", "2"],
        "content-0-All": "Allow",
        "content-0-Delete": "Deny",
        "content-1-contentType": "product",
        "content-1-createdBy": ":self",
        "content-1-tag": "sale",
        "content-1-Publish": "Deny",
        "content-2-createdBy": cast.owner.email.upper(),
        "content-2-Archive": "Deny",
        "script-rows": "0",
        "script-0-Execute": "Allow",
    }
    assert as_(cast.owner).post(url("space-role-create", cast), sent).status_code == 302
    role = role_named(cast.space, "All of it")
    assert role.content_type == {
        "Read": {"Allow": []},
        "Edit": {"Allow": [{"self": refer("ContentType", "product")}]},
    }
    assert role.content == {
        "Delete": {"Deny": []},
        "Publish": {"Deny": [{**PRODUCT, **OWN, **SALE}]},
        "Archive": {"Deny": [{"createdBy": refer("User", cast.owner.pk)}]},
        "All": {"Allow": []},
    }
    assert role.script == {"Execute": {"Allow": []}}
    assert role.settings == ["SETTING_TAG", "SETTING_USER"]


@pytest.mark.parametrize("kind", MAPS)
def test_every_scope_can_be_added_narrowed_and_removed_by_buttons_alone(cast: Cast, kind: Map):
    client, address = as_(cast.owner), url("space-role-create", cast)
    keys = [*TARGETS[kind], ":self"]
    for asked in keys:
        page = Page(client.post(address, {"name": "New", f"{kind}-rows": "0", "do": f"add {kind} {asked}"}))
        assert page.status == 200
        assert page.inputs[f"{kind}-rows"] == ["0", "1"]
        assert page.inputs["name"] == ["New"]
        assert "data-dirty" in page.html
    first = Key.CREATED_BY if kind != Map.CONTENT else Key.CONTENT_TYPE
    row = {f"{kind}-rows": ["0", "1"], f"{kind}-1-{first}": "abc", f"{kind}-1-Read": "Allow"}
    other = next(key for key in TARGETS[kind] if key != first)
    page = Page(client.post(address, {**row, "do": f"narrow {kind} 1 {other}"}))
    assert (page.inputs[f"{kind}-1-{first}"], page.inputs[f"{kind}-1-{other}"][0] in ("", ":self")) == (
        ["abc"],
        True,
    )
    assert "Allow" in page.ticked["option"]
    page = Page(client.post(address, {**row, "do": f"remove {kind} 1"}))
    assert page.inputs[f"{kind}-rows"] == ["0"]
    assert not SpaceRole.objects.filter(name="New").exists()


@pytest.mark.parametrize(
    "wish", ["", " ", "add", "add sky tag", "add media self", "remove media 0", "narrow media 9 tag"]
)
def test_buttons_that_do_not_exist_do_nothing(cast: Cast, wish: str):
    page = Page(as_(cast.owner).post(url("space-role-create", cast), {"media-rows": "0", "do": wish}))
    assert page.inputs["media-rows"] == ["0"]


def test_every_control_has_a_name_of_its_own(cast: Cast):
    role = made(cast, labels={"product": "Products"})
    html = as_(cast.owner).get(url("space-role", cast, role.pk)).text
    names = re.findall(r'<select [^>]*aria-label="([^"]*)"', html)
    assert len(names) == len(set(names)) == 9 * 4 + 6
    assert "Read, everything, Content" in names
    assert "Read, of the type “Products”, Content" in names
    labelled = re.findall(r'<label for="([^"]*)"', html)
    assert {"id_name", "content-1-contentType", "content-1-contentType-name"} <= set(labelled)


def test_the_sentence_follows_the_form(cast: Cast):
    client = as_(cast.owner)
    response = client.post(url("space-role-preview", cast), TYPED, headers=HTMX)
    assert response.text.strip() == "Can read, create and edit content of the type “Products”."
    page = Page(client.post(url("space-role-create", cast), {**TYPED, "do": "preview"}))
    assert "In words Preview Can read, create and edit content of the type “Products”." in page.words
    half = {"media-rows": ["0", "1"], "media-1-tag": "", "media-1-Read": "Allow"}
    assert client.post(url("space-role-preview", cast), half, headers=HTMX).text.strip() == "No access."


FAULTS = {
    "no name": ({"name": " "}, "This field is required."),
    "a name too long": ({"name": "x" * 65}, "A name has 1 to 64 characters."),
    "no id": ({"content-1-contentType": ""}, "Enter the id."),
    "an id that is none": ({"content-1-contentType": "a b"}, "“a b” is not an id"),
    "a name of an id too long": ({"content-1-contentType-name": "x" * 65}, "A name has 1 to 64 characters."),
    "nobody's address": (
        {"content-1-createdBy": "nobody@example.com"},
        "No member of this Space has the address “nobody@example.com”.",
    ),
    "an unknown setting": ({"settings": ["SETTING_SKY"]}, "SETTING_SKY is not one of the available choices."),
    "twice": (
        {"content-rows": ["0", "1", "2"], "content-2-contentType": "product", "content-2-Edit": "Deny"},
        "This rule is listed twice.",
    ),
}


@pytest.mark.parametrize(("changes", "words"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_named_and_all_that_was_typed_stays(cast: Cast, changes: dict, words: str):
    sent = TYPED | changes
    with nothing_is_stored():
        page = Page(as_(cast.owner).post(url("space-role-create", cast), sent, headers=HTMX))
    assert (page.status, page.is_fragment) == (422, True)
    assert words in page.words
    for name in ("content-1-contentType", "content-1-contentType-name"):
        assert page.inputs[name] == [sent[name]]
    assert page.ticked["option"][:3] == ["Allow"] * 3
    assert "data-dirty" in page.html


def test_somebody_elses_address_is_as_if_it_did_not_exist(cast: Cast):
    sent = {
        "name": "X",
        "media-rows": ["0", "1"],
        "media-1-createdBy": cast.stranger.email,
        "media-1-Read": "Allow",
    }
    page = Page(as_(cast.owner).post(url("space-role-create", cast), sent))
    assert f"No member of this Space has the address “{cast.stranger.email}”." in page.words


def test_too_many_rules_are_refused(cast: Cast):
    rows = {f"media-{number}-tag": f"t{number}" for number in range(1, 102)}
    said = {f"media-{number}-Read": "Allow" for number in range(1, 102)}
    sent = {"name": "Many", "media-rows": [str(number) for number in range(102)], **rows, **said}
    page = Page(as_(cast.owner).post(url("space-role-create", cast), sent))
    assert page.status == 422
    assert "100" in page.words
    assert page.inputs["media-101-tag"] == ["t101"]


def test_a_name_that_is_taken(cast: Cast):
    page = Page(as_(cast.owner).post(url("space-role-create", cast), TYPED | {"name": "editor"}))
    assert (page.status, page.codes) == (409, ["WGL409904"])
    assert str(SpaceRoleNameTaken.message) in page.words


def test_a_duplicate_is_filled_in(cast: Cast):
    role = made(cast, labels={"product": "Products"})
    client = as_(cast.owner)
    address = f"{url('space-role-create', cast)}?from={role.pk}"
    assert save_again(client, address).status_code == 302
    copy = role_named(cast.space, "Copy of Product Editor")
    assert (copy.content, copy.labels) == (role.content, role.labels)
    administrator = role_named(cast.space, "Administrator")
    save_again(client, f"{url('space-role-create', cast)}?from={administrator.pk}", name="Second")
    second = role_named(cast.space, "Second")
    assert (second.is_locked, second.content, second.settings) == (
        False,
        {"All": {"Allow": []}},
        ["SETTING_ALL"],
    )


# ---- Editing


def test_the_editor_says_who_holds_the_role(cast: Cast):
    role = made(cast)
    put_in(cast.space, cast.owner, cast.member, role.name)
    page = Page(as_(cast.owner).get(url("space-role", cast, role.pk)))
    assert f"1 member has this role M Member {cast.member.email}" in page.words
    page = Page(as_(cast.owner).get(url("space-roles", cast)))
    assert page.links["1 member"] == f"{url('space-role', cast, role.pk)}#holders"


def test_saving_a_role_as_it_stands_loses_nothing(cast: Cast):
    """Rules with several keys and Allow beside Deny come from the API and stay."""
    both = {"Read": {"Allow": [{**PRODUCT, **OWN}], "Deny": [{**PRODUCT, **OWN}, {**PRODUCT, **SALE}]}}
    permissions = {
        "content": both,
        "media": {
            "Read": {"Allow": []},
            "Edit": {"Deny": [{"createdBy": refer("User", cast.owner.pk), **SALE}]},
        },
        "script": {"Execute": {"Allow": [{"self": refer("Script", "s1")}]}},
        "settings": ["SETTING_TAG"],
    }
    role = made(cast, permissions=permissions, labels={"sale": "Sale"})
    client = as_(cast.owner)
    address = url("space-role", cast, role.pk)
    with nothing_is_stored():
        assert save_again(client, address).status_code == 302
    assert save_again(client, address, name="Other").status_code == 302
    changed = fresh(role)
    assert (changed.name, changed.version) == ("Other", 2)
    for field in ("content_type", "content", "media", "script", "settings", "labels"):
        assert getattr(changed, field) == getattr(role, field)


def test_a_role_of_as_many_rules_as_there_may_be(cast: Cast):
    rules = [{"tag": refer("Tag", f"t{number}")} for number in range(100)]
    permissions = {
        "media": {action: {"Allow": rules} for action in ("Read", "Edit")},
        "content": {"Read": {"Allow": rules, "Deny": [{**PRODUCT, **rule} for rule in rules]}},
        "script": {
            "Read": {"Allow": [{"self": refer("Script", f"s{number}")} for number in range(100)]},
        },
    }
    role = made(cast, permissions=permissions)
    with nothing_is_stored():
        assert save_again(as_(cast.owner), url("space-role", cast, role.pk)).status_code == 302


def test_a_stale_form_says_who_changed_what_and_then_applies(cast: Cast):
    role = made(cast)
    client, address = as_(cast.owner), url("space-role", cast, role.pk)
    sent = {**fields(client.get(address).text), "content-1-Edit": "Allow"}
    update_space_role(
        actor=acting(cast.admin),
        role=role,
        name="Theirs",
        permissions={"content": {"Read": {"Allow": []}}, "settings": ["SETTING_TAG"]},
        expected_version=1,
    )
    page = Page(client.post(address, sent, headers=HTMX))
    assert (page.status, page.codes, page.is_fragment) == (409, ["WGL409005"], True)
    assert "Admin changed this in the meantime." in page.words
    assert "Name: “Product Editor” became “Theirs”." in page.words
    assert "Content: “Can read content of the type “product”.” became “Can read content.”." in page.words
    assert "Settings: “No access.” became “Can manage Tags.”." in page.words
    assert (page.inputs["name"], page.inputs["version"]) == (["Product Editor"], ["2"])
    assert client.post(address, {**sent, "version": "2"}).status_code == 302
    assert fresh(role).content == {"Read": {"Allow": [PRODUCT]}, "Edit": {"Allow": [PRODUCT]}}


def test_who_manages_by_a_role_stays_within_it_and_is_told_what_is_beyond(cast: Cast):
    client = as_(keeper(cast))
    address = url("space-role-create", cast)
    assert "You can only add permissions that your own roles include" in Page(client.get(address)).words
    sent = {**TYPED, "settings": ["SETTING_WEBHOOK"]}
    with nothing_is_stored():
        page = Page(client.post(address, sent))
    assert (page.status, page.codes) == (422, [RoleAboveOwn.code])
    assert str(RoleAboveOwn.message) in page.words
    assert "create and edit content of the type “Products” manage Webhooks" in page.words
    assert page.inputs["content-1-contentType"] == ["product"]
    within = {name: value for name, value in TYPED.items() if not name.endswith(("-Create", "-Edit"))}
    assert client.post(address, within).status_code == 302
    assert "Nobody makes a role" not in Page(as_(cast.admin).get(address)).words


def test_administrator_is_read_only(cast: Cast):
    role = role_named(cast.space, "Administrator")
    client, address = as_(cast.owner), url("space-role", cast, role.pk)
    page = Page(client.get(address))
    assert "The Administrator role is locked: you can't edit or delete it" in page.words
    assert page.links["Membership"].startswith(reverse("space-membership", args=[cast.space.pk]))
    assert page.links["Duplicate"] == f"{url('space-role-create', cast)}?from={role.pk}"
    assert "1 member has this role O Owner" in page.words
    assert "name" not in page.inputs
    for method, sent in ((address, {**TYPED, "version": 1}), (url("space-role-delete", cast, role.pk), {})):
        with nothing_is_stored():
            page = Page(client.post(method, sent))
        assert (page.status, page.codes) == (422, [SpaceRoleLocked.code])
        assert str(SpaceRoleLocked.message) in page.words


# ---- Deleting


def test_a_role_that_nobody_holds_goes(cast: Cast):
    role = made(cast)
    client, address = as_(cast.owner), url("space-role-delete", cast, role.pk)
    page = Page(client.get(address, headers=HTMX))
    assert page.is_fragment
    assert "No member has this role." in page.words
    response = client.post(address, headers=HTMX)
    assert response["HX-Redirect"] == url("space-roles", cast)
    assert notices(response) == ["The role Product Editor is deleted."]
    assert not SpaceRole.objects.filter(pk=role.pk).exists()


def test_who_holds_it_is_moved_in_the_same_step(cast: Cast):
    role = made(cast)
    place = put_in(cast.space, cast.owner, cast.member, role.name)
    client, address = as_(cast.owner), url("space-role-delete", cast, role.pk)
    page = Page(client.get(address))
    assert "1 member has this role." in page.words
    assert cast.member.email in page.words
    with nothing_is_stored():
        page = Page(client.post(address, headers=HTMX))
    assert (page.status, page.codes) == (422, [SpaceRoleInUse.code])
    assert str(SpaceRoleInUse.message) in page.words
    with watching() as watch:
        assert client.post(address, {"move_to": role_named(cast.space, "Viewer").pk}).status_code == 302
    assert watch.emails == []
    assert [one.name for one in fresh(place).held_roles] == ["Viewer"]


@pytest.mark.parametrize("wanted", ["elsewhere", "nothing", "\0"])
def test_a_role_to_move_to_that_is_not_here(cast: Cast, wanted: str):
    role = made(cast)
    chosen = role_named(cast.strange_space, "Viewer").pk if wanted == "elsewhere" else wanted
    with nothing_is_stored():
        response = as_(cast.owner).post(url("space-role-delete", cast, role.pk), {"move_to": chosen})
    assert response.status_code == 422


@pytest.mark.parametrize("settings", [("SETTING_ROLE",), ("SETTING_ROLE", "SETTING_USER")])
def test_who_may_not_change_every_holder_is_told_to_ask(cast: Cast, settings: tuple[str, ...]):
    client = as_(keeper(cast, {"settings": list(settings)}))
    role = made(cast)
    put_in(cast.space, cast.owner, cast.member, role.name)
    page = Page(client.get(url("space-role-delete", cast, role.pk)))
    assert "You can't change the roles of every member listed here." in page.words
    assert "move_to" not in page.inputs
    viewer = role_named(cast.space, "Viewer").pk
    assert client.post(url("space-role-delete", cast, role.pk), {"move_to": viewer}).status_code == 403


# ---- Check access


def access(client: Client, cast: Cast, **query: str) -> Page:
    return Page(client.get(url("space-access", cast), query))


def test_all_that_one_may_do_and_by_which_role(cast: Cast):
    made(cast, permissions={**READ_PRODUCTS, "media": {"Delete": {"Deny": []}}}, labels={"product": "Products"})
    put_in(cast.space, cast.owner, cast.member, "Product Editor", "Viewer")
    page = access(as_(cast.member), cast)
    assert page.status == 200
    assert "What you can do" in page.words
    assert (
        "Content Can read content of the type “Products” by Product Editor Can read content by Viewer "
        "Media Can't delete media by Product Editor Can read media by Viewer"
    ) in page.words
    assert "Someone else" not in page.words


def test_others_only_for_who_manages(cast: Cast):
    put_in(cast.space, cast.owner, cast.member, "Editor")
    page = access(as_(cast.member), cast, user=cast.owner.pk)
    assert (page.status, page.codes) == (403, ["WGL403901"])
    page = access(as_(cast.admin), cast, user=cast.member.pk)
    assert "What Member can do" in page.words
    assert access(as_(keeper(cast)), cast, user=cast.member.pk).status == 200
    for unknown in (cast.stranger.pk, "nobody"):
        assert access(as_(cast.owner), cast, user=unknown).status == 404


def test_people_are_searched_among_the_spaces_members(cast: Cast):
    put_in(cast.space, cast.owner, cast.member, "Editor")
    response = as_(cast.owner).get(url("space-access", cast), {"q": "MEMB"}, headers=HTMX)
    page = Page(response)
    assert page.html.lstrip().startswith('<div id="people"')
    assert page.links["Member"] == f"{url('space-access', cast)}?user={cast.member.pk}"
    assert "No member of this Space matches “admin”." in access(as_(cast.owner), cast, q="admin").words


def test_who_manages_without_being_a_member_has_no_content(cast: Cast):
    page = access(as_(cast.admin), cast)
    assert "As Admin of the Organization, you manage this Space" in page.words
    assert (
        "You manage this Space but aren't a member of it, so you have no access to its content." in page.words
    )
    page = access(as_(cast.admin), cast, what="content Read")
    assert "No, Admin can't read content. None of their roles allows this." in page.words
    page = access(as_(cast.owner), cast, user=cast.member.pk)
    assert "They aren't a member of this Space, so they have no access to its content." in page.words


ANSWERS = {
    "yes": (
        {"what": "content Edit", "content_type": "product"},
        "Yes, Member can edit content of the type “Products”. Allowed by Careful : edit content of the type",
    ),
    "no": ({"what": "content Edit", "content_type": "page"}, "None of their roles allows this."),
    "a Deny": (
        {"what": "content Edit", "content_type": "product", "tag": "secret"},
        "and tagged “secret”. Denied by Careful : edit content tagged “secret”.",
    ),
    "left out": (
        {"what": "content Edit"},
        "Some rules depend on details you didn't enter, so they weren't applied.",
    ),
    "their own": ({"what": "media Delete", "own": "on"}, "Yes, Member can delete media that they created"),
    "someone else's": ({"what": "media Delete", "created_by": "OWNER"}, "No, Member can't delete media that"),
    "by their own address": ({"what": "media Delete", "created_by": "MEMBER"}, "Yes, Member can delete media"),
    "one script": ({"what": "script Execute", "self_id": "s1"}, "Yes, Member can run scripts named “s1”."),
    "a setting": ({"what": "settings SETTING_TAG"}, "Yes, Member can manage Tags."),
    "everything": ({"what": "media All"}, "No, Member can't do everything with media."),
}


@pytest.mark.parametrize(("query", "words"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_with_its_reason(cast: Cast, query: dict, words: str):
    made(
        cast,
        "Careful",
        {
            "content": {"Edit": {"Allow": [PRODUCT], "Deny": [{"tag": refer("Tag", "secret")}]}},
            "media": {"Delete": {"Allow": [OWN]}},
            "script": {"Execute": {"Allow": [{"self": refer("Script", "s1")}]}},
            "settings": ["SETTING_TAG"],
        },
        labels={"product": "Products"},
    )
    put_in(cast.space, cast.owner, cast.member, "Careful")
    addresses = {"OWNER": cast.owner.email, "MEMBER": cast.member.email}
    query = {name: addresses.get(value, value) for name, value in query.items()}
    response = as_(cast.owner).get(url("space-access", cast), {"user": cast.member.pk, **query}, headers=HTMX)
    page = Page(response)
    assert page.html.lstrip().startswith('<div id="access-answer"')
    assert words in page.words


@pytest.mark.parametrize(
    "query",
    [
        {"what": "sky Read"},
        {"what": "content Execute"},
        {"what": "content Read", "content_type": "a b"},
        {"what": "content Read", "created_by": "nobody@example.com"},
    ],
)
def test_a_question_that_is_none(cast: Cast, query: dict):
    page = access(as_(cast.owner), cast, **query)
    assert page.status == 422
    assert re.search(r"(What they want to do|Content type id|Created by \(email or id\)): ", page.words)
    assert "Some details aren't valid. They are marked below." in page.words


def test_the_rows_of_the_membership_lead_to_it(cast: Cast):
    page = Page(as_(cast.owner).get(url("space-membership", cast)))
    assert page.links["Access"] == f"{url('space-access', cast)}?user={cast.owner.pk}"


# ---- The last Administrator


def test_a_warning_before_the_last_administrator_loses_the_role(cast: Cast):
    own = cast.space.memberships.get()
    client = as_(cast.owner)
    address = reverse("space-member-roles", args=[cast.space.pk, own.pk])
    warning = "Owner is the only Administrator of this Space."
    assert warning in Page(client.get(address, headers=HTMX)).words
    second = put_in(cast.space, cast.owner, cast.member, "Administrator")
    assert warning not in Page(client.get(address)).words
    editor = role_named(cast.space, "Editor")
    change_space_roles(
        actor=acting(cast.owner), membership=second, role_ids=[editor.pk], expected_version=second.version
    )
    response = client.post(address, {"roles": editor.pk, "version": own.version})
    assert "This Space has no Administrator now." in notices(response)
