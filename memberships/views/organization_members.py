"""Organization › Membership."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import actor_of, person_of
from accounts.views.form_pages import form_page
from activity import log
from common.curl import ApiCall
from common.errors import DomainError, NotFound, NotPermitted, StaleVersion
from common.forms import posted
from common.htmx import go, render_page, wants_fragment
from common.isolation import enclosed
from common.unsent import unsent_of
from memberships import listing, policies
from memberships.departures import departure
from memberships.forms import MemberFilter, RoleForm
from memberships.models import OrganizationMembership, Role
from memberships.selectors import OrganizationAccess, organization_access, organization_membership
from memberships.services.organization_members import change_role as give_role
from memberships.services.organization_members import remove_member
from memberships.views import calls
from memberships.views.changes import last_change, was_here
from memberships.views.frames import organization_frame

MEMBERSHIP = "organization-membership"


@require_safe
def member_list(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Everyone in the Organization, newest first; searched and filtered (rules §4: OWNER, ADMIN)."""
    access = organization_access(actor_of(request), organization_id)
    return _list_page(request, access)


def _list_page(request: HttpRequest, access: OrganizationAccess, *, into: str = "") -> HttpResponse:
    filters = MemberFilter(request.GET)
    q, role = filters.q, filters.value("role")
    cursor = request.GET.get("cursor", "")
    members = listing.member_list(access, q=q, role=role, cursor=cursor)
    api = calls.members(access, q=q, role=role, cursor=cursor)
    context = _context(request, access, api) | {
        "members": members,
        "rows": members.rows,
        "q": q,
        "role": role,
        "roles": filters.fields["role"].choices,  # type: ignore[attr-defined]  # it is a ChoiceField
    }
    return render_page(request, "memberships/members.html", context, partial="member-list", into=into)


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def change_role(request: HttpRequest, organization_id: str, membership_id: str) -> HttpResponse:
    """Give a member another Organization role (rules §4); only a choice that was not sent has a page."""
    if posted(request) is None:
        return HttpResponseNotAllowed(["POST"])
    actor = actor_of(request)
    access = organization_access(actor, organization_id)
    membership = organization_membership(access, membership_id)
    if not policies.may_change(access.role, membership.role):
        raise NotPermitted
    form = RoleForm(posted(request))
    if request.method != "POST":
        return _unsent_row(request, access, membership, form)
    if not form.is_valid():
        return _refused_row(request, access, membership, form, 422)
    wanted = Role(form.cleaned_data["role"])
    try:
        changed = give_role(
            actor=actor,
            membership=membership,
            role=wanted,
            expected_version=form.cleaned_data["version"],
        )
    except DomainError as error:
        if not form.is_done(error, role=wanted):
            return _refused_row(request, access, membership, form, form.refuse(error))
        changed = error.details["current"]
    words = _("%(name)s is %(role)s now.")
    messages.success(request, words % {"name": enclosed(changed.person.display_name), "role": wanted.label})
    return _changed_row(request, access, membership, changed)


def _changed_row(
    request: HttpRequest,
    access: OrganizationAccess,
    before: OrganizationMembership,
    changed: OrganizationMembership,
) -> HttpResponse:
    """The row as it is now; whoever changed their own role, or an OWNER's, sees the list anew."""
    if access.membership and access.membership.pk == changed.pk:
        access = organization_access(actor_of(request), access.organization.pk)
        return go(request, _back(request, access))
    if not wants_fragment(request):
        return go(request, f"{_back(request, access)}#member-{changed.pk}")
    if listing.concerns_owners(before.role, changed.role):
        return _list_page(request, access, into="#member-list")
    return _row(request, access, changed)


def _refused_row(
    request: HttpRequest,
    access: OrganizationAccess,
    membership: OrganizationMembership,
    form: RoleForm,
    status: int,
) -> HttpResponse:
    """The row as it is now, what was wanted still chosen, and why it was not done."""
    error = form.refusal
    changes: dict[str, str] = {}
    if isinstance(error, StaleVersion):
        membership, change = error.details["current"], last_change(membership.pk)
        said = f"{change.who} {' '.join(change.lines)}" if change else str(error.message)
        changes = {"wanted": form["role"].value() or "", "problem": said, "code": error.code}
    elif error:
        changes = {"problem": f"{error.message} {error.suggestion}", "code": error.code}
    else:
        changes = {"problem": _("Choose a role."), "code": ""}
    return _row(request, access, membership, changes, status)


def _unsent_row(
    request: HttpRequest, access: OrganizationAccess, membership: OrganizationMembership, form: RoleForm
) -> HttpResponse:
    """The row with the role that was chosen and not given, and why."""
    unsent = unsent_of(request)
    words = str(unsent.words) if unsent is not None else ""
    return _row(request, access, membership, {"wanted": form["role"].value() or "", "problem": words})


def _row(
    request: HttpRequest,
    access: OrganizationAccess,
    membership: OrganizationMembership,
    changes: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    (row,) = listing.member_rows(access, [membership])
    for name, value in (changes or {}).items():
        setattr(row, name, value)
    context = _context(request, access) | {"row": row, "rows": [row]}
    return render_page(request, "memberships/member_role.html", context, partial="member-row", status=status)


@require_safe
def spaces(request: HttpRequest, organization_id: str, membership_id: str) -> HttpResponse:
    """The Spaces a member is in, and those to which they can be added."""
    access = organization_access(actor_of(request), organization_id)
    membership = organization_membership(access, membership_id)
    context = _context(request, access, calls.member(access, membership.pk)) | {
        "membership": membership,
        "places": listing.places_of_member(access, membership),
        "others": listing.spaces_without(access, membership),
    }
    return render_page(request, "memberships/member_spaces.html", context)


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, organization_id: str, membership_id: str) -> HttpResponse:
    """Remove a member from the Organization; GET tells what goes with them (rules §4, §7)."""
    access = organization_access(actor_of(request), organization_id)
    try:
        return _removal(request, access, organization_membership(access, membership_id))
    except NotFound:
        if not access.may_manage or not was_here(request, membership_id, place_id=access.organization.pk):
            raise
    words = _("This person was already removed from %(organization)s.")
    messages.info(request, words % {"organization": enclosed(access.organization.name)})
    return go(request, _back(request, access))


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Leave the Organization oneself."""
    try:
        access = organization_access(actor_of(request), organization_id)
        assert access.membership is not None  # noqa: S101  # nobody but a member comes in by the console
        return _removal(request, access, organization_membership(access, access.membership.pk))
    except NotFound:
        entry = log.last_departure(person_of(request), organization_id) if request.method == "POST" else None
        if entry is None:
            raise
    words = _("You were already removed from this Organization.")
    if entry.actor_id == entry.user_id:
        words = _("You already left this Organization.")
    messages.info(request, words)
    return go(request, reverse("organization-list"))


def _removal(
    request: HttpRequest, access: OrganizationAccess, membership: OrganizationMembership
) -> HttpResponse:
    if request.method != "POST":
        return _removal_page(request, access, membership)
    leaves = access.membership is not None and access.membership.pk == membership.pk
    try:
        remove_member(actor=actor_of(request), membership=membership)
    except DomainError as error:
        if error.status not in (409, 422):
            raise
        return _removal_page(request, access, membership, error)
    organization = enclosed(access.organization.name)
    if leaves:
        messages.success(request, _("You left %(name)s.") % {"name": organization})
        return go(request, reverse("organization-list"))
    words = _("%(name)s was removed from %(organization)s. They get an email about it.")
    named = {"name": enclosed(membership.person.display_name), "organization": organization}
    messages.success(request, words % named)
    access.organization.refresh_from_db(fields=["member_count"])
    if wants_fragment(request):
        return _list_page(request, access, into="#member-list")
    return go(request, _back(request, access))


def _removal_page(
    request: HttpRequest,
    access: OrganizationAccess,
    membership: OrganizationMembership,
    refusal: DomainError | None = None,
) -> HttpResponse:
    context = _context(request, access) | {
        "departure": departure(access, membership),
        "person": membership.person,
        "refusal": refusal,
    }
    return render_page(
        request,
        "memberships/remove.html",
        context,
        partial="dialog-body",
        into="#dialog" if refusal else "",
        status=refusal.status if refusal else 200,
    )


def _context(request: HttpRequest, access: OrganizationAccess, api: ApiCall | None = None) -> dict[str, Any]:
    """What every screen here needs; ``query`` keeps search, filter and page."""
    return {
        "frame": organization_frame(access, MEMBERSHIP, api),
        "access": access,
        "organization": access.organization,
        "query": request.GET.urlencode(),
        "back_url": _back(request, access),
    }


def _back(request: HttpRequest, access: OrganizationAccess) -> str:
    """The list with the search, filter and page it had; for a MEMBER the Organization screen."""
    if not access.may_manage:
        return access.organization.get_absolute_url()
    url = reverse(MEMBERSHIP, args=[access.organization.pk])
    return f"{url}?{request.GET.urlencode()}" if request.GET else url
