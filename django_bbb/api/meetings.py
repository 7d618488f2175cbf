"""Calls about meetings and the people in them."""

from collections.abc import Mapping, Sequence
from typing import Unpack

from . import parameters, wire
from .arguments import (
    CreateArguments,
    EndArguments,
    FeedbackArguments,
    GetJoinUrlArguments,
    GetMeetingInfoArguments,
    InsertDocumentArguments,
    IsMeetingRunningArguments,
    JoinArguments,
    LearningDashboardArguments,
    SendChatMessageArguments,
)
from .connection import Connection
from .documents import Body, Document, Modules, encode_modules
from .errors import UnreadableResponse
from .json_answers import json_text, load
from .learning_dashboard import LearningDashboard
from .redaction import SignedURL
from .responses import CreatedMeeting, JoinedMeeting, Listing, Meeting, Session, web_address


class Meetings:
    """Calls about meetings; use them as ``client.meetings``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create_meeting(
        self, *, slides: Sequence[Document] = (), modules: Modules | None = None, **arguments: Unpack[CreateArguments]
    ) -> CreatedMeeting:
        """Create a meeting; the same call again finds the one that runs (``already_existed``).

        Takes the fields of `django_bbb.api.parameters.CreateParameters`, and what goes into the body.  May take
        long on a server that fetches settings or slides first.  Slides that cannot be fetched or converted are no
        error to the server: it says nothing.  Raises `IdNotUnique` and `NonUniqueVoiceBridge`.
        """
        _warn_of_no_recording(arguments)
        body = encode_modules(slides, modules, largest=self._connection.largest_document)
        root = self._connection.call("create", arguments, parameters.CreateParameters, body=body)
        with self._connection.reading("create"):
            return CreatedMeeting.from_xml(root)

    def join_url(self, **arguments: Unpack[JoinArguments]) -> SignedURL:
        """Return the URL that brings one person's browser into the class; calls no server.

        Takes the fields of `django_bbb.api.parameters.JoinParameters`.  Send the browser there at once and
        keep the URL nowhere: whoever has it gets in under that name.
        """
        return self._connection.sign("join", arguments, parameters.JoinParameters)

    def join(self, **arguments: Unpack[JoinArguments]) -> JoinedMeeting:
        """Open a session from here, not from a browser; for programs that take part themselves.

        Takes the fields of `django_bbb.api.parameters.JoinParameters`.  People need `join_url`: the cookie of
        this session stays here.  Raises `MeetingNotFound`, `CreateTimeMismatch`, `InvalidPassword`,
        `MaxParticipantsReached` and `GuestDenied`.
        """
        root = self._connection.call("join", {**arguments, "redirect": False}, parameters.JoinParameters)
        with self._connection.reading("join"):
            return JoinedMeeting.from_xml(root)

    def end_meeting(self, **arguments: Unpack[EndArguments]) -> None:
        """Ask the server to end a meeting; it does so within a second or some.

        Takes the fields of `django_bbb.api.parameters.EndParameters`.  Raises `MeetingNotFound`, which usually
        means that it has ended already.
        """
        self._connection.call("end", arguments, parameters.EndParameters)

    def is_meeting_running(self, **arguments: Unpack[IsMeetingRunningArguments]) -> bool:
        """Return whether somebody is inside; a meeting the server does not know is not running.

        Takes the fields of `django_bbb.api.parameters.IsMeetingRunningParameters`.
        """
        root = self._connection.call("isMeetingRunning", arguments, parameters.IsMeetingRunningParameters)
        return wire.to_truth(root.findtext("running"))

    def get_meetings(self) -> Listing[Meeting]:
        """Return all meetings of the server, those of others and breakout rooms among them.

        One that cannot be read among others is left out and counted in ``skipped``; raises `UnreadableResponse`
        where none can be read.  Some balancers list none at all: that a meeting is missing here does not mean
        that it has ended.
        """
        root = self._connection.call("getMeetings", {}, parameters.GetMeetingsParameters)
        return self._connection.read_each("getMeetings", root.iterfind("meetings/meeting"), Meeting.from_xml)

    def get_meeting_info(self, **arguments: Unpack[GetMeetingInfoArguments]) -> Meeting:
        """Return one meeting with the people in it; raises `MeetingNotFound`.

        Takes the fields of `django_bbb.api.parameters.GetMeetingInfoParameters`.
        """
        root = self._connection.call("getMeetingInfo", arguments, parameters.GetMeetingInfoParameters)
        with self._connection.reading("getMeetingInfo"):
            return Meeting.from_xml(root)

    def get_sessions(self) -> Listing[Session]:
        """Return the sessions of all people in all meetings of the server; balancers do not offer this."""
        root = self._connection.call("getSessions", {}, parameters.GetSessionsParameters)
        return self._connection.read_each("getSessions", root.iterfind("sessions/meeting"), Session.from_xml)

    def insert_document(self, *, slides: Sequence[Document], **arguments: Unpack[InsertDocumentArguments]) -> None:
        """Add slides to a running meeting; the view changes only to one that is ``current``.

        Takes the fields of `django_bbb.api.parameters.InsertDocumentParameters`.  They are fetched and converted
        later; the server does not say when it cannot.  It refuses an unknown meeting without a message key, so
        that this is a plain `ServerError`.
        """
        body = encode_modules(slides, largest=self._connection.largest_document)
        body = body or Body(problems=["slides is missing."])  # the server would not answer properly
        self._connection.call("insertDocument", arguments, parameters.InsertDocumentParameters, body=body)

    def send_chat_message(self, **arguments: Unpack[SendChatMessageArguments]) -> None:
        """Write into the public chat; 3.0 and newer.

        Takes the fields of `django_bbb.api.parameters.SendChatMessageParameters`.  Raises `MeetingNotFound`, also
        where the meeting is there and nobody is inside.
        """
        self._connection.call("sendChatMessage", arguments, parameters.SendChatMessageParameters)

    def get_join_url(self, **arguments: Unpack[GetJoinUrlArguments]) -> SignedURL:
        """Return a URL by which the person of a session opens another one; 3.0 and newer.

        Takes the fields of `django_bbb.api.parameters.GetJoinUrlParameters`.  The server signs it, and asks for
        the cookie of the session unless the meeting was created with ``allow_requests_without_session``.  A
        session it does not know is a plain `ServerError`, without a message key.
        """
        answer = self._connection.call_json("getJoinUrl", arguments, parameters.GetJoinUrlParameters)
        url = web_address(json_text(answer.get("url")))
        with self._connection.reading("getJoinUrl"):
            if not url:
                raise UnreadableResponse("The answer of getJoinUrl has no address.")
            return SignedURL(url)

    def learning_dashboard(self, **arguments: Unpack[LearningDashboardArguments]) -> LearningDashboard:
        """Return who was there and what they did, as a moderator's session may see it; 2.4 and newer.

        Takes the fields of `django_bbb.api.parameters.LearningDashboardParameters`.  Every refusal is a plain
        `ServerError`, without a message key.
        """
        answer = self._connection.call_json("learningDashboard", arguments, parameters.LearningDashboardParameters)
        data = answer.get("data")
        if isinstance(data, str):  # JSON inside of JSON
            data = load(data)
        with self._connection.reading("learningDashboard"):
            if not isinstance(data, dict):
                raise UnreadableResponse("The answer of learningDashboard has no data.")
            return LearningDashboard.from_json(data)

    def feedback(self, **arguments: Unpack[FeedbackArguments]) -> None:
        """Say how somebody liked the class.

        Takes the fields of `django_bbb.api.parameters.FeedbackParameters`.  Only a beta of 3.0 is known to answer
        this; others raise `UnsupportedCall`.
        """
        self._connection.call_json("feedback", arguments, parameters.FeedbackParameters, body=Body())


def _warn_of_no_recording(arguments: Mapping[str, object]) -> None:
    """The server takes it without a word, keeps all raw data, and never makes a recording of them."""
    starts = arguments.get("auto_start_recording", arguments.get("autoStartRecording"))
    may_start = arguments.get("allow_start_stop_recording", arguments.get("allowStartStopRecording"))
    if starts is False and may_start is False and arguments.get("record"):
        wire.warn(
            "auto_start_recording and allow_start_stop_recording are both false: nobody can start the recording.",
            UserWarning,
        )
