"""Whether a SpaceRole stays within what someone holds (rules §7; issue 4, Granting)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.models import SpaceRole
from spaces.permissions import FIELDS, MAPS, Map, Permissions, beyond, covers, describe, grants_of, refer
from tests.spaces.generated import PERSON, crowded, properties, requests, role_lists, roles, space_role

PRODUCT = {"contentType": refer("ContentType", "product")}
PAGE = {"contentType": refer("ContentType", "page")}
SECRET = {"tag": refer("Tag", "secret")}
SALE = {"tag": refer("Tag", "sale")}
OWN = {"createdBy": refer("User", ":self")}
MINE = {"createdBy": refer("User", PERSON)}


def reading(*allow: dict, deny: list[dict] | None = None) -> SpaceRole:
    """A role about reading content."""
    lists = {"Allow": list(allow)} | ({} if deny is None else {"Deny": deny})
    return space_role(content={"Read": lists})


def only_denying(*deny: dict) -> SpaceRole:
    return space_role(content={"Read": {"Deny": list(deny)}})


# --- Properties ---------------------------------------------------------------------------


def assert_sound(own: list[SpaceRole], wanted: SpaceRole, request, person: str) -> None:
    if covers(own, wanted) and Permissions.of([wanted], person).allows(request):
        assert Permissions.of(own, person).allows(request)


@properties
@given(role_lists, roles, requests(), st.sampled_from([PERSON, "jun", "someone"]))
def test_what_a_covered_role_allows_is_allowed_already(own, wanted, request_, person):
    assert_sound(own, wanted, request_, person)


@properties
@given(
    st.lists(crowded, min_size=1, max_size=3),
    crowded,
    requests(kinds=(Map.CONTENT,)),
    st.sampled_from([PERSON, "jun"]),
)
def test_what_a_covered_role_allows_is_allowed_already_where_rules_crowd(own, wanted, request_, person):
    assert_sound(own, wanted, request_, person)


@properties
@given(
    st.lists(crowded, max_size=2),
    crowded,
    crowded,
    st.lists(crowded, max_size=1),
    requests(known=True, kinds=(Map.CONTENT,)),
)
def test_an_edit_widens_nobody_beyond_the_editor(own, before, wanted, others, request_):
    """Whoever holds the role beside others gains by the edit only what the editor may do."""
    if not covers(own, wanted, before=before):
        return
    then = Permissions.of([before, *others], PERSON).allows(request_)
    since = Permissions.of([wanted, *others], PERSON).allows(request_)
    if since and not then:
        assert Permissions.of(own, PERSON).allows(request_)


@properties
@given(roles)
def test_a_role_covers_itself(role):
    assert covers([role], role)


@properties
@given(role_lists, roles)
def test_administrator_covers_every_role(own, wanted):
    everything = space_role(settings=["SETTING_ALL"], **{FIELDS[kind]: {"All": {"Allow": []}} for kind in MAPS})
    assert covers([everything], wanted)
    if any(grant.effect == "Allow" for grant in grants_of([wanted])):
        return
    assert covers(own, wanted)  # a role that only denies gives nothing


@properties
@given(role_lists, roles)
def test_saving_a_role_as_it_is_needs_nothing(own, role):
    allowing = space_role(
        **{FIELDS[kind]: getattr(role, FIELDS[kind]) for kind in MAPS}, settings=role.settings
    )
    if not any(grant.effect == "Deny" for grant in grants_of([role])):
        assert covers(own, allowing, before=role)


# --- Examples -----------------------------------------------------------------------------

COVERED = {
    "the same": (reading(PRODUCT), reading(PRODUCT)),
    "narrower": (reading(PRODUCT), reading({**PRODUCT, **OWN})),
    "everything covers something": (reading(), reading(PRODUCT)),
    "all covers one action": (space_role(content={"All": {"Allow": []}}), reading()),
    "nothing": (space_role(), space_role()),
    "only a Deny": (space_role(), only_denying()),
    "the Deny came along": (reading(deny=[SECRET]), reading(deny=[SECRET])),
    "a wider Deny came along": (reading(deny=[{**SECRET, **OWN}]), reading(deny=[SECRET])),
    "the Deny is about another type": (reading(deny=[PAGE]), reading(PRODUCT)),
    "the Deny came along for what is allowed": (
        reading(deny=[SECRET]),
        reading(PRODUCT, deny=[{**PRODUCT, **SECRET}]),
    ),
    "a setting": (space_role(settings=["SETTING_TAG", "SETTING_ROLE"]), space_role(settings=["SETTING_TAG"])),
    "all settings": (space_role(settings=["SETTING_ALL"]), space_role(settings=["SETTING_TAG", "SETTING_ALL"])),
    "an Allow that its own Deny voids": (space_role(), reading(deny=[])),
}
BEYOND = {
    "wider": (reading(PRODUCT), reading()),
    "another type": (reading(PRODUCT), reading(PAGE)),
    "another action": (reading(), space_role(content={"Edit": {"Allow": []}})),
    "another kind": (reading(), space_role(media={"Read": {"Allow": []}})),
    "one action is not all": (reading(), space_role(content={"All": {"Allow": []}})),
    "the Deny is left out": (reading(deny=[SECRET]), reading()),
    "the Deny is narrowed": (reading(deny=[SECRET]), reading(deny=[{**SECRET, **OWN}])),
    "tags add up": (reading(deny=[SECRET]), reading(SALE)),
    "someone may be oneself": (reading(deny=[OWN]), reading(MINE)),
    "everyone's own is not what I made": (reading(MINE), reading(OWN)),
    "a setting": (space_role(settings=["SETTING_TAG"]), space_role(settings=["SETTING_ROLE"])),
    "all settings": (space_role(settings=["SETTING_TAG"]), space_role(settings=["SETTING_ALL"])),
}


@pytest.mark.parametrize(("own", "wanted"), COVERED.values(), ids=COVERED)
def test_within(own, wanted):
    assert covers([own], wanted)


@pytest.mark.parametrize(("own", "wanted"), BEYOND.values(), ids=BEYOND)
def test_beyond(own, wanted):
    assert not covers([own], wanted)


def test_several_roles_add_up():
    assert covers([reading(PRODUCT), reading(PAGE)], reading(PRODUCT, PAGE))


def test_a_deny_in_another_of_my_roles_counts():
    assert not covers([reading(), only_denying(SECRET)], reading())


EDITS_WITHIN = {
    "what it had stays": (reading(PRODUCT), reading(PRODUCT)),
    "less than it had": (reading(), reading(PRODUCT)),
    "a Deny more": (reading(), reading(deny=[SECRET])),
    "a wider Deny": (reading(deny=[{**SECRET, **OWN}]), reading(deny=[SECRET])),
    "a setting less": (
        space_role(settings=["SETTING_TAG", "SETTING_APP"]),
        space_role(settings=["SETTING_TAG"]),
    ),
}
EDITS_BEYOND = {
    "more than it had": (reading(PRODUCT), reading()),
    "a Deny less": (reading(deny=[SECRET]), reading()),
    "a Deny less in a role that allows nothing": (only_denying(SECRET), space_role()),
    "a narrower Deny": (reading(deny=[SECRET]), reading(deny=[{**SECRET, **OWN}])),
    "a setting more": (
        space_role(settings=["SETTING_TAG"]),
        space_role(settings=["SETTING_TAG", "SETTING_APP"]),
    ),
}


@pytest.mark.parametrize(("before", "wanted"), EDITS_WITHIN.values(), ids=EDITS_WITHIN)
def test_an_edit_counts_what_is_newly_given(before, wanted):
    assert covers([], wanted, before=before)


@pytest.mark.parametrize(("before", "wanted"), EDITS_BEYOND.values(), ids=EDITS_BEYOND)
def test_an_edit_beyond(before, wanted):
    assert not covers([], wanted, before=before)


def test_nobody_lifts_a_deny_off_themselves():
    """Held beside a role that allows everything, the Deny is what keeps its holder within."""
    everything, careful = reading(), only_denying(SECRET)
    assert not covers([everything, careful], space_role(), before=careful)
    assert covers([everything], space_role(), before=careful)


def test_what_goes_beyond_is_named():
    wanted = space_role(content={"All": {"Allow": [PRODUCT]}}, settings=["SETTING_TAG", "SETTING_APP"])
    own = [reading(PRODUCT), space_role(content={"Edit": {"Allow": []}}, settings=["SETTING_TAG"])]
    said = [describe(grant) for grant in beyond(own, wanted)]
    verbs = ("create", "delete", "publish", "unpublish", "archive", "unarchive")
    assert said == [*(f"{verb} content of the type “product”" for verb in verbs), "manage Apps"]
