"""Tells other sites what happened: what is sent when, and what goes wrong with it on purpose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..events import Event
from ..hooks import Hooks, WebhookOptions
from ..meetings import Meeting
from ..recording_steps import KIND as RECORDING_STEPS
from ..recordings import Recording
from ..scheduler import Scheduler
from .analytics import analytics, is_wanted
from .callback import Callback, CallbackAttempt, CallbackKind
from .delivery import DeliveryFaults, Held
from .forgery import Forgery, forge
from .ledger import Ledger
from .meeting_ended import RETRY_SCHEDULE, EndCallbacks, meeting_ended
from .outbox import Letter, Outbox, letter
from .recording_ready import RecordingReadyOptions, recording_ready
from .webhooks import WebhookSender, meeting_id


@dataclass(frozen=True, kw_only=True)
class SenderOptions:
    """How callbacks are sent."""

    #: Seconds before each attempt of an end callback.
    retry_schedule: Sequence[float] = RETRY_SCHEDULE
    timeout: float = 10.0
    end_callbacks: EndCallbacks = EndCallbacks.STRICT
    recording_ready: RecordingReadyOptions = field(default_factory=RecordingReadyOptions)
    webhooks: WebhookOptions = field(default_factory=WebhookOptions)
    #: Seconds from the end of a meeting to the report on it.
    analytics_delay: float = 0.0


class CallbackSender:
    """All senders of one server.  End callbacks, recordings and reports share one queue and one thread."""

    def __init__(
        self,
        *,
        secret: str,
        scheduler: Scheduler,
        address: Callable[[], str],
        delivery: DeliveryFaults,
        options: SenderOptions,
    ) -> None:
        self.hooks = Hooks(options.webhooks)
        self._delivery = delivery
        self._secret = secret
        self._scheduler = scheduler
        self._address = address
        self._options = options
        self._generation = 0
        self._make()

    def _make(self) -> None:
        self._ledger = Ledger()
        self._outbox = self._new_outbox(in_order=False)
        self._webhooks = WebhookSender(
            hooks=self.hooks,
            secret=self._secret,
            time=self._scheduler.time,
            address=self._address,
            make_outbox=lambda: self._new_outbox(in_order=True),
            send=lambda outbox, new, event: self._treat(outbox, new, "webhook", meeting_id(event)),
        )

    def _new_outbox(self, *, in_order: bool) -> Outbox:
        return Outbox(ledger=self._ledger, scheduler=self._scheduler, timeout=self._options.timeout, in_order=in_order)

    # Running

    def start(self) -> None:
        self._outbox.start("bbb-simulator-callbacks")

    def stop(self) -> None:
        """End all threads at once."""
        self._outbox.stop()
        self._webhooks.stop()

    def reset(self) -> None:
        """Forget everything that was sent, is on its way or waits, and all hooks that a call created."""
        self.stop()
        self.hooks.reset()
        self._make()
        self.start()

    def forget(self) -> None:
        """Drop the end callbacks that wait: their queue lives in the memory of a server that restarts."""
        self._generation += 1

    # What happens

    def hear(self, event: Event) -> None:
        """Tell the hooks."""
        self._webhooks.hear(event)

    def meeting_ended(self, meeting: Meeting) -> None:
        """Tell the addresses that create named, and report on the meeting if that was asked for."""
        self._send_all(self._end_callbacks(meeting))
        if is_wanted(meeting):
            self._scheduler.schedule(
                self._options.analytics_delay, lambda: self._send_all(self._report(meeting)), kind=RECORDING_STEPS
            )

    def recording_ready(self, recording: Recording) -> None:
        """Announce a recording, once: the script that does it never tries again."""
        self._send_all(self._announcements(recording))

    def send_again(self, attempt: CallbackAttempt) -> None:
        """Send a callback once more, with the same bytes, and without further attempts."""
        again = replace(attempt.callback, schedule=(0.0,), interval=None, fallback=None, on_failure=lambda: None)
        self._outbox.send(letter(again))

    def forge(self, kind: CallbackKind, about: Meeting | Recording, how: Forgery) -> int:
        """Send a callback of this kind as somebody would who is not the server; return how many were sent."""
        genuine = self.genuine(kind, about)
        forged = [forge(callback, how, secret=self._secret) for callback in genuine]
        for callback in forged:
            self._outbox.send(letter(callback))
        return len(forged)

    # Looking

    def attempts(self) -> list[CallbackAttempt]:
        return self._ledger.attempts()

    def is_idle(self) -> bool:
        return self._ledger.is_idle()

    def wait(self, *, timeout: float) -> bool:
        """Block until every callback is delivered or given up; False when that took too long."""
        return self._ledger.wait(timeout=timeout)

    def wait_until_quiet(self, *, timeout: float) -> bool:
        """Block until no attempt is being made or due; later attempts may still be planned."""
        return self._ledger.wait_until_quiet(timeout=timeout)

    # Making

    def _end_callbacks(self, meeting: Meeting) -> list[Callback]:
        generation = self._generation
        return meeting_ended(
            meeting,
            form=self._options.end_callbacks,
            schedule=self._options.retry_schedule,
            is_wanted=lambda: generation == self._generation,
        )

    def _announcements(self, recording: Recording) -> list[Callback]:
        return recording_ready(recording, secret=self._secret, options=self._options.recording_ready)

    def _report(self, meeting: Meeting) -> list[Callback]:
        return analytics(meeting, secret=self._secret, now=int(self._scheduler.time()))

    def genuine(self, kind: CallbackKind, about: Meeting | Recording) -> list[Callback]:
        """Return what would be sent about this; raises `ValueError` if that is nothing of this kind."""
        match kind, about:
            case "meeting-ended", Meeting():
                return self._end_callbacks(about)
            case "analytics", Meeting():
                return self._report(about)
            case "webhook", Meeting():
                # The last that some hook wants to hear of.
                found = (self._webhooks.callbacks_about(event) for event in reversed(about.history))
                return next(filter(None, found), [])
            case "recording-ready", Recording():
                return self._announcements(about)
        raise ValueError(f"There is no callback of the kind {kind} about this.")

    # Sending

    def _send_all(self, callbacks: Sequence[Callback]) -> None:
        for callback in callbacks:
            self._treat(self._outbox, letter(callback), callback.kind, callback.meeting_id)

    def _treat(self, outbox: Outbox, new: Letter, kind: CallbackKind, about: str) -> None:
        """Send a callback with what is planned to go wrong with it."""
        treatment = self._delivery.treatment(kind)
        ledger = self._ledger
        if treatment.lost:
            ledger.note(CallbackAttempt.of(new(), attempt=0, lost=True, given_up=True))
            return

        def send() -> None:
            for _ in range(treatment.copies):
                outbox.send(new)

        def send_late() -> None:
            send()
            ledger.closed()

        if treatment.held:
            self._delivery.keep(Held(kind=kind, meeting_id=about, send=send))
        elif treatment.delay:
            ledger.opened()
            self._scheduler.schedule(treatment.delay, send_late, kind="callback")
        else:
            send()
