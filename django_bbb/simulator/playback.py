"""Where recordings are watched: the addresses in getRecordings, and what is found there."""

import re

from markupsafe import Markup
from werkzeug.wrappers import Response

from . import pages
from .answers import html_error
from .recordings import Recording, Recordings
from .thumbnails import HEIGHT, WIDTH, thumbnail

_PAGE = re.compile(r"/playback/(?P<type>[a-z-]+)/(?P<record_id>[0-9a-f]{40}-[0-9]+)/?")
_THUMBNAIL = re.compile(
    r"/presentation/(?P<record_id>[0-9a-f]{40}-[0-9]+)/thumbnails/thumb-(?P<number>[0-9]{1,4})\.png"
)


def format_url(address: str, record_id: str, format_type: str) -> str:
    return f"{address}/playback/{format_type}/{record_id}"


def thumbnail_url(address: str, record_id: str, number: int) -> str:
    return f"{address}{_thumbnail_path(record_id, number)}"


def answer(path: str, recordings: Recordings) -> Response | None:
    """Return the playback page or picture at this path; None if the path is about something else.

    Unpublishing moves the files away on a real server, so the links are dead then.
    """
    if match := _THUMBNAIL.fullmatch(path):
        recording = recordings.get(match["record_id"])
        number = int(match["number"])
        if recording is None or not recording.published or not 1 <= number <= _images(recording):
            return html_error(404, "Not Found")
        return Response(thumbnail(number), content_type="image/png", headers={"Cache-Control": "no-cache"})
    if match := _PAGE.fullmatch(path):
        recording = recordings.get(match["record_id"])
        if recording is None or not recording.published:
            return html_error(404, "Not Found")
        if match["type"] not in {one.type for one in recording.formats}:
            return html_error(404, "Not Found")
        return _playback_page(recording, match["type"])
    return None


def _playback_page(recording: Recording, format_type: str) -> Response:
    minutes, seconds = divmod(recording.seconds, 60)
    body = pages.template("playback.html").format(
        name=recording.name,
        format=format_type,
        length=f"{minutes}:{seconds:02}",
        sentence=_SENTENCES.get(format_type, "A real server would play it here."),
        more=_more(recording, format_type),
    )
    return pages.page(f"{recording.name} ({format_type})", body)


_SENTENCES = {
    "presentation": "A real server would play it here. These are its slides:",
    "podcast": "A real server would play the sound here.",
    "notes": "A real server would show the shared notes here.",
    "statistics": "A real server would show more of what happened here.",
}


def _more(recording: Recording, format_type: str) -> Markup:
    """Return what there is to see in this format."""
    if format_type == "statistics":
        return Markup("<p>People: {}</p>").format(recording.participants)
    picture = Markup('<li><img src="{}" width="{}" height="{}" alt="Slide {}"></li>')
    shown = next((one.images for one in recording.formats if one.type == format_type), 0)
    pictures = Markup().join(
        picture.format(_thumbnail_path(recording.record_id, number), WIDTH, HEIGHT, number)
        for number in range(1, shown + 1)
    )
    return Markup('<ul class="slides">{}</ul>').format(pictures) if shown else Markup()


def _thumbnail_path(record_id: str, number: int) -> str:
    return f"/presentation/{record_id}/thumbnails/thumb-{number}.png"


def _images(recording: Recording) -> int:
    return max((one.images for one in recording.formats), default=0)
