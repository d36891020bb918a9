"""People on a screen."""

from django import template
from django.db.models import Model

register = template.Library()
HUES = 8


@register.filter
def hue(person: Model) -> int:
    """The number of a person's colour, from the last character of their id: it never changes."""
    return int(str(person.pk)[-1:] or "0", 36) % HUES
