"""The presentations of a room, for those whose room it is."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from django_bbb.models import Presentation
from django_bbb.services import meetings, presentations
from django_bbb.simulator.faults import HtmlAnswer
from tests.slides import HTML, PDF


def page(name, meeting, one=None):
    more = {"pk": one.pk} if one else {}
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id, **more})


def pdf(name="fractions.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def told(answer):
    return [str(one) for one in answer.context["messages"]]


@pytest.fixture
def files(client, teacher, meeting):
    client.force_login(teacher)
    return page("room-presentations", meeting)


@pytest.fixture
def made(meeting):
    return presentations.add_presentation(meeting=meeting, file=pdf(), is_default=True)


def test_a_file_is_uploaded_and_shown_in_the_next_class(client, files, meeting, simulator):
    answer = client.post(files, {"file": pdf("Brüche.pdf"), "is_downloadable": "on"}, follow=True)
    meetings.start_meeting(meeting=meeting)

    (shown,) = simulator.meetings[meeting.meeting_id].documents
    assert (shown.name, shown.downloadable) == ("Brüche.pdf", True)
    assert told(answer) == ["“Brüche.pdf” is shown from the next start of the class on."]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (pdf("fractions.exe"), "Servers make no slides of such files."),
        (pdf("fractions.pdf", HTML), "The file holds something else than its ending"),
        (pdf("fractions.pdf", b""), "empty"),
    ],
)
def test_what_makes_no_slides_is_refused(client, files, file, reason):
    answer = client.post(files, {"file": file})

    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert not Presentation.objects.exists()


def test_one_too_many_is_refused(client, files, meeting, monkeypatch, made):
    monkeypatch.setattr(presentations, "MOST", 1)

    answer = client.post(files, {"file": pdf()})

    assert answer.status_code == 422
    assert "A meeting has at most 1 presentations." in answer.content.decode()


def test_place_and_what_is_shown_first_are_changed(client, files, meeting, made):
    other = presentations.add_presentation(meeting=meeting, file=pdf("decimals.pdf"))
    typed = {f"p{other.pk}-position": "0", f"p{other.pk}-shown_first": "on", f"p{other.pk}-is_downloadable": "on"}

    client.post(page("room-presentation-change", meeting, other), typed)

    made.refresh_from_db()
    other.refresh_from_db()
    assert (made.is_default, other.is_default) == (None, True)
    assert (other.position, other.is_downloadable, other.is_removable) == (0, True, False)


def test_a_place_that_is_none_is_told_at_its_file(client, files, meeting, made):
    answer = client.post(page("room-presentation-change", meeting, made), {f"p{made.pk}-position": "-1"})

    made.refresh_from_db()
    assert answer.status_code == 422
    assert "greater than or equal to 0" in answer.content.decode()
    assert made.is_default is True


def test_a_file_is_opened_by_an_address_that_is_shown_nowhere(client, files, meeting, made):
    shown = client.get(files).content.decode()
    answer = client.get(page("room-presentation-open", meeting, made), follow=True)

    assert answer.getvalue() == PDF
    assert "/bbb/presentations/" not in shown
    assert made.file.name not in shown


def test_a_file_is_deleted(client, files, meeting, made, django_capture_on_commit_callbacks):
    storage, name = made.file.storage, made.file.name

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page("room-presentation-delete", meeting, made))

    assert not Presentation.objects.exists()
    assert not storage.exists(name)


class TestSend:
    def test_into_a_class_that_runs(self, client, files, meeting, simulator, made):
        meetings.start_meeting(meeting=meeting)
        button = page("room-presentation-send", meeting, made)

        assert button in client.get(files).content.decode()
        assert told(client.post(button, follow=True))[0].startswith("“fractions.pdf” was sent into the running class.")
        assert len(simulator.calls("insertDocument")) == 1

    def test_without_a_class_there_is_no_button(self, client, files, meeting, simulator, made):
        button = page("room-presentation-send", meeting, made)

        assert button not in client.get(files).content.decode()
        assert "the class does not run" in told(client.post(button, follow=True))[0]
        assert simulator.journal == []

    def test_a_server_that_fails_is_told(self, client, files, meeting, simulator, made):
        meetings.start_meeting(meeting=meeting)
        simulator.faults.set(HtmlAnswer(), call="insertDocument")

        answer = client.post(page("room-presentation-send", meeting, made), follow=True)

        assert told(answer) == ["“fractions.pdf” was not sent: the classroom server did not take it."]

    def test_a_copy_of_the_site_sends_nothing(self, client, files, meeting, simulator, bbb, made):
        meetings.start_meeting(meeting=meeting)
        bbb["READ_ONLY"] = True

        assert client.post(page("room-presentation-send", meeting, made)).status_code == 503
        assert simulator.calls("insertDocument") == []
