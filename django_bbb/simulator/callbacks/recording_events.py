"""The rap-… events: the steps in which a recording is made."""

from typing import Any

from ..events import Event, EventKind
from ..playback import format_url
from ..recordings import Recording


def recording_attributes(event: Event, *, address: str) -> dict[str, Any]:
    """Return the attributes of a step; what is known at its end only is missing at its beginning."""
    recording, facts = _recording(event), event.facts
    attributes: dict[str, Any] = {
        "meeting": {"internal-meeting-id": recording.record_id, "external-meeting-id": recording.meeting_id},
        "record-id": recording.record_id,
    }
    if "success" in facts:
        attributes |= {"success": facts["success"], "step-time": facts["step_time"]}
    if event.kind is EventKind.ARCHIVE_ENDED:
        attributes |= {"recorded": facts["recorded"], "duration": facts["duration"]}
    if "workflow" in facts:
        attributes["workflow"] = facts["workflow"]
    if event.kind is EventKind.PUBLISH_ENDED:
        attributes["recording"] = published(recording, str(facts["workflow"]), address=address)
    return attributes


def published(recording: Recording, workflow: str, *, address: str) -> dict[str, Any]:
    """Return what the server's `metadata.xml` says of a format; all values in it are texts."""
    is_breakout = "true" if recording.is_breakout else "false"
    made = next((one for one in recording.formats if one.type == workflow), None)
    playback = {}
    if made is not None:
        playback = {
            "format": made.type,
            "link": format_url(address, recording.record_id, made.type),
            "processing_time": str(made.processing_time),
            "duration": str(1000 * recording.seconds),
            "size": str(made.size),
        }
    own = {"meetingName": recording.name, "meetingId": recording.meeting_id, "isBreakout": is_breakout}
    return {
        "name": recording.name,
        "is-breakout": is_breakout,
        "start-time": str(recording.start_time),
        "end-time": str(recording.end_time),
        "size": playback.get("size", "0"),
        "raw-size": str(recording.raw_size),
        "metadata": {**recording.metadata, **own},
        "playback": playback,
        "download": {},
    }


def _recording(event: Event) -> Recording:
    if event.recording is None:
        raise ValueError(f"{event.kind} is told of no recording.")
    return event.recording
