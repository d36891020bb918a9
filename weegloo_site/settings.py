"""Settings of the console, from the environment only (see ``.env.example``).

With neither ``DATABASE_URL`` nor ``REDIS_URL`` the site is in *local mode*: embedded servers,
mail into files, a development key. One of the two alone stops the start.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from devserver import is_local, paths
from weegloo_site.env import Env, database_options, smtp_options

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(os.environ)

LOCAL = is_local(os.environ)
DATA_DIR = Path(env.text("WEEGLOO_DATA", str(BASE_DIR / "var"))).resolve()
PORT = env.integer("PORT", 8000, minimum=1)

# --- Servers ------------------------------------------------------------------------------

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **database_options(
            env.url(
                "DATABASE_URL",
                paths.database_url(DATA_DIR) if LOCAL else None,
                schemes=("postgresql", "postgres"),
                needs="path",
            )
        ),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
    }
}
# The pool belongs to long-lived web and worker threads; a command opens one connection.
if env.boolean("DATABASE_POOL", default=False):
    DATABASES["default"]["OPTIONS"]["pool"] = {  # type: ignore[index]  # a dict of mixed values
        "min_size": 1,
        "max_size": env.integer("DATABASE_POOL_SIZE", 8, minimum=1),
        "timeout": 5,
    }
BROKER_PREFIX = env.text("BROKER_PREFIX", "")
CELERY_BROKER_URL, CACHE_URL = env.redis("REDIS_URL", paths.redis_url(DATA_DIR) if LOCAL else None)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": f"{BROKER_PREFIX}weegloo",
    }
}

# --- Security -----------------------------------------------------------------------------

SECRET_KEY = env.text("SECRET_KEY", "local-mode-only-" + "k" * 50 if LOCAL else None)
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS", "")
if not LOCAL and SECRET_KEY and len(SECRET_KEY) < 50:
    env.faults.append("SECRET_KEY must have at least 50 characters")
DEBUG = False
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if LOCAL else None)
BASE_URL = env.text("BASE_URL", f"http://127.0.0.1:{PORT}" if LOCAL else None).rstrip("/")
if not LOCAL and BASE_URL and not BASE_URL.startswith("https://"):
    env.faults.append("BASE_URL must start with https://")
if not LOCAL and not ALLOWED_HOSTS:
    env.faults.append("ALLOWED_HOSTS names no host")
CSRF_TRUSTED_ORIGINS = [] if LOCAL else [BASE_URL]
# How many proxies in front append to X-Forwarded-For; 0: neither it nor X-Forwarded-Proto is believed.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0 if LOCAL else 1)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else env.integer("HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())
# Cookies know no ports: two local consoles would sign each other out.
SESSION_COOKIE_NAME = f"weegloo_session_{PORT}" if LOCAL else "__Host-weegloo_session"
CSRF_COOKIE_NAME = f"weegloo_csrf_{PORT}" if LOCAL else "__Host-weegloo_csrf"
LANGUAGE_COOKIE_NAME = f"weegloo_language_{PORT}" if LOCAL else "__Host-weegloo_language"
LANGUAGE_COOKIE_SECURE = not LOCAL
# Set by console.js: the zone of the reader's clock, no secret and of no weight.
TIME_ZONE_COOKIE_NAME = "weegloo_zone"
# Who was signed in here last, signed: what they typed is kept for them alone when the session ended.
PERSON_COOKIE_NAME = f"weegloo_person_{PORT}" if LOCAL else "__Host-weegloo_person"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
# In the session: a cookie of its own would carry no port, and cross from one console to another.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "weegloo_site.stale_forms.csrf_failure"

# --- Application --------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "weegloo_site.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "lucide",
    "allauth",
    "allauth.account",
    "weegloo_site.apps.WeeglooSiteConfig",
    "common",
    "accounts",
    "organizations",
    "spaces",
    "memberships",
    "outbox",
    "activity",
    "api",
]
MIDDLEWARE = [
    "weegloo_site.middleware.RequestIdMiddleware",
    "api.cors.CorsMiddleware",
    "weegloo_site.middleware.HealthMiddleware",
    "weegloo_site.middleware.Utf8Middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "weegloo_site.caching.PrivateAnswersMiddleware",
    "weegloo_site.middleware.CompressedPagesMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "weegloo_site.middleware.ReaderMiddleware",
    "weegloo_site.middleware.SignInRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "weegloo_site.middleware.LastActiveMiddleware",
    "weegloo_site.middleware.DomainErrorMiddleware",
]
ROOT_URLCONF = "weegloo_site.urls"
WSGI_APPLICATION = "weegloo_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["common.templatetags.names"],  # no template goes without
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]
FORM_RENDERER = "common.renderer.Renderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Words --------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each named in its own language, for those who look for theirs.
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["weegloo_site.formats"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files -------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static" if LOCAL else BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Accounts -----------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
SIGN_IN_CODES_PER_ADDRESS_AND_IP = env.integer("SIGN_IN_CODES_PER_ADDRESS_AND_IP", 10, minimum=1)
SIGN_IN_CODES_PER_ADDRESS = env.integer("SIGN_IN_CODES_PER_ADDRESS", 30, minimum=1)
SIGN_IN_CODES_PER_IP = env.integer("SIGN_IN_CODES_PER_IP", 100, minimum=1)

# --- Mail ---------------------------------------------------------------------------------

EMAIL_URL = env.text("EMAIL_URL", "" if LOCAL else None)
MAIL_DIR = DATA_DIR / "mail"
LOCAL_MAILBOX = LOCAL and not EMAIL_URL
MAILERS = {
    "default": {
        "BACKEND": "outbox.mailbox.MailboxBackend",
        "OPTIONS": {"folder": MAIL_DIR},
    }
    if LOCAL_MAILBOX
    else {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": smtp_options(
            env.url("EMAIL_URL", "", schemes=("smtp", "smtp+tls", "smtps"), needs="hostname")
        ),
    }
}
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "WEEGLOO <no-reply@weegloo.com>")

# --- Tasks --------------------------------------------------------------------------------

CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": BROKER_PREFIX,
    "visibility_timeout": 3600,
    # A request must not hang on a dead broker; the sweep delivers later.
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Seconds: how often each worker looks for due emails, and how long a worker may keep one it claimed.
OUTBOX_SWEEP_SECONDS = env.integer("OUTBOX_SWEEP_SECONDS", 10, minimum=1)
OUTBOX_LEASE_SECONDS = env.integer("OUTBOX_LEASE_SECONDS", 60, minimum=1)
OUTBOX_RETRY_SECONDS = env.integer("OUTBOX_RETRY_SECONDS", 30, minimum=1)
OUTBOX_MAX_ATTEMPTS = env.integer("OUTBOX_MAX_ATTEMPTS", 12, minimum=1)
CELERY_BEAT_SCHEDULE = {
    "sweep-idempotent-answers": {"task": "api.tasks.sweep_idempotent_answers", "schedule": 3600},
    "sweep-unused-accounts": {"task": "accounts.tasks.sweep_unused_accounts", "schedule": 3600},
    "sweep-forms": {"task": "accounts.tasks.sweep_forms", "schedule": 600},
}

# --- Web server ---------------------------------------------------------------------------

WEB_THREADS = env.integer("WEB_THREADS", 4, minimum=1)
# How long the body of a request may take to arrive; meanwhile it holds none of the threads.
REQUEST_BODY_SECONDS = env.integer("REQUEST_BODY_SECONDS", 20, minimum=1)

# --- API ----------------------------------------------------------------------------------

# For each token, or IP address without one; 0 is no limit.
API_REQUESTS_PER_MINUTE = env.integer("API_REQUESTS_PER_MINUTE", 1200)

# A pasted list of ten thousand addresses, percent-encoded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the editor of a SpaceRole with as many rules as it may have

# --- Lists, logs, admin -------------------------------------------------------------------

PAGE_SIZE = env.integer("PAGE_SIZE", 50, minimum=1)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "weegloo_site.logs.RequestIdFilter"}},
    "formatters": {
        "line": {"()": "weegloo_site.logs.LineFormatter" if LOCAL else "weegloo_site.logs.JsonFormatter"}
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {
        "handlers": ["console"],
        "level": env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
    },
    "loggers": {
        "django.server": {"handlers": [], "propagate": True},
        # 4xx are answers, not faults; our own access line has them.
        "django.request": {"level": "ERROR"},
        # Anyone can send any Host; it is answered 400 and is no fault of ours.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # Every sweep would be two lines; failures are above this level.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
UNFOLD = {
    "SITE_TITLE": _("WEEGLOO staff"),
    "SITE_HEADER": _("WEEGLOO staff"),
    "SITE_URL": "/",
    "SHOW_VIEW_ON_SITE": False,
}

env.check()
