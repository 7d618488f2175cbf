"""Which recordings getRecordings finds, and which part of them a page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter

from .answers import element, elements, wrap
from .calls import Call
from .failures import Failed, ServerBroke
from .recordings import PlaybackFormat, Recording, RecordingState

#: A recording and those of its formats that are shown.
Shown = tuple[Recording, Sequence[PlaybackFormat]]


@dataclass(frozen=True)
class Page:
    """What is listed, and what is said of the whole."""

    recordings: list[Shown]
    pagination: str = ""


def has_filter(call: Call) -> bool:
    given = call.parameters
    return bool(given.words("meetingID") or given.words("recordID") or given.metadata())


def find_recordings(call: Call) -> list[Recording]:
    """Return what was asked for, in the order of the server."""
    return _find_in_database(call) if call.profile.recordings_from_database else _find_in_folders(call)


def cut_page(call: Call, found: list[Recording]) -> Page:
    """Return what the limit leaves; without one, or where there are no pages, all."""
    whole: list[Shown] = [(one, one.formats) for one in found]
    if call.profile.paging == "none" or not call.parameters.get("limit"):
        return Page(whole)
    limit = min(max(call.parameters.number("limit", 100), 1), 100)
    offset = call.parameters.number("offset")
    if call.profile.paging == "recordings":
        return Page(whole[offset : offset + limit], element("totalElements", len(whole)))
    return _page_of_formats(found, offset, limit)


def _page_of_formats(found: list[Recording], offset: int, limit: int) -> Page:
    """Count formats in place of recordings, as servers did up to 2025: one may be cut in two by a page."""
    # One without formats counts as well.
    single = [(one, one.formats[place : place + 1]) for one in found for place in range(max(1, len(one.formats)))]
    cut = groupby(single[offset : offset + limit], key=itemgetter(0))
    shown: list[Shown] = [(one, list(chain.from_iterable(formats for _, formats in pairs))) for one, pairs in cut]
    pageable = wrap("pageable", [elements(offset=offset, limit=limit, paged=True, unpaged=False)])
    rest = elements(totalElements=len(single), empty=not shown)
    return Page(shown, wrap("pagination", [pageable, rest]))


def _find_in_folders(call: Call) -> list[Recording]:
    """Search as BigBlueButton does."""
    given = call.parameters
    wanted = given.metadata()
    if any(value in {"", "%"} for value in wanted.values()):
        raise ServerBroke  # the real one falls over an exception here
    return call.recordings.find(
        meeting_ids=given.words("meetingID"),
        record_ids=given.words("recordID"),
        states=given.words("state") or None,
        metadata=wanted,
    )


def _find_in_database(call: Call) -> list[Recording]:
    """Search as a balancer does: newest first, both kinds of ids count, one metadata filter is enough."""
    given = call.parameters
    if not call.profile.lists_all_recordings and not has_filter(call):
        raise Failed("missingParameters", "A meetingID, a recordID or metadata is needed.")
    meeting_ids = given.words("meetingID")
    wanted = [(key, value.split(",")) for key, value in given.metadata().items()]
    found = [
        one
        for one in call.recordings.find(record_ids=given.words("recordID"), states=given.words("state") or None)
        if (not meeting_ids or one.meeting_id in meeting_ids)
        and (not wanted or any(one.metadata.get(key) in values for key, values in wanted))
        # What was deleted is gone from the table.
        and one.state is not RecordingState.DELETED
    ]
    return sorted(found, key=lambda one: one.start_time, reverse=True)
