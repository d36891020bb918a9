"""What stands around a signed-in page: where one is, and the menu of that place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from common.curl import ApiCall
from common.errors import Text


class Place(Protocol):
    """An Organization or a Space."""

    name: str

    @property
    def pk(self) -> Any:
        """Its id."""
        ...

    def get_absolute_url(self) -> str:
        """Its first screen."""
        ...


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu on the left; ``icon`` is a lucide name.

    ``key`` goes there after ``g`` (the shortcuts of ``console.js``).
    """

    label: Text
    url: str
    icon: str
    current: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """The ``frame`` of ``frame.html``; without an Organization there is neither menu nor switcher.

    ``actions`` are what the reader may begin here besides: ⌘K finds them. ``api`` asks the API for
    what the screen shows; None: it has nothing of this.
    """

    organization: Place | None = None
    space: Place | None = None
    menu: Sequence[MenuItem] = ()
    menu_label: Text = ""
    actions: Sequence[MenuItem] = ()
    api: ApiCall | None = None

    @property
    def place(self) -> Place | None:
        """The Space, else the Organization."""
        return self.space or self.organization
