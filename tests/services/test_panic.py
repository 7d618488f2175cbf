"""Panic: a server out of service, and our classes on it ended."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from django_bbb.models import Meeting, MeetingSession, Server
from django_bbb.services.meetings import create_meeting, start_meeting
from django_bbb.services.panic import panic
from django_bbb.simulator.faults import CloseConnection, HtmlAnswer


@pytest.fixture
def classes(server, teacher, simulator):
    """Three of ours that run, and one of another site."""
    simulator.create_meeting("somebody-elses")
    meetings = [create_meeting(name=f"Class {number}", owner=teacher) for number in range(3)]
    return [start_meeting(meeting=one) for one in meetings]


def still_open():
    return MeetingSession.objects.open().count()


def test_it_disables_and_ends_ours_only(classes, server, simulator):
    outcome = panic(server=server)

    server.refresh_from_db()
    assert server.state == Server.State.DISABLED
    assert (len(outcome.ended), outcome.failed, still_open()) == (3, [], 0)
    assert list(simulator.meetings) == ["somebody-elses"]


def test_what_is_already_gone_over_there_is_closed(classes, server, simulator):
    simulator.restart()

    assert len(panic(server=server).ended) == 3
    assert still_open() == 0


def test_what_fails_stays_and_is_told_and_it_may_be_repeated(classes, server, simulator):
    simulator.faults.set(HtmlAnswer(status=500), call="end", times=1)

    first = panic(server=server)
    left = still_open()
    second = panic(server=server)

    assert (len(first.ended), len(first.failed), left) == (2, 1, 1)
    assert "HTTP 500" in first.failed[0][1]
    assert (len(second.ended), second.failed, still_open()) == (1, [], 0)


def test_a_server_that_says_nothing_is_not_asked_for_all(classes, server, simulator):
    simulator.faults.set(CloseConnection(), call="end")
    simulator.clear_journal()

    outcome = panic(server=server)

    assert (len(outcome.ended), len(outcome.failed)) == (0, 3)
    assert len({session.pk for session, _reason in outcome.failed}) == 3
    assert len(simulator.calls("end")) < 6  # each of the two has a connection replaced
    assert still_open() == 3


def test_one_that_is_just_being_opened_is_left_for_the_next_time(server, meeting, simulator):
    claimed = MeetingSession.objects.create(
        meeting=meeting, server=server, claimed_until=now() + timedelta(seconds=10)
    )

    first = panic(server=server)
    MeetingSession.objects.filter(pk=claimed.pk).update(claimed_until=now())
    second = panic(server=server)

    assert "being opened" in first.failed[0][1]
    claimed.refresh_from_db()
    assert (len(second.ended), claimed.end_reason) == (1, MeetingSession.EndReason.NOT_CREATED)


def test_a_recorded_class_is_still_looked_for(server, teacher, simulator):
    session = start_meeting(meeting=create_meeting(name="Recorded", owner=teacher, options={"record": True}))

    panic(server=server)

    session.refresh_from_db()
    assert session.look_at is not None
    assert Meeting.objects.get().current_session is None
