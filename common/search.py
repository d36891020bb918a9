"""Searching by part of a name or address: one folded form in the column and in the question."""

import unicodedata

from django.db.models import Func, TextField


class Fold(Func):
    """SQL: the text in NFKC and lower case."""

    template = "lower(normalize(%(expressions)s, NFKC))"
    output_field = TextField()


def fold(term: str) -> str:
    """What :class:`Fold` does, for what a person typed; NUL, which no text has, is dropped."""
    text = unicodedata.normalize("NFKC", term.replace("\0", "")).strip()
    # Letter by letter as PostgreSQL does: str.lower() knows a final ς and makes two signs of İ.
    return "".join(letter.lower()[0] for letter in text)
