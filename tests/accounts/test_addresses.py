"""Email addresses: two spellings of one mailbox, and what is none (rules §2)."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis.strategies import text

from accounts.actor import SYSTEM
from accounts.addresses import MAX_LENGTH, canonical_address, stored_address
from accounts.models import PersonalAccessToken, User
from accounts.services import create_token, ensure_user, ensure_users, mark_signed_in
from common.errors import InvalidEmail
from tests.growth import assert_proportional

SAME = [
    ("letter case", "Minji.Kim@Example.COM"),
    ("outer spaces", "  minji.kim@example.com\t\n"),
    ("no-break space", "\u00a0minji.kim@example.com\u3000"),
    ("full-width letters and ＠", "ｍｉｎｊｉ．ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ"),
    ("small commercial at", "minji.kim﹫example.com"),
    ("ideographic full stop in the domain", "minji.kim@example。com"),
    ("Kelvin sign", "minji.\u212aim@example.com"),
    ("mathematical bold", "𝐦𝐢𝐧𝐣𝐢.𝐤𝐢𝐦@example.com"),
    ("punycode-free domain in capitals", "minji.kim@EXAMPLE.com"),
]
SAME_DOMAINS = [
    ("Hangul and punycode", "kim@한국.kr", "kim@xn--3e0b707e.kr"),
    ("decomposed Hangul (NFD)", "kim@\u1112\u1161\u11ab\u1100\u116e\u11a8.kr", "kim@한국.kr"),
    ("decomposed ü (NFD)", "kim@bu\u0308cher.example", "kim@bücher.example"),
    ("capitals of an international domain", "kim@BÜCHER.example", "kim@xn--bcher-kva.example"),
    ("capitals of punycode", "kim@XN--BCHER-KVA.example", "kim@bücher.example"),
]
DIFFERENT = [
    ("+tag is kept", "minji.kim+weegloo@example.com", "minji.kim@example.com"),
    ("dots are kept", "minjikim@example.com", "minji.kim@example.com"),
    # Two domains with two owners (RFC 5894 §7.2): granting to one is not granting to the other.
    ("ß and ss in the domain", "kim@faß.de", "kim@fass.de"),
    ("final sigma in the domain", "kim@βόλος.gr", "kim@βόλοσ.gr"),
    ("look-alike domain: Cyrillic а", "kim@\u0430pple.com", "kim@apple.com"),
]
LABEL = "d" * 61
LONGEST = "k" * 64 + "@" + ".".join([LABEL] * 3) + ".com"
INVALID = [
    ("empty", ""),
    ("spaces only", " \t\n"),
    ("no @", "minji.kim"),
    ("nothing before the @", "@example.com"),
    ("nothing after the @", "minji.kim@"),
    ("two @", "minji@kim@example.com"),
    ("dotless ı", "mınji@example.com"),
    ("dotted İ", "Mİnji@example.com"),
    ("ß in the local part", "strauß@example.com"),
    ("é in the local part", "josé@example.com"),
    ("Cyrillic look-alike in the local part", "m\u0456nji@example.com"),
    ("zero-width space", "minji\u200b@example.com"),
    ("zero-width space in the domain", "minji@exam\u200bple.com"),
    ("zero-width joiner", "minji\u200d@example.com"),
    ("right-to-left mark", "minji\u200f@example.com"),
    ("right-to-left override", "minji\u202e@example.com"),
    ("byte order mark inside", "minji\ufeff@example.com"),
    ("soft hyphen", "minji@exam\u00adple.com"),
    ("NUL", "minji\0@example.com"),
    ("lone surrogate", "minji\ud800@example.com"),
    ("lone surrogate in the domain", "minji@exam\udfffple.com"),
    ("line break inside", "minji@example.com\nBcc: all@example.com"),
    ("carriage return inside", "minji\r@example.com"),
    ("space inside", "minji kim@example.com"),
    ("space in the domain", "minji@exam ple.com"),
    ("trailing dot", "minji@example.com."),
    ("leading dot", ".minji@example.com"),
    ("dot before the @", "minji.@example.com"),
    ("two dots", "minji..kim@example.com"),
    ("two dots in the domain", "minji@example..com"),
    ("quoted", '"minji"@example.com'),
    ("quoted with a space", '"minji kim"@example.com'),
    ("quoted with an @", '"minji@kim"@example.com'),
    ("brackets", "<minji@example.com>"),
    ("name and brackets", "Minji <minji@example.com>"),
    ("comma", "minji,kim@example.com"),
    ("no dot in the domain", "minji@localhost"),
    ("address literal", "minji@[127.0.0.1]"),
    ("an IP address", "minji@127.0.0.1"),
    ("hyphen at the edge of a label", "minji@-example.com"),
    ("underscore in the domain", "minji@exam_ple.com"),
    ("emoji domain", "minji@💌.example"),
    ("broken punycode", "minji@xn--a.com"),
    ("label of 64 characters", f"minji@{'d' * 64}.com"),
    ("255 characters", "k" + LONGEST),
    ("a megabyte", "k" * 1_000_000 + "@example.com"),
    ("too long only in ASCII", "k" * 64 + "@" + ".".join(["é" * 55] * 3) + ".example.com"),
]


@pytest.mark.parametrize("typed", [typed for _, typed in SAME], ids=[name for name, _ in SAME])
def test_spellings_of_one_mailbox_compare_as_one(typed: str) -> None:
    assert canonical_address(typed) == "minji.kim@example.com"


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in SAME_DOMAINS], ids=[r[0] for r in SAME_DOMAINS])
def test_spellings_of_one_domain_compare_as_one(one: str, other: str) -> None:
    assert canonical_address(one) == canonical_address(other)
    assert canonical_address(one).isascii()


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in DIFFERENT], ids=[r[0] for r in DIFFERENT])
def test_different_mailboxes_stay_different(one: str, other: str) -> None:
    assert canonical_address(one) != canonical_address(other)


@pytest.mark.parametrize(
    "typed",
    [
        "\u200bminji.kim@example.com\u200b",
        "\ufeff \u2066minji.kim@example.com\u2069\xad",
        "minji.kim\u2060@\u2060example\u2060.com",
        "\u200f\u202aminji.kim@example.com\u202c \n",
    ],
)
def test_invisible_characters_at_the_ends_do_not_count(typed: str) -> None:
    assert canonical_address(typed) == "minji.kim@example.com"
    assert stored_address(typed) == "minji.kim@example.com"


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "a" + "\u0300\u0316" * n + "@example.com",
        lambda n: "\u200b" * n + "a@example.com",
        lambda n: "a@example.com" + "\u200b " * n,
        lambda n: "a@" + "e." * n + "com",
        lambda n: "\u2060" * n + "@",
    ],
)
def test_reading_an_address_takes_time_in_proportion_to_its_length(make: Callable[[int], str]) -> None:
    assert_proportional(canonical_address, make, 50_000)


@given(text())
def test_any_text_is_an_address_or_refused(typed: str) -> None:
    with suppress(InvalidEmail):
        assert canonical_address(canonical_address(typed)) == canonical_address(typed)


@pytest.mark.parametrize("typed", [typed for _, typed in INVALID], ids=[name for name, _ in INVALID])
def test_what_mail_cannot_be_sent_to_is_refused_with_a_reason(typed: str) -> None:
    with pytest.raises(InvalidEmail) as refusal:
        canonical_address(typed)
    assert str(refusal.value.message).endswith((".", "?", "-"))
    assert refusal.value.code == "WGL422903"


def test_the_longest_address_fits_the_columns(db: None) -> None:
    assert len(LONGEST) == MAX_LENGTH == 254
    user = ensure_user(LONGEST)
    assert (user.email, user.email_key) == (LONGEST, LONGEST)


def test_canonical_of_canonical_is_itself() -> None:
    for typed in [row[1] for row in (*SAME, *SAME_DOMAINS, *DIFFERENT)]:
        key = canonical_address(typed)
        assert canonical_address(key) == key == key.lower()
        assert canonical_address(stored_address(typed)) == key


class TestAccountsOfAddresses:
    """Where accounts come into being, and what a slot is (rules §2)."""

    def test_a_slot_keeps_the_address_as_typed_and_is_inert(self, db: None) -> None:
        user = ensure_user(" Minji.Kim@Example.com ")

        assert (user.email, user.email_key) == ("Minji.Kim@Example.com", "minji.kim@example.com")
        assert user.is_slot
        assert user.is_active
        assert not user.is_staff
        assert not user.has_usable_password()
        assert not PersonalAccessToken.objects.filter(user=user).exists()
        assert list(EmailAddress.objects.filter(user=user).values_list("email", "primary", "verified")) == [
            ("minji.kim@example.com", True, False)
        ]

    def test_the_first_spelling_stays(self, db: None) -> None:
        first = ensure_user("Minji.Kim@example.com")
        again = ensure_user("ＭＩＮＪＩ.kim@EXAMPLE.com")
        assert again.pk == first.pk
        assert again.email == "Minji.Kim@example.com"
        assert User.objects.count() == EmailAddress.objects.count() == 1

    def test_signing_in_ends_the_slot_once(self, db: None) -> None:
        user = ensure_user("minji@example.com")
        mark_signed_in(user)
        first = User.objects.get(pk=user.pk).signed_in_at
        mark_signed_in(user)
        user.refresh_from_db()
        assert user.signed_in_at == first is not None
        assert not user.is_slot
        assert user.last_active_at is not None

    def test_mail_goes_to_the_stored_spelling_with_its_domain_in_ascii(self, db: None) -> None:
        assert ensure_user("Minji.Kim@Example.com").mailing_address == "Minji.Kim@Example.com"
        # Django would write it by IDNA 2003, which is another domain: fass.de.
        assert ensure_user("Kim@faß.de").mailing_address == "Kim@xn--fa-hia.de"
        assert ensure_user("Kim@한국.kr").mailing_address == "Kim@xn--3e0b707e.kr"

    def test_a_constant_number_of_statements(self, db: None) -> None:
        def statements(count: int) -> int:
            addresses = {f"p{count}-{n}@example.com": f"P{count}-{n}@example.com" for n in range(count)}
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert len(ensure_users(addresses)) == count
            return len(queries)

        assert statements(3) == statements(1000)

    def test_accounts_are_made_in_one_order_whatever_the_callers(self, db: None) -> None:
        """Else two invitations of the same people would wait for each other in a ring."""
        with CaptureQueriesContext(connection) as queries:
            ensure_users({f"{name}@example.com": f"{name}@example.com" for name in "cab"})
        inserts = [query["sql"] for query in queries if query["sql"].startswith("INSERT")]
        assert len(inserts) == 2
        for sql in inserts:
            assert sql.index("a@example.com") < sql.index("b@example.com") < sql.index("c@example.com")

    def test_new_and_known_and_slots_together(self, db: None) -> None:
        known = ensure_user("known@example.com")
        mark_signed_in(known)
        slot = ensure_user("slot@example.com")

        users = ensure_users(
            {f"{name}@example.com": f"{name}@example.com" for name in ("new", "slot", "known")}
        )

        assert users["known@example.com"] == known
        assert users["slot@example.com"] == slot
        assert users["new@example.com"].is_slot

    def test_names_that_are_no_text_are_refused(self, db: None) -> None:
        from accounts.services import change_profile
        from common.errors import Invalid
        from tests.cast import acting

        user = ensure_user("minji@example.com")
        for name in ("a\0b", "a\ud800b"):
            with pytest.raises(Invalid):
                change_profile(actor=acting(user), user=user, name=name, expected_version=1)
            with pytest.raises(Invalid):
                create_token(actor=SYSTEM, user=user, name=name)
        with pytest.raises(Invalid):
            change_profile(actor=acting(user), user=user, name="n" * 65, expected_version=1)
        assert change_profile(actor=acting(user), user=user, name="n" * 64, expected_version=1).version == 2
