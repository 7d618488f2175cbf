"""What holds for any input: values arrive as they were sent, and nothing escapes the error tree.

``HYPOTHESIS_PROFILE`` chooses how long is searched (`tests/api/conftest.py`).
"""

import contextlib
import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from django_bbb.api import BBBError, BigBlueButtonClient, InvalidParameters, Secret, callbacks, parameters, wire, xml
from django_bbb.api.responses import Meeting, Recording

SECRET = "a secret of this test, as long as those of servers are"
URL = "https://bbb.example.org/bigbluebutton/api/"
CALLS = [one for one in vars(parameters).values() if isinstance(one, type) and one.__name__.endswith("Parameters")]
LINES = sorted({(call.__name__, parameter.python_name) for call in CALLS for parameter in wire.table(call).values()})

any_text = st.text(max_size=60)
moments = st.integers(0, 10**11).map(lambda tenths: datetime.fromtimestamp(tenths / 10, UTC))
names = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


# --- out: any value of any parameter ------------------------------------------------------------------


def values(parameter: wire.Parameter) -> st.SearchStrategy[Any]:
    """Return values a parameter may be given, good ones and some that are not."""
    forms: dict[str, st.SearchStrategy[Any]] = {
        "pairs": st.dictionaries(names, any_text, max_size=3),
        "words": st.lists(any_text, max_size=4),
        "json": st.lists(st.dictionaries(names, any_text, max_size=2), max_size=3),
        "minutes": st.integers(-5, 10**6) | st.timedeltas(timedelta(-1), timedelta(99)),
        "milliseconds": st.integers(-5, 10**14) | moments,
        "url": any_text.map("https://lms.example.org/".__add__) | any_text,
    }
    if parameter.wire.form in forms:
        return forms[parameter.wire.form]
    if parameter.wire.pattern:
        return st.from_regex(parameter.wire.pattern, fullmatch=True) | any_text
    simple = {bool: st.booleans(), int: st.integers(-5, 150)}
    return simple.get(parameter.kind, any_text)


def as_sent(parameter: wire.Parameter, value: Any) -> list[tuple[str, str]]:
    """What a server should read, written down once more and differently."""
    name = parameter.wire.name
    if parameter.wire.form == "pairs":
        return [(name + key, text) for key, text in value.items()]
    if parameter.wire.form == "words":
        return [(name, ",".join(value))]
    if parameter.wire.form == "json":
        return [(name, json.dumps(value, separators=(",", ":"), ensure_ascii=False))]
    if isinstance(value, timedelta):
        return [(name, str(int(value.total_seconds()) // 60))]
    if isinstance(value, datetime):
        whole = value - datetime(1970, 1, 1, tzinfo=UTC)
        return [(name, str(whole.days * 86_400_000 + whole.seconds * 1000 + whole.microseconds // 1000))]
    return [(name, str(value).lower() if isinstance(value, bool) else str(value))]


def checked_as_the_server_does(url: str) -> list[tuple[str, str]]:
    """Verify the checksum over the query as received, and decode it: `ValidationService.java`, once more."""
    parts = urlsplit(url)
    query, _, digest = parts.query.rpartition("checksum=")
    call = parts.path.rsplit("/", 1)[1]
    assert hashlib.sha256((call + query.rstrip("&") + SECRET).encode()).hexdigest() == digest
    return parse_qsl(query.rstrip("&"), keep_blank_values=True, strict_parsing=bool(query))


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("table", "line"), LINES)
@given(data=st.data())
@settings(max_examples=max(5, settings().max_examples // 50))
def test_what_is_sent_arrives_as_it_was(table: str, line: str, data: st.DataObject) -> None:  # threats.md 62
    call = getattr(parameters, table)
    parameter = wire.table(call)[line]
    value = data.draw(values(parameter))
    client = BigBlueButtonClient(URL, SECRET)
    enough = {one.python_name: _good(one) for one in wire.required(call)}

    try:
        url = client._connection.sign("create", {**enough, line: value}, call)
    except InvalidParameters:
        return

    received = checked_as_the_server_does(url)
    expected = [] if value in ("", {}) else as_sent(parameter, value)
    assert [pair for pair in received if pair[0].startswith(parameter.wire.name)][: len(expected)] == expected
    assert len(received) == len(enough.keys() - {line}) + len(expected)


def _good(parameter: wire.Parameter) -> Any:
    special = {"url": "https://lms.example.org/", "words": ["ab"]}
    if parameter.wire.form in special:
        return special[parameter.wire.form]
    if parameter.wire.name == "lang":
        return "en"
    return True if parameter.kind is bool else "ab"


# --- in: anything at all ------------------------------------------------------------------------------


TAGS = (
    "response", "returncode", "recordings", "recording", "recordID", "meetingID", "startTime", "size", "playback",
    "format", "type", "url", "length", "preview", "images", "image", "metadata", "meetings", "meeting", "attendees",
    "attendee", "customdata", "createTime", "participantCount", "breakout", "parentId", "sequence", "running",
)  # fmt: skip


def documents() -> st.SearchStrategy[bytes]:
    """Return documents that are nearly answers: right elements in wrong places, wrong texts in right ones."""
    tags = st.sampled_from(TAGS)
    texts = st.sampled_from(["", "true", "SUCCESS", "FAILED", "1,234", "-1", "9" * 30, "x" * 20, "https://a/b"])

    def build(tag: str, text: str, children: list[etree._Element]) -> etree._Element:
        element = etree.Element(tag)
        element.text = text
        element.extend(children)
        return element

    trees = st.recursive(
        st.builds(build, tags, texts, st.just([])),
        lambda inner: st.builds(build, tags, texts, st.lists(inner, max_size=5)),
        max_leaves=25,
    )
    return trees.map(lambda tree: etree.tostring(build("response", "", [tree])))


@given(st.binary(max_size=400) | documents())
def test_no_answer_breaks_out_of_the_error_tree(body: bytes) -> None:  # threats.md 64
    try:
        root = xml.parse(body, call="getRecordings", server="bbb")
    except BBBError:
        return

    assert root.tag == "response"
    for element in root.iter():
        for kind in (Recording, Meeting):
            with contextlib.suppress(BBBError):
                assert isinstance(kind.from_xml(element), kind)


@given(documents(), st.integers(1, 50))
def test_a_walk_finds_what_parsing_finds(body: bytes, piece: int) -> None:
    root = xml.parse(body)
    expected = [etree.tostring(one) for one in root.iterfind("recordings/recording")]

    chunks = (body[start : start + piece] for start in range(0, len(body), piece))
    walked = xml.walk(chunks, path=("recordings", "recording"))

    assert [etree.tostring(one) for one in walked if one.tag == "recording"] == expected


@given(st.binary(max_size=400) | documents(), st.integers(0, 400))
def test_a_walk_through_anything_ends_in_the_error_tree(body: bytes, cut: int) -> None:
    whole = []
    cut_off = body[:-1]

    with contextlib.suppress(BBBError):
        whole = list(xml.walk([cut_off[:cut], cut_off[cut:]], path=("recordings", "recording")))

    assert whole == []  # what is cut off never passes for an answer


# --- callbacks ----------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=10,
)


def signed(claims: Any, header: Any) -> str:
    """A token by hand, with the right secret: what is in it may be anything."""
    parts = [urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)]
    digest = hmac.new(SECRET.encode(), b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, urlsafe_b64encode(digest).rstrip(b"=")]).decode()


@given(
    claims=json_values | st.fixed_dictionaries({"meeting_id": json_values, "record_id": json_values}),
    header=st.just({"alg": "HS256"}) | st.fixed_dictionaries({"alg": json_values}) | json_values,
)
def test_a_signed_token_may_hold_anything(claims: Any, header: Any) -> None:  # threats.md 9, 15
    body = f"signed_parameters={signed(claims, header)}".encode()

    try:
        event = callbacks.recording_ready(
            body, content_type="application/x-www-form-urlencoded", secrets=[Secret(SECRET)]
        )
    except BBBError:
        return

    assert callbacks.RECORD_ID.fullmatch(event.record_id)
    assert isinstance(event.meeting_id, str)


@given(body=st.binary(max_size=300), kind=any_text | st.sampled_from(["application/json", "text/plain"]))
def test_a_body_may_be_anything(body: bytes, kind: str) -> None:
    for content_type in (kind, "application/json", "application/x-www-form-urlencoded"):
        with pytest.raises(BBBError):
            callbacks.recording_ready(body, content_type=content_type, secrets=[Secret(SECRET)])
