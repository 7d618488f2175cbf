"""What a file is by its content: each kind is known, and none for another."""

import io
import tracemalloc

import pytest

from django_bbb.services.file_types import TYPES, type_by_name
from tests.slides import GOOD, HTML, PDF, archive, office, old_office, open_document


def fits(ending, content):
    return TYPES[ending].fits(io.BytesIO(content))


def test_there_is_a_sample_of_each():
    assert set(GOOD) == set(TYPES)


@pytest.mark.parametrize("ending", TYPES)
def test_each_is_known(ending):
    assert fits(ending, GOOD[ending])


SAME = [{".jpg", ".jpeg"}]


@pytest.mark.parametrize("ending", TYPES)
def test_none_is_taken_for_another(ending):
    others = {one for one in TYPES if one != ending and {one, ending} not in SAME}

    assert {one for one in others if fits(one, GOOD[ending])} == set()


@pytest.mark.parametrize("ending", TYPES)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        HTML,
        b"\xef\xbb\xbf \n" + HTML,
        b"MZ\x90\x00\x03",
        b"GIF89a\x01\x00",
        b"\x00" * 600,
        b"RIFF\x04\x00\x00\x00WAVEfmt ",
        b"PK\x03\x04",
        archive("evil.exe"),
        old_office("Package"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"{\\rtf1 hello}",
    ],
    ids=range(12),
)
def test_what_servers_make_no_slides_of_is_none_of_them(ending, content):
    if (ending, content) == (".txt", b""):
        return  # whether it is empty is asked elsewhere

    assert not fits(ending, content)


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        (".pptx", office("ppt/presentation.xml")[:-10]),  # its end is missing
        (".pptx", archive("ppt/presentation.xml")),
        (".pptx", b"#!/bin/sh\n" + office("ppt/presentation.xml")),
        (".odp", open_document("presentation-template")),
        (".odp", archive("mimetype", "content.xml")),
        (".odp", open_document("presentation")[:80]),
        (".pdf", b"\n" + PDF),
    ],
    ids=range(7),
)
def test_half_of_what_is_asked_for_is_not_enough(ending, content):
    assert not fits(ending, content)


def test_an_archive_that_lies_about_where_its_names_are_is_none():
    lying = bytearray(office("ppt/presentation.xml"))
    at = lying.rfind(b"PK\x05\x06")
    lying[at + 16 : at + 20] = b"\xff\xff\xff\x7f"

    assert not fits(".pptx", bytes(lying))


def test_of_an_archive_with_too_many_names_none_is_read():
    many = archive("[Content_Types].xml", "ppt/presentation.xml", *(f"{n:050}" for n in range(12_000)))

    tracemalloc.start()
    known = fits(".pptx", many)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert not known
    assert most < 1024 * 1024  # it has more than a million bytes of names


@pytest.mark.parametrize("name", ["slides", "slides.exe", "slides.pdf.html", "slides.svg", "slides.gif", ".pdf", ""])
def test_of_these_names_none_is_taken(name):
    assert type_by_name(name) is None
