"""Where endpoints are declared, each with its part of the OpenAPI document."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from inspect import cleandoc
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext_lazy as _

from api.core import openapi
from api.core.bodies import MAX_BODY
from api.core.json_patch import Patch
from api.core.negotiation import BODIES, PATCHES
from api.core.operations import (
    Endpoint,
    Find,
    Resource,
    changing,
    creating,
    deleting,
    listing,
    reading,
)
from api.core.pagination import Listing
from api.core.parsing import Body, replacing
from api.core.refusals import (
    BadIdempotencyKey,
    BadPatch,
    BadVersion,
    KeyReused,
    PatchTestFailed,
    StillRunning,
    VersionRequired,
)
from api.core.requests import Call
from api.core.responses import Answer
from common.errors import DomainError, StaleVersion

type Errors = Sequence[type[DomainError]]
_CHANGE: Errors = (VersionRequired, BadVersion, StaleVersion)
_PATCH: Errors = (*_CHANGE, BadPatch, PatchTestFailed)
_KEY: Errors = (BadIdempotencyKey, KeyReused, StillRunning)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, and its part of the OpenAPI document."""

    method: str
    path: str
    endpoint: Endpoint
    document: dict[str, Any]


class Routes:
    """The operations of one resource. ``errors`` are those beside the conventions' own."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def listing[H: Callable[..., Listing[Any]]](
        self, path: str, resource: Resource, *, find: Find, errors: Errors = ()
    ) -> Callable[[H], H]:
        """``GET`` of a list: ``handler(call, found)`` gives all rows the caller may see."""

        def declare(handler: H) -> H:
            self._declare(
                "GET",
                path,
                handler,
                Endpoint(find, listing(resource, handler)),
                openapi.operation(
                    answers={200: openapi.page(resource.answer)},
                    parameters=openapi.list_parameters(resource.fields, resource.properties, resource.order),
                    errors=errors,
                ),
            )
            return handler

        return declare

    def reading[H: Callable[..., Model]](
        self, path: str, resource: Resource, *, find: Find, errors: Errors = ()
    ) -> Callable[[H], H]:
        """``GET`` of one thing: ``handler(call, found)`` gives its row."""

        def declare(handler: H) -> H:
            self._declare(
                "GET",
                path,
                handler,
                Endpoint(find, reading(resource, handler)),
                openapi.operation(
                    answers={200: openapi.schema(resource.answer)},
                    parameters=openapi.read_parameters(resource.properties),
                    errors=errors,
                ),
            )
            return handler

        return declare

    def asking[H: Callable[[Call, Any], Answer]](
        self,
        path: str,
        answer: Any,
        *,
        name: str,
        find: Find,
        parameters: Sequence[dict[str, Any]],
        errors: Errors = (),
    ) -> Callable[[H], H]:
        """``GET`` of something that is no resource: ``handler(call, found)`` answers itself."""

        def declare(handler: H) -> H:
            self._declare(
                "GET",
                path,
                handler,
                Endpoint(find, handler),
                openapi.operation(
                    answers={200: openapi.schema(answer, name)}, parameters=parameters, errors=errors
                ),
            )
            return handler

        return declare

    def creating[H: Callable[..., Answer]](
        self,
        path: str,
        answer: Any,
        *,
        find: Find,
        body: type[Body],
        status: int = 201,
        keepable: bool = True,
        most: int = MAX_BODY,
        errors: Errors = (),
    ) -> Callable[[H], H]:
        """``POST``: ``handler(call, found, body)`` makes something and answers it.

        ``most`` is how many bytes the body may have.
        """

        def declare(handler: H) -> H:
            self._declare(
                "POST",
                path,
                handler,
                Endpoint(find, creating(body, handler, keepable=keepable), BODIES, most),
                openapi.operation(
                    answers={status: openapi.schema(answer)},
                    parameters=[openapi.IDEMPOTENCY_KEY] if keepable else [],
                    body=(body, BODIES),
                    errors=(*errors, *(_KEY if keepable else (BadIdempotencyKey,))),
                ),
            )
            return handler

        return declare

    def changing[H: Callable[..., Model]](
        self, path: str, resource: Resource, *, find: Find, body: type[Body], errors: Errors = ()
    ) -> Callable[[H], H]:
        """``PUT`` and ``PATCH``: ``handler(call, row, body, version)`` gives the changed row."""

        def declare(handler: H) -> H:
            for method, media_types, document, own in (
                ("PUT", BODIES, replacing(body), _CHANGE),
                ("PATCH", PATCHES, Patch, _PATCH),
            ):
                self._declare(
                    method,
                    path,
                    handler,
                    Endpoint(find, changing(resource, body, handler, patches=method == "PATCH"), media_types),
                    openapi.operation(
                        answers={200: openapi.schema(resource.answer)},
                        parameters=openapi.VERSION_HEADERS,
                        body=(document, media_types),
                        errors=(*errors, *own),
                    ),
                )
            return handler

        return declare

    def deleting[H: Callable[..., None]](
        self, path: str, *, find: Find, errors: Errors = ()
    ) -> Callable[[H], H]:
        """``DELETE``: ``handler(call, found)`` deletes."""

        def declare(handler: H) -> H:
            self._declare(
                "DELETE",
                path,
                handler,
                Endpoint(find, deleting(handler)),
                openapi.operation(answers={204: None}, errors=errors),
            )
            return handler

        return declare

    def _declare(
        self,
        method: str,
        path: str,
        handler: Callable[..., Any],
        endpoint: Endpoint,
        document: dict[str, Any],
    ) -> None:
        text = cleandoc(handler.__doc__ or "").replace("``", "`")
        summary, _blank, description = text.partition("\n\n")
        own: dict[str, Any] = {
            "operationId": operation_name(method, path),
            "tags": [self.tag],
            "summary": " ".join(summary.split()),
            "description": " ".join((description or summary).split()),
        }
        names = path_names(path)
        parameters = [*map(openapi.path_parameter, names), *document["parameters"]]
        if names:
            endpoint = replace(endpoint, missing=MISSING[names[-1]])
        self.operations.append(Operation(method, path, endpoint, own | document | {"parameters": parameters}))


# The reason of a 404, by the last id in the path.
MISSING = {
    "organizationId": _("This Organization doesn't exist, or you can't see it."),
    "spaceId": _("This Space doesn't exist, or you can't see it."),
    "organizationMembershipId": _("This Organization membership doesn't exist, or you can't see it."),
    "spaceMembershipId": _("This Space membership doesn't exist, or you can't see it."),
    "spaceRoleId": _("This SpaceRole doesn't exist, or you can't see it."),
    "tokenId": _("This personal access token doesn't exist, or you can't see it."),
    "planId": _("This plan doesn't exist, or you can't see it."),
}
# What is no list of resources, by the end of its path.
_SINGLE = {"me": "GetMe", "access": "GetOneSpaceAccess", "bulk": "CreateBulkOrganizationMemberships"}


def operation_name(method: str, path: str) -> str:
    """The operationId in WEEGLOO's pattern: ``GetListOrganizationMemberships``, ``UpdateOneSpace``."""
    *_parents, collection = [part for part in path.split("/") if not part.startswith("{")]
    if collection in _SINGLE:
        return _SINGLE[collection]
    plural = "".join(map(str.capitalize, collection.split("-")))
    if path.startswith("/me/"):
        plural = f"My{plural}"
    one = plural.removesuffix("s")
    if not path.endswith("}"):
        return {"GET": f"GetList{plural}", "POST": f"Create{one}"}[method]
    verbs = {"GET": "Get", "PUT": "Update", "PATCH": "Patch", "DELETE": "Delete"}
    return f"{verbs[method]}One{one}"


def path_names(path: str) -> list[str]:
    """The names in the braces of a path."""
    return re.findall(r"{(\w+)}", path)


def view_of(operations: Sequence[Operation]) -> Callable[..., HttpResponse]:
    """The view of one path: each request goes to the endpoint of its method."""
    endpoints = {operation.method: operation.endpoint for operation in operations}
    names = path_names(operations[0].path)

    def view(request: HttpRequest, **ids: str) -> HttpResponse:
        endpoint = endpoints.get(request.method or "")
        if endpoint is None:
            return HttpResponseNotAllowed(list(endpoints))
        return endpoint(request, [ids[name] for name in names])

    view.methods = tuple(endpoints)  # type: ignore[attr-defined]  # read by api.cors
    return view
