"""Recordings, by HTTP."""

from ..recordings import Recording, RecordingState
from .refusals import bad, not_found
from .routes import Asked, Route
from .words import recording_words

_STATES = tuple(RecordingState)


def list_recordings(asked: Asked) -> object:
    asked.fields.finish()
    return {"recordings": [recording_words(one) for one in asked.simulator.recordings.values()]}


def add_recording(asked: Asked) -> object:
    """Make a recording, in any state, of a meeting that need not have taken place."""
    given = asked.fields
    meeting_id = given.required_text("meeting_id")
    name, metadata = given.text("name"), given.mapping("metadata")
    state = RecordingState(given.choice("state", _STATES, RecordingState.PUBLISHED))
    formats = given.texts("formats", ("presentation",))
    minutes = given.number("minutes", 45, least=0, most=7 * 24 * 60)
    participants = given.number("participants", 2, most=100_000)
    announced = given.flag("announce")
    given.finish()
    recording = asked.simulator.add_recording(
        meeting_id,
        name=name,
        state=state,
        formats=formats,
        minutes=minutes,
        participants=participants,
        metadata=metadata,
    )
    if announced:
        asked.simulator.announce(recording)
    return recording_words(recording)


def change_recording(asked: Asked) -> object:
    """Change a recording behind the back of everybody: nobody is told."""
    given, recording = asked.fields, _recording(asked)
    state = RecordingState(given.choice("state", _STATES, recording.state))
    name = given.text("name", recording.name)
    protected = given.flag("protected", recording.protected)
    metadata = {key.lower(): value for key, value in given.mapping("metadata").items()}
    given.finish()
    recording.state, recording.name, recording.protected = state, name, protected
    recording.metadata = {key: value for key, value in {**recording.metadata, **metadata}.items() if value}
    return recording_words(recording)


def hide_recording(asked: Asked) -> object:
    asked.fields.finish()
    recording = _recording(asked)
    asked.simulator.hide_recording(recording.record_id)
    return recording_words(recording)


def show_recording(asked: Asked) -> object:
    asked.fields.finish()
    asked.simulator.show_recording(asked.names["recording"])
    return recording_words(_recording(asked))


def announce_recording(asked: Asked) -> object:
    asked.fields.finish()
    recording = _recording(asked)
    if not recording.ready_url:
        raise bad("Its meeting named no address to announce it to (meta_bbb-recording-ready-url).")
    asked.simulator.announce(recording)
    return recording_words(recording)


def finish_recordings(asked: Asked) -> object:
    asked.fields.finish()
    asked.simulator.finish_recordings()
    return list_recordings(asked)


def fail_recordings(asked: Asked) -> object:
    given = asked.fields
    meeting_id, formats = given.required_text("meeting_id"), given.texts("formats")
    given.finish()
    asked.simulator.fail_recording(meeting_id, formats)
    return {"meeting_id": meeting_id, "formats": list(formats)}


def _recording(asked: Asked) -> Recording:
    wanted = asked.names["recording"]
    recording = asked.simulator.recordings.get(wanted)
    if recording is None:
        raise not_found(f"There is no recording {wanted}, or it is hidden.")
    return recording


RECORDING_ROUTES = (
    Route("GET", "recordings", list_recordings, "all recordings but hidden ones"),
    Route("POST", "recordings", add_recording, "add a recording in any state"),
    Route("PATCH", "recordings/<recording>", change_recording, "change its state, name, protection or metadata"),
    Route("POST", "recordings/<recording>/announce", announce_recording, "send the recording-ready callback again"),
    Route("POST", "recordings/<recording>/hide", hide_recording, "let it vanish"),
    Route("POST", "recordings/<recording>/show", show_recording, "let it come back"),
    Route("POST", "finish-recordings", finish_recordings, "publish at once what is still being made"),
    Route("POST", "fail-recordings", fail_recordings, "let the processing of a meeting's recording fail"),
)
