"""A Space: its overview and settings."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import actor_of
from accounts.views.form_pages import form_page
from activity import log
from activity.models import Action
from common.curl import ApiCall
from common.errors import DomainError, NotFound, NotPermitted, StaleVersion
from common.forms import TypedNameForm, posted
from common.htmx import go, render_page
from common.isolation import enclosed
from memberships.selectors import SpaceAccess, organization_access, space_access
from memberships.views import calls
from memberships.views.changes import last_change
from memberships.views.frames import space_frame
from spaces.forms import SpaceSettingsForm
from spaces.services import delete_space, update_space


@require_safe
def overview(request: HttpRequest, space_id: str) -> HttpResponse:
    """What the Space is, and what the reader is in it."""
    access = space_access(actor_of(request), space_id)
    return render_page(request, "spaces/overview.html", _context(access, "space", calls.space(access)))


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, space_id: str) -> HttpResponse:
    """Name and id; deleting, for OWNER and ADMIN (rules §6)."""
    actor = actor_of(request)
    access = space_access(actor, space_id)
    if not access.may_change:
        raise NotPermitted
    space = access.space
    if request.method != "POST":
        form = SpaceSettingsForm(posted(request), initial={"name": space.name, "version": space.version})
        return _settings_page(request, access, form)
    form = SpaceSettingsForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, access, form, status=422)
    try:
        update_space(
            actor=actor,
            space=space,
            name=form.cleaned_data["name"],
            expected_version=form.cleaned_data["version"],
        )
    except DomainError as error:
        if not form.is_done(error, name=form.cleaned_data["name"]):
            return _settings_page(request, access, form, status=form.refuse(error))
    messages.success(request, _("Saved."))
    return go(request, reverse("space-settings", args=[space_id]))


def _settings_page(
    request: HttpRequest, access: SpaceAccess, form: SpaceSettingsForm, status: int = 200
) -> HttpResponse:
    stale = isinstance(form.refusal, StaleVersion)
    context = _context(access, "space-settings", calls.space(access)) | {
        "form": form,
        "change": last_change(access.space.pk) if stale else None,
    }
    return render_page(request, "spaces/settings.html", context, partial="settings-form", status=status)


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, space_id: str) -> HttpResponse:
    """Delete the Space by typing its name; OWNER and ADMIN (rules §6)."""
    actor = actor_of(request)
    try:
        access = space_access(actor, space_id)
    except NotFound:
        return _already_deleted(request, space_id)
    if not access.may_manage:
        raise NotPermitted
    form = TypedNameForm(posted(request), expected=access.space.name)
    if request.method != "POST":
        return _delete_page(request, access, form)
    if not form.is_valid():
        return _delete_page(request, access, form, status=422)
    delete_space(actor=actor, space=access.space)
    organization = access.organization.organization
    words = pgettext("a Space", "%(name)s is deleted.")
    messages.success(request, words % {"name": enclosed(access.space.name)})
    return go(request, organization.get_absolute_url())


def _already_deleted(request: HttpRequest, space_id: str) -> HttpResponse:
    """Redirect a manager of the Organization to it; raise :class:`NotFound` for others."""
    entry = log.last_change(space_id) if request.method == "POST" else None
    if entry is None or entry.action != Action.SPACE_DELETED:
        raise NotFound
    access = organization_access(actor_of(request), entry.organization_id)
    if not access.may_manage:
        raise NotFound
    words = pgettext("a Space", "%(name)s was already deleted.")
    messages.info(request, words % {"name": enclosed(entry.before["name"])})
    return go(request, access.organization.get_absolute_url())


def _delete_page(
    request: HttpRequest, access: SpaceAccess, form: TypedNameForm, status: int = 200
) -> HttpResponse:
    context = _context(access, "space-settings") | {"form": form}
    return render_page(request, "spaces/delete.html", context, partial="dialog-body", status=status)


def _context(access: SpaceAccess, current: str, api: ApiCall | None = None) -> dict[str, Any]:
    """What every Space screen needs."""
    return {"frame": space_frame(access, current, api), "access": access, "space": access.space}
