"""What `docs/how-to/test-your-project.md` shows, run as it stands there."""

import pytest

from django_bbb.services.meetings import start_meeting

pytest_plugins = ["django_bbb.testing.plugin"]


def test_students_are_let_in_once_the_class_is_open(client, django_user_model, bbb_simulator, bbb_meeting):
    client.force_login(django_user_model.objects.create_user("student"))
    start_meeting(meeting=bbb_meeting)

    response = client.get(f"{bbb_meeting.get_absolute_url()}join/")

    assert response.url.startswith(bbb_simulator.url)


def test_class_is_closed_when_the_server_says_so(bbb_meeting, bbb_callbacks):
    session = start_meeting(meeting=bbb_meeting)

    assert bbb_callbacks.meeting_ended(bbb_meeting) == [200]
    bbb_callbacks.work_off()

    session.refresh_from_db()
    assert session.ended_at is not None


@pytest.mark.parametrize("forged", ["wrong-secret", "tampered", "alg-none"])
def test_nobody_can_announce_a_recording_but_the_server(bbb_recording, bbb_callbacks, forged):
    (status,) = bbb_callbacks.recording_ready(bbb_recording, forged=forged)

    assert 400 <= status < 500


def test_course_page_survives_a_server_that_is_down(client, bbb_simulator, bbb_meeting):
    bbb_simulator.stop()

    assert client.get(bbb_meeting.get_absolute_url()).status_code < 500
