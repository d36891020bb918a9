"""What a SpaceRole allows (rules §8)."""

from collections.abc import Iterable

from spaces.models import SpaceRole

SETTINGS = (
    "SETTING_GENERAL",
    "SETTING_LOCALE",
    "SETTING_WEBHOOK",
    "SETTING_APP",
    "SETTING_TAG",
    "SETTING_DELIVERY_ACCESS_TOKEN",
    "SETTING_SPACE_ACCESS_TOKEN",
    "SETTING_USER",
    "SETTING_ROLE",
    "SETTING_WEB_HOSTING",
    "SETTING_SERVICE_LOGIN",
    "SETTING_EMAIL_ACCOUNT",
    "SETTING_MONITORING",
    "SETTING_SCHEDULER",
    "SETTING_ALL",
)


def allows_setting(roles: Iterable[SpaceRole], setting: str) -> bool:
    """Whether any of ``roles`` carries ``setting`` or ``SETTING_ALL``."""
    return any(setting in role.settings or "SETTING_ALL" in role.settings for role in roles)
