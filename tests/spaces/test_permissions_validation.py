"""Reading a SpaceRole's permissions (rules §8; api.md, Codes and Fine print)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid, MisplacedFilter
from spaces.permissions import ACTIONS, FIELDS, MAPS, SETTINGS, TARGETS, body_of, refer, validate
from spaces.permissions.validation import MAX_FAULTS, MAX_RULES, MAX_RULES_IN_LIST, read
from tests.spaces.generated import properties, roles

OWN = {"createdBy": refer("User", ":self")}
PRODUCT = {"contentType": refer("ContentType", "product")}


def tagged(number: int) -> dict:
    return {"tag": refer("Tag", f"t{number}")}


def faults_of(body: object) -> list[tuple[str, str]]:
    """Path and code of every fault."""
    with pytest.raises(Invalid) as refused:
        validate(body)
    return [(fault["path"], fault["code"]) for fault in refused.value.details["errors"]]


def content(rules: object, effect: str = "Allow") -> dict:
    return {"content": {"Read": {effect: rules}}}


# --- What is accepted ---------------------------------------------------------------------


def test_what_is_left_out_is_empty():
    assert validate({}).as_fields() == {
        "content_type": {},
        "content": {},
        "media": {},
        "script": {},
        "settings": [],
    }


def test_every_action_filter_and_setting_of_the_rules_is_known():
    body = {
        kind: {
            action: {"Allow": [], "Deny": [{key: refer(target, "x1") for key, target in TARGETS[kind].items()}]}
            for action in ACTIONS[kind]
        }
        for kind in MAPS
    } | {"settings": list(SETTINGS)}
    shape = validate(body)
    assert shape.content == body["content"]
    assert shape.settings == list(SETTINGS)
    assert {kind: sorted(TARGETS[kind]) for kind in MAPS} == {
        "contentType": ["createdBy", "self"],
        "content": ["contentType", "createdBy", "tag"],
        "media": ["createdBy", "tag"],
        "script": ["createdBy", "self"],
    }


def test_save_is_edit():
    assert validate({"content": {"Save": {"Allow": [OWN]}}}).content == {"Edit": {"Allow": [OWN]}}


@pytest.mark.parametrize(
    ("save", "edit", "together"),
    [
        ({"Allow": [OWN]}, {"Allow": [PRODUCT]}, {"Allow": [OWN, PRODUCT]}),
        ({"Allow": [OWN]}, {"Allow": [OWN]}, {"Allow": [OWN]}),
        ({"Allow": []}, {"Allow": [OWN]}, {"Allow": []}),
        ({"Deny": [OWN]}, {"Allow": []}, {"Allow": [], "Deny": [OWN]}),
        ({"Deny": []}, {"Deny": [OWN], "Allow": []}, {"Allow": [], "Deny": []}),
    ],
)
def test_save_and_edit_are_merged(save, edit, together):
    assert validate({"content": {"Save": save, "Edit": edit}}).content == {"Edit": together}
    assert validate({"content": {"Edit": edit, "Save": save}}).content["Edit"].keys() == together.keys()


@properties
@given(roles)
def test_canonical_form_stays(role):
    shape, faults = read(body_of(role))
    assert {fault["code"] for fault in faults} <= {"duplicate"}
    if not faults:
        again = validate(
            {kind.value: getattr(shape, FIELDS[kind]) for kind in MAPS} | {"settings": shape.settings}
        )
        assert again == shape
        assert shape.content == role.content


# --- What is refused, and where -----------------------------------------------------------

REFUSED = {
    "not an object": ([], [("", "type")]),
    "unknown property": ({"colour": {}}, [("/colour", "unknown")]),
    "its pointer escaped": ({"a/b~c": {}}, [("/a~1b~0c", "unknown")]),
    "a map of the wrong type": ({"content": []}, [("/content", "type")]),
    "a map that is null": ({"content": None}, [("/content", "type")]),
    "unknown action": ({"content": {"Paint": {"Allow": []}}}, [("/content/Paint", "unknown")]),
    "an action in other letters": ({"content": {"read": {"Allow": []}}}, [("/content/read", "unknown")]),
    "an action of scripts": ({"media": {"Execute": {"Allow": []}}}, [("/media/Execute", "unknown")]),
    "no publishing of scripts": ({"script": {"Publish": {"Allow": []}}}, [("/script/Publish", "unknown")]),
    "neither Allow nor Deny": ({"content": {"Read": {}}}, [("/content/Read", "required")]),
    "unknown effect": ({"content": {"Read": {"allow": []}}}, [("/content/Read/allow", "unknown")]),
    "an action that is a list": ({"content": {"Read": []}}, [("/content/Read", "type")]),
    "rules that are no list": (content({}), [("/content/Read/Allow", "type")]),
    "a rule that is a text": (content(["all"]), [("/content/Read/Allow/0", "type")]),
    "a rule without filter": (content([{}]), [("/content/Read/Allow/0", "required")]),
    "a rule twice": (content([OWN, PRODUCT, OWN]), [("/content/Read/Allow/2", "duplicate")]),
    "unknown filter": (content([{"colour": refer("Tag", "x")}]), [("/content/Read/Allow/0/colour", "unknown")]),
    "a bare id": (content([{"tag": "sale"}]), [("/content/Read/Allow/0/tag", "type")]),
    "no sys": (content([{"tag": {}}]), [("/content/Read/Allow/0/tag/sys", "required")]),
    "more than sys": (
        content([{"tag": {**refer("Tag", "sale"), "name": "Sale"}}]),
        [("/content/Read/Allow/0/tag/name", "unknown")],
    ),
    "an empty sys": (
        content([{"tag": {"sys": {}}}]),
        [(f"/content/Read/Allow/0/tag/sys/{name}", "required") for name in ("id", "type", "targetType")],
    ),
    "another target": (
        content([{"tag": refer("User", "x")}]),
        [("/content/Read/Allow/0/tag/sys/targetType", "value")],
    ),
    "no Refer": (
        content([{"tag": {"sys": {"id": "x", "type": "Link", "targetType": "Tag"}}}]),
        [("/content/Read/Allow/0/tag/sys/type", "value")],
    ),
    "an id that is a number": (
        content([{"tag": refer("Tag", 7)}]),
        [("/content/Read/Allow/0/tag/sys/id", "id")],
    ),
    "an empty id": (content([{"tag": refer("Tag", "")}]), [("/content/Read/Allow/0/tag/sys/id", "id")]),
    "an id with spaces": (
        content([{"tag": refer("Tag", "a b")}]),
        [("/content/Read/Allow/0/tag/sys/id", "id")],
    ),
    "an id with a line break": (
        content([{"tag": refer("Tag", "a\n")}]),
        [("/content/Read/Allow/0/tag/sys/id", "id")],
    ),
    "an id too long": (
        content([{"tag": refer("Tag", "a" * 65)}]),
        [("/content/Read/Allow/0/tag/sys/id", "id")],
    ),
    ":self is a person": (
        content([{"tag": refer("Tag", ":self")}]),
        [("/content/Read/Allow/0/tag/sys/id", "id")],
    ),
    "settings that are a map": ({"settings": {}}, [("/settings", "type")]),
    "unknown setting": ({"settings": ["SETTING_TAG", "SETTING_COLOUR"]}, [("/settings/1", "unknown")]),
    "a setting that is a number": ({"settings": [1]}, [("/settings/0", "type")]),
    "a setting twice": ({"settings": ["SETTING_TAG", "SETTING_TAG"]}, [("/settings/1", "duplicate")]),
    "too many settings": ({"settings": ["SETTING_TAG"] * 10_000}, [("/settings", "limit")]),
    "10,000 rules": (
        content([tagged(number) for number in range(10_000)]),
        [("/content/Read/Allow", "limit"), ("", "limit")],
    ),
    "every fault at once": (
        {"content": {"Paint": {}, "Read": {"Allow": ["all"]}}, "settings": ["SETTING_COLOUR"]},
        [("/content/Paint", "unknown"), ("/content/Read/Allow/0", "type"), ("/settings/0", "unknown")],
    ),
}


@pytest.mark.parametrize(("body", "faults"), REFUSED.values(), ids=REFUSED)
def test_refused_naming_the_path(body, faults):
    assert faults_of(body) == faults


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (kind, key)
        for kind in MAPS
        for key in ("contentType", "createdBy", "tag", "self")
        if key not in TARGETS[kind]
    ],
)
def test_a_filter_on_the_wrong_map(kind, key):
    with pytest.raises(MisplacedFilter) as refused:
        validate({kind.value: {"Read": {"Deny": [{key: refer("ContentType", "x")}]}}})
    assert refused.value.code == "WGL400020"
    (fault,) = refused.value.details["errors"]
    assert fault["path"] == f"/{kind}/Read/Deny/0/{key}"


def test_a_misplaced_filter_among_other_faults_is_a_bad_body():
    with pytest.raises(Invalid) as refused:
        validate({"content": {"Read": {"Allow": [{"self": refer("ContentType", "x")}]}, "Paint": {}}})
    assert refused.value.code == "WGL400006"
    assert len(refused.value.details["errors"]) == 2


def test_as_many_rules_as_may_be():
    lists = {"Allow": [tagged(number) for number in range(MAX_RULES_IN_LIST)]}
    five = ("Read", "Create", "Edit", "Delete", "Publish")
    assert len(five) * MAX_RULES_IN_LIST == MAX_RULES
    body = {"content": dict.fromkeys(five, lists)}
    validate(body)
    body["media"] = {"Read": {"Deny": [tagged(1)]}}
    assert faults_of(body) == [("", "limit")]


def test_a_refusal_stays_short():
    assert len(faults_of({f"x{number}": 1 for number in range(10_000)})) == MAX_FAULTS


def test_nesting_without_end_is_only_a_wrong_type():
    deep: object = "end"
    for _ in range(100_000):
        deep = {"sys": deep}
    assert faults_of(content([{"tag": deep}]))[0] == ("/content/Read/Allow/0/tag/sys/id", "required")
    while isinstance(deep, dict):  # taken apart by hand: freeing it at once is as deep
        deep = deep.pop("sys")


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["content", "settings", "Read", "All", "Allow", "Deny", "tag", "self", "sys", "id"])
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
)


@properties
@given(json)
def test_no_json_breaks_the_reader(body):
    shape, faults = read(body)
    assert faults or validate(body) == shape
