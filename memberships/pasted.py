"""Reading of pasted email addresses (rules §5)."""

import re

_TOKEN = re.compile(
    r"""
    "(?:[^"\\\n]|\\.){0,200}"  # a quoted name; bounded, or hostile input takes minutes
  | <[^<>\n]*>               # an address in brackets
  | [;；\n]                  # ends whatever came before
  | [,，、]                  # a separator, or part of a name: Kim, Minji <a@b>
  | [^\s,，、;；<>"]+        # a word
  | \S
""",
    re.VERBOSE,
)
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
# An address in the place of a name: a@b <a@b>.
_NAMES = re.compile(r"[ \t]*<[^<>\n]*>")
_BRACKETED = re.compile(r".*<([^<>]*)>\s*", re.DOTALL)


def split_addresses(text: str) -> list[str]:
    """The single entries of a pasted text, as they were written, in their order.

    Separators are commas, semicolons, white space and lines; ``Name <a@b>`` is one entry. Words
    that belong to no address are entries too, so that nothing is dropped silently.
    """
    entries: list[str] = []
    words: list[re.Match[str]] = []

    def flush() -> None:
        entries.extend(word.group() for word in words)
        words.clear()

    for token in _TOKEN.finditer(text):
        piece = token.group()
        named_by_address = _NAMES.match(text, token.end()) is not None
        if piece in ";；\n":
            flush()
        elif piece.startswith("<") and len(piece) > 1:
            start = words[0].start() if words else token.start()
            entries.append(" ".join(text[start : token.end()].split()))
            words.clear()
        elif ("@" in piece or "＠" in piece) and not named_by_address:
            flush()
            entries.append(piece)
        elif piece not in ",，、<>":
            words.append(token)
    flush()
    return entries


def bare_address(entry: str) -> str:
    """The address of an entry: what stands in the brackets of ``Name <a@b>``, else all of it."""
    bracketed = _BRACKETED.fullmatch(entry)
    address = bracketed.group(1) if bracketed else entry
    return _MAILTO.sub("", address.strip())
