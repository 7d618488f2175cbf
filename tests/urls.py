"""Addresses of the test suite: the example LMS with django_bbb in it."""

from config.urls import urlpatterns

__all__ = ["urlpatterns"]
