"""SpaceRoles in plain words (console.md, Roles & Permissions)."""

import pytest
from hypothesis import given

from spaces.permissions import ACTIONS, EVERYTHING, Map, describe, grants_of, refer, scope, summary
from tests.spaces.generated import properties, roles, space_role

PRODUCT = {"contentType": refer("ContentType", "product")}
OWN = {"createdBy": refer("User", ":self")}

SENTENCES = {
    "nothing": ({}, "No access."),
    "viewer": (
        {"content_type": {"Read": {"Allow": []}}, "content": {"Read": {"Allow": []}}},
        "Can read content types; read content.",
    ),
    "everything of a kind": (
        {"media": {"All": {"Allow": []}, "Read": {"Allow": [OWN]}}},
        "Full access to media.",
    ),
    "actions alike are named together": (
        {"content": {action: {"Allow": [PRODUCT]} for action in ("Read", "Create", "Edit")}},
        "Can read, create and edit content of the type “Products”.",
    ),
    "keys and rules": (
        {"content": {"Edit": {"Allow": [{**PRODUCT, **OWN}, {"tag": refer("Tag", "sale")}]}}},
        "Can edit content of the type “Products” and that they created themselves or tagged “sale”.",
    ),
    "a Deny": (
        {"content": {"All": {"Allow": []}, "Delete": {"Deny": []}}},
        "Full access to content. Can't delete content.",
    ),
    "only a Deny": (
        {"script": {"Execute": {"Deny": [{"self": refer("Script", "refund")}]}}},
        "No access. Can't run scripts named “refund”.",
    ),
    "settings": (
        {"settings": ["SETTING_WEBHOOK", "SETTING_USER"]},
        "Can manage Webhooks and Membership.",
    ),
    "all settings": ({"settings": ["SETTING_ALL", "SETTING_TAG"]}, "Full access to all settings."),
    "many": (
        {"media": {"Read": {"Allow": [{"tag": refer("Tag", f"t{number}")} for number in range(9)]}}},
        "Can read media tagged “t0”, tagged “t1”, tagged “t2” or 6 more cases.",
    ),
}


@pytest.mark.parametrize(("fields", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_a_sentence(fields, sentence):
    assert summary(space_role(**fields), {"product": "Products"}) == sentence


@properties
@given(roles)
def test_every_role_and_grant_has_words(role):
    assert summary(role).startswith(("Can ", "Full access to ", "No access."))
    for grant in grants_of([role]):
        assert describe(grant)
        if grant.map != Map.SETTINGS:
            assert scope(grant.rule)


def test_every_action_has_a_verb():
    for kind, actions in ACTIONS.items():
        fields = {
            "content_type" if kind == Map.CONTENT_TYPE else kind.value: {a: {"Allow": []} for a in actions}
        }
        for grant in grants_of([space_role(**fields)]):
            assert describe(grant)


def test_the_scope_of_everything():
    assert scope(EVERYTHING) == "everything"
