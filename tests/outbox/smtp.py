"""A real SMTP server in a thread: keeps what it is given, and refuses what it is told to."""

import asyncio
import email
import logging
import socketserver
import threading
from collections import Counter
from email.message import EmailMessage
from email.policy import default as default_policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Mailbag:
    """Everything the server accepted, in order; and how it shall answer."""

    def __init__(self) -> None:
        self.envelopes: list[tuple[str, EmailMessage]] = []
        # The answer at RCPT TO, or after DATA, by recipient; what is not here is accepted.
        self.recipients: dict[str, str] = {}
        self.contents: dict[str, str] = {}
        # After so many messages none is acknowledged any more: the client hangs at its last step.
        self.acknowledge = 10**9
        self.release = threading.Event()

    def clear(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]

    @property
    def to(self) -> list[str]:
        """Whom the accepted messages were for, in order."""
        return [recipient for recipient, _message in self.envelopes]

    def messages(self, recipient: str = "") -> list[EmailMessage]:
        """The accepted messages for someone, or all."""
        return [message for to, message in self.envelopes if recipient in ("", to)]

    def ids(self) -> Counter[str]:
        """How often each Message-ID was accepted."""
        return Counter(str(message["Message-ID"]) for message in self.messages())

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """The answer to one recipient."""
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The answer to one message."""
        (recipient,) = envelope.rcpt_tos
        if recipient in self.contents:
            return self.contents[recipient]
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=default_policy)
        assert isinstance(message, EmailMessage)
        self.envelopes.append((recipient, message))
        if len(self.envelopes) > self.acknowledge:
            while not self.release.is_set():  # noqa: ASYNC110  # set by another thread
                await asyncio.sleep(0.02)
        return "250 OK"


class Server:
    """An SMTP server on a port of its own, to be stopped and started on the same one."""

    def __init__(self) -> None:
        self.bag = Mailbag()
        self.port = 0
        self._controller: Controller | None = None
        self.start()

    @property
    def url(self) -> str:
        """EMAIL_URL of this server."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; on the same port as before."""
        from tests.console import free_port

        self.port = self.port or free_port()
        self._controller = Controller(self.bag, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


class RawServer(socketserver.ThreadingTCPServer):
    """A mail server that answers RCPT TO with any octets: the bytes of ``answers`` by recipient.

    An empty answer ends the connection. Every other recipient, and every message to it, is accepted.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answers: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _RawSession)
        self.answers = answers
        self.accepted: list[str] = []

    @property
    def url(self) -> str:
        """EMAIL_URL of this server."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _RawSession(socketserver.StreamRequestHandler):
    server: RawServer

    def handle(self) -> None:
        self.wfile.write(b"220 raw\r\n")
        recipient = ""
        while line := self.rfile.readline():
            verb = line[:4].upper()
            answer = b"250 OK"
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
                answer = self.server.answers.get(recipient, answer)
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.accepted.append(recipient)
            if not answer:
                return
            self.wfile.write(answer + b"\r\n")
            if verb == b"QUIT":
                return
