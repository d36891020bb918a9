"""What a person may do in a Space, and why (rules §8, Deciding)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import actor_of
from common.htmx import render_page
from memberships import listing
from memberships.forms import MemberFilter
from memberships.models import OrganizationMembership
from memberships.selectors import SpaceAccess, organization_member, space_access, space_roles_held
from memberships.views import calls
from memberships.views.frames import space_frame
from spaces.models import SpaceRole
from spaces.permissions import Grant, Permissions, Request, describe, grants_of, names_in, sections
from spaces.role_forms import AskForm, Question
from spaces.role_names import creators_in, known_ids, people_named, suggested_people


@require_safe
def access(request: HttpRequest, space_id: str) -> HttpResponse:
    """Pick a person: all they may do and by which role; ask one thing: yes or no, and why.

    Others than oneself only for who manages the Space's members or roles.
    """
    found = space_access(actor_of(request), space_id)
    asked = request.GET.get("user", "").replace("\0", "") or str(request.user.pk)
    held = space_roles_held(found, asked)
    person = organization_member(found, asked)
    form = AskForm(request.GET if "what" in request.GET else None)
    answer = _answer(found, person.user, held, form)
    api = calls.permissions(found, person.user_id, _in_api_words(answer.get("question")))
    context = _context(request, found, person, held) | answer
    return render_page(
        request,
        "spaces/access.html",
        context | {"frame": space_frame(found, "space-roles", api), "form": form, "faults": _faults(form)},
        partial="access-answer" if form.is_bound else "people",
        status=422 if form.errors else 200,
    )


def _context(
    request: HttpRequest, found: SpaceAccess, person: OrganizationMembership, held: list[SpaceRole]
) -> dict[str, Any]:
    names = {**names_in(held), **people_named(found, creators_in(held)).names}
    may_pick = found.may_manage_members or found.may_manage_roles
    q = MemberFilter(request.GET).q
    return {
        "access": found,
        "space": found.space,
        "person": person,
        "is_self": person.user_id == request.user.pk,
        "roles": held,
        "sections": sections(held, names),
        "may_pick": may_pick,
        "q": q,
        "members": listing.space_member_list(found, q=q, cursor="").page.items[:8] if may_pick and q else [],
        "known": known_ids(held),
        "people": suggested_people(found),
    }


def _faults(form: AskForm) -> list[str]:
    """What is wrong with the question, each with its field."""
    return [f"{form[name].label}: {words}" for name, errors in form.errors.items() for words in errors]


@dataclass(frozen=True, slots=True)
class Reason:
    """One Grant that decided."""

    role_id: str
    role_name: str
    allows: bool
    words: str


def _answer(found: SpaceAccess, user: User, held: list[SpaceRole], form: AskForm) -> dict[str, Any]:
    """The answer to the question of ``form``; nothing when none is asked, or it is faulty."""
    if not form.is_bound or not form.is_valid():
        return {}
    typed = form.cleaned_data["created_by"]
    people = people_named(found, {typed} | creators_in(held) - {""})
    if "@" in typed and typed not in people.ids:
        form.add_error("created_by", _("No member of this Space has this address."))
        return {}
    question = form.question(people.ids.get(typed, typed))
    decision = Permissions.of(held, user.pk).decide(question.request)
    names = {**names_in(held), **people.names}
    return {
        "answered": True,
        "question": question.request,
        "allowed": decision.allowed,
        "asked": describe(question.grant, names),
        "because": [_reason(grant, names) for grant in decision.because],
        "left_out": _left_out(question, held),
    }


def _in_api_words(question: Request | None) -> dict[str, str]:
    """The parameters with which the API is asked the same."""
    if question is None:
        return {}
    facts = {
        "map": question.map,
        "action": question.action,
        "contentType": question.content_type,
        "createdBy": question.created_by,
        "tag": next(iter(question.tags), None),
        "self": question.self_id,
    }
    return {name: str(value) for name, value in facts.items() if value}


def _reason(grant: Grant, names: dict[str, str]) -> Reason:
    return Reason(grant.role_id, grant.role_name, grant.effect == "Allow", describe(grant, names))


def _left_out(question: Question, held: list[SpaceRole]) -> bool:
    """Whether rules of this kind of thing ask for a fact that the question did not give."""
    given, asked = set(question.grant.rule.keys), question.request
    return any(
        set(grant.rule.keys) - given
        for grant in grants_of(held)
        if grant.map == asked.map and grant.covers(asked.action)
    )
