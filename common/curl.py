"""What a screen shows, as the command that asks the API for it."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from common.errors import Text

# The shell puts the reader's own token in; none of ours is ever in a page.
_AUTHORIZATION = '-H "Authorization: Bearer $WEEGLOO_TOKEN"'


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call: ``path`` stands after ``/v1``, and a ``body`` makes it a POST.

    ``left_out`` says what of the screen the API has no counterpart for.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    left_out: Sequence[Text] = ()

    @property
    def url(self) -> str:
        """The whole address."""
        # Brackets are escaped: curl reads them as a range.
        query = urlencode(self.query, safe=",:@")
        return f"{settings.BASE_URL}/v1{self.path}{'?' if query else ''}{query}"

    @property
    def command(self) -> str:
        """The call for a shell, with ``$WEEGLOO_TOKEN`` for the secret."""
        parts = [f"curl {_AUTHORIZATION}"]
        if self.body is not None:
            body = json.dumps(self.body, ensure_ascii=False)
            parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(body)}"]
        return " \\\n".join([*parts, shlex.quote(self.url)])
