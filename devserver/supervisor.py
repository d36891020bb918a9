"""`make run`: the servers, then web, worker and beat together, until it is told to stop."""

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from . import is_local, paths, servers
from .processes import ServerFailed, say

HOST = "127.0.0.1"
OWNER = "owner@example.com"

_STOP_WITHIN = 6.0
_LONGEST_PAUSE = 30.0
_STEADY_AFTER = 60.0
_TICK = 0.05
_LOOK_EVERY = 1.0


class Stopped(BaseException):
    """Somebody asked us to stop before we were serving."""


class Child:
    """A process of ours, in a session of its own: Ctrl-C reaches us, and we stop it in order."""

    def __init__(self, name: str, lifeline: int, *arguments: str) -> None:
        self.name = name
        self._lifeline = lifeline
        self._arguments = arguments
        self._pause = 1.0
        self._started = 0.0
        self._due = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "devserver.child"),
                *(str(self._lifeline), *self._arguments),
            ],
            stdin=subprocess.DEVNULL,
            cwd=paths.PROJECT,
            pass_fds=[self._lifeline],
            start_new_session=True,
        )

    def poll(self) -> int | None:
        """Its exit code once it has ended."""
        return self.process.poll() if self.process else None

    def restart_when_ended(self) -> None:
        """Start it again after a pause, which grows as long as it doesn't stay up."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._due:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.kill()
            self._pause = 1.0 if now - self._started > _STEADY_AFTER else self._pause
            say(f"{self.name} ended with {code}; starting it again in {self._pause:g} s")
            self._due = now + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            self.process = None

    def terminate(self) -> None:
        """Ask it to end."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End what is left of its session, workers of its own included."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs the children of one start; `run` returns the exit code."""

    def __init__(self, port: int, data: Path) -> None:
        self.port = port
        self.data = data
        self._asked = 0
        self._interruptible = True
        self._make = _Make() if "MAKELEVEL" in os.environ else None
        # Children inherit the reading end alone, so that the writing end ends with us.
        lifeline, self._end = os.pipe()
        app = "weegloo_site.celery:app"
        beat = data / f"beat-{port}"
        self._prepare = Child("prepare", lifeline, "devserver.prepare")
        self._web = Child(
            *("web", lifeline, "granian", "weegloo_site.asgi:application"),
            *("--interface", "asginl", "--host", HOST, "--port", str(port)),
            *("--workers", "1", "--log-level", "warning"),
        )
        self._background = [
            Child(
                *("worker", lifeline, "celery", "-A", app, "worker", "--loglevel", "info"),
                *("--pool", "threads", "--concurrency", "4", "--hostname", f"local-{port}@%h"),
                *("--without-gossip", "--without-mingle"),
            ),
            Child(
                *("beat", lifeline, "celery", "-A", app, "beat", "--loglevel", "warning"),
                *("--schedule", str(beat), "--pidfile", ""),
            ),
        ]

    def run(self) -> int:
        """Until a signal, or until web ends by itself: then 1."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
            signal.signal(signal.SIGHUP, self._ask)
        try:
            with self._servers():
                return self._serve()
        except Stopped:
            return 0
        except ServerFailed as error:
            say(str(error))
            return 1

    @contextlib.contextmanager
    def _servers(self) -> Iterator[None]:
        if not is_local(os.environ):
            yield
            return
        lease = servers.use(self.data)
        self._interruptible = False
        ending = threading.Event()
        keeper = threading.Thread(target=_keep_running, args=(lease, ending), name="servers", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ending.set()
            keeper.join()
            lease.release()

    def _serve(self) -> int:
        self._interruptible = False
        self._prepare.start()
        try:
            while (code := self._prepare.poll()) is None:
                if self._told_to_stop():
                    return 0
                time.sleep(_TICK)
            if code:
                return code
            for child in (self._web, *self._background):
                child.start()
            return self._watch()
        finally:
            self._stop()

    def _watch(self) -> int:
        ready = False
        while not self._told_to_stop():
            if (code := self._web.poll()) is not None:
                say(f"web ended by itself with {code}; stopping the rest")
                return code or 1
            for child in self._background:
                child.restart_when_ended()
            if not ready and self._answers():
                ready = True
                self._welcome()
            time.sleep(_TICK)
        return 0

    def _told_to_stop(self) -> bool:
        return self._asked > 0 or (self._make is not None and self._make.gave_up())

    def _stop(self) -> None:
        children = [self._prepare, self._web, *self._background]
        for child in children:
            child.terminate()
        end = time.monotonic() + _STOP_WITHIN
        asked = self._asked
        while any(child.process and child.poll() is None for child in children):
            if time.monotonic() > end or self._asked > max(asked, 1):  # asked again: hurry
                break
            time.sleep(_TICK)
        for child in children:
            child.kill()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked += 1
        if self._interruptible:
            raise Stopped

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _welcome(self) -> None:
        address = f"http://{HOST}:{self.port}"
        with contextlib.suppress(OSError):  # whoever read our output may be gone
            sys.stdout.write(
                f"\nWEEGLOO is ready: {address}/\n"
                f"Sign in as {OWNER}; the code appears at {address}/mailbox/\n"
                f"Data is kept in {self.data}. Ctrl-C stops everything.\n\n"
            )
            sys.stdout.flush()


def _keep_running(lease: servers.Lease, ending: threading.Event) -> None:
    """Start PostgreSQL and Valkey again when they end before we do."""
    while not ending.wait(_LOOK_EVERY):
        try:
            for name in lease.restart_ended():
                say(f"{name} had ended; it runs again")
        except (ServerFailed, OSError) as error:
            say(f"{error}")


class _Make:
    """The make that runs us. It can end, or be told to, without a word to us."""

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._caught = self._catches_interrupt()

    def gave_up(self) -> bool:
        """Whether it is gone, or got a SIGINT that was for it alone and now waits for us."""
        return os.getppid() != self._pid or (self._caught and not self._catches_interrupt())

    def _catches_interrupt(self) -> bool:
        """GNU make drops its handler once interrupted; Linux shows that, others say False."""
        try:
            status = Path(f"/proc/{self._pid}/status").read_text()
        except OSError:
            return False
        mask = next((line.split()[1] for line in status.splitlines() if line[:7] == "SigCgt:"), "0")
        return bool(int(mask, 16) >> (signal.SIGINT - 1) & 1)


def main() -> int:
    """Refuse what cannot work before anything starts."""
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        say(f"PORT must be a number from 1 to 65535, not {text!r}.")
        return 1
    port = int(text)
    if fault := _port_fault(port):
        say(fault)
        return 1
    data = paths.data_folder(os.environ)
    os.environ |= {
        "PORT": str(port),
        "WEEGLOO_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "weegloo_site.settings",
        "PYTHONUNBUFFERED": "1",
    }
    return Supervisor(port, data).run()


def _port_fault(port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is in use: choose another one, PORT=… make run."
            return f"Port {port} cannot be used: {error.strerror}."
    return None


if __name__ == "__main__":
    sys.exit(main())
