"""What a person typed in a form that was not sent: the page of the form shows it once more."""

from django.http import HttpRequest, QueryDict

from common.errors import Text
from common.form_keys import FIELD as KEY

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of a field
# Belongs to one page, or to nobody but the person who types it.
_LEFT_OUT = (TOKEN, KEY, "code")


class Unsent(QueryDict):
    """The fields as they were typed, and the ``words`` that say why nothing was sent."""

    words: Text = ""

    @classmethod
    def told(cls, typed: QueryDict, words: Text) -> "Unsent":
        """A copy of ``typed`` with its words."""
        unsent = cls(mutable=True)
        for name in typed:
            unsent.setlist(name, typed.getlist(name))
        unsent.words = words
        return unsent


def typed_fields(request: HttpRequest) -> QueryDict:
    """What was typed in the form of a POST; files, codes and what belongs to the page are left out."""
    typed = request.POST.copy()
    for name in _LEFT_OUT:
        typed.pop(name, None)
    return typed


def unsent_of(request: HttpRequest) -> Unsent | None:
    """What the page has to show once more, if anything."""
    return getattr(request, "unsent", None)
