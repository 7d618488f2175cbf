"""The calls about recordings: get, publish, delete, update."""

from collections.abc import Sequence, Set

from werkzeug.wrappers import Response

from .answers import element, elements, escape, from_keys, success, wrap
from .calls import Call
from .failures import Failed
from .playback import format_url, thumbnail_url
from .recording_search import cut_page, find_recordings, has_filter
from .recordings import PlaybackFormat, Recording, RecordingState
from .thumbnails import HEIGHT, WIDTH

_NOTHING = elements(messageKey="noRecordings", message="There are no recordings for this request.")


def get_recordings(call: Call) -> Response:
    """List recordings; with `limit` a page of them, and how many there are."""
    found = find_recordings(call)
    if not call.profile.lists_all_recordings and not has_filter(call):
        return success(_NOTHING)
    page = cut_page(call, found)
    if not page.recordings:
        return success("<recordings></recordings>" + page.pagination + _NOTHING)
    rooms = _rooms(call)
    missing, protects = call.profile.missing_recording_elements, call.profile.recordings_from_database
    listed = [
        recording_xml(
            recording,
            rooms.get(recording.record_id, ()),
            call.address,
            formats=[(one, _playback_url(call, recording, one)) for one in formats],
            missing=missing,
            tells_protection=protects,
        )
        for recording, formats in page.recordings
    ]
    return success(wrap("recordings", listed) + page.pagination)


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
    if call.profile.recordings_from_database:
        return _update_in_database(call)
    if not call.recordings.update(call.parameters.record_ids(), call.parameters.metadata()):
        raise _not_found()
    return success(element("updated", True))


def _update_in_database(call: Call) -> Response:
    """Set metadata of all or of none; `protect` is for the first alone."""
    record_ids = call.parameters.record_ids()
    found = [call.recordings.get(record_id) for record_id in record_ids]
    known = [one for one in found if one is not None and one.state is not RecordingState.DELETED]
    if len(known) < len(record_ids):
        return success(element("updated", False))
    call.recordings.update(record_ids, call.parameters.metadata())
    if call.parameters.get("protect"):
        known[0].protected = call.parameters.flag("protect")
    return success(element("updated", True))


def _playback_url(call: Call, recording: Recording, playback: PlaybackFormat) -> str:
    url = format_url(call.address, recording.record_id, playback.type)
    return call.passes.protect(url, recording.record_id) if recording.protected else url


def _rooms(call: Call) -> dict[str, list[str]]:
    """Return the recordings of breakout rooms by that of their parent."""
    rooms: dict[str, list[str]] = {}
    for one in call.recordings.all().values():
        if one.parent_internal_id:
            rooms.setdefault(one.parent_internal_id, []).append(one.record_id)
    return rooms


def _not_found() -> Failed:
    return Failed("notFound", "There is no recording with this id.")


def recording_xml(
    recording: Recording,
    rooms: Sequence[str],
    address: str,
    *,
    formats: Sequence[tuple[PlaybackFormat, str]] | None = None,
    missing: Set[str] = frozenset(),
    tells_protection: bool = False,
) -> str:
    """Return what getRecordings says of one recording (`RecMetaXmlHelper.scala`).

    `formats` are those to show with their addresses, if not all.
    """
    facts: dict[str, str | int | bool] = {
        "recordID": recording.record_id,
        "meetingID": recording.meeting_id,
        "internalMeetingID": recording.record_id,
        "name": recording.name,
        "isBreakout": recording.is_breakout,
        "published": recording.published,
        "state": recording.state.value,
        "startTime": recording.start_time,
        "endTime": recording.end_time,
        "participants": recording.participants,
        "rawSize": recording.raw_size,
    }
    # The server's own three keep their spelling; all others are lower case.
    names = {
        "isBreakout": "true" if recording.is_breakout else "false",
        "meetingName": recording.name,
        "meetingId": recording.meeting_id,
    }
    if formats is None:
        formats = [(one, format_url(address, recording.record_id, one.type)) for one in recording.formats]
    return wrap(
        "recording",
        [
            "".join([element(name, value) for name, value in facts.items() if name not in missing]),
            element("protected", recording.protected) if tells_protection else "",
            from_keys("metadata", {**recording.metadata, **names}),
            _breakout_xml(recording),
            wrap("breakoutRooms", [element("breakoutRoom", room) for room in rooms]) if rooms else "",
            "" if "size" in missing else element("size", sum(one.size for one in recording.formats)),
            wrap("playback", [_format_xml(recording, one, url, address) for one, url in formats]),
        ],
    )


def _breakout_xml(recording: Recording) -> str:
    if not recording.is_breakout:
        return ""
    facts = elements(parentId=recording.parent_internal_id, sequence=recording.sequence, freeJoin=recording.free_join)
    return wrap("breakout", [facts])


def _format_xml(recording: Recording, playback: PlaybackFormat, url: str, address: str) -> str:
    facts = elements(
        type=playback.type,
        url=url,
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
