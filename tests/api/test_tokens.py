"""Personal access tokens through the API (api.md, Auth and Fine print)."""

import re

import pytest

from accounts.actor import SYSTEM
from accounts.services import create_token
from tests.api.caller import refer

TOKENS = "/personal-access-tokens"
CREATION = ["id", "type", "user", "scopes", "createdBy", "createdAt", "updatedBy", "updatedAt", "lastUsedAt"]


def test_a_token_says_who_made_it_and_when(callers):
    person = refer("User", callers.owner.user.pk)
    made = callers.owner.post(TOKENS, {"name": "ci"}).json()["sys"]
    assert made["createdBy"] == made["updatedBy"] == made["user"] == person
    assert made["createdAt"] == made["updatedAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["updatedAt"])


def test_being_used_is_no_change_of_a_token(callers):
    one = callers.admin.get(f"{TOKENS}/{callers.admin.token.pk}").json()["sys"]
    assert one["lastUsedAt"] is not None
    assert one["updatedAt"] == one["createdAt"]


def test_a_token_that_the_operator_issued_names_its_person(callers, cast):
    issued = create_token(actor=SYSTEM, user=cast.owner, name="issued").token
    found = callers.owner.get(f"{TOKENS}/{issued.pk}").json()["sys"]
    assert found["createdBy"] == found["updatedBy"] == refer("User", cast.owner.pk)


def test_only_the_answer_of_the_creation_has_the_secret(callers):
    made = callers.owner.post(TOKENS, {"name": "ci"}).json()["sys"]
    assert list(made) == [*CREATION, "accessToken"]
    for found in (
        callers.owner.get(f"{TOKENS}/{made['id']}").json(),
        *callers.owner.get(TOKENS).json()["items"],
    ):
        assert list(found["sys"]) == CREATION
    assert made["accessToken"] not in callers.owner.get(TOKENS).content.decode()


@pytest.mark.parametrize("who", ["user", "createdBy", "updatedBy"])
def test_tokens_are_found_by_their_person(callers, cast, who):
    path = f"sys.{who}.sys.id"
    assert callers.owner.get(TOKENS, query={path: cast.owner.pk}).json()["totalCount"] == 1
    assert callers.owner.get(TOKENS, query={path: cast.admin.pk}).json()["totalCount"] == 0


@pytest.mark.parametrize("sign", ["", "-"])
def test_tokens_are_ordered_by_when_they_changed(callers, sign):
    ids = [callers.owner.token.pk]
    ids += [callers.owner.post(TOKENS, {"name": name}).json()["sys"]["id"] for name in ("b", "a")]
    found = callers.owner.get(TOKENS, query={"order": f"{sign}sys.updatedAt"}).json()["items"]
    assert [one["sys"]["id"] for one in found] == (ids[::-1] if sign else ids)


def test_a_token_comes_with_its_person(callers, cast):
    included = callers.owner.get(TOKENS, query={"include": "1"}).json()["include"]
    assert [one["sys"]["id"] for one in included["User"]] == [cast.owner.pk]


def test_the_page_says_that_a_secret_is_shown_once(callers):
    page = callers.nobody.get("/docs").content.decode()
    assert "is the secret: it is in this answer and nowhere else" in page
    assert "shown at creation and never again" in page
