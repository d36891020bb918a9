"""Reading of pasted email addresses (rules §5): nothing is dropped silently."""

import time
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from memberships.models import OrganizationMembership, Role
from memberships.pasted import bare_address, split_addresses
from memberships.services.invitations import Outcome, invite_members
from tests.cast import Cast, acting, emails, fresh

PASTED = [
    # what is pasted, the entries, their addresses
    (
        "Kim Minji <minji.kim@example.com>; Lee <lee@example.com>",
        ["Kim Minji <minji.kim@example.com>", "Lee <lee@example.com>"],
        ["minji.kim@example.com", "lee@example.com"],
    ),
    ("a@b.co", ["a@b.co"], ["a@b.co"]),
    ("a@b.co,c@d.co", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    ("a@b.co;c@d.co", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    ("a@b.co c@d.co", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    ("a@b.co\tc@d.co", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    ("a@b.co\nc@d.co\n", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    ("a@b.co\r\n\r\nc@d.co", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    ("a@b.co\rc@d.co", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    (" ,; a@b.co ,;, ;\n", ["a@b.co"], ["a@b.co"]),
    ("a@b.co，c@d.co；e@f.co、g@h.co", ["a@b.co", "c@d.co", "e@f.co", "g@h.co"], None),
    (
        "Kim, Minji <a@b.co>, Lee, Jun <c@d.co>",
        ["Kim, Minji <a@b.co>", "Lee, Jun <c@d.co>"],
        ["a@b.co", "c@d.co"],
    ),
    ('"Kim; Minji, Ms." <a@b.co>; c@d.co', ['"Kim; Minji, Ms." <a@b.co>', "c@d.co"], ["a@b.co", "c@d.co"]),
    (r'"Kim \"MJ\" Minji" <a@b.co>', [r'"Kim \"MJ\" Minji" <a@b.co>'], ["a@b.co"]),
    ('"kim@home" <a@b.co>', ['"kim@home" <a@b.co>'], ["a@b.co"]),
    ("<a@b.co><c@d.co>", ["<a@b.co>", "<c@d.co>"], ["a@b.co", "c@d.co"]),
    ("Kim<a@b.co>Lee<c@d.co>", ["Kim<a@b.co>", "Lee<c@d.co>"], ["a@b.co", "c@d.co"]),
    ("Kim   Minji\t< a@b.co >", ["Kim Minji < a@b.co >"], ["a@b.co"]),
    ("김민지 <a@b.co>\n이준 <c@d.co>", ["김민지 <a@b.co>", "이준 <c@d.co>"], ["a@b.co", "c@d.co"]),
    ("mailto:a@b.co", ["mailto:a@b.co"], ["a@b.co"]),
    ("MailTo:a@b.co", ["MailTo:a@b.co"], ["a@b.co"]),
    ("Kim <mailto:a@b.co>", ["Kim <mailto:a@b.co>"], ["a@b.co"]),
    ("a＠b.co c﹫d.co", ["a＠b.co", "c﹫d.co"], ["a＠b.co", "c﹫d.co"]),
    ("A@B.co a@b.co", ["A@B.co", "a@b.co"], ["A@B.co", "a@b.co"]),
    # Words that belong to no address stay to be seen.
    ("minji", ["minji"], ["minji"]),
    ("Kim Minji", ["Kim", "Minji"], ["Kim", "Minji"]),
    ("Kim Minji, a@b.co", ["Kim", "Minji", "a@b.co"], ["Kim", "Minji", "a@b.co"]),
    ("a@b.co (Kim)", ["a@b.co", "(Kim)"], ["a@b.co", "(Kim)"]),
    ("Kim <a@b.co", ["Kim", "a@b.co"], ["Kim", "a@b.co"]),
    ("Kim <>", ["Kim <>"], [""]),
    (
        "a@b.co <a@b.co>, old@b.co <new@b.co>",
        ["a@b.co <a@b.co>", "old@b.co <new@b.co>"],
        ["a@b.co", "new@b.co"],
    ),
    ("@ <@>", ["@ <@>"], ["@"]),
    ('"never closed', ['"', "never", "closed"], ['"', "never", "closed"]),
    ("minji@example", ["minji@example"], ["minji@example"]),
    ("a@b.co/c@d.co", ["a@b.co/c@d.co"], ["a@b.co/c@d.co"]),
    ("", [], []),
    (" \n\t,;", [], []),
]


@pytest.mark.parametrize(("text", "entries", "addresses"), PASTED, ids=[ascii(row[0])[:40] for row in PASTED])
def test_pasted_texts(text: str, entries: list[str], addresses: list[str] | None) -> None:
    assert split_addresses(text) == entries
    assert [bare_address(entry) for entry in entries] == (entries if addresses is None else addresses)


_SEPARATORS = set(" \t\r\n,;，；、<>")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from('ab@.,;<>" \\\n\t＠，；、김'), max_size=60))
def test_every_letter_pasted_is_in_an_entry(text: str) -> None:
    kept = "".join(split_addresses(text))
    letters = [letter for letter in text if letter not in _SEPARATORS]
    assert [letter for letter in kept if letter not in _SEPARATORS] == letters


@pytest.mark.parametrize(
    "text",
    [
        '"' + '\\"' * 50_000,
        '"\\' * 50_000,
        "<" * 100_000,
        "<a" * 50_000,
        "x " * 50_000,
        "Kim, " * 20_000 + "<a@b.co>",
    ],
    ids=["escaped quotes", "open quotes", "brackets", "open brackets", "words", "a long name"],
)
def test_hostile_texts_are_read_quickly(text: str) -> None:
    began = time.perf_counter()
    for entry in split_addresses(text)[:1000]:
        bare_address(entry)
    assert time.perf_counter() - began < 5


class TestVerdicts:
    """The pasted text on its way through the service: a verdict per entry, in the order given."""

    def test_one_of_each(self, cast: Cast) -> None:
        text = f"New One <one@example.com>; ONE@example.com\n{cast.member.email.upper()} not.an.address ß@x.com"
        entries = split_addresses(text)

        verdicts = invite_members(
            actor=acting(cast.owner), organization=cast.organization, addresses=entries, role=Role.MEMBER
        )

        assert [(verdict.entry, verdict.outcome) for verdict in verdicts] == [
            ("New One <one@example.com>", Outcome.INVITED),
            ("ONE@example.com", Outcome.DUPLICATE),
            (cast.member.email.upper(), Outcome.ALREADY_MEMBER),
            ("not.an.address", Outcome.INVALID),
            ("ß@x.com", Outcome.INVALID),
        ]
        assert verdicts[0].membership is not None
        assert verdicts[2].membership == cast.memberships[Role.MEMBER]
        assert all(verdict.reason for verdict in verdicts[1:])
        assert emails() == [("organization_invitation", "one@example.com")]
        assert fresh(cast.organization).member_count == 4

    def test_10_000_addresses_in_one_go(self, cast: Cast) -> None:
        """As many statements as for three: new, twice in the list, invalid, members already."""

        def invite(people: int, lines: int) -> int:
            text = "\n".join(
                f"Person {n} <{'P' if n % 2 else 'p'}{n % people}.of{people}@example.com>,"
                for n in range(lines)
            )
            entries = [*split_addresses(text), "not.an.address", cast.member.email.title()]
            with CaptureQueriesContext(connection) as queries:
                verdicts = invite_members(
                    actor=acting(cast.owner),
                    organization=cast.organization,
                    addresses=entries,
                    role=Role.MEMBER,
                )
            assert Counter(verdict.outcome for verdict in verdicts) == {
                Outcome.INVITED: people,
                Outcome.DUPLICATE: lines - people,
                Outcome.INVALID: 1,
                Outcome.ALREADY_MEMBER: 1,
            }
            return len(queries)

        assert invite(3, 4) == invite(1_000, 9_998)
        members = OrganizationMembership.objects.filter(organization=cast.organization).count()
        assert members == fresh(cast.organization).member_count == 3 + 3 + 1_000
        assert len(emails()) == 1_003
