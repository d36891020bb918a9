"""Space › Membership (rules §7)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import actor_of
from accounts.views.form_pages import form_page, sent_once
from common.curl import ApiCall
from common.errors import AlreadyInSpace, DomainError, NotFound, NotOrganizationMember, StaleVersion
from common.form_keys import FIELD
from common.forms import asked, posted
from common.htmx import go, render_page, wants_fragment
from common.isolation import enclosed
from common.unsent import TOKEN
from memberships import listing, policies
from memberships.departures import space_departure, unmanned_without
from memberships.forms import AssignForm, MemberFilter, SpaceRolesForm
from memberships.models import SpaceMembership
from memberships.selectors import SpaceAccess, space_access, space_membership, space_roles_of
from memberships.services.space_members import (
    Assignment,
    AssignmentOutcome,
    assign_to_space,
    change_space_roles,
    remove_from_space,
)
from memberships.views import calls
from memberships.views.changes import last_change, was_here
from memberships.views.frames import space_frame
from spaces.models import SpaceRole

MEMBERSHIP = "space-membership"


@require_safe
def member_list(request: HttpRequest, space_id: str) -> HttpResponse:
    """Everyone in the Space, newest first; any Space member sees it."""
    return _list_page(request, space_access(actor_of(request), space_id))


def _list_page(request: HttpRequest, access: SpaceAccess, *, into: str = "") -> HttpResponse:
    q = MemberFilter(request.GET).q
    cursor = request.GET.get("cursor", "")
    members = listing.space_member_list(access, q=q, cursor=cursor)
    context = _context(request, access, calls.space_members(access, q=q, cursor=cursor)) | {
        "members": members,
        "q": q,
    }
    return render_page(
        request, "memberships/space_members.html", context, partial="space-member-list", into=into
    )


@form_page
@sent_once()
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, space_id: str) -> HttpResponse:
    """Assign Organization members to the Space with 1 to 3 SpaceRoles."""
    actor = actor_of(request)
    access = space_access(actor, space_id)
    access.require_member_manager()
    if request.method != "POST":
        return _search(request, access)
    form = AssignForm(request.POST, roles=_grantable(access))
    if not form.is_valid():
        return _add_page(request, access, form, status=422)
    try:
        assignments = assign_to_space(
            actor=actor,
            space=access.space,
            user_ids=form.cleaned_data["user"],
            role_ids=form.cleaned_data["roles"],
        )
    except DomainError as error:
        return _add_page(request, access, form, status=form.refuse(error))
    return _assigned(request, access, form, assignments)


def _search(request: HttpRequest, access: SpaceAccess) -> HttpResponse:
    """The form with what the address bar holds: search, people picked, roles."""
    if TOKEN in request.GET:  # the Search button without JavaScript sends the whole form
        query = request.GET.copy()
        for name in (TOKEN, FIELD):
            query.pop(name, None)
        return redirect(f"{request.path}?{query.urlencode()}")
    roles = asked(request).getlist("roles")
    form = AssignForm(None, roles=_grantable(access), initial={"roles": roles})
    return _add_page(request, access, form)


def _assigned(
    request: HttpRequest, access: SpaceAccess, form: AssignForm, assignments: list[Assignment]
) -> HttpResponse:
    count = sum(one.outcome == AssignmentOutcome.ASSIGNED for one in assignments)
    told = _left_alone(assignments)
    if not count:
        form.refusal, *others = told
        for other in others:
            form.add_error("user", str(other.message))
        return _add_page(request, access, form, status=422)
    words = ngettext(
        "%(count)d person added to %(space)s. An email is on its way.",
        "%(count)d people added to %(space)s. Emails are on their way.",
        count,
    )
    messages.success(request, words % {"count": count, "space": enclosed(access.space.name)})
    for refusal in told:
        messages.warning(request, str(refusal.message))
    return go(request, _opened_from(request, access))


def _opened_from(request: HttpRequest, access: SpaceAccess) -> str:
    """Where Add leads back to: the Space's members, or the Spaces of the one member (``of``)."""
    member = asked(request).get("of", "")
    if member.isalnum() and access.organization.may_manage:
        return reverse("organization-member-spaces", args=[access.space.organization_id, member])
    return reverse(MEMBERSHIP, args=[access.space.pk])


def _left_alone(assignments: list[Assignment]) -> list[DomainError]:
    """One refusal for those in the Space already, and one for those not in the Organization."""
    present = sum(one.outcome == AssignmentOutcome.ALREADY_IN_SPACE for one in assignments)
    strangers = sum(one.outcome == AssignmentOutcome.NOT_ORGANIZATION_MEMBER for one in assignments)
    there = ngettext(
        "%(count)d person is already in this Space. Nothing changed for them.",
        "%(count)d people are already in this Space. Nothing changed for them.",
        present,
    )
    unknown = ngettext(
        "%(count)d person is not yet an Organization member. Invite them first.",
        "%(count)d people are not yet Organization members. Invite them first.",
        strangers,
    )
    return [
        kind(words % {"count": count})
        for kind, words, count in (
            (AlreadyInSpace, there, present),
            (NotOrganizationMember, unknown, strangers),
        )
        if count
    ]


def _add_page(request: HttpRequest, access: SpaceAccess, form: AssignForm, status: int = 200) -> HttpResponse:
    sent = asked(request)
    q = sent.get("q", "")
    context = _context(request, access) | {
        "form": form,
        "q": q,
        "of": sent.get("of", ""),
        "back_url": _opened_from(request, access),
        "candidates": listing.candidates(access, q=q, picked=sent.getlist("user")),
    }
    partial = "" if form.is_bound else "candidates"
    return render_page(request, "memberships/space_add.html", context, partial=partial, status=status)


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def change_roles(request: HttpRequest, space_id: str, membership_id: str) -> HttpResponse:
    """Give a Space member other SpaceRoles."""
    actor = actor_of(request)
    access = space_access(actor, space_id)
    membership = space_membership(access, membership_id)
    access.require_may_change_member(membership)
    form = _roles_form(request, access, membership)
    if request.method != "POST":
        return _roles_page(request, access, membership, form)
    if not form.is_valid():
        return _roles_page(request, access, membership, form, status=422)
    was_last = _is_last_administrator(access, membership)
    wanted = form.role_ids()
    try:
        changed = change_space_roles(
            actor=actor,
            membership=membership,
            role_ids=wanted,
            expected_version=form.cleaned_data["version"],
        )
    except DomainError as error:
        if not form.is_done(error, role_ids=wanted):
            return _roles_page(request, access, membership, form, status=form.refuse(error))
        changed = error.details["current"]
    words = _("The roles of %(name)s are saved.")
    messages.success(request, words % {"name": enclosed(changed.person.display_name)})
    if was_last and not any(role.is_locked for role in changed.held_roles):
        messages.warning(request, _("This Space has no Administrator now."))
    return _done(request, access, membership)


def _roles_form(request: HttpRequest, access: SpaceAccess, membership: SpaceMembership) -> SpaceRolesForm:
    return SpaceRolesForm(
        posted(request),
        held=membership.held_roles,
        grantable=_grantable(access),
        initial={"version": membership.version},
    )


def _roles_page(
    request: HttpRequest,
    access: SpaceAccess,
    membership: SpaceMembership,
    form: SpaceRolesForm,
    status: int = 200,
) -> HttpResponse:
    stale = isinstance(form.refusal, StaleVersion)
    context = _context(request, access) | {
        "membership": membership,
        "form": form,
        "change": last_change(membership.pk) if stale else None,
        "last_administrator": _is_last_administrator(access, membership),
    }
    into = "#dialog" if form.is_bound else ""
    return render_page(
        request, "memberships/space_roles.html", context, partial="dialog-body", into=into, status=status
    )


def _is_last_administrator(access: SpaceAccess, membership: SpaceMembership) -> bool:
    membership.space = access.space
    return bool(unmanned_without([membership]))


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, space_id: str, membership_id: str) -> HttpResponse:
    """Remove a member from this Space only; GET tells what goes with them."""
    access = space_access(actor_of(request), space_id)
    try:
        return _removal(request, access, space_membership(access, membership_id))
    except NotFound:
        if not access.may_manage_members or not was_here(request, membership_id, place_id=space_id):
            raise
    words = _("This person was already removed from %(space)s.")
    messages.info(request, words % {"space": enclosed(access.space.name)})
    return go(request, _back(request, access))


def _removal(request: HttpRequest, access: SpaceAccess, membership: SpaceMembership) -> HttpResponse:
    if request.method != "POST":
        context = _context(request, access) | {
            "departure": space_departure(access, membership),
            "person": membership.person,
        }
        return render_page(request, "memberships/space_remove.html", context, partial="dialog-body")
    remove_from_space(actor=actor_of(request), membership=membership)
    words = _("%(name)s was removed from %(space)s. They get an email about it.")
    named = {"name": enclosed(membership.person.display_name), "space": enclosed(access.space.name)}
    messages.success(request, words % named)
    return _done(request, access, membership, removed=True)


def _done(
    request: HttpRequest, access: SpaceAccess, membership: SpaceMembership, *, removed: bool = False
) -> HttpResponse:
    """The list as it is now; whoever changed or removed themselves may see less, and loads it anew."""
    is_self = access.membership is not None and access.membership.pk == membership.pk
    if is_self and removed and not access.may_manage:
        return go(request, access.organization.organization.get_absolute_url())
    if is_self or not wants_fragment(request):
        return go(request, _back(request, access))
    access.space.refresh_from_db(fields=["member_count"])
    return _list_page(request, access, into="#space-member-list")


def _grantable(access: SpaceAccess) -> list[SpaceRole]:
    return policies.grantable_space_roles(access.role, access.own_roles, space_roles_of(access))


def _context(request: HttpRequest, access: SpaceAccess, api: ApiCall | None = None) -> dict[str, Any]:
    """What every screen here needs; ``query`` keeps search and page."""
    return {
        "frame": space_frame(access, MEMBERSHIP, api),
        "access": access,
        "space": access.space,
        "query": request.GET.urlencode(),
        "back_url": _back(request, access),
    }


def _back(request: HttpRequest, access: SpaceAccess) -> str:
    url = reverse(MEMBERSHIP, args=[access.space.pk])
    return f"{url}?{request.GET.urlencode()}" if request.GET else url
