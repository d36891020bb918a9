"""``include``: the resources that those answered refer to (api.md, include).

References are followed hop by hop: one hop reads each type once, however many items there are.
Only what the caller may read is there.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.actor import Actor
from api.core.schemas import Shape, shape_of
from common.errors import InvalidParameter

INCLUDE = "include"
MAX_DEPTH = 3

type Loader = Callable[[Actor, Collection[str]], Iterable[Shape]]
_LOADERS: dict[str, Loader] = {}
_KINDS: dict[str, type] = {}


def includable(name: str, kind: type, load: Callable[[Actor, Collection[str]], Iterable[Model]]) -> None:
    """Let resources of type ``name`` be included; ``load`` gives the rows the caller may read."""
    includable_as(name, kind, lambda actor, ids: map(shape_of, load(actor, ids)))


def includable_as(name: str, kind: type, load: Loader) -> None:
    """Like :func:`includable`, for shapes (of the ``TypedDict`` ``kind``) that differ by the caller."""
    _LOADERS[name], _KINDS[name] = load, kind


def included_kinds() -> list[tuple[str, type]]:
    """The types that can be included, with their ``TypedDict``, by name."""
    return sorted(_KINDS.items())


def include_depth(parameters: dict[str, str]) -> int:
    """The hops to follow; raises :class:`InvalidParameter`."""
    value = parameters.get(INCLUDE, "0")
    if value not in ("0", "1", "2", "3"):
        raise InvalidParameter.value(
            INCLUDE, _("a whole number from %(least)d to %(most)d") % {"least": 0, "most": MAX_DEPTH}
        )
    return int(value)


def included(actor: Actor, shapes: Collection[Shape], depth: int) -> Shape:
    """Everything within ``depth`` hops of ``shapes``, by type, each once."""
    found: dict[str, dict[str, Shape]] = {}
    known = {(shape["sys"]["type"], shape["sys"]["id"]) for shape in shapes}
    edge: Collection[Shape] = shapes
    for _hop in range(depth):
        wanted = sorted(set(_references(edge)) - known)
        known |= set(wanted)
        edge = []
        for name in dict.fromkeys(target for target, _id in wanted):
            ids = [ident for target, ident in wanted if target == name]
            new = {shape["sys"]["id"]: shape for shape in _LOADERS[name](actor, ids)}
            found.setdefault(name, {}).update(new)
            edge.extend(new.values())
    return {name: list(by_id.values()) for name, by_id in sorted(found.items()) if by_id}


def _references(shapes: Iterable[Shape]) -> Iterator[tuple[str, str]]:
    """The references of ``sys`` and ``roles``; the rules of a SpaceRole are not followed."""
    for shape in shapes:
        for value in (*shape["sys"].values(), *shape.get("roles", ())):
            if isinstance(value, dict):
                yield _target(value)


def _target(refer: dict[str, Any]) -> tuple[str, str]:
    return refer["sys"]["targetType"], refer["sys"]["id"]
