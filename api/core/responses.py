"""An answer before it is a response: a status, a JSON value, a few headers."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from api.core.preconditions import version_tag


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; ``body`` None is no content.

    ``version`` is that of the resource in ``body``, of which a ``partial`` answer shows only some
    properties, or more than the resource.
    """

    status: int
    body: Any = None
    location: str = ""
    version: int | None = None
    partial: bool = False
    replayed: bool = False
    capped: bool = False

    def response(self, media_type: str) -> HttpResponse:
        """The answer in one media type."""
        content = b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()
        response = HttpResponse(content, status=self.status, content_type=f"{media_type};charset=UTF-8")
        if self.body is None:
            del response["Content-Type"]
        if self.location:
            response["Location"] = self.location
        if self.version is not None:
            response["ETag"] = version_tag(self.version, content if self.partial else b"")
        if self.replayed:
            response["Idempotency-Replayed"] = "true"
        if self.capped:
            response["X-Weegloo-Total-Count"] = "capped"
        return response
