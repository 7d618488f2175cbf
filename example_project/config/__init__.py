# Django imports this package first, so every `shared_task` finds the site's Celery app.
from .celery import app as celery_app

__all__ = ["celery_app"]
