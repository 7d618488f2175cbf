"""Kinds of server: what 2.7, 4.0 and a balancer do in another way than 3.0."""

from dataclasses import replace

import pytest

from django_bbb.simulator import PROFILES, BigBlueButtonSimulator

SCALELITE = PROFILES["scalelite"]


@pytest.fixture
def ask(make_simulator, make_client):
    """Return the function that asks a server of some kind, one and the same in a test."""
    clients = {}

    def ask(profile, call, query="", **options):
        if profile not in clients:
            clients[profile] = make_client(make_simulator(profile=profile))
        return clients[profile].ask(call, query, **options)

    ask.server = lambda profile: clients[profile].server
    return ask


def test_stable_line_comes_without_asking(simulator):
    assert simulator.profile.name == "3.0"


def test_unknown_profile_is_refused():
    with pytest.raises(ValueError, match=r"5\.0.*2\.7, 3\.0, 4\.0, scalelite"):
        BigBlueButtonSimulator(profile="5.0")


@pytest.mark.parametrize(
    ("profile", "names"),
    [
        ("2.7", ["version", "apiVersion", "bbbVersion"]),
        ("3.0", ["version", "apiVersion", "bbbVersion", "graphqlWebsocketUrl", "graphqlApiUrl"]),
        (
            "4.0",
            ["version", "apiVersion", "bbbVersion", "graphqlWebsocketUrl", "graphqlApiUrl", "html5PluginSdkVersion"],
        ),
        ("scalelite", ["version", "build"]),
    ],
)
def test_index_shows_more_in_newer_versions(make_simulator, client, profile, names):
    answer = client.fetch(make_simulator(profile=profile).url)

    assert [element.tag for element in answer.xml] == ["returncode", *names]
    assert answer.get("version") == "2.0"


def test_version_is_shown_where_it_is_not_hidden(make_simulator, client):
    profile = replace(PROFILES["3.0"], bbb_version="3.0.33")

    assert client.fetch(make_simulator(profile=profile).url).get("bbbVersion") == "3.0.33"


@pytest.mark.parametrize(
    ("profile", "call", "known"),
    [
        ("2.7", "getSessions", True),
        ("2.7", "sendChatMessage", False),
        ("2.7", "getJoinUrl", False),
        ("3.0", "sendChatMessage", True),
        ("4.0", "sendChatMessage", True),
        ("4.0", "hooks/list", True),
        ("3.0", "getDefaultConfigXML", False),
    ],
)
def test_unknown_call_is_a_page(ask, profile, call, known):
    answer = ask(profile, call)

    assert (answer.status == 404) is not known


@pytest.mark.parametrize(
    "call",
    ["getSessions", "sendChatMessage", "hooks/list", "hooks/create", "getJoinUrl", "getRecordingTextTracks", "x"],
)
def test_balancer_says_that_it_does_not_know_a_call(make_simulator, client, call):
    simulator = make_simulator(profile="scalelite")

    answer = client.fetch(f"{simulator.url}{call}")

    assert (answer.status, answer.key) == (200, "unsupportedRequest")
    assert simulator.calls(call)[0].outcome == "unsupportedRequest"


# 4.0


def test_passwords_are_neither_shown_nor_of_use_in_4_0(ask):
    created = ask("4.0", "create", "name=Algebra&meetingID=m-1&attendeePW=ap&moderatorPW=mp")
    info = ask("4.0", "getMeetingInfo", "meetingID=m-1")
    joined = ask("4.0", "join", "fullName=Emmy&meetingID=m-1&password=mp")
    with_role = ask("4.0", "join", "fullName=Emmy&meetingID=m-1&password=wrong&role=VIEWER")

    assert created.get("returncode") == info.get("returncode") == "SUCCESS"
    assert (created.get("moderatorPW"), info.get("attendeePW")) == (None, None)
    assert joined.key == "Params required"
    assert "sessionToken=" in with_role.location


def test_second_create_still_compares_passwords_in_4_0(ask):
    ask("4.0", "create", "name=Algebra&meetingID=m-1&attendeePW=ap&moderatorPW=mp")

    assert ask("4.0", "create", "name=Algebra&meetingID=m-1&attendeePW=ap&moderatorPW=xx").key == "idNotUnique"


@pytest.mark.parametrize("meeting_id", ["+m-1", "m-1+", "m%091", "m%001"])
@pytest.mark.parametrize(("profile", "key"), [("3.0", None), ("4.0", "validationError")])
def test_4_0_is_narrower_about_meeting_ids(ask, profile, key, meeting_id):
    answer = ask(profile, "create", f"name=Algebra&meetingID={meeting_id}")

    assert (answer.get("messageKey") or None) == key


# 2.7


def test_join_could_be_posted_in_2_7(ask):
    ask("2.7", "create", "name=Algebra&meetingID=m-1")

    answer = ask(
        "2.7",
        "join",
        "meetingID=m-1&role=VIEWER",
        method="POST",
        body=b"fullName=Emmy",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert "sessionToken=" in answer.location


# A balancer


@pytest.mark.parametrize("call", ["create", "join", "end", "isMeetingRunning", "getMeetingInfo", "insertDocument"])
@pytest.mark.parametrize("query", ["name=Algebra", "name=Algebra&meetingID="])
def test_balancer_has_one_word_for_a_missing_meeting_id(ask, call, query):
    options = {"method": "POST", "body": b"<m/>", "headers": {"Content-Type": "text/xml"}}

    answer = ask("scalelite", call, query, **(options if call == "insertDocument" else {}))

    assert (answer.status, answer.key) == (200, "missingParamMeetingID")


def test_balancer_has_no_sha384_and_wants_small_digits(make_simulator, make_client):
    client = make_client(make_simulator(profile="scalelite"))
    base, _, checksum = client.url("getMeetings").partition("checksum=")

    sha384 = client.fetch(client.url("getMeetings", algorithm="sha384"))
    sha512 = client.fetch(client.url("getMeetings", algorithm="sha512"))
    upper = client.fetch(f"{base}checksum={checksum.upper()}")

    assert (sha384.key, upper.key) == ("checksumError", "checksumError")
    assert sha512.get("messageKey") == "noMeetings"


def test_errors_of_the_balancer_are_xml_in_the_browser_and_those_of_the_node_an_address(make_simulator, make_client):
    client = make_client(make_simulator(profile="scalelite"))
    client.ask("create", "name=Algebra&meetingID=m-1")
    there = "errorRedirectUrl=https%3A%2F%2Flms.example.org"

    unknown = client.ask("join", f"fullName=Emmy&meetingID=m-2&role=VIEWER&{there}")
    unsigned = client.fetch(client.url("join", f"fullName=Emmy&meetingID=m-1&{there}", secret="other"))
    late = client.ask("join", f"fullName=Emmy&meetingID=m-1&role=VIEWER&createTime=1&{there}")

    assert (unknown.key, unsigned.key) == ("notFound", "checksumError")
    assert late.location.startswith("https://lms.example.org?errors=")


def test_balancer_has_no_json(make_simulator, client):
    simulator = make_simulator(profile="scalelite")

    index = client.fetch(simulator.url, headers={"Content-Type": "application/json"})
    error = client.fetch(f"{simulator.url}getMeetings", headers={"Accept": "application/json"})

    assert index.get("returncode") == "SUCCESS"
    assert error.key == "checksumError"


@pytest.mark.parametrize(
    ("tag", "found"), [("blue!", False), ("green!", True), ("blue;green!", True), ("blue", True), ("", True)]
)
def test_balancer_needs_a_server_with_the_tag(ask, tag, found):
    profile = replace(SCALELITE, server_tags=frozenset({"green"}))

    answer = ask(profile, "create", f"name=Algebra&meetingID=m-1&meta_server-tag={tag}")

    assert (answer.get("returncode") == "SUCCESS") is found
    assert found or answer.key == "serverTagUnavailable"


def test_server_without_a_balancer_does_not_look_at_tags(ask):
    assert ask("3.0", "create", "name=Algebra&meetingID=m-1&meta_server-tag=blue!").get("returncode") == "SUCCESS"


def test_list_of_meetings_can_be_switched_off(ask):
    profile = replace(SCALELITE, lists_meetings=False)
    ask(profile, "create", "name=Algebra&meetingID=m-1")

    assert ask(profile, "getMeetings").get("messageKey") == "noMeetings"
    assert ask(profile, "getMeetingInfo", "meetingID=m-1").get("meetingName") == "Algebra"


# Recordings


def listed(answer):
    return [one.text for one in answer.xml.iterfind("recordings/recording/recordID")]


@pytest.mark.parametrize(
    ("profile", "paths"),
    [
        ("2.7", {"pagination/totalElements": "4", "pagination/empty": "false", "totalElements": None}),
        ("3.0", {"pagination": None, "totalElements": "3"}),
        ("4.0", {"pagination": None, "totalElements": "3"}),
        ("scalelite", {"pagination": None, "totalElements": None}),
    ],
)
def test_pages_are_told_in_different_ways(ask, profile, paths):
    ask(profile, "getMeetings")
    simulator = ask.server(profile)
    for formats in (["presentation"], ["presentation", "video"], []):
        simulator.add_recording("m-1", formats=formats)

    answer = ask(profile, "getRecordings", "limit=2")

    assert {path: answer.get(path) for path in paths} == paths
    assert len(listed(answer)) == (3 if profile == "scalelite" else 2)


def test_old_pages_cut_a_recording_in_two(ask):
    ask("2.7", "getMeetings")
    simulator = ask.server("2.7")
    first = simulator.add_recording("m-1", formats=["presentation", "video"])
    second = simulator.add_recording("m-2", formats=["presentation", "video"])

    pages = [ask("2.7", "getRecordings", f"limit=3&offset={offset}") for offset in (0, 3, 6)]

    assert [listed(page) for page in pages] == [[first.record_id, second.record_id], [second.record_id], []]
    assert [[one.text for one in page.xml.iterfind(".//format/type")] for page in pages] == [
        ["presentation", "video", "presentation"],
        ["video"],
        [],
    ]
    pageable = pages[1].xml.find("pagination/pageable")
    assert {one.tag: one.text for one in pageable} == {
        "offset": "3",
        "limit": "3",
        "paged": "true",
        "unpaged": "false",
    }
    assert [page.get("pagination/empty") for page in pages] == ["false", "false", "true"]
    assert pages[2].get("messageKey") == "noRecordings"


@pytest.fixture
def three(ask):
    """Recordings on a balancer, oldest first."""
    ask("scalelite", "getMeetings")
    simulator = ask.server("scalelite")
    return [
        simulator.add_recording("m-1", minutes=90, metadata={"course": "a"}),
        simulator.add_recording("m-1", minutes=60, metadata={"course": "b", "year": "2026"}),
        simulator.add_recording("m-2", minutes=30, metadata={"year": "2026"}),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1, 0]),
        ("meetingID=m-1", [1, 0]),
        ("meetingID=m-1,m-2", [2, 1, 0]),
        ("meta_course=a", [0]),
        ("meta_course=a,b", [1, 0]),
        ("meta_course=a&meta_year=2026", [2, 1, 0]),
        ("meta_course=%25", []),
        ("meta_course=", []),
        ("meetingID=m-2&meta_course=a", []),
        ("limit=1&offset=1", [2, 1, 0]),
    ],
)
def test_balancer_finds_in_its_own_way(ask, three, query, found):
    assert listed(ask("scalelite", "getRecordings", query)) == [three[index].record_id for index in found]


def test_balancer_combines_both_kinds_of_ids(ask, three):
    both = f"recordID={three[0].record_id},{three[2].record_id}&meetingID=m-1"

    assert listed(ask("scalelite", "getRecordings", both)) == [three[0].record_id]


def test_balancer_forgets_what_was_deleted(ask, three):
    ask("scalelite", "deleteRecordings", f"recordID={three[0].record_id}")

    assert listed(ask("scalelite", "getRecordings", "meetingID=m-1&state=any")) == [three[1].record_id]


def test_balancer_leaves_out_elements_and_adds_one(ask, three):
    found = ask("scalelite", "getRecordings", "meetingID=m-2").xml.find("recordings/recording")

    assert [found.find(name) for name in ("isBreakout", "rawSize", "size")] == [None, None, None]
    assert found.findtext("protected") == "false"
    assert ask("3.0", "getRecordings").xml.find(".//protected") is None


def test_balancer_updates_all_or_none(ask, three):
    first, second, _ = three

    unknown = ask("scalelite", "updateRecordings", f"recordID={first.record_id},x&meta_course=c")
    before = dict(first.metadata)
    known = ask("scalelite", "updateRecordings", f"recordID={first.record_id},{second.record_id}&meta_course=c")

    assert (unknown.get("returncode"), unknown.get("updated"), known.get("updated")) == ("SUCCESS", "false", "true")
    assert before["course"] == "a"
    assert first.metadata["course"] == second.metadata["course"] == "c"


@pytest.mark.parametrize(
    ("profile", "key"), [("3.0", "noRecordings"), ("4.0", "noRecordings"), ("scalelite", "missingParameters")]
)
def test_unfiltered_list_can_be_refused(ask, profile, key):
    profile = replace(PROFILES[profile], lists_all_recordings=False)
    ask(profile, "getMeetings")
    ask.server(profile).add_recording("m-1", metadata={"a": "1"})

    refused = ask(profile, "getRecordings", "state=any")

    assert refused.get("messageKey") == key
    assert refused.xml.find("recordings") is None
    assert len(listed(ask(profile, "getRecordings", "meetingID=m-1"))) == 1
    assert len(listed(ask(profile, "getRecordings", "meta_a=1"))) == 1
