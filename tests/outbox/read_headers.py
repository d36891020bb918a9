"""Print how this Python reads the messages of a folder, as JSON. Standard library only.

``test_headers`` runs this file with every Python that it finds on the machine.
"""

import email
import json
import sys
from email.policy import default
from pathlib import Path


def read(path: Path) -> dict[str, object]:
    """Every header's name, the subject, the mailboxes, and the defects the parser found."""
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    return {
        "names": sorted(message.keys()),
        "subject": str(message["Subject"]),
        "to": [[address.display_name, address.addr_spec] for address in message["To"].addresses],
        "from": [[address.display_name, address.addr_spec] for address in message["From"].addresses],
        "defects": [str(defect) for value in message.values() for defect in value.defects],
    }


if __name__ == "__main__":
    print(json.dumps({path.name: read(path) for path in sorted(Path(sys.argv[1]).glob("*.eml"))}))
