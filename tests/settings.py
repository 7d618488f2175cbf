"""Settings of the test suite: the example LMS on top of django_bbb, on SQLite unless `DATABASE_URL` says otherwise."""

import os

# As the package of a site does it, so that the app is there when Django is ready.
from config.celery import app as celery_app

from tests.databases import database

__all__ = ["celery_app"]

SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
USE_TZ = True
ROOT_URLCONF = "tests.urls"
STATIC_URL = "/static/"
LOGIN_URL = "login"
INSTALLED_APPS = [
    "lms",
    "django_bbb",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
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
    "default": database(os.environ.get("DATABASE_URL", "")),
    # For what sites with several databases need.  Without migrations, since it is there for two tests.
    "other": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "TEST": {"MIGRATE": False}},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and nothing to protect here
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

#: Nothing listens there: a test that needs a server sets its own.
DJANGO_BBB = {
    "SERVERS": {
        "default": {
            "URL": "http://127.0.0.1:9/bigbluebutton/api/",
            "SECRET": "SENTINEL-secret-that-must-never-be-seen",
        }
    },
    "CALLBACK_BASE_URL": "http://testserver",
}

CELERY_TASK_IGNORE_RESULT = True
#: Messages stay in this process: tests look at what was enqueued, and work it off themselves.
CELERY_BROKER_URL = "memory://"
