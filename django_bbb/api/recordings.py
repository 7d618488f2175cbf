"""Calls about recordings and their text tracks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from os import PathLike
from typing import Unpack

from . import parameters, wire
from .arguments import (
    DeleteRecordingsArguments,
    GetRecordingsArguments,
    GetRecordingTextTracksArguments,
    PublishRecordingsArguments,
    PutRecordingTextTrackArguments,
    UpdateRecordingsArguments,
)
from .connection import Connection
from .documents import encode_text_track
from .errors import UnreadableResponse, server_error
from .json_answers import json_items, json_text
from .responses import Listing, Recording, TextTrack
from .xml import Element

#: These come with SUCCESS by the documentation and with FAILED by the code (RecordingController.groovy).
_NOT_UPLOADED = {"upload_text_track_failed", "empty_uploaded_text_track"}


class Recordings:
    """Calls about recordings; use them as ``client.recordings``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_recordings(self, **arguments: Unpack[GetRecordingsArguments]) -> Listing[Recording]:
        """Return recordings, each once: a page may cut one in two, and its formats are put together again.

        Takes the fields of `django_bbb.api.parameters.GetRecordingsParameters`.  Ids match from the beginning: an
        empty or short one finds the recordings of others.  What cannot be read among others is left out and
        counted in ``skipped``; raises `UnreadableResponse` where nothing can be read.  None at all may also mean
        that the server refuses to list without a filter.
        """
        root = self._connection.call("getRecordings", arguments, parameters.GetRecordingsParameters)
        listed = root.iterfind("recordings/recording")
        found = self._connection.read_each("getRecordings", listed, Recording.from_xml)
        return Listing(_merged(found), skipped=found.skipped, total=_total(root))

    def iter_recordings(
        self, *, page_size: int | None = None, **arguments: Unpack[GetRecordingsArguments]
    ) -> Iterator[Recording]:
        """Walk through any number of recordings in bounded memory, each once.

        Takes the fields of `django_bbb.api.parameters.GetRecordingsParameters` but limit and offset.  Without a
        ``page_size`` (1 to 100) it is one answer of any size, read while it comes.  Pages end where one brings
        nothing new; a balancer that knows no pages sends everything at once.  What cannot be read is left out, and
        counted in the log.  An error in the middle means that there is more than what came.
        """
        if page_size is None:
            yield from self._walk(arguments)
            return
        held: Recording | None = None
        before: set[str] = set()
        offset, over = 0, False
        while not over:
            page: set[str] = set()
            for one in self._walk({**arguments, "limit": page_size, "offset": offset}):
                page.add(one.record_id)
                if held is not None and held.record_id == one.record_id:
                    held = _merge(held, one)  # a page had cut it in two
                elif one.record_id not in before:
                    if held is not None:
                        yield held
                    held = one
            over = page <= before or len(page) > page_size
            before, offset = page, offset + page_size
        if held is not None:
            yield held

    def _walk(self, arguments: Mapping[str, object]) -> Iterator[Recording]:
        call, read, skipped = "getRecordings", 0, 0
        path = ("recordings", "recording")
        for element in self._connection.walk(call, arguments, parameters.GetRecordingsParameters, path=path):
            try:
                recording = Recording.from_xml(element)
            except UnreadableResponse:
                skipped += 1
                continue
            read += 1
            yield recording
        if skipped:
            self._connection.report_skipped(call, skipped, skipped + read)

    def publish_recordings(self, **arguments: Unpack[PublishRecordingsArguments]) -> None:
        """Publish or unpublish; with several ids the server says yes when it knows one of them.

        Takes the fields of `django_bbb.api.parameters.PublishRecordingsParameters`; raises `RecordingNotFound`.
        The files are moved some seconds later.
        """
        self._connection.call("publishRecordings", arguments, parameters.PublishRecordingsParameters)

    def delete_recordings(self, **arguments: Unpack[DeleteRecordingsArguments]) -> None:
        """Delete; the server moves the files away and removes them later, by its own rules.

        Takes the fields of `django_bbb.api.parameters.DeleteRecordingsParameters`; raises `RecordingNotFound`.
        """
        self._connection.call("deleteRecordings", arguments, parameters.DeleteRecordingsParameters)

    def update_recordings(self, **arguments: Unpack[UpdateRecordingsArguments]) -> None:
        """Set facts of recordings (``meta``), or remove those that are given as empty.

        Takes the fields of `django_bbb.api.parameters.UpdateRecordingsParameters`; raises `RecordingNotFound`.
        Ids match from the beginning here as well: give whole ones.
        """
        root = self._connection.call("updateRecordings", arguments, parameters.UpdateRecordingsParameters)
        if wire.to_text(root.findtext("updated")) == "false":
            # Scalelite says SUCCESS where one of the ids is not its own, and has changed nothing.
            raise server_error(
                call="updateRecordings", server=self._connection.name, message_key="notFound", message="updated=false"
            )

    def get_recording_text_tracks(self, **arguments: Unpack[GetRecordingTextTracksArguments]) -> Listing[TextTrack]:
        """Return the text tracks of one recording; their addresses are good for one use and one hour.

        Takes the fields of `django_bbb.api.parameters.GetRecordingTextTracksParameters`; raises
        `RecordingNotFound`.
        """
        table = parameters.GetRecordingTextTracksParameters
        answer = self._connection.call_json("getRecordingTextTracks", arguments, table)
        return self._connection.read_each(
            "getRecordingTextTracks", json_items(answer.get("tracks")), TextTrack.from_json
        )

    def put_recording_text_track(
        self,
        *,
        path: str | PathLike[str] | None = None,
        content: bytes | None = None,
        filename: str = "",
        **arguments: Unpack[PutRecordingTextTrackArguments],
    ) -> None:
        """Upload a text track, by ``path`` or as ``content`` with a ``filename``; .srt, .vtt, .ssa and .ass.

        Takes the fields of `django_bbb.api.parameters.PutRecordingTextTrackParameters`; the language is sent as
        ``en`` or ``en_US``, though it is told as ``en-US``.  Raises `RecordingNotFound`.  The server converts the
        track later, and does not say when it cannot.
        """
        call = "putRecordingTextTrack"
        body = encode_text_track(
            path=path, content=content, filename=filename, largest=self._connection.largest_document
        )
        answer = self._connection.call_json(call, arguments, parameters.PutRecordingTextTrackParameters, body=body)
        key = json_text(answer.get("messageKey"))
        if key in _NOT_UPLOADED:
            message = json_text(answer.get("message"))
            raise server_error(call=call, server=self._connection.name, message_key=key, message=message)


def _total(root: Element) -> int | None:
    """Return how many there are on all pages: 2.6 to 3.0 tell it one floor below where newer ones do."""
    return wire.to_number(root.findtext("totalElements") or root.findtext("pagination/totalElements"))


def _merged(recordings: Iterable[Recording]) -> Iterable[Recording]:
    """Servers before October 2025 count formats when they page, and may tell a recording twice."""
    found: dict[str, Recording] = {}
    for one in recordings:
        known = found.get(one.record_id)
        found[one.record_id] = one if known is None else _merge(known, one)
    return found.values()


def _merge(first: Recording, second: Recording) -> Recording:
    formats = dict.fromkeys((*first.formats, *second.formats))
    data = dict.fromkeys((*first.data, *second.data))
    return replace(second, formats=tuple(formats), data=tuple(data))
