"""Does what a fault says, to a call or to its answer."""

import random
from collections.abc import Iterator
from threading import Event

from werkzeug.wrappers import Response

from .answers import html_error, xml
from .faults import (
    CloseConnection,
    ConnectionReset,
    CutConnection,
    Fault,
    Garbage,
    Hang,
    HtmlAnswer,
    IllFormedXml,
    Latency,
    ManyRecordings,
    Trickle,
    TruncatedXml,
)
from .recording_calls import recording_xml
from .recordings import Recording, RecordingState, make_format
from .server import ConnectionLost

_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Temporarily Unavailable"}
_PIECE = 65_536


def go_wrong(fault: Fault, over: Event, *, address: str) -> Response:
    """Return what comes instead of an answer, or raise `ConnectionLost`; `over` ends whatever takes its time."""
    match fault:
        case HtmlAnswer(body=""):
            return html_error(fault.status, _REASONS.get(fault.status, "Error"))
        case HtmlAnswer():
            return Response(fault.body, status=fault.status, content_type="text/html;charset=utf-8")
        case IllFormedXml():
            return xml(fault.body)
        case Garbage():
            return _stream(_garbage(fault.size), length=fault.size)
        case ManyRecordings():
            return _stream(_many_recordings(fault.count, address))
        case Hang():
            over.wait()
            raise ConnectionLost
        case ConnectionReset():
            raise ConnectionLost(reset=True)
        case CloseConnection():
            raise ConnectionLost
        case _:
            raise TypeError(f"The simulator does not know how to do {type(fault).__name__}.")


def spoil(answer: Response, fault: Fault, over: Event, *, address: str) -> Response:
    """Return what becomes of an answer, or raise `ConnectionLost`."""
    match fault:
        case Latency():
            over.wait(fault.seconds)
        case Trickle():
            _stream_instead(answer, _trickle(answer.get_data(), fault, over))
        case CutConnection():
            _stream_instead(answer, _cut(answer.get_data(), fault.part))
        case TruncatedXml():
            answer.set_data(_part(answer.get_data(), fault.part))
        case _:
            return go_wrong(fault, over, address=address)
    return answer


def _stream(pieces: Iterator[bytes], *, length: int | None = None) -> Response:
    response = Response(pieces, content_type="text/xml;charset=utf-8", headers={"Cache-Control": "no-cache"})
    if length is not None:
        response.content_length = length
    return response


def _stream_instead(answer: Response, pieces: Iterator[bytes]) -> None:
    answer.content_length = len(answer.get_data())
    answer.response = pieces


def _trickle(data: bytes, fault: Trickle, over: Event) -> Iterator[bytes]:
    for start in range(0, len(data), fault.size):
        over.wait(fault.seconds)
        yield data[start : start + fault.size]


def _cut(data: bytes, part: float) -> Iterator[bytes]:
    yield _part(data, part)
    raise ConnectionLost


def _part(data: bytes, part: float) -> bytes:
    return data[: int(len(data) * part)]


def _garbage(size: int) -> Iterator[bytes]:
    source = random.Random(size)  # noqa: S311 - the same bytes each time are what is wanted
    for start in range(0, size, _PIECE):
        yield source.randbytes(min(_PIECE, size - start))


def _many_recordings(count: int, address: str) -> Iterator[bytes]:
    """Yield a list of recordings, one at a time: there is never more of it in memory."""
    yield b"<response><returncode>SUCCESS</returncode><recordings>"
    for number in range(count):
        yield recording_xml(_made_up_recording(number), [], address).encode()
    yield b"</recordings></response>"


def _made_up_recording(number: int) -> Recording:
    start = 1_700_000_000_000 + number * 3_600_000
    recording = Recording(
        record_id=f"{number:040x}-{start}",
        meeting_id=f"made-up-{number}",
        name=f"Class {number}",
        state=RecordingState.PUBLISHED,
        start_time=start,
        end_time=start + 2_700_000,
        participants=20,
    )
    recording.formats.append(make_format(recording, "presentation"))
    return recording
