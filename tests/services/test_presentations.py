"""Presentations: checked when they are uploaded, sent to servers either way, and in nobody's way."""

import io
from urllib.parse import unquote, urlsplit

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from django_bbb.api import BBBError, ServerUnreachable
from django_bbb.exceptions import ReadOnly, UnusableFile
from django_bbb.models import MeetingSession, Presentation
from django_bbb.services import meetings, presentations, rooms
from django_bbb.simulator.faults import CloseConnection, HtmlAnswer
from tests.slides import HTML, PDF


def upload(name="fractions.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def add(meeting):
    """Keep a file for the meeting."""

    def keep(name="fractions.pdf", content=PDF, **fields):
        return presentations.add_presentation(meeting=meeting, file=upload(name, content), **fields)

    return keep


@pytest.fixture
def broken(settings, bbb):
    """Let the storage fail from now on."""
    settings.STORAGES = {**settings.STORAGES, "broken": {"BACKEND": "tests.slides.BrokenStorage"}}

    def break_it():
        bbb["PRESENTATION_STORAGE"] = "broken"

    return break_it


@pytest.fixture
def sent(meeting, simulator):
    """Start the class, and return what the server was sent."""

    def start():
        meetings.start_meeting(meeting=meeting)
        return simulator.meetings[meeting.meeting_id].documents

    return start


def refused(file, name="", **more):
    with pytest.raises(ValidationError) as caught:
        presentations.check_upload(file=file, name=name or file.name)
    return " ".join(caught.value.messages)


class TestUpload:
    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("slides.pdf", HTML, "holds something else"),
            ("slides.png", PDF, "holds something else"),
            ("slides.txt", HTML, "holds something else"),
            ("slides.pdf.html", HTML, "Servers make no slides"),
            ("slides.pdf.exe", PDF, "Servers make no slides"),
            ("slides.svg", b"<svg/>", "Servers make no slides"),
            ("slides", PDF, "Servers make no slides"),
            ("slides.pdf", b"", "is empty"),
            ("slides.pdf", PDF + b"x" * 1000, "is larger than 1000"),
        ],
    )
    def test_what_no_server_would_show_is_refused_with_what_to_do(self, bbb, name, content, said):
        bbb["LARGEST_PRESENTATION"] = 1000

        assert said in refused(upload(name, content))

    def test_it_may_be_as_large_as_the_setting_says(self, bbb):
        bbb["LARGEST_PRESENTATION"] = len(PDF)

        assert presentations.check_upload(file=upload(), name="a.pdf") == "a.pdf"

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("Brüche  7b.PDF", "Brüche 7b.pdf"),
            ("../../etc/passwd.pdf", "passwd.pdf"),
            ("..\\..\\windows\\evil.pdf", "evil.pdf"),
            ("a/../b.pdf", "b.pdf"),
            ("fractions.2026.pdf", "fractions.2026.pdf"),
            ("slides.php.pdf", "slides.php.pdf"),  # its file has a name of ours
            ('50% "of"; all? #1 & <b>.pdf', "50_ _of_ all_ _1 _ _b.pdf"),
            ("\u202efdp.slides\x00\r\n.pdf", "fdp.slides.pdf"),
            (".pdf", "pdf"),
            ("___.pdf", "slides.pdf"),
            ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
            ("e\u0301te\u0301.pdf", "été.pdf"),
        ],
    )
    def test_names_are_the_same_to_every_system(self, typed, kept):
        assert presentations.safe_name(typed) == kept

    def test_the_file_is_left_at_its_beginning(self, bbb):
        file = upload()

        presentations.check_upload(file=file, name=file.name)

        assert file.read() == PDF

    def test_one_more_than_a_meeting_may_have_is_refused(self, add):
        for _number in range(presentations.MOST):
            add()

        with pytest.raises(ValidationError, match="at most 20"):
            add()

    def test_the_last_one_comes_last_and_a_new_first_one_takes_the_place_of_the_old(self, meeting, add):
        add("one.pdf", is_default=True)
        add("two.pdf")
        add("three.pdf", is_default=True)

        found = [(one.name, one.is_default) for one in meeting.presentations.all()]
        assert found == [("one.pdf", None), ("two.pdf", None), ("three.pdf", True)]


class TestScanner:
    @pytest.fixture(autouse=True)
    def scanner(self, bbb):
        bbb["PRESENTATION_SCANNER"] = "tests.slides.scan"

    def test_what_it_says_is_told(self):
        assert refused(upload(content=PDF + b"EICAR")) == "The file has a virus."

    def test_when_it_breaks_down_nothing_is_kept_and_somebody_is_told(self, caplog):
        assert "could not be examined" in refused(upload(content=PDF + b"BOMB"))
        assert "scanner failed" in caplog.text

    def test_when_there_is_no_such_function_nothing_is_kept(self, bbb):
        bbb["PRESENTATION_SCANNER"] = "tests.slides.scann"

        assert "could not be examined" in refused(upload())

    def test_what_it_has_nothing_against_is_kept(self, add):
        assert add().size == len(PDF)


class TestEmbedded:
    def test_the_server_has_all_in_their_order_as_they_are(self, add, sent):
        add("one.pdf", is_downloadable=True)
        add("Brüche.txt", "½".encode(), is_default=True, is_removable=False)

        first, second = sent()

        assert (first.name, first.size, first.url) == ("one.pdf", len(PDF), "")
        assert (first.current, first.downloadable, first.removable) == (None, True, True)
        assert (second.name, second.size) == ("Brüche.txt", 2)
        assert (second.current, second.downloadable, second.removable) == (True, False, False)

    def test_the_one_shown_first_is_on_show(self, add, sent, meeting, simulator):
        add("one.pdf")
        add("two.pdf", is_default=True)
        sent()

        assert simulator.meetings[meeting.meeting_id].current_document == 1

    def test_without_any_the_server_shows_its_own(self, sent):
        assert sent() == []

    def test_what_cannot_be_read_is_left_out_and_said_in_the_log(self, add, broken, sent, caplog):
        add()
        broken()

        assert sent() == []
        assert "starts without “fractions.pdf”" in caplog.text

    def test_a_file_that_is_gone_keeps_the_others_from_nothing(self, add, sent):
        gone = add("gone.pdf")
        gone.file.storage.delete(gone.file.name)
        add("there.pdf")

        assert [one.name for one in sent()] == ["there.pdf"]

    def test_what_is_larger_than_the_server_takes_is_left_out(self, bbb, add, sent):
        add("large.pdf", PDF + b"x" * 1000)
        add("small.pdf")
        bbb["SERVERS"]["default"]["LARGEST_DOCUMENT"] = 1000

        assert [one.name for one in sent()] == ["small.pdf"]

    def test_when_not_all_have_room_in_the_call_the_one_shown_first_has(self, bbb, add, sent, caplog):
        add("one.pdf")
        add("two.pdf")
        add("three.pdf", is_default=True)
        bbb["SERVERS"]["default"]["LARGEST_DOCUMENT"] = 2 * len(PDF)

        assert [one.name for one in sent()] == ["one.pdf", "three.pdf"]
        assert "starts without “two.pdf”" in caplog.text

    def test_nothing_of_them_is_kept_with_the_class(self, bbb, add, sent):
        add()
        sent()

        kept = str(MeetingSession.objects.get().parameters)
        assert "fractions" not in kept
        assert "slides" not in kept

    def test_a_repetition_sends_them_again(self, meeting, simulator, add):
        add()
        simulator.faults.set(CloseConnection(), call="create")
        with pytest.raises(ServerUnreachable):
            meetings.start_meeting(meeting=meeting)
        simulator.faults.clear()

        meetings.start_meeting(meeting=meeting)

        assert [one.name for one in simulator.meetings[meeting.meeting_id].documents] == ["fractions.pdf"]

    def test_a_class_is_worth_more_than_its_slides(self, add, sent, simulator, caplog):
        add()
        simulator.faults.set(HtmlAnswer(status=413), call="create", times=1)

        assert sent() == []
        assert "started without its presentations" in caplog.text

    def test_and_where_they_were_not_at_fault_it_fails_as_always(self, meeting, add, simulator):
        add()
        simulator.faults.set(HtmlAnswer(), call="create", times=2)

        with pytest.raises(BBBError):
            meetings.start_meeting(meeting=meeting)


class TestFetched:
    @pytest.fixture(autouse=True)
    def fetched(self, bbb, settings):
        settings.ALLOWED_HOSTS = [".example.org"]
        bbb["CALLBACK_BASE_URL"] = "https://lms.example.org"

    def test_the_server_gets_an_address_that_ends_in_the_name(self, add, sent):
        add("Brüche 7b.pdf", is_default=True)

        (found,) = sent()

        assert (found.name, found.size, found.current) == ("Brüche 7b.pdf", 0, True)
        assert found.url.startswith("https://lms.example.org/bbb/presentations/")
        assert unquote(found.url).endswith("/Brüche 7b.pdf")

    def test_there_it_finds_the_file(self, client, add, sent):
        add()
        (found,) = sent()

        answer = client.get(urlsplit(found.url).path, headers={"Host": "lms.example.org"}, secure=True)

        assert answer.getvalue() == PDF

    def test_the_address_is_in_no_log_and_in_no_row(self, add, sent, caplog):
        caplog.set_level("DEBUG")
        add()

        (found,) = sent()

        token = urlsplit(found.url).path.split("/")[3]
        assert len(token) > 30
        assert token not in caplog.text + str(MeetingSession.objects.get().parameters) + repr(found)

    def test_no_storage_is_asked(self, add, broken, sent):
        add()
        broken()

        assert [one.name for one in sent()] == ["fractions.pdf"]


class TestDelivery:
    @pytest.mark.parametrize(
        ("base", "said", "of_server", "expected"),
        [
            ("https://lms.example.org", None, None, "fetch"),
            ("https://lms.example.org:8443", None, None, "fetch"),
            ("http://lms.example.org", None, None, "embed"),
            ("https://10.0.0.7", None, None, "embed"),
            ("https://lms.internal", None, None, "embed"),
            ("", None, None, "embed"),
            ("", "fetch", None, "embed"),
            ("https://lms.internal", "fetch", None, "fetch"),
            ("https://lms.example.org", "embed", None, "embed"),
            ("https://lms.example.org", "embed", "fetch", "fetch"),
            ("https://lms.example.org", None, "embed", "embed"),
        ],
    )
    def test_servers_fetch_where_they_will_and_else_get_the_bytes(self, bbb, server, base, said, of_server, expected):
        bbb |= {"CALLBACK_BASE_URL": base, "PRESENTATION_DELIVERY": said}
        bbb["SERVERS"]["default"]["PRESENTATION_DELIVERY"] = of_server

        assert presentations.delivery_to(server) == expected


class TestWhileRunning:
    @pytest.fixture
    def session(self, meeting):
        return meetings.start_meeting(meeting=meeting)

    def test_it_is_there_and_not_on_show(self, session, meeting, simulator, add):
        made = add("fractions.pdf", is_default=True)

        presentations.insert_presentation(presentation=made, session=session)

        remote = simulator.meetings[meeting.meeting_id]
        assert [(one.name, one.size, one.current) for one in remote.documents] == [("fractions.pdf", len(PDF), None)]
        assert remote.current_document == 0

    def test_it_is_sent_once_whatever_comes_back(self, bbb, session, simulator, add):
        bbb["SERVERS"]["default"]["RETRIES"] = 3
        simulator.faults.set(HtmlAnswer(), call="insertDocument")

        with pytest.raises(BBBError):
            presentations.insert_presentation(presentation=add(), session=session)

        assert len(simulator.calls("insertDocument")) == 1

    def test_what_cannot_be_read_is_not_sent(self, session, simulator, add, broken):
        made = add()
        broken()

        with pytest.raises(UnusableFile, match="cannot be read"):
            presentations.insert_presentation(presentation=Presentation.objects.get(pk=made.pk), session=session)

        assert simulator.calls("insertDocument") == []

    def test_what_the_server_does_not_take_is_not_sent(self, bbb, session, simulator, add):
        made = add()
        bbb["SERVERS"]["default"]["LARGEST_DOCUMENT"] = 10

        with pytest.raises(UnusableFile, match="larger than the 10"):
            presentations.insert_presentation(presentation=made, session=session)

        assert simulator.calls("insertDocument") == []

    def test_a_copy_of_the_site_sends_nothing(self, bbb, session, simulator, add):
        made = add()
        bbb["READ_ONLY"] = True

        with pytest.raises(ReadOnly):
            presentations.insert_presentation(presentation=made, session=session)

        assert simulator.calls("insertDocument") == []


class TestSignature:
    def test_it_is_of_this_file_under_this_name(self, add):
        made, other = add(), add("other.pdf")
        _empty, _bbb, _presentations, token, name = presentations.signed_path(made).split("/")

        assert presentations.presentation_of(token=token, name=name) == made
        with pytest.raises(signing.BadSignature):
            presentations.presentation_of(token=token, name=other.name)

    @pytest.mark.parametrize("value", ["text", 7, None, [], ["1", "a.pdf"], {"pk": 1}])
    def test_other_things_that_were_signed_are_nothing(self, value):
        token = signing.dumps(value, salt="django_bbb.presentation")

        with pytest.raises(signing.BadSignature):
            presentations.presentation_of(token=token, name="a.pdf")

    def test_keys_rotate(self, add, settings):
        made = add()
        token = presentations.signed_path(made).split("/")[3]
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]

        assert presentations.presentation_of(token=token, name=made.name) == made

        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(signing.BadSignature):
            presentations.presentation_of(token=token, name=made.name)


class TestFiles:
    def exists(self, made):
        return storages["default"].exists(made.file.name)

    @pytest.mark.parametrize("delete", [lambda one: one.delete(), lambda one: Presentation.objects.all().delete()])
    def test_a_file_goes_with_its_row_once_that_is_certain(self, add, delete, django_capture_on_commit_callbacks):
        made = add()

        with django_capture_on_commit_callbacks() as callbacks:
            delete(Presentation.objects.get(pk=made.pk))
        assert self.exists(made)
        for callback in callbacks:
            callback()

        assert not self.exists(made)

    def test_a_row_that_stays_after_all_keeps_its_file(self, add, django_capture_on_commit_callbacks):
        made = add()

        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            Presentation.objects.get(pk=made.pk).delete()
            transaction.set_rollback(True)

        assert self.exists(made)

    def test_a_storage_that_does_not_delete_is_a_line_in_the_log(
        self, add, broken, caplog, django_capture_on_commit_callbacks
    ):
        made = add()
        broken()

        with django_capture_on_commit_callbacks(execute=True):
            made.delete()

        assert not Presentation.objects.exists()
        assert "still in its storage" in caplog.text

    def test_an_archived_meeting_keeps_them(self, add, meeting, django_capture_on_commit_callbacks):
        made = add()

        with django_capture_on_commit_callbacks(execute=True):
            meeting.delete()

        assert Presentation.objects.get() == made
        assert self.exists(made)

    def test_a_clone_has_copies_of_its_own(self, add, meeting, django_capture_on_commit_callbacks):
        made = add("one.pdf", is_default=True, is_downloadable=True, is_removable=False, position=7)

        clone = rooms.clone_meeting(meeting=meeting)
        with django_capture_on_commit_callbacks(execute=True):
            made.delete()

        copy = clone.presentations.get()
        assert (copy.name, copy.size, copy.position) == ("one.pdf", len(PDF), 7)
        assert (copy.is_default, copy.is_downloadable, copy.is_removable) == (True, True, False)
        assert copy.file.read() == PDF

    def test_what_cannot_be_copied_is_left_out_and_said_in_the_log(self, add, meeting, caplog):
        gone = add("gone.pdf")
        gone.file.storage.delete(gone.file.name)
        add("there.pdf")

        clone = rooms.clone_meeting(meeting=meeting)

        assert [one.name for one in clone.presentations.all()] == ["there.pdf"]
        assert "“gone.pdf” was not copied" in caplog.text

    def test_other_files_than_uploads_are_kept_too(self, meeting):
        made = presentations.add_presentation(meeting=meeting, file=ContentFile(PDF), name="made here.pdf")

        assert io.BytesIO(made.file.read()).getvalue() == PDF
