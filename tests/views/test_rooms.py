"""Rooms made and changed outside the admin: who may, what, and what the next class gets of it."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.generic import TemplateView, View
from lms.models import Course

from django_bbb.api import Role
from django_bbb.conf import EDITABLE
from django_bbb.forms.labels import LABELS
from django_bbb.forms.rooms import RoomForm
from django_bbb.models import Invitation, Meeting, MeetingPreset
from django_bbb.services import meetings
from django_bbb.services.codes import code_of
from django_bbb.services.guests import COOKIE, Guest, sealed
from django_bbb.services.joining import Admission
from django_bbb.urls import ROOM
from django_bbb.views.mixins import EditorRequiredMixin, MeetingMixin, ModeratorRequiredMixin

NEW = "django_bbb:room-new"
#: Pages for whoever moderates, by a code too; the others are for those who may change the room.
FOR_MODERATORS = {"room-class", "room-class-restart"}
EVERY = [(name, "<int:pk>" in where) for where, _view, name in ROOM]


def page(name, meeting, **more):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id, **more})


def any_page(name, has_pk, meeting):
    return page(name, meeting, **({"pk": 1} if has_pk else {}))


def typed(answer, **changed):
    """Return what a browser would send of the form on a page, with some of it changed."""
    form = answer.context["form"]
    values = {field.html_name: field.value() for field in form}
    values = {name: "on" if value is True else value for name, value in values.items() if value not in (None, False)}
    return values | changed


@pytest.fixture
def at_home(client, teacher, meeting):
    """The browser of the owner."""
    client.force_login(teacher)
    return client


@pytest.fixture
def stranger(person):
    return person("stranger")


@pytest.fixture
def viewer(person, meeting):
    member = person("viewer")
    meeting.memberships.create(user=member, role="viewer")
    return member


@pytest.fixture
def elsewhere(person):
    """Somebody who moderates another room."""
    member = person("elsewhere")
    Meeting.objects.create(name="Physics", owner=member).memberships.create(user=member, role="moderator")
    return member


class TestWhoMayNot:
    @pytest.mark.parametrize("who", ["stranger", "viewer", "elsewhere"])
    def test_people_who_do_not_lead_the_room(self, client, meeting, simulator, request, who):
        client.force_login(request.getfixturevalue(who))
        addresses = [any_page(name, has_pk, meeting) for name, has_pk in EVERY]

        answers = [send(one) for one in addresses for send in (client.get, client.post)]

        assert {one.status_code for one in answers} == {403}
        assert not [one for one in answers if any("django_bbb/rooms/" in used.name for used in one.templates)]
        assert simulator.journal == []

    def test_whoever_is_not_logged_in_does_that_first(self, client, meeting):
        addresses = [any_page(name, has_pk, meeting) for name, has_pk in EVERY]

        shown = [client.get(one)["Location"] for one in addresses]
        done = {client.post(one).status_code for one in addresses}

        assert shown == [f"{reverse('login')}?next={one}" for one in addresses]
        assert done == {403}

    def test_a_form_of_another_site(self, teacher, meeting, caplog):
        client = Client(enforce_csrf_checks=True)
        client.force_login(teacher)

        answers = [client.post(any_page(name, has_pk, meeting)) for name, has_pk in EVERY]

        assert {one.status_code for one in answers} == {403}
        assert caplog.text.count("CSRF cookie not set") == len(EVERY)

    @pytest.mark.parametrize("by", ["code", "link"])
    def test_a_moderator_by_a_code_or_a_link_decides_nothing_about_the_room(self, client, meeting, student, by):
        meeting.moderator_code = "open-sesame"
        meeting.save()
        code = code_of(Invitation.objects.create(meeting=meeting, role="moderator")) if by == "link" else "open-sesame"
        client.cookies[COOKIE] = sealed(Guest().with_code(meeting, code))
        client.force_login(student)

        let_in = {name for name, has_pk in EVERY if client.get(any_page(name, has_pk, meeting)).status_code == 200}

        assert let_in == FOR_MODERATORS

    def test_a_moderator_whose_time_is_over(self, client, meeting, stranger, at):
        meeting.memberships.create(user=stranger, role="moderator", valid_until=at(-1))
        client.force_login(stranger)

        assert client.get(page("room-edit", meeting)).status_code == 403

    def test_an_archived_room_is_not_there(self, at_home, meeting):
        meeting.delete()

        assert at_home.get(page("room-edit", meeting)).status_code == 404

    @pytest.mark.parametrize("name", ["room-member-remove", "room-presentation-delete", "room-invitation-withdraw"])
    def test_rows_of_other_rooms_are_not_there(self, at_home, teacher, elsewhere, name):
        mine, other = Meeting.objects.get(owner=teacher), Meeting.objects.get(owner=elsewhere)
        rows = {
            "room-member-remove": other.memberships.get,
            "room-presentation-delete": lambda: other.presentations.create(file="a.pdf", name="a.pdf", size=1),
            "room-invitation-withdraw": lambda: other.invitations.create(),
        }
        row = rows[name]()

        answer = at_home.post(page(name, mine, pk=row.pk))

        row.refresh_from_db()
        assert answer.status_code == 404
        assert getattr(row, "revoked_at", None) is None


class TestWhoMay:
    def test_a_moderating_member(self, client, meeting, stranger):
        meeting.memberships.create(user=stranger, role="moderator")
        client.force_login(stranger)

        assert client.get(page("room-edit", meeting)).status_code == 200

    def test_whoever_may_change_all_meetings(self, client, meeting, person):
        meeting.access = Meeting.Access.MEMBERS
        meeting.save()
        client.force_login(person("office", permissions=("change_meeting",)))

        assert client.get(page("room-edit", meeting)).status_code == 200
        assert client.get(page("room-class", meeting)).status_code == 403

    def test_the_owner_of_a_room_that_is_closed(self, at_home, meeting, at):
        meeting.closes_at = at(-1)
        meeting.save()

        assert at_home.get(page("room-edit", meeting)).status_code == 200

    def test_whom_the_policy_of_the_site_lets_lead(self, client, bbb, meeting, stranger):
        bbb["JOIN_POLICY"] = f"{__name__}.everybody_leads"
        client.force_login(stranger)

        assert client.get(page("room-edit", meeting)).status_code == 200

    @pytest.mark.parametrize(("name", "has_pk"), [one for one in EVERY if not one[1]])
    def test_no_page_calls_a_server_or_has_a_style_of_its_own(self, at_home, meeting, simulator, name, has_pk):
        meetings.start_meeting(meeting=meeting)
        meeting.invitations.create(label="Dr. Noether")
        simulator.clear_journal()

        text = at_home.get(page(name, meeting)).content.decode()

        assert simulator.journal == []
        assert " style=" not in text
        assert "<style" not in text
        assert "<script>" not in text


def everybody_leads(**facts):
    return Admission(Role.MODERATOR, may_start=True)


class TestNewRoom:
    @pytest.fixture
    def maker(self, client, person, server):
        client.force_login(person("maker", permissions=("add_meeting",)))
        return client

    def test_with_the_permission_a_name_is_enough(self, maker):
        answer = maker.post(reverse(NEW), {"name": "Choir"})

        made = Meeting.objects.get()
        assert (made.name, made.owner.username, made.options) == ("Choir", "maker", {})
        assert answer["Location"] == page("room-edit", made)
        assert maker.get(answer["Location"]).status_code == 200

    def test_its_class_has_what_the_site_says(self, maker, simulator):
        maker.post(reverse(NEW), {"name": "Choir"})

        session = meetings.start_meeting(meeting=Meeting.objects.get())

        assert session.parameters["record"] is True  # CREATE_DEFAULTS

    def test_a_name_that_is_none_is_told(self, maker):
        answer = maker.post(reverse(NEW), {"name": "C"})

        assert answer.status_code == 422
        assert "at least two characters" in answer.content.decode()
        assert not Meeting.objects.exists()

    def test_without_the_permission_there_is_no_form(self, client, student, server):
        client.force_login(student)

        assert client.get(reverse(NEW)).status_code == 403
        assert client.post(reverse(NEW), {"name": "Mine"}).status_code == 403
        assert not Meeting.objects.exists()

    def test_whoever_is_not_logged_in_does_that_first(self, client, server):
        assert client.get(reverse(NEW))["Location"].startswith(reverse("login"))

    def test_a_form_of_another_site(self, person):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person("maker", permissions=("add_meeting",)))

        assert client.post(reverse(NEW), {"name": "Mine"}).status_code == 403

    def test_the_site_decides(self, client, bbb, student, server):
        bbb["MAY_CREATE"] = f"{__name__}.students_may"
        client.force_login(student)

        assert client.get(reverse(NEW)).status_code == 200

    def test_an_error_of_the_site_is_a_no(self, client, bbb, person, server, caplog):
        bbb["MAY_CREATE"] = f"{__name__}.students_may"
        client.force_login(person("other", permissions=("add_meeting",)))

        assert client.get(reverse(NEW)).status_code == 403
        assert "MAY_CREATE raised" in caplog.text


def students_may(*, user):
    return {"student": True}[user.username]


class TestSettings:
    def test_what_is_typed_holds_for_the_next_class(self, at_home, meeting):
        data = typed(at_home.get(page("room-edit", meeting)), name="Maths 7b", option_mute_on_start="true")

        at_home.post(page("room-edit", meeting), data)

        meeting.refresh_from_db()
        assert (meeting.name, meeting.access, meeting.options) == ("Maths 7b", "signed_in", {"mute_on_start": True})
        assert meetings.start_meeting(meeting=meeting).parameters["mute_on_start"] is True

    def test_options_without_a_field_stay(self, at_home, meeting):
        kept = {"meta": {"department": "7"}, "banner_text": "Quiet, please", "extra": {"newParameter": "1"}}
        meeting.options = kept | {"record": False}
        meeting.save()

        data = typed(at_home.get(page("room-edit", meeting)), option_record="true")
        at_home.post(page("room-edit", meeting), data)

        meeting.refresh_from_db()
        assert meeting.options == kept | {"record": True}

    def test_what_somebody_else_has_changed_meanwhile_stays(self, meeting, teacher, bbb):
        bbb["EDITABLE"] = ["name"]
        form = RoomForm({"name": "Maths 7b"}, instance=meeting)
        Meeting.objects.update(viewer_code="open-sesame", owner=None)

        assert form.is_valid()
        form.save()

        meeting.refresh_from_db()
        assert (meeting.name, meeting.viewer_code, meeting.owner) == ("Maths 7b", "open-sesame", None)

    def test_every_field_has_a_name_that_can_be_translated(self, bbb):
        plain = {name for name in EDITABLE if not hasattr(Meeting, name)}

        assert plain - LABELS.keys() == set()

    def test_what_the_site_does_not_offer_cannot_be_sent(self, at_home, bbb, meeting):
        bbb["EDITABLE"] = ["name", "record"]

        answer = at_home.get(page("room-edit", meeting))
        at_home.post(page("room-edit", meeting), typed(answer, access="link", owner="", option_duration="1"))

        meeting.refresh_from_db()
        assert list(answer.context["form"].fields) == ["name", "option_record"]
        assert (meeting.access, meeting.owner.username, meeting.options) == ("signed_in", "teacher", {})

    def test_what_the_preset_enforces_is_shown_with_the_reason(self, at_home, meeting):
        meeting.preset = MeetingPreset.objects.create(name="Exam", options={"record": False}, enforced=["record"])
        meeting.save()

        answer = at_home.get(page("room-edit", meeting))
        at_home.post(page("room-edit", meeting), typed(answer, option_record="true"))

        meeting.refresh_from_db()
        assert "The preset “Exam” decides this." in answer.content.decode()
        assert answer.context["form"].fields["option_record"].disabled
        assert meeting.options == {}

    def test_a_code_is_made_up_and_not_stored_before_somebody_says_so(self, at_home, meeting):
        data = typed(at_home.get(page("room-edit", meeting)), name="Maths 7b")

        answer = at_home.post(page("room-edit", meeting), data | {"make_up": "viewer_code"})
        meeting.refresh_from_db()
        before = (meeting.viewer_code, meeting.name)
        at_home.post(page("room-edit", meeting), typed(answer))

        meeting.refresh_from_db()
        assert before == ("", "Mathematics 7b")
        assert len(meeting.viewer_code) == 8
        assert (meeting.name, meeting.moderator_code) == ("Maths 7b", "")

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"viewer_code": "abc"}, "at least 6 characters"),
            ({"opens_at": "2031-01-02T10:00", "closes_at": "2031-01-02T09:00"}, "not after the opening"),
            ({"option_max_participants": "-3"}, "greater than or equal to"),
        ],
    )
    def test_what_cannot_be_is_told_and_not_stored(self, at_home, meeting, changed, told):
        data = typed(at_home.get(page("room-edit", meeting)), name="Other", **changed)

        answer = at_home.post(page("room-edit", meeting), data)

        meeting.refresh_from_db()
        assert answer.status_code == 422
        assert told in answer.content.decode()
        assert "<h1>Mathematics 7b</h1>" in answer.content.decode()
        assert meeting.name == "Mathematics 7b"

    def test_what_is_wrong_with_a_field_that_is_not_there_is_told_too(self, at_home, bbb, meeting, at):
        bbb["EDITABLE"] = ["name", "opens_at"]
        meeting.closes_at, meeting.options = at(-1), {"record": True}
        meeting.save()

        answer = at_home.post(page("room-edit", meeting), {"name": "Other", "opens_at": "2099-01-02T10:00"})

        assert answer.status_code == 422
        assert "not after the opening" in answer.content.decode()

    def test_times_are_those_of_the_site(self, at_home, meeting, settings):
        settings.TIME_ZONE = "Europe/Berlin"
        data = typed(at_home.get(page("room-edit", meeting)), opens_at="2031-01-02T10:00")

        at_home.post(page("room-edit", meeting), data)
        shown = at_home.get(page("room-edit", meeting)).content.decode()

        meeting.refresh_from_db()
        assert meeting.opens_at.isoformat() == "2031-01-02T09:00:00+00:00"
        assert 'value="2031-01-02T10:00"' in shown


def test_the_page_of_a_course_leads_its_teacher_there(client, teacher, student, meeting):
    course = Course.objects.create(title="Mathematics 7b", meeting=meeting)
    course.teachers.add(teacher)
    course.students.add(student)
    shown = {}
    for person in (teacher, student):
        client.force_login(person)
        shown[person.username] = page("room-edit", meeting) in client.get(course.get_absolute_url()).content.decode()

    assert shown == {"teacher": True, "student": False}


class TestMixins:
    """Pages that a site builds by itself."""

    @pytest.fixture
    def visit(self, meeting):
        def visit(base, user):
            class Lesson(base, TemplateView):
                template_name = "django_bbb/meeting.html"

                def get_meeting(self, **kwargs):
                    return Meeting.objects.get(name=kwargs["course"])

            request = RequestFactory().get("/lesson/")
            request.user = user
            return Lesson.as_view()(request, course=meeting.name)

        return visit

    def test_the_template_has_the_meeting_and_what_somebody_is_in_it(self, visit, meeting, teacher):
        answer = visit(MeetingMixin, teacher)

        assert answer.context_data["meeting"] == meeting
        assert answer.context_data["admission"].role is Role.MODERATOR
        assert "Start class" in answer.render().content.decode()

    def test_who_is_let_in(self, visit, meeting, teacher, viewer, stranger, person):
        meeting.access = Meeting.Access.MEMBERS
        meeting.save()
        people = (stranger, viewer, teacher, person("office", permissions=("change_meeting",)))

        statuses = {
            base.__name__: [visit(base, one).status_code for one in people]
            for base in (MeetingMixin, ModeratorRequiredMixin, EditorRequiredMixin)
        }

        assert statuses == {
            "MeetingMixin": [403, 200, 200, 403],
            "ModeratorRequiredMixin": [403, 403, 200, 403],
            "EditorRequiredMixin": [403, 403, 200, 200],
        }

    def test_a_view_without_templates_can_have_them(self, meeting, teacher):
        class Plain(ModeratorRequiredMixin, View):
            def get(self, request, **kwargs):
                return HttpResponse(self.meeting.name)

        request = RequestFactory().get("/")
        request.user = teacher

        assert Plain.as_view()(request, meeting_id=meeting.meeting_id).content == b"Mathematics 7b"
