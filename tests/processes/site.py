"""What a tested site adds to ours: it writes down signals, rolls back on demand, and dies where a test says so."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import Task
from celery.signals import worker_ready
from django.apps import AppConfig
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from tests.processes.dying import die_around


class Site(AppConfig):
    name = "tests.processes"
    label = "tested_site"

    def ready(self) -> None:
        from django_bbb import signals

        signals.meeting_ended.connect(_write_down_end)
        signals.recording_ready.connect(_write_down_recording)
        worker_ready.connect(_say_ready)
        {"worker": _be_mortal_at_work, "web": _be_mortal_when_publishing}.get(os.environ["SITE_ROLE"], _live)()


def _say_ready(**_: Any) -> None:
    print("ready", flush=True)


# --- signals ------------------------------------------------------------------------------------------


def _write_down_end(session: Any, **_: Any) -> None:
    _write_down("meeting_ended", about=session.internal_id)


def _write_down_recording(recording: Any, formats: list[str], first_time: bool, **_: Any) -> None:
    _write_down("recording_ready", about=recording.record_id, formats=sorted(formats), first_time=first_time)


def _write_down(name: str, **facts: Any) -> None:
    with Path(os.environ["SITE_FOLDER"], "signals").open("a") as lines:
        lines.write(json.dumps({"signal": name, **facts}) + "\n")


# --- requests -----------------------------------------------------------------------------------------


def roll_back_on_demand(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Undo all that a request did which asks for it; the answer stays as it was."""

    def answer(request: HttpRequest) -> HttpResponse:
        if "X-Roll-Back" not in request.headers:
            return get_response(request)
        with transaction.atomic():
            response = get_response(request)
            transaction.set_rollback(True)
        return response

    return answer


# --- death --------------------------------------------------------------------------------------------


def _live() -> None:
    pass


def _be_mortal_at_work() -> None:
    from django_bbb import signals
    from django_bbb.api import RequestsTransport
    from django_bbb.models import CallbackDelivery, RecordingJob
    from django_bbb.services import jobs

    rows = CallbackDelivery.objects._queryset_class
    die_around(rows, "take_lease", after="leased")
    die_around(RequestsTransport, "send", before="asking", after="answered")
    die_around(type(connection._connections[connection._alias]), "_commit", before="committing", after="committed")
    for one in (signals.meeting_ended, signals.recording_ready):
        die_around(one, "send_robust", before="telling", after="told")
    die_around(rows, "update", before="finishing", after="finished", only=lambda changes: "done" in changes)
    running = RecordingJob.objects._queryset_class
    die_around(running, "take_lease", after="job-leased", only=lambda said: "held" not in said)
    die_around(running, "take_lease", before="job-goes-on", only=lambda said: "held" in said)
    die_around(jobs, "perform", after="job-done")
    die_around(jobs, "_finish", before="job-finishing", after="job-finished")


def _be_mortal_when_publishing() -> None:
    die_around(Task, "apply_async", before="publishing")
