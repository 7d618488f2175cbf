"""Settings of the site that callbacks come to in the benchmarks: PostgreSQL, Redis, connections that stay open."""

import os

from tests import settings

SECRET = os.environ["CALLBACK_SECRET"]

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})
# A new connection for each callback, which both sides would pay for, would make the difference look small.
DATABASES = {"default": settings.DATABASES["default"] | {"CONN_MAX_AGE": None}}
ROOT_URLCONF = "tests.benchmarks.callback_by_hand"
CELERY_BROKER_URL = os.environ["BROKER_URL"]
DJANGO_BBB = {
    "SERVERS": {
        "bench": {"URL": os.environ.get("SIMULATOR_URL", "http://127.0.0.1:9/bigbluebutton/api/"), "SECRET": SECRET}
    },
    "CALLBACK_BASE_URL": "http://testserver",
}
