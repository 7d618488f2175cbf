"""Pages and the servers behind them: asked once by one visitor where nobody polls, and never where somebody does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import Meeting, MeetingSession, Server
from django_bbb.services import meetings, polling
from django_bbb.simulator.faults import Hang


@pytest.fixture
def running(meeting, simulator):
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator")
    return session


@pytest.fixture
def unpolled(running):
    """A class on a server that nobody has asked for long."""
    MeetingSession.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    return running


def address(name, meeting):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id})


@pytest.mark.parametrize("page", ["join", "meeting"])
def test_a_page_finds_out_that_a_class_is_over_where_nobody_polls(client, unpolled, simulator, teacher, meeting, page):
    simulator.lose_callbacks = True
    simulator.end_meeting(meeting.meeting_id)
    client.force_login(teacher)

    answer = client.get(address(page, meeting))

    assert answer.status_code == 200  # Start again, and not into a class that is over
    assert meeting.current_session is None


def test_those_who_come_after_the_first_ask_nobody(client, unpolled, simulator, student, meeting):
    client.force_login(student)
    simulator.clear_journal()

    for _person in range(20):
        assert client.get(address("join", meeting)).status_code == 302

    assert [entry.call for entry in simulator.journal] == ["getMeetings"]


def test_a_server_that_says_nothing_holds_up_one_visitor_and_a_moment_only(
    client, unpolled, simulator, student, meeting, monkeypatch
):
    monkeypatch.setattr(polling, "_PATIENCE_OF_A_PAGE", 0.2)
    simulator.faults.set(Hang())
    client.force_login(student)
    simulator.clear_journal()

    answers = [client.get(address("join", meeting)).status_code for _person in range(3)]

    assert answers == [302, 302, 302]
    assert len(simulator.journal) == 1


class TestWaiting:
    """Two thousand people who wait are no more to a server than none."""

    def minute(self, client, meeting, simulator, people):
        simulator.clear_journal()
        for _tick in range(6):
            polling.poll_servers()
            for _person in range(people):
                assert client.get(address("join", meeting)).status_code == 200
        return [entry.call for entry in simulator.journal]

    def test_they_make_no_call(self, client, meeting, simulator, student):
        client.force_login(student)

        none = self.minute(client, meeting, simulator, people=0)

        assert self.minute(client, meeting, simulator, people=40) == none == ["getMeetings"] * 6

    def test_nor_while_the_class_is_being_opened(self, client, meeting, server, simulator, student):
        MeetingSession.objects.create(
            meeting=meeting, server=server, claimed_until=timezone.now() + timedelta(minutes=5)
        )
        client.force_login(student)

        none = self.minute(client, meeting, simulator, people=0)

        assert self.minute(client, meeting, simulator, people=40) == none


class TestAtomicRequests:
    """No view that calls a server does so in the transaction of a request; conftest fails each call that does."""

    @pytest.fixture(autouse=True)
    def atomic(self, monkeypatch):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    def test_a_class_is_started_joined_and_ended(self, client, meeting, simulator, teacher):
        client.force_login(teacher)

        assert client.post(address("start", meeting)).status_code == 200
        assert client.get(address("join", meeting)).status_code == 302
        assert client.post(address("end", meeting)).status_code == 302

        assert meeting.sessions.get().is_open is None
        assert {"create", "end"} <= {entry.call for entry in simulator.journal}

    @pytest.mark.parametrize("page", ["join", "meeting"])
    def test_a_stale_server_is_refreshed(self, client, unpolled, simulator, teacher, meeting, page):
        client.force_login(teacher)
        simulator.clear_journal()

        client.get(address(page, meeting))

        assert [entry.call for entry in simulator.journal] == ["getMeetings"]


class TestReadOnly:
    @pytest.fixture(autouse=True)
    def read_only(self, bbb, running, simulator):
        bbb["READ_ONLY"] = True
        simulator.clear_journal()

    def test_start_says_so_and_leaves_nothing_behind(self, client, teacher, bbb, simulator):
        other = Meeting.objects.create(name="Physics", owner=teacher)
        client.force_login(teacher)

        answer = client.post(address("start", other))

        assert answer.status_code == 503
        assert "changes nothing there" in answer.content.decode()
        assert not other.sessions.exists()
        assert simulator.journal == []

    def test_end_says_so_and_the_class_goes_on(self, client, teacher, meeting, simulator):
        client.force_login(teacher)

        answer = client.post(address("end", meeting))

        assert answer.status_code == 503
        assert "changes nothing there" in answer.content.decode()
        assert meeting.current_session is not None
        assert simulator.calls("end") == []

    def test_a_running_class_can_be_joined(self, client, teacher, meeting):
        client.force_login(teacher)

        assert client.get(address("join", meeting)).status_code == 302

    def test_polls_read(self, running):
        assert polling.poll_servers() == {"default": "1 running, 0 closed"}
        assert Server.objects.get().participant_count == 1
