"""The app, as ``INSTALLED_APPS`` finds it."""

from typing import Any

from django.apps import AppConfig
from django.core import checks as django_checks
from django.db.models.signals import post_delete, post_migrate
from django.utils.translation import gettext_lazy as _


class DjangoBBBConfig(AppConfig):
    """BigBlueButton classrooms."""

    name = "django_bbb"
    verbose_name = _("BigBlueButton classrooms")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import broker, checks
        from .models import Presentation
        from .services.presentations import forget_file

        broker.remember_app()
        for check in checks.CHECKS:
            tags = {"django_bbb"} | ({django_checks.Tags.database} if check in checks.DATABASE_CHECKS else set())
            django_checks.register(check, *sorted(tags))
        post_migrate.connect(_register_servers, sender=self, dispatch_uid="django_bbb.servers")
        post_delete.connect(forget_file, sender=Presentation, dispatch_uid="django_bbb.presentations")


def _register_servers(**kwargs: Any) -> None:
    """Servers declared in the settings get their rows when the tables are there."""
    from .checks import check_servers
    from .models import Origin
    from .services.servers import register_declared_servers

    Origin.objects.of_this_site()
    if not list(check_servers(None)):  # `manage.py check` says what is wrong with them
        register_declared_servers()
