"""Reading of typed and pasted email addresses (rules §2, §5): nothing is dropped silently."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.address_parsing import ParsedAddresses, bare_address, parse_addresses
from accounts.addresses import canonical_address
from common.errors import DomainError, InvalidEmail
from memberships.models import OrganizationMembership, Role
from memberships.services.invitations import Outcome, invite_members
from tests.cast import Cast, acting, emails, fresh
from tests.growth import assert_proportional

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
    ("Kim   Minji < a@b.co >", ["Kim Minji < a@b.co >"], ["a@b.co"]),
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
    ("a@b.co (Kim)", ["a@b.co (Kim)"], ["a@b.co"]),
    ("Kim <a@b.co", ["Kim", "a@b.co"], ["Kim", "a@b.co"]),
    ("Kim <>", ["Kim <>"], [""]),
    (
        "a@b.co <a@b.co>, old@b.co <new@b.co>",
        ["a@b.co <a@b.co>", "old@b.co <new@b.co>"],
        ["a@b.co", "new@b.co"],
    ),
    ("@ <@>", ["@ <@>"], ["@"]),
    ('"never closed', ['"never', "closed"], ['"never', "closed"]),
    # Quotes around an address, a name, or the address of a name (Outlook, mail programs, word processors).
    ("'a@b.co'; 'c@d.co'", ["'a@b.co'", "'c@d.co'"], ["a@b.co", "c@d.co"]),
    ("‘a@b.co’ “c@d.co” „e@f.co“", ["‘a@b.co’", "“c@d.co”", "„e@f.co“"], ["a@b.co", "c@d.co", "e@f.co"]),
    ("«a@b.co» ‹c@d.co› `e@f.co`", ["«a@b.co»", "‹c@d.co›", "`e@f.co`"], ["a@b.co", "c@d.co", "e@f.co"]),
    ("'Ana' <'a@b.co'>", ["'Ana' <'a@b.co'>"], ["a@b.co"]),
    ("“Ruiz, Ana” <“a@b.co”>", ["“Ruiz, Ana” <“a@b.co”>"], ["a@b.co"]),
    ("''a@b.co''", ["''a@b.co''"], ["a@b.co"]),
    ("o'brien@b.co", ["o'brien@b.co"], ["o'brien@b.co"]),
    ("'a@b.co", ["'a@b.co"], ["'a@b.co"]),
    ('"a@b.co', ['"a@b.co'], ['"a@b.co']),
    ('a@b.co" c@d.co', ['a@b.co"', "c@d.co"], ['a@b.co"', "c@d.co"]),
    # Cells, lists, links and brackets.
    ('"a@b.co","c@d.co"', ['"a@b.co"', '"c@d.co"'], ["a@b.co", "c@d.co"]),
    ('"a@b.co, c@d.co"', ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    ('["a@b.co",\n "c@d.co"]', ['"a@b.co"', '"c@d.co"'], ["a@b.co", "c@d.co"]),
    ("Ana Ruiz (a@b.co)", ["Ana Ruiz (a@b.co)"], ["a@b.co"]),
    ("a@b.co (a@b.co)", ["a@b.co (a@b.co)"], ["a@b.co"]),
    ("Kim (Sales) <a@b.co>", ["Kim (Sales) <a@b.co>"], ["a@b.co"]),
    ("(a@b.co) [c@d.co] {e@f.co}", ["(a@b.co)", "c@d.co", "{e@f.co}"], ["a@b.co", "c@d.co", "e@f.co"]),
    ("[a@b.co](mailto:a@b.co)", ["[a@b.co](mailto:a@b.co)"], ["a@b.co"]),
    ("[Ana](mailto:a@b.co?subject=Hi)", ["[Ana](mailto:a@b.co?subject=Hi)"], ["a@b.co"]),
    ("mailto:a@b.co?subject=Hi,%20you", ["mailto:a@b.co?subject=Hi,%20you"], ["a@b.co"]),
    ("mailto:a@b.co,c@d.co?cc=e@f.co", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    ("mailto:a%40b.co", ["mailto:a%40b.co"], ["a@b.co"]),
    ("Ana &lt;a@b.co&gt;&nbsp;", ["Ana <a@b.co>"], ["a@b.co"]),
    ("a@b.co. c@d.co! e@f.co。", ["a@b.co.", "c@d.co!", "e@f.co。"], ["a@b.co", "c@d.co", "e@f.co"]),
    ("• a@b.co\n- c@d.co", ["a@b.co", "c@d.co"], ["a@b.co", "c@d.co"]),
    (
        "\u200ba@b.co\u200b a\u2060@\u2060b.co",
        ["\u200ba@b.co\u200b", "a@b.co"],
        ["\u200ba@b.co\u200b", "a@b.co"],
    ),
    ("minji@example", ["minji@example"], ["minji@example"]),
    ("a@b.co/c@d.co", ["a@b.co/c@d.co"], ["a@b.co/c@d.co"]),
    ("", [], []),
    (" \n\t,;", [], []),
]


@pytest.mark.parametrize(("text", "entries", "addresses"), PASTED, ids=[ascii(row[0])[:40] for row in PASTED])
def test_pasted_texts(text: str, entries: list[str], addresses: list[str] | None) -> None:
    assert parse_addresses(text).entries == entries
    assert [bare_address(entry) for entry in entries] == (entries if addresses is None else addresses)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab@.,;<>'[ \\\n＠，；、김"), max_size=60))
def test_every_letter_pasted_is_in_an_entry(text: str) -> None:
    def letters(of: str) -> list[str]:
        return [letter for letter in of if letter in "ab@＠김"]

    assert letters("".join(parse_addresses(text).entries)) == letters(text)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=80)
    | st.text(alphabet=st.sampled_from("a@b.co'\"`<>()[]{}“”«»‹›,; \t\n&lt;mailto:?"), max_size=80)
)
def test_any_text_is_read_and_only_a_refusal_is_raised(text: str) -> None:
    for entry in (text, *parse_addresses(text).entries):
        try:
            key = canonical_address(bare_address(entry))
        except DomainError as error:
            assert error.message  # noqa: PT017  # any number of them
        else:
            assert canonical_address(bare_address(key)) == key


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.from_regex(r"[a-z][a-z'+.-]{0,8}[a-z]@[a-z]{1,9}\.(com|рф|co\.kr)", fullmatch=True), min_size=1
    ),
    st.sampled_from([",", ", ", ";", "; ", " ", "\n", "\r\n", "\t", ",\n", " ; "]),
    st.sampled_from(
        ["{}", "<{}>", "'{}'", '"{}"', "“{}”", "({})", "[{}](mailto:{})", "Ana {}<{}>", "mailto:{}"]
    ),
)
def test_separators_and_wrappings_change_nothing(addresses: list[str], separator: str, wrapping: str) -> None:
    wrapped = [wrapping.format(*(["", one] if wrapping.startswith("Ana") else [one, one])) for one in addresses]
    entries = parse_addresses(separator.join(wrapped)).entries
    assert [bare_address(entry) for entry in entries] == addresses


TABLES = [
    ("Ana Ruiz\ta@b.co\tEditor\nBen\tc@d.co\tViewer", ["a@b.co", "c@d.co"], 5),
    ("Name\tEmail\tRole\r\nAna Ruiz\ta@b.co\tEditor\r\n", ["a@b.co"], 6),
    ("\nName\tEmail\nAna\t<a@b.co>", ["<a@b.co>"], 3),
    ("Ana\ta@b.co\nBen\t\tViewer", ["a@b.co", "Ben", "Viewer"], 1),
    ("a@b.co\tc@d.co", ["a@b.co", "c@d.co"], 0),
    ('"Name","Email"\n"Ruiz, Ana","a@b.co"', ['"a@b.co"'], 4),
    ("Kim\tMinji", ["Kim", "Minji"], 0),
    ("Kim\nMinji\t<a@b.co>", ["Kim", "<a@b.co>"], 1),
]


@pytest.mark.parametrize(("text", "entries", "left_out"), TABLES)
def test_cells_without_an_address_are_left_out_and_counted(
    text: str, entries: list[str], left_out: int
) -> None:
    assert parse_addresses(text) == ParsedAddresses(entries, left_out)


@pytest.mark.parametrize("quote", ["'", '"', "`", "´", "‘", "’", "“", "”", "„", "«", "»", "‹", "›"])
@pytest.mark.parametrize("end", ["{0}cem@example.com", "cem@example.com{0}"])
def test_a_lone_quote_is_refused_with_the_address_without_it(quote: str, end: str) -> None:
    [entry] = parse_addresses(end.format(quote)).entries
    assert entry == end.format(quote)
    with pytest.raises(InvalidEmail) as refused:
        canonical_address(bare_address(entry))
    assert "Did you mean cem@example.com?" in str(refused.value.message)


@pytest.mark.parametrize(
    ("typed", "sign", "plain"),
    [
        ("o’brien@example.com", "’", "o'brien@example.com"),
        ("o‘brien@example.com", "‘", "o'brien@example.com"),
        ("oʼbrien@example.com", "ʼ", "o'brien@example.com"),
        ("o′brien@example.com", "′", "o'brien@example.com"),
        ("ana–ruiz@example.com", "–", "ana-ruiz@example.com"),
        ("ana—ruiz@example.com", "—", "ana-ruiz@example.com"),
        ("ana‑ruiz@example.com", "‑", "ana-ruiz@example.com"),
        ("ana−ruiz@example.com", "−", "ana-ruiz@example.com"),
        ("ana@my–shop.com", "–", "ana@my-shop.com"),
    ],
)
def test_typographic_signs_are_shown_with_the_plain_address(typed: str, sign: str, plain: str) -> None:
    with pytest.raises(InvalidEmail) as refused:
        canonical_address(typed)
    assert str(refused.value.message) == f"{sign} can't be used in an address. Did you mean {plain}?"


HOSTILE = {
    "escaped quotes": '"' + '\\"' * 50,
    "quotes": '"' * 50,
    "brackets": "<" * 50,
    "open brackets": "<a" * 50,
    "parentheses": "(a@" * 50,
    "links": "[a](" * 50,
    "words": "x " * 50,
    "quoted addresses": "'a@b' " * 50,
    "mailto": "mailto:a@b," * 50,
    "cells": '"a@b",' * 50,
    "tabs": "a\t" * 50 + "a@b",
    "entities": "&lt;" * 50,
    "a long name": "Kim, " * 50 + "<a@b.co>",
    "spaces": "a@b" + " " * 50 + "<",
}


@pytest.mark.parametrize("part", HOSTILE.values(), ids=HOSTILE)
def test_reading_takes_time_in_proportion_to_the_length(part: str) -> None:
    def read(text: str) -> None:
        for entry in parse_addresses(text).entries:
            bare_address(entry)

    assert_proportional(read, lambda n: part * n, 200)


class TestVerdicts:
    """The pasted text on its way through the service: a verdict per entry, in the order given."""

    def test_one_of_each(self, cast: Cast) -> None:
        text = f"New One <one@example.com>; ONE@example.com\n{cast.member.email.upper()} not.an.address ß@x.com"
        entries = parse_addresses(text).entries

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
            entries = [*parse_addresses(text).entries, "not.an.address", cast.member.email.title()]
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
