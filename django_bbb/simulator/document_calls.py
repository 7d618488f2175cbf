"""The call that brings slides into a running class."""

from werkzeug.wrappers import Response

from .activity import documents, presentation_id
from .answers import element, success
from .calls import Call
from .documents import current_place, read_documents
from .events import EventKind
from .failures import KeylessFailed, ServerBroke


def insert_document(call: Call) -> Response:
    """Add slides to those of the meeting; its answers have no messageKey, and success means no more than queued."""
    meeting_id = call.parameters.meeting_id()
    found = read_documents(call.xml_body, check_addresses=call.profile.checks_slide_addresses)
    if not found:
        raise ServerBroke  # the real one has no answer for it
    with call.world.lock:
        meeting = call.world.find(meeting_id)
        if meeting is None or meeting.ended:
            raise KeylessFailed("There is no meeting with this id.")
        if "presentation" in meeting.settings.disabled_features:
            raise KeylessFailed("Presentations are switched off in this meeting.")
        before = documents(meeting)
        meeting.settings.documents = (*before, *(one.name for one in found))
        meeting.documents.extend(found)
        place = current_place(found)
        if place is not None:
            meeting.current_document = number = len(before) + place
            call.world.events.tell(
                EventKind.PRESENTATION_CHANGED,
                meeting=meeting,
                presentation_id=presentation_id(meeting, number),
                file_name=found[place].name,
            )
    return success(element("message", "The presentation is being uploaded."))
