"""The calls about recordings: get, publish, delete, update."""

from collections.abc import Sequence

from werkzeug.wrappers import Response

from .answers import element, elements, escape, from_keys, success, wrap
from .calls import Call
from .failures import Failed, ServerBroke
from .playback import format_url, thumbnail_url
from .recordings import PlaybackFormat, Recording
from .thumbnails import HEIGHT, WIDTH


def get_recordings(call: Call) -> Response:
    """List recordings; with `limit` a page of them and their number, as servers do since late 2025."""
    given = call.parameters
    wanted = given.metadata()
    if any(value in {"", "%"} for value in wanted.values()):
        raise ServerBroke  # the real one falls over an exception here
    found = call.recordings.find(
        meeting_ids=given.words("meetingID"),
        record_ids=given.words("recordID"),
        states=given.words("state") or None,
        metadata=wanted,
    )
    pagination = ""
    if given.get("limit"):
        limit = min(max(given.number("limit", 100), 1), 100)
        offset = given.number("offset")
        pagination = element("totalElements", len(found))
        found = found[offset : offset + limit]
    if not found:
        nothing = elements(messageKey="noRecordings", message="There are no recordings for this request.")
        return success("<recordings></recordings>" + pagination + nothing)
    rooms: dict[str, list[str]] = {}
    for one in call.recordings.all().values():
        if one.parent_internal_id:
            rooms.setdefault(one.parent_internal_id, []).append(one.record_id)
    listed = [recording_xml(one, rooms.get(one.record_id, []), call.address) for one in found]
    return success(wrap("recordings", listed) + pagination)


def publish_recordings(call: Call) -> Response:
    """Publish or unpublish; the answer repeats the word that was sent."""
    record_ids = call.parameters.record_ids()
    publish = call.parameters.text("publish")
    if not publish:
        raise Failed("missingParamPublish", "The parameter publish is missing.")
    if not call.recordings.publish(record_ids, published=publish == "true"):
        raise _not_found()
    return success(element("published", publish))


def delete_recordings(call: Call) -> Response:
    if not call.recordings.delete(call.parameters.record_ids()):
        raise _not_found()
    return success(element("deleted", True))


def update_recordings(call: Call) -> Response:
    """Set metadata; record ids match by their beginnings."""
    if not call.recordings.update(call.parameters.record_ids(), call.parameters.metadata()):
        raise _not_found()
    return success(element("updated", True))


def _not_found() -> Failed:
    return Failed("notFound", "There is no recording with this id.")


def recording_xml(recording: Recording, rooms: Sequence[str], address: str) -> str:
    """Return what getRecordings says of one recording (`RecMetaXmlHelper.scala`)."""
    facts = elements(
        recordID=recording.record_id,
        meetingID=recording.meeting_id,
        internalMeetingID=recording.record_id,
        name=recording.name,
        isBreakout=recording.is_breakout,
        published=recording.published,
        state=recording.state.value,
        startTime=recording.start_time,
        endTime=recording.end_time,
        participants=recording.participants,
        rawSize=recording.raw_size,
    )
    # The server's own three keep their spelling; all others are lower case.
    names = {
        "isBreakout": "true" if recording.is_breakout else "false",
        "meetingName": recording.name,
        "meetingId": recording.meeting_id,
    }
    breakout = ""
    if recording.is_breakout:
        breakout = wrap(
            "breakout",
            [
                elements(
                    parentId=recording.parent_internal_id,
                    sequence=recording.sequence,
                    freeJoin=recording.free_join,
                )
            ],
        )
    formats = [_format_xml(recording, one, address) for one in recording.formats]
    return wrap(
        "recording",
        [
            facts,
            from_keys("metadata", {**recording.metadata, **names}),
            breakout,
            wrap("breakoutRooms", [element("breakoutRoom", room) for room in rooms]) if rooms else "",
            element("size", sum(one.size for one in recording.formats)),
            wrap("playback", formats),
        ],
    )


def _format_xml(recording: Recording, playback: PlaybackFormat, address: str) -> str:
    facts = elements(
        type=playback.type,
        url=format_url(address, recording.record_id, playback.type),
        processingTime=playback.processing_time,
        length=playback.length,
        size=playback.size,
    )
    images = [
        f'<image width="{WIDTH}" height="{HEIGHT}" alt="Slide {number}">'
        f"{escape(thumbnail_url(address, recording.record_id, number))}</image>"
        for number in range(1, playback.images + 1)
    ]
    return wrap("format", [facts, f"<preview><images>{''.join(images)}</images></preview>" if images else ""])
