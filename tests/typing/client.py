"""Our public API as a site writes it: type-checked, not run.  An ignore that is not needed is an error as well."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import assert_type

from django.http import HttpResponseRedirect

from django_bbb.api import (
    BigBlueButtonClient,
    CreatedMeeting,
    DisabledFeature,
    Document,
    Group,
    Meeting,
    Recording,
    Role,
    SignedURL,
)

client = BigBlueButtonClient("https://bbb.example.org/", "secret", algorithm="sha512", timeout=5)


def start() -> datetime:
    created = client.meetings.create_meeting(
        name="Mathematics 7b",
        meeting_id="m-1",
        record=True,
        autoStartRecording=True,
        duration=timedelta(minutes=45),
        meta={"course": "7b"},
        disabled_features={DisabledFeature.POLLS, "aNewFeature"},
        groups=[Group("1", "Left", ["u1"]), {"id": "2", "roster": ["u2"]}],
        guest_policy="ASK_MODERATOR",
        slides=[Document(url="https://lms.example.org/fractions.pdf", current=True)],
        extra={"newSwitch": "on"},
    )
    assert_type(created, CreatedMeeting)
    return created.create_time


def join(created_at: datetime) -> HttpResponseRedirect:
    url = client.meetings.join_url(full_name="Ada", meetingID="m-1", role=Role.VIEWER, create_time=created_at)
    assert_type(url, SignedURL)
    return HttpResponseRedirect(url)


def look() -> Iterator[str]:
    for meeting in client.meetings.get_meetings():
        assert_type(meeting, Meeting)
        yield f"{meeting.name}: {meeting.participant_count + 1}"
    for recording in client.recordings.iter_recordings(page_size=100, meta={"course": "7b"}):
        assert_type(recording, Recording)
        yield recording.formats[0].url


def mistakes() -> None:
    client.meetings.create_meeting(name="Class", meeting_id=7)  # type: ignore[arg-type]
    client.meetings.create_meeting(name="Class", meeting_id="m-1", recrod=True)  # type: ignore[call-arg]
    client.meetings.create_meeting(name="Class", meeting_id="m-1", groups=[7])  # type: ignore[list-item]
    client.meetings.create_meeting(name="Class", meeting_id="m-1", record="yes")  # type: ignore[arg-type]
    client.recordings.publish_recordings(record_id=["x"], publish="true")  # type: ignore[arg-type]
