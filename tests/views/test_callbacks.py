"""What servers call: believed only with proof, noted once, answered at once."""

import json
import socket
import warnings

import jwt
import pytest
from celery import Celery
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from django_bbb import broker
from django_bbb.api import Secret
from django_bbb.models import CallbackDelivery
from django_bbb.services import addresses, meetings
from django_bbb.services import callbacks as services
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

    def test_other_methods_do_nothing(self, outsider, running):  # threats.md 16
        for method in {"get", "post", "put", "delete", "head", "options"} - {self.method}:
            answer = getattr(outsider, method)(self.address(running))
            assert answer.status_code == 405, method

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
