"""Inviting people to an Organization (rules §4, §5, §10, §11)."""

import unicodedata

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.actor import SYSTEM, Actor, Origin
from accounts.models import User
from accounts.services import ensure_user
from common.errors import (
    AlreadyMember,
    DomainError,
    Invalid,
    InvalidEmail,
    NotFound,
    NotPermitted,
    RoleAboveOwn,
    UnknownSpace,
    UnknownSpaceRole,
)
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.services.invitations import Outcome, SpaceGrant, Verdict, invite_member, invite_members
from memberships.services.organization_members import remove_member
from outbox.models import Email
from tests.accounts.test_addresses import INVALID
from tests.cast import (
    Cast,
    acting,
    deactivated,
    emails,
    fresh,
    join,
    nothing_changes,
    person,
    role_named,
    role_with,
    space_in,
    watching,
)

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
INVITE: list[tuple[Role, Role, type[DomainError] | None]] = [
    # actor, wanted, refusal
    (OWNER, OWNER, None),
    (OWNER, ADMIN, None),
    (OWNER, MEMBER, None),
    (ADMIN, OWNER, RoleAboveOwn),
    (ADMIN, ADMIN, None),
    (ADMIN, MEMBER, None),
    (MEMBER, OWNER, NotPermitted),
    (MEMBER, ADMIN, NotPermitted),
    (MEMBER, MEMBER, NotPermitted),
]


@pytest.mark.parametrize("signed_in", [None, False, True], ids=["unknown", "slot", "account"])
@pytest.mark.parametrize(("actor_role", "wanted", "refusal"), INVITE)
def test_inviting_one(
    cast: Cast, actor_role: Role, wanted: Role, refusal: type[DomainError] | None, signed_in: bool | None
) -> None:
    actor = cast.by_role(actor_role)
    known = None if signed_in is None else person("Known", signed_in=signed_in)
    address = known.email if known else "New.Person@Example.com"
    bystander = person("Bystander")  # an OWNER who learns of new ones
    join(cast.organization, cast.owner, bystander, OWNER)

    def invite() -> OrganizationMembership:
        return invite_member(actor=acting(actor), organization=cast.organization, address=address, role=wanted)

    if refusal:
        with nothing_changes(), pytest.raises(refusal):
            invite()
        return

    accounts = User.objects.count()
    with watching() as watch:
        membership = invite()

    row = fresh(membership)
    assert (row.role, row.version, row.created_by, row.updated_by) == (wanted, 1, actor, actor)
    assert User.objects.count() == accounts + (known is None)
    assert row.user.email == address  # a member at once, nothing to accept
    assert row.user.is_slot is not bool(signed_in)
    organization = fresh(cast.organization)
    assert (organization.member_count, organization.version) == (5, 1)
    (entry,) = watch.entries
    assert (entry.action, entry.actor, entry.user, entry.subject) == (
        "organization_membership.created",
        actor,
        row.user,
        row.pk,
    )
    assert (entry.before, entry.after) == ({}, {"role": wanted, "version": 1})
    expected = [("organization_invitation", address)]
    if wanted == OWNER:
        others = {bystander.email, cast.owner.email} - {actor.email}
        expected += [("new_owner", other) for other in others]
    assert watch.emails == sorted(expected)


class TestWhoInvites:
    def test_staff_and_system_may_and_the_email_says_weegloo(self, cast: Cast) -> None:
        staff = Actor(person("Staff"), Origin.STAFF)
        for number, actor in enumerate((staff, SYSTEM)):
            membership = invite_member(
                actor=actor, organization=cast.organization, address=f"n{number}@example.com", role=OWNER
            )
            assert membership.created_by == (actor.user or membership.user)
            mail = Email.objects.get(recipient=membership.user)
            assert mail.context["actor"] == "WEEGLOO"
        assert [kind for kind, to in emails() if to == cast.owner.email] == ["new_owner", "new_owner"]

    @pytest.mark.parametrize("kind", ["stranger", "removed", "deactivated", "nobody"])
    def test_who_is_not_in_the_organization_finds_nothing(self, cast: Cast, kind: str) -> None:
        match kind:
            case "stranger":
                actor = acting(cast.stranger)
            case "removed":
                remove_member(actor=acting(cast.owner), membership=cast.memberships[ADMIN])
                actor = acting(cast.admin)
            case "deactivated":
                actor = acting(deactivated(cast.admin))
            case _:
                actor = Actor(None, Origin.API)

        with nothing_changes(), pytest.raises(NotFound):
            invite_member(actor=actor, organization=cast.organization, address="new@example.com", role=MEMBER)

    def test_a_role_that_does_not_exist_is_never_stored(self, cast: Cast) -> None:
        for role in ("SUPER", "owner", ""):
            with nothing_changes(), pytest.raises((RoleAboveOwn, ValueError)):
                invite_member(
                    actor=acting(cast.owner),
                    organization=cast.organization,
                    address="new@example.com",
                    role=role,  # type: ignore[arg-type]
                )


SPELLINGS = {
    "letter case": lambda address: address.upper(),
    "spaces around": lambda address: f" \t{address}\u00a0\n",
    "full-width ＠": lambda address: address.replace("@", "＠"),
    "full-width throughout": lambda address: "".join(chr(ord(c) + 0xFEE0) for c in address),
    "Kelvin sign": lambda address: address.replace("k", "\u212a"),
    "ideographic full stop": lambda address: address.replace(".com", "。com"),
    "with a name": lambda address: f"Someone Else <{address}>",
    "mailto": lambda address: f"mailto:{address}",
}


class TestAlreadyMember:
    """Not added, nothing changes, no email; the inviter gets the membership to link to (rules §5)."""

    @pytest.mark.parametrize("spelling", SPELLINGS)
    def test_in_another_spelling(self, cast: Cast, spelling: str) -> None:
        known = invite_member(
            actor=acting(cast.owner), organization=cast.organization, address="Kim.K@example.com", role=MEMBER
        )
        typed = SPELLINGS[spelling]("kim.k@example.com")

        with nothing_changes(), pytest.raises(AlreadyMember) as refusal:
            invite_member(
                actor=acting(cast.owner),
                organization=cast.organization,
                address=typed,
                role=OWNER,  # not even the role
                spaces=[SpaceGrant(cast.space.pk, [role_named(cast.space, "Editor").pk])],
            )
        assert refusal.value.details["membership"] == known
        assert refusal.value.code == "WGL409901"

    @pytest.mark.parametrize(
        "typed",
        [
            "kim@bücher.example",
            "KIM@BÜCHER.example",
            unicodedata.normalize("NFD", "kim@bücher.example"),
            "kim@xn--bcher-kva.example",
            "Kim＠XN--BCHER-KVA.EXAMPLE",
        ],
    )
    def test_in_another_form_of_the_domain(self, cast: Cast, typed: str) -> None:
        invite_member(
            actor=acting(cast.owner), organization=cast.organization, address="Kim@Bücher.example", role=MEMBER
        )
        with nothing_changes(), pytest.raises(AlreadyMember):
            invite_member(actor=acting(cast.owner), organization=cast.organization, address=typed, role=MEMBER)

    def test_a_tag_is_another_mailbox(self, cast: Cast) -> None:
        for address in ("kim@example.com", "kim+a@example.com", "kim+b@example.com"):
            invite_member(
                actor=acting(cast.owner), organization=cast.organization, address=address, role=MEMBER
            )
        assert fresh(cast.organization).member_count == 6

    def test_oneself(self, cast: Cast) -> None:
        with nothing_changes(), pytest.raises(AlreadyMember):
            invite_member(
                actor=acting(cast.owner), organization=cast.organization, address=cast.owner.email, role=MEMBER
            )

    def test_a_member_of_another_organization_is_invited_like_anyone(self, cast: Cast) -> None:
        with watching() as watch:
            invite_member(
                actor=acting(cast.owner),
                organization=cast.organization,
                address=cast.stranger.email,
                role=MEMBER,
            )
        assert watch.emails == [("organization_invitation", cast.stranger.email)]
        assert fresh(cast.strange_organization).member_count == 1

    def test_after_a_removal_the_person_can_come_back(self, cast: Cast) -> None:
        remove_member(actor=acting(cast.owner), membership=cast.memberships[MEMBER])
        membership = invite_member(
            actor=acting(cast.owner), organization=cast.organization, address=cast.member.email, role=ADMIN
        )
        assert membership.pk != cast.memberships[MEMBER].pk
        assert (membership.user, membership.version) == (cast.member, 1)

    def test_mail_goes_to_the_stored_address_never_to_the_typed_one(self, cast: Cast) -> None:
        ensure_user("Minji.Kim@example.com")
        with watching() as watch:
            invite_member(
                actor=acting(cast.owner),
                organization=cast.organization,
                address="ＭＩＮＪＩ.\u212aim@EXAMPLE.com",
                role=MEMBER,
            )
        assert watch.emails == [("organization_invitation", "Minji.Kim@example.com")]


class TestInvalid:
    def test_every_kind_of_invalid_address_is_refused_with_a_reason(self, cast: Cast) -> None:
        # Name <address> and the dot after an address are read (accounts.address_parsing).
        typed = [address for _, address in INVALID if "<" not in address and not address.endswith(".")]
        with nothing_changes():
            verdicts = invite_members(
                actor=acting(cast.owner), organization=cast.organization, addresses=typed, role=MEMBER
            )
            with pytest.raises(InvalidEmail):
                invite_member(
                    actor=acting(cast.owner), organization=cast.organization, address="minji", role=MEMBER
                )
        assert [(verdict.entry, verdict.outcome) for verdict in verdicts] == [
            (address, Outcome.INVALID) for address in typed
        ]
        assert all(verdict.reason and verdict.membership is None for verdict in verdicts)

    def test_no_address_at_all(self, cast: Cast) -> None:
        with nothing_changes():
            assert not invite_members(
                actor=acting(cast.owner), organization=cast.organization, addresses=[], role=MEMBER
            )


class TestSeveral:
    """Good ones go through, faulty ones are told apart; never all-or-nothing (rules §5)."""

    def test_counters_log_and_mails_for_each(self, cast: Cast) -> None:
        with watching() as watch:
            verdicts = invite_members(
                actor=acting(cast.admin),
                organization=cast.organization,
                addresses=["a@example.com", "bad", "A@EXAMPLE.COM", cast.owner.email, "b@example.com", "bad"],
                role=ADMIN,
            )
        assert [verdict.outcome for verdict in verdicts] == [
            Outcome.INVITED,
            Outcome.INVALID,
            Outcome.DUPLICATE,
            Outcome.ALREADY_MEMBER,
            Outcome.INVITED,
            Outcome.INVALID,
        ]
        assert fresh(cast.organization).member_count == 5
        assert sorted((entry.action, entry.user.email) for entry in watch.entries) == [
            ("organization_membership.created", "a@example.com"),
            ("organization_membership.created", "b@example.com"),
        ]
        assert watch.emails == [
            ("organization_invitation", "a@example.com"),
            ("organization_invitation", "b@example.com"),
        ]

    def test_two_new_owners_make_one_email_for_the_others(self, cast: Cast) -> None:
        bystander = person("Bystander")
        join(cast.organization, cast.owner, bystander, OWNER)
        with watching() as watch:
            invite_members(
                actor=acting(cast.owner),
                organization=cast.organization,
                addresses=["a@example.com", "b@example.com"],
                role=OWNER,
            )
        assert watch.emails == [
            ("new_owner", bystander.email),
            ("organization_invitation", "a@example.com"),
            ("organization_invitation", "b@example.com"),
        ]
        assert Email.objects.get(kind="new_owner").context["owners"] == ["a@example.com", "b@example.com"]

    def test_an_owner_with_a_deactivated_account_is_not_told(self, cast: Cast) -> None:
        bystander = person("Bystander")
        join(cast.organization, cast.owner, bystander, OWNER)
        deactivated(bystander)
        with watching() as watch:
            invite_member(
                actor=acting(cast.owner), organization=cast.organization, address="a@example.com", role=OWNER
            )
        assert watch.emails == [("organization_invitation", "a@example.com")]

    def test_a_constant_number_of_statements(self, cast: Cast) -> None:
        other = space_in(cast.organization, cast.owner, "Outlet")
        grants = [
            SpaceGrant(space.pk, [role_named(space, name).pk for name in ("Editor", "Viewer")])
            for space in (cast.space, other)
        ]

        def statements(count: int) -> int:
            with CaptureQueriesContext(connection) as queries:
                verdicts: list[Verdict] = invite_members(
                    actor=acting(cast.owner),
                    organization=cast.organization,
                    addresses=[f"p{n}.of{count}@example.com" for n in range(count)],
                    role=ADMIN,
                    spaces=grants,
                )
            assert {verdict.outcome for verdict in verdicts} == {Outcome.INVITED}
            return len(queries)

        assert statements(3) == statements(300)

    def test_the_email_is_in_the_recipients_language_else_in_the_inviters(self, cast: Cast) -> None:
        korean = person("Minji")
        User.objects.filter(pk=korean.pk).update(language="ko")
        with translation.override("en"):
            invite_members(
                actor=acting(cast.owner),
                organization=cast.organization,
                addresses=[korean.email, "new@example.com"],
                role=MEMBER,
            )
        with translation.override("ko"):
            invite_member(
                actor=acting(cast.owner),
                organization=cast.organization,
                address="other@example.com",
                role=MEMBER,
            )
        languages = dict(Email.objects.values_list("recipient__email", "language"))
        assert languages == {korean.email: "ko", "new@example.com": "en", "other@example.com": "ko"}


class TestSpacesWithAnInvitation:
    """ "Add to Spaces": given in the same transaction, told in the same email (rules §5, §10)."""

    def test_members_roles_counters_log_and_one_email(self, cast: Cast) -> None:
        outlet = space_in(cast.organization, cast.owner, "Outlet")
        third = role_with(cast.space, cast.owner, "Clerk")
        chosen = [third, role_named(cast.space, "Viewer"), role_named(cast.space, "Editor")]

        with watching() as watch:
            verdicts = invite_members(
                actor=acting(cast.admin),
                organization=cast.organization,
                addresses=["a@example.com", "b@example.com", cast.member.email],
                role=MEMBER,
                spaces=[
                    SpaceGrant(cast.space.pk, [role.pk for role in chosen]),
                    SpaceGrant(outlet.pk, [role_named(outlet, "Administrator").pk]),
                ],
            )

        places = SpaceMembership.objects.filter(created_by=cast.admin)
        assert {place.user.email for place in places} == {"a@example.com", "b@example.com"}
        for place in places:
            assert (place.version, place.updated_by) == (1, cast.admin)
            assert place.held_roles == (
                chosen if place.space == cast.space else [role_named(outlet, "Administrator")]
            )
        assert places.count() == 4
        assert (fresh(cast.space).member_count, fresh(outlet).member_count) == (3, 3)
        assert (fresh(cast.space).version, fresh(outlet).version) == (1, 1)
        assert sorted(entry.action for entry in watch.entries) == [
            *["organization_membership.created"] * 2,
            *["space_membership.created"] * 4,
        ]
        assert watch.emails == [
            ("organization_invitation", "a@example.com"),
            ("organization_invitation", "b@example.com"),
        ]
        assert Email.objects.get(membership_id=verdicts[0].membership.pk).context["spaces"] == [
            {"name": "Shopping Mall", "roles": ["Clerk", "Viewer", "Editor"]},
            {"name": "Outlet", "roles": ["Administrator"]},
        ]
        # Who was a member already gets nothing with it.
        assert not SpaceMembership.objects.filter(user=cast.member).exists()

    @pytest.mark.parametrize(
        ("case", "refusal"),
        [
            ("no role", Invalid),
            ("four roles", Invalid),
            ("one role twice", Invalid),
            ("role of another Space", UnknownSpaceRole),
            ("role of another Organization", UnknownSpaceRole),
            ("role that is none", UnknownSpaceRole),
            ("role with a NUL", UnknownSpaceRole),
            ("Space of another Organization", UnknownSpace),
            ("Space that is none", UnknownSpace),
            ("Space with a NUL", UnknownSpace),
            ("one Space twice", UnknownSpace),
        ],
    )
    def test_refused_as_a_whole(self, cast: Cast, case: str, refusal: type[DomainError]) -> None:
        outlet = space_in(cast.organization, cast.owner, "Outlet")
        space, strange = cast.space, cast.strange_space
        editor = role_named(space, "Editor").pk
        four = [role_named(space, name).pk for name in ("Administrator", "Editor", "Viewer")]
        four.append(role_with(space, cast.owner, "Clerk").pk)
        grants = {
            "no role": [SpaceGrant(space.pk, [])],
            "four roles": [SpaceGrant(space.pk, four)],
            "one role twice": [SpaceGrant(space.pk, [editor, editor])],
            "role of another Space": [SpaceGrant(space.pk, [editor, role_named(outlet, "Viewer").pk])],
            "role of another Organization": [SpaceGrant(space.pk, [role_named(strange, "Viewer").pk])],
            "role that is none": [SpaceGrant(space.pk, ["x" * 27])],
            "role with a NUL": [SpaceGrant(space.pk, ["\0", "\ud800"])],
            "Space of another Organization": [SpaceGrant(strange.pk, [role_named(strange, "Viewer").pk])],
            "Space that is none": [SpaceGrant("nowhere1", [editor])],
            "Space with a NUL": [SpaceGrant("\0", [editor])],
            "one Space twice": [SpaceGrant(space.pk, [editor]), SpaceGrant(space.pk, [editor])],
        }[case]

        with nothing_changes(), pytest.raises(refusal):
            invite_members(
                actor=acting(cast.owner),
                organization=cast.organization,
                addresses=["new@example.com", "bad"],
                role=MEMBER,
                spaces=grants,
            )

    def test_only_who_manages_the_organization_gives_spaces(self, cast: Cast) -> None:
        grants = [SpaceGrant(cast.space.pk, [role_named(cast.space, "Viewer").pk])]
        with nothing_changes(), pytest.raises(NotPermitted):
            invite_members(
                actor=acting(cast.member),
                organization=cast.organization,
                addresses=["new@example.com"],
                role=MEMBER,
                spaces=grants,
            )
