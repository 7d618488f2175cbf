"""Callbacks, faults, the journal, the clock and the server as a whole, by HTTP."""

from ..callbacks import DeliveryFault, Forgery
from ..fault_words import describe_fault, plan_fault
from ..meetings import Meeting
from ..recordings import Recording
from .fields import Fields
from .refusals import bad, not_found
from .routes import Asked, Route
from .words import callback_words, journal_words

_KINDS = ("meeting-ended", "recording-ready", "analytics", "webhook")
_MODES = ("lose", "repeat", "delay", "hold")


# --- callbacks ----------------------------------------------------------------------------------------


def list_callbacks(asked: Asked) -> object:
    asked.fields.finish()
    held = [{"kind": one.kind, "meeting_id": one.meeting_id} for one in asked.simulator.delivery.held]
    attempts = [callback_words(number, one) for number, one in enumerate(asked.simulator.callbacks)]
    return {"callbacks": attempts, "held": held}


def send_again(asked: Asked) -> object:
    """Send the same bytes once more."""
    asked.fields.finish()
    attempts, number = asked.simulator.callbacks, asked.names["number"]
    if not number.isascii() or not number.isdigit() or int(number) >= len(attempts):
        raise not_found(f"There is no callback number {number}.")
    asked.simulator.send_again(attempts[int(number)])
    return callback_words(int(number), attempts[int(number)])


def forge(asked: Asked) -> object:
    """Send a callback as somebody would who is not the server."""
    given = asked.fields
    kind = given.choice("kind", _KINDS, "")
    how = Forgery(given.choice("how", tuple(Forgery), Forgery.WRONG_SECRET))
    about = _subject(asked, given.text("meeting_id"), given.text("record_id"))
    given.finish()
    sent = asked.simulator.forge(kind, about, how=how)  # type: ignore[arg-type]  # one of _KINDS
    return {"sent": sent}


def plan_delivery(asked: Asked) -> object:
    given = asked.fields
    kind = given.choice("kind", _KINDS, "") if "kind" in given else None
    mode = given.choice("mode", _MODES, "")
    fault = DeliveryFault(
        mode=mode,  # type: ignore[arg-type]
        kind=kind,  # type: ignore[arg-type]
        times=_times(given),
        copies=given.number("copies", 2 if mode == "repeat" else 1, least=1, most=100),
        seconds=given.decimal("seconds"),
    )
    given.finish()
    asked.simulator.delivery.plan(fault)
    return _delivery(asked)


def release(asked: Asked) -> object:
    given = asked.fields
    order = given.numbers("order") if "order" in given else None
    given.finish()
    asked.simulator.delivery.release(order)
    return list_callbacks(asked)


def list_delivery(asked: Asked) -> object:
    asked.fields.finish()
    return _delivery(asked)


def clear_delivery(asked: Asked) -> object:
    asked.fields.finish()
    asked.simulator.delivery.clear()
    return _delivery(asked)


def _delivery(asked: Asked) -> object:
    return {
        "faults": [
            {"mode": one.mode, "kind": one.kind, "times": one.times, "copies": one.copies, "seconds": one.seconds}
            for one in asked.simulator.delivery.planned()
        ],
        "lose_all": asked.simulator.delivery.lose_all,
    }


def _subject(asked: Asked, meeting_id: str, record_id: str) -> Meeting | Recording:
    if record_id:
        if record_id not in asked.simulator.recordings:
            raise not_found(f"There is no recording {record_id}.")
        return asked.simulator.recordings[record_id]
    if meeting_id not in asked.simulator.meetings:
        raise not_found(f"There is no meeting {meeting_id}; a forged callback is about a meeting or a recording.")
    return asked.simulator.meetings[meeting_id]


def _times(given: Fields) -> int | None:
    return given.number("times", least=1) if "times" in given else None


# --- faults and journal -------------------------------------------------------------------------------


def list_faults(asked: Asked) -> object:
    asked.fields.finish()
    return {"faults": [describe_fault(one) for one in asked.simulator.faults.planned()]}


def plan(asked: Asked) -> object:
    fault, call, times = plan_fault(asked.fields.rest())
    asked.simulator.faults.set(fault, call=call, times=times)
    return list_faults(asked)


def clear_faults(asked: Asked) -> object:
    asked.fields.finish()
    asked.simulator.faults.clear()
    return list_faults(asked)


def list_journal(asked: Asked) -> object:
    asked.fields.finish()
    return {"requests": [journal_words(entry) for entry in asked.simulator.journal]}


def clear_journal(asked: Asked) -> object:
    asked.fields.finish()
    asked.simulator.clear_journal()
    return {"requests": []}


# --- clock and server ---------------------------------------------------------------------------------


def show_clock(asked: Asked) -> object:
    asked.fields.finish()
    return {"now": asked.simulator.now, "time_scale": asked.simulator.time_scale}


def change_clock(asked: Asked) -> object:
    """Put the clock forward, or let it run faster; what becomes due has happened when the answer comes."""
    given = asked.fields
    seconds = given.decimal("advance")
    scale = given.decimal("time_scale", asked.simulator.time_scale)
    given.finish()
    if not 0 <= seconds <= 366 * 86_400:
        raise bad("advance is a number of seconds from 0 to a year.")
    asked.simulator.time_scale = scale
    if seconds:
        asked.simulator.advance(seconds)
    return show_clock(asked)


def reset(asked: Asked) -> object:
    asked.fields.finish()
    asked.simulator.reset()
    return {}


def restart(asked: Asked) -> object:
    asked.fields.finish()
    asked.simulator.restart()
    return {}


SWITCH_ROUTES = (
    Route("GET", "callbacks", list_callbacks, "every attempt to deliver a callback, and those held back"),
    Route("POST", "callbacks/<number>/send-again", send_again, "send the same bytes once more"),
    Route("POST", "forged-callbacks", forge, "send a callback that the server did not send"),
    Route("GET", "delivery", list_delivery, "what goes wrong with callbacks"),
    Route("POST", "delivery", plan_delivery, "let callbacks be lost, repeated, late or held back"),
    Route("DELETE", "delivery", clear_delivery, "let callbacks go as they should"),
    Route("POST", "release", release, "send callbacks that were held back, in any order"),
    Route("GET", "faults", list_faults, "the faults of calls that are planned"),
    Route("POST", "faults", plan, "let a call go wrong"),
    Route("DELETE", "faults", clear_faults, "let all calls go right again"),
    Route("GET", "journal", list_journal, "every request to the API"),
    Route("DELETE", "journal", clear_journal, "forget those requests"),
    Route("GET", "clock", show_clock, "the time here, and how fast it goes"),
    Route("POST", "clock", change_clock, "put the clock forward, or change how fast it goes"),
    Route("POST", "reset", reset, "forget everything, as if just started"),
    Route("POST", "restart", restart, "forget all meetings without a word, as a killed server does"),
)
