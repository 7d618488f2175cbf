"""Settings of a site whose processes are tested: those of the suite, and what the test says by the environment."""

import json
import os

from tests import settings

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})

INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.processes.site.Site"]
MIDDLEWARE = ["tests.processes.site.roll_back_on_demand", *settings.MIDDLEWARE]
# As sites have it that are careful, and in a hurry.
DATABASES = {"default": settings.DATABASES["default"] | {"ATOMIC_REQUESTS": True, "CONN_MAX_AGE": None}}

DJANGO_BBB = json.loads(os.environ["SITE_DJANGO_BBB"])

CELERY_BROKER_URL = os.environ["SITE_BROKER"]
CELERY_TASK_DEFAULT_QUEUE = os.environ["SITE_QUEUE"]
# What docs/how-to/run-celery.md recommends; what serves requests must get by without.
if CELERY_BROKER_URL.startswith("redis") and os.environ["SITE_ROLE"] == "worker":
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Fewer queues to clean up, and `print` goes where the test reads.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_REDIRECT_STDOUTS = False
