"""Changes of accounts and tokens (rules §2)."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.addresses import canonical_address, stored_address
from accounts.models import Appearance, PersonalAccessToken, User
from activity import log
from activity.models import Action
from common.bulk import insert_rows
from common.errors import Invalid, NotFound, NotPermitted, StaleVersion
from common.ids import new_timeless_id, random_text
from common.models import now
from common.names import clean_name

TOKEN_MARK = "PSNAT"  # noqa: S105  # the public beginning of every token, no secret
PREFIX_LENGTH = 13


@transaction.atomic
def ensure_users(addresses: Mapping[str, str]) -> dict[str, User]:
    """The accounts of ``{canonical: as typed}`` addresses; unknown ones get a slot.

    Returns ``{canonical: User}``. A constant number of statements however many; safe when two make the
    same account at once. Accounts and their allauth rows are made here and in :func:`hold_user` only,
    with ids that do not tell since when there is an account (rules §2).
    """
    users = _by_key(addresses)
    # A slot is held until the caller's commit: the sweep of unused ones must not take it meanwhile.
    slots = [user.pk for user in users.values() if user.is_slot]
    held = set(
        User.objects.select_for_update(no_key=True)
        .filter(pk__in=slots)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    users = {key: user for key, user in users.items() if not user.is_slot or user.pk in held}
    # In one order for everyone: two that make the same accounts wait for each other, never in a ring.
    missing = sorted(key for key in addresses if key not in users)
    if missing:
        new = [
            {"id": new_timeless_id(), "email": stored_address(addresses[key]), "email_key": key}
            for key in missing
        ]
        insert_rows(User, new, ignore_conflicts=True, password="!")  # noqa: S106  # the mark of none
        users |= _by_key(missing)  # ours, and any that someone else made just now
        proofs = [{"user_id": users[key].pk, "email": key} for key in missing]
        insert_rows(EmailAddress, proofs, ignore_conflicts=True, primary=True)
    return users


def _by_key(keys: Iterable[str]) -> dict[str, User]:
    return {user.email_key: user for user in User.objects.filter(email_key__any=keys)}


def ensure_user(address: str) -> User:
    """The account of one address; raises :class:`InvalidEmail`."""
    key = canonical_address(address)
    return ensure_users({key: address})[key]


@transaction.atomic
def hold_user(address: str) -> User:
    """The account of one address until the caller's commit; an unknown one gets a slot.

    Anyone may ask for it, so it is the same work for every address: what is there already is written
    all the same, and refused by the database. Raises :class:`InvalidEmail`.
    """
    key = canonical_address(address)
    row = {"id": new_timeless_id(), "email": stored_address(address), "email_key": key}
    user = None
    while user is None:  # a second time when the sweep of unused slots came in between
        insert_rows(User, [row], ignore_conflicts=True, password="!")  # noqa: S106  # the mark of none
        user = next(iter(User.objects.select_for_update(no_key=True).filter(email_key=key)), None)
    insert_rows(EmailAddress, [{"user_id": user.pk, "email": key}], ignore_conflicts=True, primary=True)
    return user


def mark_signed_in(user: User) -> None:
    """The person proved the mailbox: from now on the account is no slot."""
    moment = now()
    User.objects.filter(pk=user.pk, signed_in_at=None).update(signed_in_at=moment)
    User.objects.filter(pk=user.pk).update(last_active_at=moment)


@transaction.atomic
def change_profile(
    *,
    actor: Actor,
    user: User,
    name: str,
    language: str | None = None,
    appearance: str | None = None,
    expected_version: int,
) -> User:
    """Give the person's name (up to 64 characters, may be empty), language and appearance.

    A language or appearance of None stays; empty means: as the browser, as the device.

    Raises :class:`Invalid`, :class:`StaleVersion`, :class:`NotFound` (another's profile).
    """
    if actor.user is None or actor.user.pk != user.pk:
        raise NotFound
    name = clean_name(" ".join(name.split()), optional=True)
    after: dict[str, object] = {"name": name, **_preferences(language, appearance)}
    changed = User.objects.filter(pk=user.pk, version=expected_version).update(
        **after, version=F("version") + 1, updated_at=now()
    )
    before = {field: getattr(user, field) for field in after}
    user.refresh_from_db()
    if not changed:
        raise StaleVersion(current=user)
    _record(Action.ACCOUNT_UPDATED, actor, user, user.pk, before=before, after=after)
    return user


def _preferences(language: str | None, appearance: str | None) -> dict[str, str]:
    """Those given, each of the ones there are."""
    given = {"language": language, "appearance": appearance}
    known = {"language": dict(settings.LANGUAGES), "appearance": Appearance.values}
    for field, value in given.items():
        if value and value not in known[field]:
            raise Invalid.at(f"/{field}", "unknown", _("Choose one of the options."))
    return {field: value for field, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its secret, which is shown once and kept nowhere."""

    token: PersonalAccessToken
    secret: str


@transaction.atomic
def create_token(*, actor: Actor, user: User, name: str) -> IssuedToken:
    """A personal access token for oneself (the system: for anyone). Raises :class:`Invalid`."""
    if not actor.is_operator and (actor.user is None or actor.user.pk != user.pk):
        raise NotFound
    name = clean_name(name)
    secret = TOKEN_MARK + random_text(43)
    token = PersonalAccessToken.objects.create(
        user=user, name=name, prefix=secret[:PREFIX_LENGTH], secret_hash=hash_secret(secret)
    )
    _record(Action.TOKEN_CREATED, actor, user, token.pk, after={"name": name})
    return IssuedToken(token, secret)


@transaction.atomic
def delete_token(*, actor: Actor, token: PersonalAccessToken) -> None:
    """End a token at once. Raises :class:`NotFound` for another's, or when it is gone."""
    own = actor.user is not None and actor.user.pk == token.user_id
    if not (own or actor.is_operator):
        raise NotFound
    deleted, _rows = PersonalAccessToken.objects.filter(pk=token.pk).delete()
    if not deleted:
        raise NotFound
    _record(Action.TOKEN_DELETED, actor, token.user, token.pk, before={"name": token.name})


def use_token(secret: str) -> PersonalAccessToken | None:
    """The token of ``secret`` with its active person, noted as used at most once a minute.

    None for a deleted or unknown one and for an ended account. The clear prefix finds the row;
    how long the comparison takes tells nothing of the rest.
    """
    found = PersonalAccessToken.objects.select_related("user").filter(
        prefix=secret[:PREFIX_LENGTH], user__is_active=True
    )
    token = next(iter(found), None)
    if token is None or not hmac.compare_digest(token.secret_hash, hash_secret(secret)):
        return None
    moment = now()
    if token.last_used_at is None or moment - token.last_used_at > timedelta(minutes=1):
        PersonalAccessToken.objects.filter(pk=token.pk).update(last_used_at=moment)
    return token


def hash_secret(secret: str) -> str:
    """SHA-256, hex: a token has 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def touch(user: User, place: str = "", language: str = "") -> None:
    """Note that the person was here, at most once a minute; the ``place`` (a path); the language read."""
    moment = now()
    changes: dict[str, object] = {}
    if user.last_active_at is None or moment - user.last_active_at > timedelta(minutes=1):
        changes["last_active_at"] = moment
    if place and place != user.last_place:
        changes["last_place"] = place
    if language and language != user.language_read:
        changes["language_read"] = language
    if changes:
        User.objects.filter(pk=user.pk).update(**changes)


@transaction.atomic
def make_staff(*, actor: Actor, user: User) -> User:
    """Give an account the staff admin. WEEGLOO itself only. Raises :class:`NotPermitted`."""
    if not actor.is_operator:
        raise NotPermitted
    changed = User.objects.filter(pk=user.pk, is_staff=False).update(
        is_staff=True, version=F("version") + 1, updated_at=now()
    )
    user.refresh_from_db()
    if changed:
        _record(
            Action.ACCOUNT_UPDATED, actor, user, user.pk, before={"isStaff": False}, after={"isStaff": True}
        )
    return user


def _record(
    action: Action,
    actor: Actor,
    user: User,
    subject: str,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """One activity entry, of no Organization, about ``user``."""
    entry = log.entry(action, actor=actor, subject=subject, user_id=user.pk, before=before, after=after)
    log.record([entry])
