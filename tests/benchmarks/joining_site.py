"""Settings of the site whose classes people join in the benchmarks: PostgreSQL, connections that stay open."""

import os

from tests import settings

SECRET = os.environ["JOINING_SECRET"]

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})
# Our own pages, not those of the example.
INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "lms"]
# A new connection for each request, which both sides would pay for, would make the difference look small.
DATABASES = {"default": settings.DATABASES["default"] | {"CONN_MAX_AGE": None}}
ROOT_URLCONF = "tests.benchmarks.joining_by_hand"
DJANGO_BBB = {
    "SERVERS": {
        "joining": {"URL": os.environ.get("SIMULATOR_URL", "http://127.0.0.1:9/bigbluebutton/api/"), "SECRET": SECRET}
    },
    "CALLBACK_BASE_URL": "http://testserver",
    # No page asks a server here, however slow the machine is.
    "STALE_AFTER": 3600,
}
