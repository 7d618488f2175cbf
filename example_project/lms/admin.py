from typing import TYPE_CHECKING

from django.contrib import admin

from .models import Course

if TYPE_CHECKING:
    CourseAdminBase = admin.ModelAdmin[Course]
else:
    CourseAdminBase = admin.ModelAdmin


@admin.register(Course)
class CourseAdmin(CourseAdminBase):
    list_display = ["title", "meeting"]
    list_select_related = ["meeting"]
    search_fields = ["title"]
    filter_horizontal = ["teachers", "students"]
    raw_id_fields = ["meeting"]
