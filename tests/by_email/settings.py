"""The settings of the suite, with people of the site's own."""

from tests import settings

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})

celery_app = settings.celery_app
INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.by_email"]
AUTH_USER_MODEL = "by_email.Person"
