"""The hooks of bbb-webhooks: who is told what (`src/db/redis/hooks.js`)."""

import itertools
import threading
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .checksums import ALL_ALGORITHMS

#: Seconds before each attempt, counted from the one before.
RETRY_SCHEDULE = (0.0, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 30.0, 60.0, 60.0, 60.0, 60.0)

#: "2": all that came with BigBlueButton 2; "3.0": up to 3.3.1; "3.4": since then.
Generation = Literal["2", "3.0", "3.4"]
_GENERATIONS = frozenset({"2", "3.0", "3.4"})


@dataclass(frozen=True, kw_only=True)
class WebhookOptions:
    """How bbb-webhooks is configured; the defaults are its own."""

    #: What the checksum signs, and whether hooks keep to their meetings.
    generation: Generation = "3.4"
    #: Of the checksums of callbacks.
    algorithm: str = "sha1"
    #: Prove who calls by the secret itself instead of a checksum (`auth2_0`).
    bearer: bool = False
    #: What the server calls itself; empty means the host of its address.
    domain: str = ""
    #: Hooks that no call creates or destroys.
    permanent_urls: Sequence[str] = field(default=(), repr=False)
    #: Only these events, and none of those; empty means no such rule.
    include_events: Collection[str] = ()
    exclude_events: Collection[str] = ()
    #: Seconds before each attempt.
    retry_schedule: Sequence[float] = RETRY_SCHEDULE
    #: Seconds between the further attempts for a permanent hook.
    permanent_interval: float = 60.0
    timeout: float = 5.0

    def __post_init__(self) -> None:
        if self.generation not in _GENERATIONS:
            raise ValueError(f"The generations of bbb-webhooks are {', '.join(sorted(_GENERATIONS))}.")
        if self.algorithm not in ALL_ALGORITHMS:
            raise ValueError(f"Unknown checksum algorithm: {self.algorithm}.")
        if self.generation == "2" and self.algorithm != "sha1":
            raise ValueError("bbb-webhooks 2 knows sha1 only.")


@dataclass(frozen=True, kw_only=True)
class Hook:
    """Somebody who wants to be told."""

    hook_id: str
    callback_url: str = field(repr=False)
    #: Only of this meeting; None means of all.
    meeting_id: str | None = None
    #: Only these events, in lower case; None means all.
    event_ids: tuple[str, ...] | None = None
    #: The server's inner messages instead of events.
    raw: bool = False
    permanent: bool = False

    def wants(self, event_id: str) -> bool:
        if self.event_ids is None:
            return True
        # An inner message has no event id that could be on the list.
        return not self.raw and event_id in self.event_ids


def _nothing(hook: Hook) -> None:
    pass


class Hooks:
    """All hooks of one server, oldest first.  Every method may be called from any thread."""

    def __init__(self, options: WebhookOptions) -> None:
        self.options = options
        #: Told of each hook that is no longer there.
        self.on_removal: Callable[[Hook], None] = _nothing
        self._lock = threading.Lock()
        self._hooks: dict[str, Hook] = {}
        self._numbers = itertools.count(1)
        self._add_permanent()

    def create(
        self,
        callback_url: str,
        *,
        meeting_id: str | None = None,
        event_ids: Sequence[str] | None = None,
        raw: bool = False,
    ) -> tuple[Hook, bool]:
        """Return the hook of this address, and whether it is new; an old one stays as it is."""
        # Up to 3.3.1 the meeting got lost on the way to the database.
        scope = None if self.options.generation == "3.0" else meeting_id
        wanted = None if event_ids is None else tuple(one.lower() for one in event_ids)
        with self._lock:
            for hook in self._hooks.values():
                if hook.callback_url == callback_url:
                    return hook, False
            hook = Hook(hook_id=self._new_id(), callback_url=callback_url, meeting_id=scope, event_ids=wanted, raw=raw)
            self._hooks[hook.hook_id] = hook
            return hook, True

    def all(self) -> list[Hook]:
        with self._lock:
            return list(self._hooks.values())

    def of_meeting(self, meeting_id: str) -> list[Hook]:
        """Return the hooks that hear of this meeting alone.

        The server finds the first only, so that of two for one meeting the second hears nothing.
        """
        return [hook for hook in self.all() if hook.meeting_id == meeting_id][:1]

    def that_hear_of(self, meeting_id: str) -> list[Hook]:
        """Return the hooks without a meeting, and that of this one."""
        return [hook for hook in self.all() if hook.meeting_id is None] + self.of_meeting(meeting_id)

    def destroy(self, hook_id: str) -> bool:
        """Remove a hook; False if there is none, or if it is permanent."""
        with self._lock:
            hook = self._hooks.get(hook_id)
        if hook is None or hook.permanent:
            return False
        self.remove(hook)
        return True

    def remove(self, hook: Hook) -> None:
        with self._lock:
            was_there = self._hooks.pop(hook.hook_id, None) is not None
        if was_there:
            self.on_removal(hook)

    def end_of_meeting(self, meeting_id: str) -> None:
        """Remove the hooks of a meeting that is over."""
        for hook in self.all():
            if hook.meeting_id == meeting_id:
                self.remove(hook)

    def reset(self) -> None:
        """Forget all but the permanent hooks."""
        for hook in self.all():
            self.destroy(hook.hook_id)

    def _add_permanent(self) -> None:
        for url in self.options.permanent_urls:
            hook_id = next(self._numbers) if self.options.generation == "2" else uuid.uuid5(uuid.NAMESPACE_URL, url)
            self._hooks[str(hook_id)] = Hook(hook_id=str(hook_id), callback_url=url, permanent=True)

    def _new_id(self) -> str:
        return str(next(self._numbers) if self.options.generation == "2" else uuid.uuid4())
