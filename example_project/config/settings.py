"""Settings of the example site.  What django-bbb needs stands first; the rest is an ordinary Django project.

The demo listens on 127.0.0.1 only, and everybody's password is known.  Do not put it on a network.
"""

import os
from typing import Any

from .datadir import data_folder, load

DATA = data_folder()
DEMO = load(DATA)

# --- django-bbb -----------------------------------------------------------------------------------

DJANGO_BBB = {
    "SERVERS": {
        "default": {
            "URL": f"http://127.0.0.1:{DEMO['SIMULATOR_PORT']}/bigbluebutton/api/",
            "SECRET": DEMO["BBB_SECRET"],
        }
    },
    # Where the server reaches this site; for a real one a public https address.
    "CALLBACK_BASE_URL": f"http://127.0.0.1:{DEMO['PORT']}",
    "JOIN_POLICY": "lms.policies.may_join",
    "RETURN_URL": "lms.policies.return_url",
    "CREATE_DEFAULTS": {"record": True, "allow_start_stop_recording": True},
    "EVENTS": "server",  # the simulator has bbb-webhooks; without them polls find out the same
    "LOOK_INTERVAL": 5,  # like the schedule below: in a hurry
}


def every(seconds: float, task: str) -> dict[str, Any]:
    """Return a beat entry; a run that nobody picked up in time is dropped, the next one does its work."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


# In a hurry, so that the demo shows something soon.  A real site takes 10, 30, 60 and 3600 seconds.
CELERY_BEAT_SCHEDULE = {
    "poll the servers": every(3, "django_bbb.poll_servers"),
    "handle callbacks that were left lying": every(5, "django_bbb.sweep_callbacks"),
    "look for recordings being processed": every(5, "django_bbb.look_for_recordings"),
    "see to the hooks": every(30, "django_bbb.register_hooks"),
    "compare all recordings": every(3600, "django_bbb.sync_recordings"),
    "go on with jobs on recordings": every(10, "django_bbb.sweep_recording_jobs"),
    "tidy recordings": every(3600, "django_bbb.tidy_recordings"),
    "forget what is old": every(3600, "django_bbb.forget_what_is_old"),
}

INSTALLED_APPS = [
    "lms",  # before django_bbb: its templates/django_bbb/base.html puts the classroom pages into our layout
    "django_bbb",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

# --- Celery: a broker that needs no server --------------------------------------------------------

MESSAGES = DATA / "broker" / "messages"
MESSAGES.mkdir(parents=True, exist_ok=True)

CELERY_BROKER_URL = "filesystem://localhost"  # no server: kombu only wants to see a name
CELERY_BROKER_TRANSPORT = "config.broker:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(MESSAGES),
    "data_folder_out": str(MESSAGES),  # the same: what the site writes, the worker reads
    "control_folder": str(DATA / "broker" / "control"),
    "processed_folder": str(DATA / "broker" / "processed"),
    "store_processed": False,
    "polling_interval": 0.2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # its reply queues would pile up as files
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "beat-schedule")

# --- an ordinary Django project -------------------------------------------------------------------

SECRET_KEY = DEMO["SECRET_KEY"]
DEBUG = os.environ.get("DEMO_DEBUG") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "db.sqlite3",
        # Site, worker and beat write to one file: readers do not wait, and a writer waits at the start of its
        # transaction instead of failing in the middle of it.
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "lms:courses"
LOGOUT_REDIRECT_URL = "login"

# People read it in the language of their browser, if it is one that django-bbb speaks.
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("ar", "العربيّة"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "español"),
    ("fa", "فارسی"),
    ("fr", "français"),
    ("pt-br", "português do Brasil"),
]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"

# Django itself writes nothing to the terminal when DEBUG is off.  The request log stays quiet: addresses of
# callbacks carry signed tokens.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"short": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "short"}},
    "root": {"handlers": ["terminal"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "CRITICAL"},
    },
}
