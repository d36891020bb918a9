"""SpaceRoles and questions for the property tests, out of a small world so that they often meet."""

import itertools

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from spaces.models import SpaceRole
from spaces.permissions import ACTIONS, FIELDS, MAPS, SETTINGS, TARGETS, Key, Map, Request, refer

properties = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

PERSON = "minji"
VALUES = {
    Key.CONTENT_TYPE: ["product", "page"],
    Key.CREATED_BY: [PERSON, "jun", ":self"],
    Key.TAG: ["sale", "secret"],
    Key.SELF: ["one", "two"],
}
_numbers = itertools.count(1)


def space_role(**fields: object) -> SpaceRole:
    """An unsaved SpaceRole; fields by their names in the model."""
    number = next(_numbers)
    return SpaceRole(**({"pk": f"role{number:05}", "name": f"Role {number}"} | fields))


def rules(kind: Map) -> st.SearchStrategy[dict]:
    filters = {
        key.value: st.sampled_from(VALUES[key]).map(lambda value, target=target: refer(target, value))
        for key, target in TARGETS[kind].items()
    }
    return st.fixed_dictionaries({}, optional=filters).filter(bool)


def maps(kind: Map) -> st.SearchStrategy[dict]:
    listed = st.lists(rules(kind), max_size=3)
    lists = st.one_of(
        st.fixed_dictionaries({"Allow": listed}),
        st.fixed_dictionaries({"Deny": listed}),
        st.fixed_dictionaries({"Allow": listed, "Deny": listed}),
    )
    return st.dictionaries(st.sampled_from([action.value for action in ACTIONS[kind]]), lists, max_size=3)


roles = st.builds(
    space_role,
    settings=st.lists(st.sampled_from(SETTINGS), unique=True, max_size=2),
    **{FIELDS[kind]: maps(kind) for kind in MAPS},
)
settled = st.builds(space_role, settings=st.lists(st.sampled_from(SETTINGS), unique=True, max_size=2))
role_lists = st.lists(roles, max_size=3)
# Much that meets: one kind of thing, one or two actions.
crowded = st.builds(
    space_role,
    content=st.dictionaries(
        st.sampled_from(["All", "Read"]),
        st.fixed_dictionaries(
            {},
            optional={
                "Allow": st.lists(rules(Map.CONTENT), max_size=3),
                "Deny": st.lists(rules(Map.CONTENT), max_size=2),
            },
        ).filter(bool),
        min_size=1,
    ),
)


@st.composite
def requests(draw: st.DrawFn, *, known: bool = False, kinds: tuple[Map, ...] = tuple(Map)) -> Request:
    """A question; with ``known``, one that gives every fact."""
    kind = draw(st.sampled_from(kinds))
    actions = SETTINGS if kind == Map.SETTINGS else ACTIONS[kind]

    def fact(strategy: st.SearchStrategy) -> object:
        return draw(strategy if known else st.none() | strategy)

    return Request(
        kind,
        draw(st.sampled_from(actions)),
        content_type=fact(st.sampled_from([*VALUES[Key.CONTENT_TYPE], "other"])),
        created_by=fact(st.sampled_from([PERSON, "jun", "other"])),
        tags=draw(st.frozensets(st.sampled_from([*VALUES[Key.TAG], "other"]))),
        self_id=fact(st.sampled_from([*VALUES[Key.SELF], "other"])),
    )
