"""Who was in class: polls, events and reports tell of it, in any order and any number of times."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from django_bbb.models import Attendance, MeetingSession
from django_bbb.services import attendance, meetings, people, polling

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def at(minute):
    return START + timedelta(minutes=minute)


@pytest.fixture
def running(meeting):
    return meetings.start_meeting(meeting=meeting)


@pytest.fixture
def visit(running):
    def note(minute, *, came, visit="w_1", user_id="u7", name="Ada Weber", moderator=False):
        attendance.note_visit(
            session=running, external_id=user_id, visit=visit, name=name, moderator=moderator, came=came, at=at(minute)
        )

    return note


def person(user_id="u7"):
    return Attendance.objects.select_related("session").get(external_id=user_id)


def end(running, minute):
    meetings.close_session(session=running, reason="ended")
    MeetingSession.objects.filter(pk=running.pk).update(ended_at=at(minute))


def report(*people):
    return {
        "people": [
            {
                "user_id": user_id,
                "name": "Ada Weber",
                "moderator": False,
                "visits": [[at(one).isoformat() for one in moments] for moments in (joins, leaves)],
                "activity": {"chats": 3},
            }
            for user_id, joins, leaves in people
        ]
    }


class TestPolls:
    def test_whoever_comes_and_goes_is_seen(self, running, simulator, meeting):
        ada = simulator.join(meeting.meeting_id, "Ada Weber", user_id="u7", role="moderator")
        simulator.join(meeting.meeting_id, "Ben Klein", user_id="u8")
        polling.poll_servers()
        simulator.leave(ada)

        polling.poll_servers()

        rows = Attendance.objects.order_by("external_id")
        assert [(one.external_id, one.name, one.was_moderator, one.is_inside) for one in rows] == [
            ("u7", "Ada Weber", True, False),
            ("u8", "Ben Klein", False, True),
        ]
        ((came, went),) = person("u7").intervals
        assert came < went

    def test_two_people_of_one_name_are_two(self, running, simulator, meeting):  # pitfalls.md 14
        for user_id in ("u7", "u8"):
            simulator.join(meeting.meeting_id, "Ada Weber", user_id=user_id)

        polling.poll_servers()

        assert Attendance.objects.filter(name="Ada Weber").count() == 2

    def test_somebody_with_two_tabs_is_one_until_both_are_closed(self, running, simulator, meeting):
        tabs = [simulator.join(meeting.meeting_id, "Ada Weber", user_id="u7") for _tab in range(2)]
        for tab in tabs:
            polling.poll_servers()
            assert person().is_inside
            simulator.leave(tab)

        polling.poll_servers()

        assert not person().is_inside
        assert len(person().intervals) == 1

    def test_nothing_is_written_while_nobody_comes_or_goes(
        self, running, simulator, meeting, django_assert_max_num_queries
    ):
        simulator.join(meeting.meeting_id, "Ada Weber", user_id="u7")
        polling.poll_servers()
        before = person().visits

        with django_assert_max_num_queries(12):
            polling.poll_servers()

        assert person().visits == before

    def test_with_the_class_everybody_has_gone(self, running, simulator, meeting):
        simulator.join(meeting.meeting_id, "Ada Weber", user_id="u7")
        polling.poll_servers()

        end(running, 600_000)

        assert not person().is_inside
        assert person().intervals[-1][1] == at(600_000)

    def test_a_site_that_keeps_nobody_has_no_rows(self, running, simulator, meeting, bbb):
        bbb["KEEP_ATTENDANCE"] = 0
        simulator.join(meeting.meeting_id, "Ada Weber", user_id="u7")

        polling.poll_servers()
        attendance.note_report(session=running, facts=report(("u7", [0], [1])))

        running.refresh_from_db()
        assert (running.participant_count, running.present) == (1, "")
        assert not Attendance.objects.exists()


class TestVisits:
    @pytest.mark.parametrize("order", list(permutations(range(4))))
    def test_they_may_be_told_in_any_order_and_twice(self, running, visit, order):  # threats.md 26
        told = [
            lambda: visit(0, came=True),
            lambda: visit(10, came=False),
            lambda: visit(20, came=True, visit="w_2"),
            lambda: visit(30, came=False, visit="w_2"),
        ]

        for number in (*order, *order):
            told[number]()

        assert person().intervals == [(at(0), at(10)), (at(20), at(30))]
        assert not person().is_inside

    def test_who_comes_back_with_the_same_id_has_two_intervals(self, running, visit):
        for minute, came in ((0, True), (10, False), (20, True)):
            visit(minute, came=came)

        assert person().intervals == [(at(0), at(10)), (at(20), None)]
        assert person().duration(now=at(25)) == timedelta(minutes=15)

    def test_two_visits_at_once_count_once(self, running, visit):
        visit(0, came=True)
        visit(5, came=True, visit="w_2")
        visit(10, came=False)
        assert person().is_inside
        visit(15, came=False, visit="w_2")

        assert person().intervals == [(at(0), at(15))]

    def test_a_poll_ends_what_a_lost_event_did_not(self, running, visit, simulator, meeting):
        simulator.join(meeting.meeting_id, "Ben Klein", user_id="u8")
        polling.poll_servers()
        visit(0, came=True)
        assert person().is_inside
        MeetingSession.objects.update(present="as if somebody had come or gone")

        polling.poll_servers()

        assert not person().is_inside
        assert len(person().intervals) == 1
        assert person().intervals[0][1] is not None

    def test_after_the_end_nobody_comes_in(self, running, visit):
        end(running, 30)

        visit(0, came=True)

        assert not person().is_inside
        assert person().intervals == [(at(0), at(30))]

    @pytest.mark.parametrize("user_id", ["", "x" * 151])
    def test_whom_no_id_is_known_of_is_left_out(self, running, visit, user_id):
        visit(0, came=True, user_id=user_id)

        assert not Attendance.objects.exists()


class TestReports:
    def test_a_report_knows_best_and_first_counts(self, running, visit):
        visit(0, came=True)
        end(running, 30)

        assert attendance.note_report(session=running, facts=report(("u7", [1], [29]), ("u8", [2], [3])))
        assert not attendance.note_report(session=running, facts=report(("u7", [1], [2]), ("u9", [1], [2])))

        assert person().intervals == [(at(1), at(29))]
        assert person().activity == {"chats": 3}
        assert sorted(Attendance.objects.values_list("external_id", flat=True)) == ["u7", "u8"]

    def test_what_comes_after_it_changes_nothing(self, running, visit):
        attendance.note_report(session=running, facts=report(("u7", [1], [29])))

        visit(0, came=True)
        visit(40, came=False)

        assert person().intervals == [(at(1), at(29))]


class TestPeople:
    def test_a_row_knows_its_user(self, running, visit):
        user = User.objects.create_user("ada")

        visit(0, came=True, user_id=f"u{user.pk}")
        visit(0, came=True, user_id="u999999")

        assert person(f"u{user.pk}").user == user
        assert person("u999999").user is None

    def test_only_ids_this_site_gives_are_somebody(self, db, bbb):
        user = User.objects.create_user("ada")
        spelled = "x" + str(user.pk).encode().hex()

        assert people.users_of([f"u{user.pk}", spelled, "u0", "xzz", "g1", ""]) == {f"u{user.pk}": user.pk}
        bbb["USER_ID"] = "tests.services.test_attendance.other_ids"
        assert people.users_of([f"u{user.pk}"]) == {}

    def test_a_user_who_is_deleted_leaves_the_row(self, running, visit):
        user = User.objects.create_user("ada")
        visit(0, came=True, user_id=f"u{user.pk}")
        assert person(f"u{user.pk}").user == user

        User.objects.all().delete()

        assert Attendance.objects.get().user is None


def other_ids(*, user):
    return f"other_{user.pk}"


def test_overlapping_sources_never_overlap_in_the_end(running):
    row = Attendance(session=running, external_id="u7", is_inside=True)
    row.came("poll", at(1), at(20))
    row.went("poll", at(10))
    row.came("w_1", at(5))
    row.went("w_1", at(12))

    assert row.intervals == [(at(1), at(12)), (at(20), None)]


def test_old_rows_are_forgotten(running, visit, bbb):
    from django_bbb.services.retention import forget_what_is_old

    visit(0, came=True)
    end(running, 30)
    bbb["KEEP_ATTENDANCE"] = (timezone.now() - at(30)).total_seconds() + 60
    assert forget_what_is_old()["attendance"] == 0
    bbb["KEEP_ATTENDANCE"] = 1
    MeetingSession.objects.update(ended_at=timezone.now() - timedelta(seconds=2))

    assert forget_what_is_old()["attendance"] == 1
