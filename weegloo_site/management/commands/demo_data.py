"""``manage.py demo_data``: an Organization to try things in (running.md, demo data)."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.actor import Actor, Origin
from accounts.models import User
from accounts.services import change_profile, ensure_user, mark_signed_in
from activity.models import Action, ActivityEntry
from memberships import presence
from memberships.models import Role
from memberships.services.invitations import invite_member
from memberships.services.space_members import assign_member
from organizations.services import create_organization
from spaces.models import Space, SpaceRole
from spaces.services import create_space

OWNER = "owner@example.com"
ORGANIZATION = "DailyWear Company"
# Address, name (none: has not signed in yet), Organization role, SpaceRole by Space.
PEOPLE = [
    ("daniel.cho@example.com", "Daniel Cho", Role.ADMIN, {"Shopping Mall": "Editor"}),
    (
        "jiwoo.han@example.com",
        "한지우",
        Role.MEMBER,
        {"Shopping Mall": "Editor", "Internal Announcements": "Viewer"},
    ),
    ("emma.brown@example.com", "Emma Brown", Role.MEMBER, {"Internal Announcements": "Editor"}),
    ("seojun.yoon@example.com", "", Role.MEMBER, {}),
]


class Command(BaseCommand):
    """Makes it once. The log remembers that it was, whatever became of it since."""

    help = "Make the demo Organization, once."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """An owner, two Spaces, a few members in different roles; all by the services."""
        if ActivityEntry.objects.filter(
            action=Action.ORGANIZATION_CREATED, after__name=ORGANIZATION, actor__email_key=OWNER
        ).exists():
            return
        owner = _person(OWNER, "Sora Lee")
        actor = Actor(user=owner, origin=Origin.CONSOLE)
        organization = create_organization(
            actor=actor,
            name=ORGANIZATION,
            description="Company running an online clothing and accessories store",
        )
        spaces = {
            name: create_space(actor=actor, organization=organization, name=name)
            for name in ("Shopping Mall", "Internal Announcements")
        }
        for address, name, role, places in PEOPLE:
            membership = invite_member(actor=actor, organization=organization, address=address, role=role)
            if name:
                _person(address, name)
                with presence.noting():
                    presence.here(membership)
            for space, space_role in places.items():
                assign_member(
                    actor=actor,
                    space=spaces[space],
                    user_id=membership.user_id,
                    role_ids=[_role(spaces[space], space_role).pk],
                )
        self.stdout.write(f"Made {ORGANIZATION}; sign in as {OWNER}.")


def _person(address: str, name: str) -> User:
    """An account whose person has signed in and given a name."""
    user = ensure_user(address)
    mark_signed_in(user)
    return change_profile(
        actor=Actor(user=user, origin=Origin.SYSTEM), user=user, name=name, expected_version=user.version
    )


def _role(space: Space, name: str) -> SpaceRole:
    return SpaceRole.objects.get(space=space, name=name)
