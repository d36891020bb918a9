"""Times for people."""

from datetime import datetime, timedelta

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def moment(value: datetime | None) -> SafeString | str:
    """``<time>``: "3 minutes ago" within a day, else the date; the exact time as its title."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    near = abs(timezone.now() - value) < timedelta(days=1)
    words = naturaltime(value) if near else date_format(local, "DATE_FORMAT")
    exact = f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, words)
