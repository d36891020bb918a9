"""Organizations: the list, the switcher, the Organization screen, its settings."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import actor_of, person_of
from accounts.views.form_pages import form_page, sent_once
from activity import log
from activity.models import Action
from common.curl import ApiCall
from common.errors import DomainError, NotFound, NotPermitted, StaleVersion
from common.forms import TypedNameForm, posted
from common.frame import Frame
from common.htmx import go, render_page, wants_fragment
from common.isolation import enclosed
from memberships import places, policies
from memberships.departures import is_last_owner
from memberships.selectors import OrganizationAccess, organization_access
from memberships.views import calls
from memberships.views.changes import last_change
from memberships.views.frames import organization_frame
from organizations.forms import OrganizationForm, OrganizationSettingsForm
from organizations.selectors import blocking_spaces
from organizations.services import create_organization, delete_organization, update_organization
from spaces.forms import SpaceForm
from spaces.services import create_space as make_space

LISTED = 20


@require_safe
def organization_list(request: HttpRequest) -> HttpResponse:
    """The person's Organizations with their Spaces; the switcher's page."""
    q = request.GET.get("q", "")
    found = places.places_of(person_of(request), q=q)
    context = {
        "frame": Frame(api=calls.my_organizations(q=q)),
        "places": found,
        "q": q,
        "many": bool(q) or places.are_many(found),
    }
    return render_page(request, "organizations/list.html", context, partial="organization-rows")


@require_safe
def switcher(request: HttpRequest) -> HttpResponse:
    """The panel beside the Organization's name; by itself it is the list of Organizations."""
    if not wants_fragment(request):
        return redirect("organization-list")
    q = request.GET.get("q", "")
    found = places.places_of(person_of(request), q=q)
    context = {"places": found, "q": q, "many": bool(q) or places.are_many(found)}
    partial = "switcher-list" if "q" in request.GET else "switcher"
    return render_page(request, "organizations/switcher.html", context, partial=partial)


@form_page
@sent_once()
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Create an Organization; whoever does becomes its first OWNER (rules §3)."""
    form = OrganizationForm(posted(request))
    if not form.is_bound:
        return _create_page(request, form)
    if not form.is_valid():
        return _create_page(request, form, status=422)
    try:
        organization = create_organization(actor=actor_of(request), **form.cleaned_data)
    except DomainError as error:
        return _create_page(request, form, status=form.refuse(error))
    words = pgettext("an Organization", "%(name)s is created.")
    messages.success(request, words % {"name": enclosed(organization.name)})
    return go(request, organization.get_absolute_url())


def _create_page(request: HttpRequest, form: OrganizationForm, status: int = 200) -> HttpResponse:
    context = {"frame": Frame(), "form": form}
    return render_page(request, "organizations/create.html", context, partial="create-form", status=status)


@require_safe
def spaces(request: HttpRequest, organization_id: str) -> HttpResponse:
    """The Organization screen: its Spaces, for a MEMBER their own."""
    access = organization_access(actor_of(request), organization_id)
    cursor = request.GET.get("cursor", "")
    context = _context(access, "organization", calls.spaces(access, cursor=cursor)) | {
        "spaces": places.space_list(access, cursor=cursor),
        "is_last_owner": is_last_owner(access),
    }
    return render_page(request, "organizations/spaces.html", context, partial="space-list")


@form_page
@sent_once()
@require_http_methods(["GET", "HEAD", "POST"])
def create_space(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Create a Space; whoever does becomes its Administrator (rules §6)."""
    actor = actor_of(request)
    access = organization_access(actor, organization_id)
    access.require_manager()
    form = SpaceForm(posted(request))
    if not form.is_bound:
        return _create_space_page(request, access, form)
    if not form.is_valid():
        return _create_space_page(request, access, form, status=422)
    try:
        space = make_space(actor=actor, organization=access.organization, **form.cleaned_data)
    except DomainError as error:
        return _create_space_page(request, access, form, status=form.refuse(error))
    words = pgettext("a Space", "%(name)s is created.")
    messages.success(request, words % {"name": enclosed(space.name)})
    return go(request, space.get_absolute_url())


def _create_space_page(
    request: HttpRequest, access: OrganizationAccess, form: SpaceForm, status: int = 200
) -> HttpResponse:
    context = _context(access, "organization") | {"form": form}
    return render_page(
        request, "organizations/create_space.html", context, partial="create-form", status=status
    )


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Name, description, id; deleting (rules §4: OWNER and ADMIN)."""
    actor = actor_of(request)
    access = organization_access(actor, organization_id)
    access.require_manager()
    if request.method != "POST":
        return _settings_page(request, access, _settings_form(request, access))
    form = OrganizationSettingsForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, access, form, status=422)
    given = form.cleaned_data
    try:
        update_organization(
            actor=actor,
            organization=access.organization,
            name=given["name"],
            description=given["description"],
            expected_version=given["version"],
        )
    except DomainError as error:
        if not form.is_done(error, name=given["name"], description=given["description"]):
            return _settings_page(request, access, form, status=form.refuse(error))
    messages.success(request, _("Saved."))
    return go(request, reverse("organization-settings", args=[organization_id]))


def _settings_form(request: HttpRequest, access: OrganizationAccess) -> OrganizationSettingsForm:
    organization = access.organization
    return OrganizationSettingsForm(
        posted(request),
        initial={
            "name": organization.name,
            "description": organization.description,
            "version": organization.version,
        },
    )


def _settings_page(
    request: HttpRequest, access: OrganizationAccess, form: OrganizationSettingsForm, status: int = 200
) -> HttpResponse:
    stale = isinstance(form.refusal, StaleVersion)
    context = _context(access, "organization-settings", calls.organization(access)) | {
        "form": form,
        "change": last_change(access.organization.pk) if stale else None,
        "may_delete": policies.may_delete_organization(access.role),
        "blocking": blocking_spaces(access, limit=LISTED),
    }
    return render_page(request, "organizations/settings.html", context, partial="settings-form", status=status)


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Delete the Organization by typing its name; OWNER only, and no Space left (rules §3)."""
    actor = actor_of(request)
    try:
        access = organization_access(actor, organization_id)
    except NotFound:
        return _already_deleted(request, organization_id)
    if not policies.may_delete_organization(access.role):
        raise NotPermitted
    form = TypedNameForm(posted(request), expected=access.organization.name)
    if request.method != "POST":
        return _delete_page(request, access, form)
    if not form.is_valid():
        return _delete_page(request, access, form, status=422)
    try:
        delete_organization(actor=actor, organization=access.organization)
    except DomainError as error:
        return _delete_page(request, access, form, status=form.refuse(error))
    words = pgettext("an Organization", "%(name)s is deleted.")
    messages.success(request, words % {"name": enclosed(access.organization.name)})
    return go(request, reverse("organization-list"))


def _already_deleted(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Redirect the person who deleted the Organization to the list; raise :class:`NotFound` for others."""
    entry = log.last_change(organization_id) if request.method == "POST" else None
    if entry is None or entry.action != Action.ORGANIZATION_DELETED or entry.actor != request.user:
        raise NotFound
    words = pgettext("an Organization", "%(name)s was already deleted.")
    messages.info(request, words % {"name": enclosed(entry.before["name"])})
    return go(request, reverse("organization-list"))


def _delete_page(
    request: HttpRequest, access: OrganizationAccess, form: TypedNameForm, status: int = 200
) -> HttpResponse:
    context = _context(access, "organization-settings") | {
        "form": form,
        "blocking": blocking_spaces(access, limit=LISTED),
    }
    return render_page(request, "organizations/delete.html", context, partial="dialog-body", status=status)


def _context(access: OrganizationAccess, current: str, api: ApiCall | None = None) -> dict[str, Any]:
    """What every Organization screen needs."""
    return {
        "frame": organization_frame(access, current, api),
        "access": access,
        "organization": access.organization,
    }
