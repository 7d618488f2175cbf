"""Recordings in the admin: who may do what, what it asks first, and what becomes of many."""

from datetime import timedelta

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse
from django.utils import timezone

from django_bbb import tasks
from django_bbb.admin.recording_acts import ALL_ACTS
from django_bbb.admin.recordings import RecordingAdmin
from django_bbb.models import Playback, Recording, RecordingJob
from django_bbb.services import syncing
from django_bbb.simulator.faults import HtmlAnswer
from tests.conftest import SECRET
from tests.urls import urlpatterns as site_urls

#: Which permission each act needs, and what is typed for it.
NEEDS = {
    "publish": "publish_recording",
    "unpublish": "unpublish_recording",
    "protect": "protect_recording",
    "unprotect": "protect_recording",
    "rename": "change_recording",
    "audience": "change_recording",
    "expiry": "change_recording",
    "keep": "change_recording",
    "resync": "change_recording",
    "trash": "delete_recording",
    "restore": "delete_recording",
    "delete": "delete_recording",
}
EVERYTHING = tuple(sorted(set(NEEDS.values())))
TYPED = {
    "rename": {"with-title": "Fractions"},
    "audience": {"with-audience": "anyone"},
    "expiry": {"with-expires_at": "2099-01-01T10:00"},
}


@pytest.fixture
def remote(meeting, server, simulator):
    """A recording on the server that we know."""
    there = simulator.add_recording(meeting.meeting_id, name="Lesson")
    syncing.sync_recordings(server=server)
    simulator.clear_journal()
    return there


@pytest.fixture
def recording(remote):
    return Recording.objects.get()


@pytest.fixture
def many(meeting, server, simulator):
    remote = [simulator.add_recording(meeting.meeting_id, name=f"Lesson {number}") for number in range(12)]
    syncing.sync_recordings(server=server)
    simulator.clear_journal()
    return remote


@pytest.fixture
def staff(client, person):
    """Log in somebody on the staff who may view recordings, and has the permissions given."""

    def log_in(*permissions):
        client.force_login(person("staff", is_staff=True, permissions=("view_recording", *permissions)))
        return client

    return log_in


def address(what="changelist", *arguments):
    return reverse(f"admin:django_bbb_recording_{what}", args=arguments)


def page_of(name, recording):
    return address("delete_for_good" if name == "delete" else name, recording.pk)


def act(client, name, *recordings, query="?trash=all", **more):
    data = {"action": f"{name}_selected", "_selected_action": [one.pk for one in recordings], **more}
    return client.post(address() + query, data, follow=True)


def facts():
    """Return all that somebody could have changed here."""
    return list(Recording.objects.values("title", "audience", "expires_at", "keep", "trashed_at", "deleted_at"))


class TestPermissions:
    def test_every_act_is_tested(self):
        assert set(NEEDS) == set(ALL_ACTS)

    @pytest.mark.parametrize("name", NEEDS)
    def test_without_its_permission_an_action_does_nothing(self, staff, recording, simulator, name):
        client = staff(*(one for one in EVERYTHING if one != NEEDS[name]))
        before = facts()

        answer = act(client, name, recording, confirmed="yes", **TYPED.get(name, {}))

        assert f'value="{name}_selected"' not in answer.content.decode()
        assert (facts(), simulator.journal) == (before, [])
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize("name", NEEDS)
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_without_its_permission_a_page_is_closed_and_not_offered(self, staff, recording, simulator, name, method):
        client = staff(*(one for one in EVERYTHING if one != NEEDS[name]))
        before = facts()

        answer = getattr(client, method)(page_of(name, recording), {"confirmed": "yes", **TYPED.get(name, {})})

        assert answer.status_code == 403
        assert (facts(), simulator.journal) == (before, [])
        assert page_of(name, recording) not in client.get(address("change", recording.pk)).content.decode()

    @pytest.mark.parametrize("name", NEEDS)
    def test_with_its_permission_alone_both_do_it(self, staff, recording, name):
        client = staff(NEEDS[name])

        offered = client.get(address() + "?trash=all").content.decode()
        page = client.get(page_of(name, recording))
        answer = act(client, name, recording, confirmed="yes", **TYPED.get(name, {}))

        assert f'value="{name}_selected"' in offered
        assert (page.status_code, answer.status_code) == (200, 200)
        if name not in ("restore", "protect"):  # nothing to do, and unknown to this server
            assert LogEntry.objects.count() == 1

    @pytest.mark.parametrize("name", NEEDS)
    def test_a_get_changes_nothing(self, admin_client, recording, simulator, name):
        before = facts()

        admin_client.get(page_of(name, recording), {"confirmed": "yes", **TYPED.get(name, {})})
        admin_client.get(address(), {"action": f"{name}_selected", "_selected_action": recording.pk})

        assert (facts(), simulator.journal) == (before, [])

    def test_who_may_only_look_is_offered_nothing(self, staff, recording):
        client = staff()

        text = client.get(address()).content.decode() + client.get(address("change", recording.pk)).content.decode()

        assert "formaction" not in text
        assert "_selected" not in text.replace("_selected_action", "")
        assert not any(page_of(name, recording) in text for name in NEEDS)

    def test_the_right_is_asked_for_each_one(self, admin_client, many, monkeypatch):
        mine, other = Recording.objects.order_by("pk")[:2]
        monkeypatch.setattr(
            RecordingAdmin, "has_edit_permission", lambda self, request, obj=None: obj is None or obj == mine
        )

        text = act(admin_client, "keep", mine, other).content.decode()

        assert list(Recording.objects.filter(keep=True)) == [mine]
        assert "1 recording is kept for ever." in text
        assert "you may not do this with it" in text

    @pytest.mark.parametrize("name", NEEDS)
    def test_the_page_of_nothing_is_not_found(self, admin_client, db, name):
        path = page_of(name, Recording(pk=99))

        assert admin_client.get(path).status_code == 404


class TestSwitch:
    def test_it_unpublishes_and_publishes_and_comes_back_to_the_list(self, admin_client, recording, remote):
        back = "?_changelist_filters=trash%3Dall"

        first = admin_client.post(address("unpublish", recording.pk) + back)
        after_first = str(remote.state)
        admin_client.post(address("publish", recording.pk) + back)

        assert first["Location"] == address() + "?trash=all"
        assert (after_first, str(remote.state)) == ("unpublished", "published")

    def test_it_is_a_button_of_the_list_for_those_who_may(self, staff, recording):
        text = staff("unpublish_recording").get(address()).content.decode()

        assert f'formaction="{address("unpublish", recording.pk)}?' in text
        assert 'aria-checked="true"' in text

    def test_it_is_not_offered_for_the_other_direction(self, staff, recording):
        assert "formaction" not in staff("publish_recording").get(address()).content.decode()

    def test_it_needs_the_token_against_forgery(self, admin_client, recording, remote, client):
        admin_client.handler.enforce_csrf_checks = True

        assert admin_client.post(address("unpublish", recording.pk)).status_code == 403
        assert str(remote.state) == "published"


class TestChoices:
    def test_a_title_is_asked_for_and_given(self, admin_client, recording, remote):
        question = act(admin_client, "rename", recording)
        empty = act(admin_client, "rename", recording, confirmed="yes")
        act(admin_client, "rename", recording, confirmed="yes", **TYPED["rename"])

        recording.refresh_from_db()
        assert 'name="with-title"' in question.content.decode()
        assert "This field is required." in empty.content.decode()
        assert recording.title == remote.metadata["name"] == "Fractions"

    def test_an_audience_is_set_without_a_call(self, admin_client, recording, simulator):
        act(admin_client, "audience", recording, confirmed="yes", **TYPED["audience"])

        recording.refresh_from_db()
        assert recording.audience == "anyone"
        assert simulator.journal == []

    def test_hidden_is_an_audience_too_until_another_is_chosen(self, admin_client, recording, simulator):
        act(admin_client, "audience", recording, confirmed="yes", **{"with-audience": "moderators"})
        asked = admin_client.get(address("audience", recording.pk)).content.decode()
        listed = admin_client.get(address("changelist")).content.decode()

        recording.refresh_from_db()
        assert (recording.hidden, recording.audience) == (True, "members")
        assert '<option value="moderators" selected>' in asked
        assert "only those who moderate the meeting</td>" in listed

        act(admin_client, "audience", recording, confirmed="yes", **{"with-audience": "members"})

        recording.refresh_from_db()
        assert (recording.hidden, recording.audience) == (False, "members")
        assert "publishRecordings" not in [entry.call for entry in simulator.journal]

    def test_an_unknown_audience_is_refused(self, admin_client, recording):
        act(admin_client, "audience", recording, confirmed="yes", **{"with-audience": "everyone"})

        recording.refresh_from_db()
        assert recording.audience == "members"

    def test_the_page_of_one_begins_with_what_holds(self, admin_client, recording):
        Recording.objects.update(title="Ours", audience="anyone", expires_at="2099-01-01T10:00Z")

        pages = [admin_client.get(address(what, recording.pk)) for what in ("rename", "audience", "expiry")]

        texts = [page.content.decode() for page in pages]
        assert 'value="Ours"' in texts[0]
        assert '<option value="anyone" selected>' in texts[1]
        assert 'value="2099-01-01T' in texts[2]

    def test_an_expiry_is_set_and_taken_away(self, admin_client, recording):
        Recording.objects.update(keep=True)
        admin_client.post(address("expiry", recording.pk), {"confirmed": "yes", **TYPED["expiry"]})
        recording.refresh_from_db()
        first = (recording.keep, recording.expires_at.year)
        admin_client.post(address("expiry", recording.pk), {"confirmed": "yes", "with-expires_at": ""})

        recording.refresh_from_db()
        assert first == (False, 2099)
        assert recording.expires_at is None

    def test_a_time_that_is_over_is_refused(self, admin_client, recording):
        data = {"confirmed": "yes", "with-expires_at": "2001-01-01T10:00"}

        text = admin_client.post(address("expiry", recording.pk), data).content.decode()

        assert "This time is over." in text
        assert facts()[0]["expires_at"] is None

    def test_kept_for_ever_it_does_not_expire(self, admin_client, recording):
        Recording.objects.update(expires_at=timezone.now())

        act(admin_client, "keep", recording)

        assert (facts()[0]["keep"], facts()[0]["expires_at"]) == (True, None)

    def test_no_sync_overwrites_them(self, admin_client, recording, server):
        Recording.objects.update(audience="anyone", keep=True, title="Ours", hidden=True)

        syncing.sync_recordings(server=server, full=True)

        recording.refresh_from_db()
        assert (recording.audience, recording.keep, recording.title, recording.hidden) == (
            "anyone",
            True,
            "Ours",
            True,
        )


class TestTrash:
    def test_it_asks_first(self, admin_client, recording, remote):
        text = act(admin_client, "trash", recording).content.decode()

        assert "nobody can watch them until they are restored" in text
        assert str(remote.state) == "published"

    def test_there_and_back(self, admin_client, recording, remote):
        act(admin_client, "trash", recording, confirmed="yes")
        in_list = "Lesson" in admin_client.get(address()).content.decode()
        in_trash = "Lesson" in admin_client.get(address() + "?trash=yes").content.decode()
        act(admin_client, "restore", recording, query="?trash=yes")

        recording.refresh_from_db()
        assert (in_list, in_trash) == (False, True)
        assert recording.trashed_at is None
        assert str(remote.state) == "published"

    def test_deletion_from_its_own_page_asks_first(self, admin_client, recording, remote):
        question = admin_client.post(page_of("delete", recording))
        before = str(remote.state)
        answer = admin_client.post(page_of("delete", recording), {"confirmed": "yes"})

        assert "all links to them stop working" in question.content.decode()
        assert (before, str(remote.state)) == ("published", "deleted")
        assert answer["Location"] == address()

    def test_the_delete_page_sends_its_answer_there(self, admin_client, recording):
        text = admin_client.get(address("delete", recording.pk)).content.decode()

        assert f'action="{page_of("delete", recording)}"' in text


def test_a_server_is_asked_again(admin_client, recording, remote):
    remote.metadata["name"] = "Lesson, renamed there"

    text = act(admin_client, "resync", recording).content.decode()

    recording.refresh_from_db()
    assert recording.metadata["name"] == "Lesson, renamed there"
    assert "1 recording is as its server says." in text


class TestColumns:
    def test_a_row_says_what_matters(self, admin_client, recording):
        Recording.objects.update(size=3 * 1024 * 1024, participants=27, keep=True, audience="anyone")
        Playback.objects.update(length=timedelta(minutes=90))

        text = admin_client.get(address()).content.decode()

        playback = recording.playbacks.exclude(thumbnails=[])[0]
        assert playback.pictures[0]["address"] in text
        assert playback.get_absolute_url() in text
        for word in ("1:30", "27", "3.0\xa0MB", "published", "anyone with the link", "kept for ever"):
            assert word in text

    def test_pictures_come_from_this_site_alone(self, admin_client, recording, simulator):
        pages = [admin_client.get(address()), admin_client.get(address("change", recording.pk))]

        assert not any(f'src="{simulator.address}' in one.content.decode() for one in pages)

    def test_a_missing_one_is_warned_of_and_has_no_links(self, admin_client, recording):
        Recording.objects.update(missing_since=timezone.now() - timedelta(days=3))

        text = admin_client.get(address()).content.decode()

        assert "missing on the server for 3\xa0days" in text
        assert recording.playbacks.first().get_absolute_url() not in text

    def test_how_long_it_is_in_work_is_said(self, admin_client, recording):
        Recording.objects.update(state="processing", published=False, ended_at=timezone.now() - timedelta(hours=5))

        assert "being processed for 5\xa0hours" in admin_client.get(address()).content.decode()

    def test_a_state_that_servers_invent_is_shown(self, admin_client, recording):
        Recording.objects.update(state="levitating")

        assert "levitating" in admin_client.get(address()).content.decode()

    def test_a_hundred_rows_with_pictures_cost_no_more_queries_than_one(self, admin_client, recording, simulator):
        def count():
            with CaptureQueriesContext(connection) as queries:
                admin_client.get(address())
            return len(queries)

        with_one = count()
        for number in range(99):
            one = Recording.objects.create(
                server=recording.server, record_id=str(number), meeting=recording.meeting, published=True
            )
            Playback.objects.create(
                recording=one, type="x", url="https://x", thumbnails=[{"url": "https://x", "alt": ""}]
            )

        assert count() == with_one
        assert simulator.journal == []

    def test_nothing_inline_is_on_any_page(self, admin_client, recording):
        paths = [
            address(),
            address("change", recording.pk),
            address("jobs"),
            *(page_of(one, recording) for one in NEEDS),
        ]

        text = "".join(admin_client.get(path).content.decode() for path in paths)

        assert " style=" not in text
        assert " onclick=" not in text


class TestJobs:
    @pytest.fixture
    def job(self, admin_client, many):
        act(admin_client, "unpublish", *Recording.objects.all())
        return RecordingJob.objects.get()

    def test_ten_are_done_in_the_request(self, admin_client, many):
        text = act(admin_client, "unpublish", *Recording.objects.all()[:10]).content.decode()

        assert "10 recordings unpublished." in text
        assert not RecordingJob.objects.exists()

    def test_more_are_handed_to_a_worker(self, admin_client, many, simulator, queued):
        answer = act(admin_client, "rename", *Recording.objects.all(), confirmed="yes", **TYPED["rename"])

        job = RecordingJob.objects.get()
        assert answer.redirect_chain[-1][0] == address("job", job.pk)
        assert (job.action, job.arguments, job.user.username) == ("rename", {"title": "Fractions"}, "admin")
        assert ("django_bbb.run_recording_job", [job.pk]) in queued()
        assert simulator.journal == []
        assert LogEntry.objects.count() == 12

    def test_all_the_list_has_are_asked_for_with_one_number(self, admin_client, many):
        one = Recording.objects.first()

        question = act(admin_client, "trash", one, select_across="1").content.decode()
        act(admin_client, "trash", one, select_across="1", confirmed="yes")

        assert question.count('name="_selected_action"') == 1
        assert 'name="select_across" value="1"' in question
        assert RecordingJob.objects.get().items.count() == 12

    def test_the_page_looks_again_until_all_is_done(self, admin_client, job):
        before = admin_client.get(address("job", job.pk))
        tasks.run_recording_job(job.pk)
        after = admin_client.get(address("job", job.pk))

        assert before["Refresh"] == "3"
        assert "0 of 12" in before.content.decode()
        assert "Refresh" not in after
        assert "12 of 12: 12 done" in after.content.decode()

    def test_failures_are_listed_and_tried_again(self, admin_client, job, simulator, many, queued):
        simulator.faults.set(HtmlAnswer(status=503))
        tasks.run_recording_job(job.pk)
        failed = admin_client.get(address("job", job.pk)).content.decode()
        simulator.faults.clear()
        queued()

        admin_client.post(address("try_again", job.pk))

        assert "Lesson 3" in failed
        assert "503" in failed
        assert SECRET not in failed
        assert "checksum=" not in failed
        assert queued() == [("django_bbb.run_recording_job", [job.pk])]
        tasks.run_recording_job(job.pk)
        assert {str(one.state) for one in many} == {"unpublished"}

    def test_a_get_tries_nothing_again(self, admin_client, job):
        assert admin_client.get(address("try_again", job.pk)).status_code == 405

    def test_only_who_may_do_it_tries_again(self, client, person, job):
        RecordingJob.objects.update(finished_at=timezone.now())
        job.items.update(result="failed")
        client.force_login(person("other", is_staff=True, permissions=("view_recording", "delete_recording")))

        text = client.get(address("job", job.pk)).content.decode()

        assert "Try again" not in text
        assert client.post(address("try_again", job.pk)).status_code == 403
        assert job.items.filter(result="failed").count() == 12

    @pytest.mark.parametrize("what", ["job", "jobs"])
    def test_only_who_may_view_recordings_sees_jobs(self, client, person, job, what):
        client.force_login(person("other", is_staff=True, permissions=("view_meeting", "publish_recording")))

        assert client.get(address(what, *([job.pk] if what == "job" else []))).status_code == 403

    def test_jobs_are_listed(self, admin_client, job):
        assert address("job", job.pk) in admin_client.get(address("jobs")).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", NEEDS)
def test_pages_call_the_server_outside_of_the_requests_transaction(
    transactional_db, admin_client, recording, name
):  # threats.md 43; the guard in conftest fails a call inside one
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        answer = admin_client.post(page_of(name, recording), {"confirmed": "yes", **TYPED.get(name, {})})
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False

    assert answer.status_code == 302


backstage = django_admin.AdminSite(name="backstage")
backstage.register(Recording, RecordingAdmin)

#: The addresses of a site with two admins.
urlpatterns = [path("backstage/", backstage.urls), *site_urls]


@pytest.mark.urls(__name__)
def test_on_another_admin_site_nobody_leaves_it(admin_client, recording):
    job = RecordingJob.objects.start(action="publish", arguments={}, user=None, recordings=[recording.pk])

    def inside(what="changelist", *arguments):
        return reverse(f"admin:django_bbb_recording_{what}", args=arguments, current_app="backstage")

    shown = [inside(), *(inside(one, recording.pk) for one in ("change", "delete", "text_tracks", "trash"))]
    shown += [inside("jobs"), inside("job", job.pk)]
    pages = [admin_client.get(where) for where in shown]
    answer = admin_client.post(inside("keep", recording.pk))

    assert [one.status_code for one in pages] == [200] * len(pages)
    assert not any('="/admin/django_bbb/recording' in one.content.decode() for one in pages)
    assert answer["Location"] == inside("change", recording.pk)
