"""What a name may be, at every door, and what stands for it in a small circle (rules §3)."""

import time
import unicodedata
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import SYSTEM
from accounts.models import PersonalAccessToken, User
from accounts.services import change_profile, create_token
from common.errors import Invalid
from common.names import LONGEST_TYPED, MAX_LENGTH, clean_name, initials, read_description, read_name
from common.text import is_blank
from organizations.models import Organization
from organizations.services import create_organization, update_organization
from spaces.models import Space, SpaceRole
from spaces.services import create_space, create_space_role, update_space
from tests.api.caller import Caller
from tests.cast import Cast, acting, fresh, role_named
from tests.pages import Page

UNSEEN = {
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "\uffa0",
    "leading filler": "\u115f\u1160",
    "empty braille": "\u2800",
    "a lone mark": "\u0301",
    "marks alone": "\u0301\u20dd\ufe0f",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "soft hyphen": "\xad",
    "byte order mark": "\ufeff",
    "a tag": "\U000e0041",
    "grapheme joiner": "\u034f",
    "a place for an object": "\ufffc",
    "spaces between": "\u3164 \u2800\u00a0\u3164",
}
TURNING = {f"U+{point:04X}": chr(point) for point in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
BREAKING = {
    "bell": "a\x07b",
    "escape": "a\x1bb",
    "line separator": "a\u2028b",
    "C1": "a\x85b",
    "newline": "a\nb",
}
REFUSED = {
    **{f"nothing to see: {name}": text for name, text in UNSEEN.items()},
    **{f"turning: {name}": f"Lee {text}gro.live" for name, text in TURNING.items()},
    **{f"control: {name}": text for name, text in BREAKING.items()},
    "too long": "x" * 65,
    "very long": "e\u0301" * 40_000,
}
STORED = {
    "as it is": ("Minji Kim", "Minji Kim"),
    "trimmed": ("  Minji ", "Minji"),
    "composed": (unicodedata.normalize("NFD", "김민지"), "김민지"),
    "composed to 64": (unicodedata.normalize("NFD", "각" * 64), "각" * 64),
    "Hebrew": ("דנה לוי", "דנה לוי"),
    "Arabic with brackets": ("محمد (مدير)", "محمد (مدير)"),
    "with a mark of direction": ("\u200fדנה", "\u200fדנה"),
    "Persian with a joiner": ("علی\u200cرضا", "علی\u200cرضا"),
    "an emoji of several": ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
    "signs": ("★", "★"),
    "a mark on a letter": ("q\u0301", "q\u0301"),
    "newer than any table": ("\U000323b0", "\U000323b0"),
}

type Door = Callable[[Cast, str], tuple[bool, str]]


def refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except Invalid as error:
        return [fault["path"] for fault in error.details["errors"]] == ["/name"]
    return False


def _console(cast: Cast, url: str, data: dict[str, str]) -> bool:
    client = Client()
    client.force_login(cast.owner)
    response = client.post(url, data)
    if response.status_code == 422:
        assert Page(response).words
        assert response.context["form"].errors["name"]
        return False
    assert response.status_code in (200, 302)
    return True


def _api(cast: Cast, method: str, path: str, body: dict[str, object], version: int | None = None) -> bool:
    response = Caller(cast.owner)(method, path, body, version=version)
    if response.status_code == 400:
        assert [fault["path"] for fault in response.json()["details"]["errors"]] == ["/name"]
        return False
    assert response.status_code in (200, 201), response.content
    return True


def newest[M: (Organization, Space, SpaceRole, PersonalAccessToken)](model: type[M]) -> str:
    return model.objects.latest("created_at").name


def console_organization(cast: Cast, name: str) -> tuple[bool, str]:
    return _console(cast, reverse("organization-create"), {"name": name}), newest(Organization)


def console_settings(cast: Cast, name: str) -> tuple[bool, str]:
    url = f"/organizations/{cast.organization.pk}/settings/"
    return _console(cast, url, {"name": name, "version": "1"}), fresh(cast.organization).name


def console_space(cast: Cast, name: str) -> tuple[bool, str]:
    return _console(cast, reverse("space-create", args=[cast.organization.pk]), {"name": name}), newest(Space)


def console_space_settings(cast: Cast, name: str) -> tuple[bool, str]:
    url = f"/spaces/{cast.space.pk}/settings/"
    return _console(cast, url, {"name": name, "version": "1"}), fresh(cast.space).name


def console_role(cast: Cast, name: str) -> tuple[bool, str]:
    return _console(cast, f"/spaces/{cast.space.pk}/roles/create/", {"name": name}), newest(SpaceRole)


def console_profile(cast: Cast, name: str) -> tuple[bool, str]:
    return _console(cast, "/profile/", {"name": name, "version": "1"}), fresh(cast.owner).name


def console_token(cast: Cast, name: str) -> tuple[bool, str]:
    return _console(cast, "/profile/tokens/", {"name": name}), newest_or_none()


def api_organization(cast: Cast, name: str) -> tuple[bool, str]:
    return _api(cast, "POST", "/organizations", {"name": name}), newest(Organization)


def api_organization_put(cast: Cast, name: str) -> tuple[bool, str]:
    path = f"/organizations/{cast.organization.pk}"
    return _api(cast, "PUT", path, {"name": name}, 1), fresh(cast.organization).name


def api_space(cast: Cast, name: str) -> tuple[bool, str]:
    return _api(cast, "POST", f"/organizations/{cast.organization.pk}/spaces", {"name": name}), newest(Space)


def api_space_put(cast: Cast, name: str) -> tuple[bool, str]:
    return _api(cast, "PUT", f"/spaces/{cast.space.pk}", {"name": name}, 1), fresh(cast.space).name


def api_role(cast: Cast, name: str) -> tuple[bool, str]:
    return _api(cast, "POST", f"/spaces/{cast.space.pk}/space-roles", {"name": name}), newest(SpaceRole)


def api_role_put(cast: Cast, name: str) -> tuple[bool, str]:
    role = role_named(cast.space, "Viewer")
    path = f"/spaces/{cast.space.pk}/space-roles/{role.pk}"
    return _api(cast, "PUT", path, {"name": name}, 1), fresh(role).name


def api_token(cast: Cast, name: str) -> tuple[bool, str]:
    return _api(cast, "POST", "/personal-access-tokens", {"name": name}), newest(PersonalAccessToken)


def service_organization(cast: Cast, name: str) -> tuple[bool, str]:
    actor = acting(cast.owner)
    return not refused(lambda: create_organization(actor=actor, name=name)), newest(Organization)


def service_organization_update(cast: Cast, name: str) -> tuple[bool, str]:
    def update() -> None:
        update_organization(
            actor=acting(cast.owner),
            organization=cast.organization,
            name=name,
            description="",
            expected_version=1,
        )

    return not refused(update), fresh(cast.organization).name


def service_space(cast: Cast, name: str) -> tuple[bool, str]:
    def create() -> None:
        create_space(actor=acting(cast.owner), organization=cast.organization, name=name)

    return not refused(create), newest(Space)


def service_space_update(cast: Cast, name: str) -> tuple[bool, str]:
    def update() -> None:
        update_space(actor=acting(cast.owner), space=cast.space, name=name, expected_version=1)

    return not refused(update), fresh(cast.space).name


def service_role(cast: Cast, name: str) -> tuple[bool, str]:
    def create() -> None:
        create_space_role(actor=acting(cast.owner), space=cast.space, name=name, permissions={})

    return not refused(create), newest(SpaceRole)


def service_profile(cast: Cast, name: str) -> tuple[bool, str]:
    def change() -> None:
        change_profile(actor=acting(cast.owner), user=cast.owner, name=name, expected_version=1)

    return not refused(change), fresh(cast.owner).name


def service_token(cast: Cast, name: str) -> tuple[bool, str]:
    return not refused(lambda: create_token(actor=SYSTEM, user=cast.owner, name=name)), newest_or_none()


def newest_or_none() -> str:
    token = PersonalAccessToken.objects.order_by("created_at").last()
    return token.name if token else ""


DOORS: list[Door] = [
    console_organization,
    console_settings,
    console_space,
    console_space_settings,
    console_role,
    console_profile,
    console_token,
    api_organization,
    api_organization_put,
    api_space,
    api_space_put,
    api_role,
    api_role_put,
    api_token,
    service_organization,
    service_organization_update,
    service_space,
    service_space_update,
    service_role,
    service_profile,
    service_token,
]
each_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
# The profile makes one space of any white space.
_SPACED = {"service_profile": {"control: newline", "control: C1", "control: line separator"}}


@each_door
def test_what_is_no_name_is_refused_at_every_door(cast: Cast, door: Door) -> None:
    for kind, name in REFUSED.items():
        if kind in _SPACED.get(door.__name__, ()):
            continue
        before = User.objects.count(), Organization.objects.count(), Space.objects.count()
        done, stored = door(cast, name)
        assert not done, kind
        assert stored != name, kind
        assert (User.objects.count(), Organization.objects.count(), Space.objects.count()) == before


@each_door
@pytest.mark.parametrize("kind", ["composed to 64", "Arabic with brackets"])
def test_a_name_is_stored_composed_at_every_door(cast: Cast, door: Door, kind: str) -> None:
    typed, stored = STORED[kind]
    assert door(cast, typed) == (True, stored)


@pytest.mark.parametrize(("typed", "stored"), STORED.values(), ids=STORED)
def test_honest_names_stay_as_they_are(typed: str, stored: str) -> None:
    assert clean_name(typed) == stored


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_what_is_no_name_says_why(name: str) -> None:
    faults = read_name(name)[1]
    assert [fault["code"] for fault in faults] in (["blank"], ["direction"], ["characters"], ["length"])
    assert all(fault["message"] for fault in faults)


@pytest.mark.parametrize("door", [console_profile, service_profile])
@pytest.mark.parametrize("typed", ["", "   "])
def test_the_name_of_a_person_may_be_empty(cast: Cast, door: Door, typed: str) -> None:
    assert door(cast, typed) == (True, "")


@pytest.mark.parametrize("typed", ["", " ", "\u00a0"])
def test_another_name_may_not_be_empty(typed: str) -> None:
    assert read_name(typed)[1][0]["code"] == "length"
    assert read_name(typed, optional=True) == ("", [])


def test_a_description_turns_nothing_round_and_may_be_empty() -> None:
    assert read_description("\u202ex")[1][0]["code"] == "direction"
    assert read_description("\u3164") == ("", [])
    assert read_description(unicodedata.normalize("NFD", "한국")) == ("한국", [])
    assert read_description("x" * 129)[1][0]["code"] == "length"


@given(st.text(max_size=LONGEST_TYPED + 10))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    name, faults = read_name(text)
    if faults:
        with pytest.raises(Invalid):
            clean_name(text)
        return
    assert 1 <= len(name) <= MAX_LENGTH
    assert name == unicodedata.normalize("NFC", name).strip()
    assert not is_blank(name)
    assert clean_name(name) == name


@pytest.mark.parametrize("piece", ["a", "\u0300\u0316", "\u1100\u1161", " ", "\u3164", "👩\u200d", "\u202e"])
def test_reading_a_name_takes_time_in_proportion_to_its_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = "x" + piece * length
        return min(_timed(text) for _ in range(3))

    assert seconds(400_000) < seconds(100_000) * 12 + 0.01


def _timed(text: str) -> float:
    began = time.process_time()
    read_name(text)
    return time.process_time() - began


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Minji Kim", "MK"),
        ("minji", "M"),
        ("Ana Maria Ruiz", "AR"),
        (unicodedata.normalize("NFD", "김민지"), "김"),
        (unicodedata.normalize("NFD", "Élodie Ångström"), "ÉÅ"),
        ("محمد (مدير)", "مم"),
        ("(Ana) [Ruiz]", "AR"),
        ("🙂 Ana", "A"),
        ("Ana 🙂", "A"),
        ("👩\u200d👩\u200d👧 Family", "F"),
        ("1\ufe0f\u20e3 one", "O"),
        ("7 Eleven", "7E"),
        ("“Minji”", "M"),
        ("@minji", "M"),
        ("- / Kim", "K"),
        ("ʻOkina", "O"),
        ("\u3164 Kim", "K"),
        ("\u200bminji", "M"),
        ("क्षितिज शर्मा", "क्षिश"),
        ("ß", "ß"),
        ("i\u0307", "İ"),
        ("🙂", "Z"),
        ("★ ()", "Z"),
        ("", "Z"),
    ],
)
def test_initials_are_whole_letters_or_digits(name: str, shown: str) -> None:
    assert User(name=name, email="zoe@example.com").initials == shown


def test_a_tile_has_one_letter() -> None:
    assert initials("(Daily) Wear", most=1) == "D"
    assert initials("★", most=1) == ""


@given(st.text(max_size=MAX_LENGTH))
def test_initials_of_any_text_are_letters_or_none(text: str) -> None:
    shown = initials(text)
    assert not shown or unicodedata.category(shown[0])[0] in "LN"
