"""Slides and modules of create as XML, read back by an independent parser."""

import base64
import dataclasses
import random
import tracemalloc
import xml.etree.ElementTree as ElementTree

import pytest

from django_bbb.api import Document, Group, Modules
from django_bbb.api import documents as module


def encode_modules(*given, **options) -> tuple[bytes, list[str]]:
    body = module.encode_modules(*given, **options)
    if body is None:
        return b"", []
    assert body.content_type == ("application/xml" if body.content else "")
    return body.content, list(body.problems)


def documents(body: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Attributes and decoded content of each document."""
    root = ElementTree.fromstring(body)
    assert root.tag == "modules"
    found = root.findall("module[@name='presentation']/document")
    return [(one.attrib, base64.b64decode(one.text or "", validate=True)) for one in found]


def modules(body: bytes) -> dict[str, str]:
    return {one.get("name", ""): one.text or "" for one in ElementTree.fromstring(body) if one.text}


# --- slides -------------------------------------------------------------------------------------------


def test_slides_by_address_keep_their_order_and_say_what_was_given():
    body, problems = encode_modules(
        [
            Document(url="https://lms.example.org/a.pdf?x=1&y=2"),
            Document(url="http://lms.example.org/b", filename="b.pdf", current=True, downloadable=False),
            Document(url="https://lms.example.org/c.pdf", removable=False, current=False, downloadable=True),
        ]
    )

    assert problems == []
    assert documents(body) == [
        ({"url": "https://lms.example.org/a.pdf?x=1&y=2"}, b""),
        ({"url": "http://lms.example.org/b", "filename": "b.pdf", "current": "true", "downloadable": "false"}, b""),
        (
            {
                "url": "https://lms.example.org/c.pdf",
                "current": "false",
                "downloadable": "true",
                "removable": "false",
            },
            b"",
        ),
    ]


def test_slides_by_bytes_and_by_file_are_embedded(tmp_path):
    file = tmp_path / "Übung 1.pdf"
    file.write_bytes(b"%PDF by file")

    body, problems = encode_modules(
        [
            Document(content=b"%PDF by bytes", filename="a.pdf", current=True),
            Document(path=file),
            Document(path=str(file), filename="other.pdf"),
        ]
    )

    assert problems == []
    assert documents(body) == [
        ({"name": "a.pdf", "current": "true"}, b"%PDF by bytes"),
        ({"name": "Übung 1.pdf"}, b"%PDF by file"),
        ({"name": "other.pdf"}, b"%PDF by file"),
    ]


@pytest.mark.parametrize(
    "name",
    ["it's.pdf", 'a "b".pdf', "a & b.pdf", "]]>.pdf", "<c>.pdf", "Größe ½ 漢字 🎓.pdf", " a  b .pdf", "&amp;.pdf"],
)
def test_name_arrives_as_it_was_given(name):  # pitfalls.md 10
    body, problems = encode_modules(
        [Document(content=b"x", filename=name), Document(url="https://lms.example.org/'?\"=<&>", filename=name)]
    )

    assert problems == []
    assert documents(body) == [
        ({"name": name}, b"x"),
        ({"url": "https://lms.example.org/'?\"=<&>", "filename": name}, b""),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 196_607, 196_608, 196_609, 400_000])
def test_file_of_any_size_arrives_whole(tmp_path, size):
    content = random.Random(size).randbytes(size)
    (tmp_path / "a.pdf").write_bytes(content)

    body, _ = encode_modules([Document(content=content, filename="a.pdf"), Document(path=tmp_path / "a.pdf")])

    assert [one for _, one in documents(body)] == [content, content]


def test_big_file_is_in_memory_once(tmp_path):
    file = tmp_path / "a.pdf"
    file.write_bytes(bytes(12_000_000))
    tracemalloc.start()

    body, _ = encode_modules([Document(path=file)])

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(body) > 16_000_000
    assert peak < 1.3 * len(body)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (Document(), "must have one of url, path and content"),
        (Document(filename="a.pdf"), "must have one of url, path and content"),
        (Document(url="https://x.example.org/", content=b"x"), "must have one of url, path and content"),
        (Document(path="a.pdf", content=b"x"), "must have one of url, path and content"),
        ("https://lms.example.org/a.pdf", "must be a Document"),
        (Document(content="text", filename="a.pdf"), "'a.pdf' must be given as bytes"),
        *(
            (
                Document(url="https://lms.example.org/a.pdf", **{flag: "false"}),
                "must have True or False as current, downloadable and removable",
            )
            for flag in ("current", "downloadable", "removable")
        ),
        (Document(content=b"x"), "must have a filename with an extension, such as slides.pdf, not ''"),
        (Document(content=b"x", filename="a"), "must have a filename with an extension, such as slides.pdf, not 'a'"),
        (Document(content=b"", filename="a.pdf"), "'a.pdf' is empty"),
        (Document(content=b"12345", filename="a.pdf"), "'a.pdf' has 5 bytes; the server takes 4 at most"),
        (Document(path="nowhere/a.pdf"), "'a.pdf' cannot be read"),
        (Document(path="nowhere\0/a.pdf"), "'a.pdf' cannot be read"),
        *(
            (Document(content=b"x", filename=name), "must have a filename without control characters and folders")
            for name in ("../a.pdf", "C:\\a.pdf", "a\0.pdf", "a\n.pdf", "a\ud800.pdf", "a\uffff.pdf", "\x7f.pdf")
        ),
        (
            Document(url="https://lms.example.org/", filename="a/b.pdf"),
            "must have a filename without control characters and folders",
        ),
        *(
            (Document(url=url), "must have an absolute http or https address as its url")
            for url in (
                "ftp://lms.example.org/a.pdf",
                "file:///etc/passwd",
                "javascript:alert(1)",
                "data:application/pdf,x",
                "//lms.example.org/a.pdf",
                "a.pdf",
                "https://",
                "https://:443/a.pdf",
                "https://[x/a.pdf",
                " https://lms.example.org/a.pdf",
                "https://lms.example.org/a\0.pdf",
                "https://lms.example.org/\ud800.pdf",
            )
        ),
    ],
    ids=repr,
)
def test_slides_that_would_silently_fail_are_refused(document, problem):  # threats.md 53
    body, problems = encode_modules([Document(content=b"ok", filename="a.pdf"), document], largest=4)

    assert problems == [f"slides[1] {problem}."]
    assert body == b""


def test_folder_is_no_file(tmp_path):
    _, problems = encode_modules([Document(path=tmp_path, filename="a.pdf")])

    assert problems == ["slides[0] 'a.pdf' cannot be read."]


def test_size_of_a_file_is_known_before_it_is_read(tmp_path):
    with (tmp_path / "a.pdf").open("wb") as file:
        file.truncate(30_000_001)

    _, problems = encode_modules([Document(path=tmp_path / "a.pdf")])

    assert problems == ["slides[0] 'a.pdf' has 30000001 bytes; the server takes 30000000 at most."]


def test_file_that_goes_away_while_it_is_read_is_refused(going_away):
    body, problems = encode_modules([Document(path=going_away, filename="a.pdf")])

    assert (body, problems) == (b"", ["A file of the slides cannot be read to its end."])


def test_repr_shows_neither_an_address_with_its_token_nor_the_content():  # threats.md 75
    shown = repr([Document(url="https://x.example.org/?t=SENTINEL"), Document(content=b"SENTINEL", filename="a.pdf")])

    assert "SENTINEL" not in shown
    assert "a.pdf" in shown


@pytest.mark.parametrize("value", [Document(url="https://x.example.org/"), Modules(), Group("1")], ids=repr)
def test_what_is_given_does_not_change(value):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, "other")


# --- other modules ------------------------------------------------------------------------------------


def test_nothing_makes_no_body():
    assert module.encode_modules([]) is None
    assert module.encode_modules([], Modules()) is None


def test_modules_arrive_as_they_were_given():
    markdown = "# Plan ]]> <b> & Ä 🎓\n\n\t* one"
    body, problems = encode_modules(
        [],
        Modules(
            client_settings_override={"public": {"app": {"title": 'A & "B" ]]> \x7f \0 \ud800'}}},
            shared_notes_initial_content_json=[{"type": "paragraph"}],
            shared_notes_initial_content_markdown=markdown,
        ),
    )

    assert problems == []
    assert modules(body) == {
        "clientSettingsOverride": ('{"public": {"app": {"title": "A & \\"B\\" ]]> \\u007f \\u0000 \\ud800"}}}'),
        "sharedNotesInitialContentJson": '[{"type": "paragraph"}]',
        "sharedNotesInitialContentMarkdown": markdown,
    }


def test_empty_settings_are_sent_and_empty_notes_are_not():
    body, _ = encode_modules([], Modules(client_settings_override={}, shared_notes_initial_content_markdown=""))

    assert modules(body) == {"clientSettingsOverride": "{}"}


def test_modules_that_cannot_be_sent_are_refused_together():
    endless: list[object] = []
    endless.append(endless)

    body, problems = encode_modules(
        [Document()],
        Modules(
            client_settings_override={"a": {1, 2}},
            shared_notes_initial_content_json=endless,
            shared_notes_initial_content_markdown="a\0b",
        ),
    )

    assert body == b""
    assert problems == [
        "client_settings_override must be data that JSON can hold.",
        "shared_notes_initial_content_json must be data that JSON can hold.",
        "shared_notes_initial_content_markdown must have no control characters.",
        "slides[0] must have one of url, path and content.",
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_refused(value):
    _, problems = encode_modules([], Modules(client_settings_override={"a": value}))

    assert problems == ["client_settings_override must be data that JSON can hold."]
