"""Presentations as rows, and where their files are."""

import re

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from django_bbb.models import Presentation
from tests.slides import PDF


def make(meeting, **fields):
    file = ContentFile(PDF, name="../../Fractions.PDF")
    return Presentation.objects.create(meeting=meeting, file=file, name="fractions.pdf", size=len(PDF), **fields)


def test_files_lie_under_names_that_nobody_guesses(meeting):
    first, second = make(meeting), make(meeting)

    assert re.fullmatch(r"django_bbb/presentations/[0-9a-f]{32}\.pdf", first.file.name)
    assert first.file.name != second.file.name


def test_the_storage_is_the_one_of_the_settings_as_they_are_now(meeting, bbb, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "slides": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    before = make(meeting)
    bbb["PRESENTATION_STORAGE"] = "slides"
    after = make(meeting)

    with pytest.raises(FileNotFoundError):
        Presentation.objects.get(pk=before.pk).file.open()
    with Presentation.objects.get(pk=after.pk).file.open() as file:
        assert file.read() == PDF


def test_of_a_meeting_one_is_shown_first_at_most(meeting):
    make(meeting, is_default=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        make(meeting, is_default=True)


def test_many_may_not_be(meeting):
    assert [make(meeting).is_default, make(meeting).is_default] == [None, None]


def test_false_is_no_third_possibility(meeting):
    with pytest.raises(IntegrityError), transaction.atomic():
        make(meeting, is_default=False)


def test_they_come_in_their_order_and_then_as_they_were_uploaded(meeting):
    made = [make(meeting, position=number) for number in (2, 1, 1)]

    assert list(meeting.presentations.all()) == [made[1], made[2], made[0]]


def test_whoever_may_use_them_is_said_anew_for_each(meeting):
    made = make(meeting)

    assert (made.is_downloadable, made.is_removable, str(made)) == (False, True, "fractions.pdf")
