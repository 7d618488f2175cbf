"""A process of a site, for tests: does what each line of its input says, and answers with a line of JSON.

``WORKER_DATABASE`` names its database, ``WORKER_SETTINGS`` is ``DJANGO_BBB`` as JSON.
"""

import json
import os
import sys
import threading
from datetime import timedelta
from typing import Any

import django
from django.conf import settings
from django.db import connection

django.setup()

from django.utils import timezone  # noqa: E402

from django_bbb.api import RequestsTransport  # noqa: E402
from django_bbb.models import CallbackDelivery, Meeting, MeetingSession, Server  # noqa: E402
from django_bbb.services import addresses, callbacks, meetings, polling, servers  # noqa: E402


def say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


def prepare() -> str:
    """Make the database; the other processes find it by its name."""
    return connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)


def destroy() -> None:
    connection.creation.destroy_test_db(str(settings.DATABASES["default"]["NAME"]), verbosity=0)


def rooms(count: int) -> list[int]:
    servers.register_declared_servers()
    return [meetings.create_meeting(name=f"Class {number}").pk for number in range(count)]


def start(room: int) -> str:
    try:
        return meetings.start_meeting(meeting=Meeting.objects.get(pk=room)).internal_id
    finally:
        connection.close()  # as at the end of a request


def stop_at(call: str) -> None:
    """Say when this call is about to be made, and make it never: whoever hears that ends this process."""
    send = RequestsTransport.send

    def stopped(self: RequestsTransport, method: str, url: str, **options: Any) -> Any:
        if f"/{call}?" in str(url):
            say(call)
            threading.Event().wait()
        return send(self, method, url, **options)

    RequestsTransport.send = stopped  # type: ignore[method-assign]


def leases_end() -> None:
    """Put the clock forward, as far as leases go."""
    past = timezone.now() - timedelta(hours=1)
    Server.objects.update(poll_lease_until=None, asked_at=past, next_try_at=None)
    MeetingSession.objects.update(checked_at=None)
    CallbackDelivery.objects.filter(lease_until__isnull=False).update(lease_until=past)
    CallbackDelivery.objects.update(next_try_at=past)


def note_ended(room: int) -> int | None:
    session = MeetingSession.objects.get(meeting_id=room)
    token = addresses.make_token(session, kind="meeting-ended")
    delivery = callbacks.note_meeting_ended(token=token, recording_marks="true")
    return delivery and delivery.pk


def process(delivery: int) -> bool:
    return callbacks.process(delivery_id=delivery)


def sweep() -> int:
    return callbacks.sweep()


def poll() -> dict[str, str]:
    return polling.poll_servers()


def facts() -> list[tuple[int, bool | None, str, str]]:
    """Return all sessions: room, whether it is open, why it ended, run."""
    rows = MeetingSession.objects.order_by("meeting_id", "pk")
    return list(rows.values_list("meeting_id", "is_open", "end_reason", "internal_id"))


ORDERS = (prepare, destroy, rooms, start, stop_at, leases_end, note_ended, process, sweep, poll, facts)


def main() -> None:
    settings.DJANGO_BBB = json.loads(os.environ["WORKER_SETTINGS"])
    connection.settings_dict["TEST"]["NAME"] = os.environ["WORKER_DATABASE"]
    orders = {order.__name__: order for order in ORDERS}
    if os.environ.get("WORKER_PREPARES") != "1":
        connection.settings_dict["NAME"] = os.environ["WORKER_DATABASE"]
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            say(orders[name](*arguments))
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
