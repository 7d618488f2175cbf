"""The tags in a page of the site."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory

from django_bbb.models import Meeting, Recording
from django_bbb.services import meetings, publishing, recordings

PAGE = Template(
    "{% load django_bbb %}[{% bbb_join_button meeting %}][{% bbb_end_button meeting %}][{% bbb_recordings meeting %}]"
)


@pytest.fixture
def show(simulator):
    """Render the three tags for somebody, and see that no server is called."""

    def render(meeting, user):
        request = RequestFactory().get("/")
        request.user = user
        simulator.clear_journal()
        text = PAGE.render(Context({"request": request, "meeting": meeting}))
        assert simulator.journal == []  # pitfalls.md 28
        return text

    return render


@pytest.fixture
def recorded(meeting, simulator):
    """A class that was recorded and has ended; nobody has looked for its recording yet."""
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator")
    simulator.set_recording(meeting.meeting_id, True)
    simulator.lose_callbacks = True
    simulator.end_meeting(meeting.meeting_id)
    simulator.finish_recordings()
    meetings.check_session(session=session, reason="ended", has_recording_marks=True)
    return session


def test_a_teacher_can_start(show, meeting, teacher):
    assert "Start class" in show(meeting, teacher)


def test_a_student_can_wait(show, meeting, student):
    text = show(meeting, student)

    assert "Wait for class" in text
    assert "Start class" not in text


def test_what_runs_can_be_joined_and_ended_by_its_teacher(show, meeting, teacher, student):
    meetings.start_meeting(meeting=meeting)

    assert "Join class" in show(meeting, student)
    assert "End class" not in show(meeting, student)
    assert "End class" in show(meeting, teacher)


def test_whoever_may_not_join_reads_why_and_sees_no_recordings(show, meeting, recorded, student):
    recordings.look_for_recordings()
    Meeting.objects.update(access=Meeting.Access.MEMBERS)
    meeting.refresh_from_db()

    text = show(meeting, student)

    assert "Ask its teacher" in text
    assert "Recordings" not in text


def test_somebody_who_is_not_logged_in_is_told_so(show, meeting):
    assert "Log in to join" in show(meeting, AnonymousUser())


def test_without_a_meeting_there_is_nothing(show, teacher, simulator):
    assert show(None, teacher).replace("\n", "") == "[][][]"


def test_an_archived_meeting_is_not_shown(show, meeting, teacher):
    meeting.delete()

    assert show(meeting, teacher).replace("\n", "") == "[][][]"


def test_a_recording_that_is_being_processed_says_so(show, meeting, recorded, student):
    assert "Being processed" in show(meeting, student)


def test_one_that_is_there_is_linked_by_our_own_address(show, meeting, recorded, student):
    recordings.look_for_recordings()

    text = show(meeting, student)

    assert "Being processed" not in text
    assert "/bbb/playback/" in text
    assert text.count("<img ") == 3


def test_an_unpublished_one_is_for_moderators_only(show, meeting, recorded, student, teacher):
    recordings.look_for_recordings()
    publishing.unpublish_recordings(recordings=[Recording.objects.get()])

    assert "There are no recordings yet." in show(meeting, student)
    assert "Not published" in show(meeting, teacher)
    assert "/bbb/playback/" not in show(meeting, teacher)
