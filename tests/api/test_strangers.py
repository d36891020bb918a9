"""The API tells of a member who was never in the Organization no more than their address (rules §2)."""

from typing import Any

from accounts.models import User
from memberships.models import OrganizationMembership, Role
from memberships.services.organization_members import remove_member
from tests.api.caller import Caller
from tests.cast import Cast, acting, fresh, join, opened, organization_of, person, put_in, space_in


def invited(cast: Cast, user: User, role: Role = Role.MEMBER) -> OrganizationMembership:
    """The person a member, and never there."""
    path = f"/organizations/{cast.organization.pk}/organization-memberships"
    response = Caller(cast.owner).post(path, {"email": user.email, "role": role})
    assert response.status_code == 201
    return OrganizationMembership.objects.get(organization=cast.organization, user=user)


def included(caller: User, path: str, user: User) -> dict[str, Any]:
    """The person as ``include`` shows them."""
    people = Caller(caller).get(path, query={"include": "1"}).json()["include"]["User"]
    (found,) = [one for one in people if one["sys"]["id"] == user.pk]
    return found


def shown(user: User, name: str, email: str | None) -> dict[str, Any]:
    shape = {"sys": {"id": user.pk, "type": "User"}, "name": name}
    return shape if email is None else {**shape, "email": email}


def lists(cast: Cast) -> list[str]:
    return [
        f"/organizations/{cast.organization.pk}/organization-memberships",
        f"/spaces/{cast.space.pk}/space-memberships",
    ]


def test_include_gives_the_address_alone_until_they_come(cast: Cast):
    user, slot = person("Minji"), person("", signed_in=False)
    User.objects.filter(pk=user.pk).update(name="Minji Kim", email=user.email.replace("minji", "Minji"))
    one = invited(cast, user)
    invited(cast, slot)
    for someone in (user, slot):
        put_in(cast.space, cast.owner, someone)
    single = f"{lists(cast)[0]}/{one.pk}"
    for path in (*lists(cast), single):
        assert included(cast.owner, path, user) == shown(user, "", user.email)
    for path in lists(cast):
        assert included(cast.owner, path, slot) == shown(slot, "", slot.email)

    Caller(user).get(f"/organizations/{cast.organization.pk}")
    address = user.email.replace("minji", "Minji")
    for path in (*lists(cast), single):
        assert included(cast.owner, path, user) == shown(user, "Minji Kim", address)


def test_another_organization_of_theirs_tells_nothing(cast: Cast):
    user = person("Minji")
    other = organization_of(cast.stranger, "Other")
    opened(join(other, cast.stranger, user))
    invited(cast, user)
    assert included(cast.owner, lists(cast)[0], user) == shown(user, "", user.email)


def test_oneself_is_always_known(cast: Cast):
    user = person("Minji")
    invited(cast, user)
    assert included(user, "/me/organization-memberships", user) == shown(user, "Minji", user.email)


def test_who_did_something_and_left_keeps_the_name(cast: Cast):
    admin = person("Former")
    membership = opened(invited(cast, admin, Role.ADMIN))
    space = space_in(cast.organization, admin, "Former's")
    remove_member(actor=acting(cast.owner), membership=membership)
    path = f"/spaces/{space.pk}"
    assert included(cast.owner, path, admin) == shown(admin, "Former", None)

    # Invited anew they are a stranger until they come.
    invited(cast, fresh(admin))
    assert included(cast.owner, path, admin) == shown(admin, "", admin.email)


def test_the_answers_of_an_invitation_are_the_same(cast: Cast):
    path = f"/organizations/{cast.organization.pk}/organization-memberships"
    bodies = []
    for address in (person("Minji").email, "nobody.at.all@example.com"):
        body = Caller(cast.owner).post(path, {"email": address}).json()
        assert set(body) == {"sys", "role"}
        bodies.append({key: type(value) for key, value in body["sys"].items()})
        again = Caller(cast.owner).post(path, {"email": address})
        assert again.status_code == 409
        assert address not in again.text
    assert bodies[0] == bodies[1]
