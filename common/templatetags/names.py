"""Names on a screen."""

from django import template

from common.names import initials

register = template.Library()


@register.filter
def initial(name: str) -> str:
    """The letter for a name's tile; empty when the name has no letter or digit."""
    return initials(name, most=1)
