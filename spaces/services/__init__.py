"""Every change of a Space and of a SpaceRole, one verb each (rules §6, §8)."""

from spaces.services.roles import create_space_role, delete_space_role, update_space_role
from spaces.services.spaces import create_space, delete_space, update_space

__all__ = [
    "create_space",
    "create_space_role",
    "delete_space",
    "delete_space_role",
    "update_space",
    "update_space_role",
]
