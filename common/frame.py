"""What the signed-in frame shows around a screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the left menu; ``icon`` is a lucide name."""

    label: str | Promise
    url: str
    icon: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Where one is: Organization, Space, and the menu of it."""

    organization: Any = None
    space: Any = None
    menu: Sequence[MenuItem] = ()
    menu_label: str | Promise = ""
