"""The local mailbox: each message becomes one ``.eml`` file (running.md, local mail)."""

import email
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage as ParsedMessage
from email.policy import default as default_policy
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from common.ids import new_ksuid


class MailboxBackend(BaseEmailBackend):
    """A Django mailer that writes into ``folder``; a message is there wholly or not at all."""

    def __init__(self, *, folder: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message; returns how many."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            name = new_ksuid()
            draft = self.folder / f".{name}.tmp"
            with draft.open("wb") as file:
                file.write(message.message().as_bytes())
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self.folder / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One ``.eml`` file; ``name`` is the file's, without its ending."""

    name: str
    message: ParsedMessage

    @property
    def sent_at(self) -> datetime:
        """The message's own date."""
        return self.message["Date"].datetime  # type: ignore[no-any-return]  # headerregistry is untyped

    def part(self, kind: str) -> str:
        """The text of the ``plain`` or ``html`` part."""
        body = self.message.get_body((kind,))
        return str(body.get_content()) if body else ""


def stored_names(folder: Path) -> list[str]:
    """The names of all messages, newest first: they are KSUIDs."""
    return sorted((path.stem for path in folder.glob("*.eml")), reverse=True)


def read_message(folder: Path, name: str) -> StoredMessage | None:
    """The message of that name, or None."""
    path = folder / f"{name}.eml"
    if not name.isalnum() or len(name) > 40 or not path.is_file():
        return None
    with path.open("rb") as file:
        parsed = email.message_from_binary_file(file, policy=default_policy)
    assert isinstance(parsed, ParsedMessage)  # noqa: S101  # what the default policy makes
    return StoredMessage(name, parsed)
