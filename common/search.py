"""Searching by words of a name or address: the same folded letters in the column and in the question."""

import re
from dataclasses import dataclass
from typing import Self

from django.db.models import Func, Q, TextField

from common.errors import Text
from common.letters import create_function, fold

# More than a name in separate jamo and an address take together.
LONGEST = 512
MOST_WORDS = 40
# What parts words in lists of people, in "Kim, Minji" and in "Minji Kim <minji@example.com>".
_BETWEEN_WORDS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff,;<>()\[\]{}\"“”„‟«»、،؛|]+")
# A trigram index knows three letters or digits in a row.
_INDEXED = re.compile(r"[^\W_]{3}")


class Fold(Func):
    """SQL of the first migrations: the text in NFKC and lower case."""

    template = "lower(normalize(%(expressions)s, NFKC))"
    output_field = TextField()


class Folded(Func):
    """SQL: :func:`common.letters.fold` of a text."""

    function = "weegloo_fold"
    output_field = TextField()


class FoldedAddress(Func):
    """SQL: the address (``email``, ``email_key``) folded; with its domain in both forms if it has two."""

    function = "weegloo_fold_address"
    arity = 2
    output_field = TextField()


@dataclass(frozen=True, slots=True)
class Term:
    """What was typed into a search field: ``words`` to find, in any order, each anywhere.

    ``finds_nothing`` when it is longer than anything that could be found.
    """

    words: tuple[str, ...] = ()
    finds_nothing: bool = False

    @classmethod
    def read(cls, typed: str) -> Self:
        """The words of ``typed``; a word that is a part of another says nothing more."""
        if len(typed) > LONGEST:
            return cls(finds_nothing=True)
        words = sorted(set(_BETWEEN_WORDS.split(fold(typed))) - {""}, key=lambda word: (-len(word), word))
        needed: list[str] = []
        for word in words:
            if not any(word in longer for longer in needed):
                needed.append(word)
        return cls(tuple(needed[:MOST_WORDS]), len(needed) > MOST_WORDS)

    def __bool__(self) -> bool:
        """Whether it narrows a list at all."""
        return bool(self.words) or self.finds_nothing

    def __str__(self) -> str:
        """The same for the same question."""
        return "\n".join(self.words) or "-" * self.finds_nothing

    @property
    def is_indexed(self) -> bool:
        """Whether a trigram index narrows the rows: it needs three letters in a row."""
        return any(_INDEXED.search(word) for word in self.words)

    def within(self, *fields: str) -> Q:
        """Rows that have each word in one of ``fields``, which are folded."""
        if self.finds_nothing:
            return Q(pk__in=[])
        found = Q()
        for word in self.words:
            somewhere = Q()
            for field in fields:
                somewhere |= Q(**{f"{field}__contains": word})
            found &= somewhere
        return found

    def is_in(self, text: Text) -> bool:
        """Whether ``text`` has each word."""
        folded = fold(str(text)[:LONGEST])
        return not self.finds_nothing and all(word in folded for word in self.words)

    def touches(self, text: Text) -> bool:
        """Whether ``text`` has any of the words."""
        folded = fold(str(text)[:LONGEST])
        return any(word in folded for word in self.words)


_UNICODE_DOMAIN = """
CREATE FUNCTION weegloo_unicode_domain(domain text) RETURNS text LANGUAGE plpgsql
IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    labels text[] := string_to_array(domain, '.');
BEGIN
    FOR number IN 1 .. coalesce(array_length(labels, 1), 0) LOOP
        IF labels[number] ~* '^xn--' THEN
            labels[number] := coalesce(weegloo_punycode(substr(labels[number], 5)), labels[number]);
        END IF;
    END LOOP;
    RETURN array_to_string(labels, '.');
END $$;
"""
# Decode Punycode (RFC 3492 §6.2: base 36, tmin 1, tmax 26, skew 38, damp 700); NULL for invalid input.
_PUNYCODE = """
CREATE FUNCTION weegloo_punycode(coded text) RETURNS text LANGUAGE plpgsql
IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    output text := CASE WHEN coded LIKE '%-%' THEN regexp_replace(coded, '-[^-]*$', '') ELSE '' END;
    rest text := lower(regexp_replace(coded, '^.*-', '') COLLATE "C");
    code bigint := 128; place bigint := 0; bias bigint := 72;
    before bigint; weight bigint; digit bigint; threshold bigint; k bigint; delta bigint; size bigint;
BEGIN
    IF length(coded) > 59 THEN RETURN NULL; END IF;
    WHILE rest <> '' LOOP
        before := place; weight := 1; k := 36;
        LOOP
            digit := strpos('abcdefghijklmnopqrstuvwxyz0123456789', left(rest, 1)) - 1;
            IF rest = '' OR digit < 0 OR weight > 2147483647 THEN RETURN NULL; END IF;
            rest := substr(rest, 2);
            place := place + digit * weight;
            threshold := least(greatest(k - bias, 1), 26);
            EXIT WHEN digit < threshold;
            weight := weight * (36 - threshold);
            k := k + 36;
        END LOOP;
        size := length(output) + 1;
        delta := (place - before) / CASE WHEN before = 0 THEN 700 ELSE 2 END;
        delta := delta + delta / size;
        k := 0;
        WHILE delta > 455 LOOP
            delta := delta / 35;
            k := k + 36;
        END LOOP;
        bias := k + 36 * delta / (delta + 38);
        code := code + place / size;
        IF code > 1114111 OR code BETWEEN 55296 AND 57343 THEN RETURN NULL; END IF;
        place := place % size;
        output := left(output, place::int) || chr(code::int) || substr(output, place::int + 1);
        place := place + 1;
    END LOOP;
    RETURN output;
END $$;
"""
_FOLD_ADDRESS = """
CREATE FUNCTION weegloo_fold_address(email text, email_key text) RETURNS text LANGUAGE sql
IMMUTABLE STRICT PARALLEL SAFE
RETURN weegloo_fold(email) || CASE WHEN email_key LIKE '%xn--%' THEN
    ' ' || weegloo_fold(email_key) || ' ' || weegloo_fold(
        split_part(email_key, '@', 1) || '@' || weegloo_unicode_domain(split_part(email_key, '@', 2))
    )
ELSE '' END;
"""
FUNCTIONS = (
    "weegloo_fold(text)",
    "weegloo_punycode(text)",
    "weegloo_unicode_domain(text)",
    "weegloo_fold_address(text, text)",
)


def create_functions() -> str:
    """The SQL that makes :data:`FUNCTIONS`."""
    return create_function() + _PUNYCODE + _UNICODE_DOMAIN + _FOLD_ADDRESS
