"""Typed reading of environment variables; every fault is reported by its variable's name.

Settings come from the environment only. Faults are collected and raised together by
:meth:`Env.check`, so that a deployment is mended in one go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


@dataclass
class Env:
    """Reads variables from ``environ`` and remembers what was missing or malformed."""

    environ: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def text(self, name: str, default: str | None = None) -> str:
        """The variable's text; required when there is no ``default``."""
        value = self.environ.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.faults.append(f"{name} is missing")
            return ""
        return default

    def integer(self, name: str, default: int, *, minimum: int = 0) -> int:
        """A whole number of at least ``minimum``."""
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or int(value) < minimum:
            self.faults.append(f"{name} must be a whole number of at least {minimum}, not {value!r}")
            return default
        return int(value)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of ``choices``, in any letter case."""
        value = self.text(name, default).upper()
        if value not in choices:
            self.faults.append(f"{name} must be one of {', '.join(choices)}, not {value!r}")
            return default
        return value

    def boolean(self, name: str, *, default: bool) -> bool:
        """``1/true/yes/on`` or ``0/false/no/off``."""
        value = self.text(name, "1" if default else "0").lower()
        if value not in _TRUE | _FALSE:
            self.faults.append(f"{name} must be 1 or 0, not {value!r}")
        return value in _TRUE

    def listing(self, name: str, default: str | None = None) -> list[str]:
        """A comma separated list."""
        return [item.strip() for item in self.text(name, default).split(",") if item.strip()]

    def url(
        self, name: str, default: str | None = None, *, schemes: tuple[str, ...], needs: str = ""
    ) -> SplitResult:
        """A URL with one of ``schemes`` and, when ``needs`` names it, a ``hostname`` or ``path``."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        if value and parts.scheme not in schemes:
            self.faults.append(f"{name} must be a URL starting with {' or '.join(s + ':' for s in schemes)}")
        elif value and needs and not (getattr(parts, needs) or "").strip("/"):
            self.faults.append(f"{name} has no {needs}")
        return parts

    def redis(self, name: str, default: str | None = None) -> tuple[str, str]:
        """``(broker, cache)`` URLs from one URL, see :func:`redis_urls`."""
        parts = self.url(name, default, schemes=("redis", "rediss", "unix"))
        try:
            return redis_urls(parts)
        except ValueError:
            self.faults.append(f"{name} must end with the number of a database")
            return "", ""

    def check(self) -> None:
        """Raise :class:`ImproperlyConfigured` naming every missing or bad variable."""
        if self.faults:
            raise ImproperlyConfigured(
                "The environment is not complete: "
                + "; ".join(self.faults)
                + ". All variables are described in .env.example."
            )


def query(parts: SplitResult) -> dict[str, str]:
    """The last value of each query parameter of a URL."""
    return {key: values[-1] for key, values in parse_qs(parts.query).items()}


def database_options(parts: SplitResult) -> dict[str, object]:
    """Django's connection settings for a ``postgresql:`` URL (RFC 3986; libpq's own form).

    The host may stand in the query (``?host=/folder``) for a unix socket; other query
    parameters become libpq options such as ``sslmode``.
    """
    options: dict[str, object] = {**query(parts)}
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or "") or options.pop("user", ""),
        "PASSWORD": unquote(parts.password or "") or options.pop("password", ""),
        "HOST": unquote(parts.hostname or "") or options.pop("host", ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def redis_urls(parts: SplitResult) -> tuple[str, str]:
    """``(broker, cache)`` URLs from one ``REDIS_URL``.

    Celery spells a unix socket ``redis+socket://``, Django's cache ``unix://``. The cache takes
    the database after the broker's, so that clearing it never drops the queue.
    """
    if parts.scheme == "unix":
        database = int(query(parts).get("db", "0"))
        path = parts.path
        return f"redis+socket://{path}?virtual_host={database}", f"unix://{path}?db={database + 1}"
    database = int(parts.path.lstrip("/") or "0")
    base = parts._replace(path="", query="")
    return (
        base._replace(path=f"/{database}", query=parts.query).geturl(),
        base._replace(path=f"/{database + 1}", query=parts.query).geturl(),
    )


def smtp_options(parts: SplitResult) -> dict[str, object]:
    """Django's SMTP mailer options for ``smtp:``, ``smtp+tls:`` (STARTTLS) or ``smtps:``."""
    return {
        "host": parts.hostname or "localhost",
        "port": parts.port or {"smtps": 465, "smtp+tls": 587}.get(parts.scheme, 25),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
        "timeout": 20,
    }
