"""The management API (CMA), version 1: every route of it, and its OpenAPI document."""

from functools import cache
from typing import Any

from django.utils import translation
from ninja import NinjaAPI

from api.conventions import documents
from api.conventions.door import refusal
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

api = NinjaAPI(
    title="WEEGLOO management API (CMA)",
    version="1",
    description="Organizations, Spaces, their members and roles.",
    urls_namespace="api-v1",
    openapi_url=None,
    docs_url=None,
)
for error in list(api._exception_handlers):  # noqa: SLF001  # ninja has no way to say "all"
    api.add_exception_handler(error, refusal)  # type: ignore[arg-type]
for module in (
    me,
    tokens,
    organizations,
    bulk_invitations,  # before …/organization-memberships/{id}, which its address would match
    organization_memberships,
    spaces,
    space_memberships,
    space_roles,
    access,
    plans,
):
    api.add_router("", module.routes)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document, in English whoever asks first."""
    with translation.override("en"):
        found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="v1"))
        found["components"] = documents.components()
    found["security"] = [{"PersonalAccessToken": []}]
    return found
