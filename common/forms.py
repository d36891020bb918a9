"""What the console's forms share."""

import unicodedata
from collections.abc import Iterable
from typing import Any, Self, cast

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, Invalid, StaleVersion, Text
from common.isolation import enclosed
from common.names import LONGEST_TYPED, read_name
from common.unsent import Unsent, unsent_of


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is made with: what was sent, or typed and not sent; nothing for a page just opened."""
    return request.POST if request.method == "POST" else unsent_of(request)


def asked(request: HttpRequest) -> QueryDict:
    """What a page is to show: what was typed, else what its address says."""
    typed = posted(request)
    return request.GET if typed is None else typed


class Choice(str):
    """A choice's label with one line of meaning (``components/choices.html``)."""

    __slots__ = ("meaning",)
    meaning: str

    def __new__(cls, label: Text, meaning: Text = "") -> Self:
        """The label, carrying ``meaning``."""
        choice = super().__new__(cls, label)
        choice.meaning = str(meaning)
        return choice


class _Described:
    """Options named by their label alone, and described by the line of meaning under it."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Point each option at its meaning."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)  # type: ignore[misc]  # a mix-in
        if getattr(option["label"], "meaning", ""):
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}-meaning"
        return option


class RadioCards(_Described, forms.RadioSelect):
    """One of some choices, each with its meaning."""


class CheckboxCards(_Described, forms.CheckboxSelectMultiple):
    """Some of the choices, each with its meaning."""


class AnyOf(forms.MultipleChoiceField):
    """Several ids, whatever they are: the service knows which of them count."""

    def valid_value(self, value: Any) -> bool:
        """Every id is well formed."""
        return True


class NameField(forms.CharField):
    """A name by the rule of :mod:`common.names`; the browser cuts nothing off, so that nothing is lost."""

    def clean(self, value: Any) -> str:
        """The name as it is stored."""
        typed: str = super().clean(value)
        name, faults = read_name(typed, optional=not self.required)
        for fault in faults:
            raise forms.ValidationError(fault["message"])
        return name


class PageForm(forms.Form):
    """A form that can be shown once more with what was typed and not sent.

    It is unbound then: nothing is checked, and there is nothing that could be done with it.
    """

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        self._unsent = data if isinstance(data, Unsent) else None
        super().__init__(None if self._unsent is not None else data, *args, **kwargs)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """What was typed, else what the page begins with."""
        typed = None
        if self._unsent is not None:
            name = self.add_prefix(field_name)
            typed = field.widget.value_from_datadict(self._unsent, MultiValueDict(), name)
        return super().get_initial_for_field(field, field_name) if typed is None else typed


class ServiceForm(PageForm):
    """The shape of the input of one service, and the place where its refusal shows.

    ``refusal`` is the :class:`DomainError` of the service, for the page to show.
    """

    refusal: DomainError | None = None

    def refuse(self, error: DomainError) -> int:
        """Take a refusal in and return the status to answer; what is typed stays.

        Faults of single values go to their fields. A stale form gets the present version, so that
        it can be sent again. Raises ``error`` again when it is not about what was typed.
        """
        if isinstance(error, Invalid):
            for fault in error.details.get("errors", []):
                name = fault["path"].strip("/").partition("/")[0]
                self.add_error(name if name in self.fields else None, fault["message"])
            return 422
        if error.status not in (409, 422):
            raise error
        self.refusal = error
        if isinstance(error, StaleVersion):
            self.retype("version", str(error.details["current"].version))
        return error.status

    def retype(self, name: str, value: str) -> None:
        """Put ``value`` in a field of the bound form; everything else stays as it was typed."""
        data = cast("QueryDict", self.data).copy()
        data[name] = value
        self.data = data


class VersionedForm(ServiceForm):
    """A form made against one version of what it changes (rules §9)."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def is_done(self, error: DomainError, **wish: Any) -> bool:
        """Whether a stale form asks for what is so already: the same form sent twice is no conflict."""
        if not isinstance(error, StaleVersion):
            return False
        current = error.details["current"]
        return all(_same(getattr(current, name), value) for name, value in wish.items())


class TypedNameForm(ServiceForm):
    """Deleting asks for the name of what goes, typed."""

    name = forms.CharField(
        label=_("Name"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        # Its dialog opens over the settings, whose own field is a name, too.
        super().__init__(*args, **{"auto_id": "typed_%s"} | kwargs)
        self.expected = expected
        self.fields["name"].help_text = _("Type %(name)s to confirm.") % {"name": enclosed(expected)}

    def clean_name(self) -> str:
        """The very name."""
        name: str = self.cleaned_data["name"]
        if _as_read(name) != _as_read(self.expected):
            raise forms.ValidationError(_("The name doesn't match. Type it exactly as shown above."))
        return name


def _same(one: object, other: object) -> bool:
    """Whether two values are equal, names as they look on a screen."""
    if isinstance(one, str) and isinstance(other, str):
        return _as_read(one) == _as_read(other)
    return one == other


def _as_read(name: str) -> str:
    """A name as it looks on a screen: composed, runs of white space as one."""
    if len(name) > LONGEST_TYPED:
        return name
    return " ".join(unicodedata.normalize("NFC", name).split())


def choices_of(pairs: Iterable[tuple[str, Text, Text]]) -> list[tuple[str, Choice]]:
    """``(value, label, meaning)`` as the choices of a field."""
    return [(value, Choice(label, meaning)) for value, label, meaning in pairs]
