"""Reading of bodies: no text makes it fail otherwise than by a refusal, or take more than its share of time."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.core.json_patch import apply_patch, read_patch
from api.core.parsing import MAX_DEPTH, read_body, read_json
from api.core.refusals import BadJson, BadPatch, PatchTestFailed
from api.resources.organization_memberships import InvitationBody
from common.errors import DomainError, Invalid
from tests.growth import assert_proportional

PARTS = [
    '"',
    "\\",
    '\\"',
    "\\\\",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\\u0000",
    "\\ud800",
    " ",
    "\n",
    "a",
    "1",
    "\ufeff",
    "é",
]
HOSTILE = [
    *[lambda n, part=part: part * n for part in PARTS],
    *[lambda n, part=part: '"' + part * n for part in PARTS],
    lambda n: '"' + '\\"' * n + "\\",
    lambda n: '"a\\"' * n + "\\",
    lambda n: '{"a":' * n,
    lambda n: '{"name":"' + "\\u0000" * n + '"}',
    lambda n: '{"name":"' + "\\ud83d\\ude00" * n + '"}',
    lambda n: "{" + ",".join(f'"a{i}":1' for i in range(n)) + "}",
    lambda n: "[" + ",".join(["[]"] * n) + "]",
    lambda n: "[" + ",".join(["1e9"] * n) + "]",
]


@pytest.mark.parametrize("make", HOSTILE)
def test_time_grows_in_proportion_to_the_body(make):
    assert_proportional(
        lambda raw: read_body(InvitationBody, read_json(raw)), lambda n: make(n).encode(), 10_000
    )


def refusal[T](read: Callable[[T], object], text: T, *expected: type[DomainError]) -> DomainError | None:
    """The refusal of ``text``, if it is refused; any other exception fails the test."""
    try:
        read(text)
    except expected as error:
        return error
    return None


def has_words(error: DomainError | None) -> bool:
    return error is None or bool(str(error.message).strip() and str(error.suggestion).strip())


def test_an_unterminated_string_of_escaped_quotes_is_refused_at_once():
    assert_proportional(read_json, lambda n: b'"' + b'\\"' * n, 100_000)


@given(st.lists(st.sampled_from(PARTS)).map("".join) | st.text())
def test_no_text_is_anything_but_json_or_a_refusal(text):
    assert has_words(refusal(read_json, text.encode("utf-8", "surrogatepass"), BadJson))


@given(st.binary())
def test_no_bytes_are_anything_but_json_or_a_refusal(raw):
    assert has_words(refusal(read_json, raw, BadJson))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_json_is_read_as_it_was_meant(value):
    def plain(part: Any) -> bool:
        match part:
            case str():
                return "\0" not in part
            case list():
                return all(plain(one) for one in part)
            case dict():
                return all(plain(name) and plain(one) for name, one in part.items())
        return True

    for raw in (json.dumps(value).encode(), b"\xef\xbb\xbf" + json.dumps(value, ensure_ascii=False).encode()):
        if plain(value):
            assert read_json(raw) == value
        else:
            with pytest.raises(BadJson):
                read_json(raw)


@given(JSON)
def test_every_fault_of_a_body_is_told_in_words(value):
    try:
        read_body(InvitationBody, value)
    except Invalid as refused:
        for fault in refused.details["errors"]:
            assert fault["path"] == "" or fault["path"].startswith("/")
            assert fault["code"]
            assert fault["message"]


def test_of_very_many_faults_the_first_thousand_are_told():
    with pytest.raises(Invalid) as refused:
        read_body(InvitationBody, {f"x{number}": 1 for number in range(5000)})
    assert len(refused.value.details["errors"]) == 1000


# --- JSON Patch ---------------------------------------------------------------------------

BODY = {
    "name": "Shop",
    "roles": [{"sys": {"id": "a"}}, {"sys": {"id": "b"}}],
    "maps": {"content": {"Read": []}},
}
TOKENS = [
    "name",
    "roles",
    "0",
    "1",
    "-",
    "01",
    "sys",
    "id",
    "maps",
    "content",
    "~0",
    "~1",
    "~2",
    "",
    "9" * 30,
    "nope",
]
POINTERS = st.lists(st.sampled_from(TOKENS), max_size=5).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "replace", "test", "remove", "move", "copy", "rename"]) | JSON,
        "path": POINTERS | JSON,
    },
    optional={"from": POINTERS | JSON, "value": JSON, "more": JSON},
)


def patched(patch: Any, body: Any = None) -> Any:
    return apply_patch(read_patch(patch), BODY if body is None else body)


@settings(max_examples=400)
@given(st.lists(OPERATIONS, max_size=6) | JSON)
def test_no_patch_is_anything_but_applied_or_refused(patch):
    before = json.dumps(BODY)
    assert has_words(refusal(patched, patch, BadPatch, PatchTestFailed))
    assert json.dumps(BODY) == before


def test_a_patch_nests_no_deeper_than_a_body_may():
    """Each copy of the whole into its own innermost place doubles the depth."""
    deep: list[dict[str, str]] = []
    pointer = "/maps"
    for _number in range(12):
        deep.append({"op": "copy", "from": "/maps", "path": f"{pointer}/x"[:1000]})
        pointer += "/x"
    for patch in (
        deep,
        [{"op": "add", "path": "/maps" + "/content" * (MAX_DEPTH + 1), "value": 1}],
        [{"op": "add", "path": "/name", "value": []}]
        + [{"op": "add", "path": "/name" + "/0" * number, "value": [[]]} for number in range(1, 199)],
    ):
        with pytest.raises(BadPatch):
            patched(patch)


def test_what_a_patch_carries_around_is_at_most_1_mib():
    large = [{"op": "add", "path": "/name", "value": "a" * 900_000}]
    there_and_back = [
        {"op": "move", "from": "/name", "path": "/other"},
        {"op": "move", "from": "/other", "path": "/name"},
    ]
    assert patched([*large, there_and_back[0]])["other"] == "a" * 900_000
    with pytest.raises(BadPatch):
        patched([*large, *there_and_back])


@pytest.mark.parametrize(
    "make",
    [
        lambda n: (
            [{"op": "add", "path": "/name", "value": "a" * n}]
            + [{"op": "move", "from": "/name", "path": "/x"}, {"op": "move", "from": "/x", "path": "/name"}]
            * 99
        ),
        lambda n: [{"op": "copy", "from": "/roles", "path": "/roles/-"}] * min(n, 200),
        lambda n: (
            [{"op": "add", "path": "/name", "value": ["a"] * n}]
            + [{"op": "test", "path": "/name", "value": ["a"]}] * 199
        ),
        lambda n: [{"op": "add", "path": "/" + "a/" * n, "value": 1}],
        lambda n: [{"op": "o" * n, "path": "/name"}],
        lambda n: [{"op": "test", "path": "/name", "value": "a"}] * n,
        lambda n: [1] * n,
    ],
)
def test_time_grows_in_proportion_to_the_patch(make):
    assert_proportional(patched, make, 50_000)


def test_a_refusal_repeats_no_more_than_a_line_of_the_patch():
    with pytest.raises(BadPatch) as refused:
        patched([{"op": "o" * 100_000, "path": "/name"}])
    assert len(str(refused.value.message)) <= 300
