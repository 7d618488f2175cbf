"""The buttons of the classroom page: which there are for whom, and what each of them does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .activity import REACTIONS, Activity, open_poll
from .meetings import Meeting, Person, Role
from .sessions import Session
from .world import World


class Button(NamedTuple):
    """A button by what it posts, what stands on it, and its look."""

    action: str
    label: str
    kind: str = "plain"
    #: Whom it is about, for who cannot see where it stands.
    about: str = ""


@dataclass(frozen=True)
class Press:
    """Somebody has pressed a button."""

    session: Session
    #: What stands behind the colon of the action: a person, a number, a word.
    target: str
    form: Mapping[str, str]
    world: World
    activity: Activity

    @property
    def meeting(self) -> Meeting:
        return self.session.meeting

    @property
    def me(self) -> Person:
        return self.session.person

    @property
    def other(self) -> Person:
        """The person the button stands beside; raises `LookupError` when they have gone."""
        return self.meeting.people[self.target]

    @property
    def number(self) -> int:
        return int(self.target)


# --- which there are ----------------------------------------------------------------------------------


def class_buttons(meeting: Meeting, me: Person) -> list[Button]:
    """Return the buttons for the class as a whole."""
    buttons = []
    if is_moderator(me) and has_record_button(meeting):
        on = meeting.is_being_recorded
        label = "Stop recording" if on else "Start recording"
        buttons.append(Button("stop-recording" if on else "start-recording", label))
    buttons.append(Button("leave", "Leave"))
    if is_moderator(me):
        buttons.append(Button("end", "End class", "danger"))
    return buttons


def own_buttons(me: Person) -> list[Button]:
    """Return the buttons for what somebody does themselves."""
    if me.has_joined_voice:
        sound = [Button("unmute", "Unmute") if me.is_muted else Button("mute", "Mute")]
    else:
        sound = [] if me.is_listening_only else [Button("unmute", "Talk"), Button("listen", "Listen only")]
    if me.has_joined_voice or me.is_listening_only:
        sound.append(Button("leave-audio", "Leave audio"))
    camera = Button("stop-webcam", "Stop webcam") if me.webcam else Button("start-webcam", "Start webcam")
    hand = Button("lower-hand", "Lower hand") if me.hand_raised else Button("raise-hand", "Raise hand")
    reactions = [Button(f"react:{word}", label) for word, label in REACTIONS.items() if word != me.emoji]
    return [*sound, camera, hand, *reactions]


def buttons_beside(other: Person, me: Person) -> list[Button]:
    """Return what a moderator can do to somebody."""
    if not is_moderator(me):
        return []
    found = []
    if not other.is_presenter:
        found.append(Button(f"make-presenter:{other.internal_user_id}", "Make presenter", about=other.name))
    if other is not me:
        if not other.is_muted:
            found.append(Button(f"mute-other:{other.internal_user_id}", "Mute", about=other.name))
        found.append(Button(f"remove:{other.internal_user_id}", "Remove", "danger", other.name))
    return found


def poll_buttons(meeting: Meeting, me: Person) -> list[Button]:
    """Return the answers somebody can still give, and the end of the poll for who leads it."""
    poll = open_poll(meeting)
    if poll is None:
        return []
    options = [] if me.user_id in poll.votes else poll.options
    answers = [Button(f"vote:{index}", option) for index, option in enumerate(options)]
    return [*answers, Button("close-poll", "Close poll")] if is_leading(me) else answers


def has_record_button(meeting: Meeting) -> bool:
    return meeting.settings.record and meeting.settings.allow_start_stop_recording


def is_moderator(person: Person) -> bool:
    return person.role is Role.MODERATOR


def is_leading(person: Person) -> bool:
    """Whether somebody may ask the class and choose the slides."""
    return person.is_presenter or is_moderator(person)


# --- what they do -------------------------------------------------------------------------------------

Deed = Callable[[Press], object]

_FOR_ALL: dict[str, Deed] = {
    "say": lambda press: press.activity.say(press.me, press.form.get("message", "")),
    "raise-hand": lambda press: press.activity.raise_hand(press.me, True),
    "lower-hand": lambda press: press.activity.raise_hand(press.me, False),
    "react": lambda press: press.activity.react(press.me, press.target),
    "listen": lambda press: press.activity.join_audio(press.me, listening_only=True),
    "leave-audio": lambda press: press.activity.leave_audio(press.me),
    "unmute": lambda press: press.activity.unmute(press.me),
    "mute": lambda press: press.activity.mute(press.me),
    "start-webcam": lambda press: press.activity.start_webcam(press.me),
    "stop-webcam": lambda press: press.activity.stop_webcam(press.me),
    "vote": lambda press: press.activity.vote(press.me, [press.number]),
}
_FOR_LEADERS: dict[str, Deed] = {
    "start-poll": lambda press: press.activity.start_poll(
        press.me, press.form.get("question", ""), press.form.get("options", "").splitlines()
    ),
    "close-poll": lambda press: press.activity.close_poll(press.me),
}
_FOR_PRESENTERS: dict[str, Deed] = {
    "show": lambda press: press.activity.show_document(press.me, press.number),
}
_FOR_MODERATORS: dict[str, Deed] = {
    "end": lambda press: press.world.end(press.meeting, forcibly=True),
    "start-recording": lambda press: _set_recording(press, True),
    "stop-recording": lambda press: _set_recording(press, False),
    "make-presenter": lambda press: press.activity.make_presenter(press.other),
    "mute-other": lambda press: press.activity.mute(press.other),
    "remove": lambda press: press.activity.leave(press.other),
}


def deed(name: str, me: Person) -> Deed | None:
    """Return what a button does; None for one that this person does not have."""
    return (
        _FOR_ALL.get(name)
        or (_FOR_LEADERS.get(name) if is_leading(me) else None)
        or (_FOR_PRESENTERS.get(name) if me.is_presenter else None)
        or (_FOR_MODERATORS.get(name) if is_moderator(me) else None)
    )


def _set_recording(press: Press, on: bool) -> None:
    if has_record_button(press.meeting):
        press.world.set_recording(press.meeting, on)
