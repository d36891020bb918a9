"""Chromium in front of a whole console: web, worker, beat, servers, mailbox."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from devserver import paths
from tests.browser.worlds import World
from tests.console import Start, environment, free_port, until
from tools import chromium


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

    def newest_mail(self) -> str:
        """The name of the newest stored email."""
        return max((self.started.data / "mail").glob("*.eml")).stem


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


def make_worlds(console: Console) -> dict[str, World]:
    """The two worlds of :mod:`tests.browser.worlds`, in the console's own data."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.worlds"],
        cwd=paths.PROJECT,
        env=environment() | {"PORT": str(console.started.port), "WEEGLOO_DATA": str(console.started.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: World(**ids) for name, ids in json.loads(done.stdout).items()}


@pytest.fixture(scope="session")
def worlds(console: Console) -> dict[str, World]:
    """Made once for all tests."""
    return make_worlds(console)


type SignedIn = Callable[[str], StorageState]


@pytest.fixture(scope="session")
def signed_in(chromium_browser: Browser, console: Console, worlds: dict[str, World]) -> SignedIn:
    """The cookies of a person, who signs in once for all tests."""
    states: dict[str, StorageState] = {}

    def cookies(address: str) -> StorageState:
        if address not in states:
            with chromium_browser.new_context(base_url=console.url) as context:
                sign_in(watched(context.new_page(), []), console, address)
                states[address] = context.storage_state()
        return states[address]

    return cookies


def watched(page: Page, faults: list[str]) -> Page:
    """The page; its errors go to ``faults``."""
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
    return page


type OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium_browser: Browser, console: Console) -> Iterator[OpenPage]:
    """Opens pages in a context of its own; no page may leave an error in its console."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def begin(**options: object) -> Page:
        # Nothing moves while a test looks for it.
        options = {"reduced_motion": "reduce"} | options
        context = chromium_browser.new_context(base_url=console.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        return watched(context.new_page(), faults)

    yield begin
    for context in contexts:
        context.close()
    assert faults == []


def _is_fault(message: object) -> bool:
    # A refused form answers 4xx, which Chromium notes; the tests look at those themselves.
    # A search that a newer one replaces (hx-sync) is aborted, which htmx notes twice.
    expected = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")
    text = message.text  # type: ignore[attr-defined]
    return message.type == "error" and not any(one in text for one in expected)  # type: ignore[attr-defined]


def sign_in(page: Page, console: Console, address: str, *, start: str = "/") -> None:
    """From any page to signed in, by the code from the mail."""
    page.goto(start)
    sign_in_here(page, console, address)


def sign_in_here(page: Page, console: Console, address: str) -> None:
    """Sign in on the sign-in page that is open."""
    before = len(console.mail_to(address))
    page.get_by_label("Email").fill(address)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").wait_for()
    code = re.match(r"\d{6}", console.wait_for_mail(address, before + 1)["Subject"])
    assert code is not None
    page.get_by_label("Code").fill(code.group())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Your account").wait_for()
