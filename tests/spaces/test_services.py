"""Creating, changing and deleting Spaces (rules §4, §6)."""

import pytest

from accounts.actor import SYSTEM, Actor, Origin
from activity.models import Action, ActivityEntry
from common.errors import DomainError, Invalid, NotFound, NotPermitted, StaleVersion
from memberships.models import OrganizationMembership, SpaceMembership, SpaceMembershipRole
from organizations.models import Organization
from outbox.models import Email
from spaces.models import Space, SpaceRole
from spaces.services import create_space, delete_space, update_space
from tests.cast import Cast, acting, put_in, role_named, space_in

NAMES = [
    ("", False),
    ("   ", False),
    ("S", True),
    ("S" * 64, True),
    ("S" * 65, False),
    ("한글 몰", True),
    ("a\x00b", False),
]
MANAGERS = ["owner", "admin"]
REFUSED = [("member", NotPermitted), ("stranger", NotFound)]


def setting_holder(cast: Cast, *settings: str) -> None:
    """Put the member into the Space with a role that has ``settings``."""
    role = role_named(cast.space, "Viewer")
    SpaceRole.objects.filter(pk=role.pk).update(settings=list(settings))
    put_in(cast.space, cast.owner, cast.member, "Viewer")


def entries() -> list[tuple[str, str]]:
    """Action and subject of the log, newest last."""
    return list(ActivityEntry.objects.order_by("created_at", "id").values_list("action", "subject"))


# --- Create -------------------------------------------------------------------------------


@pytest.mark.parametrize("who", MANAGERS)
def test_a_space_comes_with_three_roles_and_its_creator_as_administrator(cast, who):
    actor = acting(getattr(cast, who))
    before, counted = entries(), Organization.objects.get(pk=cast.organization.pk)
    space = create_space(actor=actor, organization=cast.organization, name="  Announcements ")

    space.refresh_from_db()
    assert (space.name, space.version, space.member_count) == ("Announcements", 1, 1)
    assert (space.created_by, space.updated_by) == (actor.user, actor.user)
    made = SpaceRole.objects.filter(space=space).order_by("created_at", "id")
    everything, read = {"All": {"Allow": []}}, {"Read": {"Allow": []}}
    fields = ("name", "is_locked", "content_type", "content", "media", "script", "settings")
    assert list(made.values_list(*fields)) == [
        ("Administrator", True, everything, everything, everything, everything, ["SETTING_ALL"]),
        ("Editor", False, read, everything, everything, {}, []),
        ("Viewer", False, read, read, read, {}, []),
    ]
    (membership,) = SpaceMembership.objects.filter(space=space)
    assert membership.user == actor.user
    assert [role.name for role in membership.held_roles] == ["Administrator"]
    counted_after = Organization.objects.get(pk=cast.organization.pk)
    assert counted_after.space_count == counted.space_count + 1
    assert (counted_after.version, counted_after.updated_at) == (counted.version, counted.updated_at)
    assert sorted(entries()[len(before) :]) == sorted(
        [("space.created", space.pk), ("space_membership.created", membership.pk)]
    )
    assert Email.objects.count() == 0


@pytest.mark.parametrize(("who", "error"), REFUSED)
def test_who_may_not_create_a_space(cast, who, error):
    before = Space.objects.count()
    with pytest.raises(error):
        create_space(actor=acting(getattr(cast, who)), organization=cast.organization, name="Mine")
    assert Space.objects.count() == before


def test_staff_create_a_space_without_becoming_its_member(cast):
    staff = Actor(user=cast.stranger, origin=Origin.STAFF)
    space = create_space(actor=staff, organization=cast.organization, name="Made by staff")
    assert not SpaceMembership.objects.filter(space=space).exists()
    assert Space.objects.get(pk=space.pk).member_count == 0


def test_nobody_creates_no_space(cast):
    with pytest.raises(NotPermitted):
        create_space(actor=SYSTEM, organization=cast.organization, name="Nobody's")


@pytest.mark.parametrize(("name", "good"), NAMES)
def test_the_name_of_a_new_space(cast, name, good):
    if good:
        space = create_space(actor=acting(cast.owner), organization=cast.organization, name=name)
        assert space.name == name
    else:
        with pytest.raises(Invalid) as refused:
            create_space(actor=acting(cast.owner), organization=cast.organization, name=name)
        assert [fault["path"] for fault in refused.value.details["errors"]] == ["/name"]


def test_names_of_spaces_need_not_be_unique(cast):
    assert space_in(cast.organization, cast.owner, cast.space.name).pk != cast.space.pk


# --- Update -------------------------------------------------------------------------------


@pytest.mark.parametrize("who", MANAGERS)
def test_renaming(cast, who):
    actor = acting(getattr(cast, who))
    space = update_space(actor=actor, space=cast.space, name=" Mall ", expected_version=1)
    space.refresh_from_db()
    assert (space.name, space.version, space.updated_by) == ("Mall", 2, actor.user)
    entry = ActivityEntry.objects.get(action=Action.SPACE_UPDATED)
    assert (entry.before, entry.after) == (
        {"name": "Shopping Mall", "version": 1},
        {"name": "Mall", "version": 2},
    )
    assert (entry.actor, entry.subject, entry.space_id) == (actor.user, space.pk, space.pk)
    assert Email.objects.count() == 0


@pytest.mark.parametrize(
    ("settings", "may"),
    [
        (["SETTING_GENERAL"], True),
        (["SETTING_ALL"], True),
        (["SETTING_USER", "SETTING_ROLE"], False),
        ([], False),
    ],
)
def test_a_space_member_renames_with_the_general_setting(cast, settings, may):
    setting_holder(cast, *settings)
    if may:
        update_space(actor=acting(cast.member), space=cast.space, name="Mall", expected_version=1)
    else:
        with pytest.raises(NotPermitted):
            update_space(actor=acting(cast.member), space=cast.space, name="Mall", expected_version=1)
    assert Space.objects.get(pk=cast.space.pk).version == 1 + may


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_who_is_not_in_the_space_does_not_find_it(cast, who):
    with pytest.raises(NotFound):
        update_space(actor=acting(getattr(cast, who)), space=cast.space, name="Mine", expected_version=1)


@pytest.mark.parametrize(
    ("name", "version", "error"),
    [("", 1, Invalid), ("S" * 65, 7, Invalid), ("Mall", 7, StaleVersion), ("Shopping Mall", 7, StaleVersion)],
)
def test_a_refused_rename_changes_nothing(cast, name, version, error):
    with pytest.raises(error):
        update_space(actor=acting(cast.owner), space=cast.space, name=name, expected_version=version)
    space = Space.objects.get(pk=cast.space.pk)
    assert (space.name, space.version) == ("Shopping Mall", 1)
    assert not ActivityEntry.objects.filter(action=Action.SPACE_UPDATED).exists()


def test_a_stale_rename_says_what_is_there_now(cast):
    update_space(actor=acting(cast.admin), space=cast.space, name="Mall", expected_version=1)
    with pytest.raises(StaleVersion) as refused:
        update_space(actor=acting(cast.owner), space=cast.space, name="Shop", expected_version=1)
    assert (refused.value.details["current"].name, refused.value.details["current"].version) == ("Mall", 2)


def test_the_same_name_changes_nothing(cast):
    before = Space.objects.get(pk=cast.space.pk)
    update_space(actor=acting(cast.owner), space=cast.space, name=" Shopping Mall ", expected_version=1)
    after = Space.objects.get(pk=cast.space.pk)
    assert (after.version, after.updated_at) == (before.version, before.updated_at)
    assert not ActivityEntry.objects.filter(action=Action.SPACE_UPDATED).exists()


# --- Delete -------------------------------------------------------------------------------


@pytest.mark.parametrize("who", MANAGERS)
def test_deleting_takes_roles_and_memberships_along(cast, who):
    put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
    organization = Organization.objects.get(pk=cast.organization.pk)
    members = OrganizationMembership.objects.count()
    delete_space(actor=acting(getattr(cast, who)), space=cast.space)

    assert not Space.objects.filter(pk=cast.space.pk).exists()
    assert not SpaceRole.objects.filter(space_id=cast.space.pk).exists()
    assert not SpaceMembership.objects.filter(space_id=cast.space.pk).exists()
    assert not SpaceMembershipRole.objects.filter(space_id=cast.space.pk).exists()
    assert OrganizationMembership.objects.count() == members
    after = Organization.objects.get(pk=cast.organization.pk)
    assert (after.space_count, after.version) == (organization.space_count - 1, organization.version)
    entry = ActivityEntry.objects.get(action=Action.SPACE_DELETED)
    assert entry.before == {"name": "Shopping Mall", "members": 2, "version": 1}
    assert Email.objects.count() == 0


@pytest.mark.parametrize("settings", [[], ["SETTING_GENERAL"], ["SETTING_ALL"]])
def test_a_space_member_deletes_no_space(cast, settings):
    setting_holder(cast, *settings)
    with pytest.raises(NotPermitted):
        delete_space(actor=acting(cast.member), space=cast.space)


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_who_does_not_see_a_space_deletes_none(cast, who):
    with pytest.raises(NotFound):
        delete_space(actor=acting(getattr(cast, who)), space=cast.space)
    assert Space.objects.filter(pk=cast.space.pk).exists()


def test_a_space_that_is_gone_is_not_found(cast):
    delete_space(actor=acting(cast.owner), space=cast.space)
    for refused in (
        lambda: delete_space(actor=acting(cast.owner), space=cast.space),
        lambda: update_space(actor=acting(cast.owner), space=cast.space, name="Mall", expected_version=1),
    ):
        with pytest.raises(DomainError) as error:
            refused()
        assert error.value.code == "WGL404001"
