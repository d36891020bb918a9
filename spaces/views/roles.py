"""Space › Roles & Permissions (rules §8)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import actor_of
from accounts.views.form_pages import form_page, sent_once
from common.curl import ApiCall
from common.errors import DomainError, NotFound, NotPermitted, RoleAboveOwn, StaleVersion
from common.forms import posted
from common.htmx import go, render_page
from common.isolation import enclosed
from memberships import policies
from memberships.meanings import space_role_meaning
from memberships.selectors import (
    SpaceAccess,
    holders_of,
    may_move_holders,
    space_access,
    space_role,
    space_roles_of,
    space_roles_with_holders,
)
from memberships.views import calls
from memberships.views.changes import last_change, was_here
from memberships.views.frames import space_frame
from spaces.models import SpaceRole
from spaces.permissions import FIELDS, Effect, beyond, clauses, names_in, sections, summary
from spaces.permissions.validation import read
from spaces.role_forms import MoveForm, SpaceRoleEditForm, SpaceRoleForm
from spaces.role_matrix import Board
from spaces.role_names import Known, creators_in, known_ids, people_named, suggested_people
from spaces.services import create_space_role, delete_space_role, update_space_role

ROLES = "space-roles"
HOLDERS_SHOWN = 20


@require_safe
def role_list(request: HttpRequest, space_id: str) -> HttpResponse:
    """The Space's roles, how many hold each; every Space member reads them."""
    access = space_access(actor_of(request), space_id)
    rows = [(role, space_role_meaning(role)) for role in space_roles_with_holders(access)]
    context = _context(access, calls.roles(access)) | {"rows": rows}
    return render_page(request, "spaces/roles.html", context)


@form_page
@sent_once()
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, space_id: str) -> HttpResponse:
    """A new SpaceRole; ``?from=`` fills in another one of the Space (Duplicate)."""
    access = _managed(request, space_id)
    roles = list(space_roles_of(access))
    editor = _editor(request, access, roles, _copy_of(request.GET.get("from"), roles))
    if not editor.sends:
        return _editor_page(request, access, editor)
    form = editor.form = SpaceRoleForm(request.POST, board=editor.board)
    if not form.is_valid():
        return _editor_page(request, access, editor, status=422)
    try:
        role = create_space_role(
            actor=actor_of(request),
            space=access.space,
            name=form.cleaned_data["name"],
            permissions=form.permissions,
            labels=editor.board.labels,
        )
    except DomainError as error:
        return _editor_page(request, access, editor, status=form.refuse(error))
    messages.success(request, _("The role %(name)s is created.") % {"name": enclosed(role.name)})
    return go(request, reverse(ROLES, args=[space_id]))


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, space_id: str, role_id: str) -> HttpResponse:
    """One SpaceRole: the editor for who manages roles, else, and for Administrator, its reading."""
    access = space_access(actor_of(request), space_id)
    role = space_role(access, role_id)
    if request.method != "POST" and (role.is_locked or not access.may_manage_roles):
        return _reading_page(request, access, role)
    if not access.may_manage_roles:
        raise NotPermitted
    editor = _editor(request, access, list(space_roles_of(access)), role)
    if not editor.sends:
        return _editor_page(request, access, editor)
    return _save(request, access, editor)


def _save(request: HttpRequest, access: SpaceAccess, editor: "_Editor") -> HttpResponse:
    form = editor.form = SpaceRoleEditForm(request.POST, board=editor.board)
    if not form.is_valid():
        return _editor_page(request, access, editor, status=422)
    wanted = editor.wanted
    wish = {field: getattr(wanted, field) for field in ("labels", *FIELDS.values())}
    try:
        changed = update_space_role(
            actor=actor_of(request),
            role=editor.role,
            name=form.cleaned_data["name"],
            permissions=form.permissions,
            expected_version=form.cleaned_data["version"],
            labels=editor.board.labels,
        )
    except DomainError as error:
        if not form.is_done(error, name=form.cleaned_data["name"], **wish):
            return _editor_page(request, access, editor, status=form.refuse(error))
        changed = error.details["current"]
    messages.success(request, _("The role %(name)s is saved.") % {"name": enclosed(changed.name)})
    return go(request, reverse(ROLES, args=[access.space.pk]))


@require_POST
def preview(request: HttpRequest, space_id: str) -> HttpResponse:
    """The sentence that sums up what the editor holds; writes nothing."""
    access = _managed(request, space_id)
    editor = _editor(request, access, list(space_roles_of(access)), SpaceRole(pk=None))
    context = _context(access) | {"summary": editor.summary}
    return render_page(request, "spaces/role_preview.html", context, partial="role-summary")


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, space_id: str, role_id: str) -> HttpResponse:
    """Delete a SpaceRole; who holds it is moved to another one in the same step (rules §8)."""
    access = space_access(actor_of(request), space_id)
    try:
        return _delete(request, access, space_role(access, role_id))
    except NotFound:
        if not access.may_manage_roles or not was_here(request, role_id, place_id=space_id):
            raise
    messages.info(request, _("This role was already deleted."))
    return go(request, reverse(ROLES, args=[space_id]))


def _delete(request: HttpRequest, access: SpaceAccess, role: SpaceRole) -> HttpResponse:
    if not access.may_manage_roles:
        raise NotPermitted
    others = [other for other in space_roles_of(access) if other != role]
    grantable = policies.grantable_space_roles(access.role, access.own_roles, others)
    form = MoveForm(posted(request), roles=grantable)
    if not form.is_bound or not form.is_valid():
        return _delete_page(request, access, role, form, status=422 if form.is_bound else 200)
    chosen = form.cleaned_data["move_to"]
    try:
        delete_space_role(actor=actor_of(request), role=role, move_to=SpaceRole(pk=chosen) if chosen else None)
    except DomainError as error:
        return _delete_page(request, access, role, form, status=form.refuse(error))
    messages.success(request, _("The role %(name)s is deleted.") % {"name": enclosed(role.name)})
    return go(request, reverse(ROLES, args=[access.space.pk]))


def _delete_page(
    request: HttpRequest, access: SpaceAccess, role: SpaceRole, form: MoveForm, status: int = 200
) -> HttpResponse:
    context = _context(access) | _holders(role)
    context |= {"role": role, "form": form, "may_move": may_move_holders(access, role)}
    into = "#dialog" if form.is_bound else ""
    return render_page(
        request, "spaces/role_delete.html", context, partial="dialog-body", into=into, status=status
    )


def _reading_page(request: HttpRequest, access: SpaceAccess, role: SpaceRole) -> HttpResponse:
    names = role.labels | people_named(access, creators_in([role])).names
    context = (
        _context(access, calls.role(access, role.pk))
        | _holders(role)
        | {
            "role": role,
            "summary": summary(role, names),
            "sections": sections([role], names),
        }
    )
    return render_page(request, "spaces/role.html", context)


def _holders(role: SpaceRole) -> dict[str, Any]:
    """Who holds ``role``: the first of them, and how many."""
    holders = holders_of(role).prefetch_related(None)
    number = holders.count()
    return {
        "holder_count": number,
        "holders": holders[:HOLDERS_SHOWN] if number else [],
        "more_holders": max(0, number - HOLDERS_SHOWN),
    }


# --- The editor ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Editor:
    """What the editor holds: as stored, as typed, or as one of its buttons left it.

    ``sends`` is a press of Save; ``role`` what is edited, without an id for a new one.
    """

    role: SpaceRole
    board: Board
    form: SpaceRoleForm
    names: dict[str, str]
    known: Known
    sends: bool

    @property
    def wanted(self) -> SpaceRole:
        """The SpaceRole as the form would make it, so far as it can be read."""
        shape, _faults = read(self.form.permissions)
        return SpaceRole(pk=self.role.pk, name="", labels=self.board.labels, **shape.as_fields())

    @property
    def words(self) -> dict[str, str]:
        """The names to say it with."""
        return {**self.names, **self.board.labels}

    @property
    def summary(self) -> str:
        """It in one sentence."""
        return summary(self.wanted, self.words)


def _editor(request: HttpRequest, access: SpaceAccess, roles: list[SpaceRole], role: SpaceRole) -> _Editor:
    """The editor as the request leaves it, before anything is stored."""
    data = posted(request)
    board = Board.of(role) if data is None else Board.posted(data)
    people = people_named(access, board.creators)
    board.name_people(people.ids)
    wish = "" if data is None else data.get("do", "")
    board.change(wish)
    held: dict[str, Any] = {"name": role.name, "settings": role.settings, "version": role.version}
    if data is not None:
        held = {name: data.get(name, "") for name in held} | {"settings": data.getlist("settings")}
    names = {**names_in(roles), **people.names}
    board.entitle(names)
    made = SpaceRoleEditForm if role.pk else SpaceRoleForm
    return _Editor(
        role=role,
        board=board,
        form=made(initial=held, board=board),
        names=names,
        known=known_ids(roles),
        sends=request.method == "POST" and not wish,
    )


def _copy_of(role_id: str | None, roles: list[SpaceRole]) -> SpaceRole:
    """An unsaved copy of the role with this id, or an empty one."""
    for role in roles:
        if role.pk == role_id:
            name = _("Copy of %(name)s") % {"name": role.name}
            fields = {field: getattr(role, field) for field in (*FIELDS.values(), "labels")}
            return SpaceRole(pk=None, name=name[:64], **fields)
    return SpaceRole(pk=None)


def _editor_page(request: HttpRequest, access: SpaceAccess, editor: _Editor, status: int = 200) -> HttpResponse:
    refusal = editor.form.refusal
    stored = editor.role.pk
    context = _context(access, calls.role(access, stored) if stored else None)
    context |= _holders(editor.role) if stored else {}
    context |= {
        "editor": editor,
        "form": editor.form,
        "role": editor.role,
        "summary": editor.summary,
        "is_unsaved": posted(request) is not None,
        "change": last_change(editor.role.pk) if isinstance(refusal, StaleVersion) else None,
        "beyond": _beyond(access, editor) if isinstance(refusal, RoleAboveOwn) else [],
        "people": suggested_people(access),
        "is_limited": not policies.may_shape_any_space_role(access.role, access.own_roles),
    }
    return render_page(request, "spaces/role_edit.html", context, partial="role-form", status=status)


def _beyond(access: SpaceAccess, editor: _Editor) -> list[str]:
    """What the role would give beyond what the person holds."""
    before = editor.role if editor.role.pk else None
    more = beyond(access.own_roles, editor.wanted, before=before)
    return clauses(more, Effect.ALLOW, editor.words)


def _managed(request: HttpRequest, space_id: str) -> SpaceAccess:
    """The Space, for who manages its roles; raises :class:`NotPermitted`."""
    access = space_access(actor_of(request), space_id)
    if not access.may_manage_roles:
        raise NotPermitted
    return access


def _context(access: SpaceAccess, api: ApiCall | None = None) -> dict[str, Any]:
    """What every screen here needs."""
    return {
        "frame": space_frame(access, ROLES, api),
        "access": access,
        "space": access.space,
        "back_url": reverse(ROLES, args=[access.space.pk]),
    }
