"""Names in bodies: outer space does not count, control characters are none (rules §3, §6, §8)."""

from typing import Annotated

from pydantic import StringConstraints, WithJsonSchema

_PRINTED = r"^[^\x00-\x1f\x7f-\x9f]*$"
_NOT_BLANK = {"pattern": r"\S"}

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_PRINTED),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": 64, "pattern": _PRINTED, "allOf": [_NOT_BLANK]}
    ),
]
Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=_PRINTED),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": 128, "pattern": _PRINTED, "allOf": [_NOT_BLANK]}
    ),
]
