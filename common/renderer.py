"""How form fields become HTML."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Every field of every form looks like ``components/field.html``."""

    field_template_name = "components/field.html"
