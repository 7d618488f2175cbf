"""A site that only reads sends nothing else to a server, whichever call it is."""

import pytest

from django_bbb.exceptions import ReadOnly
from django_bbb.models import MeetingSession
from django_bbb.services import meetings, servers
from django_bbb.services.read_only import READING_CALLS


@pytest.fixture
def client(server, bbb, simulator):
    bbb["READ_ONLY"] = True
    return servers.client_for(server)


CHANGES = {
    "create": lambda client: client.meetings.create_meeting(name="Physics", meeting_id="physics"),
    "end": lambda client: client.meetings.end_meeting(meeting_id="physics"),
    "join": lambda client: client.meetings.join(full_name="Ada", meeting_id="physics", role="VIEWER"),
    "sendChatMessage": lambda client: client.meetings.send_chat_message(meeting_id="physics", message="Hello"),
    "publishRecordings": lambda client: client.recordings.publish_recordings(record_id=["r-1"], publish=False),
    "deleteRecordings": lambda client: client.recordings.delete_recordings(record_id=["r-1"]),
    "updateRecordings": lambda client: client.recordings.update_recordings(record_id=["r-1"], meta={"name": "x"}),
    "hooks/create": lambda client: client.hooks.create_hook(callback_url="https://lms.example.org/"),
    "hooks/destroy": lambda client: client.hooks.destroy_hook(hook_id="1"),
}


@pytest.mark.parametrize("call", CHANGES)
def test_what_changes_something_is_refused_before_anything_is_sent(client, simulator, call):
    with pytest.raises(ReadOnly, match="changes nothing there"):
        CHANGES[call](client)

    assert simulator.journal == []


def test_with_a_deadline_of_its_own_it_is_refused_as_well(client, simulator):
    with pytest.raises(ReadOnly):
        CHANGES["end"](client.with_deadline(3))

    assert simulator.journal == []


def test_questions_are_asked(client, simulator):
    client.check_connection()
    client.meetings.get_meetings()
    assert list(client.recordings.iter_recordings()) == []
    client.hooks.list_hooks()

    assert {entry.outcome for entry in simulator.journal} == {"SUCCESS"}


def test_read_again_the_setting_lets_calls_through(client, server, bbb, simulator):
    bbb["READ_ONLY"] = False

    CHANGES["create"](servers.client_for(server))

    assert len(simulator.calls("create")) == 1


def test_a_claim_of_the_real_site_is_not_opened_here(meeting, server, bbb, simulator):
    claim = MeetingSession.objects.create(
        meeting=meeting,
        server=server,
        claimed_until="2020-01-01T00:00Z",
        parameters={"name": "Physics", "meeting_id": "physics"},
    )
    bbb["READ_ONLY"] = True

    with pytest.raises(ReadOnly):
        meetings.start_meeting(meeting=meeting)

    claim.refresh_from_db()
    assert claim.is_open is True
    assert simulator.journal == []


def test_no_call_is_in_both_lists():
    assert not READING_CALLS & set(CHANGES)
