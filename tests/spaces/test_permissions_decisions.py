"""Deciding (rules §8), against a second, naive reading of the same rules."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.models import SpaceRole
from spaces.permissions import (
    ACTIONS,
    Action,
    Effect,
    Key,
    Map,
    Permissions,
    Request,
    Rule,
    Setting,
    allows_setting,
    grants_of,
    refer,
)
from tests.spaces.generated import PERSON, crowded, properties, requests, role_lists, roles, settled, space_role

PRODUCT = {"contentType": refer("ContentType", "product")}
SECRET = {"tag": refer("Tag", "secret")}
OWN = {"createdBy": refer("User", ":self")}


def decide(held: list[SpaceRole], request: Request):
    return Permissions.of(held, PERSON).decide(request)


# --- The second reading -------------------------------------------------------------------


def naive_matches(rule: dict, request: Request) -> bool:
    """Whether every key of a rule's JSON matches a given fact."""
    given = {
        "contentType": [request.content_type],
        "createdBy": [PERSON if request.created_by == ":self" else request.created_by],
        "tag": list(request.tags),
        "self": [request.self_id],
    }
    for key, reference in rule.items():
        wanted = reference["sys"]["id"]
        if (PERSON if wanted == ":self" else wanted) not in given[key]:
            return False
    return True


def naive(held: list[SpaceRole], request: Request) -> bool:
    """Rules §8, Deciding, word by word."""
    if request.map == Map.SETTINGS:
        return any(request.action in role.settings or "SETTING_ALL" in role.settings for role in held)
    if request.action == "All":
        every = [action for action in ACTIONS[request.map] if action != "All"]
        return all(naive(held, replace(request, action=action)) for action in every)
    field = {"contentType": "content_type"}.get(request.map, request.map)
    granted = False
    for role in held:
        for action in (str(request.action), "All"):
            lists = getattr(role, field).get(action, {})
            denies = lists.get("Deny")
            if denies is not None and (denies == [] or any(naive_matches(rule, request) for rule in denies)):
                return False
            allows = lists.get("Allow")
            if allows is not None and (allows == [] or any(naive_matches(rule, request) for rule in allows)):
                granted = True
    return granted


# --- Properties ---------------------------------------------------------------------------


@properties
@given(role_lists, requests())
def test_it_agrees_with_the_naive_reading(held, request_):
    assert decide(held, request_).allowed == naive(held, request_)


@properties
@given(st.lists(crowded, max_size=3), requests(kinds=(Map.CONTENT,)))
def test_it_agrees_with_the_naive_reading_where_rules_crowd(held, request_):
    assert decide(held, request_).allowed == naive(held, request_)


@properties
@given(st.lists(crowded, max_size=3), requests(kinds=(Map.CONTENT,)))
def test_the_reasons_are_grants_that_match_and_of_the_deciding_effect(held, request_):
    decision = decide(held, request_)
    assert {grant.effect for grant in decision.because} <= {Effect.ALLOW if decision.allowed else Effect.DENY}
    assert bool(decision.because) or not decision.allowed
    assert set(decision.because) <= set(grants_of(held))
    for grant in decision.because:
        assert request_.action in (grant.action, Action.ALL) or grant.action == Action.ALL
        assert naive_matches(grant.rule.as_json(Map.CONTENT), request_)


def with_more(role: SpaceRole, action: str, effect: str, extra: list[dict]) -> SpaceRole:
    lists = role.content.get(action, {})
    before = lists.get(effect)
    more = extra if before is None else [] if before == [] or extra == [] else [*before, *extra]
    content = {**role.content, action: {**lists, effect: more}}
    return space_role(content=content)


extras = st.sampled_from([[], [PRODUCT], [SECRET], [OWN], [PRODUCT, OWN], [{**PRODUCT, **OWN}]])


@properties
@given(
    crowded,
    st.lists(crowded, max_size=2),
    extras,
    st.sampled_from(["All", "Read"]),
    requests(kinds=(Map.CONTENT,)),
)
def test_adding_an_allow_never_takes_away(role, others, extra, action, request_):
    if decide([role, *others], request_).allowed:
        assert decide([with_more(role, action, "Allow", extra), *others], request_).allowed


@properties
@given(roles, role_lists, requests())
def test_adding_a_role_never_takes_away_unless_a_deny_came_with_it(role, others, request_):
    if any(grant.effect == Effect.DENY for grant in grants_of([role])):
        return
    if decide(others, request_).allowed:
        assert decide([*others, role], request_).allowed


@properties
@given(crowded, st.lists(crowded, max_size=2), requests(kinds=(Map.CONTENT,)))
def test_a_deny_is_never_outvoted(role, others, request_):
    everything = space_role(content={"All": {"Allow": []}, "Read": {"Allow": []}})
    if decide([role], request_).because and not decide([role], request_).allowed:
        assert not decide([everything, role, *others, everything], request_).allowed


@properties
@given(st.lists(crowded, min_size=1, max_size=3), requests(kinds=(Map.CONTENT,)), st.randoms())
def test_the_order_of_roles_and_rules_never_matters(held, request_, random):
    def shuffled(items):
        return random.sample(items, len(items))

    mixed = [
        SpaceRole(
            pk=role.pk,
            name=role.name,
            content={
                action: {
                    effect: shuffled(role.content[action][effect])
                    for effect in shuffled([*role.content[action]])
                }
                for action in shuffled([*role.content])
            },
        )
        for role in shuffled(held)
    ]
    assert decide(mixed, request_) == decide(held, request_)


@properties
@given(st.lists(settled, max_size=3), st.sampled_from(Setting))
def test_the_consoles_gate_is_the_engine(held, setting):
    assert allows_setting(held, setting) == decide(held, Request(Map.SETTINGS, setting)).allowed


# --- Examples -----------------------------------------------------------------------------


def test_nothing_listed_is_nothing_granted():
    assert not decide([], Request(Map.CONTENT, Action.READ)).allowed
    assert not decide([space_role()], Request(Map.CONTENT, Action.READ)).because


def test_a_yes_names_the_role_and_the_rule():
    role = space_role(name="Product Editor", content={"Edit": {"Allow": [PRODUCT]}})
    (reason,) = decide([role], Request(Map.CONTENT, Action.EDIT, content_type="product")).because
    assert (reason.role_id, reason.role_name) == (role.pk, "Product Editor")
    assert (reason.effect, reason.map, reason.action) == (Effect.ALLOW, Map.CONTENT, Action.EDIT)
    assert reason.rule == Rule(((Key.CONTENT_TYPE, "product"),))
    assert reason.rule.as_json(Map.CONTENT) == PRODUCT


def test_all_covers_every_action_but_of_its_map_only():
    role = space_role(media={"All": {"Allow": []}})
    assert all(decide([role], Request(Map.MEDIA, action)).allowed for action in ACTIONS[Map.MEDIA])
    assert not decide([role], Request(Map.CONTENT, Action.READ)).allowed


def test_all_is_asked_of_every_action():
    role = space_role(content={"All": {"Allow": []}, "Delete": {"Deny": [SECRET]}})
    assert decide([role], Request(Map.CONTENT, Action.ALL)).allowed
    decision = decide([role], Request(Map.CONTENT, Action.ALL, tags=frozenset({"secret"})))
    assert not decision.allowed
    assert [grant.action for grant in decision.because] == [Action.DELETE]


def test_the_keys_of_a_rule_are_anded():
    role = space_role(content={"Read": {"Allow": [{**PRODUCT, **OWN}]}})
    own_product = Request(Map.CONTENT, Action.READ, content_type="product", created_by=PERSON)
    assert decide([role], own_product).allowed
    assert not decide([role], replace(own_product, created_by="jun")).allowed
    assert not decide([role], replace(own_product, content_type="page")).allowed


def test_self_is_the_asking_person_and_may_be_the_fact():
    role = space_role(content={"Read": {"Allow": [OWN]}})
    mine = Request(Map.CONTENT, Action.READ, created_by=":self")
    assert decide([role], mine).allowed
    assert Permissions.of([role], "jun").decide(replace(mine, created_by=PERSON)).allowed is False


def test_the_creator_of_what_is_created_is_a_fact_like_others():
    role = space_role(content={"Create": {"Allow": [OWN]}})
    assert not decide([role], Request(Map.CONTENT, Action.CREATE)).allowed
    assert decide([role], Request(Map.CONTENT, Action.CREATE, created_by=":self")).allowed


def test_a_deny_in_another_role_wins():
    editor = space_role(content={"All": {"Allow": []}})
    careful = space_role(name="Careful", content={"Delete": {"Deny": []}})
    decision = decide([editor, careful], Request(Map.CONTENT, Action.DELETE))
    assert not decision.allowed
    assert [grant.role_name for grant in decision.because] == ["Careful"]
    assert decide([editor, careful], Request(Map.CONTENT, Action.EDIT)).allowed


def test_a_fact_that_is_not_given_matches_no_rule_that_names_it():
    role = space_role(content={"Read": {"Allow": [PRODUCT]}, "Edit": {"Allow": [], "Deny": [SECRET, PRODUCT]}})
    assert not decide([role], Request(Map.CONTENT, Action.READ)).allowed
    assert decide([role], Request(Map.CONTENT, Action.READ, content_type="product")).allowed
    assert decide([role], Request(Map.CONTENT, Action.EDIT)).allowed
    assert not decide([role], Request(Map.CONTENT, Action.EDIT, content_type="product")).allowed


def test_a_thing_has_all_its_tags():
    role = space_role(content={"Read": {"Allow": [], "Deny": [SECRET]}})
    assert decide([role], Request(Map.CONTENT, Action.READ, tags=frozenset({"sale"}))).allowed
    assert not decide([role], Request(Map.CONTENT, Action.READ, tags=frozenset({"sale", "secret"}))).allowed


def test_one_script_and_no_other():
    role = space_role(script={"Execute": {"Allow": [{"self": refer("Script", "checkout")}]}})
    assert decide([role], Request(Map.SCRIPT, Action.EXECUTE, self_id="checkout")).allowed
    assert not decide([role], Request(Map.SCRIPT, Action.EXECUTE, self_id="refund")).allowed


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (Map.CONTENT, Action.EXECUTE),
        (Map.SCRIPT, Action.PUBLISH),
        (Map.SETTINGS, Action.READ),
        (Map.CONTENT, Setting.USER),
    ],
)
def test_an_action_of_another_map_is_no_question(kind, action):
    with pytest.raises(ValueError):
        Request(kind, action)


def test_a_row_that_cannot_be_read_raises():
    broken = space_role(content={"Read": {"Allow": [], "Deny": [{"colour": refer("Tag", "red")}]}})
    with pytest.raises(ValueError):
        decide([broken], Request(Map.CONTENT, Action.READ))


def test_grants_are_listed_role_by_role_as_the_editor_shows_them():
    first = space_role(content={"Edit": {"Allow": []}, "Read": {"Deny": [OWN], "Allow": [PRODUCT, SECRET]}})
    second = space_role(settings=["SETTING_ROLE", "SETTING_TAG"], media={"All": {"Allow": []}})
    listed = [(grant.role_id, grant.effect, grant.map, grant.action) for grant in grants_of([second, first])]
    assert listed == [
        (second.pk, "Allow", "media", "All"),
        (second.pk, "Allow", "settings", "SETTING_TAG"),
        (second.pk, "Allow", "settings", "SETTING_ROLE"),
        (first.pk, "Allow", "content", "Read"),
        (first.pk, "Allow", "content", "Read"),
        (first.pk, "Deny", "content", "Read"),
        (first.pk, "Allow", "content", "Edit"),
    ]
