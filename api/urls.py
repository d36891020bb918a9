"""``/v1``: the API's routes, its document, a page to read it, and an answer for everything else."""

import re

from django.urls import path, re_path

from api import views
from api.cma import paths
from api.core.dispatch import door
from api.core.routes import view_of

urlpatterns = [
    path("openapi.json", door(views.openapi), name="document"),
    path("docs", door(views.docs), name="docs"),
    *(
        path(re.sub(r"{(\w+)}", r"<\1>", address.removeprefix("/")), door(view_of(operations)))
        for address, operations in paths().items()
    ),
    re_path(r"", door(views.unknown), name="unknown"),
]
