"""The walk of docs/api.md, as it is written there, by a real shell, and a real curl where there is one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from memberships.models import OrganizationMembership
from outbox.models import Email, Kind
from tests.api.caller import Caller
from tests.cast import person

DOCS = Path(__file__).parents[2] / "docs/api.md"


# Where there is no curl: the options that the walk uses, and no other.
CURL = """#!{python}
import argparse, sys, urllib.error, urllib.request
options = argparse.ArgumentParser()
for name in ("--silent", "--show-error", "--fail-with-body"):
    options.add_argument(name, action="store_true")
options.add_argument("-X", dest="method")
options.add_argument("-H", dest="headers", action="append", default=[])
options.add_argument("-d", dest="data")
options.add_argument("url")
given = options.parse_args()
headers = dict(header.split(": ", 1) for header in given.headers)
data = given.data and given.data.encode()
try:
    request = urllib.request.Request(given.url, data, headers, method=given.method)
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    answer = error
sys.stdout.write(answer.read().decode())
sys.exit(22 if answer.status >= 400 else 0)
"""


@pytest.fixture
def path_with_curl(tmp_path: Path) -> str:
    """PATH, on which there is a curl."""
    if shutil.which("curl"):
        return os.environ["PATH"]
    (tmp_path / "curl").write_text(CURL.format(python=sys.executable))
    (tmp_path / "curl").chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


@pytest.mark.django_db(transaction=True)
def test_the_walk(live_server, path_with_curl):
    caller = Caller(person("Walker"))
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)
    script = "set -eu -o pipefail\n" + "\n".join(blocks)
    env = {"API": f"{live_server.url}/v1", "TOKEN": caller.secret, "PATH": path_with_curl}
    done = subprocess.run(
        ["bash", "-c", script], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"allowed": true' in done.stdout
    assert OrganizationMembership.objects.count() == 1
    invited = Email.objects.filter(recipient__email="minji.kim@example.com").order_by("created_at", "id")
    assert next(email.kind for email in invited) == Kind.ORGANIZATION_INVITATION
    assert {Kind.SPACE_INVITATION, Kind.SPACE_REMOVAL, Kind.ORGANIZATION_REMOVAL} <= {
        email.kind for email in invited
    }
