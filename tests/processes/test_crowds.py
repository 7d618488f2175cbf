"""Callbacks that come many at a time: the same one from all sides, and true ones among thousands of forged ones."""

import base64
import itertools
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from django_bbb.simulator import tokens
from django_bbb.simulator.callbacks import Forgery
from django_bbb.simulator.callbacks.forgery import forge
from tests.processes.sending import send
from tests.processes.stage import OTHER_SECRET, SECRET, eventually, letter

pytestmark = pytest.mark.processes

#: What a kind comes to, however often it is said: classes, the recording's formats, and people.
ENDS = {
    "meeting-ended": ([[None, "ended"]], [], []),
    "recording-ready": ([[True, ""]], [["presentation", "video"]], []),
    "analytics": ([[True, ""]], [], [["u7", 1, True]]),
    "webhook": ([[True, ""]], [], [["u7", 1, False]]),
}

#: Kinds that the project is told of.
SIGNALS = {"meeting-ended": "meeting_ended", "recording-ready": "recording_ready"}

#: How callbacks of the other two kinds are forged.
FORGERIES = {
    "analytics": ["wrong-secret", "tampered", "alg-none", "wrong-algorithm", "expired", "missing"],
    "webhook": ["wrong-secret", "tampered", "missing"],
}

CLIENTS = 8
FORGED = 5000
MOST_GROWTH = 30 * 1024 * 1024
#: As many lines as a log may have: one a minute from each process.
MOST_LINES = 20


@pytest.mark.parametrize("times", [1, 2, 3, 50])
@pytest.mark.parametrize("kind", ENDS)
def test_however_often_it_is_said_it_is_done_once(stage, senders, kind, times):  # threats.md 10, 17, 21
    callback, run = stage.callback_of_class(kind)
    stage.have_worker()

    def ready():
        facts = stage.facts()
        formats = [formats for _run, formats in facts["recordings"]]
        return (facts["classes"], formats, facts["people"]) == ENDS[kind]

    statuses = [one.result() for one in [senders.submit(send, *letter(callback)) for _time in range(times)]]
    eventually(ready)
    stage.sweep()  # what came while it was looked at

    assert statuses == [200] * times
    eventually(stage.is_done)
    ((noted, asked, done),) = stage.facts()["inbox"]
    assert (noted, asked) == (kind, done)
    # A report that was taken over is not noted once more.
    assert asked == times or (kind == "analytics" and asked < times)
    assert ready()
    told = stage.signals(SIGNALS.get(kind, ""))
    assert [one["about"] for one in told] == [run] * (kind in SIGNALS)
    assert kind != "recording-ready" or [one["first_time"] for one in told] == [True]


# --- forged -------------------------------------------------------------------------------------------


def forgeries(stage, ended):
    """Return callbacks that are not true, each with the status that refuses it; ``ended`` is a true one."""
    true = stage.announcement(1)

    def with_token(token):
        return replace(true, body=b"signed_parameters=" + token.encode())

    def signed(secret=SECRET, alg="HS256", **claims):
        told = {"meeting_id": "m-1", "record_id": f"{7:040x}-1700000000000", **claims}
        return tokens.signed({"alg": alg}, told, secret=secret, algorithm="HS512" if alg == "HS512" else "HS256")

    def with_path(word):
        return replace(ended, url=f"http://127.0.0.1:{stage.port}/bbb/callbacks/meeting-ended/{word}/")

    return [
        (forge(true, Forgery.MISSING, secret=SECRET), 401),
        (forge(true, Forgery.WRONG_SECRET, secret=SECRET), 401),
        (forge(true, Forgery.TAMPERED, secret=SECRET), 401),
        (forge(true, Forgery.NO_ALGORITHM, secret=SECRET), 401),
        (forge(true, Forgery.WRONG_ALGORITHM, secret=SECRET), 401),
        (with_token(signed(secret=OTHER_SECRET)), 401),  # of another server of this site
        (with_token(signed(secret="")), 401),
        (with_token(signed(alg="RS256")), 401),  # with the secret as the key
        (with_token(signed(alg="HS512")), 401),
        (with_token(signed(exp=1_000_000_000)), 401),
        (with_token(tokens.analytics_token(expires=4_000_000_000, secret=SECRET)), 401),
        (replace(true, body=true.body[:-9]), 401),
        (replace(true, body=true.body[: len(true.body) // 2]), 401),
        (replace(true, body=b"x" * 20_000), 413),
        (replace(true, url=true.url.replace("default", "nobody")), 401),
        (forge(ended, Forgery.WRONG_SECRET, secret=SECRET), 403),
        (with_path(stage.shell.do("token", "analytics")), 403),  # ours, and for something else
        (with_path(base64.urlsafe_b64encode(json.dumps("an id").encode()).decode()), 403),
    ]


@pytest.mark.parametrize("stage", ["redis"], indirect=True)  # no broker takes part in this
def test_among_thousands_of_forged_callbacks_no_true_one_is_lost(stage):  # threats.md 4 to 9, 12, 13
    ended, _run = stage.callback_of_class("meeting-ended")
    stage.have_no_worker()
    forged = forgeries(stage, ended) + [
        (forge(stage.callback_of_class(kind)[0], Forgery(how), secret=SECRET), 401)
        for kind, ways in FORGERIES.items()
        for how in ways
    ]
    huge = replace(stage.announcement(1), body=b"signed_parameters=" + b"x" * 20_000_000)
    true = [(stage.announcement(number), 200) for number in range(1000, 1050)]
    crowd = [*itertools.islice(itertools.cycle(forged), FORGED), *[(huge, 413)] * 8, *true]
    random.Random(1).shuffle(crowd)

    with ThreadPoolExecutor(CLIENTS) as clients:
        for _warming_up in clients.map(stage.deliver, [one for one, _status in forged] * 20):
            pass
        before = [one.memory() for one in stage.processes]
        statuses = [*clients.map(stage.deliver, [one for one, _status in crowd])]

    wrong = {
        (status, wanted, one.body[:80], one.url)
        for status, (one, wanted) in zip(statuses, crowd, strict=True)
        if status != wanted
    }
    assert wrong == set()
    assert stage.facts()["inbox"] == [["recording-ready", 1, 0]] * 50
    grown = [one.memory() - was for one, was in zip(stage.processes, before, strict=True)]
    assert max(grown) < MOST_GROWTH
    assert len((stage.folder / "web.log").read_text().splitlines()) < MOST_LINES
