"""What somebody in a class asks with a session token: JSON, unsigned."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from django_bbb.simulator import PROFILES


@pytest.fixture
def meeting(simulator):
    return simulator.create_meeting("m-1", name="Algebra", guest_policy="ASK_MODERATOR")


@pytest.fixture
def teacher(simulator, meeting):
    return simulator.join("m-1", "Emmy", role="MODERATOR", user_id="u1")


@pytest.fixture
def student(simulator, meeting):
    return simulator.join("m-1", "David", user_id="u2")


@pytest.fixture
def tell(simulator, client):
    """Return the function that makes such a call."""

    def tell(call, token, query="", **options):
        return json.loads(client.fetch(f"{simulator.url}{call}?sessionToken={token}{query}", **options).body)[
            "response"
        ]

    return tell


@pytest.mark.parametrize("call", ["getJoinUrl", "learningDashboard", "signOut", "stuns", "guestWait"])
def test_unknown_token_is_told_without_a_key(simulator, tell, call):
    answer = tell(call, "nobody")

    assert answer == {"returncode": "FAILED", "message": "Invalid Session", "sessionToken": "nobody"}
    assert [(entry.checksum, entry.outcome) for entry in simulator.calls(call)] == [("not needed", "FAILED")]


@pytest.mark.parametrize("algorithms", [{"sha256"}, {"sha1", "sha512"}])
def test_join_url_opens_a_second_session_of_the_same_person(make_simulator, make_client, algorithms):
    simulator = make_simulator(checksum_algorithms=algorithms)
    client = make_client(simulator)
    meeting = simulator.create_meeting("m-1", name="Algebra & Co")
    student = simulator.join("m-1", "David & Co", user_id="u2")
    query = f"sessionToken={student.session_token}&sessionName=Second&enforceLayout=MEDIA_ONLY&userdata-colour=red"

    answer = json.loads(client.fetch(f"{simulator.url}getJoinUrl?{query}").body)["response"]
    joined = client.fetch(f"{answer['url']}")
    client.fetch(joined.location)

    parameters = parse_qs(urlsplit(answer["url"]).query)
    assert answer["returncode"] == "SUCCESS"
    assert parameters["existingUserID"] == [student.internal_user_id]
    assert (parameters["sessionName"], parameters["enforceLayout"]) == (["Second"], ["MEDIA_ONLY"])
    assert parameters["userdata-colour"] == ["red"]
    assert student.session_token not in joined.location
    assert list(meeting.people.values()) == [student]
    assert client.fetch(f"{simulator.address}/html5client/?sessionToken={student.session_token}").status == 200


def test_join_url_can_replace_the_session(simulator, client, student, tell):
    old = student.session_token
    url = tell("getJoinUrl", old, "&replaceSession=true")["url"]

    joined = client.fetch(url)

    assert client.fetch(f"{simulator.address}/html5client/?sessionToken={old}").status == 404
    assert client.fetch(joined.location).status == 200
    assert joined.location.endswith(student.session_token)


def test_session_of_somebody_else_is_not_replaced(simulator, client, teacher, student):
    query = f"meetingID=m-1&fullName=D&role=VIEWER&existingUserID={student.internal_user_id}"

    client.ask("join", f"{query}&replaceSessionToken={teacher.session_token}")

    assert client.fetch(f"{simulator.address}/html5client/?sessionToken={teacher.session_token}").status == 200


@pytest.mark.parametrize(("who", "kept"), [("teacher", True), ("student", False)])
def test_viewers_may_not_set_what_is_for_presenters(request, tell, who, kept):
    person = request.getfixturevalue(who)

    url = tell("getJoinUrl", person.session_token, "&userdata-bbb_presenter_tools=pen&userdata-x=1")["url"]

    assert ("bbb_presenter_tools" in url) is kept
    assert "userdata-x=1" in url


def test_existing_user_must_exist(client, meeting):
    answer = client.ask("join", "meetingID=m-1&fullName=D&role=VIEWER&existingUserID=w_x&redirect=false")

    assert answer.key == "userNotFound"


def test_dashboard_is_for_moderators(simulator, teacher, student, tell):
    assert tell("learningDashboard", student.session_token)["message"] == "Access denied"
    assert tell("learningDashboard", teacher.session_token)["returncode"] == "SUCCESS"


def test_dashboard_can_be_switched_off(client, simulator, tell):
    client.ask("create", "name=Algebra&meetingID=m-1&disabledFeatures=polls,learningDashboard")
    teacher = simulator.join("m-1", "Emmy", role="MODERATOR")

    answer = tell("learningDashboard", teacher.session_token)

    assert (answer["returncode"], answer["sessionToken"]) == ("FAILED", teacher.session_token)
    assert "disabled" in answer["message"]


def test_dashboard_of_an_ended_class_is_gone(simulator, teacher, tell):
    simulator.end_meeting("m-1")

    assert tell("learningDashboard", teacher.session_token)["message"] == "Meeting not found"


def test_dashboard_tells_what_everybody_did(simulator, meeting, teacher, student, tell):
    activity = simulator.activity
    poll = activity.start_poll(teacher, "Is 7 prime?", ["Yes", "No"])
    activity.vote(student, [0])
    activity.say(student, "Hello")
    activity.say(student, "Bye")
    activity.raise_hand(student)
    activity.raise_hand(student, False)
    activity.react(student, "applause")
    activity.react(student, "none")
    activity.start_webcam(student)
    activity.unmute(student)
    simulator.advance(5)
    activity.mute(student)
    activity.stop_webcam(student)
    again = simulator.join("m-1", "David", user_id="u2")
    simulator.leave(student)

    answer = tell("learningDashboard", teacher.session_token)

    data = json.loads(answer["data"])
    user = data["users"]["u2"]
    assert answer["sessionToken"] == teacher.session_token
    assert (data["intId"], data["extId"], data["name"]) == (meeting.internal_id, "m-1", "Algebra")
    assert (data["createdOn"], data["endedOn"]) == (meeting.create_time, 0)
    assert [one["isModerator"] for one in data["users"].values()] == [True, False]
    assert (user["name"], user["extId"], user["totalOfMessages"]) == ("David", "u2", 2)
    assert user["answers"] == {poll.poll_id: ["Yes"]}
    assert data["polls"][poll.poll_id]["options"] == ["Yes", "No"]
    assert [len(user[name]) for name in ("raiseHand", "reactions", "webcams")] == [1, 1, 1]
    assert user["reactions"][0]["name"] == "applause"
    assert user["webcams"][0]["stoppedOn"] - user["webcams"][0]["startedOn"] >= 5000
    assert 5000 <= user["talk"]["totalTime"] < 60_000
    assert user["talk"]["lastTalkStartedOn"] == 0
    assert list(user["intIds"]) == [student.internal_user_id, again.internal_user_id]
    assert user["currentIntId"] == again.internal_user_id
    assert user["intIds"][student.internal_user_id]["sessions"][0]["leftOn"] > 0
    assert user["intIds"][again.internal_user_id]["sessions"][0]["leftOn"] == 0


def test_signing_out_leaves_the_class(meeting, student, tell):
    assert tell("signOut", student.session_token) == {"returncode": "SUCCESS"}

    assert meeting.people == {}


def test_there_are_no_media_servers(student, tell):
    answer = tell("stuns", student.session_token)

    assert answer == {"returncode": "SUCCESS", "stunServers": [], "turnServers": [], "remoteIceCandidates": []}


def test_guest_hears_how_it_stands(simulator, client, meeting, tell):
    join = client.ask("join", "meetingID=m-1&fullName=David&role=VIEWER&redirect=false")
    token = join.get("session_token")

    waiting = tell("guestWait", token, "&redirect=false")
    browser = client.fetch(f"{simulator.url}guestWait?sessionToken={token}")
    simulator.admit(simulator.waiting("m-1")[0])
    allowed = tell("guestWait", token, "&redirect=false")

    assert (waiting["guestStatus"], waiting["url"]) == ("WAIT", join.get("url"))
    assert (browser.status, browser.location) == (302, join.get("url"))
    assert allowed["guestStatus"] == "ALLOW"
    assert "/html5client/?" in allowed["url"]


def test_feedback_is_unknown_to_released_servers(simulator, client, student):
    answer = client.fetch(f"{simulator.url}feedback?sessionToken={student.session_token}", method="POST")

    assert answer.status == 404


def test_beta_of_long_ago_took_feedback(make_simulator, make_client):
    beta = replace(PROFILES["3.0"], calls=PROFILES["3.0"].calls | {"feedback"})
    simulator = make_simulator(profile=beta)
    simulator.create_meeting("m-1")
    token = simulator.join("m-1", "David").session_token

    answer = make_client(simulator).fetch(
        f"{simulator.url}feedback?sessionToken={token}",
        method="POST",
        body=b'{"rating": 4}',
        headers={"Content-Type": "application/json"},
    )

    assert json.loads(answer.body)["response"]["returncode"] == "SUCCESS"
