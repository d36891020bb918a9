"""The WSGI application that web servers call."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")

application = get_wsgi_application()
