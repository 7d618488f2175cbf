"""Who belongs to a meeting, and when it is open: what the default policy makes of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import IntegrityError, transaction
from django.template import Context, Template
from django.urls import reverse

from django_bbb.api import Role
from django_bbb.models import Meeting, Membership, Recording
from django_bbb.services import meetings
from django_bbb.services.joining import Admission, admit

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MODERATOR, VIEWER = Admission(Role.MODERATOR, may_start=True), Admission(Role.VIEWER)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def members_only(meeting):
    meeting.access = Meeting.Access.MEMBERS
    meeting.save()
    return meeting


class TestMembers:
    @pytest.mark.parametrize(("role", "expected"), [("moderator", MODERATOR), ("viewer", VIEWER)])
    def test_a_person_enters_in_their_role(self, members_only, student, role, expected):
        Membership.objects.create(meeting=members_only, user=student, role=role)

        assert admit(user=student, meeting=members_only) == expected

    def test_so_does_everybody_in_a_group(self, members_only, student):
        group = Group.objects.create(name="7b")
        Membership.objects.create(meeting=members_only, group=group)
        before = admit(user=student, meeting=members_only)
        student.groups.add(group)

        assert before.role is None
        assert admit(user=student, meeting=members_only) == VIEWER

    def test_of_several_the_highest_counts(self, members_only, student):
        for role in ("moderator", "viewer"):
            Membership.objects.create(meeting=members_only, user=student, role=role)

        assert admit(user=student, meeting=members_only) == MODERATOR

    def test_it_is_good_for_one_meeting(self, members_only, student):
        elsewhere = Meeting.objects.create(name="Physics")
        Membership.objects.create(meeting=elsewhere, user=student)

        assert admit(user=student, meeting=members_only).role is None

    @pytest.mark.parametrize(
        ("valid_from", "valid_until", "enters"),
        [
            (NOW, None, True),
            (NOW + MINUTE, None, False),
            (None, NOW + MINUTE, True),
            (None, NOW, False),
            (NOW - MINUTE, NOW + MINUTE, True),
        ],
    )
    def test_it_has_its_time(self, members_only, student, valid_from, valid_until, enters):
        Membership.objects.create(meeting=members_only, user=student, valid_from=valid_from, valid_until=valid_until)

        assert (admit(user=student, meeting=members_only, now=NOW).role is not None) is enters

    def test_it_costs_one_query(self, members_only, student, django_assert_num_queries):
        Membership.objects.create(meeting=members_only, user=student, role="moderator")

        with django_assert_num_queries(1):
            admit(user=student, meeting=members_only)

    def test_users_of_a_site_need_not_have_groups(self, members_only, student):
        Membership.objects.create(meeting=members_only, group=Group.objects.create(name="7b"))
        Membership.objects.create(meeting=members_only, user=student)

        assert [one.user for one in Membership.objects.of(student.pk, at=NOW)] == [student]

    @pytest.mark.parametrize("both", [True, False])
    def test_a_member_is_either_a_person_or_a_group(self, members_only, student, both):
        whom = {"user": student, "group": Group.objects.create(name="7b")} if both else {}

        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(meeting=members_only, **whom)


class TestOpening:
    @pytest.fixture
    def timed(self, meeting):
        meeting.opens_at, meeting.closes_at = NOW, NOW + timedelta(hours=1)
        meeting.save()
        return meeting

    def test_while_it_is_open_everything_is_as_always(self, timed, teacher, student):
        assert admit(user=teacher, meeting=timed, now=NOW) == MODERATOR
        assert admit(user=student, meeting=timed, now=NOW) == VIEWER

    def test_before_it_viewers_are_told_when(self, timed, student):
        answer = admit(user=student, meeting=timed, now=NOW - MINUTE)

        assert (answer.role, answer.may_start, answer.outside) == (None, False, Role.VIEWER)
        assert "Come back on March 2, 2026" in answer.reason

    def test_moderators_come_a_quarter_of_an_hour_earlier(self, timed, teacher):
        early, too_early = NOW - 15 * MINUTE, NOW - 16 * MINUTE

        assert admit(user=teacher, meeting=timed, now=early) == MODERATOR
        assert admit(user=teacher, meeting=timed, now=too_early).role is None

    def test_how_much_earlier_is_a_setting(self, timed, teacher, bbb):
        bbb["OPEN_EARLY"] = 0

        assert admit(user=teacher, meeting=timed, now=NOW - MINUTE).role is None

    def test_after_it_nobody_enters_and_everybody_still_belongs(self, timed, teacher, student):
        answers = [admit(user=one, meeting=timed, now=timed.closes_at) for one in (teacher, student)]

        assert [(one.role, one.belongs, one.is_moderator) for one in answers] == [
            (None, True, True),
            (None, True, False),
        ]
        assert "is closed now" in answers[1].reason

    def test_a_stranger_is_not_told_when(self, timed, student):
        timed.access = Meeting.Access.MEMBERS

        answer = admit(user=student, meeting=timed, now=NOW - MINUTE)
        nobody = admit(user=AnonymousUser(), meeting=timed, now=NOW - MINUTE)

        assert "March" not in f"{answer.reason}{nobody.reason}"
        assert not answer.belongs


class TestPagesAfterwards:
    @pytest.fixture
    def closed(self, meeting):
        Meeting.objects.update(closes_at=NOW)
        meeting.refresh_from_db()
        return meeting

    def address(self, name, meeting):
        return reverse(f"django_bbb:{name}", args=[meeting.meeting_id])

    def test_nobody_enters(self, client, student, closed, simulator):
        client.force_login(student)

        answer = client.get(self.address("join", closed))

        assert answer.status_code == 403
        assert "is closed now" in answer.content.decode()

    def test_nobody_starts(self, client, teacher, closed, simulator):
        client.force_login(teacher)

        assert client.post(self.address("start", closed)).status_code == 403
        assert simulator.journal == []

    def test_the_page_and_the_recordings_are_still_there(self, client, student, closed, server, rf):
        client.force_login(student)
        Recording.objects.create(server=server, record_id="1", meeting=closed, name="Lesson", published=True)
        request = rf.get("/")
        request.user = student
        tag = Template("{% load django_bbb %}{% bbb_recordings meeting %}")

        assert client.get(self.address("meeting", closed)).status_code == 200
        assert "Lesson" in tag.render(Context({"request": request, "meeting": closed}))

    def test_a_moderator_ends_the_class_that_goes_on(self, client, teacher, student, meeting, simulator):
        meetings.start_meeting(meeting=meeting)
        Meeting.objects.update(closes_at=NOW)
        client.force_login(student)
        refused = client.post(self.address("end", meeting))
        client.force_login(teacher)

        client.post(self.address("end", meeting))

        assert refused.status_code == 403
        assert meeting.meeting_id not in simulator.meetings
