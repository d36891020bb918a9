"""Telling a database that is away from one that refuses a statement (RFC 9110 §15.6.4)."""

from django.db import InterfaceError, OperationalError

# SQLSTATE: shut down, crashed, starting up, ended for idleness; too many connections.
_AWAY = {"57P01", "57P02", "57P03", "57P05", "53300"}


def is_outage(error: BaseException | None) -> bool:
    """Whether ``error`` says that the connection was lost, refused, or not to be had in time.

    A deadlock, a lock not gained or a full disk is none. Errors of the driver have no SQLSTATE where the
    server sent nothing: refused connections, lost ones, the pool's time-outs.
    """
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith("08") or state in _AWAY
