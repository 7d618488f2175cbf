"""What servers call: believed only with proof, noted once, answered at once."""

import hashlib
import json
import socket
import warnings
from urllib.parse import urlencode

import jwt
import pytest
from celery import Celery
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_bbb import broker
from django_bbb.api import Secret
from django_bbb.models import Attendance, CallbackDelivery, Server
from django_bbb.services import addresses, meetings
from django_bbb.services import callbacks as services
from django_bbb.services.servers import register_declared_servers
from tests.conftest import SECRET

RECORD_ID = "0123456789abcdef0123456789abcdef01234567-1700000000000"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def running(meeting):
    return meetings.start_meeting(meeting=meeting)


@pytest.fixture
def outsider():
    """A client like a server's: no cookie, no token against forgery."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def broker_that_says_nothing(monkeypatch):
    """It accepts the connection, and that is all: with Celery's defaults a publisher waits for a minute."""
    monkeypatch.setattr(broker, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"amqp://127.0.0.1:{listener.getsockname()[1]}//"
        monkeypatch.setattr(broker, "_app", Celery("nowhere", broker=address, set_as_current=False))
        yield


def sign(claims, *, secret=SECRET, algorithm="HS256", headers=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jwt.warnings.InsecureKeyLengthWarning)
        return jwt.encode(claims, secret, algorithm=algorithm, headers=headers)


def claims(**changed):
    return {"meeting_id": "m-1", "record_id": RECORD_ID, **changed}


class CallbackContract:
    """What every kind of callback promises.  Subclasses say how one is delivered."""

    kind = ""
    method = "get"
    refusal = 0

    def address(self, running):
        raise NotImplementedError

    def deliver(self, client, running, *, proven=True):
        raise NotImplementedError

    def test_it_is_accepted_with_exactly_200_and_one_row(self, outsider, running):  # threats.md 18
        answer = self.deliver(outsider, running)

        assert answer.status_code == 200
        assert CallbackDelivery.objects.get().kind == self.kind

    def test_without_proof_it_is_refused_and_nothing_is_stored(self, outsider, running):  # threats.md 1
        answer = self.deliver(outsider, running, proven=False)

        assert answer.status_code == self.refusal
        assert not CallbackDelivery.objects.exists()

    def test_a_second_delivery_is_the_same_row(self, outsider, running):  # threats.md 17
        for _time in range(3):
            self.deliver(outsider, running)

        assert CallbackDelivery.objects.get().asked == 3

    def test_it_is_handed_to_a_worker_after_commit(
        self, outsider, running, queued, django_capture_on_commit_callbacks
    ):  # threats.md 33
        with django_capture_on_commit_callbacks(execute=True):
            self.deliver(outsider, running)
            before_commit = queued()

        assert before_commit == []
        assert queued() == [("django_bbb.process_callback", [CallbackDelivery.objects.get().pk])]

    def test_a_broker_that_says_nothing_does_not_matter(
        self, outsider, running, broker_that_says_nothing, django_capture_on_commit_callbacks
    ):  # threats.md 31, 32
        with django_capture_on_commit_callbacks(execute=True):
            answer = self.deliver(outsider, running)

        assert answer.status_code == 200
        assert CallbackDelivery.objects.due().count() == 1

    def test_it_needs_no_login(self, outsider, running, settings):  # threats.md 20
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]

        assert self.deliver(outsider, running).status_code == 200

    def test_other_methods_do_nothing(self, outsider, running, caplog):  # threats.md 16
        for method in {"get", "post", "put", "delete", "head", "options"} - {self.method}:
            answer = getattr(outsider, method)(self.address(running))
            assert (answer.status_code, answer["Allow"]) == (405, self.method.upper()), method

        assert self.address(running) not in caplog.text  # there may be a token in it
        assert not CallbackDelivery.objects.exists()

    def test_a_database_that_is_away_is_503(
        self, outsider, running, monkeypatch, settings, mailoutbox
    ):  # threats.md 19
        settings.ADMINS = [("Admin", "admin@example.org")]

        def away(*args, **kwargs):
            raise DatabaseError("connection refused")

        monkeypatch.setattr(type(CallbackDelivery.objects.all()), "note", away)

        assert self.deliver(outsider, running).status_code == 503
        assert mailoutbox == []

    def test_refusals_are_logged_without_the_proof_and_nobody_gets_a_mail(
        self, outsider, running, caplog, mailoutbox, settings
    ):  # threats.md 12
        settings.ADMINS = [("Admin", "admin@example.org")]

        for _time in range(20):
            self.deliver(outsider, running, proven=False)

        assert len([one for one in caplog.records if one.name.startswith(("django_bbb", "django.request"))]) <= 1
        assert SECRET not in caplog.text
        assert mailoutbox == []


class TestMeetingEnded(CallbackContract):
    kind = "meeting-ended"
    method = "get"
    refusal = 403

    def address(self, running):
        return reverse("django_bbb:meeting-ended", kwargs={"token": addresses.make_token(running, kind=self.kind)})

    def deliver(self, client, running, *, proven=True):
        address = self.address(running) if proven else self.address(running)[:-2] + "x/"
        return client.get(address, {"recordingmarks": "true", "meetingID": running.meeting.meeting_id})

    @pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "x" * 5000, "IjAi:1:x"])
    def test_mutated_tokens_are_refused(self, outsider, db, token):
        answer = outsider.get(f"/bbb/callbacks/meeting-ended/{token}/")

        assert answer.status_code == 403

    def test_fifty_flipped_letters_are_refused(self, outsider, running):  # threats.md 1
        address = self.address(running)
        token = address.rstrip("/").rsplit("/", 1)[1]
        for place in range(min(50, len(token))):
            other = "A" if token[place] != "A" else "B"
            forged = address.replace(token, token[:place] + other + token[place + 1 :])
            # The last letter of base64 has bits that say nothing: Django compares the decoded signature.
            assert outsider.get(forged).status_code == 403, place

        assert not CallbackDelivery.objects.exists()

    def test_a_run_this_site_no_longer_has_is_200(self, outsider, running):  # the retries stop
        address = self.address(running)
        running.delete()

        assert outsider.get(address).status_code == 200
        assert not CallbackDelivery.objects.exists()

    def test_the_address_the_server_was_given_is_this_one(self, outsider, running, simulator, meeting):
        given = simulator.meetings[meeting.meeting_id].settings.metadata["endcallbackurl"]

        answer = outsider.get(given.removeprefix("http://testserver"))

        assert answer.status_code == 200

    def test_the_last_of_two_parameters_counts(self, outsider, running):
        outsider.get(self.address(running) + "?recordingmarks=true&recordingmarks=false")

        assert CallbackDelivery.objects.get().payload == {"recording_marks": False}


class TestRecordingReady(CallbackContract):
    kind = "recording-ready"
    method = "post"
    refusal = 401

    def address(self, running=None):
        return reverse("django_bbb:recording-ready", kwargs={"slug": "default"})

    def deliver(self, client, running, *, proven=True):
        token = sign(claims(), secret=SECRET if proven else "another secret that signs nothing here")
        return self.send(client, token)

    def send(self, client, token):
        return client.post(self.address(), f"signed_parameters={token}", content_type=FORM)

    def test_json_from_a_balancer_is_taken_too(self, outsider, running):  # pitfalls.md 21
        body = json.dumps({"signed_parameters": sign(claims())})

        assert outsider.post(self.address(), body, content_type="application/json").status_code == 200

    def test_the_previous_secret_is_taken_during_a_rotation(self, outsider, running, bbb):  # threats.md 82
        old = "the secret the server had until a moment ago"
        bbb["SERVERS"]["default"]["PREVIOUS_SECRET"] = old

        assert self.send(outsider, sign(claims(), secret=old)).status_code == 200
        assert self.send(outsider, sign(claims())).status_code == 200

    @pytest.mark.parametrize("blank", ["", "   ", None])
    def test_a_blank_secret_proves_nothing(self, outsider, running, bbb, blank):  # threats.md 7
        bbb["SERVERS"]["default"] |= {"SECRET": blank, "PREVIOUS_SECRET": blank}

        assert self.send(outsider, sign(claims(), secret=SECRET)).status_code == 401
        assert self.send(outsider, _unsigned()).status_code == 401

    def test_a_short_secret_works_without_a_warning_that_becomes_an_error(self, outsider, running, bbb):
        bbb["SERVERS"]["default"]["SECRET"] = "short"

        assert self.send(outsider, sign(claims(), secret="short")).status_code == 200

    @pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
    def test_other_algorithms_are_refused(self, outsider, running, algorithm):  # threats.md 5
        assert self.send(outsider, sign(claims(), algorithm=algorithm)).status_code == 401

    def test_hs512_is_taken_where_the_server_says_so(self, outsider, running, bbb):
        bbb["SERVERS"]["default"]["CALLBACK_ALGORITHMS"] = ["HS256", "HS512"]

        assert self.send(outsider, sign(claims(), algorithm="HS512")).status_code == 200

    def test_a_token_without_a_signature_is_refused(self, outsider, running):  # threats.md 4
        assert self.send(outsider, _unsigned()).status_code == 401

    def test_a_key_named_by_the_token_is_not_used(self, outsider, running):  # threats.md 6
        token = sign(claims(), secret="x" * 40, headers={"kid": "x" * 40, "jku": "http://127.0.0.1/keys"})

        assert self.send(outsider, token).status_code == 401

    def test_no_step_of_a_rotation_loses_one(self, outsider, running, server):  # threats.md 82
        old, new = Secret(SECRET), Secret("the secret the server gets in a moment")
        server.declared = False
        server.remember_secret(old)
        for step in (
            lambda: server.remember_previous_secret(new),
            lambda: server.remember_secret(new),
        ):
            step()
            server.save()

            assert self.send(outsider, sign(claims(), secret=old.reveal())).status_code == 200
            assert self.send(outsider, sign(claims(), secret=new.reveal())).status_code == 200

        server.remember_previous_secret(None)
        server.save()
        assert self.send(outsider, sign(claims(), secret=old.reveal())).status_code == 401

    def test_a_secret_that_cannot_be_decrypted_believes_nothing(self, outsider, running, server, settings):
        server.declared = False
        server.remember_secret(Secret(SECRET))
        server.save()
        stored = server.encrypted_secret
        settings.SECRET_KEY = "another"

        assert self.send(outsider, sign(claims())).status_code == 503
        assert self.send(outsider, sign(claims(), secret=stored)).status_code == 503
        assert not CallbackDelivery.objects.exists()

    def test_an_unknown_server_is_refused_like_a_bad_signature(self, outsider, running):
        address = reverse("django_bbb:recording-ready", kwargs={"slug": "unknown"})

        answer = outsider.post(address, f"signed_parameters={sign(claims())}", content_type=FORM)

        assert answer.status_code == 401  # never 404 or 410: senders stop there

    def test_a_token_of_another_server_is_refused(self, outsider, running, bbb):  # threats.md 8
        bbb["SERVERS"]["other"] = {"URL": "https://bbb.example.org", "SECRET": "o" * 40}

        assert self.send(outsider, sign(claims(), secret="o" * 40)).status_code == 401

    def test_an_analytics_token_is_no_recording(self, outsider, running):  # threats.md 9
        assert self.send(outsider, sign({"exp": 4_000_000_000})).status_code == 401

    def test_a_body_without_a_length_is_411(self, outsider, running):
        answer = outsider.generic("POST", self.address(), b"", content_type=FORM, CONTENT_LENGTH="")

        assert answer.status_code == 411

    def test_a_large_body_is_413_before_anything_is_read(self, outsider, running):  # threats.md 13
        assert self.send(outsider, "x" * 20_000).status_code == 413

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            ("signed_parameters=a&signed_parameters=b", FORM),
            ("nothing=x", FORM),
            ("signed_parameters=%ff", FORM),
            ("[]", "application/json"),
            ("{", "application/json"),
            ("signed_parameters=x", "text/plain"),
        ],
    )
    def test_what_is_no_callback_is_a_bad_request(self, outsider, running, body, content_type):  # threats.md 14
        assert outsider.post(self.address(), body, content_type=content_type).status_code == 400

    def test_one_that_was_deleted_here_is_410(self, outsider, running, server):
        from django_bbb.models import Recording

        Recording.objects.create(server=server, record_id=RECORD_ID).bury()

        assert self.send(outsider, sign(claims())).status_code == 410


class TestAnalytics(CallbackContract):
    kind = "analytics"
    method = "post"
    refusal = 401

    def address(self, running):
        return reverse("django_bbb:analytics", kwargs={"token": addresses.make_token(running, kind=self.kind)})

    def deliver(self, client, running, *, proven=True):
        return self.send(client, running, bearer(secret=SECRET if proven else "a secret that signs nothing here"))

    def send(self, client, running, authorization, **changed):
        return client.post(
            self.address(running),
            json.dumps(report(running, **changed)),
            content_type="application/json",
            headers={"Authorization": authorization},
        )

    def test_it_is_worked_off_into_who_was_there_and_then_forgotten(self, outsider, running):
        self.deliver(outsider, running)
        assert "Ada Weber" in str(CallbackDelivery.objects.get().payload)
        assert "which option" not in str(CallbackDelivery.objects.get().payload)  # nobody needs who voted for what

        services.sweep()

        person = Attendance.objects.get()
        assert (person.name, person.activity["chats"], len(person.intervals)) == ("Ada Weber", 2, 1)
        assert CallbackDelivery.objects.get().payload == {}

    def test_a_token_of_another_kind_or_run_is_refused(self, outsider, running):  # threats.md 1, 8
        for token in (addresses.make_token(running, kind="meeting-ended"), "x", "a:b:c"):
            address = reverse("django_bbb:analytics", kwargs={"token": token})
            answer = outsider.post(address, "{}", content_type="application/json", headers={"Authorization": bearer()})
            assert answer.status_code == 403

        assert not CallbackDelivery.objects.exists()

    def test_a_report_on_another_class_is_refused(self, outsider, running):
        assert self.send(outsider, running, bearer(), meeting_id="m-other").status_code == 401
        assert self.send(outsider, running, bearer(), internal_meeting_id=RECORD_ID).status_code == 401
        assert not CallbackDelivery.objects.exists()

    def test_one_on_a_breakout_room_is_accepted_and_left_alone(self, outsider, running):  # threats.md 27
        answer = self.send(outsider, running, bearer(), meeting_id="room-1", metadata={"is_breakout": "true"})

        assert answer.status_code == 200
        assert not CallbackDelivery.objects.exists()

    @pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x.y.z", "Basic eDp5", f"Bearer {SECRET}"])
    def test_without_a_bearer_it_is_refused(self, outsider, running, authorization):
        assert self.send(outsider, running, authorization).status_code == 401

    def test_an_old_bearer_is_refused(self, outsider, running):
        assert self.send(outsider, running, bearer(exp=1_000_000_000)).status_code == 401

    def test_a_balancer_may_sign_with_hs256_where_the_server_says_so(self, outsider, running, bbb):
        token = bearer(algorithm="HS256").replace("Bearer", "bearer")
        assert self.send(outsider, running, token).status_code == 401

        bbb["SERVERS"]["default"]["KIND"] = "bbblb"
        register_declared_servers()

        assert self.send(outsider, running, token).status_code == 200

    def test_a_run_that_is_gone_here_is_410(self, outsider, running):
        address = self.address(running)
        running.delete()

        answer = outsider.post(address, "{}", content_type="application/json", headers={"Authorization": bearer()})

        assert answer.status_code == 410

    def test_how_large_it_may_be_is_a_setting(self, outsider, running, bbb):  # threats.md 13
        assert self.deliver(outsider, running).status_code == 200
        bbb["LARGEST_ANALYTICS"] = 100

        assert self.deliver(outsider, running).status_code == 413

    def test_a_replay_with_another_body_does_not_replace_what_is_not_worked_off(self, outsider, running):
        self.deliver(outsider, running)

        self.send(outsider, running, bearer(), name="Somebody else")
        services.sweep()
        self.send(outsider, running, bearer(), name="Somebody else")
        CallbackDelivery.objects.update(next_try_at=timezone.now())
        services.sweep()

        assert Attendance.objects.get().name == "Ada Weber"

    def test_it_may_come_before_the_end(self, outsider, running, simulator):
        self.deliver(outsider, running)
        services.sweep()

        running.refresh_from_db()
        assert running.is_open is True
        assert running.reported_at is not None


class TestWebhook(CallbackContract):
    kind = "webhook"
    method = "post"
    refusal = 401

    @pytest.fixture(autouse=True)
    def wanted(self, bbb):
        bbb["EVENTS"] = "server"

    def address(self, running=None):
        return addresses.hook_address(server=Server.objects.get(slug="default")).removeprefix("http://testserver")

    def deliver(self, client, running, *, proven=True):
        return self.send(client, event(running), secret=SECRET if proven else "a secret that signs nothing here")

    def send(self, client, message, *, secret=SECRET, address=None):
        address = address or self.address()
        body = urlencode({"domain": "bbb.example.org", "event": json.dumps([message]), "timestamp": 1795269984861})
        checksum = hashlib.sha256(f"http://testserver{address}{body}{secret}".encode()).hexdigest()
        return client.post(f"{address}?checksum={checksum}", body, content_type=FORM)

    def test_somebody_has_come_in(self, outsider, running, simulator):
        simulator.join(running.meeting.meeting_id, "Ada Weber", user_id="u7")
        self.deliver(outsider, running)
        payload = CallbackDelivery.objects.get().payload
        assert "session-token-of-ada" not in str(payload)

        services.sweep()

        assert Attendance.objects.get().is_inside
        assert CallbackDelivery.objects.get().payload == {}

    def test_it_is_being_recorded(self, outsider, running):
        self.send(outsider, event(running, "meeting-recording-started", ts=2000))
        self.send(outsider, event(running, "meeting-recording-stopped", ts=1000))  # it was late
        services.sweep()

        running.refresh_from_db()
        assert (running.being_recorded, running.has_recording_marks) == (True, True)

    def test_the_end_is_the_same_thing_as_by_the_other_callback(self, outsider, running):
        services.note_meeting_ended(token=addresses.make_token(running, kind="meeting-ended"), recording_marks="true")

        self.send(outsider, event(running, "meeting-ended"))

        assert [(one.kind, one.asked) for one in CallbackDelivery.objects.all()] == [("meeting-ended", 2)]

    def test_a_published_recording_is_the_same_thing_too(self, outsider, running):
        message = event(running, "rap-publish-ended", **{"record-id": RECORD_ID})

        assert self.send(outsider, message).status_code == 200
        assert CallbackDelivery.objects.get().subject == RECORD_ID

    @pytest.mark.parametrize("record_id", ["", "x" * 300, "../../etc", "0" * 54])
    def test_a_recording_without_an_id_is_nothing(self, outsider, running, record_id):
        message = event(running, "rap-publish-ended", **{"record-id": record_id})

        assert self.send(outsider, message).status_code == 200
        assert not CallbackDelivery.objects.exists()

    def test_rooms_of_others_leave_no_trace(self, outsider, running):  # threats.md 120
        message = event(running)
        message["data"]["attributes"]["meeting"]["external-meeting-id"] = "somebody-elses"

        assert self.send(outsider, message).status_code == 200
        assert not CallbackDelivery.objects.exists()

    @pytest.mark.parametrize("name", ["chat-group-message-sent", "user-cam-broadcast-start", "invented-later"])
    def test_what_is_of_no_use_leaves_no_trace(self, outsider, running, name):
        assert self.send(outsider, event(running, name)).status_code == 200
        assert not CallbackDelivery.objects.exists()

    def test_an_address_that_was_made_for_another_server_is_refused(self, outsider, running, bbb):  # threats.md 8
        token = addresses.hook_address(server=Server(slug="other")).rstrip("/").rpartition("/")[2]
        address = reverse("django_bbb:webhook", kwargs={"slug": "default", "token": token})

        assert self.send(outsider, event(running), address=address).status_code == 401
        assert not CallbackDelivery.objects.exists()

    def test_another_body_under_the_checksum_is_refused(self, outsider, running):
        for told in ({"events": "x"}, {"domain": "x", "event": "[]", "timestamp": "1"}):
            checksum = hashlib.sha256(f"http://testserver{self.address()}{{}}{SECRET}".encode()).hexdigest()
            answer = outsider.post(f"{self.address()}?checksum={checksum}", urlencode(told), content_type=FORM)
            assert answer.status_code == 401  # and never 400, at which the hook would be given up

    def test_a_constant_checksum_is_taken_only_where_the_server_says_so(self, outsider, running, bbb):
        body = urlencode({"domain": "x", "event": json.dumps([event(running)]), "timestamp": "1795269984861"})
        checksum = hashlib.sha1(f"http://testserver{self.address()}{{}}{SECRET}".encode()).hexdigest()

        def send():
            return outsider.post(f"{self.address()}?checksum={checksum}", body, content_type=FORM).status_code

        assert send() == 401
        bbb["SERVERS"]["default"]["EVENTS_UNSAFE"] = True
        assert send() == 200

    def test_the_secret_itself_is_taken_only_where_the_server_says_so(self, outsider, running, bbb):
        body = urlencode({"domain": "x", "event": json.dumps([event(running)]), "timestamp": "1795269984861"})

        def send():
            headers = {"Authorization": f"Bearer {SECRET}"}
            return outsider.post(self.address(), body, content_type=FORM, headers=headers).status_code

        assert send() == 401
        bbb["SERVERS"]["default"]["EVENTS_BEARER"] = True
        assert send() == 200

    def test_who_wants_no_events_any_more_lets_the_server_forget_the_hook(self, outsider, running, bbb):
        bbb["EVENTS"] = "none"

        assert self.deliver(outsider, running).status_code == 410
        assert not CallbackDelivery.objects.exists()

    def test_how_large_it_may_be_is_a_setting(self, outsider, running, bbb):  # threats.md 13
        bbb["LARGEST_EVENT"] = 100

        assert self.deliver(outsider, running).status_code == 413


def report(running, *, name="Ada Weber", metadata=None, **changed):
    moments = {"joins": ["2026-11-21T09:00:00.000+00:00"], "leaves": ["2026-11-21T09:45:00.000+00:00"]}
    person = {"ext_user_id": "u7", "name": name, "moderator": True, **moments, "duration": 2700}
    poll = {"id": "1", "question": "which option?", "votes": {"u7": "which option"}}
    return {
        "version": "1.0",
        "meeting_id": running.meeting.meeting_id,
        "internal_meeting_id": running.internal_id,
        "data": {
            "metadata": metadata or {"is_breakout": "false"},
            "attendees": [{**person, "engagement": {"chats": 2, "talk_time": 61}}],
            "polls": [poll],
        },
        **changed,
    }


def bearer(*, secret=SECRET, algorithm="HS512", exp=4_000_000_000):
    return f"Bearer {sign({'exp': exp}, secret=secret, algorithm=algorithm)}"


def event(running, name="user-joined", *, ts=1795269984000, **attributes):
    meeting = {"internal-meeting-id": running.internal_id, "external-meeting-id": running.meeting.meeting_id}
    user = {
        "internal-user-id": "w_1",
        "external-user-id": "u7",
        "name": "Ada Weber",
        "role": "MODERATOR",
        "session-token": "session-token-of-ada",
    }
    found = {"meeting": meeting, **({"user": user} if name.startswith("user-") else {}), **attributes}
    return {"data": {"type": "event", "id": name, "attributes": found, "event": {"ts": ts}}}


def _unsigned():
    return jwt.encode(claims(), None, algorithm="none")


def test_what_the_simulator_sends_is_understood(outsider, meeting, simulator, server, bbb):
    """The senders' own bytes: what its receiver would have got is posted here."""
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator")
    simulator.set_recording(meeting.meeting_id, True)
    simulator.lose_callbacks = True
    simulator.end_meeting(meeting.meeting_id)
    simulator.finish_recordings()
    assert simulator.wait_for_callbacks()
    sent = [one for one in simulator.callbacks if one.kind == "recording-ready"]

    answers = [outsider.post(_path(one.raw_url()), one.body(), content_type=FORM) for one in sent]

    assert [one.status_code for one in answers] == [200, 200]
    assert sent[0].body() == sent[1].body()  # one per format, the very same bytes
    assert CallbackDelivery.objects.get().asked == 2
    services.sweep()
    assert session.meeting.recordings.get().playbacks.count() == 2


def _path(url):
    return url.removeprefix("http://testserver")
