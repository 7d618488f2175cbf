"""The control API: what Python can do, by HTTP."""

import http.client
import json

import pytest
from werkzeug.test import Client as WsgiClient

from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.control import ROUTES

JSON = {"Content-Type": "application/json"}


class Controller:
    """A program that controls a simulator."""

    def __init__(self, server):
        self.server = server

    def ask(self, method, path, *, headers=None, raw=None, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        body = raw if raw is not None else json.dumps(fields).encode() if fields else None
        try:
            connection.request(method, f"/simulator/{path}", body=body, headers={**JSON, **(headers or {})})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def done(self, method, path, **fields):
        status, content = self.ask(method, path, **fields)
        assert status == 200, content
        return content

    def refused(self, method, path, **fields):
        """Return status and sentence of an error."""
        status, content = self.ask(method, path, **fields)
        assert list(content) == ["error"]
        return status, content["error"]


@pytest.fixture
def simulator(make_simulator):
    return make_simulator(callback_retries=(0, 0, 0), control=True)


@pytest.fixture
def control(simulator):
    return Controller(simulator)


def test_it_is_not_there_unless_asked_for(make_simulator, make_client):
    simulator = make_simulator()

    assert make_client(simulator).fetch(f"{simulator.address}/simulator/meetings").status == 404


def test_it_lists_what_can_be_asked(control):
    calls = control.done("GET", "")["calls"]

    assert len(calls) == len(ROUTES)
    assert "POST /simulator/meetings: create a meeting in any state" in calls


# --- meetings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "state", "people"),
    [
        ({}, "created", 0),
        ({"state": "running"}, "running", 1),
        ({"people": 7}, "running", 7),
        ({"state": "ended", "people": 2}, "ended", 0),
    ],
)
def test_meeting_is_created_in_any_state(control, fields, state, people):
    meeting = control.done("POST", "meetings", meeting_id="m-1", name="Algebra", **fields)

    assert (meeting["state"], meeting["people"], meeting["name"]) == (state, people, "Algebra")


def test_settings_of_a_meeting_are_those_of_create(simulator, control):
    control.done(
        "POST",
        "meetings",
        meeting_id="m-1",
        record=True,
        max_participants=5,
        moderator_password="hushhush",
        metadata={"Course": "7b"},
        documents=["a.pdf"],
    )

    settings = simulator.meetings["m-1"].settings
    assert (settings.record, settings.max_participants, settings.documents) == (True, 5, ("a.pdf",))
    assert (settings.moderator_password, settings.metadata) == ("hushhush", {"course": "7b"})


def test_ended_meeting_that_was_recorded_leaves_a_recording(simulator, control):
    control.done("POST", "meetings", meeting_id="m-1", record=True, recorded=True, state="ended")

    assert [one["meeting_id"] for one in control.done("GET", "recordings")["recordings"]] == ["m-1"]


def test_meeting_is_changed_and_ended(simulator, control):
    simulator.create_meeting("m/1", record=True)

    changed = control.done("PATCH", "meetings/m%2F1", is_being_recorded=True)
    ended = control.done("DELETE", "meetings/m%2F1")

    assert (changed["is_being_recorded"], ended["state"]) == (True, "ended")
    assert control.refused("GET", "meetings/m%2F1") == (404, "There is no meeting m/1.")


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({}, 400, "meeting_id is missing: a text that is not empty."),
        ({"meeting_id": 5}, 400, "meeting_id is a text."),
        ({"meeting_id": "m-2", "state": "asleep"}, 400, "state is one of created, running, ended."),
        ({"meeting_id": "m-2", "people": -1}, 400, "people is a whole number from 0 to 100000."),
        ({"meeting_id": "m-2", "people": True}, 400, "people is a whole number."),
        ({"meeting_id": "m-2", "record": "yes"}, 400, "record is true or false."),
        ({"meeting_id": "m-2", "metadata": {"a": 1}}, 400, "metadata is an object whose values are texts."),
        ({"meeting_id": "m-2", "documents": "a.pdf"}, 400, "documents is a list of texts."),
        ({"meeting_id": "m-2", "recorded": True}, 400, "Only a meeting with record can be recorded."),
        ({"meeting_id": "m-1"}, 409, "There is a meeting m-1 already."),
    ],
)
def test_senseless_meeting_is_refused_with_a_sentence(simulator, control, fields, status, sentence):
    simulator.create_meeting("m-1")

    assert control.refused("POST", "meetings", **fields) == (status, sentence)
    assert list(simulator.meetings) == ["m-1"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_misspelt_field_is_refused_before_anything_happens(simulator, control, route):
    simulator.create_meeting("m-1", record=True)
    simulator.join("m-1", "Emmy", user_id="emmy")
    recording = simulator.add_recording("m-1", metadata={"bbb-recording-ready-url": "http://127.0.0.1:9/"})
    required = {
        "POST meetings": {"meeting_id": "m-2"},
        "POST meetings/<meeting>/people": {"name": "David"},
        "POST recordings": {"meeting_id": "m-2"},
        "POST fail-recordings": {"meeting_id": "m-1"},
        "POST forged-callbacks": {"kind": "meeting-ended", "meeting_id": "m-1"},
        "POST delivery": {"mode": "lose"},
        "POST faults": {"kind": "html"},
    }.get(f"{route.method} {route.path}", {})
    simulator.lose_callbacks = True
    simulator.announce(recording)
    simulator.lose_callbacks = False
    path = route.path.replace("<meeting>", "m-1").replace("<person>", "emmy").replace("<number>", "0")

    status, sentence = control.refused(
        route.method, path.replace("<recording>", recording.record_id), **required, colour="red"
    )

    assert status == 400
    assert "no field colour" in sentence or "has no colour" in sentence
    assert list(simulator.meetings) == ["m-1"]
    assert len(simulator.meetings["m-1"].people) == 1
    assert (list(simulator.recordings), recording.state) == ([recording.record_id], "published")
    assert (len(simulator.callbacks), simulator.faults.planned(), simulator.delivery.planned()) == (1, [], [])


# --- people ---------------------------------------------------------------------------------------


def test_one_person_comes_acts_and_leaves(simulator, control):
    meeting = simulator.create_meeting("m-1")

    person = control.done("POST", "meetings/m-1/people", name="Emmy", role="MODERATOR", user_id="emmy")
    acted = control.done(
        "PATCH",
        "meetings/m-1/people/emmy",
        muted=False,
        webcam=True,
        hand_raised=True,
        emoji="happy",
        message="Hello",
        question="Ready?",
        options=["Yes", "No"],
        answers=[0],
    )
    polls = control.done("GET", "meetings/m-1")["polls"]
    control.done("DELETE", f"meetings/m-1/people/{person['id']}")

    assert {name: acted[name] for name in ("voice", "muted", "webcam", "hand_raised", "emoji", "presenter")} == {
        "voice": True,
        "muted": False,
        "webcam": True,
        "hand_raised": True,
        "emoji": "happy",
        "presenter": True,
    }
    assert [(poll["question"], poll["result"]) for poll in polls] == [("Ready?", {"Yes": 1, "No": 0})]
    assert meeting.people == {}


def test_many_people_follow_a_timetable(simulator, control):
    simulator.create_meeting("m-1")

    added = control.done("POST", "meetings/m-1/people", count=9, seed=3, join_within=60, stay=[100, 200], messages=2)
    control.done("POST", "clock", advance=60)
    there = len(control.done("GET", "meetings/m-1/people")["people"])

    assert (added["count"], there) == (9, 9)
    assert added["inside"] < 9


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"role": "KING", "name": "A"}, 400, "role is one of MODERATOR, VIEWER."),
        ({"count": 0}, 400, "count is a whole number from 1 to 100000."),
        ({"count": 1, "stay": [5]}, 400, "stay is a list of two numbers, the lesser first."),
        ({"count": 1, "stay": [5, 1]}, 400, "The shortest stay is not longer than the longest."),
        ({"count": 1, "votes": 1}, 400, "votes is true or false."),
    ],
)
def test_senseless_people_are_refused_with_a_sentence(simulator, control, fields, status, sentence):
    simulator.create_meeting("m-1")

    assert control.refused("POST", "meetings/m-1/people", **fields) == (status, sentence)


def test_what_does_not_fit_the_moment_is_a_conflict(simulator, control):
    simulator.create_meeting("m-1")
    simulator.join("m-1", "Emmy", user_id="emmy")

    assert control.refused("PATCH", "meetings/m-1/people/emmy", answers=[0]) == (409, "There is no open poll.")
    assert control.refused("PATCH", "meetings/m-1/people/x", muted=True)[0] == 404


def test_full_meeting_is_a_conflict(simulator, control):
    simulator.create_meeting("m-1", max_participants=1)
    simulator.join("m-1", "Emmy")

    assert control.refused("POST", "meetings/m-1/people", name="David") == (409, "The meeting is full.")


# --- recordings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["processing", "processed", "published", "unpublished", "deleted"])
def test_recording_is_added_and_changed_in_any_state(simulator, control, state):
    added = control.done("POST", "recordings", meeting_id="m-1", state=state, formats=["video"], minutes=10)
    other = "published" if state != "published" else "deleted"

    changed = control.done(
        "PATCH", f"recordings/{added['record_id']}", state=other, name="New", metadata={"Topic": "x"}, protected=True
    )

    assert (added["state"], added["formats"]) == (state, ["video"])
    assert (changed["state"], changed["name"], changed["metadata"]) == (other, "New", ["topic"])
    assert simulator.recordings[added["record_id"]].protected


def test_recording_vanishes_and_comes_back(control, client):
    record_id = control.done("POST", "recordings", meeting_id="m-1")["record_id"]

    control.done("POST", f"recordings/{record_id}/hide")
    hidden = client.ask("getRecordings", "meetingID=m-1").get("messageKey")
    control.done("POST", f"recordings/{record_id}/show")

    assert hidden == "noRecordings"
    assert client.ask("getRecordings", "meetingID=m-1").get("recordings/recording/recordID") == record_id
    assert control.refused("POST", f"recordings/{record_id}/show")[0] == 404


def test_recording_is_announced(simulator, control, receiver):
    metadata = {"bbb-recording-ready-url": receiver.url}
    record_id = control.done("POST", "recordings", meeting_id="m-1", metadata=metadata, announce=True)["record_id"]
    control.done("POST", f"recordings/{record_id}/announce")
    simulator.wait_for_callbacks()

    first, second = receiver.all()
    assert first.body == second.body
    silent = control.done("POST", "recordings", meeting_id="m-2")["record_id"]
    assert control.refused("POST", f"recordings/{silent}/announce")[0] == 400


def test_recordings_are_finished_or_fail_on_request(make_simulator):
    control = Controller(make_simulator(control=True, recording_delay=3600))
    for meeting_id in ("m-1", "m-2"):
        control.done("POST", "meetings", meeting_id=meeting_id, record=True, recorded=True, state="ended")
    control.done("POST", "fail-recordings", meeting_id="m-2")

    recordings = control.done("POST", "finish-recordings")["recordings"]

    assert [(one["meeting_id"], one["formats"]) for one in recordings] == [
        ("m-1", ["presentation", "video"]),
        ("m-2", []),
    ]


# --- callbacks ------------------------------------------------------------------------------------


@pytest.fixture
def told(simulator, receiver):
    """A meeting whose end goes to the receiver."""
    return simulator.create_meeting("m-1", metadata={"endcallbackurl": f"{receiver.url}/ended?token=private"})


def test_callbacks_are_listed_without_secrets_and_sent_again(simulator, control, receiver, told):
    simulator.end_meeting("m-1")
    simulator.wait_for_callbacks()

    (listed,) = control.done("GET", "callbacks")["callbacks"]
    control.done("POST", "callbacks/0/send-again")
    simulator.wait_for_callbacks()

    assert (listed["kind"], listed["meeting_id"], listed["status"]) == ("meeting-ended", "m-1", 200)
    assert "private" not in json.dumps(listed)
    first, second = receiver.all()
    assert first == second
    assert control.refused("POST", "callbacks/99/send-again") == (404, "There is no callback number 99.")


def test_callback_is_forged(simulator, control, receiver, told):
    sent = control.done("POST", "forged-callbacks", kind="meeting-ended", meeting_id="m-1", how="wrong-secret")
    simulator.wait_for_callbacks()

    assert sent == {"sent": 1}
    assert len(receiver.all()) == 1
    assert control.refused("POST", "forged-callbacks", kind="meeting-ended", meeting_id="x")[0] == 404
    assert control.refused("POST", "forged-callbacks", kind="letter", meeting_id="m-1")[0] == 400


def test_callbacks_are_held_and_released(simulator, control, receiver, told):
    control.done("POST", "delivery", mode="hold", kind="meeting-ended", times=1)
    simulator.end_meeting("m-1")
    held = control.done("GET", "callbacks")["held"]
    before = receiver.all()

    control.done("POST", "release")
    simulator.wait_for_callbacks()

    assert held == [{"kind": "meeting-ended", "meeting_id": "m-1"}]
    assert (len(before), len(receiver.all())) == (0, 1)


def test_delivery_is_planned_listed_and_cleared(simulator, control):
    planned = control.done("POST", "delivery", mode="repeat", copies=3)["faults"]
    cleared = control.done("DELETE", "delivery")["faults"]

    assert [(one["mode"], one["copies"], one["kind"]) for one in planned] == [("repeat", 3, None)]
    assert cleared == []
    assert control.refused("POST", "delivery", mode="eat")[0] == 400


# --- faults, journal, clock -----------------------------------------------------------------------


def test_fault_is_planned_listed_and_cleared(control, client):
    planned = control.done("POST", "faults", kind="html", status=503, call="getMeetings")["faults"]
    broken = client.ask("getMeetings").status
    control.done("DELETE", "faults")

    assert [(one["kind"], one["status"], one["call"]) for one in planned] == [("html", 503, "getMeetings")]
    assert broken == 503
    assert client.ask("getMeetings").status == 200
    assert control.refused("POST", "faults", kind="fire")[0] == 400


def test_journal_shows_requests_without_what_is_private(control, client):
    client.ask(
        "create", "meetingID=m+1&name=Algebra&moderatorPW=hushhush&meta_endCallbackUrl=http%3A%2F%2Fx%2Fprivate"
    )
    (entry,) = control.done("GET", "journal")["requests"]
    control.done("DELETE", "journal")

    assert entry == {
        "call": "create",
        "method": "GET",
        "url": "/bigbluebutton/api/create?meetingID=m+1&name=***&moderatorPW=***&meta_endCallbackUrl=***&checksum=***",
        "checksum": "good",
        "outcome": "SUCCESS",
    }
    assert control.done("GET", "journal") == {"requests": []}


def test_clock_is_put_forward_and_runs_faster(simulator, control):
    simulator.create_meeting("m-1", expire_if_nobody_joins=5)
    before = control.done("GET", "clock")["now"]

    after = control.done("POST", "clock", advance=301, time_scale=2)

    assert after["now"] - before >= 301
    assert (after["time_scale"], simulator.time_scale) == (2, 2)
    assert simulator.meetings == {}
    assert control.refused("POST", "clock", advance=-1)[0] == 400
    assert control.refused("POST", "clock", time_scale=0)[0] == 400


@pytest.mark.parametrize(("deed", "recordings"), [("restart", 1), ("reset", 0)])
def test_server_forgets_on_request(simulator, control, deed, recordings):
    simulator.create_meeting("m-1")
    simulator.add_recording("m-1")

    control.done("POST", deed)

    assert (simulator.meetings, len(simulator.recordings)) == ({}, recordings)


# --- who may ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "localhost.evil.example"},
        {"Host": "["},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_of_other_sites_cannot_drive_it(simulator, control, method, headers):
    simulator.create_meeting("m-1")

    status, _ = control.refused(method, "reset" if method == "POST" else "meetings", headers=headers)

    assert status == 403
    assert list(simulator.meetings) == ["m-1"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_forms_of_other_sites_cannot_drive_it(simulator, control, kind):
    simulator.create_meeting("m-1")

    status, _ = control.refused("POST", "reset", headers={"Content-Type": kind}, raw=b"{}")

    assert status == 415
    assert list(simulator.meetings) == ["m-1"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:{port}", "[::1]:{port}", "bbb.localhost"])
def test_own_names_are_good(simulator, control, host):
    host = host.format(port=simulator.port)

    assert control.ask("GET", "meetings", headers={"Host": host, "Origin": f"http://{host}"})[0] == 200


def test_public_address_is_a_name_of_its_own(make_simulator):
    control = Controller(make_simulator(control=True, public_address="https://bbb.example.org"))

    assert control.ask("GET", "meetings", headers={"Host": "bbb.example.org"})[0] == 200
    assert control.ask("GET", "meetings", headers={"Host": "www.example.org"})[0] == 403


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 403), ("0.0.0.0", 200)])
def test_other_machines_are_answered_only_where_it_is_bound_elsewhere(host, status):
    simulator = BigBlueButtonSimulator(host=host, control=True)  # not started: nothing shall listen there

    answer = WsgiClient(simulator.application).get(
        "/simulator/meetings", base_url="http://10.0.0.1", environ_overrides={"REMOTE_ADDR": "10.0.0.7"}
    )

    assert answer.status_code == status


def test_no_answer_lets_another_site_read_it(simulator, client):
    answer = client.fetch(f"{simulator.address}/simulator/meetings")

    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "raw", "status", "sentence"),
    [
        ("GET", "nonsense", None, 404, "There is nothing at this address; GET /simulator/ lists what there is."),
        ("PUT", "meetings", None, 405, "This address takes GET and POST."),
        ("POST", "meetings", b"{", 400, "The body is not JSON."),
        ("POST", "meetings", b"\xff", 400, "The body is not JSON."),
        ("POST", "meetings", b"[1]", 400, "The body is a JSON object, such as {}."),
        ("POST", "clock", b'{"advance": NaN}', 400, "advance is a number."),
        ("POST", "clock", b'{"advance": "1"}', 400, "advance is a number."),
    ],
)
def test_request_that_cannot_be_read_is_refused_with_a_sentence(control, method, path, raw, status, sentence):
    assert control.refused(method, path, raw=raw) == (status, sentence)
