"""The walk of docs/api.md with the client that openapi-python-client made; run where it is installed.

URL=… TOKEN=… python walk.py
"""

# mypy: ignore-errors  # the client is made anew for each run
import os
from importlib import import_module
from urllib.parse import parse_qs, urlsplit

CLIENT = "weegloo_management_api_cma_client"
models = import_module(f"{CLIENT}.models")
client = import_module(CLIENT).AuthenticatedClient(base_url=os.environ["URL"], token=os.environ["TOKEN"])


def call(operation, /, *ids, expect=200, **more):
    """Do one operation, by its tag and operationId in snake case; give its parsed answer."""
    answer = import_module(f"{CLIENT}.api.{operation}").sync_detailed(*ids, client=client, **more)
    assert answer.status_code == expect, (operation, answer.status_code, answer.content)
    assert expect == 204 or answer.parsed is not None, operation
    return answer.parsed


def refer(target, ident):
    """A reference, as the models read it."""
    return {"sys": {"id": ident, "type": "Refer", "targetType": target}}


me = call("me.get_me")
organization = call(
    "organizations.create_organization",
    body=models.OrganizationBody(name="DailyWear Company", description="An online clothing store"),
    idempotency_key=f"walk-{os.getpid()}",
    expect=201,
)
assert organization.sys.created_by.sys.id == me.sys.id
ident = organization.sys.id
space = call("spaces.create_space", ident, body=models.SpaceBody(name="Shopping Mall"), expect=201)
membership = call(
    "organization_memberships.create_organization_membership",
    ident,
    body=models.InvitationBody(email="minji.kim@example.com"),
    expect=201,
)
members = call(
    "organization_memberships.get_list_organization_memberships",
    ident,
    include=1,
    limit=1,
    rolein="OWNER,MEMBER",
)
assert members.total_count == 2
assert members.include.user[0].sys.id == me.sys.id
cursor = parse_qs(urlsplit(members.links.next_).query)["next"][0]
rest = call("organization_memberships.get_list_organization_memberships", ident, next_=cursor)
assert [one.sys.id for one in rest.items] == [membership.sys.id]
[role] = call("space_roles.get_list_space_roles", space.sys.id, name="Editor").items
person = membership.sys.user.sys.id
assigned = call(
    "space_memberships.create_space_membership",
    space.sys.id,
    body=models.AssignmentBody.from_dict(
        {"user": refer("User", person), "roles": [refer("SpaceRole", role.sys.id)]}
    ),
    expect=201,
)
decision = call(
    "access.get_one_space_access",
    space.sys.id,
    user=person,
    map_=models.GetOneSpaceAccessMap.CONTENT,
    action="Publish",
)
assert decision.allowed in (True, False)
ids = (ident, membership.sys.id)
changed = call(
    "organization_memberships.update_one_organization_membership",
    *ids,
    body=models.RoleUpdate.from_dict(membership.to_dict() | {"role": "ADMIN"}),
    x_weegloo_version=str(membership.sys.version),
)
patched = call(
    "organization_memberships.patch_one_organization_membership",
    *ids,
    body=[models.ValueOperation.from_dict({"op": "replace", "path": "/role", "value": "MEMBER"})],
    x_weegloo_version=str(changed.sys.version),
)
assert (patched.role.value, patched.sys.version) == ("MEMBER", 3)
stale = call(
    "organization_memberships.update_one_organization_membership",
    *ids,
    body=models.RoleUpdate(role=models.RoleUpdateRole.ADMIN),
    x_weegloo_version="1",
    expect=409,
)
assert stale.sys.code == "WGL409005"
assert stale.details.current_version == 3
call("space_memberships.delete_one_space_membership", space.sys.id, assigned.sys.id, expect=204)
call("organization_memberships.delete_one_organization_membership", *ids, expect=204)
call("spaces.delete_one_space", space.sys.id, expect=204)
print("openapi-python-client: the whole walk")
