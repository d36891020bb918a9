"""Reading email addresses as people type and paste them (rules §2, §5).

:func:`parse_addresses` splits a text into entries, each with one address; :func:`bare_address` takes the
address out of an entry. What an address is, :mod:`accounts.addresses` decides. Both take time in
proportion to the length of the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import unquote

AT_SIGNS = "@＠﹫"
# Longer than an address with any name that people give it.
MAX_ENTRY = 4000
# How many wrappings there can be around one address: <"'mailto:a@b'">.
MAX_WRAPPINGS = 10
# Each repetition is bounded or ends at a character that begins the next match, so that the whole text
# is read in linear time.
_TOKEN = re.compile(
    r"""
    "(?:[^"\\\n]|\\.){0,200}"                    # a quoted name, or a cell
  | \[[^\[\]\n]{0,300}\]\([^()\s]{1,600}\)       # a link in Markdown
  | <[^<>\n]*>                                   # an address in brackets
  | \([^()\n]{0,400}\)                           # an address or a remark in parentheses
  | mailto:[^\s<>"()\[\];；]+                     # a link; its parameters may have commas
  | [;；\n]                                       # ends whatever came before
  | [,，、]                                       # a separator, or part of a name: Kim, Minji <a@b>
  | "?[^\s,，、;；<>"()\[\]]+(?:"(?=[\s,，、;；]|\Z))?  # a word, perhaps with a lone quote
  | \S
""",
    re.VERBOSE | re.IGNORECASE,
)
_ENDS = ";；\n"
_SEPARATORS = ",，、<>()[]\"'"
# An address in the place of a name: a@b <a@b>, a@b (a@b).
_ADDRESS_FOLLOWS = re.compile(
    rf"[ \t]*(?:<[^<>\n]*>|\([^()\n{AT_SIGNS}]{{0,200}}[{AT_SIGNS}][^()\n]{{0,200}}\))"
)
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
# A line of quoted cells (RFC 4180).
_CELL = r'"(?:[^"\n]|""){0,300}"'
_QUOTED_CELLS = re.compile(rf"\s*{_CELL}(?:\s*,\s*{_CELL})+\s*")
_ENTITIES = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&apos;": "'",
    "&#39;": "'",
    "&#x27;": "'",
    "&commat;": "@",
    "&#64;": "@",
    "&nbsp;": " ",
    "&amp;": "&",
}
_ENTITY = re.compile("|".join(_ENTITIES), re.IGNORECASE)
_MARKDOWN = re.compile(r"\[[^\[\]]*\]\(([^()]*)\)")
_CLOSES = {
    "'": "'",
    '"': '"',
    "`": "`´'",
    "´": "´",
    "‘": "’‘",
    "’": "’",
    "‚": "‘’",
    "“": "”“",
    "”": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "＂": "＂",
    "＇": "＇",
    "(": ")",
    "[": "]",
    "{": "}",
    "<": ">",
    "（": "）",
    "［": "］",
    "＜": "＞",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    "【": "】",
}
_CLOSING_PUNCTUATION = ".,;:!?。．，；：！？…、"


@dataclass(frozen=True, slots=True)
class ParsedAddresses:
    """The entries of a text in their order, and how many words of its tables were left out."""

    entries: list[str]
    left_out: int = 0


def parse_addresses(text: str) -> ParsedAddresses:
    """The entries of a typed or pasted text.

    Separators are commas, semicolons, white space and lines; ``Name <a@b>`` is one entry. Words that
    belong to no address are entries too, so that nothing is dropped silently; but in a row of a
    spreadsheet (its cells have tabs between them, or quotes around them) the cells without an address,
    and a heading above such rows, are left out and counted.
    """
    lines = [_cells(line) for line in _plain(text).split("\n")]
    rows = [len(cells) > 1 and any(map(has_at, cells)) for cells in lines]
    if any(rows):
        first = next(index for index, cells in enumerate(lines) if any(cell.strip() for cell in cells))
        if len(lines[first]) > 1 and not rows[first]:
            rows[first] = True  # the heading
    kept: list[str] = []
    left_out = 0
    for cells, is_row in zip(lines, rows, strict=True):
        for cell in cells:
            if is_row and not has_at(cell):
                left_out += len(cell.split())
            else:
                kept.append(cell)
        # Cells of one line that is no row belong together: a name may stand before its address.
        if not is_row and len(cells) > 1:
            kept[-len(cells) :] = ["\t".join(cells)]
    return ParsedAddresses(list(chain.from_iterable(map(_entries, kept))), left_out)


def bare_address(entry: str) -> str:
    """The address of an entry, without its name, brackets, quotes and whatever else is around it.

    A quote at one end only stays: it may be a part of the address.
    """
    if len(entry) > MAX_ENTRY:
        return entry
    address = _plain(entry).strip()
    for _number in range(MAX_WRAPPINGS):
        inner = _unwrapped(address).strip()
        if inner == address:
            break
        address = inner
    return address


def has_at(text: str) -> bool:
    """Whether ``text`` may have an address."""
    return any(sign in text for sign in AT_SIGNS)


def _plain(text: str) -> str:
    """``text`` with one sort of line ends, without HTML entities and invisible joiners."""
    text = _ENTITY.sub(lambda found: _ENTITIES[found.group().lower()], text)
    return _LINE_ENDS.sub("\n", text.replace("\u2060", ""))


def _cells(line: str) -> list[str]:
    """The cells of a row of a spreadsheet; any other line is one cell."""
    if "\t" in line:
        return line.split("\t")
    if _QUOTED_CELLS.fullmatch(line):
        return [cell.replace('""', '"') for cell in re.findall(_CELL, line)]
    return [line]


def _entries(text: str) -> Iterator[str]:
    """The entries of a text that is no table."""
    words: list[re.Match[str]] = []
    last: str | None = None  # an address that a remark in parentheses may follow

    def flush() -> Iterator[str]:
        yield from (word.group() for word in words if _says_something(word.group()))
        words.clear()

    for token in _TOKEN.finditer(text):
        piece = token.group()
        named = _ADDRESS_FOLLOWS.match(text, token.end()) is not None
        remark = piece.startswith("(") and not has_at(piece)
        if last is not None:
            yield f"{last} {piece}" if remark else last
            last = None
            if remark:
                continue
        if piece in _ENDS:
            yield from flush()
        elif _holds_address(piece):
            start = words[0].start() if words else token.start()
            last = " ".join(text[start : token.end()].split())
            words.clear()
        elif has_at(piece) and not named:
            yield from flush()
            several = list(_inside(piece))
            yield from several[:-1]
            last = several[-1]
        elif piece not in _SEPARATORS:
            words.append(token)
    if last is not None:
        yield last
    yield from flush()


def _holds_address(piece: str) -> bool:
    """Whether ``piece`` is where the address is, after a name."""
    return (piece.startswith("<") and len(piece) > 1) or (piece.startswith("(") and has_at(piece))


def _inside(piece: str) -> Iterable[str]:
    """The addresses of a quoted text or a link, of which there may be several."""
    if piece.lower().startswith("mailto:"):
        addresses = [one for one in piece[len("mailto:") :].partition("?")[0].split(",") if one]
        return addresses if len(addresses) > 1 else [piece]
    if piece.startswith('"') and piece.endswith('"') and sum(map(piece.count, AT_SIGNS)) > 1:
        return list(_entries(piece[1:-1].replace('"', ""))) or [piece]
    return [piece]


def _says_something(word: str) -> bool:
    """Whether a word is more than bullets, quotes and invisible characters."""
    return has_at(word) or any(map(str.isalnum, word))


def _unwrapped(text: str) -> str:
    """``text`` without its outermost wrapping, if it has one."""
    if link := _MARKDOWN.fullmatch(text):
        return link.group(1)
    if text[:7].lower() == "mailto:":
        return unquote(text[7:].partition("?")[0])
    if text.endswith(">") and "<" in text:
        return text[text.rindex("<") + 1 : -1]
    if text.endswith(")") and "(" in text:
        before, inside = text[: text.rindex("(")], text[text.rindex("(") + 1 : -1]
        return inside if has_at(inside) or not has_at(before) else before
    if len(text) > 1 and text[-1] in _CLOSES.get(text[0], ""):
        return text[1:-1]
    return text.rstrip(_CLOSING_PUNCTUATION)
