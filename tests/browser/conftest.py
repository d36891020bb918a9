"""Chromium in front of a whole console: web, worker, beat, servers, mailbox."""

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import chromium
from tests.console import Start, free_port, until


class Console:
    """A running console and its mail."""

    def __init__(self, started: Start) -> None:
        self.started = started
        self.url = f"http://127.0.0.1:{started.port}"

    def mail_to(self, address: str) -> list[EmailMessage]:
        """The emails to an address, oldest first."""
        files = sorted((self.started.data / "mail").glob("*.eml"))
        messages = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
        return [cast("EmailMessage", message) for message in messages if message["To"] == address]

    def wait_for_mail(self, address: str, count: int) -> EmailMessage:
        """The newest email to an address, once there are ``count``."""
        until(lambda: len(self.mail_to(address)) >= count, 20)
        return self.mail_to(address)[-1]


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One console for all browser tests."""
    started = Start(tmp_path_factory.mktemp("browser") / "d", free_port())
    started.wait_ready()
    yield Console(started)
    started.process.terminate()
    assert started.process.wait(30) == 0


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    path = chromium.find()
    assert path, "No Chromium: install chromium, or set CHROMIUM."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking", "--no-first-run"]
        )
        yield browser
        browser.close()


type OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium_browser: Browser, console: Console) -> Iterator[OpenPage]:
    """Opens pages in a context of its own; no page may leave an error in its console."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def begin(**options: object) -> Page:
        context = chromium_browser.new_context(base_url=console.url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert faults == []


def _is_fault(message: object) -> bool:
    # A refused form answers 4xx, which Chromium notes; the tests look at those themselves.
    text = message.text  # type: ignore[attr-defined]
    return message.type == "error" and "Failed to load resource" not in text  # type: ignore[attr-defined]


def sign_in(page: Page, console: Console, address: str, *, start: str = "/") -> None:
    """From any page to signed in, by the code from the mail."""
    before = len(console.mail_to(address))
    page.goto(start)
    page.get_by_label("Email").fill(address)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").wait_for()
    code = re.match(r"\d{6}", console.wait_for_mail(address, before + 1)["Subject"])
    assert code is not None
    page.get_by_label("Code").fill(code.group())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Your account").wait_for()
