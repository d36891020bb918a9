"""The local mailbox: every email the app sent (console.md). Mounted in local mode only."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from outbox.mailbox import StoredMessage, read_message, stored_names
from outbox.models import Kind

_SHOWN = 100
# An email styles itself inline and does nothing else; only our own page may frame it.
_MAIL_POLICY: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [CSP.SELF],
}


@login_not_required
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """All messages, newest first."""
    names = stored_names(settings.MAIL_DIR)
    stored = [one for name in names[:_SHOWN] if (one := read_message(settings.MAIL_DIR, name))]
    context = {"rows": [(one, _code(one)) for one in stored], "total": len(names)}
    return render(request, "outbox/mailbox.html", context)


@login_not_required
@require_safe
def message(request: HttpRequest, name: str) -> HttpResponse:
    """One message: headers, text, HTML in a frame of its own."""
    stored = _read(name)
    context = {"stored": stored, "text": stored.part("plain"), "code": _code(stored)}
    return render(request, "outbox/message.html", context)


@login_not_required
@require_safe
@csp_override(_MAIL_POLICY)
@xframe_options_sameorigin
def message_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part as a mail client would show it."""
    return HttpResponse(_read(name).part("html"))


def _read(name: str) -> StoredMessage:
    stored = read_message(settings.MAIL_DIR, name)
    if stored is None:
        raise Http404
    return stored


def _code(stored: StoredMessage) -> str:
    """The sign-in code of such a message: the subject's first word."""
    is_code = stored.message["X-Weegloo-Kind"] == Kind.SIGN_IN_CODE
    return str(stored.message["Subject"]).split()[0] if is_code else ""
