"""Reading of bodies: strict JSON, then a strict schema, every fault at once (api.md, Codes)."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NoReturn, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from api.core.refusals import BadJson
from common.errors import Invalid, shortened

_SYS = "Ignored, so that what was read can be sent back."
MAX_DEPTH = 32
MAX_FAULTS = 1000
MAX_ADVICE = 5
# A string, also one that never ends, or a bracket. It matches at every quote and gives nothing back
# (possessive quantifiers), so that a search takes time in proportion to the length.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
# pydantic's names of faults that we call by a shorter one; the rest keep theirs.
_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_property",
    "string_too_short": "length",
    "string_too_long": "length",
    "too_short": "count",
    "too_long": "count",
    "literal_error": "value",
    "string_pattern_mismatch": "characters",
}
# pydantic's words for the faults that our schemas can find; it has them in English only.
_WORDS = {
    "missing": gettext_lazy("Field required"),
    "extra_forbidden": gettext_lazy("Extra inputs are not permitted"),
    "bool_type": gettext_lazy("Input should be a valid boolean"),
    "list_type": gettext_lazy("Input should be a valid list"),
    "dict_type": gettext_lazy("Input should be a valid dictionary"),
    "model_type": gettext_lazy("Input should be a valid dictionary or instance of %(class_name)s"),
    "string_type": gettext_lazy("Input should be a valid string"),
    "literal_error": gettext_lazy("Input should be %(expected)s"),
    "string_pattern_mismatch": gettext_lazy("String should match pattern '%(pattern)s'"),
    "string_too_short": gettext_lazy("String should have at least %(min_length)d character"),  # always 1
    "string_too_long": gettext_lazy("String should have at most %(max_length)d characters"),
}


def _without_defaults(schema: dict[str, Any]) -> None:
    """Take the defaults out of the schema: generators of clients make a property with one required."""
    for member in schema["properties"].values():
        member.pop("default", None)


class Body(BaseModel):
    """A body that is read: camelCase, nothing converted, nothing unknown."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        json_schema_extra=_without_defaults,
    )

    @classmethod
    def more_faults(cls, value: dict[str, Any]) -> list[dict[str, str]]:  # noqa: ARG003  # for others
        """Faults that only the service finds; told together with those of the schema."""
        return []


@cache
def replacing[B: Body](model: type[B]) -> type[B]:
    """``model`` as PUT takes it: with the ``sys`` of what was read, which is ignored whatever is in it."""
    return create_model(
        f"{model.__name__.removesuffix('Body')}Update",
        __base__=model,
        __doc__=model.__doc__,
        sys=(Any, Field(default=None, exclude=True, description=_SYS)),
    )


def read_json(raw: bytes) -> Any:
    """The JSON value of a body; raises :class:`BadJson` saying what is wrong.

    Reading takes time in proportion to the length of the body.
    """
    try:
        text = raw.decode("utf-8-sig")  # a byte order mark is ignored (RFC 8259 §8.1)
    except UnicodeDecodeError:
        raise BadJson(_("The body is not UTF-8.")) from None
    require_shallow(text)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except ValueError:
        raise BadJson(_("The body is not JSON.")) from None
    if _SUSPECT.search(text) and any(_NO_TEXT.search(string) for string in _strings(value)):
        raise BadJson(_("A string of the body has a NUL character or half a surrogate pair."))
    return value


def read_body[B: Body](model: type[B], value: Any) -> B:
    """``value`` as ``model``; raises :class:`Invalid` with every fault, of very many the first 1,000."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[:MAX_FAULTS]
    faults = [
        {
            "path": _pointer(fault["loc"]),
            "code": _CODES.get(fault["type"], fault["type"]),
            "message": _message(fault),
        }
        for fault in found
    ]
    if isinstance(value, dict):
        faults += model.more_faults(value)
    raise Invalid(
        _("The body doesn't match the expected schema; see `details.errors`."),
        suggestion=" ".join(_advice(model, found)),
        errors=faults,
    )


def _advice(model: type[Body], faults: Iterable[ErrorDetails]) -> list[str]:
    """What to send instead, for the first few faults that say what is allowed; each sentence once."""
    told: dict[str, None] = {}
    for fault in faults:
        where = shortened(_pointer(fault["loc"]))
        *parents, name = fault["loc"] or ("",)
        match fault["type"]:
            case "extra_forbidden":
                told[_available(_pointer((*parents,)), _fields(_model_at(model, parents)))] = None
            case "missing":
                wanted = _fields(_model_at(model, parents))[str(name)].description
                told[_("Send `%(path)s`: %(wanted)s.") % {"path": where, "wanted": wanted}] = None
            case "literal_error":
                wanted = fault["ctx"]["expected"]
                told[_("Send `%(path)s`: %(wanted)s.") % {"path": where, "wanted": wanted}] = None
        if len(told) == MAX_ADVICE:
            break
    return list(told)


def _available(path: str, properties: Iterable[str]) -> str:
    names = ", ".join(properties)
    if not path:
        return _("Available properties: %(names)s.") % {"names": names}
    return _("Available properties of `%(path)s`: %(names)s.") % {"path": shortened(path), "names": names}


def _model_at(model: type[BaseModel], location: Iterable[int | str]) -> type[BaseModel]:
    """The model of the object at ``location`` in a body of ``model``."""
    here: Any = model
    for part in location:
        here = get_args(here)[0] if isinstance(part, int) else _fields(here)[part].annotation
    found: type[BaseModel] = here
    return found


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The properties of a model by their names in JSON."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _message(fault: ErrorDetails) -> str:
    words = _WORDS.get(fault["type"])
    return str(words) % fault.get("ctx", {}) if words else fault["msg"]


def require_shallow(text: str) -> None:
    """Refuse deep nesting before the parser goes down into it."""
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        match found.group()[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
        if depth > MAX_DEPTH:
            raise BadJson(_("The body is nested deeper than 32 levels."))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadJson(_("An object of the body has the same key twice."))
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _strings(part)
        case dict():
            for name, part in value.items():
                yield name
                yield from _strings(part)


def _pointer(location: tuple[int | str, ...]) -> str:
    """An RFC 6901 pointer."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)
