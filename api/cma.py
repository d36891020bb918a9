"""The management API (CMA), version 1: every route of it, and its OpenAPI document."""

from functools import cache
from typing import Any

from django.utils import translation

from api.core import openapi
from api.core.routes import Operation
from api.resources import (
    access,
    bulk_invitations,
    me,
    organization_memberships,
    organizations,
    plans,
    space_memberships,
    space_roles,
    spaces,
    tokens,
)

_ROUTES = [
    module.routes
    for module in (
        me,
        tokens,
        organizations,
        bulk_invitations,  # before …/organization-memberships/{id}, which its path would match
        organization_memberships,
        spaces,
        space_memberships,
        space_roles,
        access,
        plans,
    )
]


def paths() -> dict[str, list[Operation]]:
    """Every operation, by its path."""
    found: dict[str, list[Operation]] = {}
    for routes in _ROUTES:
        for operation in routes.operations:
            found.setdefault(operation.path, []).append(operation)
    return found


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document, in English in every request."""
    with translation.override("en"):
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "WEEGLOO management API (CMA)",
                "version": "1",
                "description": "Organizations, Spaces, their members and roles.",
            },
            "servers": [{"url": "/"}],
            "tags": [{"name": name} for name in dict.fromkeys(routes.tag for routes in _ROUTES)],
            "paths": {
                f"/v1{path}": {one.method.lower(): one.document for one in operations}
                for path, operations in paths().items()
            },
            "components": openapi.components(),
            "security": [{"PersonalAccessToken": []}],
        }
