"""Handing tasks to the broker without making a request wait for it.

A broker that refuses costs seconds, and one that accepts and says nothing holds a publisher for more than a minute
with Celery's defaults (celery issues 4296 and 4556).  So publishing happens in a thread of its own, and whoever asks
waits a moment at most.  What is lost here is found by the sweep: the database remembers what is to be done.
"""

import logging
import queue
import threading
from typing import Any

from celery import Celery, Task
from celery.app import app_or_default

from .counting import OnceAMinute

logger = logging.getLogger(__name__)

_failures = OnceAMinute(
    logger, "%d tasks could not be enqueued, the last (%s) for %s; the sweep finds what they were for."
)

#: Seconds a request waits for the broker: ten times what one takes that is well.
PATIENCE = 0.25

#: Messages that may wait for a broker that does not answer; more are left to the sweep.
_MOST_WAITING = 1000


class _Message:
    def __init__(self, app: Celery, name: str, arguments: tuple[int, ...], delay: float) -> None:
        self.app, self.name, self.arguments, self.delay = app, name, arguments, delay
        self.sent = False
        self.over = threading.Event()

    def publish(self) -> None:
        try:
            self.app.tasks[self.name].apply_async(
                self.arguments,
                countdown=self.delay,
                # A connection that was cut is only found out by using it.
                retry_policy={"max_retries": 1, "interval_start": 0},
            )
            self.sent = True
        except Exception as error:  # kombu, amqp and redis each have their own
            _failures.warn(self.name, type(error).__name__)
        finally:
            self.over.set()


class _Messenger:
    """One thread of a process that publishes; started at the first message, also after a fork."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[_Message] = queue.Queue(_MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def send(self, message: _Message, *, wait: bool) -> bool:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                # A daemon: a broker that says nothing must not keep the process from ending.
                self._thread = threading.Thread(target=self._publish_all, name="django_bbb broker", daemon=True)
                self._thread.start()
        busy = not self._waiting.empty()
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            return False
        # Behind others the broker is not well: then nobody waits for it at all.
        message.over.wait(PATIENCE if wait and not busy else 0)
        return message.sent

    def _publish_all(self) -> None:
        while True:
            self._waiting.get().publish()
            self._waiting.task_done()


_messenger = _Messenger()
_app: "Celery | None" = None


def remember_app() -> None:
    """Keep the site's Celery app for all threads; called once, when Django is ready.

    Celery's current app belongs to the thread that made it: in the threads of a server a shared task would be sent
    to the broker of a fallback app, which is RabbitMQ on localhost.
    """
    global _app
    _app = site_app()


def site_app() -> "Celery | None":
    """Return the Celery app of the site; None where it has none, and cron does the work."""
    app = _app or app_or_default()
    is_fallback = app.main == "default" and not getattr(app, "set_as_current", True)
    return None if is_fallback else app


def enqueue(task: "Task[..., Any]", *arguments: int, delay: float = 0, wait: bool = True) -> bool:
    """Hand a task of ours to the broker; whether it has it already.  Never raises, and returns within a moment.

    ``delay`` is how many seconds a worker leaves it alone, ``wait`` whether the caller cares if the broker has it.
    """
    app = site_app()
    if app is None:
        return False
    message = _Message(app, task.name, arguments, delay)
    if app.conf.task_always_eager:  # a site's own tests: in this thread, and in its transaction
        message.publish()
        return message.sent
    return _messenger.send(message, wait=wait)
