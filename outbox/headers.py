"""Email headers written exactly: a mail reader shows the text that was composed (RFC 5322, RFC 2047).

Python's ``email`` package decodes encoded words in the text of a new header, so that a name can become
another header (CVE-2024-6923, Python before 3.12.5), and its folding differs between versions. A
:class:`Header` is folded from its own tokens instead, the same way on every Python.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Iterator
from email.policy import Policy
from typing import Self

import idna
from wcwidth import iter_graphemes

from accounts.addresses import MAX_LENGTH, may_hold_encoded_word

_LINE = 76  # RFC 2047 §2: the longest line that holds an encoded word
_WORD = 75  # the longest encoded word
_BEGIN, _END = "=?utf-8?b?", "?="
_ATEXT = r"[\w!#$%&'*+/=?^`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATEXT}(\.{_ATEXT})*@[\w-]+(\.[\w-]+)*", re.ASCII)
_ATOMS = re.compile(rf"{_ATEXT}( {_ATEXT})*", re.ASCII)


class Header(str):
    """A header's text as readers see it, with the ASCII tokens that are written.

    The text between two tokens is one space, or nothing where both are encoded words.
    """

    __slots__ = ("name", "tokens")
    name: str
    tokens: tuple[str, ...]

    def __new__(cls, text: str, name: str = "", tokens: Iterable[str] = ()) -> Self:
        """A header called ``name``; ``text`` is also the value of the string."""
        header = super().__new__(cls, text)
        header.name, header.tokens = name, tuple(tokens)
        return header

    def fold(self, *, policy: Policy) -> str:
        """The header's lines; the email package calls this when it writes a message."""
        lines = [f"{self.name}:"]
        for position, token in enumerate(self.tokens):
            if position and len(lines[-1]) + 1 + len(token) > _LINE:
                lines.append("")
            lines[-1] += f" {token}"
        return policy.linesep.join([*lines, ""])


def unstructured(name: str, text: str) -> Header:
    """A header of free text, such as Subject."""
    _require_one_line(text)
    room, words = _room(name), text.split(" ")
    plain = _is_plain(text) and all(0 < len(word) <= room for word in words)
    return Header(text, name, words if plain else _encoded_words(text, room))


def literal(name: str, text: str) -> Header:
    """A header of our own, written as it is: ASCII without spaces."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"{name} must be ASCII without spaces or control characters")
    return Header(text, name, [text])


def mailbox(name: str, text: str) -> Header:
    """A header with one mailbox: ``Name <address>``, or an address alone, such as To.

    Raises :class:`ValueError` for an address that not every mail program reads as that very address.
    """
    _require_one_line(text)
    display_name, address = _split_mailbox(text)
    address = _exact(address)
    if not display_name:
        return Header(address, name, [address])
    return Header(text, name, [*_phrase(display_name, _room(name)), f"<{address}>"])


def _split_mailbox(text: str) -> tuple[str, str]:
    """The display name, without its quotes, and the address."""
    display_name, bracket, address = text.strip().rpartition("<")
    if not bracket:
        return "", address
    display_name = display_name.strip()
    if len(display_name) > 1 and display_name[0] == display_name[-1] == '"':
        display_name = re.sub(r"\\(.)", r"\1", display_name[1:-1])
    return display_name, address.removesuffix(">").strip()


def _room(name: str) -> int:
    """The length of a token that fits beside the header's name."""
    return min(_WORD, _LINE - len(f"{name}: "))


def _require_one_line(text: str) -> None:
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise ValueError("a header holds no line breaks and no control characters")


def _is_plain(text: str) -> bool:
    """Whether the text can be written as it is: no reader could take part of it for an encoded word."""
    return text.isascii() and text.isprintable() and not may_hold_encoded_word(text)


def _phrase(text: str, room: int) -> list[str]:
    """A display name as atoms, as a quoted string or as encoded words (RFC 5322 §3.2.5)."""
    quoted = '"{}"'.format(re.sub(r'(["\\])', r"\\\1", text))
    if not _is_plain(text) or len(quoted) > room:
        return _encoded_words(text, room)
    return text.split(" ") if _ATOMS.fullmatch(text) else [quoted]


def _encoded_words(text: str, room: int) -> list[str]:
    """The text, its spaces included, as encoded words of at most ``room`` characters.

    Readers join adjacent encoded words without the space between them (RFC 2047 §6.2).
    """
    most = (room - len(_BEGIN) - len(_END)) // 4 * 3
    words = [bytearray()]
    for piece in _pieces(text, most):
        if len(words[-1]) + len(piece) > most:
            words.append(bytearray())
        words[-1] += piece
    return [f"{_BEGIN}{b64encode(word).decode()}{_END}" for word in words if word]


def _pieces(text: str, most: int) -> Iterator[bytes]:
    """The text's grapheme clusters in UTF-8; the characters of one that is longer than ``most``."""
    for cluster in iter_graphemes(text):
        octets = cluster.encode()
        yield from [octets] if len(octets) <= most else (character.encode() for character in cluster)


def _exact(address: str) -> str:
    """The address with its domain in ASCII; raises :class:`ValueError`."""
    local, _at, domain = address[: MAX_LENGTH + 1].rpartition("@")
    if not domain.isascii():
        domain = idna.encode(domain, uts46=True).decode("ascii")
    written = f"{local}@{domain}"
    if len(address) > MAX_LENGTH or may_hold_encoded_word(written) or not _ADDRESS.fullmatch(written):
        raise ValueError("this address cannot be written into a header exactly")
    return written
