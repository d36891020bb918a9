"""``select``: which properties come back (api.md, Lists)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from api.core.schemas import Shape
from common.errors import InvalidParameter, shortened

SELECT = "select"
_ALWAYS = ("sys.id", "sys.type")


@dataclass(frozen=True, slots=True)
class Selection:
    """Properties to keep, or to drop; ``sys.id`` and ``sys.type`` always stay."""

    paths: frozenset[str] = frozenset()
    dropping: bool = True

    def of(self, shape: Shape) -> Shape:
        """What is left of ``shape``."""
        if self.dropping and not self.paths:
            return shape
        left: dict[str, Any] = {
            "sys": {name: value for name, value in shape["sys"].items() if self._stays("sys", f"sys.{name}")}
        }
        return left | {name: value for name, value in shape.items() if name != "sys" and self._stays(name)}

    def _stays(self, *paths: str) -> bool:
        if paths[-1] in _ALWAYS:
            return True
        return self.dropping != any(path in self.paths for path in paths)


def selection(text: str | None, properties: Sequence[str]) -> Selection:
    """The selection of a ``select`` parameter; raises :class:`InvalidParameter`."""
    if text is None:
        return Selection()
    parts = text.split(",")
    dropping = {part.startswith("-") for part in parts}
    if len(dropping) > 1:
        raise InvalidParameter.named(
            SELECT,
            _("`select` mixes properties to keep with properties to drop."),
            _("Name only properties to keep, or only properties to drop, each with - before it."),
        )
    paths = [part.removeprefix("-") for part in parts]
    for path in paths:
        if path not in properties:
            raise InvalidParameter.named(
                SELECT,
                _("Unknown property `%(path)s`.") % {"path": shortened(path)},
                _("Available: %(names)s.") % {"names": ", ".join(properties)},
            )
    return Selection(frozenset(paths), dropping.pop())
