"""The console as an ASGI application, for the tests of servers."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")

application = get_asgi_application()
