"""What goes wrong between the servers and the site, at random."""

from random import Random

from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.callbacks import CallbackKind, Forgery
from django_bbb.simulator.faults import (
    ANY_CALL,
    CloseConnection,
    ConnectionReset,
    CutConnection,
    Fault,
    Hang,
    HtmlAnswer,
    IllFormedXml,
    Latency,
    Trickle,
    TruncatedXml,
    WrongSecret,
)

CALLS = (
    ANY_CALL,
    "getMeetings",
    "getMeetingInfo",
    "getRecordings",
    "create",
    "end",
    "publishRecordings",
    "deleteRecordings",
    "updateRecordings",
)
KINDS: tuple[CallbackKind | None, ...] = (None, "meeting-ended", "recording-ready", "analytics", "webhook")


def set_fault(random: Random, simulator: BigBlueButtonSimulator) -> str:
    """Let some calls to a server go wrong; return how."""
    fault = _any_fault(random)
    call, times = random.choice(CALLS), random.randint(1, 4)
    simulator.faults.set(fault, call=call, times=1 if isinstance(fault, Hang) else times)
    return f"fault {type(fault).__name__}"


def _any_fault(random: Random) -> Fault:
    part, seconds = random.random(), random.random()
    when = random.choice(("before", "after"))
    return random.choice(
        (
            HtmlAnswer(status=random.choice((500, 502, 503, 504)), when=when),
            WrongSecret(),
            IllFormedXml(when=when),
            Hang(when=when),
            CloseConnection(when=when),
            ConnectionReset(when=when),
            Latency(seconds=2 * seconds),
            Trickle(seconds=0.02, size=200),
            TruncatedXml(part=part),
            CutConnection(part=part),
        )
    )


def disturb_delivery(random: Random, simulator: BigBlueButtonSimulator) -> str:
    """Let some callbacks be lost, doubled, late or held back; return which of these."""
    kind, times = random.choice(KINDS), random.randint(1, 4)
    seconds, copies = random.uniform(10, 300), random.randint(2, 3)
    mode = random.choice(("lose", "repeat", "delay", "hold", "release", "send again"))
    delivery = simulator.delivery
    match mode:
        case "lose":
            delivery.lose(kind, times=times)
        case "repeat":
            delivery.repeat(kind, copies=copies, times=times)
        case "delay":
            delivery.delay(kind, seconds=seconds, times=times)
        case "hold":
            delivery.hold(kind, times=times)
        case "release":
            release(random, simulator)
        case _:
            sent = simulator.callbacks
            if sent:
                simulator.send_again(random.choice(sent))
    return f"callbacks: {mode}"


def release(random: Random, simulator: BigBlueButtonSimulator) -> None:
    """Send what was held back, in any order."""
    order = list(range(len(simulator.delivery.held)))
    random.shuffle(order)
    simulator.delivery.release(order)


#: The token in its address is the whole proof of an end: with a right one it is a replay, and not forged.
FORGERIES: tuple[tuple[CallbackKind, tuple[Forgery, ...]], ...] = (
    ("meeting-ended", (Forgery.WRONG_SECRET, Forgery.MISSING)),
    ("recording-ready", tuple(one for one in Forgery if one is not Forgery.EXPIRED)),
    ("analytics", tuple(Forgery)),
    ("webhook", (Forgery.WRONG_SECRET, Forgery.MISSING, Forgery.TAMPERED)),
)


def forge(random: Random, simulator: BigBlueButtonSimulator) -> str | None:
    """Send a callback as somebody would who is not the server."""
    kind, ways = random.choice(FORGERIES)
    found = simulator.recordings if kind == "recording-ready" else simulator.meetings
    how, number = random.choice(ways), random.random()
    if not found:
        return None
    simulator.forge(kind, list(found.values())[int(number * len(found))], how=how)
    return f"forged: {kind}"
