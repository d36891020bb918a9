"""Email addresses: one canonical form to compare by (rules §2; RFC 5321, 5890; UAX #15)."""

import unicodedata
from functools import lru_cache

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from common.errors import InvalidEmail

MAX_LENGTH = 254
# Decomposed letters become fewer when NFKC composes them.
MAX_TYPED = 4 * MAX_LENGTH
_QUOTES = "'\"`´‘’‚‛“”„‟«»‹›<>"
# Signs that word processors put in, with what was typed; NFKC leaves them as they are.
_PLAIN_SIGNS = str.maketrans(dict.fromkeys("‘’‚‛ʹʻʼʽ′´｀", "'") | dict.fromkeys("‐‑‒–—―−﹘﹣", "-"))
_well_formed = EmailValidator(allowlist=[])


def stored_address(typed: str) -> str:
    """Return the address as stored and mailed to: NFKC, trimmed, letter case kept.

    White space and format characters (Cf) at both ends are dropped, and U+2060 everywhere, since our own
    emails print it. :func:`canonical_address` says whether the result is an address. Normalizing takes
    quadratic time, so longer text than any address is cut first.
    """
    return _trimmed(unicodedata.normalize("NFKC", _trimmed(typed)[: MAX_TYPED + 1]))


def _trimmed(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_invisible(text[start]):
        start += 1
    while end > start and _is_invisible(text[end - 1]):
        end -= 1
    return text[start:end].replace("\u2060", "")


def _is_invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def canonical_address(typed: str) -> str:
    """The form two spellings of one mailbox share; unique in the database.

    NFKC, casefold, domain to IDNA ASCII, invisible ends trimmed, ``+tag`` kept. Raises
    :class:`InvalidEmail` for what mail cannot be sent to.
    """
    trimmed = _trimmed(typed)
    address = stored_address(typed)
    if not address:
        raise InvalidEmail(_("The address is empty."))
    if len(address) > MAX_LENGTH or len(trimmed) > MAX_TYPED:
        raise InvalidEmail(_("The address is longer than 254 characters."))
    _require_plain_signs(trimmed)
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in address):
        raise InvalidEmail(_("The address contains an invisible character."))
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise InvalidEmail(_("The address needs a name, an @ and a domain."))
    if not local.isascii() or '"' in local:
        raise InvalidEmail(
            _(
                "The part before the @ can only contain letters (a–z), digits and "
                ". ! # $ % & ' * + / = ? ^ _ { } ~ -"
            )
        )
    if may_hold_encoded_word(local):
        raise InvalidEmail(_('The part before the @ can\'t contain "=?".'))
    try:
        # UTS 46 maps letter case itself; casefold would make faß.de the domain of someone else.
        domain = _ascii_domain(domain)
    except idna.IDNAError:
        raise InvalidEmail(_("The domain after the @ is not valid.")) from None
    key = f"{local.casefold()}@{domain}"
    try:
        _well_formed(key)
    except ValidationError:
        raise InvalidEmail(_("This is not an email address.")) from None
    if len(key) > MAX_LENGTH:
        raise InvalidEmail(_("The address is longer than 254 characters."))
    return key


def _require_plain_signs(typed: str) -> None:
    """Raise :class:`InvalidEmail` for a quote at one end, and for typographic signs; offer it without them."""
    plain = typed.strip(_QUOTES)
    if plain != typed:
        raise InvalidEmail(
            _("The address has a quotation mark at one end. Did you mean %(plain)s?") % {"plain": plain}
            if _is_address(plain)
            else _("Remove the quotation mark at the end of the address.")
        )
    signs = "".join(dict.fromkeys(sign for sign in typed if ord(sign) in _PLAIN_SIGNS))
    if not signs:
        return
    plain = typed.translate(_PLAIN_SIGNS)
    if _is_address(plain):
        raise InvalidEmail(
            _("%(signs)s can't be used in an address. Did you mean %(plain)s?")
            % {"signs": " ".join(signs), "plain": plain}
        )
    raise InvalidEmail(_("%(signs)s can't be used in an address.") % {"signs": " ".join(signs)})


def _is_address(plain: str) -> bool:
    try:
        canonical_address(plain)
    except InvalidEmail:
        return False
    return True


def shown_address(key: str) -> str:
    """A canonical address for people to read: its domain in its own letters."""
    local, at, domain = key.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}" if "xn--" in domain else key
    except idna.IDNAError:
        return key


@lru_cache(maxsize=1024)
def _ascii_domain(domain: str) -> str:
    """The domain as IDNA writes it; a pasted list has few domains, many times."""
    return idna.encode(domain, uts46=True).decode("ascii")


def may_hold_encoded_word(text: str) -> bool:
    """Whether mail software could decode a part of ``text``, as in ``=?utf-8?q?a=2cb?=`` (RFC 2047).

    Many programs do so even in an address, where no encoded word may be, and then send to another address.
    """
    return "=?" in text
