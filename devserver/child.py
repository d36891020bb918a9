"""One process of `make run`: a Python module, run as by `python -m`, that ends with its parent.

    python -m devserver.child FD MODULE [ARGUMENT …]

The supervisor holds the other end of the pipe FD. However it ends, kill -9 included, the kernel
closes that end; we read the end of file and end ourselves.
"""

import os
import runpy
import signal
import sys
import threading
import time

from devserver import is_local, paths, servers

_GRACE = 10.0


def main() -> None:
    """Hold a lease of our own, so that the servers stop even when the supervisor was killed."""
    lifeline, *arguments = sys.argv[1:]
    threading.Thread(target=_watch, args=(int(lifeline),), daemon=True).start()
    servers.end_on_signals()
    if is_local(os.environ):
        servers.use(paths.data_folder(os.environ))
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    servers.end_all()  # what is killed lets go of its lease, but stops no server
    os.killpg(0, signal.SIGKILL)  # the supervisor gave us a session, so the group is ours alone


if __name__ == "__main__":
    main()
