"""The SpaceRoles a new Space starts with (rules §6)."""

from common.models import now
from spaces.models import Space, SpaceRole

type _Map = dict[str, dict[str, list[object]]]

_ALL: _Map = {"All": {"Allow": []}}
_READ: _Map = {"Read": {"Allow": []}}


def preset_roles(space: Space) -> list[SpaceRole]:
    """Unsaved rows: the locked Administrator first, then Editor and Viewer."""
    moment = now()
    return [
        SpaceRole(
            organization_id=space.organization_id,
            space=space,
            created_by=space.created_by,
            updated_by=space.created_by,
            created_at=moment,
            updated_at=moment,
            **fields,
        )
        for fields in (
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
    ]
