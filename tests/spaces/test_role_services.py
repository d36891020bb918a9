"""Creating, changing and deleting SpaceRoles (rules §7, §8; issue 4)."""

import pytest
from django.db import IntegrityError, transaction

from accounts.actor import SYSTEM, Actor, Origin
from accounts.models import User
from activity.models import Action, ActivityEntry
from common.errors import (
    Invalid,
    MisplacedFilter,
    NotFound,
    NotPermitted,
    RoleAboveOwn,
    SpaceRoleInUse,
    SpaceRoleLocked,
    SpaceRoleNameTaken,
    StaleVersion,
    UnknownSpaceRole,
)
from memberships.models import SpaceMembership
from memberships.selectors import (
    holders_of,
    space_access,
    space_role,
    space_roles_held,
    space_roles_with_holders,
)
from memberships.services.space_members import change_space_roles
from outbox.models import Email
from spaces.models import Space, SpaceRole
from spaces.permissions import refer
from spaces.services import create_space_role, delete_space_role, update_space_role
from tests.cast import Cast, acting, join, person, put_in, role_named

PRODUCT = {"contentType": refer("ContentType", "product")}
SECRET = {"tag": refer("Tag", "secret")}
READ_PRODUCTS = {"content": {"Read": {"Allow": [PRODUCT]}}}
READ_ALL = {"content": {"Read": {"Allow": []}}}
NAMES = [
    ("", False),
    ("  ", False),
    ("R", True),
    ("R" * 64, True),
    ("R" * 65, False),
    ("상품 편집자", True),
    ("a\nb", False),
]


def custom(cast: Cast, name: str = "Product Editor", permissions: object = READ_PRODUCTS) -> SpaceRole:
    """A role made by the owner."""
    return create_space_role(actor=acting(cast.owner), space=cast.space, name=name, permissions=permissions)


def keeper(cast: Cast, *settings: str, permissions: dict | None = None, deny: object = None) -> User:
    """A Space member, MEMBER in the Organization, with a role of ``settings`` and ``permissions``."""
    settings = settings or ("SETTING_ROLE",)
    name = f"Keeper {SpaceRole.objects.count()}"
    role = custom(cast, name, {**(permissions or READ_PRODUCTS), "settings": list(settings)})
    user = person("Keeper")
    join(cast.organization, cast.owner, user)
    put_in(cast.space, cast.owner, user, role.name)
    return user


def actor_of(cast: Cast, who: str) -> Actor:
    """Each kind of person there is; some are put into the Space on the way."""
    match who:
        case "owner" | "admin" | "stranger":
            return acting(getattr(cast, who))
        case "organization member":
            return acting(cast.member)
        case "staff":
            return Actor(user=cast.stranger, origin=Origin.STAFF)
        case "administrator" | "editor":
            user = person("Other")
            join(cast.organization, cast.owner, user)
            put_in(cast.space, cast.owner, user, who.capitalize())
            return acting(user)
        case setting:
            return acting(keeper(cast, setting))


MAY = {
    "owner": None,
    "admin": None,
    "staff": None,
    "administrator": None,
    "SETTING_ROLE": None,
    "SETTING_ALL": None,
    "SETTING_USER": NotPermitted,
    "SETTING_GENERAL": NotPermitted,
    "editor": NotPermitted,
    "organization member": NotFound,
    "stranger": NotFound,
}
EACH = pytest.mark.parametrize(("who", "error"), MAY.items(), ids=MAY)


def logged(action: Action) -> list[ActivityEntry]:
    return list(ActivityEntry.objects.filter(action=action).order_by("created_at", "id"))


# --- Create -------------------------------------------------------------------------------


@EACH
def test_who_creates_a_role(cast, who, error):
    actor = actor_of(cast, who)
    before, mails = SpaceRole.objects.count(), Email.objects.count()
    if error:
        with pytest.raises(error):
            create_space_role(actor=actor, space=cast.space, name="New", permissions=READ_PRODUCTS)
        assert SpaceRole.objects.count() == before
    else:
        role = create_space_role(actor=actor, space=cast.space, name=" New ", permissions=READ_PRODUCTS)
        role.refresh_from_db()
        assert (role.name, role.version, role.is_locked) == ("New", 1, False)
        assert (role.content, role.media, role.settings) == (READ_PRODUCTS["content"], {}, [])
        assert (role.organization, role.space) == (cast.organization, cast.space)
        assert (role.created_by, role.updated_by) == (actor.user, actor.user)
        entry = logged(Action.SPACE_ROLE_CREATED)[-1]
        assert (entry.subject, entry.actor, entry.origin) == (role.pk, actor.user, actor.origin)
        assert (entry.organization_id, entry.space_id) == (cast.organization.pk, cast.space.pk)
        assert entry.after == {
            "name": "New",
            "contentType": {},
            "content": READ_PRODUCTS["content"],
            "media": {},
            "script": {},
            "settings": [],
            "version": 1,
        }
        assert Space.objects.get(pk=cast.space.pk).version == cast.space.version
    assert Email.objects.count() == mails


def test_nobody_creates_no_role(cast):
    with pytest.raises(NotPermitted):
        create_space_role(actor=SYSTEM, space=cast.space, name="New", permissions={})


@pytest.mark.parametrize(("name", "good"), NAMES)
def test_the_name_of_a_role(cast, name, good):
    if good:
        assert custom(cast, name).name == name
    else:
        with pytest.raises(Invalid) as refused:
            custom(cast, name)
        assert [fault["path"] for fault in refused.value.details["errors"]] == ["/name"]


@pytest.mark.parametrize("name", ["Editor", "EDITOR", " editor ", "ADMINISTRATOR"])
def test_a_name_that_is_taken(cast, name):
    with pytest.raises(SpaceRoleNameTaken):
        custom(cast, name)
    assert SpaceRole.objects.filter(space=cast.space).count() == 3


def test_letters_of_other_scripts_are_compared_without_case_too(cast):
    custom(cast, "Équipe Öl")
    with pytest.raises(SpaceRoleNameTaken):
        custom(cast, "équipe öL")


def test_the_same_name_in_another_space_is_free(cast):
    role = create_space_role(
        actor=acting(cast.stranger), space=cast.strange_space, name="Product Editor", permissions={}
    )
    assert custom(cast).name == role.name


def test_every_fault_of_name_and_permissions_at_once(cast):
    with pytest.raises(Invalid) as refused:
        custom(cast, "", {"content": {"Paint": {}}, "settings": ["SETTING_COLOUR"]})
    assert refused.value.code == "WGL400006"
    paths = [fault["path"] for fault in refused.value.details["errors"]]
    assert paths == ["/name", "/content/Paint", "/settings/0"]
    assert SpaceRole.objects.filter(space=cast.space).count() == 3


def test_a_misplaced_filter_has_its_own_code(cast):
    with pytest.raises(MisplacedFilter):
        custom(cast, permissions={"media": {"Read": {"Allow": [{"self": refer("ContentType", "x")}]}}})


def test_save_comes_back_as_edit(cast):
    role = custom(cast, permissions={"content": {"Save": {"Allow": []}}})
    assert SpaceRole.objects.get(pk=role.pk).content == {"Edit": {"Allow": []}}


# --- The ceiling --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permissions", "within"),
    [
        ({}, True),
        (READ_PRODUCTS, True),
        ({"settings": ["SETTING_ROLE"]}, True),
        (READ_ALL, False),
        ({"content": {"Edit": {"Allow": [PRODUCT]}}}, False),
        ({"settings": ["SETTING_USER"]}, False),
        ({"settings": ["SETTING_ALL"]}, False),
    ],
)
def test_nobody_creates_a_role_into_more_than_they_hold(cast, permissions, within):
    user = keeper(cast, "SETTING_ROLE")
    if within:
        create_space_role(actor=acting(user), space=cast.space, name="New", permissions=permissions)
    else:
        with pytest.raises(RoleAboveOwn):
            create_space_role(actor=acting(user), space=cast.space, name="New", permissions=permissions)
    assert SpaceRole.objects.filter(space=cast.space, name="New").exists() == within


@pytest.mark.parametrize("who", ["owner", "admin", "staff", "administrator"])
def test_some_create_any_role(cast, who):
    everything = {"script": {"All": {"Allow": []}}, "settings": ["SETTING_ALL"]}
    create_space_role(actor=actor_of(cast, who), space=cast.space, name="New", permissions=everything)


def test_nobody_edits_their_own_role_into_more(cast):
    user = keeper(cast, "SETTING_ROLE")
    (own,) = SpaceMembership.objects.get(space=cast.space, user=user).held_roles
    with pytest.raises(RoleAboveOwn):
        update_space_role(
            actor=acting(user),
            role=own,
            name=own.name,
            permissions={**READ_ALL, "settings": ["SETTING_ROLE"]},
            expected_version=1,
        )
    own.refresh_from_db()
    assert (own.version, own.content) == (1, READ_PRODUCTS["content"])


def test_nobody_lifts_a_deny_off_themselves(cast):
    user = keeper(cast, "SETTING_ROLE", permissions=READ_ALL)
    careful = custom(cast, "Careful", {"content": {"Read": {"Deny": [SECRET]}}})
    membership = SpaceMembership.objects.get(space=cast.space, user=user)
    change_space_roles(
        actor=acting(cast.owner),
        membership=membership,
        role_ids=[membership.held_roles[0].pk, careful.pk],
        expected_version=1,
    )
    with pytest.raises(RoleAboveOwn):
        update_space_role(actor=acting(user), role=careful, name="Careful", permissions={}, expected_version=1)


def test_what_a_role_had_already_is_not_given_by_an_edit(cast):
    user = keeper(cast, "SETTING_ROLE")
    editor = role_named(cast.space, "Editor")
    less = {"content": editor.content, "contentType": editor.content_type}
    role = update_space_role(
        actor=acting(user), role=editor, name="Writer", permissions=less, expected_version=1
    )
    assert (role.name, role.media, role.version) == ("Writer", {}, 2)


# --- Update -------------------------------------------------------------------------------


@EACH
def test_who_changes_a_role(cast, who, error):
    actor, role = actor_of(cast, who), custom(cast)
    wanted = {"content": {"Read": {"Allow": [{**PRODUCT, **SECRET}]}}}
    if error:
        with pytest.raises(error):
            update_space_role(actor=actor, role=role, name="New", permissions=wanted, expected_version=1)
        role.refresh_from_db()
        assert (role.name, role.version) == ("Product Editor", 1)
        assert not logged(Action.SPACE_ROLE_UPDATED)
    else:
        update_space_role(actor=actor, role=role, name="New", permissions=wanted, expected_version=1)
        role.refresh_from_db()
        assert (role.name, role.content, role.version) == ("New", wanted["content"], 2)
        assert role.updated_by == actor.user
        (entry,) = logged(Action.SPACE_ROLE_UPDATED)
        assert entry.before == {"name": "Product Editor", "content": READ_PRODUCTS["content"], "version": 1}
        assert entry.after == {"name": "New", "content": wanted["content"], "version": 2}


def test_the_log_of_a_change_names_the_role(cast):
    role = custom(cast)
    update_space_role(
        actor=acting(cast.owner), role=role, name=role.name, permissions=READ_ALL, expected_version=1
    )
    (entry,) = logged(Action.SPACE_ROLE_UPDATED)
    assert (entry.before["name"], entry.after["name"]) == ("Product Editor", "Product Editor")


def test_what_is_left_out_is_cleared(cast):
    role = custom(cast)
    update_space_role(actor=acting(cast.owner), role=role, name=role.name, permissions={}, expected_version=1)
    assert SpaceRole.objects.get(pk=role.pk).content == {}


@pytest.mark.parametrize("name", ["Product Editor", "  Product Editor "])
def test_the_same_values_change_nothing(cast, name):
    role = custom(cast)
    update_space_role(
        actor=acting(cast.owner), role=role, name=name, permissions=READ_PRODUCTS, expected_version=1
    )
    after = SpaceRole.objects.get(pk=role.pk)
    assert (after.version, after.updated_at) == (role.version, role.updated_at)
    assert not logged(Action.SPACE_ROLE_UPDATED)


def test_a_stale_change_says_what_is_there_now(cast):
    role = custom(cast)
    update_space_role(
        actor=acting(cast.admin), role=role, name="Theirs", permissions=READ_PRODUCTS, expected_version=1
    )
    with pytest.raises(StaleVersion) as refused:
        update_space_role(
            actor=acting(cast.owner), role=role, name="Editor", permissions=READ_PRODUCTS, expected_version=1
        )
    assert (refused.value.details["current"].name, refused.value.details["current"].version) == ("Theirs", 2)


def test_a_role_may_be_renamed_in_other_letters(cast):
    role = custom(cast)
    renamed = update_space_role(
        actor=acting(cast.owner),
        role=role,
        name="PRODUCT EDITOR",
        permissions=READ_PRODUCTS,
        expected_version=1,
    )
    assert renamed.name == "PRODUCT EDITOR"


def test_renaming_to_a_name_that_is_taken(cast):
    role = custom(cast)
    with pytest.raises(SpaceRoleNameTaken):
        update_space_role(
            actor=acting(cast.owner), role=role, name="VIEWER", permissions=READ_PRODUCTS, expected_version=1
        )


@pytest.mark.parametrize("who", ["owner", "staff", "administrator", "SETTING_ROLE"])
def test_administrator_is_locked(cast, who):
    role = role_named(cast.space, "Administrator")
    same = {"contentType": role.content_type, "content": role.content, "settings": role.settings}
    actor = actor_of(cast, who)
    with pytest.raises(SpaceRoleLocked):
        update_space_role(actor=actor, role=role, name="Administrator", permissions=same, expected_version=1)
    with pytest.raises(SpaceRoleLocked):
        delete_space_role(actor=actor, role=role)
    assert SpaceRole.objects.get(pk=role.pk).version == 1


def test_a_bad_body_comes_before_a_stale_version_before_the_lock(cast):
    role = role_named(cast.space, "Administrator")
    for name, version, error in (("", 7, Invalid), ("X", 7, StaleVersion), ("X", 1, SpaceRoleLocked)):
        with pytest.raises(error):
            update_space_role(
                actor=acting(cast.owner), role=role, name=name, permissions={}, expected_version=version
            )


def test_more_than_ones_own_comes_before_a_name_that_is_taken(cast):
    user = keeper(cast, "SETTING_ROLE")
    with pytest.raises(RoleAboveOwn):
        create_space_role(actor=acting(user), space=cast.space, name="Editor", permissions=READ_ALL)


# --- Delete -------------------------------------------------------------------------------


@EACH
def test_who_deletes_a_role(cast, who, error):
    actor, role = actor_of(cast, who), custom(cast)
    if error:
        with pytest.raises(error):
            delete_space_role(actor=actor, role=role)
        assert SpaceRole.objects.filter(pk=role.pk).exists()
    else:
        delete_space_role(actor=actor, role=role)
        assert not SpaceRole.objects.filter(pk=role.pk).exists()
        (entry,) = logged(Action.SPACE_ROLE_DELETED)
        assert (entry.subject, entry.actor) == (role.pk, actor.user)
        assert entry.before == {
            "name": "Product Editor",
            "contentType": {},
            "content": READ_PRODUCTS["content"],
            "media": {},
            "script": {},
            "settings": [],
            "version": 1,
        }


def test_a_role_in_use_stays_and_says_who_holds_it(cast):
    role = custom(cast)
    membership = put_in(cast.space, cast.owner, cast.member, "Product Editor", "Viewer")
    with pytest.raises(SpaceRoleInUse) as refused:
        delete_space_role(actor=acting(cast.owner), role=role)
    assert refused.value.code == "WGL422024"
    assert refused.value.details["spaceMemberships"] == [membership]
    assert refused.value.details["totalCount"] == 1
    assert refused.value.details["spaceMemberships"][0].user == cast.member
    assert SpaceRole.objects.filter(pk=role.pk).exists()


def test_locked_comes_before_in_use(cast):
    administrator = role_named(cast.space, "Administrator")
    assert holders_of(administrator).exists()
    with pytest.raises(SpaceRoleLocked):
        delete_space_role(actor=acting(cast.owner), role=administrator)


MOVES = [
    (["Product Editor"], ["Viewer"]),
    (["Product Editor", "Editor"], ["Viewer", "Editor"]),
    (["Editor", "Product Editor"], ["Editor", "Viewer"]),
    (["Product Editor", "Viewer"], ["Viewer"]),
    (["Viewer", "Product Editor"], ["Viewer"]),
    (["Editor", "Product Editor", "Viewer"], ["Editor", "Viewer"]),
    (["Administrator", "Editor", "Product Editor"], ["Administrator", "Editor", "Viewer"]),
]


@pytest.mark.parametrize(("held", "after"), MOVES)
def test_holders_move_in_the_same_step(cast, held, after):
    role, viewer = custom(cast), role_named(cast.space, "Viewer")
    membership = put_in(cast.space, cast.owner, cast.member, *held)
    bystander = person("Bystander")
    join(cast.organization, cast.owner, bystander)
    other = put_in(cast.space, cast.owner, bystander, "Editor")
    mails, members = Email.objects.count(), Space.objects.get(pk=cast.space.pk).member_count

    delete_space_role(actor=acting(cast.admin), role=role, move_to=viewer)

    assert not SpaceRole.objects.filter(pk=role.pk).exists()
    moved = SpaceMembership.objects.get(pk=membership.pk)
    assert [one.name for one in moved.held_roles] == after
    assert [one.position for one in moved.holdings.order_by("position")] == list(range(len(after)))
    assert (moved.version, moved.updated_by) == (2, cast.admin)
    untouched = SpaceMembership.objects.get(pk=other.pk)
    assert (untouched.version, [one.name for one in untouched.held_roles]) == (1, ["Editor"])
    (entry,) = logged(Action.SPACE_MEMBER_UPDATED)
    assert (entry.subject, entry.user, entry.actor) == (membership.pk, cast.member, cast.admin)
    assert [one["name"] for one in entry.before["roles"]] == held
    assert [one["name"] for one in entry.after["roles"]] == after
    assert (entry.before["version"], entry.after["version"]) == (1, 2)
    (entry,) = logged(Action.SPACE_ROLE_DELETED)
    assert entry.before["movedTo"] == {"id": viewer.pk, "name": "Viewer"}
    assert entry.before["moved"] == 1
    assert Email.objects.count() == mails
    assert Space.objects.get(pk=cast.space.pk).member_count == members


def test_moving_takes_as_many_statements_for_three_as_for_one(cast, django_assert_num_queries):
    viewer = role_named(cast.space, "Viewer")
    for number in (1, 3):
        role = custom(cast, f"Role of {number}")
        for _ in range(number):
            user = person("Holder")
            join(cast.organization, cast.owner, user)
            put_in(cast.space, cast.owner, user, role.name)
        with django_assert_num_queries(23):
            delete_space_role(actor=acting(cast.owner), role=role, move_to=viewer)


def test_moving_needs_no_holder(cast):
    role = custom(cast)
    delete_space_role(actor=acting(cast.owner), role=role, move_to=role_named(cast.space, "Viewer"))
    (entry,) = logged(Action.SPACE_ROLE_DELETED)
    assert "movedTo" not in entry.before


def test_where_nobody_can_be_moved(cast):
    role = custom(cast)
    put_in(cast.space, cast.owner, cast.member, role.name)
    for elsewhere in (role, role_named(cast.strange_space, "Viewer")):
        with pytest.raises(UnknownSpaceRole):
            delete_space_role(actor=acting(cast.owner), role=role, move_to=elsewhere)
    assert SpaceRole.objects.filter(pk=role.pk).exists()


@pytest.mark.parametrize(
    ("settings", "holds", "more", "target", "error"),
    [
        (("SETTING_ROLE",), True, [], "Viewer", NotPermitted),
        (("SETTING_ROLE", "SETTING_USER"), True, [], "Viewer", RoleAboveOwn),
        (("SETTING_ROLE", "SETTING_USER"), True, [], "Administrator", RoleAboveOwn),
        (("SETTING_ROLE", "SETTING_USER"), True, [], "own", None),
        # Moving takes a role away, too: from members all of whose roles they could give.
        (("SETTING_ROLE", "SETTING_USER"), False, [], "own", NotPermitted),
        (("SETTING_ROLE", "SETTING_USER"), True, ["Viewer"], "own", NotPermitted),
        (("SETTING_ROLE", "SETTING_USER"), True, ["Administrator"], "own", NotPermitted),
    ],
)
def test_moving_gives_and_takes_roles_and_so_has_their_ceiling(cast, settings, holds, more, target, error):
    role = custom(cast)
    put_in(cast.space, cast.owner, cast.member, role.name, *more)
    user = keeper(cast, *settings)
    place = SpaceMembership.objects.get(space=cast.space, user=user)
    own = place.held_roles[0]
    if holds:
        change_space_roles(
            actor=acting(cast.owner), membership=place, role_ids=[own.pk, role.pk], expected_version=1
        )
    destination = own if target == "own" else role_named(cast.space, target)
    if error:
        with pytest.raises(error):
            delete_space_role(actor=acting(user), role=role, move_to=destination)
        assert SpaceMembership.objects.get(space=cast.space, user=cast.member).version == 1
    else:
        delete_space_role(actor=acting(user), role=role, move_to=destination)
        assert SpaceMembership.objects.get(space=cast.space, user=cast.member).held_roles == [own]


def test_a_role_that_is_gone_is_not_found(cast):
    role = custom(cast)
    delete_space_role(actor=acting(cast.owner), role=role)
    with pytest.raises(NotFound):
        delete_space_role(actor=acting(cast.owner), role=SpaceRole(pk=role.pk, space=cast.space))
    with pytest.raises(NotFound):
        update_space_role(
            actor=acting(cast.owner),
            role=SpaceRole(pk=role.pk, space=cast.space),
            name="X",
            permissions={},
            expected_version=1,
        )


# --- What the database holds --------------------------------------------------------------


def test_the_database_refuses_the_same_name_too(cast):
    role = custom(cast)
    with pytest.raises(IntegrityError, match="space_role_name"), transaction.atomic():
        SpaceRole.objects.filter(pk=role.pk).update(name="eDITOR")


# --- Reads --------------------------------------------------------------------------------


def test_holders_are_counted_in_one_statement(cast, django_assert_num_queries):
    put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
    custom(cast)
    access = space_access(acting(cast.owner), cast.space.pk)
    with django_assert_num_queries(1):
        counted = [(role.name, role.holder_count) for role in space_roles_with_holders(access)]
    assert counted == [("Administrator", 1), ("Editor", 1), ("Viewer", 1), ("Product Editor", 0)]


def test_one_role_of_the_space(cast):
    access = space_access(acting(cast.owner), cast.space.pk)
    viewer = role_named(cast.space, "Viewer")
    assert space_role(access, viewer.pk) == viewer
    for unknown in (role_named(cast.strange_space, "Viewer").pk, "nothing"):
        with pytest.raises(NotFound):
            space_role(access, unknown)


def test_the_roles_someone_holds(cast, django_assert_num_queries):
    put_in(cast.space, cast.owner, cast.member, "Viewer", "Editor")
    own = space_access(acting(cast.member), cast.space.pk)
    with django_assert_num_queries(1):
        assert [role.name for role in space_roles_held(own, cast.member.pk)] == ["Viewer", "Editor"]
    with pytest.raises(NotPermitted):
        space_roles_held(own, cast.owner.pk)
    owner = space_access(acting(cast.owner), cast.space.pk)
    assert [role.name for role in space_roles_held(owner, cast.member.pk)] == ["Viewer", "Editor"]
    assert space_roles_held(owner, cast.admin.pk) == []


# --- Names of ids -------------------------------------------------------------------------


def test_names_are_kept_for_the_ids_that_rules_speak_of(cast):
    role = create_space_role(
        actor=acting(cast.owner),
        space=cast.space,
        name="Product Editor",
        permissions=READ_PRODUCTS,
        labels={"product": " Products ", "page": "Pages"},
    )
    assert role.labels == {"product": "Products"}
    through_the_api = update_space_role(
        actor=acting(cast.owner), role=role, name="Other", permissions=READ_PRODUCTS, expected_version=1
    )
    assert through_the_api.labels == {"product": "Products"}
    renamed = update_space_role(
        actor=acting(cast.owner),
        role=role,
        name="Other",
        permissions=READ_PRODUCTS,
        labels={"product": "Goods"},
        expected_version=2,
    )
    assert (renamed.labels, renamed.version) == ({"product": "Goods"}, 3)
    entry = logged(Action.SPACE_ROLE_UPDATED)[-1]
    assert entry.after == {"name": "Other", "labels": {"product": "Goods"}, "version": 3}


@pytest.mark.parametrize("label", ["", "x" * 65, "a\0b"])
def test_a_name_of_an_id_that_is_none(cast, label):
    with pytest.raises(Invalid) as refusal:
        create_space_role(
            actor=acting(cast.owner),
            space=cast.space,
            name="Product Editor",
            permissions=READ_PRODUCTS,
            labels={"product": label},
        )
    assert [fault["path"] for fault in refusal.value.details["errors"]] == ["/labels/product"]
