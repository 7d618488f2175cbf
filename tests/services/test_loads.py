"""How busy servers were: cut into steps, in one query."""

from datetime import timedelta

from django.utils import timezone

from django_bbb.models import Server, ServerLoad
from django_bbb.services.loads import busy_times, people_by_hour

DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)


def remember(server, minute, **counts):
    ServerLoad.objects.create(server=server, minute=minute, **counts)


def this_hour():
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def test_of_each_hour_the_most_is_told(server, django_assert_num_queries):
    other = Server.objects.create(slug="other", name="Other", url="http://127.0.0.1:9/")
    for minute, people in ((3, 5), (40, 9), (59, 2)):
        remember(server, this_hour() - timedelta(hours=2) + timedelta(minutes=minute), participant_count=people)
    remember(other, this_hour() - timedelta(hours=23), participant_count=4)
    remember(other, this_hour() - timedelta(hours=24), participant_count=99)

    with django_assert_num_queries(1):
        found = people_by_hour([server, other])

    assert found == {server.pk: [None] * 21 + [9, None, None], other.pk: [4] + [None] * 23}


def test_a_day_has_as_many_steps_as_fit_and_ends_now(server):
    steps = busy_times(server=server, span=DAY, step=QUARTER)

    assert len(steps) == 96
    assert steps[-1].since <= timezone.now() < steps[-1].since + QUARTER
    assert {one.people for one in steps} == {None}


def test_of_each_step_the_most_of_each_is_told(server):
    begin = busy_times(server=server, span=DAY, step=QUARTER)[50].since
    remember(server, begin, participant_count=5, voice_count=1, meeting_count=1)
    remember(server, begin + timedelta(minutes=14), participant_count=3, voice_count=2, video_count=7)

    (found,) = [one for one in busy_times(server=server, span=DAY, step=QUARTER) if one.people is not None]

    assert found.since == begin
    assert (found.meetings, found.people, found.voices, found.cameras) == (1, 5, 2, 7)


def test_all_servers_are_added_up_minute_by_minute(server, django_assert_num_queries):
    other = Server.objects.create(slug="other", name="Other", url="http://127.0.0.1:9/")
    begin = busy_times(server=None, span=DAY, step=QUARTER)[50].since
    for one, minute, people in ((server, 0, 10), (other, 0, 1), (server, 1, 2), (other, 1, 8)):
        remember(one, begin + timedelta(minutes=minute), participant_count=people)

    with django_assert_num_queries(1):
        steps = busy_times(server=None, span=DAY, step=QUARTER)

    assert [one.people for one in steps if one.people is not None] == [11]


def test_what_is_further_back_or_ahead_is_left_out(server):
    remember(server, this_hour() - 2 * DAY, participant_count=1)
    remember(server, this_hour() + 2 * DAY, participant_count=1)

    assert {one.people for one in busy_times(server=server, span=DAY, step=QUARTER)} == {None}
    assert set(people_by_hour([server])[server.pk]) == {None}
