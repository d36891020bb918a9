"""The letters that a search compares: one folding, in Python and as a function of PostgreSQL.

Folding goes character by character, so that the folding of a part is a part of the folding:
compatibility decomposition (UAX #15, NFKD), no marks, no invisible signs, no apostrophes, no letter
case, and one letter for its variants (ł is l, ß is ss). A Hangul syllable becomes the letters that
are typed for it (박 is ㅂㅏㄱ, 과 is ㄱㅗㅏ): whatever a keyboard shows while a syllable is being
typed is then a part of the name.
"""

import sys
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from common.text import is_ignorable

# ´ and its kind decompose to a space with a mark, which would part the word.
APOSTROPHES = "'`´‘’‛′ʹʻʼʽʾʿˈˊˋ՚׳ꞌ\u1fbd\u1fbf\u1fef\u1ffd\uff07\uff40"


def _table(*rows: str) -> dict[str, str]:
    """``"from=to from=to"`` as a mapping."""
    pairs = (pair.split("=") for row in rows for pair in row.split())
    return dict(pairs)


_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
# What one key of one keyboard types takes several on another: the letters all of them have.
_STROKES = _table(
    "ㄲ=ㄱㄱ ㄸ=ㄷㄷ ㅃ=ㅂㅂ ㅆ=ㅅㅅ ㅉ=ㅈㅈ",
    "ㄳ=ㄱㅅ ㄵ=ㄴㅈ ㄶ=ㄴㅎ ㄺ=ㄹㄱ ㄻ=ㄹㅁ ㄼ=ㄹㅂ ㄽ=ㄹㅅ ㄾ=ㄹㅌ ㄿ=ㄹㅍ ㅀ=ㄹㅎ ㅄ=ㅂㅅ",
    "ㅘ=ㅗㅏ ㅙ=ㅗㅏㅣ ㅚ=ㅗㅣ ㅝ=ㅜㅓ ㅞ=ㅜㅓㅣ ㅟ=ㅜㅣ ㅢ=ㅡㅣ ㅐ=ㅏㅣ ㅒ=ㅑㅣ ㅔ=ㅓㅣ ㅖ=ㅕㅣ",
)


def _jamo() -> dict[str, str]:
    """Conjoining jamo (what syllables and single letters decompose to), each as its strokes."""
    positions = ((0x1100, _LEADS), (0x1161, _VOWELS), (0x11A8, _FINALS))
    letters = {
        chr(first + number): _STROKES.get(letter, letter)
        for first, row in positions
        for number, letter in enumerate(row)
    }
    # The point that phone keyboards build vowels of, until it is part of one.
    return letters | {"\u119e": "", "\u11a2": ""}


_HANGUL = _jamo()

# Variants that do not decompose, in lower case.
_LIKENESS = _table(
    "ß=ss æ=ae œ=oe þ=th ə=e ɛ=e ǝ=e ɔ=o",
    "ł=l ø=o đ=d ð=d ħ=h ı=i ŧ=t ŋ=n ĸ=k ƒ=f ƀ=b ɓ=b ƈ=c ȼ=c ꞓ=c ɖ=d ɗ=d ƌ=d ɇ=e ǥ=g ɠ=g ɨ=i ɉ=j ȷ=j",
    "ƙ=k ꝁ=k ƚ=l ɫ=l ɬ=l ⱡ=l ɲ=n ƞ=n ɵ=o ƥ=p ɍ=r ʂ=s ȿ=s ƭ=t ʈ=t ⱦ=t ʉ=u ʋ=v ƴ=y ɏ=y ƶ=z ȥ=z ʒ=z ⱥ=a",
    "ґ=г ғ=г қ=к ң=н ұ=у ҳ=х ҷ=ч ө=о",
    "ی=ي ى=ي ک=ك ہ=ه ھ=ه ە=ه ـ=",
    "\u2010=- \u2012=- \u2013=- \u2014=- \u2015=- \u2212=- \u2043=-",
)


def fold(text: str) -> str:
    """The letters of ``text`` to compare; ``weegloo_fold`` is the same in PostgreSQL.

    Normalising takes time that grows with the square of the length: limit it first.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_NO_APOSTROPHES))
    return "".join(_letter(character) for character in decomposed)


_NO_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES))


@lru_cache(maxsize=4096)
def _letter(character: str) -> str:
    """One character of a decomposed text as its letters."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Me", "Cf"):
        return ""
    if is_ignorable(character):
        return ""
    if character in _HANGUL:
        return _HANGUL[character]
    lower = character.casefold()
    return _LIKENESS.get(lower, lower)


def create_function() -> str:
    """The SQL that makes ``weegloo_fold(text)``, with the characters that this Python knows."""
    changed = {
        character: letters
        for character in map(chr, range(0x80, sys.maxunicode + 1))
        if character < "\u3400"
        or unicodedata.category(character) not in _LETTERS_OF_THEIR_OWN
        or is_ignorable(character)
        if unicodedata.normalize("NFKD", character) == character
        if (letters := _letter(character)) != character
    }
    dropped = [character for character, letters in changed.items() if not letters]
    others = {c: letters for c, letters in changed.items() if letters and c not in _HANGUL}
    hangul = {c: letters for c, letters in changed.items() if letters and c in _HANGUL}
    return f"""
CREATE FUNCTION weegloo_fold(typed text) RETURNS text LANGUAGE plpgsql
IMMUTABLE STRICT PARALLEL SAFE AS $fold$
DECLARE
    folded text := translate(typed, {_literal(APOSTROPHES)}, '');
BEGIN
    IF folded !~ '^[ -~]*$' THEN
        folded := regexp_replace(normalize(folded, NFKD), '[{_ranges(dropped)}]+', '', 'g');
        IF folded ~ '[{_ranges(hangul)}]' THEN
            folded := {_replacing("folded", hangul)};
        END IF;
        IF folded ~ '[{_ranges(others)}]' THEN
            folded := {_replacing("folded", others)};
        END IF;
    END IF;
    RETURN lower(folded COLLATE "C");  -- no other letter case is left than that of ASCII
END $fold$;
"""


def _replacing(text: str, letters: dict[str, str]) -> str:
    """SQL: ``text`` with each character replaced by its letters, those of one letter at once."""
    single = {character: letter for character, letter in letters.items() if len(letter) == 1}
    text = f"translate({text}, {_literal(single)}, {_literal(single.values())})"
    for character, several in letters.items():
        if len(several) > 1:
            text = f"replace({text}, {_literal(character)}, {_literal(several)})"
    return text


# Categories whose characters fold to themselves: ideographs and syllables, unassigned, private use, surrogates.
_LETTERS_OF_THEIR_OWN = ("Lo", "Cn", "Co", "Cs")


def _literal(characters: Iterable[str]) -> str:
    return "'" + "".join(characters).replace("'", "''") + "'"


def _ranges(characters: Iterable[str]) -> str:
    """The inside of a character class of PostgreSQL's regular expressions."""
    points = sorted(map(ord, characters))
    runs = groupby(enumerate(points), key=lambda pair: pair[1] - pair[0])
    spans = [[point for _, point in run] for _, run in runs]
    return "".join(f"\\U{span[0]:08X}-\\U{span[-1]:08X}" for span in spans)
