"""Names in bodies, by the rule of :mod:`common.names` (rules §3, §6, §8)."""

from collections.abc import Callable
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from common.names import DESCRIPTION_LENGTH, MAX_LENGTH, Fault, read_description, read_name

# What a pattern can say of the rule: no control characters, line breaks and directions, and not
# only white space and signs that cannot be seen.
_PRINTED = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*$"
_SHOWN = r"[^\s\xad\u0300-\u036f\u115f\u1160\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"


def _reading(read: Callable[[str], tuple[str, list[Fault]]]) -> AfterValidator:
    def validate(text: str) -> str:
        value, faults = read(text)
        for fault in faults:
            raise _refusal(fault["code"], fault["message"])
        return value

    return AfterValidator(validate)


def _refusal(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, "{words}", {"words": message})


def _described(text: str) -> tuple[str, list[Fault]]:
    """A description in a body is left out rather than empty."""
    value, faults = read_description(text)
    if not (value or faults):
        faults = [{"code": "length", "message": _("A description has 1 to 128 characters.")}]
    return value, faults


def _schema(longest: int) -> WithJsonSchema:
    shown = {"pattern": _SHOWN}
    return WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": longest, "pattern": _PRINTED, "allOf": [shown]}
    )


Name = Annotated[
    str, _reading(read_name), _schema(MAX_LENGTH), Field(description=f"1 to {MAX_LENGTH} characters")
]
Description = Annotated[
    str,
    _reading(_described),
    _schema(DESCRIPTION_LENGTH),
    Field(description=f"1 to {DESCRIPTION_LENGTH} characters, or left out"),
]
