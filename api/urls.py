"""``/v1``: the API's routes, its document, a page to read it, and an answer for everything else."""

from django.urls import URLPattern, path, re_path

from api import views
from api.cma import api
from api.conventions.door import door

_routes = [route for route in api.urls[0] if isinstance(route, URLPattern) and route.name != "api-root"]
urlpatterns = [
    path("openapi.json", door(views.openapi), name="document"),
    path("docs", door(views.docs), name="docs"),
    *(URLPattern(route.pattern, door(route.callback), route.default_args, route.name) for route in _routes),
    re_path(r"", door(views.unknown), name="unknown"),
]
