"""The calls about text tracks, which answer in JSON (`RecordingController.groovy`)."""

import re

from werkzeug.wrappers import Response

from .answers import json_answer
from .calls import Call
from .failures import JsonFailed
from .recordings import DEFAULT_STATES, Recording
from .text_tracks import TextTrack

_KINDS = frozenset({"subtitles", "captions"})
#: What Java's `LocaleUtils.toLocale` reads: `en`, `en_US`, but not `en-US`.
_LANGUAGE = re.compile(r"[a-z]{2}(_[A-Z]{2})?")


def get_recording_text_tracks(call: Call) -> Response:
    """List the tracks of one recording; each address works once."""
    record_id = call.parameters.record_ids()[0]
    if _find(call, record_id) is None:
        raise JsonFailed("noRecordings", "No recording was found for this recordID.")
    tracks = call.text_tracks.of(record_id)
    if not tracks:
        raise JsonFailed("noCaptionsFound", "This recording has no captions.")
    listed = [
        {
            "href": call.text_tracks.url(record_id, track, call.address),
            "kind": track.kind,
            "label": track.label,
            "lang": track.lang,
            "source": track.source,
        }
        for track in tracks
    ]
    return json_answer({"returncode": "SUCCESS", "tracks": listed})


def put_recording_text_track(call: Call) -> Response:
    """Keep an uploaded track; it is converted at once, where a server takes its time."""
    given = call.parameters
    record_id = given.record_ids()[0]
    kind, language = given.get("kind"), given.get("lang")
    if not kind or not language:
        raise JsonFailed("paramError", "The parameters kind and lang are needed.")
    if kind not in _KINDS:
        raise JsonFailed("invalidKind", "A kind is subtitles or captions.")
    if not _LANGUAGE.fullmatch(language):
        raise JsonFailed("invalidLang", "A language is written like en or en_US.")
    if _find(call, record_id) is None:
        raise JsonFailed("noRecordings", "No recording was found for this recordID.")
    upload = call.request.files.get("file")
    content = upload.stream.read() if upload is not None else b""
    if not content:
        raise JsonFailed("empty_uploaded_text_track", "The uploaded file is empty.", recordId=record_id)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise JsonFailed("upload_text_track_failed", "The file is not UTF-8 text.", recordId=record_id) from error
    lang = language.replace("_", "-")
    call.text_tracks.put(record_id, TextTrack(kind=kind, lang=lang, label=given.text("label", lang), text=text))
    return json_answer(
        {
            "messageKey": "upload_text_track_success",
            "message": "The text track was uploaded.",
            "recordId": record_id,
            "returncode": "SUCCESS",
        }
    )


def _find(call: Call, record_id: str) -> Recording | None:
    recording = call.recordings.get(record_id)
    return recording if recording is not None and recording.state in DEFAULT_STATES else None
