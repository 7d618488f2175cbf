"""Slides: with create, with insertDocument, and those a server would not take."""

import base64

import pytest

from django_bbb.simulator import EventKind

XML = {"Content-Type": "application/xml"}
BODY = b"""<modules><module name="presentation">
<document url="https://files.example.org/course/limits%20and%20more.pdf"/>
<document name="series.pdf" current="true" downloadable="true" removable="false">QUJD</document>
<document url="https://files.example.org/x" filename="named.pdf" current="true"/>
</module></modules>"""


@pytest.fixture
def insert(client):
    def insert(body=BODY, query="meetingID=m-1", **options):
        return client.ask("insertDocument", query, method="POST", body=body, **{"headers": XML, **options})

    return insert


@pytest.fixture
def meeting(simulator):
    return simulator.create_meeting("m-1", name="Algebra")


def test_inserted_slides_come_after_the_others_and_the_first_current_is_shown(simulator, insert, meeting):
    answer = insert()

    assert [element.tag for element in answer.xml] == ["returncode", "message"]
    assert answer.get("returncode") == "SUCCESS"
    assert meeting.settings.documents == ("default.pdf", "limits and more.pdf", "series.pdf", "named.pdf")
    assert meeting.current_document == 2
    (event,) = [event for event in meeting.history if event.kind is EventKind.PRESENTATION_CHANGED]
    assert event.facts["file_name"] == "series.pdf"


def test_inserted_slides_keep_what_was_said_of_them(insert, meeting):
    insert()

    by_address, in_body, _ = meeting.documents
    assert (by_address.current, by_address.downloadable, by_address.removable, by_address.size) == (
        None,
        False,
        True,
        0,
    )
    assert by_address.url == "https://files.example.org/course/limits%20and%20more.pdf"
    assert (in_body.current, in_body.downloadable, in_body.removable, in_body.size) == (True, True, False, 3)


def test_address_of_slides_is_kept_out_of_sight(insert, meeting):
    insert(b'<modules><module name="presentation"><document url="https://a.example/x?key=hush"/></module></modules>')

    assert "hush" not in repr(meeting)


def test_nothing_changes_on_the_screen_where_nothing_is_current(insert, meeting):
    insert(b'<modules><module name="presentation"><document url="https://a.example/x.pdf"/></module></modules>')

    assert meeting.current_document == 0
    assert EventKind.PRESENTATION_CHANGED not in [event.kind for event in meeting.history]


def test_first_current_of_create_is_shown(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1", method="POST", body=BODY, headers=XML)

    meeting = simulator.meetings["m-1"]
    assert meeting.current_document == 1
    assert len(meeting.documents) == 3


def test_second_create_adds_no_slides(simulator, client):
    for _ in range(2):
        client.ask("create", "name=Algebra&meetingID=m-1", method="POST", body=BODY, headers=XML)

    assert len(simulator.meetings["m-1"].documents) == 3


@pytest.mark.parametrize(
    ("more", "name"), [("", "week 1.pdf"), ("&preUploadedPresentationName=First+week.pdf", "First week.pdf")]
)
def test_slides_can_be_named_in_the_query(simulator, client, more, name):
    url = "https%3A%2F%2Ffiles.example.org%2Fweek%25201.pdf"

    client.ask("create", f"name=Algebra&meetingID=m-1&preUploadedPresentation={url}{more}")

    assert simulator.meetings["m-1"].settings.documents == (name,)


def test_unknown_meeting_is_told_without_a_key(insert):
    answer = insert()

    assert [element.tag for element in answer.xml] == ["returncode", "message"]
    assert answer.get("returncode") == "FAILED"


def test_slides_can_be_switched_off(client, insert):
    client.ask("create", "name=Algebra&meetingID=m-1&disabledFeatures=presentation")

    answer = insert()

    assert (answer.get("returncode"), answer.get("messageKey")) == ("FAILED", None)


@pytest.mark.parametrize("body", [b"", b"<modules/>"])
def test_nothing_to_insert_breaks_the_server_as_the_real_one(insert, meeting, body):
    assert insert(body).status == 500


def test_validation_errors_have_their_usual_form(insert, meeting):
    assert insert(query="meetingID=").key == "missingParamMeetingID"
    assert insert(b"<modules>").key == "malformedXml"
    assert insert(headers={"Content-Type": "text/plain"}).key == "unsupportedContentType"


def test_documents_cannot_be_inserted_by_get(client, meeting):
    assert client.ask("insertDocument", "meetingID=m-1").status == 404


@pytest.mark.parametrize("call", ["create", "insertDocument"])
@pytest.mark.parametrize("url", ["ftp://files.example.org/a.pdf", "a.pdf", "https://", "//["])
@pytest.mark.parametrize(("profile", "refused"), [("3.0", False), ("4.0", True)])
def test_newest_servers_look_at_the_addresses(make_simulator, make_client, call, url, profile, refused):
    simulator = make_simulator(profile=profile)
    client = make_client(simulator)
    if call == "insertDocument":
        simulator.create_meeting("m-1")
    body = f'<modules><module name="presentation"><document url="{url}"/></module></modules>'.encode()

    answer = client.ask(call, "name=Algebra&meetingID=m-1", method="POST", body=body, headers=XML)

    assert (answer.get("messageKey") == "invalidPresentationUrl") is refused
    assert (answer.get("returncode") == "FAILED") is refused


def test_base64_that_is_none_has_no_size(insert, meeting):
    insert(b'<modules><module name="presentation"><document name="a.pdf">Q</document></module></modules>')

    assert meeting.documents[0].size == 0


def test_large_slides_in_the_body_are_taken(insert, meeting):
    content = base64.b64encode(b"x" * 12_000_000)
    body = b'<modules><module name="presentation"><document name="a.pdf">%s</document></module></modules>' % content

    assert insert(body).get("returncode") == "SUCCESS"
    assert meeting.documents[0].size == 12_000_000


def test_entities_in_the_body_are_not_resolved(insert, meeting):
    body = b"""<!DOCTYPE m [<!ENTITY name SYSTEM "file:///etc/hostname">]><modules><module name="presentation">
    <document name="a.pdf">&name;</document></module></modules>"""

    insert(body)

    assert [one.size for one in meeting.documents] == [0]
