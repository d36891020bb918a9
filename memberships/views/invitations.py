"""Organization › Membership › Invite (rules §5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.requests import actor_of
from accounts.views.form_pages import form_page, sent_once
from common.errors import DomainError
from common.forms import asked, posted
from common.htmx import go, render_page
from memberships import listing, policies
from memberships.forms import InviteForm
from memberships.models import Role
from memberships.selectors import OrganizationAccess, organization_access
from memberships.services.invitations import Outcome, Verdict, invite_members
from memberships.views import calls
from memberships.views.frames import organization_frame

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a list of addresses."""

    invited: list[Verdict]
    members: list[Verdict]
    faulty: list[Verdict]

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> "Result":
        """``verdicts`` sorted: invited, members already, and what stays in the field."""
        apart = (Outcome.INVITED, Outcome.ALREADY_MEMBER)
        return cls(
            [one for one in verdicts if one.outcome == Outcome.INVITED],
            [one for one in verdicts if one.outcome == Outcome.ALREADY_MEMBER],
            [one for one in verdicts if one.outcome not in apart],
        )

    @property
    def all_went_well(self) -> bool:
        """Everyone was invited."""
        return not (self.members or self.faulty)

    @property
    def unshown(self) -> int:
        """Faulty ones beyond those shown with their reasons."""
        return max(0, len(self.faulty) - SHOWN)


@form_page
@sent_once()
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Make people members by their addresses; what did not work stays in the field."""
    actor = actor_of(request)
    access = organization_access(actor, organization_id)
    form = _form(request, access)
    if not form.is_bound:
        return _page(request, access, form)
    if not form.is_valid():
        return _page(request, access, form, status=422)
    try:
        verdicts = invite_members(
            actor=actor,
            organization=access.organization,
            addresses=form.cleaned_data["emails"],
            role=Role(form.cleaned_data["role"]),
            spaces=form.grants(),
        )
    except DomainError as error:
        return _page(request, access, form, status=form.refuse(error))
    return _answer(request, access, form, Result.of(verdicts))


def _answer(request: HttpRequest, access: OrganizationAccess, form: InviteForm, result: Result) -> HttpResponse:
    if result.all_went_well:
        count = len(result.invited)
        words = ngettext(
            "%(count)s person invited. They are a member now, and an email is on its way.",
            "%(count)s people invited. They are members now, and emails are on their way.",
            count,
        )
        messages.success(request, " ".join([words % {"count": number_format(count)}, *_left_out(form)]))
        return go(request, reverse("organization-membership", args=[access.organization.pk]))
    form.keep([verdict.entry for verdict in result.faulty])
    return _page(request, access, form, result, status=200 if result.invited else 422)


def _left_out(form: InviteForm) -> list[str]:
    """The sentence that says how many words of a table were left out, if there were any."""
    if not form.left_out:
        return []
    words = ngettext(
        "%(count)s word of your table was left out because it isn't an email address.",
        "%(count)s words of your table were left out because they aren't email addresses.",
        form.left_out,
    )
    return [words % {"count": number_format(form.left_out)}]


def _form(request: HttpRequest, access: OrganizationAccess) -> InviteForm:
    also = InviteForm.spaces_named(asked(request))
    spaces = listing.space_choices(access, q=request.GET.get("space", ""), also=also)
    initial = {
        "emails": request.GET.get("email", ""),
        **{name: request.GET.getlist(name) for name in request.GET if name.startswith("roles-")},
    }
    return InviteForm(
        posted(request),
        initial=initial,
        roles=policies.assignable_roles(access.role),
        spaces=spaces,
    )


def _page(
    request: HttpRequest,
    access: OrganizationAccess,
    form: InviteForm,
    result: Result | None = None,
    status: int = 200,
) -> HttpResponse:
    role = form["role"].value()
    api = calls.invitations(access, role=role if role in Role else Role.MEMBER)
    context = {
        "frame": organization_frame(access, "organization-membership", api),
        "organization": access.organization,
        "form": form,
        "result": result,
        "left_out": "".join(_left_out(form)) if result else "",
        "shown": result.faulty[:SHOWN] if result else [],
        "space": request.GET.get("space", ""),
        "many": access.organization.space_count > listing.FEW_SPACES,
    }
    partial = "invite-form" if request.method == "POST" else "space-choices"
    return render_page(request, "memberships/invite.html", context, partial=partial, status=status)
