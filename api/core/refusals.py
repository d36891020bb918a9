"""The API's own refusals, beside those of the product (api.md, Codes)."""

from typing import Self

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, shortened


class BadJson(DomainError):
    """Not JSON, not UTF-8, duplicate keys, NUL or lone surrogates, nested too deep."""

    code = "WGL400907"
    message = _("The body is not valid JSON.")
    suggestion = _("Send one JSON value in UTF-8 (RFC 8259), with each key once and at most 32 levels.")


class BadPatch(DomainError):
    """No JSON Patch, or one whose pointers or operations do not fit."""

    code = "WGL400908"
    message = _("The patch can't be applied.")
    suggestion = _("Send a list of RFC 6902 operations whose pointers run into the body.")


class BadVersion(DomainError):
    """The version header is no whole number."""

    code = "WGL400909"
    message = _("X-Weegloo-Version must be a whole number.")
    suggestion = _("Send sys.version of the resource as you read it.")


class BadIdempotencyKey(DomainError):
    """An Idempotency-Key that is none, or where the answer cannot be kept."""

    code = "WGL400911"
    message = _("Idempotency-Key can't be used here.")
    suggestion = _("Leave the header out.")


class Unauthorized(DomainError):
    """No, unknown or deleted token, or its account is inactive."""

    status, code, kind = 401, "WGL401001", "Unauthorized"
    message = _("A valid personal access token is required.")
    suggestion = _("Send it as “Authorization: Bearer <token>”.")


class MethodNotAllowed(DomainError):
    """The address has no such method."""

    status, code, kind = 405, "WGL405901", "MethodNotAllowed"
    message = _("This method isn't supported here.")
    suggestion = _("Use a method that the Allow header names.")

    @classmethod
    def among(cls, method: str, allowed: str) -> Self:
        """The refusal of ``method`` where only the ``allowed`` ones are."""
        return cls(
            _("`%(method)s` isn't supported here.") % {"method": shortened(method)},
            suggestion=_("Allowed: %(names)s.") % {"names": allowed},
        )


class NotAcceptable(DomainError):
    """None of the media types asked for can be answered."""

    status, code, kind = 406, "WGL406901", "NotAcceptable"
    message = _("None of the media types in Accept can be answered.")
    suggestion = _("Accept application/vnd.com.weegloo.v1+json or application/json.")


class PatchTestFailed(DomainError):
    """A ``test`` operation of the patch did not hold."""

    status, code, kind = 409, "WGL409906", "Conflict"
    message = _("A test of the patch failed.")
    suggestion = _("Read the resource again and rebuild the patch.")


class StillRunning(DomainError):
    """The first request with this Idempotency-Key is not answered yet."""

    status, code, kind = 409, "WGL409907", "Conflict"
    message = _("The first request with this Idempotency-Key still runs.")
    suggestion = _("Send the same request again in a moment.")


class LengthRequired(DomainError):
    """The body comes without a length, and the web server does not say where it ends."""

    status, code, kind = 411, "WGL411901", "LengthRequired"
    message = _("The length of the body is not stated.")
    suggestion = _("Send Content-Length with the number of bytes of the body.")


class PayloadTooLarge(DomainError):
    """The body is larger than the operation takes, mostly 1 MiB."""

    status, code, kind = 413, "WGL413901", "PayloadTooLarge"
    message = _("The body is larger than 1 MiB.")
    suggestion = _("Send it in several requests.")

    @classmethod
    def over(cls, most: int) -> Self:
        """The refusal of more than ``most`` bytes."""
        return cls(_("The body is larger than %(most)d MiB.") % {"most": most // 2**20})


class UnsupportedMediaType(DomainError):
    """The body's Content-Type or Content-Encoding is not one that the method takes."""

    status, code, kind = 415, "WGL415901", "UnsupportedMediaType"
    message = _("The Content-Type of the body is not supported here.")
    suggestion = _("Send JSON with its Content-Type, without Content-Encoding.")


class KeyReused(DomainError):
    """The Idempotency-Key was sent with another request before."""

    status, code, kind = 422, "WGL422931", "Unprocessable"
    message = _("This Idempotency-Key was used for another request.")
    suggestion = _("Make a new key for each new request.")


class VersionRequired(DomainError):
    """A change must state the version it was made against."""

    status, code, kind = 428, "WGL428901", "PreconditionRequired"
    message = _("X-Weegloo-Version is missing.")
    suggestion = _("Send sys.version of the resource as you read it.")


class OurFault(DomainError):
    """An error of ours; nothing is half done."""

    status, code, kind = 500, "WGL500901", "InternalServerError"
    message = _("Something went wrong on our side; nothing was changed.")
    suggestion = _("Try again. If it keeps failing, send us the requestId.")
