"""Sign-in by a code sent to the stored address (rules §2), on allauth's login-by-code flow.

allauth keeps the pending sign-in in the session and logs the person in. Ours are: the account slot
for an unknown address, the same answer for every address, the email through the outbox to the
*stored* address, limits, and tries that are counted atomically in the database.
"""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import ceil
from typing import Self, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.addresses import canonical_address
from accounts.models import SignInCode, User
from accounts.requests import client_network
from accounts.services import hold_user, mark_signed_in
from common.errors import TooManyRequests
from common.models import now
from outbox import queue
from outbox.models import Kind

_LIFE = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
_TRIES: int = settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS
_HOUR = timedelta(hours=1)


class _Process(LoginCodeVerificationProcess):
    """allauth's process, its code counted in :class:`SignInCode` and mailed by the outbox."""

    @classmethod
    def begin(cls, request: HttpRequest, user: User) -> Self:
        """As ``initiate``, which makes allauth's own class whatever class it is called on."""
        login = Login(user=user, email=user.email_key)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=user.email_key), initiated_by_user=True)
        process = cls(stage=stage)
        process.send()
        return process

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        """Queue the code for the account's stored address."""
        user = cast("User", self.user)
        code = SignInCode.objects.create(user=user, ip=client_network(self.request) or None)
        self.state["code_id"] = code.pk
        queue.enqueue(
            [
                queue.compose(
                    Kind.SIGN_IN_CODE, user, expires_at=code.created_at + _LIFE, code=self.generate_code()
                )
            ]
        )


@transaction.atomic
def request_code(request: HttpRequest, address: str, next_url: str = "") -> None:
    """Send a code to ``address``'s account, which is made if there is none.

    Raises :class:`InvalidEmail` and :class:`TooManyRequests` (with the seconds to wait). Neither
    the answer nor its cost tells whether the account was there.
    """
    canonical_address(address)
    ip = client_network(request)
    with connection.cursor() as cursor:
        # Two requests of one address must not both see room for one more code.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sign-in {ip}"])
    _limit(SignInCode.objects.filter(ip=ip or None), settings.SIGN_IN_CODES_PER_IP)
    user = hold_user(address)
    codes = SignInCode.objects.filter(user=user)
    _limit(codes.filter(ip=ip or None), settings.SIGN_IN_CODES_PER_ADDRESS_AND_IP)
    _limit(codes, settings.SIGN_IN_CODES_PER_ADDRESS)
    process = _Process.begin(request, user)
    process.state["next"] = next_url
    process.state["typed"] = address.strip()
    process.persist()


def _limit(codes: QuerySet[SignInCode], most: int) -> None:
    """Refuse when ``most`` of ``codes`` were asked for within the hour."""
    since = now() - _HOUR
    recent = list(
        codes.filter(created_at__gt=since).order_by("-created_at").values_list("created_at", flat=True)[:most]
    )
    if len(recent) >= most:
        raise TooManyRequests(retryAfter=max(1, ceil((recent[-1] - since).total_seconds())))


_LONGEST_PASTE = 1_000
_DIGITS = 6


def read_code(text: str) -> str:
    """Return the six digits of a typed or pasted text, or an empty text without exactly six.

    The text is read after NFKC. Digits of every script count; words, spaces, dashes and invisible
    characters do not (rules §2).
    """
    if len(text) > _LONGEST_PASTE:
        return ""
    normalized = unicodedata.normalize("NFKC", text)
    digits = [str(unicodedata.decimal(one)) for one in normalized if unicodedata.category(one) == "Nd"]
    return "".join(digits) if len(digits) == _DIGITS else ""


class Answer(Enum):
    """What became of a typed code."""

    RIGHT = "right"
    WRONG = "wrong"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A code was sent, and this browser waits to type it."""

    process: _Process

    @property
    def typed(self) -> str:
        """The address as the person typed it: showing the stored one would tell that it exists."""
        return str(self.process.state.get("typed", ""))

    @property
    def next_url(self) -> str:
        """Where the person was going."""
        return str(self.process.state.get("next", ""))

    def check(self, code: str) -> Answer:
        """Spend one try on ``code``. The third wrong one, like time and use, ends the code."""
        codes = SignInCode.objects.filter(
            pk=self.process.state.get("code_id", ""), used_at=None, created_at__gt=now() - _LIFE
        )
        if not codes.filter(tries__lt=_TRIES).update(tries=F("tries") + 1):
            self.process.abort()
            return Answer.ENDED
        if compare_user_code(actual=code, expected=self.process.code):
            # Of two that type it at once, one signs in.
            return Answer.RIGHT if codes.update(used_at=now()) else Answer.ENDED
        if codes.filter(tries__lt=_TRIES).exists():
            return Answer.WRONG
        self.process.abort()
        return Answer.ENDED

    def finish(self) -> HttpResponseBase | None:
        """Sign the person in; the answer leads on. None when the account is deactivated."""
        user = cast("User", self.process.user)
        if not user.is_active:
            self.process.abort()
            return None
        response: HttpResponseBase = self.process.finish(self.next_url or None)
        mark_signed_in(user)
        return response


def pending_sign_in(request: HttpRequest) -> PendingSignIn | None:
    """The sign-in this browser began, if its code may still be typed."""
    stage = LoginStageController.enter(request, LoginByCodeStage.key)
    process = _Process(stage=stage) if stage else None
    if process is None or not process.is_valid():
        return None
    return PendingSignIn(process)


def sign_out(request: HttpRequest) -> None:
    """End the session."""
    get_adapter().logout(request)
