"""Every form of the console that a person fills in: its page, and what they type."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.services import create_token
from memberships.models import Role, SpaceMembership
from spaces.services import create_space_role
from tests.cast import Cast, acting, put_in, role_named

type Typed = dict[str, object]


@dataclass
class FormPage:
    """The page of a form, and what is typed there."""

    page: str
    typed: Typed


def _space(cast: Cast, name: str, *more: str) -> str:
    return reverse(name, args=[cast.space.pk, *more])


def _organization(cast: Cast, name: str, *more: str) -> str:
    return reverse(name, args=[cast.organization.pk, *more])


def _role(cast: Cast) -> str:
    rule = {"content": {"Read": {"Allow": []}}}
    role = create_space_role(actor=acting(cast.owner), space=cast.space, name="Helper", permissions=rule)
    return role.pk


def _in_space(cast: Cast) -> SpaceMembership:
    there = SpaceMembership.objects.filter(space=cast.space, user=cast.member).first()
    return there or put_in(cast.space, cast.owner, cast.member, "Editor")


MATRIX: Typed = {
    "name": "Product “Editor”",
    "content-rows": ["0", "7"],
    "content-0-Read": "Deny",
    "content-7-contentType": "product",
    "content-7-contentType-name": "Products & more",
    "content-7-Create": "Allow",
    "settings": ["SETTING_USER", "SETTING_TAG"],
}


def _with_holder(cast: Cast) -> tuple[str, Typed]:
    _in_space(cast)
    page = _space(cast, "space-role-delete", role_named(cast.space, "Editor").pk)
    return page, {"move_to": role_named(cast.space, "Viewer").pk}


# By the name of the URL.
FORM_PAGES: dict[str, Callable[[Cast], tuple[str, Typed]]] = {
    "profile": lambda _: (
        reverse("profile"),
        {"name": "Minji <Kim>", "language": "ko", "appearance": "dark", "version": "1"},
    ),
    "tokens": lambda _: (reverse("tokens"), {"name": "Nightly import"}),
    "organization-create": lambda _: (
        reverse("organization-create"),
        {"name": "작은 가게", "description": "One line & more"},
    ),
    "organization-settings": lambda cast: (
        _organization(cast, "organization-settings"),
        {"name": "Daily “Wear”", "description": "Shirts", "version": "1"},
    ),
    "organization-delete": lambda cast: (
        _organization(cast, "organization-delete"),
        {"name": "DailyWear Comp"},
    ),
    "space-create": lambda cast: (_organization(cast, "space-create"), {"name": "Second Shop"}),
    "space-settings": lambda cast: (_space(cast, "space-settings"), {"name": "Mall", "version": "1"}),
    "space-delete": lambda cast: (_space(cast, "space-delete"), {"name": "Shopping M"}),
    "invite": lambda cast: (
        _organization(cast, "invite"),
        {
            "emails": "ana@example.com\nben@example.com, no address",
            "role": "ADMIN",
            f"roles-{cast.space.pk}": [
                role_named(cast.space, "Editor").pk,
                role_named(cast.space, "Viewer").pk,
            ],
        },
    ),
    "organization-member-role": lambda cast: (
        _organization(cast, "organization-member-role", cast.memberships[Role.MEMBER].pk),
        {"role": "ADMIN", "version": "1"},
    ),
    "space-member-add": lambda cast: (
        _space(cast, "space-member-add"),
        {"q": "m", "user": [cast.member.pk], "roles": [role_named(cast.space, "Viewer").pk]},
    ),
    "space-member-roles": lambda cast: (
        _space(cast, "space-member-roles", _in_space(cast).pk),
        {"roles": [role_named(cast.space, "Viewer").pk], "version": "1"},
    ),
    "space-role-create": lambda cast: (_space(cast, "space-role-create"), MATRIX),
    "space-role": lambda cast: (_space(cast, "space-role", _role(cast)), {**MATRIX, "version": "1"}),
    "space-role-delete": _with_holder,
}

# Forms with nothing to fill in.
BUTTONS: dict[str, Callable[[Cast], str]] = {
    "token-delete": lambda cast: reverse("token-delete", args=[_token(cast)]),
    "organization-leave": lambda cast: _organization(cast, "organization-leave"),
    "organization-member-remove": lambda cast: _organization(
        cast, "organization-member-remove", cast.memberships[Role.MEMBER].pk
    ),
    "space-member-remove": lambda cast: _space(cast, "space-member-remove", _in_space(cast).pk),
}


def _token(cast: Cast) -> str:
    return create_token(actor=acting(cast.owner), user=cast.owner, name="CI").token.pk


def form_page(cast: Cast, name: str) -> FormPage:
    """One of the pages, ready to be filled in."""
    page, typed = FORM_PAGES[name](cast)
    return FormPage(page, typed)
