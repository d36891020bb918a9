"""JSON Patch, RFC 6902 (api.md, PATCH)."""

import json
from typing import Annotated, Any, Literal

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from jsonpatch import JsonPatch, JsonPatchException, JsonPatchTestFailed
from jsonpointer import JsonPointer, JsonPointerException
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api.core.bodies import MAX_BODY
from api.core.parsing import require_shallow
from api.core.refusals import BadJson, BadPatch, PatchTestFailed

MAX_OPERATIONS = 200
MAX_POINTER = 1000
MAX_TOLD = 300
Pointer = Annotated[
    str,
    Field(
        description="RFC 6901, into the body: never whole, never into sys.",
        pattern="^/",
        max_length=MAX_POINTER,
    ),
]


class _Operation(BaseModel):
    model_config = ConfigDict(strict=True)  # members an operation does not know are left alone

    path: Pointer


class ValueOperation(_Operation):
    """Puts a value in, or compares with one."""

    op: Literal["add", "replace", "test"]
    value: Any


class RemoveOperation(_Operation):
    """Takes a value out."""

    op: Literal["remove"]


class MoveOperation(_Operation):
    """Takes a value from one place to another."""

    op: Literal["move", "copy"]
    from_: Pointer = Field(alias="from")


Operation = Annotated[ValueOperation | RemoveOperation | MoveOperation, Field(discriminator="op")]
Patch = Annotated[list[Operation], Field(max_length=MAX_OPERATIONS)]
_adapter: TypeAdapter[list[ValueOperation | RemoveOperation | MoveOperation]] = TypeAdapter(Patch)


def read_patch(value: Any) -> JsonPatch:
    """``value`` as a patch; raises :class:`BadPatch` for what is none whatever it is applied to."""
    try:
        operations = _adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        told = f"{where}: {first['msg']}" if where else first["msg"]
        raise BadPatch(Truncator(told).chars(MAX_TOLD)) from None
    for operation in operations:
        for pointer in (operation.path, getattr(operation, "from_", operation.path)):
            _require_body_pointer(pointer)
    return JsonPatch(value)


def apply_patch(patch: JsonPatch, body: dict[str, Any]) -> Any:
    """A copy of ``body`` with ``patch``; raises :class:`BadPatch`, :class:`PatchTestFailed`.

    Copies and moves take time for what they carry, and a few copies of the whole into a part of itself
    would fill the memory: all that a patch carries around is at most 1 MiB together.
    """
    patched: Any = json.loads(json.dumps(body))
    carried = 0
    for operation in patch.patch:
        try:
            if operation["op"] in ("copy", "move"):
                carried += len(json.dumps(JsonPointer(operation["from"]).resolve(patched)))
                if carried > MAX_BODY:
                    raise BadPatch(_("The values that this patch copies and moves are larger than 1 MiB."))
            patched = JsonPatch([operation]).apply(patched, in_place=True)
        except JsonPatchTestFailed:
            raise PatchTestFailed(path=operation["path"]) from None
        except RecursionError:
            raise _too_deep() from None
        except (JsonPatchException, JsonPointerException, TypeError, ValueError, LookupError):
            raise BadPatch(
                _("The operation at %(path)s does not fit the body.") % {"path": operation["path"]}
            ) from None
    _require_shallow(patched)
    return patched


def _require_shallow(patched: Any) -> None:
    """Refuse a patched body that could not have been sent as a whole."""
    try:
        require_shallow(json.dumps(patched))
    except (BadJson, RecursionError):
        raise _too_deep() from None


def _too_deep() -> BadPatch:
    return BadPatch(_("The patched body is nested deeper than 32 levels."))


def _require_body_pointer(pointer: str) -> None:
    try:
        parts = JsonPointer(pointer).parts
    except JsonPointerException:
        raise BadPatch(_("%(path)s isn't a JSON pointer.") % {"path": pointer}) from None
    if parts[0] == "sys":
        raise BadPatch(_("Pointers can't go into sys."))
