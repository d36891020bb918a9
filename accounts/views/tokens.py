"""Personal access tokens: list, create, delete (api.md, Auth)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms import TokenForm
from accounts.models import PersonalAccessToken
from accounts.requests import actor_of, person_of
from accounts.selectors import own_token, tokens_of
from accounts.services import IssuedToken, create_token, delete_token
from accounts.views.form_pages import form_page, sent_once
from accounts.views.frames import account_frame
from activity import log
from activity.models import Action
from common.curl import ApiCall
from common.errors import DomainError, NotFound
from common.forms import posted
from common.htmx import go, render_page
from common.isolation import enclosed
from common.pagination import NEWEST_FIRST, paginate

TOKENS = 50  # on a page
_SHOWN = gettext_lazy(
    "You sent this form twice; one token was created. Its secret was shown once. If you didn't see it, "
    "delete the token and create a new one."
)


@form_page
@sent_once(page="tokens", words=_SHOWN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens, and a new one: its secret is in that one answer and nowhere else."""
    form = TokenForm(posted(request))
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        issued = create_token(actor=actor_of(request), user=person_of(request), name=form.cleaned_data["name"])
    except DomainError as error:
        return _page(request, form, status=form.refuse(error))
    return _page(request, TokenForm(), issued)


def _page(
    request: HttpRequest, form: TokenForm, issued: IssuedToken | None = None, status: int = 200
) -> HttpResponse:
    page = paginate(
        tokens_of(person_of(request)),
        order=NEWEST_FIRST,
        limit=TOKENS,
        cursor=request.GET.get("cursor", ""),
        binding=f"tokens {person_of(request).pk}",
    )
    api = ApiCall("/personal-access-tokens", {"limit": str(TOKENS), "order": "-sys.createdAt,-sys.id"})
    context = {"form": form, "page": page, "issued": issued, "frame": account_frame("tokens", api)}
    return render_page(request, "accounts/tokens.html", context, partial="token-list", status=status)


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, token_id: str) -> HttpResponse:
    """End one of one's tokens at once; one that is gone already is told as such."""
    try:
        return _delete(request, own_token(person_of(request), token_id))
    except NotFound:
        entry = log.last_change(token_id) if request.method == "POST" else None
        is_own = entry is not None and entry.user_id == person_of(request).pk
        if entry is None or not is_own or entry.action != Action.TOKEN_DELETED:
            raise
    messages.info(
        request, _("The token %(name)s was already deleted.") % {"name": enclosed(entry.before["name"])}
    )
    return go(request, reverse("tokens"))


def _delete(request: HttpRequest, token: PersonalAccessToken) -> HttpResponse:
    if request.method != "POST":
        context = {"token": token, "frame": account_frame("tokens")}
        return render_page(request, "accounts/token_delete.html", context, partial="dialog-body")
    delete_token(actor=actor_of(request), token=token)
    messages.success(request, _("The token %(name)s is deleted.") % {"name": enclosed(token.name)})
    return go(request, reverse("tokens"))
