"""The folding of searches: what it makes equal, and that Python and PostgreSQL agree."""

import sys
import time
import unicodedata

import idna
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from common.letters import fold
from common.search import LONGEST, MOST_WORDS, Term

SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
HARD = st.sampled_from("'’´`ıİßſœŁø\u0301\u0316\u1100\u1161\u11a8ㅘㄳᄀᆨ\u3164\u200b\u200d\u202e․ﷺ　，<>,;\"-.@")
TEXTS = st.text(st.one_of(SYLLABLES, HARD, st.characters(exclude_categories=["Cs"])), max_size=40)

# The standard keyboard of two sets: what its keys make of letters that are typed one after the other.
LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
COMPOUNDS = (
    "ㅗㅏ=ㅘ ㅗㅐ=ㅙ ㅗㅣ=ㅚ ㅜㅓ=ㅝ ㅜㅔ=ㅞ ㅜㅣ=ㅟ ㅡㅣ=ㅢ ㄱㅅ=ㄳ ㄴㅈ=ㄵ ㄴㅎ=ㄶ "
    "ㄹㄱ=ㄺ ㄹㅁ=ㄻ ㄹㅂ=ㄼ ㄹㅅ=ㄽ ㄹㅌ=ㄾ ㄹㅍ=ㄿ ㄹㅎ=ㅀ ㅂㅅ=ㅄ"
)
COMPOUND = dict(pair.split("=") for pair in COMPOUNDS.split())
KEYS_OF = {compound: pair for pair, compound in COMPOUND.items()}


def keys_of(name: str) -> str:
    """The keys that type a name."""
    keys = ""
    for syllable in name:
        if not "가" <= syllable <= "힣":
            keys += syllable
            continue
        number = ord(syllable) - 0xAC00
        parts = LEADS[number // 588], VOWELS[number // 28 % 21], FINALS[number % 28].strip()
        keys += "".join(KEYS_OF.get(part, part) for part in parts)
    return keys


def syllable(lead: str, vowel: str, final: str) -> str:
    """What shows of the letters of one syllable."""
    if not lead or not vowel:
        return lead or vowel
    return chr(0xAC00 + LEADS.index(lead) * 588 + VOWELS.index(vowel) * 28 + FINALS.index(final or " "))


def states(name: str) -> list[str]:
    """Every text that a field shows while a name is typed, the consonants that still hang included."""
    shown, lead, vowel, final, passed = "", "", "", "", []
    for key in keys_of(name):
        if key in VOWELS and final:  # the last consonant belongs to this vowel
            stays, moves = KEYS_OF.get(final, final)[:-1], KEYS_OF.get(final, final)[-1]
            if final in "ㄲㅆ":
                stays, moves = "", final
            shown, lead, vowel, final = shown + syllable(lead, vowel, stays), moves, key, ""
        elif key in VOWELS and vowel:
            if (compound := COMPOUND.get(vowel + key)) and lead:
                vowel = compound
            else:
                shown, lead, vowel = shown + syllable(lead, vowel, ""), "", key
        elif key in VOWELS:
            vowel = key
        elif key in LEADS and lead and vowel and not final and key in FINALS:
            final = key
        elif key in LEADS and final and final + key in COMPOUND:
            final = COMPOUND[final + key]
        elif key in LEADS:
            shown, lead, vowel, final = shown + syllable(lead, vowel, final), key, "", ""
        else:
            shown, lead, vowel, final = shown + syllable(lead, vowel, final) + key, "", "", ""
        passed.append(shown + syllable(lead, vowel, final))
    return passed


def in_sql(function: str, texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(text) FROM unnest(%s::text[]) WITH ORDINALITY AS t (text, n) ORDER BY n",
            [texts],
        )
        return [folded for (folded,) in cursor.fetchall()]


def test_the_states_of_a_name_are_those_of_a_keyboard():
    assert states("박지호") == ["ㅂ", "바", "박", "박ㅈ", "박지", "박짛", "박지호"]
    assert states("과자") == ["ㄱ", "고", "과", "괒", "과자"]
    assert states("닭이") == ["ㄷ", "다", "달", "닭", "닭ㅇ", "닭이"]
    assert states("값어") == ["ㄱ", "가", "갑", "값", "값ㅇ", "값어"]
    assert states("각시") == ["ㄱ", "가", "각", "갃", "각시"]


@pytest.mark.parametrize(
    "name",
    [
        "박지호",
        "김민지",
        "곽의원",
        "닭값",
        "최원희",
        "밖에있어",
        "앉아 쉬어",
        "뷁훼웨",
        "꽃뜰 쌍쌍",
        "각시",
        "남궁 옥분",
    ],
)
def test_every_state_of_typing_a_korean_name_finds_it(name: str):
    for state in states(name):
        for typed in (state, unicodedata.normalize("NFD", state)):
            assert Term.read(typed).is_in(f"{name} someone@example.com"), typed


@given(st.text(SYLLABLES, min_size=1, max_size=8))
def test_every_state_of_typing_any_syllables_finds_them(name: str):
    folded = fold(name)
    assert all(fold(state) in folded for state in states(name))


@pytest.mark.parametrize("typed", ["박ㅊ", "박주", "민지호", "ㅃ지호", "박지효ㅇ", "ㄱ박"])
def test_other_letters_find_nobody(typed: str):
    assert not Term.read(typed).is_in("박지호 jiho@example.org")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Alvarez", "Álvarez"),
        ("álvarez", "ALVAREZ"),
        ("yilmaz", "Yılmaz"),
        ("YILMAZ", "Yılmaz"),
        ("istanbul", "İstanbul"),
        ("o'neill", "O’Neill"),
        ("oneill", "O’Neill"),
        ("o’neill", "O'NEILL"),
        ("o´neill", "O`Neill"),
        ("ʻokina", "'Okina"),
        ("lodz", "Łódź"),
        ("soren", "Søren"),
        ("dordevic", "Đorđević"),
        ("strasse", "Straße"),
        ("STRAẞE", "strasse"),
        ("aegir", "Ægir"),
        ("oeuvre", "Œuvre"),
        ("thor", "Þór"),
        ("gudrun", "Guðrún"),
        ("οδυσσευς", "ΟΔΥΣΣΕΎΣ"),
        ("алексеи", "Алексей"),
        ("minji", "ＭＩＮＪＩ"),
        ("fi", "ﬁnn"),
        ("محمد", "مُحَمَّد"),
        ("علي", "علی"),
        ("nguyen", "Nguyễn"),
        ("min\u200bji", "Minji"),
        ("jean-luc", "Jean\u2011Luc"),
    ],
)
def test_accents_variants_and_apostrophes_make_no_difference(typed: str, text: str):
    assert Term.read(typed).is_in(text)


@pytest.mark.parametrize(
    "typed",
    [
        "kim minji",
        "Kim, Minji",
        "Minji  Kim",
        "Minji Kim <minji@example.com>",
        '"Kim, Minji" <minji@example.com>',
        "<minji@example.com>",
        "\u3000Ｋｉｍ，ｍｉｎｊｉ\u3000",
        "Minji\tKim\n",
        "Minji Kim; ",
        "kim (minji)",
        "ji im",
        "kim kim kim",
    ],
)
def test_each_word_is_somewhere_in_any_order(typed: str):
    assert Term.read(typed).is_in("Minji Kim minji@example.com")
    assert not Term.read(typed + " x9").is_in("Minji Kim minji@example.com")


@pytest.mark.parametrize("typed", ["", " ", ",", "<>", "'", "\u0301", "\u200b", "\0", " , ; ", "´"])
def test_what_has_no_letters_narrows_nothing(typed: str):
    term = Term.read(typed)
    assert not term
    assert term.words == ()


def test_what_is_longer_than_anything_finds_nothing():
    assert Term.read("a" * LONGEST).words
    for typed in ("a" * (LONGEST + 1), " ".join(f"{n:02}" for n in range(MOST_WORDS + 1))):
        term = Term.read(typed)
        assert term
        assert term.finds_nothing
        assert not term.is_in(typed)


def test_postgresql_folds_every_character_as_python_does(db):
    known = [
        chr(point)
        for point in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(point)) not in ("Cs", "Cn")
    ]
    differing = [
        (character, folded, fold(character))
        for character, folded in zip(known, in_sql("weegloo_fold", known), strict=True)
        if folded != fold(character)
    ]
    assert differing == []


@given(texts=st.lists(TEXTS.filter(lambda text: "\0" not in text), min_size=1, max_size=30))
@settings(max_examples=50)
def test_postgresql_folds_any_text_as_python_does(django_db_blocker, django_db_setup, texts: list[str]):
    with django_db_blocker.unblock():
        assert in_sql("weegloo_fold", texts) == [fold(text) for text in texts]


@given(TEXTS, TEXTS)
def test_the_folding_of_a_part_is_a_part_of_the_folding(one: str, other: str):
    assert fold(one + other) == fold(one) + fold(other)
    assert fold(fold(one)) == fold(one)


@given(st.text(max_size=LONGEST * 2))
def test_reading_a_term_never_fails(typed: str):
    term = Term.read(typed)
    assert "\0" not in str(term)
    str(term).encode()  # a database takes it
    assert len(term.words) <= MOST_WORDS


@pytest.mark.parametrize("piece", ["\u0300\u0316", "a ", "김", "'", ",", "ﷺ", "-"])
def test_reading_takes_time_in_proportion_to_the_length(piece: str):
    def seconds(length: int) -> float:
        typed = (piece * length)[:length]
        return min(_timed(typed) for _ in range(3))

    assert seconds(400_000) < seconds(100_000) * 12 + 0.01


def _timed(typed: str) -> float:
    began = time.process_time()
    Term.read(typed)
    return time.process_time() - began


DOMAINS = [
    "example.рф",
    "пример.рф",
    "한국.kr",
    "faß.de",
    "bücher.example",
    "例え.jp",
    "münchen.xn--p1ai",
    "xn--80akhbyknj4f.com",
]


@pytest.mark.parametrize("domain", DOMAINS)
def test_an_address_is_found_by_both_forms_of_its_domain(db, domain: str):
    coded = idna.encode(domain, uts46=True).decode()
    spoken = idna.decode(coded)
    for stored in (f"x@{spoken}", f"x@{coded}"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT weegloo_fold_address(%s, %s)", [stored, f"x@{coded}"])
            (column,) = cursor.fetchone()
        for typed in (f"x@{spoken}", f"X@{coded.upper()}", *_beginnings(spoken), *_beginnings(coded)):
            assert all(word in column for word in Term.read(typed).words), typed


def _beginnings(text: str) -> list[str]:
    return [text[:length] for length in range(1, len(text))]


@given(st.text(st.characters(min_codepoint=0x80, exclude_categories=["Cs"]), min_size=1, max_size=12))
@settings(max_examples=200)
def test_postgresql_decodes_punycode_as_python_does(django_db_blocker, django_db_setup, label: str):
    coded = label.encode("punycode").decode("ascii")
    with django_db_blocker.unblock():
        assert in_sql("weegloo_punycode", [coded]) == [label if len(coded) <= 59 else None]


@given(st.text("abz09-.xn", max_size=70), st.text("abz09-", max_size=70))
def test_what_is_no_punycode_stays_as_it_is(django_db_blocker, django_db_setup, text: str, rest: str):
    with django_db_blocker.unblock():
        decoded = in_sql("weegloo_unicode_domain", [text, f"xn--{rest}.com"])
    assert all(part is not None for part in decoded)
    assert decoded[0].count(".") == text.count(".")


def test_an_address_without_such_a_domain_stays_short(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT weegloo_fold_address('O''Brien@Example.com', 'o''brien@example.com')")
        assert cursor.fetchone() == ("obrien@example.com",)
