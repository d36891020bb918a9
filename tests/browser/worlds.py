"""Two worlds for the screens, made by the services in a console's data folder.

python -m tests.browser.worlds   # with WEEGLOO_DATA; prints a World by name, as JSON

Crowded: names of 64 letters without a space, Korean, 60 members, rules, every state of an email.
Quiet: one Space with one row, one with none. The member has more tokens than a page shows.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

OWNER, NOBODY, MEMBER = "screens@example.com", "in.no.organization@example.com", "member@example.com"
LONG = "Wolfeschlegelsteinhausenbergerdorffpapadopoulouconstantinopolita"
LONG_KOREAN = "김수한무거북이와두루미삼천갑자동방삭치치카포사리사리센타" * 2
NAMES = ["Minji Kim", LONG, "한지우", "", LONG_KOREAN[:56], "Emma Brown-Okafor"]


@dataclass
class World:
    """The ids that fill the URLs in: by the name of the URL's argument, members by what they are of."""

    organization_id: str
    space_id: str
    empty_space_id: str
    role_id: str
    locked_role_id: str
    user_id: str
    token_id: str
    members: dict[str, str]
    name: str


def make() -> dict[str, World]:
    """Both worlds, of one owner; and a person who is in no Organization."""
    from accounts.services import create_token, ensure_user
    from memberships.models import SpaceMembership
    from memberships.services.space_members import remove_from_space
    from tests import cast

    owner, nobody = _person(OWNER, "Sora Lee"), _person(NOBODY, "")
    assert nobody
    worlds = {}
    for name, organization_name, space_name, count in (
        ("crowded", LONG, LONG[::-1].capitalize(), 60),
        ("quiet", "작은 가게", "쇼핑몰", 1),
    ):
        organization = cast.organization_of(owner, organization_name)
        empty = cast.space_in(organization, owner, "Nobody’s")
        remove_from_space(actor=cast.acting(owner), membership=SpaceMembership.objects.get(space=empty))
        space = cast.space_in(organization, owner, space_name)
        role = _ruled_role(owner, space, LONG if count > 1 else "Product Editor")
        people = [_person(f"{name}{number}@example.com", NAMES[number % 6]) for number in range(count - 2)]
        if count > 1:
            member = _person(MEMBER, "한지우")
            for number in range(50):
                create_token(actor=cast.acting(member), user=member, name=f"Program {number}")
            people += [member, ensure_user(f"{LONG}@{LONG[:60]}.{LONG[:60]}.example.com")]
            _join(owner, organization, people, space, ["Editor", "Viewer", role.name])
        member = people[-1] if people else owner
        worlds[name] = World(
            organization_id=organization.pk,
            space_id=space.pk,
            empty_space_id=empty.pk,
            role_id=role.pk,
            locked_role_id=cast.role_named(space, "Administrator").pk,
            user_id=member.pk,
            token_id=create_token(actor=cast.acting(owner), user=owner, name=organization_name).token.pk,
            members={
                "organization_id": organization.memberships.get(user=member).pk,
                "space_id": SpaceMembership.objects.get(space=space, user=member).pk,
            },
            name=organization_name,
        )
    _emails(worlds["crowded"])
    return worlds


def _join(owner: Any, organization: Any, people: list[Any], space: Any, roles: list[str]) -> None:
    """All become members, a few of them Owners, and work in the Space with 1, 2 or 3 roles."""
    from memberships.models import Role
    from memberships.services.invitations import invite_members
    from memberships.services.space_members import assign_to_space
    from outbox.models import Email
    from tests.cast import acting, opened, role_named

    actor = acting(owner)
    for role, some in ((Role.OWNER, people[:2]), (Role.MEMBER, people[2:])):
        addresses = [person.email for person in some]
        invite_members(actor=actor, organization=organization, addresses=addresses, role=role)
    for membership in organization.memberships.filter(user__signed_in_at__isnull=False):
        opened(membership)
    ids = [role_named(space, name).pk for name in roles]
    for number in range(len(ids)):
        some = people[number::3][number:]  # one stays in no Space, and another
        assign_to_space(
            actor=actor, space=space, user_ids=[person.pk for person in some], role_ids=ids[: number + 1]
        )
    Email.objects.filter(organization_id=organization.pk).delete()


def _person(address: str, name: str) -> Any:
    """A signed-in account; without a name it has never signed in, but for the two who do so here."""
    from accounts.models import User
    from accounts.services import ensure_user, mark_signed_in

    user = ensure_user(address)
    if name or address == NOBODY:
        mark_signed_in(user)
        User.objects.filter(pk=user.pk).update(name=name)
    return User.objects.get(pk=user.pk)


def _ruled_role(owner: Any, space: Any, name: str) -> Any:
    """A SpaceRole with rules of every shape."""
    from spaces.permissions import refer
    from spaces.services import create_space_role
    from tests.cast import acting

    product, sale = refer("ContentType", "product"), refer("Tag", LONG)
    permissions = {
        "content": {
            "Read": {"Allow": [{"contentType": product}, {"contentType": product, "tag": sale}]},
            "Edit": {"Allow": [{"createdBy": refer("User", ":self")}], "Deny": [{"tag": sale}]},
        },
        "media": {"All": {"Allow": []}},
        "settings": ["SETTING_TAG"],
    }
    labels = {"product": "Products"}
    return create_space_role(
        actor=acting(owner), space=space, name=name, permissions=permissions, labels=labels
    )


def _emails(world: World) -> None:
    """The newest members' invitations: sent, waiting, failed for now, failed for good."""
    from memberships.models import OrganizationMembership
    from outbox.models import Email, Kind, State

    later = timedelta(days=1)
    newest = OrganizationMembership.objects.filter(organization_id=world.organization_id)
    states: Iterator[dict[str, Any]] = iter(
        [
            {"state": State.SENT},
            {"state": State.QUEUED},
            {"state": State.QUEUED, "last_error": "450 mailbox is full", "attempts": 2},
            {"state": State.FAILED, "last_error": "550 no such user here", "attempts": 12},
        ]
    )
    for membership, fields in zip(newest.order_by("-created_at", "-id")[:4], states, strict=True):
        email = Email.objects.create(
            kind=Kind.ORGANIZATION_INVITATION,
            recipient_id=membership.user_id,
            organization_id=world.organization_id,
            membership_id=membership.pk,
            **fields,
        )
        Email.objects.filter(pk=email.pk).update(due_at=email.due_at + later)


def main() -> None:
    """Make them in one transaction, and say what they are."""
    import django

    from devserver import paths, servers

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")
    servers.end_on_signals()
    servers.use(paths.data_folder(os.environ))
    django.setup()
    from django.db import transaction

    with transaction.atomic():
        worlds = make()
    print(json.dumps({name: asdict(world) for name, world in worlds.items()}))


if __name__ == "__main__":
    main()
