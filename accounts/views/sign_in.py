"""Sign-in, sign-out, the first page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import sign_in as flow
from accounts.addresses import canonical_address
from accounts.forms import CodeForm, EmailForm
from accounts.requests import actor_of, person_of, safe_next
from accounts.views.form_pages import form_page
from common.errors import InvalidEmail, TooManyRequests
from common.forms import asked, posted
from memberships.selectors import landing_place


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """On to the last place used, else the only Organization, else the list of them."""
    return redirect(landing_place(actor_of(request)) or reverse("organization-list"))


@form_page
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Email → **Continue**: one screen and one answer for known and unknown addresses."""
    next_url = safe_next(request, asked(request).get("next") or request.GET.get("next", ""))
    form = EmailForm(posted(request), initial={"email": request.GET.get("email", "")})
    if request.user.is_authenticated:
        if posted(request) is None and _is_for_another(request):
            return render(request, "accounts/other_account.html", {"next": next_url, "form": form})
        return redirect(next_url or "home")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                flow.request_code(request, form.cleaned_data["email"], next_url)
                return redirect("sign-in-code")
            except (InvalidEmail, TooManyRequests) as error:
                status = error.status
                form.add_error("email", _refusal(error))
    return render(request, "accounts/sign_in.html", {"form": form, "next": next_url}, status=status)


@form_page
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponseBase:
    """Code → **Sign in**."""
    pending = flow.pending_sign_in(request)
    if request.user.is_authenticated:
        return redirect(safe_next(request, asked(request).get("next", "")) or "home")
    if pending is None:
        return redirect("sign-in")
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        match pending.check(form.cleaned_data["code"]):
            case flow.Answer.RIGHT:
                if response := pending.finish():
                    return response
                return render(request, "accounts/deactivated.html", status=403)
            case flow.Answer.WRONG:
                form.add_error("code", _("That code isn't right. Use the code in our newest email."))
            case flow.Answer.ENDED:
                messages.error(request, _("That code has expired. Ask for a new one."))
                query = {"email": pending.typed, "next": pending.next_url}
                return redirect(reverse("sign-in", query=query))
    status = 422 if form.errors else 200
    return render(request, "accounts/enter_code.html", {"form": form, "pending": pending}, status=status)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; on to sign-in, with ``next`` and ``email`` kept for another account."""
    query = {key: request.POST[key] for key in ("email", "next") if request.POST.get(key)}
    flow.sign_out(request)
    return redirect(reverse("sign-in", query=query))


def _is_for_another(request: HttpRequest) -> bool:
    """Whether a link to sign-in names another address than the signed-in person's."""
    try:
        return canonical_address(request.GET.get("email", "")) != person_of(request).email_key
    except InvalidEmail:
        return False


def _refusal(error: InvalidEmail | TooManyRequests) -> str:
    """What is wrong with the address, or the time to wait."""
    if isinstance(error, InvalidEmail):
        return str(error.message)
    minutes = -(-int(error.details["retryAfter"]) // 60)
    return ngettext(
        "You've asked for too many codes. Try again in %(minutes)d minute.",
        "You've asked for too many codes. Try again in %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}
