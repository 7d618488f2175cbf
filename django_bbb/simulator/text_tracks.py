"""Subtitles and captions of recordings: kept as WebVTT, served by links that work once."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from werkzeug.wrappers import Response

from .answers import html_error
from .tickets import Tickets

#: Seconds for which a link to a track may be opened.
LINK_SECONDS = 60 * 60
PATH = "/bigbluebutton/textTrack/"

_PATH = re.compile(re.escape(PATH) + r"(?P<ticket>[\w-]+)/(?P<record_id>[0-9a-f]{40}-[0-9]+)/(?P<name>[\w-]+)\.vtt")
#: The times of SubRip have a comma where those of WebVTT have a point.
_SUBRIP_TIME = re.compile(r"(\d\d:\d\d:\d\d),(\d{3})")


@dataclass(frozen=True, kw_only=True)
class TextTrack:
    """One text that runs along with a recording."""

    kind: str
    #: A language as in RFC 5646, such as `en-US`.
    lang: str
    label: str
    source: str = "upload"
    #: WebVTT.
    text: str = field(default="WEBVTT\n", repr=False)

    @property
    def name(self) -> str:
        return f"{self.kind}_{self.lang}"


class TextTracks:
    """The tracks of all recordings.  Every method may be called from any thread."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._lock = threading.Lock()
        self._tickets = Tickets(seconds=LINK_SECONDS, time=time, single_use=True)
        self._tracks: dict[str, dict[str, TextTrack]] = {}

    def of(self, record_id: str) -> list[TextTrack]:
        """Return the tracks of a recording, oldest first."""
        with self._lock:
            return list(self._tracks.get(record_id, {}).values())

    def put(self, record_id: str, track: TextTrack) -> None:
        """Keep a track; one of the same kind and language takes the place of the older one."""
        with self._lock:
            self._tracks.setdefault(record_id, {})[track.name] = replace(track, text=as_webvtt(track.text))

    def url(self, record_id: str, track: TextTrack, address: str) -> str:
        """Return an address that serves the track once."""
        subject = f"{record_id}/{track.name}"
        return f"{address}{PATH}{self._tickets.issue(subject)}/{subject}.vtt"

    def answer(self, path: str) -> Response:
        """Serve the track at a path, if its ticket is good."""
        match = _PATH.fullmatch(path)
        if match is None or not self._tickets.accept(match["ticket"], f"{match['record_id']}/{match['name']}"):
            return html_error(404, "Not Found")
        with self._lock:
            track = self._tracks.get(match["record_id"], {}).get(match["name"])
        if track is None:
            return html_error(404, "Not Found")
        return Response(track.text, content_type="text/vtt;charset=utf-8", headers={"Cache-Control": "no-store"})

    def clear(self) -> None:
        with self._lock:
            self._tracks.clear()
        self._tickets.clear()


def as_webvtt(text: str) -> str:
    """Return a text as WebVTT; of the other formats SubRip is understood."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if text.startswith("WEBVTT"):
        return text
    return "WEBVTT\n\n" + _SUBRIP_TIME.sub(r"\1.\2", text)
