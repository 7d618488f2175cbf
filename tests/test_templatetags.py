"""The tags in a page of the site."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.template import Context, Template
from django.test import RequestFactory
from lms.models import Course

from django_bbb.models import Attendance, Meeting, Playback, Recording
from django_bbb.services import meetings, publishing, recordings

PAGE = Template(
    "{% load django_bbb %}[{% bbb_join_button meeting %}][{% bbb_end_button meeting %}][{% bbb_recordings meeting %}]"
)


@pytest.fixture
def show(simulator):
    """Render the three tags for somebody, and see that no server is called."""

    def render(meeting, user):
        request = RequestFactory().get("/")
        request.user = user
        simulator.clear_journal()
        text = PAGE.render(Context({"request": request, "meeting": meeting}))
        assert simulator.journal == []  # pitfalls.md 28
        return text

    return render


@pytest.fixture
def recorded(meeting, simulator):
    """A class that was recorded and has ended; nobody has looked for its recording yet."""
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator")
    simulator.set_recording(meeting.meeting_id, True)
    simulator.lose_callbacks = True
    simulator.end_meeting(meeting.meeting_id)
    simulator.finish_recordings()
    meetings.check_session(session=session, reason="ended", has_recording_marks=True)
    return session


def test_a_teacher_can_start(show, meeting, teacher):
    assert "Start class" in show(meeting, teacher)


def test_a_student_can_wait(show, meeting, student):
    text = show(meeting, student)

    assert "Wait for class" in text
    assert "Start class" not in text


def test_what_runs_can_be_joined_and_ended_by_its_teacher(show, meeting, teacher, student):
    meetings.start_meeting(meeting=meeting)

    assert "Join class" in show(meeting, student)
    assert "End class" not in show(meeting, student)
    assert "End class" in show(meeting, teacher)


def test_whoever_may_not_join_reads_why_and_sees_no_recordings(show, meeting, recorded, student):
    recordings.look_for_recordings()
    Meeting.objects.update(access=Meeting.Access.MEMBERS)
    meeting.refresh_from_db()

    text = show(meeting, student)

    assert "Ask its teacher" in text
    assert "Recordings" not in text


def test_somebody_who_is_not_logged_in_is_told_so(show, meeting):
    assert "Log in to join" in show(meeting, AnonymousUser())


def test_without_a_meeting_there_is_nothing(show, teacher, simulator):
    assert show(None, teacher).replace("\n", "") == "[][][]"


def test_an_archived_meeting_is_not_shown(show, meeting, teacher):
    meeting.delete()

    assert show(meeting, teacher).replace("\n", "") == "[][][]"


def test_a_recording_that_is_being_processed_says_so(show, meeting, recorded, student):
    assert "Being processed" in show(meeting, student)


def test_one_that_is_there_is_linked_by_our_own_address(show, meeting, recorded, student):
    recordings.look_for_recordings()

    text = show(meeting, student)

    assert "Being processed" not in text
    assert "/bbb/playback/" in text
    assert text.count("<img ") == 3


def test_an_unpublished_one_is_for_moderators_only(show, meeting, recorded, student, teacher):
    recordings.look_for_recordings()
    publishing.unpublish_recordings(recordings=[Recording.objects.get()])

    assert "There are no recordings yet." in show(meeting, student)
    assert "Not published" in show(meeting, teacher)
    assert "/bbb/playback/" not in show(meeting, teacher)


class TestInvitation:
    """What the panel hands on to those whose room it is."""

    @pytest.fixture
    def panel(self, meeting):
        meeting.viewer_code = "open-sesame"
        meeting.save()
        meeting.presentations.create(file="a.pdf", name="fractions.pdf", size=1)

        def panel(user):
            request = RequestFactory().get("/")
            request.user = user
            page = Template("{% load django_bbb %}{% bbb_room meeting %}")
            return page.render(Context({"request": request, "meeting": meeting}))

        return panel

    @pytest.mark.parametrize("address", ["https://lms.example.org", ""])
    def test_those_whose_room_it_is_have_the_address_the_code_and_the_way_to_change_it(
        self, panel, meeting, teacher, bbb, address
    ):
        bbb["CALLBACK_BASE_URL"] = address

        text = panel(teacher)

        assert f'value="{address or "http://testserver"}/bbb/meetings/{meeting.meeting_id}/join/" readonly' in text
        assert "Access code: open-sesame" in text
        assert f"/bbb/meetings/{meeting.meeting_id}/edit/" in text

    def test_others_see_the_presentations_alone(self, panel, student):
        text = panel(student)

        assert "Presentations: fractions.pdf" in text
        assert "open-sesame" not in text
        assert "/edit/" not in text

    def test_whoever_does_not_belong_sees_nothing_of_it(self, panel, meeting, student):
        meeting.access = Meeting.Access.MEMBERS
        meeting.save()

        for text in (panel(student), panel(AnonymousUser())):
            assert "fractions.pdf" not in text
            assert "open-sesame" not in text


class TestQueries:
    @pytest.fixture
    def count(self, django_assert_num_queries):
        """Render a template for somebody whose permissions are loaded, with so many queries."""

        def count(text, number, user, **context):
            user.has_perm("django_bbb.start_meeting")
            request = RequestFactory().get("/")
            request.user = user
            page = Template("{% load django_bbb %}" + text)
            with django_assert_num_queries(number):
                return page.render(Context({"request": request, **context}))

        return count

    @pytest.fixture
    def fresh(self, meeting):
        return lambda: Meeting.objects.get(pk=meeting.pk)

    def test_button_and_status(self, count, fresh, meeting, student):
        meetings.start_meeting(meeting=meeting)

        text = count("{% bbb_join_button meeting %}{% bbb_status meeting %}", 1, student, meeting=fresh())

        assert "Join class" in text
        assert "Live" in text

    def test_before_the_class_too(self, count, fresh, student):
        text = count("{% bbb_join_button meeting %}{% bbb_status meeting %}", 1, student, meeting=fresh())

        assert "Wait for class" in text
        assert "Not running" in text

    @pytest.mark.parametrize("who", ["teacher", "student"])
    def test_the_panel(self, count, fresh, meeting, recorded, simulator, request, who):
        earlier = Recording.objects.create(
            server=recorded.server, record_id="earlier", meeting=meeting, published=True, state="published"
        )
        Playback.objects.create(recording=earlier, type="podcast", url="https://bbb.example.org/podcast/1")
        running = meetings.start_meeting(meeting=meeting)
        Attendance.objects.create(session=running, external_id="u1", name="Ada Weber", is_inside=True)
        Attendance.objects.create(session=running, external_id="u2", name="Ben Klein", is_inside=False)

        meeting.presentations.create(file="a.pdf", name="fractions.pdf", size=1)

        # room, class, server and membership; who is inside, what is awaited; presentations; recordings; their formats
        text = count("{% bbb_room meeting %}", 5, request.getfixturevalue(who), meeting=fresh())

        assert all(
            words in text for words in ("Join class", "Being processed", "Podcast", "Ada Weber", "fractions.pdf")
        )
        assert "Ben Klein" not in text

    def test_fifty_buttons_cost_no_more_than_one(self, count, student, server):
        for number in range(50):
            room = Meeting.objects.create(name=f"Room {number}")
            room.memberships.create(user=student, role="moderator" if number % 2 else "viewer")
        page = "{% for meeting in rooms %}{% bbb_join_button meeting %}{% bbb_status meeting %}{% endfor %}"

        text = count(page, 1, student, rooms=Meeting.objects.for_user(student))

        assert text.count("Start class") == text.count("Wait for class") == 25

    def test_nor_do_those_of_the_courses_of_a_site(self, count, student, server):
        for number in range(3):
            room = Meeting.objects.create(name=f"Room {number}")
            room.memberships.create(user=student, role="viewer")
            Course.objects.create(title=room.name, meeting=room)
        mine = Prefetch("meeting", Meeting.objects.for_user(student))
        page = "{% for course in courses %}{% bbb_join_button course.meeting %}{% endfor %}"

        text = count(page, 2, student, courses=Course.objects.prefetch_related(mine))

        assert text.count("Wait for class") == 3

    def test_what_was_loaded_for_somebody_else_is_not_used(self, count, student, person):
        room = Meeting.objects.create(name="Room")
        room.memberships.create(user=student, role="moderator")
        (loaded,) = Meeting.objects.for_user(student)

        text = count("{% bbb_join_button meeting %}", 1, person("stranger"), meeting=loaded)

        assert "members only" in text

    def test_for_people_without_an_account(self, count, meeting):
        text = count("{% bbb_join_button meeting %}{% bbb_status meeting %}", 1, AnonymousUser(), meeting=meeting)

        assert "Log in" in text
        assert "Not running" not in text
