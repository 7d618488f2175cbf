"""Presentations in the admin: uploaded on the page of their meeting, and sent into a class that runs."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from django_bbb.models import Meeting, Presentation
from django_bbb.services import meetings, presentations
from django_bbb.simulator.faults import HtmlAnswer
from tests.slides import GOOD, HTML, PDF

MEETING = ("view_meeting", "change_meeting")
ALL = tuple(f"{act}_presentation" for act in ("view", "add", "change", "delete"))


def page_of(meeting):
    return reverse("admin:django_bbb_meeting_change", args=[meeting.pk])


def address(made, what="presentation_send"):
    return reverse(f"admin:django_bbb_meeting_{what}", args=[made.meeting_id, made.pk])


def upload(name="fractions.pdf", content=PDF, **more):
    """Return what is typed in one row for a new file."""
    return {"upload": SimpleUploadedFile(name, content), "position": "", "is_removable": "on", **more}


def row(made, **more):
    """Return what the row of a file sends as it is."""
    flags = ("is_downloadable", "is_removable")
    sent = {"id": made.pk, "meeting": made.meeting_id, "position": made.position}
    sent |= {flag: "on" for flag in flags if getattr(made, flag)}
    sent |= {"shown_first": "on"} if made.is_default else {}
    return {name: value for name, value in {**sent, **more}.items() if value is not None}


@pytest.fixture
def save(meeting):
    """Send the page of the meeting with these rows: those that are there first."""

    def send(client, *rows):
        there = sum("id" in one for one in rows)
        data = {"name": meeting.name, "access": meeting.access, "wait_for": "class"}
        for table in ("memberships", "invitations", "sessions", "recordings"):
            data |= {f"{table}-TOTAL_FORMS": 0, f"{table}-INITIAL_FORMS": 0}
        data |= {"presentations-TOTAL_FORMS": len(rows), "presentations-INITIAL_FORMS": there}
        for number, one in enumerate(rows):
            data |= {f"presentations-{number}-{name}": value for name, value in one.items()}
        return client.post(page_of(meeting), data, follow=True)

    return send


@pytest.fixture
def add(meeting):
    def keep(name="fractions.pdf", **fields):
        return presentations.add_presentation(meeting=meeting, file=SimpleUploadedFile(name, PDF), **fields)

    return keep


@pytest.fixture
def staff(client, person):
    def log_in(*permissions):
        client.force_login(person("staff", is_staff=True, permissions=permissions))
        return client

    return log_in


@pytest.fixture
def running(meeting, simulator):
    session = meetings.start_meeting(meeting=meeting)
    simulator.clear_journal()
    return session


def kept():
    return list(Presentation.objects.values_list("name", "position", "is_default"))


class TestUpload:
    def test_what_is_uploaded_is_shown_at_the_next_start(self, admin_client, save, meeting, simulator):
        answer = save(admin_client, upload("Brüche 7b.pdf", is_downloadable="on"), upload("b.png", GOOD[".png"]))

        assert answer.redirect_chain
        assert simulator.journal == []  # nobody asks a server while somebody types
        meetings.start_meeting(meeting=meeting)
        first, second = simulator.meetings[meeting.meeting_id].documents
        assert (first.name, first.size, first.downloadable, first.removable) == ("Brüche 7b.pdf", len(PDF), True, True)
        assert (second.name, second.size) == ("b.png", len(GOOD[".png"]))

    def test_they_can_be_there_when_a_meeting_is_made(self, admin_client, server):
        data = {"name": "Physics 9c", "access": "members", "wait_for": "class"}
        for table in ("memberships", "invitations", "presentations", "sessions", "recordings"):
            data |= {f"{table}-TOTAL_FORMS": 0, f"{table}-INITIAL_FORMS": 0}
        for number, one in enumerate((upload("a.pdf"), upload("b.pdf", shown_first="on"))):
            data |= {f"presentations-{number}-{name}": value for name, value in one.items()}
        data["presentations-TOTAL_FORMS"] = 2

        admin_client.post(reverse("admin:django_bbb_meeting_add"), data)

        assert Meeting.objects.get().name == "Physics 9c"
        assert [(name, first) for name, _position, first in kept()] == [("a.pdf", None), ("b.pdf", True)]

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("slides.pdf", HTML, "holds something else"),
            ("slides.pdf.html", HTML, "Servers make no slides"),
            ("slides.pdf", b"", "The submitted file is empty"),
            ("slides.pdf", PDF * 20, "is larger than"),
        ],
    )
    def test_mistakes_are_explained_at_the_field_and_nothing_is_kept(
        self, admin_client, save, bbb, name, content, said
    ):
        bbb["LARGEST_PRESENTATION"] = 10 * len(PDF)

        answer = save(admin_client, upload(name, content))

        assert said in answer.content.decode()
        assert kept() == []

    def test_what_the_scanner_refuses_is_not_kept(self, admin_client, save, bbb):
        bbb["PRESENTATION_SCANNER"] = "tests.slides.scan"

        answer = save(admin_client, upload(content=PDF + b"EICAR"), upload(content=PDF + b"BOMB"))

        assert "The file has a virus." in answer.content.decode()
        assert "could not be examined" in answer.content.decode()
        assert kept() == []

    def test_a_row_without_a_file_is_explained(self, admin_client, save):
        answer = save(admin_client, {"position": "3", "is_removable": "on"})

        assert "This field is required" in answer.content.decode()

    def test_new_ones_come_last(self, admin_client, save, add):
        first = add("a.pdf", position=7)

        save(admin_client, row(first), upload("b.pdf"))

        assert kept() == [("a.pdf", 7, None), ("b.pdf", 8, None)]

    def test_the_file_of_a_row_stays_what_it_is(self, admin_client, save, add):
        made = add()

        save(admin_client, row(made, position=5, upload=SimpleUploadedFile("evil.pdf", PDF + b"other")))

        found = Presentation.objects.get()
        assert (found.name, found.position, found.file.read()) == ("fractions.pdf", 5, PDF)

    def test_a_deleted_row_takes_its_file_along(self, admin_client, save, add, django_capture_on_commit_callbacks):
        made = add()

        with django_capture_on_commit_callbacks(execute=True):
            save(admin_client, row(made, DELETE="on"))

        assert kept() == []
        assert not made.file.storage.exists(made.file.name)

    def test_a_row_for_a_new_file_says_nothing_yet(self, admin_client, meeting):
        assert "<p>None</p>" not in admin_client.get(page_of(meeting)).content.decode()

    def test_while_a_class_runs_it_is_said_that_it_is_for_the_next(self, admin_client, running, save):
        answer = save(admin_client, upload())

        assert "new presentations are shown from its next start on" in answer.content.decode()


class TestRows:
    def test_two_are_not_shown_first(self, admin_client, save, add):
        first = add("a.pdf", is_default=True)

        answer = save(admin_client, row(first), upload(shown_first="on"))

        assert "Only one presentation can be shown first" in answer.content.decode()
        assert kept() == [("a.pdf", 0, True)]

    @pytest.mark.parametrize("number", [0, 1])
    def test_another_takes_the_place_of_the_one_shown_first(self, admin_client, save, add, number):
        made = [add("a.pdf", is_default=number == 1), add("b.pdf", is_default=number == 0)]
        other = made[1 - number]

        rows = [row(one, shown_first=None if one == other else "on") for one in made]
        save(admin_client, *rows)

        assert Presentation.objects.get(is_default=True) == made[number]
        assert Presentation.objects.filter(is_default=None).count() == 1

    def test_none_need_be_shown_first(self, admin_client, save, add):
        save(admin_client, row(add(is_default=True), shown_first=None))

        assert kept() == [("fractions.pdf", 0, None)]

    def test_one_that_stays_as_it_is_stays_first(self, admin_client, save, add):
        first, second = add("a.pdf", is_default=True), add("b.pdf")

        save(admin_client, row(first), row(second, position=9))

        assert kept() == [("a.pdf", 0, True), ("b.pdf", 9, None)]

    def test_the_deleted_one_makes_room_for_another_first(self, admin_client, save, add):
        first, second = add("a.pdf", is_default=True), add("b.pdf")

        save(admin_client, row(first, DELETE="on"), row(second, shown_first="on"))

        assert kept() == [("b.pdf", 1, True)]

    def test_one_more_than_a_meeting_may_have_is_refused(self, admin_client, save, add):
        made = [add() for _number in range(presentations.MOST)]

        answer = save(admin_client, *map(row, made), upload())

        assert "at most 20 presentations" in answer.content.decode()
        assert len(kept()) == presentations.MOST

    def test_in_place_of_a_deleted_one_there_is_room(self, admin_client, save, add):
        made = [add() for _number in range(presentations.MOST)]

        save(admin_client, row(made[0], DELETE="on"), *map(row, made[1:]), upload("new.pdf"))

        assert len(kept()) == presentations.MOST
        assert Presentation.objects.filter(name="new.pdf").exists()

    def test_a_row_of_another_meeting_is_not_changed(self, admin_client, save, add, meeting):
        made = add()
        Presentation.objects.update(meeting=meetings.create_meeting(name="Other"))

        save(admin_client, row(made, position=9))

        assert kept() == [("fractions.pdf", 0, None)]


class TestPermissions:
    def test_who_is_not_logged_in_uploads_nothing(self, client, save):
        answer = save(client, upload())

        assert "/login/" in answer.redirect_chain[0][0]
        assert kept() == []

    @pytest.mark.parametrize(
        "permissions",
        [MEETING, ("view_meeting", *ALL), (*MEETING, "view_presentation"), (*MEETING, "change_presentation")],
    )
    def test_without_the_permission_nothing_is_uploaded(self, staff, save, permissions):
        save(staff(*permissions), upload())

        assert kept() == []

    @pytest.mark.parametrize("lacks", ["change_presentation", "delete_presentation"])
    def test_without_the_permission_nothing_is_changed_or_deleted(self, staff, save, add, lacks):
        made = add("a.pdf", is_default=True)
        client = staff(*MEETING, *(one for one in ALL if one != lacks))
        change = {"position": 9, "shown_first": None} if lacks == "change_presentation" else {"DELETE": "on"}

        save(client, row(made, **change))

        assert kept() == [("a.pdf", 0, True)]

    def test_who_may_only_add_takes_the_first_place_from_no_other(self, staff, save, add):
        made = add("a.pdf", is_default=True)

        save(staff(*MEETING, "add_presentation", "view_presentation"), row(made), upload(shown_first="on"))

        assert kept() == [("a.pdf", 0, True)]

    @pytest.mark.parametrize("permissions", [MEETING, ("view_meeting",)])
    def test_without_the_permission_none_is_seen(self, staff, add, meeting, permissions):
        add("secret-plans.pdf")

        assert "secret-plans" not in staff(*permissions).get(page_of(meeting)).content.decode()

    @pytest.mark.parametrize(
        "permissions",
        [
            ("view_meeting", "view_presentation"),
            (*MEETING, "view_presentation"),
            (*MEETING, "view_presentation", "add_presentation"),
            (*MEETING, *ALL),
        ],
    )
    def test_the_storages_own_address_is_on_no_page(self, staff, add, meeting, permissions):
        made = add(is_default=True)

        page = staff(*permissions).get(page_of(meeting)).content.decode()

        assert "fractions.pdf" in page
        assert made.file.name not in page
        assert "bbb/presentations/" not in page.replace("bbb/meeting/", "")


class TestOpen:
    def test_the_link_leads_to_the_file(self, admin_client, add, meeting):
        made = add()
        where = address(made, "presentation")
        assert f'href="{where}"' in admin_client.get(page_of(meeting)).content.decode()

        answer = admin_client.get(where)

        assert answer.status_code == 302
        assert "no-store" in answer["Cache-Control"]
        assert admin_client.get(answer["Location"]).getvalue() == PDF

    @pytest.mark.parametrize("permissions", [(), ("view_meeting",), ("view_presentation",), MEETING])
    def test_it_asks_for_both_permissions(self, staff, add, permissions):
        assert staff(*permissions).get(address(add(), "presentation")).status_code == 403

    def test_who_is_not_logged_in_logs_in_first(self, client, add):
        assert "/login/" in client.get(address(add(), "presentation"))["Location"]

    @pytest.mark.parametrize("what", ["presentation", "presentation_send"])
    def test_below_another_meeting_there_is_none(self, admin_client, add, what):
        other = meetings.create_meeting(name="Other")
        where = reverse(f"admin:django_bbb_meeting_{what}", args=[other.pk, add().pk])
        method = admin_client.post if what == "presentation_send" else admin_client.get

        assert method(where).status_code == 404


class TestSend:
    def test_it_is_sent_told_and_logged(self, admin_client, running, add, meeting, simulator):
        made = add()
        page = admin_client.get(page_of(meeting)).content.decode()
        assert f'formaction="{address(made)}"' in page
        assert "Send “fractions.pdf” into the running class" in page

        answer = admin_client.post(address(made), follow=True)

        (found,) = simulator.meetings[meeting.meeting_id].documents
        assert (found.name, found.size) == ("fractions.pdf", len(PDF))
        assert "was sent into the running class" in answer.content.decode()
        assert LogEntry.objects.get().change_message == "Sent “fractions.pdf” into class."

    def test_without_a_class_there_is_no_button_and_nothing_is_sent(self, admin_client, add, meeting, simulator):
        made = add()

        assert "formaction=" not in admin_client.get(page_of(meeting)).content.decode()
        assert "the class does not run" in admin_client.post(address(made), follow=True).content.decode()
        assert simulator.journal == []
        assert not LogEntry.objects.exists()

    def test_a_get_sends_nothing(self, admin_client, running, add, simulator):
        assert admin_client.get(address(add())).status_code == 405
        assert simulator.journal == []

    @pytest.mark.parametrize("permissions", [("view_meeting", *ALL), MEETING, ALL])
    def test_it_asks_for_the_meetings_change_permission(self, staff, running, add, meeting, simulator, permissions):
        made, client = add(), staff(*permissions)

        assert client.post(address(made)).status_code == 403
        assert simulator.journal == []
        if "view_meeting" in permissions:
            assert "formaction=" not in client.get(page_of(meeting)).content.decode()

    def test_with_that_it_is_done(self, staff, running, add, simulator):
        staff(*MEETING, "view_presentation").post(address(add()))

        assert len(simulator.calls("insertDocument")) == 1

    def test_a_server_in_trouble_is_told_and_nothing_logged(self, admin_client, running, add, simulator):
        simulator.faults.set(HtmlAnswer(), call="insertDocument")

        answer = admin_client.post(address(add()), follow=True)

        assert "“fractions.pdf” was not sent" in answer.content.decode()
        assert not LogEntry.objects.exists()

    def test_a_file_that_is_gone_is_told(self, admin_client, running, add, simulator):
        made = add()
        made.file.storage.delete(made.file.name)

        answer = admin_client.post(address(made), follow=True)

        assert "cannot be read from its storage" in answer.content.decode()
        assert simulator.calls("insertDocument") == []

    @pytest.mark.django_db(transaction=True)
    def test_the_server_is_called_outside_of_the_requests_transaction(
        self, transactional_db, admin_client, running, add, simulator, monkeypatch
    ):  # threats.md 43; the guard in conftest fails a call inside one
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

        admin_client.post(address(add()))

        assert len(simulator.calls("insertDocument")) == 1


def test_twenty_rows_cost_no_more_queries_than_one(admin_client, add, meeting, django_assert_max_num_queries):
    add()
    admin_client.get(page_of(meeting))
    with django_assert_max_num_queries(100) as with_one:
        admin_client.get(page_of(meeting))
    for _number in range(presentations.MOST - 1):
        add()

    with django_assert_max_num_queries(len(with_one)):
        admin_client.get(page_of(meeting))
