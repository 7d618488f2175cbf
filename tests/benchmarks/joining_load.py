"""2 000 people who wait for one class and are let in: ``python -m tests.benchmarks.joining_load PORT``.

Each does what their page does.  Prints what was counted, and on the last line how often the classroom server was
polled, how late the last came in, as a part of the longest that a page was told, and the slowest request as a multiple
of the median.
"""

import asyncio
import gc
import json
import re
import sys
from asyncio import StreamReader
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from time import monotonic
from typing import Any

import django

PEOPLE = 2_000
#: So many a second open the page at most, and the part of what the site can answer.
COME_A_SECOND, PART = 100.0, 0.5
#: As beat has it.
POLL_EVERY = 10.0
#: Rounds of so many at a time, before anything is counted: they make all processes of the site ready.
FIRST_ROUNDS, AT_ONCE = 20, 8
#: So many use the address they were given.
TRIED = 20
CSRF = "c" * 32

PAUSE = re.compile(rb'data-pause="([0-9.]+)" data-status-url="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Crowd:
    """The site they ask, and what they went through."""

    port: int
    room: str
    waiting: int = 0
    all_wait: asyncio.Event = field(default_factory=asyncio.Event)
    took: list[float] = field(default_factory=list)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: The longest pause and the longest spread that a page was told, in seconds.
    longest_pause: float = 0.0
    longest_spread: float = 0.0
    #: When each was let in.
    inside: list[float] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    @property
    def join_path(self) -> str:
        return f"/bbb/meetings/{self.room}/join/"

    async def come(self, session: str, due: float) -> None:
        """Open the page at that time, do what it does until the class is there, and go in."""
        page = await self.ask("page", self.join_path, due, Cookie=f"sessionid={session}")
        found = PAUSE.search(page.body)
        if page.status != 200 or found is None:
            raise AssertionError(f"That is not the waiting page: {page.status}")
        self.waiting += 1
        if self.waiting == PEOPLE:
            self.all_wait.set()
        due = await self.wait_for_class(found[2].decode(), monotonic() + self.note_pause(float(found[1])))
        page = await self.ask("join", self.join_path, due, Cookie=f"sessionid={session}")
        if page.status != 302:
            raise AssertionError(f"Nobody is let in with {page.status}")
        self.inside.append(monotonic())
        self.addresses.append(page.headers["location"])

    async def wait_for_class(self, address: str, due: float) -> float:
        """Ask when the page is told to, until the class is there; return when to go in."""
        headers: dict[str, str] = {}
        while True:
            answer = await self.ask("status", address, due, **headers)
            headers = {"If-None-Match": answer.headers["etag"]}
            told = json.loads(answer.body) if answer.status == 200 else {"pause": answer.headers["retry-after"]}
            if told.get("state") == "open":
                self.longest_spread = max(self.longest_spread, told["pause"])
                return monotonic() + float(told["pause"])
            due = monotonic() + self.note_pause(float(told["pause"]))

    def note_pause(self, pause: float) -> float:
        self.longest_pause = max(self.longest_pause, pause)
        return pause

    async def ask(self, what: str, path: str, due: float, **headers: str) -> Answer:
        """Ask at that time, and count the seconds from then, so that whoever waits in a queue counts as slow."""
        await asyncio.sleep(max(due - monotonic(), 0))
        try:
            answer = await send(self.port, "GET", path, **headers)
        except ConnectionError:  # as browsers do; it is counted, and so is the time
            self.answers[f"{what} cut off", 0] += 1
            answer = await send(self.port, "GET", path, **headers)
        self.took.append(monotonic() - due)
        self.answers[what, answer.status] += 1
        return answer


async def send(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    """Send a request over a connection of its own, as a browser does after a long pause."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
    answer = await _read(reader)
    writer.close()
    return answer


async def _read(reader: StreamReader) -> Answer:
    head, _gap, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split(" ")[1]), headers, body)


# --- the day ------------------------------------------------------------------------------------------


async def live(crowd: Crowd, sessions: list[str], teacher: str) -> tuple[int, float]:
    """Let everybody come, start the class when they are there; return the polls, and when the class was there."""
    rate = min(COME_A_SECOND, PART * await warm_up(crowd, teacher))
    print(f"{rate:.0f} a second come")
    stopped = asyncio.Event()
    begin = monotonic()
    async with asyncio.TaskGroup() as tasks:
        polls = tasks.create_task(poll(stopped))
        people = [
            tasks.create_task(crowd.come(session, begin + number / rate)) for number, session in enumerate(sessions)
        ]
        await crowd.all_wait.wait()
        await start(crowd, teacher)
        opened = monotonic()
        await asyncio.wait(people)
        stopped.set()
    return polls.result(), opened


async def warm_up(crowd: Crowd, teacher: str) -> float:
    """Ask until all processes are ready; return how many pages a second the site answers with."""
    rounds = []
    for _round in range(FIRST_ROUNDS):
        begin = monotonic()
        asked = [send(crowd.port, "GET", crowd.join_path, Cookie=f"sessionid={teacher}") for _one in range(AT_ONCE)]
        for answer in await asyncio.gather(*asked):
            if answer.status != 200:
                raise AssertionError(f"The site is not ready: {answer.status}")
        rounds.append(monotonic() - begin)
    return AT_ONCE / median(rounds)


async def start(crowd: Crowd, teacher: str) -> None:
    """Press the teacher's button."""
    answer = await send(
        crowd.port, "POST", crowd.join_path.replace("/join/", "/start/"), f"csrfmiddlewaretoken={CSRF}".encode(),
        **{"Cookie": f"sessionid={teacher}; csrftoken={CSRF}", "Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    if answer.status != 200 or b"join" not in answer.body:
        raise AssertionError(f"The class was not started: {answer.status}")


async def poll(stopped: asyncio.Event) -> int:
    """Poll the classroom server as beat does; return how often."""
    from django_bbb.services.polling import poll_servers

    polls = 0
    while not stopped.is_set():
        await asyncio.to_thread(poll_servers)
        polls += 1
        try:
            await asyncio.wait_for(stopped.wait(), POLL_EVERY)
        except TimeoutError:
            continue
    return polls


def try_addresses(crowd: Crowd) -> None:
    """Follow some of the addresses that people were given."""
    import requests

    for address in crowd.addresses[:: len(crowd.addresses) // TRIED]:
        requests.get(address, timeout=10).raise_for_status()


def main(port: str) -> None:
    django.setup()
    from django.contrib.auth.models import User

    from django_bbb.models import MeetingSession
    from django_bbb.services import meetings, servers

    from .joining_rounds import enrol, log_in

    servers.register_declared_servers()
    # Those of other benchmarks, which this server has never had: a poll would ask for each of them.
    MeetingSession.objects.open().update(is_open=None)
    owner = User.objects.get_or_create(username="benchmark-of-joining")[0]
    meeting: Any = meetings.create_meeting(name="Mathematics 7b", owner=owner)
    crowd = Crowd(int(port), meeting.meeting_id)
    (teacher,), sessions = log_in([owner]), enrol(meeting, PEOPLE)
    gc.freeze()
    gc.disable()
    polls, opened = asyncio.run(live(crowd, sessions, teacher))
    try_addresses(crowd)
    report(crowd, polls, opened)


def report(crowd: Crowd, polls: int, opened: float) -> None:
    last, told = max(crowd.inside) - opened, crowd.longest_pause + crowd.longest_spread
    usual, slowest = median(crowd.took), max(crowd.took)
    print(", ".join(f"{count} {what} {status}" for (what, status), count in sorted(crowd.answers.items())))
    print(f"told {crowd.longest_pause:.1f} s and {crowd.longest_spread:.1f} s, the last is in after {last:.1f} s")
    print(f"median {usual * 1000:.1f} ms, slowest {slowest * 1000:.1f} ms")
    print(polls, last / told, slowest / usual)


if __name__ == "__main__":
    main(*sys.argv[1:])
