"""Rooms: copied, moved, told something, their recordings fetched."""

import pytest

from django_bbb.api import BBBError
from django_bbb.exceptions import MeetingIsRunning
from django_bbb.models import Meeting, Membership, Recording, Server
from django_bbb.services import meetings, rooms


class TestClone:
    def test_it_has_the_same_people_and_options_and_an_id_of_its_own(self, meeting, student):
        meeting.options = {"mute_on_start": True}
        meeting.save()
        Membership.objects.create(meeting=meeting, user=student, role="moderator")

        clone = rooms.clone_meeting(meeting=meeting)

        assert clone.pk != meeting.pk
        assert clone.meeting_id != meeting.meeting_id
        assert (clone.name, clone.options, clone.owner) == ("Copy of Mathematics 7b", meeting.options, meeting.owner)
        assert [(one.user, one.role) for one in clone.memberships.all()] == [(student, "moderator")]
        assert meeting.memberships.count() == 1

    def test_a_long_name_is_cut(self, meeting):
        Meeting.objects.update(name="x" * 64)

        clone = rooms.clone_meeting(meeting=Meeting.objects.get())

        assert len(clone.name) == 64


class TestMove:
    @pytest.fixture
    def other(self, server):
        return Server.objects.create(slug="other", name="Other", url="http://127.0.0.1:9/")

    def test_an_idle_one_runs_there_from_now_on(self, meeting, other):
        assert rooms.move_meeting(meeting=meeting, server=other) is True

        meeting.refresh_from_db()
        assert meeting.server == other

    def test_where_it_is_already_is_no_news(self, meeting):
        assert rooms.move_meeting(meeting=meeting, server=None) is False

    def test_a_running_one_stays(self, meeting, other):
        meetings.start_meeting(meeting=meeting)

        with pytest.raises(MeetingIsRunning):
            rooms.move_meeting(meeting=meeting, server=other)

        meeting.refresh_from_db()
        assert meeting.server is None


class TestMessage:
    def test_it_stands_in_the_public_chat(self, meeting, simulator):
        session = meetings.start_meeting(meeting=meeting)
        simulator.join(meeting.meeting_id, "Ada Weber", role="moderator", user_id="u1")

        simulator.clear_journal()

        rooms.send_message(session=session, text="Five minutes left.", sender="School")

        (sent,) = simulator.journal
        assert (sent.call, sent.outcome) == ("sendChatMessage", "SUCCESS")
        assert meeting.meeting_id in sent.url

    def test_where_nobody_is_inside_the_server_says_no(self, meeting):
        session = meetings.start_meeting(meeting=meeting)

        with pytest.raises(BBBError):
            rooms.send_message(session=session, text="Hello?")


class TestRecordings:
    def test_those_of_the_room_are_fetched(self, session, meeting, simulator):
        assert not Recording.objects.exists()

        assert rooms.fetch_recordings(meeting=meeting) == 1

        assert Recording.objects.get().meeting == meeting

    def test_a_room_without_a_class_asks_nobody(self, meeting, simulator):
        simulator.clear_journal()

        assert rooms.fetch_recordings(meeting=meeting) == 0

        assert simulator.journal == []
