"""What servers fetch: one file for a while, by its address alone, and nothing of it in a log."""

from urllib.parse import unquote

import pytest
import requests
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.test import Client
from django.urls import resolve

from django_bbb.counting import OnceAMinute
from django_bbb.models import Presentation
from django_bbb.services import meetings, presentations
from django_bbb.views import presentations as views
from tests.slides import PDF


@pytest.fixture
def made(meeting):
    file = SimpleUploadedFile("Brüche 7b.pdf", PDF)
    return presentations.add_presentation(meeting=meeting, file=file)


@pytest.fixture
def path(made):
    return presentations.signed_path(made)


def test_whoever_has_the_address_gets_the_file_and_no_page(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.getvalue() == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Br%C3%BCche%207b.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.streaming
    assert not answer.cookies


def test_a_head_has_the_same_headers(client, path):
    answer = client.head(path)

    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(PDF)))
    assert answer.getvalue() == b""


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_nothing_else_can_be_done_there(path, method, caplog):
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert path.split("/")[3] not in caplog.text


def test_it_is_good_for_a_while_only(client, path, bbb):
    bbb["PRESENTATION_FETCH_WITHIN"] = -1

    answer = client.get(path)

    assert answer.status_code == 410
    assert "Send the presentation again" in answer.content.decode()


def _other_name(path, made):
    return path.rpartition("/")[0] + "/other.pdf"


def _no_name(path, made):
    return path.rpartition("/")[0] + "/"


def _changed(path, made):
    token = path.split("/")[3]
    return path.replace(token, ("A" if token[0] != "A" else "B") + token[1:])


def _of_another_kind(path, made):
    token = signing.dumps([made.pk, made.name], salt="django_bbb.meeting-ended")
    return path.replace(path.split("/")[3], token)


def _unsigned(path, made):
    return path.replace(path.split("/")[3], str(made.pk))


def _climbing(path, made):
    return path.rpartition("/")[0] + "/..%2f..%2fetc%2fpasswd"


@pytest.mark.parametrize(
    ("forge", "status"),
    [
        (_other_name, 403),
        (_no_name, 404),
        (_changed, 403),
        (_of_another_kind, 403),
        (_unsigned, 403),
        (_climbing, 404),
    ],
)
def test_addresses_that_this_site_has_not_given_out_lead_nowhere(client, made, path, forge, status):
    answer = client.get(forge(path, made))

    assert answer.status_code == status
    assert PDF not in b"".join(answer)


def test_what_was_deleted_is_not_found(client, made, path):
    made.delete()

    assert client.get(path).status_code == 404


def test_a_file_that_is_gone_is_not_found(client, made, path):
    made.file.storage.delete(made.file.name)

    assert client.get(path).status_code == 404


def test_a_storage_that_fails_is_told_kindly(client, made, path, settings, bbb, caplog):
    settings.STORAGES = {**settings.STORAGES, "broken": {"BACKEND": "tests.slides.BrokenStorage"}}
    bbb["PRESENTATION_STORAGE"] = "broken"
    storage = Presentation.objects.get().file.storage
    storage.save(made.file.name, SimpleUploadedFile("x.pdf", PDF))

    answer = client.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "Try again later" in answer.content.decode()
    assert "could not be read from its storage" in caplog.text
    assert path.split("/")[3] not in caplog.text


def test_refusals_are_counted_without_the_address(client, path, caplog, monkeypatch):
    monkeypatch.setattr(views, "_refusals", OnceAMinute(views.logger, "%d refused, the last with %d."))

    client.get(_changed(path, None))

    assert [one.getMessage() for one in caplog.records] == ["1 refused, the last with 403."]


@pytest.mark.parametrize("name", ["LoginRequiredMiddleware", "GZipMiddleware", "ConditionalGetMiddleware"])
def test_no_middleware_of_django_stands_in_the_way(client, path, settings, name):
    module = {"LoginRequiredMiddleware": "contrib.auth.middleware", "GZipMiddleware": "middleware.gzip"}
    where = module.get(name, "middleware.http")
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"django.{where}.{name}"]
    settings.APPEND_SLASH = True

    answer = client.get(path)

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == PDF


def test_no_transaction_is_around_the_view(path, monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    view = resolve(unquote(path)).func

    assert BaseHandler().make_view_atomic(view) is view


def test_a_class_is_started_and_its_server_fetches_what_it_is_shown(live_server, bbb, simulator, meeting, made):
    bbb |= {"CALLBACK_BASE_URL": live_server.url, "PRESENTATION_DELIVERY": "fetch"}
    meetings.start_meeting(meeting=meeting)

    (found,) = simulator.meetings[meeting.meeting_id].documents
    answer = requests.get(found.url, timeout=10)

    assert (answer.status_code, answer.content) == (200, PDF)
    assert int(answer.headers["Content-Length"]) == len(PDF)
