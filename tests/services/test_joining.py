"""Who may join, as what, and by which URL."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import override

from django_bbb.api import Role
from django_bbb.models import Meeting
from django_bbb.services import meetings
from django_bbb.services.joining import Admission, admit, join_url
from django_bbb.services.people import default_user_id
from tests.conftest import SECRET

MODERATOR = Admission(Role.MODERATOR, may_start=True)


def broken_policy(**arguments):
    raise RuntimeError("the site's own mistake")


def forgetful_policy(**arguments):
    return None


def bidirectional_name(*, user):
    return "Eve\u202e\u0007 \u0645\u06cc\u200c\u062e"


class TestDefaultPolicy:
    """threats.md 90: one function, default deny."""

    def test_the_owner_moderates_and_may_start(self, meeting, teacher):
        assert admit(user=teacher, meeting=meeting) == MODERATOR

    def test_whoever_is_logged_in_enters_an_open_meeting_as_viewer(self, meeting, student):
        assert admit(user=student, meeting=meeting) == Admission(Role.VIEWER)

    def test_others_do_not_enter_a_meeting_for_members(self, meeting, student):
        meeting.access = Meeting.Access.MEMBERS

        answer = admit(user=student, meeting=meeting)

        assert answer.role is None
        assert "Ask its teacher" in str(answer.reason)

    def test_nobody_enters_without_a_login(self, meeting):
        assert admit(user=AnonymousUser(), meeting=meeting).role is None

    def test_a_meeting_without_owner_belongs_to_nobody(self, meeting, student):
        meeting.owner, meeting.access = None, Meeting.Access.MEMBERS

        assert admit(user=student, meeting=meeting).role is None

    def test_the_permission_to_moderate_is_enough(self, meeting, person):
        meeting.access = Meeting.Access.MEMBERS
        support = person("support", permissions=("join_as_moderator",))

        assert admit(user=support, meeting=meeting) == MODERATOR

    def test_the_permission_to_start_makes_no_moderator(self, meeting, person):
        meeting.access = Meeting.Access.MEMBERS
        caretaker = person("caretaker", permissions=("start_meeting",))

        assert admit(user=caretaker, meeting=meeting) == Admission(Role.VIEWER, may_start=True)


class TestSitePolicy:
    @pytest.mark.parametrize("name", ["broken_policy", "forgetful_policy"])
    def test_a_mistake_in_it_is_a_no_and_a_line_in_the_log(self, meeting, teacher, bbb, caplog, name):
        bbb["JOIN_POLICY"] = f"{__name__}.{name}"

        answer = admit(user=teacher, meeting=meeting)

        assert answer.role is None
        assert answer.reason
        assert "JOIN_POLICY" in caplog.text


class TestUserId:
    @pytest.mark.parametrize(("key", "expected"), [(42, "u42"), ("Ada-1", "x4164612d31"), ("0b9f", "x30623966")])
    def test_it_has_only_what_analytics_leave_alone(self, key, expected):
        class Somebody:
            pk = key

        assert default_user_id(user=Somebody()) == expected


class TestJoinUrl:
    @pytest.fixture
    def session(self, meeting):
        return meetings.start_meeting(meeting=meeting)

    def parameters(self, url):
        return {name: values for name, values in parse_qs(urlsplit(url).query).items() if name != "checksum"}

    def test_it_says_who_as_what_and_into_which_run(self, session, student, meeting, simulator):
        simulator.clear_journal()

        with override("pt-br"):
            url = join_url(session=session, user=student, admission=Admission(Role.VIEWER))

        created = simulator.meetings[meeting.meeting_id].create_time
        assert self.parameters(url) == {
            "fullName": ["Ben Klein"],
            "meetingID": [meeting.meeting_id],
            "role": ["VIEWER"],
            "userID": [f"u{student.pk}"],
            "userdata-bbb_override_default_locale": ["pt-BR"],
            "createTime": [str(created)],
            "errorRedirectUrl": [f"http://testserver/bbb/meetings/{meeting.meeting_id}/join-failed/"],
        }
        assert simulator.journal == []  # made here, no call

    @pytest.mark.parametrize(
        ("ours", "theirs"), [("fa", "fa"), ("es-mx", "es-MX"), ("zh-hant", "zh-TW"), ("zh-hans", "zh-CN")]
    )
    def test_languages_are_written_as_the_client_has_them(self, session, student, ours, theirs):
        with override(ours):
            url = join_url(session=session, user=student, admission=Admission(Role.VIEWER))

        assert self.parameters(url)["userdata-bbb_override_default_locale"] == [theirs]

    def test_the_server_takes_it(self, session, student):
        url = join_url(session=session, user=student, admission=Admission(Role.VIEWER))

        answer = requests.get(url, allow_redirects=False, timeout=5)

        assert answer.status_code == 302
        assert "sessionToken=" in answer.headers["Location"]

    def test_a_name_cannot_smuggle_in_a_role(self, session, student):  # threats.md 91
        student.first_name = "x&role=MODERATOR"

        url = join_url(session=session, user=student, admission=Admission(Role.VIEWER))

        assert self.parameters(url)["role"] == ["VIEWER"]
        assert self.parameters(url)["fullName"] == ["x&role=MODERATOR Klein"]

    def test_a_name_loses_what_turns_the_writing_and_keeps_what_joins_letters(self, session, student, bbb):
        bbb["DISPLAY_NAME"] = f"{__name__}.bidirectional_name"

        url = join_url(session=session, user=student, admission=Admission(Role.VIEWER))

        assert self.parameters(url)["fullName"] == ["Eve \u0645\u06cc\u200c\u062e"]

    def test_nobody_gets_one_without_a_role(self, session, student):
        with pytest.raises(ValueError, match="without a role"):
            join_url(session=session, user=student, admission=Admission(None))

    def test_it_does_not_show_in_a_repr(self, session, student):  # threats.md 86
        url = join_url(session=session, user=student, admission=Admission(Role.VIEWER))

        assert "checksum" not in repr(url)
        assert "checksum" not in f"{[url]}"
        assert SECRET not in url

    def test_the_link_of_an_earlier_run_opens_no_later_one(self, session, student, meeting, simulator):
        url = join_url(session=session, user=student, admission=Admission(Role.VIEWER))
        meetings.end_meeting(meeting=meeting)
        meetings.start_meeting(meeting=meeting)

        answer = requests.get(url, allow_redirects=False, timeout=5)

        assert "mismatchCreateTimeParam" in answer.headers["Location"]
        assert answer.headers["Location"].startswith("http://testserver/bbb/meetings/")


def test_the_policy_gets_the_time_it_is_asked_for(meeting, teacher, bbb):
    bbb["JOIN_POLICY"] = f"{__name__}.policy_that_tells_the_time"

    answer = admit(user=teacher, meeting=meeting, now=datetime(2026, 1, 2, tzinfo=UTC))

    assert answer.reason == "2026-01-02"


def policy_that_tells_the_time(*, now, **arguments):
    return Admission(None, reason=f"{now:%Y-%m-%d}")
