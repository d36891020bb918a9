"""Names on a screen. Every template has these."""

from django import template
from django.utils.safestring import SafeString

from common import isolation, names

register = template.Library()


@register.filter
def initial(name: str) -> str:
    """The letter for a name's tile; empty when the name has no letter or digit."""
    return names.initials(name, most=1)


@register.filter
def bdi(name: object) -> SafeString:
    """A name between other words, or by itself."""
    return isolation.bdi(str(name))


@register.filter
def isolate(name: object) -> str:
    """A name in an attribute or an option."""
    return isolation.isolated(str(name))


@register.filter
def apart(words: object) -> SafeString:
    """A sentence in which names are enclosed."""
    return isolation.with_elements(str(words))


@register.filter
def without_elements(html: str) -> SafeString:
    """The words of a title."""
    return isolation.without_elements(html)
