"""The embedded PostgreSQL and Valkey of local mode, and the one-command start.

Nothing in here imports Django: settings and `manage.py` ask it before Django is there.
"""

from collections.abc import Mapping

URLS = ("DATABASE_URL", "REDIS_URL")


class HalfConfigured(SystemExit):
    """One of DATABASE_URL and REDIS_URL without the other; the message names the missing one."""


def is_local(environ: Mapping[str, str]) -> bool:
    """Whether this process is to use the embedded servers: neither URL is given.

    An empty variable counts as not given. Raises HalfConfigured, a SystemExit, which ends the
    process with its message on stderr and code 1. Source: running.md, "manage.py …".
    """
    missing = [name for name in URLS if not environ.get(name, "").strip()]
    if len(missing) == 1:
        given = next(name for name in URLS if name not in missing)
        raise HalfConfigured(
            f"{missing[0]} is missing: {given} is set, and the two go together. "
            "Set both, or neither to use the embedded servers."
        )
    return bool(missing)
