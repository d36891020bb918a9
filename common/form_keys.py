"""The key of a form: drawn each time the form is shown, and sent along with it.

It says for whom the form was shown, and tells a second sending of one form from the sending of two.
"""

from django.core import signing
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from common.ids import random_text

FIELD = "form_key"
_LONGEST = 200
_signer = signing.Signer(salt="form key")


def draw_key(person_id: str) -> str:
    """A new key for a form shown to a person."""
    return _signer.sign(f"{person_id}.{random_text(16)}")


def read_key(request: HttpRequest) -> tuple[str, str]:
    """The person and the random part of the key that was sent; both empty without a key of ours."""
    sent = request.POST.get(FIELD, "")
    if not sent or len(sent) > _LONGEST:
        return "", ""
    try:
        person_id, _, number = _signer.unsign(sent).partition(".")
    except signing.BadSignature:
        return "", ""
    return person_id, number


def key_input(person_id: str) -> SafeString:
    """The hidden input with a new key."""
    return mark_safe(f'<input type="hidden" name="{FIELD}" value="{draw_key(person_id)}">')  # noqa: S308  # alphanumerics, "." and ":"
