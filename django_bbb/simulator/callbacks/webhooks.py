"""bbb-webhooks tells its hooks what happens (`src/out/webhooks/{web-hooks,callback-emitter}.js`)."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from ..events import Event, EventKind
from ..hooks import Hook, Hooks
from .callback import Callback
from .outbox import Letter, Outbox
from .raw_messages import raw_message
from .webhook_events import webhook_event
from .webhook_request import webhook


class WebhookSender:
    """One queue for each hook, so that a slow receiver delays nobody else."""

    def __init__(
        self,
        *,
        hooks: Hooks,
        secret: str,
        time: Callable[[], float],
        address: Callable[[], str],
        make_outbox: Callable[[], Outbox],
        send: Callable[[Outbox, Letter, Event], None],
    ) -> None:
        self._hooks = hooks
        self._secret = secret
        self._time = time
        self._address = address
        self._make_outbox = make_outbox
        self._send = send
        self._lock = threading.Lock()
        self._outboxes: dict[str, Outbox] = {}
        #: Those of hooks that are gone, as long as somebody may still have to wait for them.
        self._finishing: list[Outbox] = []
        self._stopped = False
        hooks.on_removal = self._finish

    def hear(self, event: Event) -> None:
        """Queue an event for everybody who wants it."""
        for hook in self._listeners(event):
            self._send(self._outbox(hook), self._letter(hook, event), event)
        if event.kind is EventKind.MEETING_ENDED:
            self._hooks.end_of_meeting(meeting_id(event))

    def callbacks_about(self, event: Event) -> list[Callback]:
        """Return what the hooks would be told of an event, dated now."""
        return [self._letter(hook, event)() for hook in self._listeners(event)]

    def stop(self) -> None:
        """End all threads at once."""
        with self._lock:
            self._stopped = True
            outboxes = [*self._outboxes.values(), *self._finishing]
            self._outboxes.clear()
            self._finishing.clear()
        for outbox in outboxes:
            outbox.stop()

    def _listeners(self, event: Event) -> list[Hook]:
        options = self._hooks.options
        if event.kind in options.exclude_events or (
            options.include_events and event.kind not in options.include_events
        ):
            return []
        return [hook for hook in self._hooks.that_hear_of(meeting_id(event)) if hook.wants(event.kind)]

    def _outbox(self, hook: Hook) -> Outbox:
        with self._lock:
            outbox = self._outboxes.get(hook.hook_id)
            if outbox is None:
                outbox = self._outboxes[hook.hook_id] = self._make_outbox()
                if self._stopped:
                    # The last requests are still being answered; a thread begun now would have no end.
                    outbox.drop()
                    return outbox
                outbox.start(f"bbb-simulator-hook-{hook.hook_id}")
            return outbox

    def _finish(self, hook: Hook) -> None:
        with self._lock:
            outbox = self._outboxes.pop(hook.hook_id, None)
            self._finishing = [one for one in self._finishing if one.is_alive()]
            if outbox is not None:
                self._finishing.append(outbox)
        if outbox is not None:
            outbox.finish()

    def _remove(self, hook: Hook) -> None:
        """Forget a hook whose receiver is gone, and what it was still to be told."""
        with self._lock:
            outbox = self._outboxes.get(hook.hook_id)
        if outbox is not None:
            outbox.drop()
        self._hooks.remove(hook)

    def _letter(self, hook: Hook, event: Event) -> Letter:
        """Return what writes the callback when its turn has come; what it says is settled now."""
        if hook.raw:
            message = raw_message(event)
        else:
            message = webhook_event(event, address=self._address(), generation=self._hooks.options.generation)
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        return partial(self._callback, hook, meeting_id(event), f"[{text}]")

    def _callback(self, hook: Hook, about: str, event_text: str) -> Callback:
        options = self._hooks.options
        return replace(
            webhook(
                hook.callback_url,
                event_text,
                timestamp=int(self._time() * 1000),
                domain=options.domain or host(self._address()),
                secret=self._secret,
                options=options,
            ),
            meeting_id=about,
            interval=options.permanent_interval if hook.permanent else None,
            on_failure=partial(self._remove, hook),
        )


def meeting_id(event: Event) -> str:
    """Return the external id of the meeting an event is about."""
    if event.meeting is not None:
        return event.meeting.meeting_id
    return event.recording.meeting_id if event.recording is not None else ""


def host(address: str) -> str:
    """Return the host of an address, without its port."""
    return urlsplit(address).hostname or ""
