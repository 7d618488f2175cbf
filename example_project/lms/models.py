from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class CourseQuerySet(models.QuerySet["Course"]):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> "CourseQuerySet":
        """Return the courses that this person teaches or attends."""
        return self.filter(Q(teachers=user.pk) | Q(students=user.pk)).distinct()


class Course(models.Model):
    """A course with its classroom.  The link to django-bbb is one field: `meeting`."""

    title = models.CharField(_("title"), max_length=100, help_text=_("For example: Mathematics 7b."))
    teachers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("teachers"), related_name="courses_taught", blank=True
    )
    students = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("students"), related_name="courses_attended", blank=True
    )
    # A course outlives its classroom.
    meeting = models.OneToOneField(
        "django_bbb.Meeting",
        verbose_name=_("classroom"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
    )

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("lms:course", args=[self.pk])
