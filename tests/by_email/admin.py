"""People in the admin, so that an owner can be looked up."""

from django.contrib import admin

from .models import Person


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    search_fields = ("email",)
