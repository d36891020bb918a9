"""The staff admin: who comes in, and what its pages may load."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override
from unfold.sites import UnfoldAdminSite

from accounts.views.sign_in import sign_out
from common.text import is_storable

# unfold's Alpine evaluates expressions and sets styles; nothing from elsewhere all the same.
_POLICY: dict[str, list[str]] = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.UNSAFE_EVAL, CSP.UNSAFE_INLINE],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}


class StaffSite(UnfoldAdminSite):
    """For active staff; to anyone else it does not exist."""

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page for staff alone, with the admin's own content security policy."""
        guarded = csp_override(_POLICY)(super().admin_view(view, cacheable))

        @wraps(guarded)
        def for_staff(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not self.has_permission(request):
                raise Http404
            _require_storable(request, kwargs.values())
            return guarded(request, *args, **kwargs)

        return for_staff

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The search of the sidebar; a page that it does not have is not found."""
        try:
            return super().search(request, extra_context)
        except InvalidPage as error:
            raise Http404 from error

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Staff sign in by code like everyone; who is signed in without being staff gets 404."""
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next", "/admin/"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The console's way out."""
        return sign_out(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There are no passwords."""
        raise Http404


def _require_storable(request: HttpRequest, ids: Iterable[object]) -> None:
    """Refuse text that PostgreSQL cannot store (NUL, lone surrogates) before a query holds it.

    Raises :class:`Http404` for an id in the path, else :class:`BadRequest`.
    """
    if not all(is_storable(str(ident)) for ident in ids):
        raise Http404
    for name, values in (*request.GET.lists(), *request.POST.lists()):
        if not all(is_storable(str(text)) for text in (name, *values)):
            raise BadRequest("The request has characters that cannot be stored")
