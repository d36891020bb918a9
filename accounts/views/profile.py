"""The profile: name, language, appearance."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import ProfileForm
from accounts.models import User
from accounts.requests import actor_of, person_of
from accounts.services import change_profile
from accounts.views.form_pages import form_page
from accounts.views.frames import account_frame
from common.curl import ApiCall
from common.errors import DomainError
from common.forms import posted


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's name, and the language and the appearance one reads the console in."""
    user = person_of(request)
    form = ProfileForm(posted(request), initial=_now(user))
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    typed = form.cleaned_data
    try:
        change_profile(
            actor=actor_of(request),
            user=user,
            name=typed["name"],
            language=typed["language"],
            appearance=typed["appearance"],
            expected_version=typed["version"],
        )
    except DomainError as error:
        if not form.is_done(error, **{name: typed[name] for name in ("name", "language", "appearance")}):
            return _page(request, form, status=form.refuse(error))
    with translation.override(user.language or translation.get_language_from_request(request)):
        messages.success(request, _("Your profile is saved."))
    response = redirect("profile")
    if not user.language:  # the browser's own is what counts then, not what was chosen signed out
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)
    return response


def _now(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "language": user.language,
        "appearance": user.appearance,
        "version": user.version,
    }


def _page(request: HttpRequest, form: ProfileForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "frame": account_frame("profile", ApiCall("/me"))}
    return render(request, "accounts/profile.html", context, status=status)
