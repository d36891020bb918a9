"""Rendering: from an outbox row to a message with a text and an HTML part (rules §10)."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlencode

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from outbox.models import Email

# Kept for emoji sequences; every other control or format character would hide or reorder text.
_ZERO_WIDTH_JOINER = "\u200d"
_WORD_JOINER = "\u2060"
_LINKED = re.compile(r"([.:/@\\])")
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


def unlinkable(name: str) -> str:
    """A name in one line that no mail client turns into a link.

    Mail clients link what looks like a domain, an address or a URL; an invisible word joiner
    (U+2060) on both sides of each sign that makes it so keeps the look and ends the likeness.
    """
    visible = "".join(
        character
        for character in " ".join(name.split())
        if character == _ZERO_WIDTH_JOINER or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )
    return _LINKED.sub(rf"{_WORD_JOINER}\1{_WORD_JOINER}", visible)


def _safe(value: Any) -> Any:
    """``value`` with every text in it made :func:`unlinkable`."""
    match value:
        case str():
            return unlinkable(value)
        case list():
            return [_safe(item) for item in value]
        case dict():
            return {key: _safe(item) for key, item in value.items()}
        case _:
            return value


def sign_in_link(email: Email) -> str:
    """Sign-in with the recipient's address filled in, going on to the row's ``path``."""
    query = urlencode({"email": email.recipient.email, "next": email.context.get("path", "/")})
    return f"{settings.BASE_URL}/sign-in/?{query}"


def render(email: Email) -> EmailMultiAlternatives:
    """The message of an outbox row; the same row always gives the same Message-ID."""
    with translation.override(email.language):
        context = {
            **_safe(email.context),
            "link": sign_in_link(email),
            "language": email.language,
            "recipient": _safe(email.recipient.name),
        }
        subject = render_to_string(f"emails/{email.kind}-subject.txt", context)
        text = render_to_string(f"emails/{email.kind}.txt", context)
        html = render_to_string(f"emails/{email.kind}.html", context | {"subject": " ".join(subject.split())})
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text.strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[email.recipient.mailing_address],
        headers={
            "Message-ID": email.message_id,
            "Auto-Submitted": "auto-generated",
            "X-Weegloo-Kind": email.kind,
        },
    )
    message.attach_alternative(_inliner.inline(html), "text/html")
    return message
