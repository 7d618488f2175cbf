"""What happens during a long run, one thing after the other, and what is left of it when all is quiet."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random

from django.db import Error, OperationalError, connection, transaction
from django.db.models import F

from django_bbb.api import BBBError
from django_bbb.exceptions import NoServerAvailable
from django_bbb.models import CallbackDelivery, Meeting, MeetingSession, Playback, Recording, Server
from django_bbb.simulator import BigBlueButtonSimulator

from . import troubles
from .comparing import count_recordings, differences
from .people import People
from .processes import Process
from .running import Plan, Report

#: Things that happen for each meeting there is.
THINGS_PER_MEETING = 16
#: Seconds until all has to be well after the troubles: twice the longest pause there is after errors.
UNTIL_QUIET = 90.0
#: What a server may be answered (# threats.md 13, promise 4).
ANSWERS = {None, 200, 401, 403, 405, 410, 413, 415, 503}

Simulators = dict[str, BigBlueButtonSimulator]
Thing = Callable[[], str | None]


def live(plan: Plan, simulators: Simulators, processes: list[Process], report: Report) -> None:
    """Let all happen that is planned, then end the troubles."""
    random = Random()
    people = People(random, simulators)
    holding: list[threading.Thread] = []
    things = _things(random, people, simulators, processes, holding)
    count = plan.meetings * THINGS_PER_MEETING
    pace = plan.minutes * 60 / count
    begun = time.monotonic()
    pause = threading.Event()
    for number in range(count):
        # Anew for each: what chance decides here does not depend on what came of the things before.
        random.seed(f"{plan.seed} {number}")
        if number % THINGS_PER_MEETING == 0:
            _do(people.open_room, report)
        _do(random.choices(list(things), list(things.values()))[0], report)
        pause.wait(max(0.0, begun + (number + 1) * pace - time.monotonic()))
    for thread in holding:
        thread.join()
    for simulator in simulators.values():
        simulator.faults.clear()
        troubles.release(random, simulator)
        simulator.delivery.clear()
    for process in processes:
        process.wait_until_ready()
    people.come_to_rest()


def _things(
    random: Random,
    people: People,
    simulators: Simulators,
    processes: list[Process],
    holding: list[threading.Thread],
) -> dict[Thing, int]:
    """Return all that may happen, and how often it does."""

    def any_server() -> BigBlueButtonSimulator:
        return random.choice(list(simulators.values()))

    def clear_faults() -> str:
        any_server().faults.clear()
        return "faults cleared"

    def kill() -> str:
        process = random.choice(processes)
        process.kill()
        process.start()
        return f"{process} killed"

    return {
        people.join: 30,
        people.leave: 8,
        people.record: 8,
        people.start_again: 8,
        people.press_start: 3,
        people.end_here: 4,
        people.end_there: 6,
        people.change_recording_here: 8,
        people.change_recording_there: 8,
        people.announce: 3,
        people.hide: 2,
        people.show: 3,
        people.somebody_else: 2,
        people.drain_a_server: 1,
        people.restart: 1,
        lambda: troubles.set_fault(random, any_server()): 7,
        clear_faults: 4,
        lambda: troubles.disturb_delivery(random, any_server()): 8,
        lambda: troubles.forge(random, any_server()): 4,
        lambda: _hold_database(random, holding): 2,
        kill: 2,
    }


def _do(thing: Thing, report: Report) -> None:
    """Do one thing; what a server, the database or the site refuses is what a person would see, and counted."""
    try:
        done = thing()
    except (BBBError, NoServerAvailable) as error:
        done = f"refused: {type(error).__name__}"
    except Error:
        done = "refused: the database is busy"
        connection.close()
    if done:
        report.done[done] += 1


def _hold_database(random: Random, holding: list[threading.Thread]) -> str:
    """Hold the database, or the rows of the servers, for longer or shorter than others wait."""
    seconds = random.uniform(0.2, 3.0)

    def hold() -> None:
        with suppress(OperationalError), transaction.atomic():  # somebody else may have it
            Server.objects.update(weight=F("weight"))
            threading.Event().wait(seconds)
        connection.close()

    holding.append(threading.Thread(target=hold, daemon=True))
    holding[-1].start()
    return "database held"


# --- what came of it ----------------------------------------------------------------------------------


def come_to_rest(simulators: Simulators, report: Report) -> None:
    """Wait until all is well, or no longer, and note what is not."""
    begun = time.monotonic()
    pause = threading.Event()
    while (found := _what_is_wrong(simulators)) and time.monotonic() < begun + UNTIL_QUIET:
        pause.wait(0.5)
    report.seconds_until_quiet = time.monotonic() - begun
    report.differences += found
    sent = [one for simulator in simulators.values() for one in simulator.callbacks]
    for one in sent:
        if one.status not in ANSWERS or (one.forged and one.status == 200):
            report.differences.append(f"a {'forged ' * one.forged}{one.kind} was answered {one.status}")
    report.facts = {
        "meetings": Meeting.objects.count(),
        "classes": MeetingSession.objects.count(),
        "classes still open": MeetingSession.objects.open().count(),
        "recordings": Recording.objects.existing().count(),
        "formats": Playback.objects.count(),
        "tombstones": Recording.objects.filter(deleted_at__isnull=False).count(),
        "callbacks sent": len(sent),
        "callbacks taken": sum(one.status == 200 for one in sent),
        "callbacks refused": sum(one.status in (401, 403, 410) for one in sent),
        "callbacks unanswered or lost": sum(one.status in (None, 503) for one in sent),
        **{f"recordings on {slug}": count for slug, count in count_recordings(simulators).items()},
        "calls to servers": sum(len(simulator.journal) for simulator in simulators.values()),
        "things in the inbox": CallbackDelivery.objects.count(),
        "things given up": CallbackDelivery.objects.parked().count(),
    }


def _what_is_wrong(simulators: Simulators) -> list[str]:
    on_the_way = [slug for slug, one in simulators.items() if not one.wait_for_callbacks(0.1)]
    try:
        undone = CallbackDelivery.objects.undone().exclude(pk__in=CallbackDelivery.objects.parked())
        found = [f"in the inbox: {one} is not done: {one.last_error}" for one in undone]
        return found + differences(simulators) + [f"{slug} has callbacks to send" for slug in on_the_way]
    except Error as error:
        return [f"the database said: {error}"]
