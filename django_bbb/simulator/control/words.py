"""What the control API says of things: no passwords, no tokens, no queries of addresses."""

from ..callbacks import CallbackAttempt
from ..journal import JournalEntry
from ..meetings import Meeting, Person
from ..polls import Poll
from ..recordings import Recording

Words = dict[str, object]


def meeting_words(meeting: Meeting) -> Words:
    return {
        "meeting_id": meeting.meeting_id,
        "internal_id": meeting.internal_id,
        "name": meeting.name,
        "state": meeting_state(meeting),
        "create_time": meeting.create_time,
        "people": len(meeting.people),
        "record": meeting.settings.record,
        "is_being_recorded": meeting.is_being_recorded,
        "was_recorded": meeting.was_recorded,
        # Values may be addresses with tokens in them.
        "metadata": sorted(meeting.settings.metadata),
    }


def meeting_state(meeting: Meeting) -> str:
    if meeting.ended:
        return "ended"
    return "running" if meeting.is_running else "created"


def person_words(person: Person) -> Words:
    return {
        "id": person.internal_user_id,
        "user_id": person.user_id,
        "name": person.name,
        "role": person.role.value,
        "guest": person.guest,
        "presenter": person.is_presenter,
        "hand_raised": person.hand_raised,
        "emoji": person.emoji,
        "voice": person.has_joined_voice,
        "listening_only": person.is_listening_only,
        "muted": person.is_muted,
        "webcam": bool(person.webcam),
    }


def poll_words(poll: Poll) -> Words:
    return {
        "poll_id": poll.poll_id,
        "question": poll.question,
        "type": poll.type,
        "open": poll.is_open,
        "result": dict(poll.result),
    }


def recording_words(recording: Recording) -> Words:
    return {
        "record_id": recording.record_id,
        "meeting_id": recording.meeting_id,
        "name": recording.name,
        "state": recording.state.value,
        "formats": [one.type for one in recording.formats],
        "start_time": recording.start_time,
        "end_time": recording.end_time,
        "participants": recording.participants,
        "metadata": sorted(recording.metadata),
    }


def callback_words(number: int, attempt: CallbackAttempt) -> Words:
    return {
        "number": number,
        "kind": attempt.kind,
        "meeting_id": attempt.meeting_id,
        "url": attempt.url,
        "attempt": attempt.attempt,
        "status": attempt.status,
        "error": attempt.error,
        "lost": attempt.lost,
        "given_up": attempt.given_up,
    }


def journal_words(entry: JournalEntry) -> Words:
    return {
        "call": entry.call,
        "method": entry.method,
        "url": entry.url,
        "checksum": entry.checksum,
        "outcome": entry.outcome,
    }
