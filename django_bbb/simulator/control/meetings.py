"""Meetings and the people in them, by HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields

from ..activity import NotPossible
from ..bots import Timetable
from ..meetings import Meeting, MeetingSettings, Person, Role
from .fields import Fields
from .refusals import bad, not_found
from .routes import Asked, Route
from .words import meeting_words, person_words, poll_words

_STATES = ("created", "running", "ended")
#: What a create call cannot say, or has a field of its own here.
_NOT_SETTINGS = {"meeting_id", "parent_internal_id", "disabled_features"}


def list_meetings(asked: Asked) -> object:
    asked.fields.finish()
    return {"meetings": [meeting_words(one) for one in asked.simulator.meetings.values()]}


def show_meeting(asked: Asked) -> object:
    asked.fields.finish()
    meeting = _meeting(asked)
    return {**meeting_words(meeting), "polls": [poll_words(poll) for poll in meeting.polls]}


def create_meeting(asked: Asked) -> object:
    """Create a meeting, and bring it into the state that is asked for."""
    given, simulator = asked.fields, asked.simulator
    meeting_id = given.required_text("meeting_id")
    state = given.choice("state", _STATES, "created")
    people = given.number("people", 1 if state == "running" else 0, most=100_000)
    recorded = given.flag("recorded")
    settings = _settings(given)
    given.finish()
    if recorded and not settings.get("record"):
        raise bad("Only a meeting with record can be recorded.")
    if meeting_id in simulator.meetings and not simulator.meetings[meeting_id].ended:
        raise NotPossible(f"There is a meeting {meeting_id} already.")
    meeting = simulator.create_meeting(meeting_id, **settings)  # type: ignore[arg-type]  # each was checked
    if people:
        simulator.add_people(meeting_id, people)
    if recorded:
        simulator.set_recording(meeting_id, True)
    if state == "ended":
        simulator.end_meeting(meeting_id)
    return meeting_words(meeting)


def change_meeting(asked: Asked) -> object:
    """Switch recording on or off, or end the meeting."""
    given, meeting = asked.fields, _meeting(asked)
    is_recording = given.flag("is_being_recorded") if "is_being_recorded" in given else None
    ends = "state" in given and given.choice("state", ("ended",), "ended") == "ended"
    given.finish()
    if is_recording is not None:
        asked.simulator.set_recording(meeting.meeting_id, is_recording)
    if ends:
        asked.simulator.end_meeting(meeting.meeting_id)
    return meeting_words(meeting)


def end_meeting(asked: Asked) -> object:
    asked.fields.finish()
    meeting = _meeting(asked)
    asked.simulator.end_meeting(meeting.meeting_id)
    return meeting_words(meeting)


# --- people -------------------------------------------------------------------------------------------


def list_people(asked: Asked) -> object:
    asked.fields.finish()
    return {"people": [person_words(one) for one in list(_meeting(asked).people.values())]}


def add_people(asked: Asked) -> object:
    """Let one person in by name, or a number of people who follow a timetable."""
    given, meeting = asked.fields, _meeting(asked)
    if "count" in given:
        return _add_crowd(asked, meeting)
    name = given.required_text("name")
    role = Role(given.choice("role", tuple(Role), Role.VIEWER))
    user_id, guest = given.text("user_id"), given.flag("guest")
    custom_data = given.mapping("custom_data")
    given.finish()
    person = asked.simulator.join(
        meeting.meeting_id, name, role=role, user_id=user_id, guest=guest, custom_data=custom_data
    )
    return person_words(person)


def _add_crowd(asked: Asked, meeting: Meeting) -> object:
    given = asked.fields
    count = given.number("count", least=1, most=100_000)
    seed = given.number("seed", most=2**31) if "seed" in given else None
    timetable = _timetable(given)
    given.finish()
    crowd = asked.simulator.add_people(meeting.meeting_id, count, timetable, seed=seed)
    return {"count": count, "inside": len(crowd.people)}


def _timetable(given: Fields) -> Timetable:
    words: dict[str, object] = {}
    for field in fields(Timetable):
        if field.name not in given:
            continue
        if field.name == "stay":
            words["stay"] = given.span("stay")
        elif isinstance(field.default, bool):
            words[field.name] = given.flag(field.name)
        elif isinstance(field.default, int):
            words[field.name] = given.number(field.name)
        else:
            words[field.name] = given.decimal(field.name)
    return Timetable(**words)  # type: ignore[arg-type]  # each was taken as what it is


def remove_person(asked: Asked) -> object:
    asked.fields.finish()
    person = _person(asked)
    asked.simulator.leave(person)
    return person_words(person)


def act(asked: Asked) -> object:
    """Let a person do things; the fields say which, and are done in this order."""
    given, person = asked.fields, _person(asked)
    deeds = [deed(asked, person) for name, deed in _DEEDS.items() if name in given]
    given.finish()
    for do in deeds:
        do()
    return person_words(person)


Deed = Callable[[Asked, Person], Callable[[], object]]


def _start_poll(asked: Asked, person: Person) -> Callable[[], object]:
    question = asked.fields.required_text("question")
    options = asked.fields.texts("options", ("Yes", "No"))
    return lambda: asked.simulator.activity.start_poll(person, question, options)


def _text(method: str, name: str) -> Deed:
    def deed(asked: Asked, person: Person) -> Callable[[], object]:
        text = asked.fields.required_text(name)
        return lambda: getattr(asked.simulator.activity, method)(person, text)

    return deed


def _switch(name: str, on: str, off: str) -> Deed:
    def deed(asked: Asked, person: Person) -> Callable[[], object]:
        method = on if asked.fields.flag(name) else off
        return lambda: getattr(asked.simulator.activity, method)(person)

    return deed


def _hand(asked: Asked, person: Person) -> Callable[[], object]:
    raised = asked.fields.flag("hand_raised")
    return lambda: asked.simulator.activity.raise_hand(person, raised)


def _listen(asked: Asked, person: Person) -> Callable[[], object]:
    if not asked.fields.flag("listening_only"):
        return lambda: asked.simulator.activity.leave_audio(person)
    return lambda: asked.simulator.activity.join_audio(person, listening_only=True)


def _presenter(asked: Asked, person: Person) -> Callable[[], object]:
    if not asked.fields.flag("presenter"):
        raise bad("presenter is true: somebody stops being it when another begins.")
    return lambda: asked.simulator.activity.make_presenter(person)


def _vote(asked: Asked, person: Person) -> Callable[[], object]:
    answers = asked.fields.numbers("answers")
    return lambda: asked.simulator.activity.vote(person, answers)


_DEEDS: Mapping[str, Deed] = {
    "presenter": _presenter,
    "listening_only": _listen,
    "voice": _switch("voice", "join_audio", "leave_audio"),
    "muted": _switch("muted", "mute", "unmute"),
    "webcam": _switch("webcam", "start_webcam", "stop_webcam"),
    "hand_raised": _hand,
    "emoji": _text("react", "emoji"),
    "message": _text("say", "message"),
    "question": _start_poll,
    "answers": _vote,
}


# --- small things -------------------------------------------------------------------------------------


def _settings(given: Fields) -> dict[str, object]:
    """Return those settings of a create call that were given, each of the kind it is."""
    words: dict[str, object] = {}
    for field in fields(MeetingSettings):
        if field.name in _NOT_SETTINGS or field.name not in given:
            continue
        default = field.default
        if isinstance(default, bool):
            words[field.name] = given.flag(field.name)
        elif isinstance(default, int):
            words[field.name] = given.number(field.name)
        elif field.name == "metadata":
            words[field.name] = {key.lower(): value for key, value in given.mapping(field.name).items()}
        elif isinstance(default, tuple):
            words[field.name] = given.texts(field.name)
        elif default is None or default is MISSING or isinstance(default, str):
            words[field.name] = given.text(field.name)
    return words


def _meeting(asked: Asked) -> Meeting:
    meeting = asked.simulator.meetings.get(asked.names["meeting"])
    if meeting is None:
        raise not_found(f"There is no meeting {asked.names['meeting']}.")
    return meeting


def _person(asked: Asked) -> Person:
    """Return somebody who is inside, by internal id or by external id."""
    wanted = asked.names["person"]
    for person in list(_meeting(asked).people.values()):
        if wanted in {person.internal_user_id, person.user_id}:
            return person
    raise not_found(f"There is nobody with the id {wanted} in the meeting.")


MEETING_ROUTES = (
    Route("GET", "meetings", list_meetings, "the meetings"),
    Route("POST", "meetings", create_meeting, "create a meeting in any state"),
    Route("GET", "meetings/<meeting>", show_meeting, "one meeting, with its polls"),
    Route("PATCH", "meetings/<meeting>", change_meeting, "switch recording on or off; end it"),
    Route("DELETE", "meetings/<meeting>", end_meeting, "end it"),
    Route("GET", "meetings/<meeting>/people", list_people, "who is inside"),
    Route("POST", "meetings/<meeting>/people", add_people, "let one person in, or many who follow a timetable"),
    Route("PATCH", "meetings/<meeting>/people/<person>", act, "let somebody do something"),
    Route("DELETE", "meetings/<meeting>/people/<person>", remove_person, "let somebody leave"),
)
