"""The hidden input with a form's key."""

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from common.form_keys import key_input

register = template.Library()


@register.simple_tag(takes_context=True)
def form_key(context: dict[str, Any]) -> SafeString:
    """A new key for the signed-in person; nothing for anyone else."""
    user = context["request"].user
    return key_input(user.pk) if user.is_authenticated else mark_safe("")
