"""The SpaceRoles a new Space starts with (rules §6)."""

from datetime import timedelta
from typing import Any

from common.models import now
from spaces.models import Space, SpaceRole

type _Map = dict[str, dict[str, list[object]]]

_ALL: _Map = {"All": {"Allow": []}}
_READ: _Map = {"Read": {"Allow": []}}


_PRESETS: tuple[dict[str, Any], ...] = (
    {
        "name": "Administrator",
        "is_locked": True,
        "content_type": _ALL,
        "content": _ALL,
        "media": _ALL,
        "script": _ALL,
        "settings": ["SETTING_ALL"],
    },
    {"name": "Editor", "content_type": _READ, "content": _ALL, "media": _ALL},
    {"name": "Viewer", "content_type": _READ, "content": _READ, "media": _READ},
)


def preset_roles(space: Space) -> list[SpaceRole]:
    """Unsaved rows: the locked Administrator first, then Editor and Viewer."""
    moments = [now() + timedelta(milliseconds=place) for place in range(len(_PRESETS))]
    return [
        SpaceRole(
            organization_id=space.organization_id,
            space=space,
            created_by=space.created_by,
            updated_by=space.created_by,
            # Lists are oldest first, and Administrator stands first in them.
            created_at=moment,
            updated_at=moment,
            **fields,
        )
        for moment, fields in zip(moments, _PRESETS, strict=True)
    ]
