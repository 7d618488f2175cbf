"""Reading 10 000 recordings of two formats and ten thumbnails each: about 41 MB of XML."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from django_bbb.api import xml
from django_bbb.api.responses import Image, PlaybackFormat, Recording

from .measure import Benchmark

COUNT = 1000  # of 10 000: a round of the benchmark is a tenth of the walk, and grows with it in a line

RECORDING = """<recording>
<recordID>{id}</recordID><meetingID>m-abcdefghijklmnopqrstuvwxyz</meetingID>
<internalMeetingID>{id}</internalMeetingID><name><![CDATA[Mathematics 7b &]]></name><isBreakout>false</isBreakout>
<published>true</published><state>published</state><startTime>1795253400000</startTime>
<endTime>1795256100000</endTime><participants>27</participants><rawSize>912345678</rawSize>
<metadata><bbb-origin>django-bbb</bbb-origin><isBreakout>false</isBreakout><meetingId>m-abcdef</meetingId>
<meetingName><![CDATA[Mathematics 7b &]]></meetingName></metadata><size>123456789</size>
<playback>{formats}</playback><data></data></recording>"""
FORMAT = """<format><type>{type}</type><url>
https://bbb.example.org/playback/presentation/2.3/{id}</url><processingTime>123456</processingTime>
<length>45</length><size>61728394</size><preview><images>{images}</images></preview></format>"""
IMAGE = """<image alt="Fractions, slide {n}" height="136" width="176">
https://bbb.example.org/presentation/{id}/slides/thumbs/thumb-{n}.png</image>"""


def pieces(count: int) -> Iterator[bytes]:
    """Yield the answer in the pieces a socket gives."""
    waiting = b"<response><returncode>SUCCESS</returncode><recordings>"
    for number in range(count):
        record_id = f"{number:040x}-1795253400000"
        images = "".join(IMAGE.format(n=n, id=record_id) for n in range(10))
        formats = "".join(FORMAT.format(type=one, id=record_id, images=images) for one in ("presentation", "video"))
        waiting += RECORDING.format(id=record_id, formats=formats).encode()
        while len(waiting) > 65536:
            yield waiting[:65536]
            waiting = waiting[65536:]
    yield waiting + b"</recordings></response>"


ANSWER = list(pieces(COUNT))


def ours() -> int:
    walked = xml.walk(ANSWER, path=("recordings", "recording"))
    return sum(1 for one in walked if one.tag == "recording" and Recording.from_xml(one))


def bare(build: Any) -> int:
    """A pull parser and one walk over the children, as one would write it for just this document."""
    parser = etree.XMLPullParser(events=("end",), tag="recording")
    count = 0
    for piece in ANSWER:
        parser.feed(piece)
        for _event, element in parser.read_events():
            build(element)
            count += 1
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return count


def read() -> int:
    """A pull parser that looks at the tag and the text of each element, and builds nothing."""
    parser = etree.XMLPullParser(events=("end",))
    count = 0
    for piece in ANSWER:
        parser.feed(piece)
        for _event, element in parser.read_events():
            tag, _text = element.tag, element.text
            if tag == "recording":
                count += 1
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    return count


def moment(text: str) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))


def build(element: Any) -> Recording:
    """The same objects by hand, trusting that everything is there and as it should be."""
    found = {child.tag: child for child in element}
    formats = []
    for one in found["playback"]:
        inside = {child.tag: child for child in one}
        images = [
            Image(
                url=image.text.strip(),
                alt=image.get("alt"),
                width=int(image.get("width")),
                height=int(image.get("height")),
            )
            for image in inside["preview"][0]
        ]
        formats.append(
            PlaybackFormat(
                type=inside["type"].text,
                url=inside["url"].text.strip(),
                processing_time=timedelta(milliseconds=int(inside["processingTime"].text)),
                length=timedelta(minutes=int(inside["length"].text)),
                size=int(inside["size"].text),
                images=tuple(images),
            )
        )
    return Recording(
        record_id=found["recordID"].text,
        meeting_id=found["meetingID"].text,
        internal_meeting_id=found["internalMeetingID"].text,
        name=found["name"].text,
        is_breakout=found["isBreakout"].text == "true",
        published=found["published"].text == "true",
        protected=None,
        state=found["state"].text,
        start_time=moment(found["startTime"].text),
        end_time=moment(found["endTime"].text),
        participants=int(found["participants"].text),
        raw_size=int(found["rawSize"].text),
        size=int(found["size"].text),
        metadata={child.tag: child.text for child in found["metadata"]},
        formats=tuple(formats),
        data=(),
        parent_id="",
        breakout_rooms=(),
    )


BENCHMARKS = [
    Benchmark("walk of recordings, to one that builds by hand", ours, lambda: bare(build), 1.3),
    Benchmark("walk of recordings, to one that reads tags and texts", ours, read, 2.5),
]
