"""Who may watch what: every no is tested."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from django_bbb.models import Meeting, Recording
from django_bbb.services.joining import admit
from django_bbb.services.watching import list_recordings, may_watch

ANYBODY = AnonymousUser()


@pytest.fixture
def recording(meeting, server):
    """One of a meeting that is for its members only."""
    Meeting.objects.update(access=Meeting.Access.MEMBERS)
    meeting.refresh_from_db()
    return Recording.objects.create(server=server, record_id="r-1", meeting=meeting, published=True)


def change(recording, **facts):
    Recording.objects.update(**facts)
    recording.refresh_from_db()


def listed(recording, user):
    meeting = recording.meeting
    return list(list_recordings(meeting=meeting, user=user, admission=admit(user=user, meeting=meeting)))


class TestAudience:
    def test_members_and_moderators_alone_at_first(self, recording, teacher, student):
        assert may_watch(user=teacher, recording=recording)
        assert not may_watch(user=student, recording=recording)
        assert not may_watch(user=ANYBODY, recording=recording)
        assert (listed(recording, teacher), listed(recording, student)) == ([recording], [])

    def test_anyone_who_is_signed_in(self, recording, student):
        change(recording, audience="signed_in")

        assert may_watch(user=student, recording=recording)
        assert not may_watch(user=ANYBODY, recording=recording)
        assert (listed(recording, student), listed(recording, ANYBODY)) == ([recording], [])

    def test_anyone(self, recording):
        change(recording, audience="anyone")

        assert may_watch(user=ANYBODY, recording=recording)
        assert listed(recording, ANYBODY) == [recording]

    def test_one_of_no_meeting(self, recording, student, teacher):
        change(recording, meeting=None)
        for_members = may_watch(user=teacher, recording=recording)
        change(recording, audience="signed_in")

        assert not for_members
        assert may_watch(user=student, recording=recording)

    def test_staff_with_the_permission(self, recording, person):
        assert may_watch(user=person("support", permissions=("view_recording",)), recording=recording)
        assert not may_watch(user=person("other", permissions=("view_meeting",)), recording=recording)

    @pytest.mark.parametrize("audience", Recording.Audience.values)
    def test_what_is_hidden_is_for_moderators(self, recording, teacher, student, audience):
        Meeting.objects.update(access=Meeting.Access.SIGNED_IN)
        change(recording, hidden=True, audience=audience)

        assert may_watch(user=teacher, recording=recording)
        assert not may_watch(user=student, recording=recording)
        assert not may_watch(user=ANYBODY, recording=recording)
        assert (listed(recording, teacher), listed(recording, student)) == ([recording], [])


class TestTime:
    @pytest.mark.parametrize(
        ("facts", "shown"),
        [
            ({"expires_at": timedelta(days=1)}, True),
            ({"expires_at": timedelta(0)}, False),
            ({"expires_at": timedelta(0), "keep": True}, True),
            ({"trashed_at": timedelta(0)}, False),
            ({"trashed_at": timedelta(0), "keep": True}, False),
        ],
    )
    def test_neither_the_trash_nor_what_has_expired_is_shown(self, recording, teacher, facts, shown):
        now = timezone.now()
        change(recording, **{name: now + at if name != "keep" else at for name, at in facts.items()})

        assert Recording.objects.visible().exists() is shown
        assert Recording.objects.playable().exists() is shown
        assert recording.is_playable is shown
        assert bool(listed(recording, teacher)) is shown

    @pytest.mark.parametrize("facts", [{"published": False}, {"missing_since": "2026-01-01T00:00Z"}])
    def test_what_its_server_does_not_show_is_listed_for_moderators_alone(self, recording, teacher, student, facts):
        Meeting.objects.update(access=Meeting.Access.SIGNED_IN)
        change(recording, **facts)

        assert not recording.is_playable
        assert not Recording.objects.playable().exists()
        assert (listed(recording, teacher), listed(recording, student)) == ([recording], [])
