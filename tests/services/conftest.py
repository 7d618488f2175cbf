"""A class that was recorded, and its recording."""

from typing import Any

import pytest

from django_bbb.models import Meeting, MeetingSession, Recording
from django_bbb.services import meetings, polling, recordings
from django_bbb.simulator import BigBlueButtonSimulator


@pytest.fixture
def session(meeting: Meeting, simulator: BigBlueButtonSimulator) -> MeetingSession:
    """A class that was recorded and has ended, as the poll found it; the server has both formats."""
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator", user_id="u1")
    simulator.set_recording(meeting.meeting_id, True)
    simulator.lose_callbacks = True
    simulator.end_meeting(meeting.meeting_id)
    simulator.finish_recordings()
    polling.poll_servers()
    session.refresh_from_db()
    return session


@pytest.fixture
def recording(session: MeetingSession) -> Recording:
    (found,) = recordings.refresh_recordings(server=session.server, record_ids=[session.internal_id])
    return found


@pytest.fixture
def many(meeting: Meeting, simulator: BigBlueButtonSimulator) -> list[Any]:
    """Thirty recordings on the server, of a meeting of ours."""
    return [simulator.add_recording(meeting.meeting_id, name=f"Lesson {number}") for number in range(30)]
