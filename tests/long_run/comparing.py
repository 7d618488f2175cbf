"""What the servers have, said by the simulators themselves, and what this site remembers of it.

Written once more and differently from `services.mirroring` and `services.polling`: a mistake there shows here.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django_bbb.models import Meeting, MeetingSession, Recording, Server
from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.meetings import Meeting as RemoteMeeting
from django_bbb.simulator.recordings import Recording as RemoteRecording
from django_bbb.simulator.recordings import RecordingState

Facts = dict[str, Any]


def differences(simulators: Mapping[str, BigBlueButtonSimulator]) -> list[str]:
    """Return in words everything in which this site's memory is not what the servers, by slug, have."""
    rooms = set(Meeting.objects.values_list("meeting_id", flat=True))
    found: list[str] = []
    for slug, simulator in simulators.items():
        server = Server.objects.get(slug=slug)
        running = {one.internal_id: of_class(one) for one in simulator.meetings.values() if one.meeting_id in rooms}
        found += _compare(f"{slug}: class", running, open_classes(server))
        found += [f"{slug}: {one}" for one in _differences_of_recordings(server, simulator, rooms)]
    return found


# --- classes ------------------------------------------------------------------------------------------


def of_class(meeting: RemoteMeeting) -> Facts:
    """Return what a server knows of a class that goes on."""
    people = [person for person in meeting.people.values() if not person.bot]
    return {
        "room": meeting.meeting_id,
        "create_time": _moment(meeting.create_time),
        "running": meeting.is_running,
        "people": len(people),
        "moderators": sum(person.role == "MODERATOR" for person in people),
        "voices": sum(person.has_joined_voice for person in people),
        "cameras": sum(bool(person.webcam) for person in people),
        "inside": sorted({person.user_id for person in people}),
    }


def open_classes(server: Server) -> dict[str, Facts]:
    """Return what is remembered of the classes that are open, by internal id."""
    sessions = MeetingSession.objects.open().filter(server=server).select_related("meeting")
    return {
        session.internal_id or f"claimed {session.pk}": {
            "room": session.meeting.meeting_id,
            "create_time": session.create_time,
            "running": session.running,
            "people": session.participant_count,
            "moderators": session.moderator_count,
            "voices": session.voice_count,
            "cameras": session.video_count,
            "inside": sorted(session.attendances.inside().values_list("external_id", flat=True)),
        }
        for session in sessions
    }


# --- recordings ---------------------------------------------------------------------------------------


def of_recording(recording: RemoteRecording, simulator: BigBlueButtonSimulator) -> Facts:
    """Return what a server tells of a recording."""
    profile = simulator.profile
    unsaid = profile.missing_recording_elements
    protected = recording.protected if profile.recordings_from_database else None
    return {
        "room": recording.meeting_id,
        "name": recording.name,
        "state": recording.state.value,
        "published": recording.state is RecordingState.PUBLISHED,
        "protected": protected,
        "is_breakout": recording.is_breakout,
        "parent_id": recording.parent_internal_id,
        "started_at": _moment(recording.start_time),
        "ended_at": _moment(recording.end_time),
        "participants": recording.participants,
        "raw_size": None if "rawSize" in unsaid else recording.raw_size,
        "size": None if "size" in unsaid else sum(one.size for one in recording.formats),
        # Where the server calls this site is not remembered.
        "metadata": {name: text for name, text in recording.metadata.items() if not name.endswith("url")},
        "is_missing": False,
        "formats": {
            one.type: {
                "length": timedelta(minutes=one.length),
                "processing_time": timedelta(milliseconds=one.processing_time),
                "size": one.size,
                "thumbnails": one.images,
                # Of a protected one each answer has another.
                "url": None if protected else f"{simulator.address}/playback/{one.type}/{recording.record_id}",
            }
            for one in recording.formats
        },
    }


def of_row(row: Recording) -> Facts:
    """Return what is remembered of a recording."""
    fields = ("name", "state", "published", "protected", "is_breakout", "parent_id", "started_at", "ended_at")
    fields += ("participants", "raw_size", "size")
    return {
        "room": row.meeting.meeting_id if row.meeting else None,
        **{field: getattr(row, field) for field in fields},
        # What the server says of each in words of its own is no metadata that somebody gave it.
        "metadata": {key: value for key, value in row.metadata.items() if key not in _OF_THE_SERVER},
        "is_missing": row.missing_since is not None,
        "formats": {
            one.type: {
                "length": one.length,
                "processing_time": one.processing_time,
                "size": one.size,
                "thumbnails": len(one.thumbnails),
                "url": None if row.protected else one.url,
            }
            for one in row.playbacks.all()
        },
    }


_OF_THE_SERVER = frozenset({"isBreakout", "meetingName", "meetingId"})


def count_recordings(simulators: Mapping[str, BigBlueButtonSimulator]) -> dict[str, int]:
    """Return how many recordings of ours each server has."""
    rooms = set(Meeting.objects.values_list("meeting_id", flat=True))
    return {slug: len(_ours(simulator, rooms)) for slug, simulator in simulators.items()}


def _ours(simulator: BigBlueButtonSimulator, rooms: set[str]) -> dict[str, RemoteRecording]:
    every = simulator.recordings.values()
    there = [one for one in every if one.state is not RecordingState.DELETED and one.meeting_id in rooms]
    return {one.record_id: one for one in there}


def _differences_of_recordings(server: Server, simulator: BigBlueButtonSimulator, rooms: set[str]) -> Iterator[str]:
    rows = Recording.objects.filter(server=server).select_related("meeting").prefetch_related("playbacks")
    remembered = {row.record_id: row for row in rows}
    ours = _ours(simulator, rooms)
    alive = {record_id: row for record_id, row in remembered.items() if _counts(row, is_there=record_id in ours)}
    if not ours:
        alive = {}  # a server that lists none of ours says nothing about any of them: threats.md 114
    expected = {record_id: of_recording(one, simulator) for record_id, one in ours.items()}
    yield from _compare("recording", expected, {record_id: of_row(row) for record_id, row in alive.items()})
    for record_id, row in remembered.items():
        kept = (row.name, row.title, row.metadata, row.published, [one.type for one in row.playbacks.all()])
        if row.deleted_at is not None and any(kept):
            yield f"recording {record_id}: its tombstone keeps {kept}"


def _counts(row: Recording, *, is_there: bool) -> bool:
    """Whether a row says that its recording is there; one that vanished on the server may be missing or buried."""
    return row.deleted_at is None and (is_there or row.missing_since is None)


# --- comparing ----------------------------------------------------------------------------------------


def _compare(what: str, expected: Mapping[str, Facts], found: Mapping[str, Facts]) -> Iterator[str]:
    for key in sorted(expected.keys() | found.keys()):
        if key not in found:
            yield f"{what} {key} is not known here: {expected[key]}"
        elif key not in expected:
            yield f"{what} {key} is not on the server: {found[key]}"
        else:
            for name, value in expected[key].items():
                if found[key][name] != value:
                    yield f"{what} {key}: {name} is {value!r} on the server and {found[key][name]!r} here"


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC) + timedelta(milliseconds=milliseconds % 1000)
