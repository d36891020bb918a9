"""The frame of the screens of one's own account."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.curl import ApiCall
from common.frame import Frame, MenuItem


def account_frame(current: str, api: ApiCall | None = None) -> Frame:
    """The frame; ``current`` is the URL name of the menu's entry."""
    menu = [
        MenuItem(_("Profile"), reverse("profile"), "circle-user-round", current=current == "profile"),
        MenuItem(_("Access tokens"), reverse("tokens"), "key-round", current=current == "tokens"),
    ]
    return Frame(menu=menu, menu_label=_("Your account"), api=api)
