"""The walk of docs/api.md, as it is written there, by a real shell and a real curl."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from memberships.models import OrganizationMembership
from outbox.models import Email, Kind
from tests.api.caller import Caller
from tests.cast import person

DOCS = Path(__file__).parents[2] / "docs/api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_the_walk(live_server):
    caller = Caller(person("Walker"))
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)
    script = "set -eu -o pipefail\n" + "\n".join(blocks)
    env = {"API": f"{live_server.url}/v1", "TOKEN": caller.secret, "PATH": os.environ["PATH"]}
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
