"""The way into class, as browsers see it."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from django_bbb.models import Meeting, MeetingSession
from django_bbb.services import meetings, servers
from django_bbb.simulator.faults import CloseConnection, Hang, HtmlAnswer
from tests.conftest import SECRET


def page(name, meeting):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id})


class TestJoin:
    def test_into_a_running_class_it_is_one_redirect_and_no_call(self, as_student, meeting, running, simulator):
        simulator.clear_journal()

        answer = as_student.get(page("join", meeting))

        assert answer.status_code == 302
        assert answer["Location"].startswith(f"{simulator.url}join?")
        assert simulator.journal == []

    @pytest.mark.parametrize("role", ["moderator", "viewer"])
    def test_for_a_member_it_costs_few_queries(
        self, as_student, student, meeting, running, role, django_assert_num_queries
    ):
        meeting.memberships.create(user=student, role=role)

        # session, user, and one for meeting, open class, server and membership
        with django_assert_num_queries(3):
            as_student.get(page("join", meeting))

    def test_for_the_owner_too(self, as_teacher, meeting, running, django_assert_num_queries):
        with django_assert_num_queries(3):
            as_teacher.get(page("join", meeting))

    def test_only_where_nothing_else_decides_permissions_are_asked_for(
        self, as_student, meeting, running, django_assert_num_queries
    ):
        with django_assert_num_queries(5):
            as_student.get(page("join", meeting))

    def test_the_redirect_is_kept_nowhere(self, as_student, meeting, running):  # threats.md 86, 112
        answer = as_student.get(page("join", meeting))

        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"

    def test_before_the_class_a_student_waits_on_a_page_that_comes_again(self, as_student, meeting, simulator):
        answer = as_student.get(page("join", meeting))

        refresh = rf'<noscript><meta http-equiv="refresh" content="\d+; url={page("join", meeting)}"></noscript>'
        assert answer.status_code == 200
        assert re.search(refresh, answer.content.decode())
        assert answer.context["state"] == "waiting"
        assert simulator.journal == []

    def test_whoever_may_start_is_asked(self, as_teacher, meeting, simulator):
        answer = as_teacher.get(page("join", meeting))

        assert "Start class" in answer.content.decode()
        assert simulator.journal == []

    def test_while_it_is_being_opened_everybody_waits(self, as_teacher, meeting, server):
        MeetingSession.objects.create(meeting=meeting, server=server, claimed_until="2099-01-01T00:00Z")

        answer = as_teacher.get(page("join", meeting))

        assert answer.context["state"] == "opening"

    @pytest.mark.parametrize("method", ["post", "put", "delete", "head"])
    def test_other_methods_do_nothing(self, as_student, meeting, running, method):
        assert getattr(as_student, method)(page("join", meeting)).status_code == 405

    def test_a_hundred_gets_call_no_server(self, as_teacher, meeting, simulator):  # threats.md 105
        for _time in range(100):
            as_teacher.get(page("join", meeting))

        assert simulator.journal == []

    def test_a_join_without_a_right_is_refused_with_its_reason(self, as_student, meeting, running):
        Meeting.objects.update(access=Meeting.Access.MEMBERS)

        answer = as_student.get(page("join", meeting))

        assert answer.status_code == 403
        assert "Ask its teacher to add you" in answer.content.decode()

    def test_whoever_is_not_logged_in_does_that_first(self, client, meeting, running):
        answer = client.get(page("join", meeting))

        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('login')}?next={page('join', meeting)}"

    @pytest.mark.parametrize("name", ["meeting", "join", "end", "join-failed"])
    def test_an_unknown_meeting_is_not_found(self, as_teacher, meeting, name):
        assert as_teacher.get(reverse(f"django_bbb:{name}", kwargs={"meeting_id": "m-none"})).status_code == 404

    def test_an_archived_meeting_is_not_found(self, as_teacher, meeting):
        meeting.delete()

        assert as_teacher.get(page("join", meeting)).status_code == 404

    def test_a_server_without_a_secret_is_trouble_and_not_a_stack_trace(self, as_student, meeting, running, bbb):
        bbb["SERVERS"]["default"]["SECRET"] = ""

        assert as_student.get(page("join", meeting)).status_code == 503


class TestStart:
    def test_it_opens_the_class_and_answers_with_a_page_that_moves_on(self, as_teacher, meeting, simulator):
        # pitfalls.md 36: a redirect would be blocked by form-action 'self'.
        answer = as_teacher.post(page("start", meeting))

        text = answer.content.decode()
        assert answer.status_code == 200
        assert f'<meta http-equiv="refresh" content="0; url={page("join", meeting)}">' in text
        assert f'href="{page("join", meeting)}"' in text
        assert meeting.meeting_id in simulator.meetings

    def test_the_page_holds_no_signed_url(self, as_teacher, meeting):  # pitfalls.md 35
        answer = as_teacher.post(page("start", meeting))

        assert "checksum" not in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"

    def test_a_get_starts_nothing(self, as_teacher, meeting, simulator):
        assert as_teacher.get(page("start", meeting)).status_code == 405
        assert simulator.journal == []

    def test_it_wants_a_token_against_forgery(self, meeting, teacher, simulator):
        client = Client(enforce_csrf_checks=True)
        client.force_login(teacher)

        assert client.post(page("start", meeting)).status_code == 403
        assert simulator.journal == []

    def test_a_viewer_starts_nothing(self, as_student, meeting, simulator):
        answer = as_student.post(page("start", meeting))

        assert answer.status_code == 403
        assert simulator.journal == []

    def test_a_viewer_who_presses_an_old_button_goes_into_the_running_class(self, as_student, meeting, running):
        assert as_student.post(page("start", meeting)).status_code == 200

    @pytest.mark.parametrize("fault", [HtmlAnswer(status=502), HtmlAnswer(status=200), CloseConnection()])
    def test_a_server_in_trouble_is_a_page_for_people(self, as_teacher, meeting, simulator, fault):
        simulator.faults.set(fault, call="create")

        answer = as_teacher.post(page("start", meeting))

        assert answer.status_code == 503
        assert "The classroom server does not answer. Try again" in answer.content.decode()
        assert answer["Retry-After"] == "10"

    def test_a_wrong_secret_is_a_page_for_people(self, as_teacher, meeting, bbb, caplog):
        bbb["SERVERS"]["default"]["SECRET"] = "SENTINEL-another-secret-that-is-not-the-servers"

        answer = as_teacher.post(page("start", meeting))

        assert answer.status_code == 503
        assert "SENTINEL" not in answer.content.decode() + caplog.text

    def test_after_the_trouble_the_next_click_starts_the_class(self, as_teacher, meeting, simulator):
        simulator.faults.set(HtmlAnswer(status=502), call="create", times=1)
        as_teacher.post(page("start", meeting))

        assert as_teacher.post(page("start", meeting)).status_code == 200

    def test_a_slow_server_is_waited_for_by_a_task(
        self, as_teacher, meeting, simulator, bbb, queued, django_capture_on_commit_callbacks
    ):
        bbb["CREATE_DEADLINE"] = 0.3
        simulator.faults.set(Hang(), call="create")

        answer = as_teacher.post(page("start", meeting))

        assert answer.status_code == 200
        assert "being opened" in answer.content.decode()
        assert queued() == [("django_bbb.open_session", [meeting.current_session.pk])]


@pytest.mark.django_db(transaction=True)
def test_starting_calls_the_server_outside_of_the_requests_transaction(
    client, bbb, simulator, transactional_db
):  # threats.md 43; the guard in conftest fails a call inside one
    servers.register_declared_servers()
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        client.force_login(User.objects.create_user("teacher"))
        meeting = meetings.create_meeting(name="Mathematics 7b", owner=User.objects.get())

        started = client.post(page("start", meeting))
        ended = client.post(page("end", meeting))
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False

    assert (started.status_code, ended.status_code) == (200, 302)
    assert [entry.call for entry in simulator.journal][:2] == ["create", "end"]


class TestJoinFailed:
    def test_it_says_what_a_known_key_means(self, as_student, meeting):
        errors = '[{"key":"maxParticipantsReached","message":"<b>theirs</b>"}]'

        answer = as_student.get(page("join-failed", meeting), {"errors": errors})

        assert "The class is full" in answer.content.decode()
        assert "theirs" not in answer.content.decode()

    @pytest.mark.parametrize("errors", ["", "{", "[]", '[{"key":"<script>"}]', "[1]", '{"key":1}', "[" * 5000])
    def test_anything_else_is_told_in_our_own_words(self, as_student, meeting, errors):
        answer = as_student.get(page("join-failed", meeting), {"errors": errors})

        assert answer.status_code == 200
        assert "did not let you in" in answer.content.decode()
        assert "<script>" not in answer.content.decode()

    @pytest.mark.parametrize(
        "key", ["notFound", "invalidMeetingIdentifier", "meetingForciblyEnded", "mismatchCreateTimeParam"]
    )
    def test_a_class_that_is_gone_over_there_can_be_started_again(self, as_teacher, meeting, running, simulator, key):
        simulator.end_meeting(meeting.meeting_id)

        answer = as_teacher.get(page("join-failed", meeting), {"errors": json.dumps([{"key": key}])})

        assert meeting.current_session is None
        assert "Start class" in answer.content.decode()

    def test_the_address_is_not_believed(self, as_student, meeting, running, simulator):
        answer = as_student.get(page("join-failed", meeting), {"errors": '[{"key": "notFound"}]'})

        assert meeting.current_session == running
        assert "Join class" in answer.content.decode()

    def test_the_server_is_asked_once_however_often_the_address_is_opened(
        self, as_student, meeting, running, simulator
    ):
        simulator.clear_journal()
        for _ in range(5):
            as_student.get(page("join-failed", meeting), {"errors": '[{"key": "notFound"}]'})

        assert len(simulator.journal) == 1

    def test_a_server_that_does_not_answer_closes_nothing(self, as_student, meeting, running, simulator):
        simulator.faults.set(CloseConnection())

        answer = as_student.get(page("join-failed", meeting), {"errors": '[{"key": "notFound"}]'})

        assert answer.status_code == 200
        assert meeting.current_session == running

    def test_a_full_class_has_a_page_of_its_own(self, as_student, meeting, running):
        answer = as_student.get(page("join-failed", meeting), {"errors": '[{"key": "maxParticipantsReached"}]'})

        assert "The class is full" in answer.content.decode()


class TestEnd:
    def test_a_get_asks_and_a_post_ends(self, as_teacher, meeting, running, simulator):  # pitfalls.md 33
        simulator.clear_journal()

        asked = as_teacher.get(page("end", meeting))
        calls_when_asked = list(simulator.journal)
        done = as_teacher.post(page("end", meeting))

        assert "End class for everybody" in asked.content.decode()
        assert calls_when_asked == []
        assert (done.status_code, done["Location"]) == (302, page("meeting", meeting))
        assert meeting.current_session is None

    def test_a_viewer_ends_nothing(self, as_student, meeting, running, simulator):
        assert as_student.get(page("end", meeting)).status_code == 403
        assert as_student.post(page("end", meeting)).status_code == 403
        assert meeting.current_session is not None

    def test_a_viewer_with_the_permission_does(self, client, meeting, running, person):
        client.force_login(person("caretaker", permissions=("end_any_meeting",)))

        assert client.post(page("end", meeting)).status_code == 302
        assert meeting.current_session is None

    def test_without_a_class_it_says_so(self, as_teacher, meeting):
        assert "not running" in as_teacher.get(page("end", meeting)).content.decode()

    def test_a_server_in_trouble_is_a_page_for_people(self, as_teacher, meeting, running, simulator):
        simulator.faults.set(HtmlAnswer(status=502))

        assert as_teacher.post(page("end", meeting)).status_code == 503


class TestMeetingPage:
    def test_a_teacher_can_start(self, as_teacher, meeting):
        assert "Start class" in as_teacher.get(page("meeting", meeting)).content.decode()

    def test_a_student_can_wait(self, as_student, meeting):
        assert "Wait for class" in as_student.get(page("meeting", meeting)).content.decode()

    def test_everybody_can_join_what_runs(self, as_student, meeting, running):
        text = as_student.get(page("meeting", meeting)).content.decode()

        assert "Join class" in text
        assert "End class" not in text

    def test_whoever_started_can_end(self, as_teacher, meeting, running):
        assert page("end", meeting) in as_teacher.get(page("meeting", meeting)).content.decode()

    def test_names_are_text(self, as_teacher, meeting):  # threats.md 109
        Meeting.objects.update(name="<script>alert(1)</script>")

        text = as_teacher.get(page("meeting", meeting)).content.decode()

        assert "<script>" not in text
        assert "&lt;script&gt;" in text


def test_no_page_holds_the_secret_or_a_signed_url(as_teacher, meeting, simulator, caplog):  # threats.md 75
    caplog.set_level("DEBUG")
    pages = [as_teacher.post(page("start", meeting)), as_teacher.get(page("meeting", meeting))]
    pages += [as_teacher.get(page("end", meeting)), as_teacher.post(page("end", meeting))]

    everything = "".join(one.content.decode() for one in pages) + caplog.text

    assert SECRET not in everything
    assert not re.search(r"checksum=[0-9a-f]{8}", everything)
