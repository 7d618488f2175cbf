"""What moderators do to a class that runs, and what they are told when half of it fails."""

import pytest
from django.urls import reverse

from django_bbb.models import MeetingPreset, MeetingSession
from django_bbb.services import meetings
from django_bbb.services.editing import outdated_parameters
from django_bbb.simulator.faults import Hang, HtmlAnswer

#: A server that says yes to everything, and does nothing.
YES = HtmlAnswer(status=200, body="<response><returncode>SUCCESS</returncode></response>")


def page(name, meeting):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id})


@pytest.fixture
def running(meeting, simulator):
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ben Klein", user_id="u2")
    simulator.clear_journal()
    return session


@pytest.fixture
def changed(meeting, running):
    """A class that runs with old settings."""
    meeting.name, meeting.options = "Maths 7b", {"mute_on_start": True}
    meeting.save()
    return running


def told(answer):
    return [str(one) for one in answer.context["messages"]]


def calls(simulator):
    return [one.call for one in simulator.journal]


class TestOldSettings:
    def test_nothing_is_said_of_a_class_that_has_what_holds_now(self, as_teacher, meeting, running):
        assert "old settings" not in as_teacher.get(page("room-class", meeting)).content.decode()

    def test_what_was_changed_is_named(self, as_teacher, meeting, changed, simulator):
        text = as_teacher.get(page("room-class", meeting)).content.decode()

        assert "Changed since it began: Mute on start, Name." in text
        assert page("room-class-restart", meeting) in text
        assert simulator.journal == []

    def test_the_preset_and_the_lobby_are_settings_too(self, meeting, running):
        preset = MeetingPreset.objects.create(name="Exam", options={"record": False, "welcome": "Hush"}, enforced=[])
        meeting.preset, meeting.lobby = preset, "guests"
        meeting.save()

        assert outdated_parameters(session=MeetingSession.objects.get()) == ["guest_policy", "record", "welcome"]

    def test_addresses_to_call_back_are_new_each_time_and_no_setting(self, running):
        session = MeetingSession.objects.get()
        session.parameters["meta_end_callback_url"] += "-of-a-moment-ago"

        assert outdated_parameters(session=session) == []


class TestRestart:
    def test_it_asks_first(self, as_teacher, meeting, changed, simulator):
        text = as_teacher.get(page("room-class-restart", meeting)).content.decode()

        assert "It would have new settings: Mute on start, Name." in text
        assert f'name="session" value="{changed.pk}"' in text
        assert simulator.journal == []

    def test_the_next_class_has_the_new_settings(self, as_teacher, meeting, changed, simulator):
        answer = as_teacher.post(page("room-class-restart", meeting), {"session": changed.pk}, follow=True)

        changed.refresh_from_db()
        now = meeting.current_session
        assert (changed.is_open, changed.end_reason) == (None, MeetingSession.EndReason.ENDED)
        assert now.pk != changed.pk
        assert now.is_joinable
        assert simulator.meetings[meeting.meeting_id].name == "Maths 7b"
        assert told(answer) == ["The class was started again with the new settings. Everybody joins once more."]
        assert "old settings" not in answer.content.decode()

    def test_also_when_it_was_looked_at_a_moment_ago(self, as_teacher, meeting, changed):
        meetings.check_session(session=changed, reason=MeetingSession.EndReason.GONE)

        as_teacher.post(page("room-class-restart", meeting), {"session": changed.pk})

        assert meeting.current_session.pk != changed.pk

    @pytest.mark.parametrize("sent", [{}, {"session": "0"}])
    def test_another_class_than_the_one_asked_about_is_left_alone(self, as_teacher, meeting, changed, simulator, sent):
        answer = as_teacher.post(page("room-class-restart", meeting), sent, follow=True)

        assert told(answer) == ["The class you were asked about is over. Nothing was done."]
        assert simulator.journal == []

    def test_two_clicks_are_one(self, as_teacher, meeting, changed, simulator):
        for _click in range(2):
            as_teacher.post(page("room-class-restart", meeting), {"session": changed.pk})

        assert (calls(simulator).count("end"), calls(simulator).count("create")) == (1, 1)

    @pytest.mark.parametrize("call", ["end", "getMeetingInfo"])
    def test_a_server_that_fails_leaves_it_as_it_is(self, as_teacher, meeting, changed, simulator, call):
        simulator.faults.set(HtmlAnswer(), call=call)

        answer = as_teacher.post(page("room-class-restart", meeting), {"session": changed.pk}, follow=True)

        (text,) = told(answer)
        assert text.startswith("The class was not started again: its server did not say that it has ended.")
        assert "create" not in calls(simulator)
        assert meeting.current_session.pk == changed.pk

    def test_a_server_that_takes_its_time_is_told(self, as_teacher, meeting, changed, simulator):
        simulator.faults.set(YES, call="end")

        answer = as_teacher.post(page("room-class-restart", meeting), {"session": changed.pk}, follow=True)

        (text,) = told(answer)
        assert text.startswith("The class has been ended, and its server is still clearing up.")
        assert "create" not in calls(simulator)

    def test_that_it_ended_and_was_not_started_again_is_told(self, as_teacher, meeting, changed, simulator):
        simulator.faults.set(HtmlAnswer(), call="create")

        answer = as_teacher.post(page("room-class-restart", meeting), {"session": changed.pk}, follow=True)

        changed.refresh_from_db()
        (text,) = told(answer)
        assert text.startswith("The class has been ended, but could not be started again.")
        assert changed.is_open is None

    def test_a_slow_server_is_left_to_a_task(self, as_teacher, meeting, changed, simulator, bbb, queued):
        bbb |= {"TIMEOUT": 0.2, "CREATE_DEADLINE": 0.2}
        simulator.faults.set(Hang(), call="create")

        answer = as_teacher.post(page("room-class-restart", meeting), {"session": changed.pk}, follow=True)

        assert told(answer) == ["The class has been ended, and is being opened again."]
        assert [name for name, _arguments in queued()] == ["django_bbb.open_session"]

    def test_a_copy_of_the_site_does_nothing(self, as_teacher, meeting, changed, simulator, bbb):
        bbb["READ_ONLY"] = True

        answer = as_teacher.post(page("room-class-restart", meeting), {"session": changed.pk})

        assert answer.status_code == 503
        assert "end" not in calls(simulator)


class TestMessage:
    def test_it_is_in_the_chat(self, as_teacher, meeting, running, simulator):
        answer = as_teacher.post(page("room-class", meeting), {"text": "Five minutes left."}, follow=True)

        said = [one.facts for one in simulator.meetings[meeting.meeting_id].history if "chat" in one.kind]
        assert [(one["sender_name"], one["message"]) for one in said] == [("Ada Weber", "Five minutes left.")]
        assert told(answer) == ["The message is in the chat of the class."]

    def test_without_a_class_it_is_told(self, as_teacher, meeting, simulator):
        answer = as_teacher.post(page("room-class", meeting), {"text": "Hello?"}, follow=True)

        assert told(answer) == ["The message was not sent: the class does not run."]
        assert simulator.journal == []

    def test_one_that_says_nothing_is_not_sent(self, as_teacher, meeting, running, simulator):
        assert as_teacher.post(page("room-class", meeting), {"text": " "}).status_code == 422
        assert simulator.journal == []

    def test_a_server_that_fails_is_told(self, as_teacher, meeting, running, simulator):
        simulator.faults.set(HtmlAnswer(), call="sendChatMessage")

        answer = as_teacher.post(page("room-class", meeting), {"text": "Hello"}, follow=True)

        (text,) = told(answer)
        assert text.startswith("The message was not sent: the classroom server did not take it.")

    def test_a_copy_of_the_site_sends_nothing(self, as_teacher, meeting, running, bbb, simulator):
        bbb["READ_ONLY"] = True

        assert as_teacher.post(page("room-class", meeting), {"text": "Hello"}).status_code == 503
        assert simulator.journal == []
