"""Organization › Membership: who sees what, and what the screens do (rules §4, §9, §13)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from memberships.models import OrganizationMembership, Role
from memberships.services.organization_members import change_role
from outbox.models import Email, Kind, State
from tests.cast import Cast, acting, join, person, put_in
from tests.pages import HTMX, Page, as_, notices


def list_url(cast: Cast) -> str:
    return reverse("organization-membership", args=[cast.organization.pk])


def url(name: str, cast: Cast, membership: OrganizationMembership) -> str:
    return reverse(name, args=[cast.organization.pk, membership.pk])


def member_of(cast: Cast, role: Role = Role.MEMBER) -> OrganizationMembership:
    return cast.memberships[role]


# ---- The list


def test_the_newest_member_stands_first(cast: Cast):
    page = Page(as_(cast.owner).get(list_url(cast)))
    assert [row[0] for row in page.rows] == ["M", "A", "O"]
    assert [row[1] for row in page.rows] == ["Member", "Admin", "Owner"]
    assert page.menu == ["Spaces", "Membership", "Settings"]
    assert page.links["Invite"] == reverse("invite", args=[cast.organization.pk])
    assert "3 of 3" in page.words


def test_an_admin_reads_an_owners_role_as_text_and_finds_no_remove(cast: Cast):
    rows = as_(cast.admin).get(list_url(cast)).context["rows"]
    assert {row.membership.role: (row.may_change, row.roles) for row in rows} == {
        Role.OWNER: (False, ()),
        Role.ADMIN: (True, (Role.ADMIN, Role.MEMBER)),
        Role.MEMBER: (True, (Role.ADMIN, Role.MEMBER)),
    }


def test_the_last_owner_is_told_the_way_out(cast: Cast):
    page = Page(as_(cast.owner).get(list_url(cast)))
    assert "You're the last Owner. Make someone else an Owner first." in page.words
    assert f"role-{cast.memberships[Role.OWNER].pk}" not in page.html


def test_search_finds_by_a_part_of_name_or_address(cast: Cast):
    client = as_(cast.owner)
    for q in ("adm", "ADMIN", cast.admin.email[2:]):
        page = Page(client.get(list_url(cast), {"q": q}))
        assert [row[1] for row in page.rows] == ["Admin"]
        assert "1 of 1" in page.words


def test_a_search_for_nobody_says_so_and_how_to_clear_it(cast: Cast):
    page = Page(as_(cast.owner).get(list_url(cast), {"q": "100%", "role": "ADMIN"}))
    assert page.rows == []
    assert "No one matches" in page.words
    assert page.links["Clear search"] == list_url(cast)


def test_the_role_filter(cast: Cast):
    client = as_(cast.owner)
    assert [row[1] for row in Page(client.get(list_url(cast), {"role": "ADMIN"})).rows] == ["Admin"]
    assert len(Page(client.get(list_url(cast), {"role": "KING"})).rows) == 3


def test_htmx_gets_the_list_alone(cast: Cast):
    response = as_(cast.owner).get(list_url(cast), {"q": "admin"}, headers=HTMX)
    page = Page(response)
    assert page.is_fragment
    assert page.html.lstrip().startswith('<div id="member-list"')
    assert "HX-Request" in response["Vary"]


def test_pages_follow_one_another_without_gap_or_repeat(cast: Cast, settings):
    settings.PAGE_SIZE = 2
    client = as_(cast.owner)
    first = client.get(list_url(cast))
    second = client.get(list_url(cast) + Page(first).links["Next"])
    shown = [row.membership.role for page in (first, second) for row in page.context["rows"]]
    assert shown == [Role.MEMBER, Role.ADMIN, Role.OWNER]
    back = client.get(list_url(cast) + Page(second).links["Previous"])
    assert [row.membership.role for row in back.context["rows"]] == [Role.MEMBER, Role.ADMIN]


def test_a_row_tells_spaces_last_visit_and_how_the_invitation_fares(cast: Cast):
    put_in(cast.space, cast.owner, cast.member)
    slot = person("", signed_in=False)
    membership = join(cast.organization, cast.owner, slot)
    earlier = timezone.now() - timezone.timedelta(minutes=1)
    for state, error, created_at in (
        (State.SENT, "", earlier),
        (State.FAILED, "550 no such mailbox", timezone.now()),
    ):
        Email.objects.create(
            created_at=created_at,
            kind=Kind.ORGANIZATION_INVITATION,
            recipient=slot,
            membership_id=membership.pk,
            state=state,
            last_error=error,
            message_id=state,
        )
    page = Page(as_(cast.owner).get(list_url(cast)))
    assert page.rows[0][1:7] == [
        *(slot.email, "Save", "In no Space"),
        *("has not opened this Organization yet", "Email failed", "550 no such mailbox"),
    ]
    assert page.rows[1][4] == "1 Space"


def test_an_email_that_waits_for_another_try_says_when(cast: Cast):
    slot = person("", signed_in=False)
    membership = join(cast.organization, cast.owner, slot)
    Email.objects.create(
        kind=Kind.ORGANIZATION_INVITATION,
        recipient=slot,
        membership_id=membership.pk,
        last_error="451 try later",
        due_at=timezone.now() + timezone.timedelta(hours=2, minutes=1),
        message_id="x",
    )
    assert "451 try later · next try 2 hours from now" in Page(as_(cast.owner).get(list_url(cast))).words


def test_a_member_is_told_why_not(cast: Cast):
    page = Page(as_(cast.member).get(list_url(cast)))
    assert page.status == 403
    assert page.codes == ["WGL403901"]
    assert "You don't have permission to do this. Ask an Owner or Admin of the Organization." in page.words


@pytest.mark.parametrize("others", [1, 3])
def test_the_list_costs_the_same_however_long(cast: Cast, others: int, django_assert_num_queries):
    client = as_(cast.owner)
    for _ in range(others):
        put_in(cast.space, cast.owner, join(cast.organization, cast.owner, person("More")).user)
    client.get(list_url(cast))  # notes the visit and the last place
    with django_assert_num_queries(7):
        client.get(list_url(cast))
    with django_assert_num_queries(8):
        client.get(list_url(cast), {"q": "e"})


# ---- Strangers


@pytest.mark.parametrize(
    "name", ["organization-member-spaces", "organization-member-remove", "organization-member-role"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_finds_nothing_of_a_member(cast: Cast, name: str, method: str):
    response = getattr(as_(cast.stranger), method)(url(name, cast, member_of(cast)))
    assert response.status_code == (405 if (name, method) in _NOT_ALLOWED else 404)


_NOT_ALLOWED = {("organization-member-role", "get"), ("organization-member-spaces", "post")}


@pytest.mark.parametrize("name", ["organization-membership", "invite", "organization-leave"])
def test_a_stranger_finds_nothing_of_the_organization(cast: Cast, name: str):
    assert as_(cast.stranger).get(reverse(name, args=[cast.organization.pk])).status_code == 404


@pytest.mark.parametrize("name", ["organization-member-spaces", "organization-member-remove"])
def test_a_membership_of_another_organization_does_not_exist(cast: Cast, name: str):
    strange = OrganizationMembership.objects.get(organization=cast.strange_organization)
    assert as_(cast.owner).get(url(name, cast, strange)).status_code == 404


def test_a_removed_persons_next_click_finds_nothing(cast: Cast):
    client = as_(cast.admin)
    assert client.get(list_url(cast)).status_code == 200
    as_(cast.owner).post(url("organization-member-remove", cast, member_of(cast, Role.ADMIN)))
    assert client.get(list_url(cast)).status_code == 404


# ---- Changing a role


def test_a_role_is_saved_without_javascript(cast: Cast):
    membership = member_of(cast)
    response = as_(cast.owner).post(
        url("organization-member-role", cast, membership) + "?q=mem", {"role": "ADMIN", "version": 1}
    )
    assert (response.status_code, response["Location"]) == (
        302,
        f"{list_url(cast)}?q=mem#member-{membership.pk}",
    )
    assert notices(response) == ["Member is Admin now."]
    membership.refresh_from_db()
    assert (membership.role, membership.version) == (Role.ADMIN, 2)


def test_htmx_gets_the_changed_row_with_a_notice(cast: Cast):
    membership = member_of(cast)
    response = as_(cast.owner).post(
        url("organization-member-role", cast, membership), {"role": "ADMIN", "version": 1}, headers=HTMX
    )
    page = Page(response)
    assert page.html.lstrip().startswith(f'<tr id="member-{membership.pk}">')
    assert page.ticked["option"] == ["ADMIN"]
    assert page.inputs["version"] == ["2"]
    assert '<div hx-swap-oob="beforeend:#notices">' in page.html
    assert "Member is Admin now." in page.words


def test_when_an_owner_comes_or_goes_htmx_gets_the_whole_list(cast: Cast):
    membership = member_of(cast, Role.ADMIN)
    response = as_(cast.owner).post(
        url("organization-member-role", cast, membership), {"role": "OWNER", "version": 1}, headers=HTMX
    )
    assert response["HX-Retarget"] == "#member-list"
    assert not any(row.is_last_owner for row in response.context["rows"])


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_stale_role_says_who_changed_what_and_a_second_save_applies_it(cast: Cast, headers: dict[str, str]):
    membership = member_of(cast)
    change_role(actor=acting(cast.admin), membership=membership, role=Role.ADMIN, expected_version=1)
    client = as_(cast.owner)
    address = url("organization-member-role", cast, membership)
    response = client.post(address, {"role": "OWNER", "version": 1}, headers=headers)
    page = Page(response)
    assert (page.status, page.codes) == (409, ["WGL409005"])
    assert "Admin changed this in the meantime. Role: “Member” became “Admin”." in page.words
    assert (page.ticked["option"], page.inputs["version"]) == (["OWNER"], ["2"])

    again = client.post(address, {"role": page.ticked["option"][0], "version": page.inputs["version"][0]})
    assert again.status_code == 302
    membership.refresh_from_db()
    assert membership.role == Role.OWNER


def test_an_admin_cannot_make_an_owner(cast: Cast):
    response = as_(cast.admin).post(
        url("organization-member-role", cast, member_of(cast)), {"role": "OWNER", "version": 1}, headers=HTMX
    )
    page = Page(response)
    assert (page.status, page.codes) == (422, ["WGL422001"])
    assert page.ticked["option"] == ["MEMBER"]


def test_an_admin_cannot_demote_an_owner(cast: Cast):
    response = as_(cast.admin).post(
        url("organization-member-role", cast, member_of(cast, Role.OWNER)), {"role": "MEMBER", "version": 1}
    )
    assert response.status_code == 403


def test_the_last_owner_keeps_the_role(cast: Cast):
    response = as_(cast.owner).post(
        url("organization-member-role", cast, member_of(cast, Role.OWNER)), {"role": "ADMIN", "version": 1}
    )
    page = Page(response)
    assert (page.status, page.codes) == (422, ["WGL422900"])
    assert "Make someone else an Owner first." in page.words


def test_who_gives_up_the_own_role_lands_where_they_may_be(cast: Cast):
    response = as_(cast.admin).post(
        url("organization-member-role", cast, member_of(cast, Role.ADMIN)),
        {"role": "MEMBER", "version": 1},
        headers=HTMX,
    )
    assert response["HX-Redirect"] == cast.organization.get_absolute_url()


@pytest.mark.parametrize("data", [{}, {"role": "KING", "version": 1}, {"role": "ADMIN", "version": "x"}])
def test_a_misshapen_role_changes_nothing(cast: Cast, data: dict[str, str]):
    membership = member_of(cast)
    response = as_(cast.owner).post(url("organization-member-role", cast, membership), data)
    assert response.status_code == 422
    membership.refresh_from_db()
    assert membership.version == 1


# ---- Removing and leaving


def test_before_removing_the_consequences_are_told(cast: Cast):
    put_in(cast.space, cast.owner, cast.member, "Editor", "Viewer")
    response = as_(cast.owner).get(url("organization-member-remove", cast, member_of(cast)))
    page = Page(response)
    assert "Remove Member?" in page.words
    assert "1 Space and the roles there: Shopping Mall (Editor, Viewer)" in page.words
    assert "They get an email about it." in page.words
    assert response.context["departure"].unmanned == []


def test_a_space_left_without_administrator_is_named(cast: Cast):
    put_in(cast.space, cast.owner, cast.admin, "Administrator")
    client = as_(cast.owner)
    address = url("organization-member-remove", cast, member_of(cast, Role.ADMIN))
    assert client.get(address).context["departure"].unmanned == []
    cast.space.memberships.get(user=cast.owner).delete()
    assert client.get(address).context["departure"].unmanned == [cast.space]


def test_owners_who_never_came_are_warned_of(cast: Cast):
    slot = person("", signed_in=False)
    join(cast.organization, cast.owner, slot, Role.OWNER)
    page = Page(as_(cast.owner).get(reverse("organization-leave", args=[cast.organization.pk])))
    assert "The remaining Owners haven't opened this Organization yet." in page.words


def test_htmx_opens_the_dialog_and_then_gets_the_list(cast: Cast):
    client = as_(cast.owner)
    address = url("organization-member-remove", cast, member_of(cast)) + "?q=e"
    dialog = Page(client.get(address, headers=HTMX))
    assert dialog.is_fragment
    assert f'hx-post="{address}"' in dialog.html

    response = client.post(address, headers=HTMX)
    assert response["HX-Retarget"] == "#member-list"
    assert [row.membership.role for row in response.context["rows"]] == [Role.ADMIN, Role.OWNER]
    assert "Member was removed from DailyWear Company. They get an email about it." in Page(response).words


def test_removing_without_javascript(cast: Cast):
    response = as_(cast.owner).post(url("organization-member-remove", cast, member_of(cast)))
    assert (response.status_code, response["Location"]) == (302, list_url(cast))
    assert not OrganizationMembership.objects.filter(pk=member_of(cast).pk).exists()


def test_the_last_owner_cannot_leave(cast: Cast):
    client = as_(cast.owner)
    address = reverse("organization-leave", args=[cast.organization.pk])
    page = Page(client.get(address))
    assert "Make someone else an Owner first." in page.words
    assert page.links["Show the members"] == list_url(cast)
    refused = client.post(address, headers=HTMX)
    assert (refused.status_code, Page(refused).codes) == (422, ["WGL422900"])
    assert refused["HX-Retarget"] == "#dialog"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER])
def test_anyone_else_leaves(cast: Cast, role: Role):
    client = as_(cast.by_role(role))
    address = reverse("organization-leave", args=[cast.organization.pk])
    assert "Leave DailyWear Company?" in Page(client.get(address)).words
    response = client.post(address)
    assert (response.status_code, response["Location"]) == (302, reverse("organization-list"))
    assert notices(response) == ["You left DailyWear Company."]
    assert client.get("/")["Location"] == reverse("organization-list")
    assert client.get(address).status_code == 404


def test_an_admin_may_not_remove_an_owner(cast: Cast):
    client = as_(cast.admin)
    address = url("organization-member-remove", cast, member_of(cast, Role.OWNER))
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403


# ---- Their Spaces


def test_the_spaces_of_a_member_and_those_to_add(cast: Cast):
    client = as_(cast.owner)
    address = url("organization-member-spaces", cast, member_of(cast))
    add = f"{reverse('space-member-add', args=[cast.space.pk])}?user={cast.member.pk}&of={member_of(cast).pk}"
    assert Page(client.get(address)).links["Shopping Mall"] == add
    put_in(cast.space, cast.owner, cast.member)
    page = Page(client.get(address))
    assert page.links["Shopping Mall"].startswith(reverse("space-membership", args=[cast.space.pk]))
    assert "Add to a Space" not in page.words


def test_a_member_sees_their_own_spaces_only(cast: Cast):
    client = as_(cast.member)
    assert client.get(url("organization-member-spaces", cast, member_of(cast))).status_code == 200
    assert client.get(url("organization-member-spaces", cast, member_of(cast, Role.ADMIN))).status_code == 403
