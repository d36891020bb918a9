"""The ASGI application that the web server runs: Django in threads, behind buffered bodies."""

from django.conf import settings

from weegloo_site.buffering import BufferedApplication
from weegloo_site.wsgi import application as wsgi

application = BufferedApplication(wsgi, threads=settings.WEB_THREADS, seconds=settings.REQUEST_BODY_SECONDS)
