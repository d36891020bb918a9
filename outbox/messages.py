"""Rendering: from an outbox row to a message with a text and an HTML part (rules §10)."""

import re
import unicodedata
from datetime import UTC, datetime
from email.message import EmailMessage as WrittenMessage
from email.policy import Policy
from email.policy import default as default_policy
from typing import Any
from urllib.parse import urlencode

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from outbox import headers
from outbox.models import Email

_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# Format characters that Persian and Indic words and emoji are spelled with (joiners, tags).
# Every other control or format character would hide or reorder text.
_SPELLING = re.compile("[\u200c\u200d\U000e0020-\U000e007f]")
_WORD_JOINER = "\u2060"
_LINKED = re.compile(r"([.:/@\\。．｡：／＠＼])")
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


def unlinkable(name: str) -> str:
    """A name in one line that no mail client turns into a link.

    Mail clients link what looks like a domain, an address or a URL; an invisible word joiner
    (U+2060) on both sides of each sign that makes it so keeps the look and ends the likeness.
    """
    return _LINKED.sub(rf"{_WORD_JOINER}\1{_WORD_JOINER}", one_line(name))


def one_line(text: str) -> str:
    """``text`` in one line, without control characters and invisible signs."""
    return "".join(
        character
        for character in _BREAKS.sub(" ", text)
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs"} or _SPELLING.match(character)
    )


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


class Message(EmailMultiAlternatives):
    """An email whose written headers say exactly what it was given."""

    def message(self, *, policy: "Policy[Any] | None" = None) -> WrittenMessage:
        """The message as it is sent; Django's own lets the email package read and fold the headers."""
        written = WrittenMessage(policy=policy or default_policy)
        for header in (
            headers.mailbox("From", self.from_email),
            *(headers.mailbox("Reply-To", address) for address in self.reply_to),
            *(headers.mailbox("To", address) for address in self.to),
            headers.unstructured("Subject", str(self.subject)),
            *(headers.literal(name, value) for name, value in self.extra_headers.items()),
        ):
            written[header.name] = header
        written["Date"] = datetime.now(UTC)
        written.set_content(self.body)
        for content, mimetype in self.alternatives:
            written.add_alternative(content, subtype=mimetype.removeprefix("text/"))
        return written


def render(email: Email) -> Message:
    """The message of an outbox row; the same row always gives the same Message-ID."""
    with translation.override(email.language):
        context = {
            **_safe(email.context),
            "link": sign_in_link(email),
            "language": email.language,
            "recipient": _safe(email.recipient.name),
        }
        subject = render_to_string(f"emails/{email.kind}-subject.txt", context).strip("\n")
        text = render_to_string(f"emails/{email.kind}.txt", context)
        html = render_to_string(f"emails/{email.kind}.html", context | {"subject": subject})
    message = Message(
        subject=subject,
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
