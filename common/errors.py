"""The product's refusals: one class each, with its public code (api.md, Codes).

Services raise them; the console shows ``message`` (with ``data-code``), the API answers
``status`` with ``code``, ``message`` as *reason* and ``suggestion``. Both doors thus agree.

A code is ``WGL``, the HTTP status and three digits. Codes that WEEGLOO documents keep its number
and meaning; all others are in the block 9nn, which WEEGLOO does not use.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

type Text = str | Promise
_LONGEST_QUOTE = 100


def shortened(text: str) -> str:
    """Foreign text as a message quotes it: its first 100 characters."""
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


class DomainError(Exception):
    """A refusal by a rule of the product.

    ``message`` says what happened, ``suggestion`` what to do; both are for people and never empty.
    ``details`` is data for programs.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "WGL400006"
    kind: ClassVar[str] = "BadRequest"
    message: Text = _("The request is not valid.")
    suggestion: Text = _("Correct the request, then send it again.")

    def __init_subclass__(cls) -> None:
        """Raise :class:`TypeError` for a refusal that has no words, or no way out of it."""
        super().__init_subclass__()
        for words in (cls.message, cls.suggestion):
            if isinstance(words, str) and not words.strip():
                raise TypeError(f"{cls.__name__} needs a message and a suggestion.")

    def __init__(self, message: Text = "", *, suggestion: Text = "", **details: Any) -> None:
        if message:
            self.message = message
        if suggestion:
            self.suggestion = suggestion
        self.details: dict[str, Any] = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(DomainError):
    """A value that breaks its own shape: too long, empty, of the wrong kind.

    ``details["errors"]`` lists every fault as ``{"path", "code", "message"}``.
    """

    message = _("Some values aren't valid.")
    suggestion = _("Correct the values in `details.errors`, then try again.")

    @classmethod
    def at(cls, path: str, code: str, message: Text) -> Self:
        """One fault at one JSON pointer ``path``."""
        return cls(message, errors=[{"path": path, "code": code, "message": str(message)}])


class InvalidParameter(Invalid):
    """A list parameter, cursor or filter value that is not one; ``details["parameter"]`` names it."""

    code = "WGL400910"
    message = _("A parameter is not valid.")
    suggestion = _("Correct the parameter that `details.parameter` names.")

    @classmethod
    def named(cls, parameter: str, message: Text, suggestion: Text = "") -> Self:
        """The fault of one ``parameter``; ``suggestion`` says what is allowed."""
        return cls(message, suggestion=suggestion, parameter=parameter)

    @classmethod
    def unknown(cls, parameter: str, available: Iterable[str]) -> Self:
        """There is no such parameter; those that there are."""
        names = ", ".join(available)
        return cls.named(
            parameter,
            _("Unknown parameter `%(name)s`.") % {"name": shortened(parameter)},
            _("Available: %(names)s.") % {"names": names} if names else _("Send no parameters here."),
        )

    @classmethod
    def value(cls, parameter: str, allowed: Text) -> Self:
        """A value that is not among the ``allowed`` ones, which end the sentence "Send …"."""
        return cls.named(
            parameter,
            _("The value of `%(name)s` is not valid.") % {"name": parameter},
            _("Send %(allowed)s.") % {"allowed": allowed},
        )

    @classmethod
    def repeated(cls, parameter: str) -> Self:
        """A parameter that stands in the query more than once."""
        return cls.named(
            parameter,
            _("`%(name)s` is sent more than once.") % {"name": shortened(parameter)},
            _("Send `%(name)s` once.") % {"name": shortened(parameter)},
        )


class MisplacedFilter(Invalid):
    """A rule of a SpaceRole filters by what its kind of thing does not have (rules §8)."""

    code = "WGL400020"
    message = _("This filter can't be used here.")
    suggestion = _("Filter content and media by contentType, createdBy or tag.")


class NotPermitted(DomainError):
    """Visible to the caller, but not theirs to do (rules §13)."""

    status, code, kind = 403, "WGL403901", "Forbidden"
    message = _("You don't have permission to do this.")
    suggestion = _("Ask an Owner or Admin of the Organization.")


class SessionRequired(NotPermitted):
    """Only in a signed-in console session, never with a token (rules §3)."""

    code = "WGL403902"
    message = _("This can only be done in a signed-in console session.")
    suggestion = _("Sign in to the console and do it there.")


class NotFound(DomainError):
    """Does not exist, or not for this caller; the two are never told apart (rules §13).

    ``details["space"]`` is the Space that it was looked for in, if the caller may see that.
    """

    status, code, kind = 404, "WGL404001", "NotFound"
    message = _("This does not exist, or you cannot see it.")
    suggestion = _("Check the address, or ask to be invited.")


class AlreadyMember(DomainError):
    """The person is an Organization member already (rules §5)."""

    status, code, kind = 409, "WGL409901", "Conflict"
    message = _("This person is already a member of the Organization.")
    suggestion = _("Assign them to a Space instead.")


class AlreadyInSpace(DomainError):
    """The person is a member of this Space already."""

    status, code, kind = 409, "WGL409902", "Conflict"
    message = _("This person is already a member of this Space.")
    suggestion = _("Change their roles instead.")


class SpaceRoleNameTaken(DomainError):
    """SpaceRole names are unique in a Space without regard to case (rules §8)."""

    status, code, kind = 409, "WGL409904", "Conflict"
    message = _("This Space already has a role with this name.")
    suggestion = _("Choose another name.")


class StaleVersion(DomainError):
    """Made against an older version than the present one (rules §9).

    ``details["current"]`` is the row as it is now; each door renders it in its own way.
    """

    status, code, kind = 409, "WGL409005", "Conflict"
    message = _("Someone else changed this in the meantime.")
    suggestion = _("Look at what changed, then try again.")


class RoleAboveOwn(DomainError):
    """Nobody gives a role above their own (rules §4, §7)."""

    status, code, kind = 422, "WGL422001", "Unprocessable"
    message = _("You cannot give someone a role higher than your own.")
    suggestion = _("Choose a role within your own permissions.")


class OrganizationNotEmpty(DomainError):
    """Spaces are left in the Organization; ``details["spaces"]`` lists them (rules §3)."""

    status, code, kind = 422, "WGL422024", "Unprocessable"
    message = _("The Organization still has Spaces.")
    suggestion = _("Delete every Space of the Organization first.")


class SpaceRoleInUse(DomainError):
    """Members hold the SpaceRole; ``details["spaceMemberships"]`` lists them (rules §8)."""

    status, code, kind = 422, "WGL422024", "Unprocessable"
    message = _("Members of this Space have this role.")
    suggestion = _("Move them to another role first.")


class SpaceRoleLocked(DomainError):
    """Administrator can be neither edited nor deleted (rules §8)."""

    status, code, kind = 422, "WGL422025", "Unprocessable"
    message = _("The Administrator role is locked.")
    suggestion = _("Duplicate it and change the copy.")


class PlanNotFree(DomainError):
    """Only an Organization on the free plan can be deleted (rules §3)."""

    status, code, kind = 422, "WGL422078", "Unprocessable"
    message = _("The Organization is not on the free plan.")
    suggestion = _("Change its plan to Free first.")


class LastOwner(DomainError):
    """An Organization always has at least one OWNER with an active account (rules §4)."""

    status, code, kind = 422, "WGL422900", "Unprocessable"
    message = _("This is the last Owner of the Organization.")
    suggestion = _("Make someone else an Owner first.")


class NotOrganizationMember(DomainError):
    """Only Organization members can be assigned to a Space (rules §7)."""

    status, code, kind = 422, "WGL422901", "Unprocessable"
    message = _("This person isn't a member of the Organization yet.")
    suggestion = _("Invite them to the Organization first.")


class UnknownSpaceRole(DomainError):
    """No such SpaceRole in this Space."""

    status, code, kind = 422, "WGL422902", "Unprocessable"
    message = _("This role does not exist in this Space.")
    suggestion = _("Choose among the roles of this Space.")


class InvalidEmail(DomainError):
    """Not an email address that mail can be sent to; the message says why."""

    status, code, kind = 422, "WGL422903", "Unprocessable"
    message = _("This is not an email address.")
    suggestion = _("Check the spelling of the address.")


class UnknownSpace(DomainError):
    """No such Space in this Organization (in a body; in a path it is 404)."""

    status, code, kind = 422, "WGL422904", "Unprocessable"
    message = _("This Space does not exist in the Organization.")
    suggestion = _("Choose among the Spaces of the Organization.")


class Unavailable(DomainError):
    """The database is away for the moment; whether a change was made is not known."""

    status, code, kind = 503, "WGL503901", "ServiceUnavailable"
    message = _("The service can't reach its database right now.")
    suggestion = _("Try again in a few seconds. Read the resource first if you sent a change.")
    retry_after: ClassVar[int] = 5  # seconds

    def __init__(self) -> None:
        super().__init__(retryAfter=self.retry_after)


class TooManyRequests(DomainError):
    """Over a rate; ``details["retryAfter"]`` is the time to wait, in seconds."""

    status, code, kind = 429, "WGL429902", "TooManyRequest"
    message = _("Too many requests.")
    suggestion = _("This is not a limit of your plan: wait a little, then try again.")

    @classmethod
    def for_seconds(cls, seconds: int) -> Self:
        """The refusal that names the time to wait."""
        suggestion = ngettext(
            "This is not a limit of your plan. Try again in %(seconds)d second.",
            "This is not a limit of your plan. Try again in %(seconds)d seconds.",
            seconds,
        )
        return cls(suggestion=suggestion % {"seconds": seconds}, retryAfter=seconds)
