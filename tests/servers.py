"""pytest plugin (`-p tests.servers`): the embedded servers in a folder of the tests' own.

Loaded before the settings. Every xdist worker is a process with a lease of its own, a database of
its own (pytest-django) and a broker prefix of its own.
"""

import os
from pathlib import Path

from devserver import URLS, paths, servers

_folder = Path(os.environ.get("WEEGLOO_TEST_DATA") or paths.PROJECT / ".test-var").resolve()

for _name in URLS:  # the tests never touch the servers of whoever runs them
    os.environ.pop(_name, None)
os.environ["WEEGLOO_DATA"] = str(_folder)
os.environ["BROKER_PREFIX"] = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}:"
# Same engine, same settings, but nothing here has to survive a power cut.
os.environ["WEEGLOO_FSYNC"] = "off"

servers.end_on_signals()
servers.use(_folder)
