"""``Idempotency-Key``: a POST sent again is answered again, not done again (api.md, Limits)."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import PersonalAccessToken
from api.core.refusals import BadIdempotencyKey, KeyReused, StillRunning
from api.core.responses import Answer
from api.models import IdempotentAnswer
from common.models import now

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Key:
    """The key of one request of one token."""

    token: PersonalAccessToken
    key: str
    fingerprint: str


def stated_key(request: HttpRequest, token: PersonalAccessToken, body: Any, *, keepable: bool) -> Key | None:
    """The request's key, if it has one.

    Raises :class:`BadIdempotencyKey` for one that is none, or whose answer is not ``keepable``.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not keepable:
        raise BadIdempotencyKey(_("The answer shows a secret once and is not kept; no Idempotency-Key here."))
    if not _KEY.fullmatch(key):
        raise BadIdempotencyKey(_("An Idempotency-Key has 1 to 255 visible ASCII characters."))
    said = json.dumps([request.method, request.path, body], sort_keys=True)
    return Key(token, key, hashlib.sha256(said.encode()).hexdigest())


@transaction.atomic
def answer_once(key: Key, act: Callable[[], Answer]) -> Answer:
    """The answer of ``act``, or the one given to ``key`` before; both or neither are kept.

    Refusals by a rule are answers too; only what may pass by itself (429) is tried anew. Raises
    :class:`StillRunning`, :class:`KeyReused`.
    """
    if not _hold(key):
        raise StillRunning
    IdempotentAnswer.objects.filter(token=key.token, key=key.key, created_at__lt=now() - KEPT).delete()
    kept = IdempotentAnswer.objects.filter(token=key.token, key=key.key).first()
    if kept is not None:
        if kept.fingerprint != key.fingerprint:
            raise KeyReused
        body = json.loads(kept.body)
        version = body.get("sys", {}).get("version")
        return Answer(kept.status, body, location=kept.location, version=version, replayed=True)
    answer = act()
    if answer.status != 429:
        IdempotentAnswer.objects.create(
            token=key.token,
            key=key.key,
            fingerprint=key.fingerprint,
            status=answer.status,
            body=json.dumps(answer.body),
            location=answer.location,
        )
    return answer


def _hold(key: Key) -> bool:
    """Hold the key until the transaction ends; False when another request does."""
    number = int.from_bytes(hashlib.sha256(f"{key.token.pk} {key.key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])
