"""The call that writes in the public chat of a class."""

from werkzeug.wrappers import Response

from .answers import elements, success
from .calls import Call
from .events import EventKind
from .failures import Failed


def send_chat_message(call: Call) -> Response:
    """Write a message; key and text of the answer stay empty, by a slip in `send-chat-message.ftlx`."""
    given = call.parameters
    meeting_id, message, name = given.meeting_id(), given.text("message"), given.text("userName", "System")
    if not 1 <= len(message) <= 500:
        raise Failed("validationError", "A message has 1 to 500 characters.")
    if len(name) > 255:
        raise Failed("validationError", "A userName has at most 255 characters.")
    with call.world.lock:
        meeting = call.world.find(meeting_id)
        if meeting is None or not meeting.is_running:
            raise Failed("meetingNotFound", "There is no meeting with this id, or nobody is in it.")
        call.world.events.tell(EventKind.CHAT_MESSAGE_SENT, meeting=meeting, message=message, sender_name=name)
    return success(elements(messageKey="", message=""))
