"""What stands around a signed-in page: where one is, and the menu of that place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpRequest

from common.errors import Text

LAST_PLACE = "last_place"


class Place(Protocol):
    """An Organization or a Space."""

    name: str

    def get_absolute_url(self) -> str:
        """Its first screen."""
        ...


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu on the left; ``icon`` is a lucide name."""

    label: Text
    url: str
    icon: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The ``frame`` of ``frame.html``; without an Organization there is neither menu nor switcher."""

    organization: Place | None = None
    space: Place | None = None
    menu: Sequence[MenuItem] = ()
    menu_label: Text = ""


def remember_place(request: HttpRequest, place: Place) -> None:
    """Keep the last Organization or Space a person used, for their next sign-in."""
    url = place.get_absolute_url()
    if request.session.get(LAST_PLACE) != url:
        request.session[LAST_PLACE] = url


def forget_place(request: HttpRequest) -> None:
    """What was used last is gone, or no longer this person's."""
    request.session.pop(LAST_PLACE, None)
