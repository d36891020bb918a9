"""Calling the API as a person, with a token of theirs."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.actor import Actor, Origin
from accounts.models import User
from accounts.services import create_token

VENDOR = "application/vnd.com.weegloo.v1+json"
PATCH = "application/json-patch+json"


class Caller:
    """A person with a token; ``raise_request_exception`` is off, as for a real client."""

    def __init__(self, user: User | None = None, *, secret: str = "") -> None:
        self.user = user
        if user is not None:
            issued = create_token(actor=Actor(user, Origin.CONSOLE), user=user, name="test")
            self.token, secret = issued.token, issued.secret
        self.secret = secret
        self.client = Client(raise_request_exception=False)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | str | None = None,
        version: int | str | None = None,
        content_type: str = "",
        query: dict[str, Any] | None = None,
        **headers: str,
    ) -> HttpResponse:
        sent = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        if version is not None:
            sent["X-Weegloo-Version"] = str(version)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        default = PATCH if method == "PATCH" else VENDOR
        data = raw if raw is not None else (b"" if body is None else json.dumps(body))
        return self.client.generic(
            method,
            f"/v1{path}",
            data,
            content_type=content_type or default,
            headers=sent,
            query_params=query,
        )

    def get(self, path: str, **more: Any) -> HttpResponse:
        return self("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self("PUT", path, body, **more)

    def patch(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> HttpResponse:
        return self("DELETE", path, **more)


def refer(target: str, ident: str) -> dict[str, Any]:
    return {"sys": {"id": ident, "type": "Refer", "targetType": target}}


def code(response: HttpResponse) -> str:
    """The WGL code of a refusal."""
    return str(response.json()["sys"]["code"])
