"""What people agree to before they enter for the first time."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from django_bbb.conf import conf
from django_bbb.models import Consent, Meeting


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody is asked to agree to, in their language."""

    about: Consent.About
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def default_consent_text(*, about: str, meeting: Meeting) -> str:
    """One sentence on each, in the language of the page."""
    if about == Consent.About.RECORDING:
        return _("This class may be recorded, with what I say, write and show. I agree to that.")
    return _("It is kept when I am in this class and how I take part. I agree to that.")


def open_questions(*, meeting: Meeting, person: str) -> list[Question]:
    """Return what somebody has not agreed to yet; asks the database only where the meeting asks for anything.

    ``person`` is their id on servers.
    """
    wanted = {
        Consent.About.RECORDING: meeting.asks_about_recording,
        Consent.About.ATTENDANCE: meeting.asks_about_attendance,
    }
    questions = [
        Question(about, conf.CONSENT_TEXT(about=about.value, meeting=meeting))
        for about, is_wanted in wanted.items()
        if is_wanted
    ]
    if not questions:
        return []
    given = set(Consent.objects.filter(meeting=meeting, person=person).values_list("about", "text_digest"))
    return [one for one in questions if (one.about, one.digest) not in given]


def agree(
    *,
    meeting: Meeting,
    person: str,
    questions: Iterable[Question],
    user: Any = None,
    name: str = "",
) -> None:
    """Keep a receipt for each: who agreed, when, and to which words.  Twice is one receipt."""
    with transaction.atomic():
        for one in questions:
            Consent.objects.get_or_create(
                meeting=meeting,
                person=person,
                about=one.about,
                text_digest=one.digest,
                defaults={"text": one.text, "user": user, "name": name},
            )
