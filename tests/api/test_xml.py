"""Documents that are none, or that want something of the parser."""

import contextlib
import os
import re
import socket
import threading

import pytest
from lxml import etree

from django_bbb.api import UnreadableResponse, xml
from django_bbb.api.xml import describe, parse

GOOD = b"<response><returncode>SUCCESS</returncode></response>"


def refused(body: bytes) -> str:
    """Return what the parser says against a body."""
    with pytest.raises(UnreadableResponse) as caught:
        parse(body, call="getMeetings", server="bbb.example.org")
    assert (caught.value.call, caught.value.server) == ("getMeetings", "bbb.example.org")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # lxml's own error quotes the document
    return str(caught.value)


def test_response_is_returned():
    assert parse(GOOD).findtext("returncode") == "SUCCESS"


def test_error_says_who_answered_what_and_where_to_look():
    assert refused(b"<html></html>") == (
        "bbb.example.org answered getMeetings with <html>, which is not BigBlueButton's. "
        "Check the address: it usually ends in /bigbluebutton/api/."
    )


@pytest.mark.parametrize("body", [b"", b" \n\t "])
def test_empty_body_is_refused(body):  # threats.md 64
    assert "an empty page" in refused(body)


@pytest.mark.parametrize(
    "body",
    [
        b"<html><head><title>502 Bad Gateway</title></head><body><hr><center>nginx</body></html>",
        b"<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><p>Welcome",
        b"  <!doctype HTML><title>Log in</title>",
    ],
)
def test_html_is_called_html(body):  # pitfalls.md 8, threats.md 64
    assert "an HTML page" in refused(body)


def test_html_that_is_well_formed_is_refused_by_its_root():  # threats.md 64
    assert "<html>" in refused(b"<html><body><response/></body></html>")


@pytest.mark.parametrize("body", [b'{"response":{"returncode":"FAILED"}}', b" [1, 2]", b"{"])
def test_json_is_called_json(body):  # threats.md 64
    assert "with JSON" in refused(body)


@pytest.mark.parametrize("body", [b"OK", b"\x00\x01", b"bbb-webhooks up!", b"\x1f\x8b\x08"])
def test_anything_else_is_called_no_xml(body):  # threats.md 64
    assert "something that is no XML" in refused(body)


@pytest.mark.parametrize("cut", range(1, len(GOOD)))
def test_truncated_document_is_refused_wherever_it_is_cut(cut):  # threats.md 71
    assert "ill-formed or cut-off XML" in refused(GOOD[:cut])


@pytest.mark.parametrize(
    "body",
    [
        b"<response><a>\xff\xfe</a></response>",
        b"<response><a>\xc3</a></response>",
        b"<response><a>\xed\xa0\x80</a></response>",
        b"<response><a>\x00</a></response>",
        b"<response><a>&#0;</a></response>",
        b"<response><a>&nbsp;</a></response>",
        b"<response><a></b></response>",
        b"<response><1x/></response>",
        GOOD + GOOD,
        GOOD + b"rest",
        "<?xml version='1.0' encoding='iso-8859-1'?><response>ü</response>".encode("latin-1"),
        GOOD.decode().encode("utf-16"),
        GOOD.decode().encode("utf-16-le"),
        GOOD.decode().encode("utf-32"),
    ],
)
def test_ill_formed_document_and_other_encoding_are_refused(body):  # threats.md 72
    assert "is not BigBlueButton's" in refused(body)


@pytest.mark.parametrize(
    "body", [b"\xef\xbb\xbf" + GOOD, b'<?xml version="1.0" encoding="UTF-8"?>\n' + GOOD, b"\n" + GOOD + b"\n"]
)
def test_byte_order_mark_declaration_and_padding_are_fine(body):  # threats.md 72
    assert parse(body).findtext("returncode") == "SUCCESS"


def test_declaration_of_another_encoding_is_not_believed():  # threats.md 72
    body = "<?xml version='1.0' encoding='iso-8859-1'?><response>ü</response>".encode()

    assert parse(body).text == "ü"


@pytest.mark.parametrize("root", [b"html", b"Response", b"xml-response", b"x:response xmlns:x='urn:x'"])
def test_root_must_be_response(root):  # threats.md 64, 70
    assert "is not BigBlueButton's" in refused(b"<" + root + b"></" + root.split()[0] + b">")


def test_long_name_of_a_root_is_cut():
    assert len(refused(b"<" + b"x" * 10_000 + b"/>")) < 300


# --- document types and entities ----------------------------------------------------------------------

LAUGHS = (
    b'<!DOCTYPE response [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(10))
    + b"]>"
)
QUADRATIC = b'<!DOCTYPE response [<!ENTITY a "' + b"a" * 50_000 + b'">]>'


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE response><response/>",
        b"<!DOCTYPE response []><response/>",
        b"<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'><response/>",
        b'<!DOCTYPE response [<!ENTITY a "b">]><response>&a;</response>',
        b'<!DOCTYPE response [<!ENTITY a "b">]><response returncode="&a;"/>',
        b'<!DOCTYPE response [<!ENTITY a "<b/>">]><response>&a;</response>',
        b"<!DOCTYPE response [<!ELEMENT response ANY><!ATTLIST response x CDATA 'y'>]><response/>",
        LAUGHS + b"<response>&k;</response>",
        LAUGHS + b'<response x="&k;"/>',
        QUADRATIC + b"<response>" + b"&a;" * 50_000 + b"</response>",
        QUADRATIC + b'<response x="' + b"&a;" * 50_000 + b'"/>',
    ],
)
def test_any_document_type_is_refused(body):  # pitfalls.md 7, threats.md 67, 68
    assert "is not BigBlueButton's" in refused(body)


@pytest.mark.parametrize("namespace", [b"", b' xmlns="urn:x"'])
def test_document_type_is_named(namespace):
    assert "DOCTYPE" in refused(b"<!DOCTYPE response><response" + namespace + b"/>")


@pytest.fixture
def canary_file(tmp_path):
    """A pipe: whoever opens it for reading is noticed."""
    path = tmp_path / "canary"
    os.mkfifo(path)
    touched, over = threading.Event(), threading.Event()

    def watch() -> None:
        os.close(os.open(path, os.O_WRONLY))  # waits until somebody opens it for reading
        if not over.is_set():
            touched.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield path.as_uri(), touched
    over.set()
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    watcher.join(10)
    os.close(reading)
    assert not watcher.is_alive()


@pytest.fixture
def canary_server():
    """An address at which a connection would be noticed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)

        def touched() -> bool:
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                return True
            return False

        yield f"http://127.0.0.1:{listener.getsockname()[1]}/canary.dtd", touched


DOCUMENTS = [
    '<!DOCTYPE response SYSTEM "{}"><response/>',
    '<!DOCTYPE response PUBLIC "x" "{}"><response/>',
    '<!DOCTYPE response [<!ENTITY a SYSTEM "{}">]><response>&a;</response>',
    '<!DOCTYPE response [<!ENTITY a SYSTEM "{}">]><response x="&a;"/>',
    '<!DOCTYPE response [<!ENTITY % p SYSTEM "{}">%p;]><response/>',
    '<!DOCTYPE response [<!ENTITY a PUBLIC "x" "{}">]><response>&a;</response>',
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_external_file_is_never_touched(document, canary_file):  # threats.md 67
    address, touched = canary_file

    refused(document.format(address).encode())

    assert not touched.is_set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_external_address_is_never_touched(document, canary_server):  # threats.md 67
    address, touched = canary_server

    refused(document.format(address).encode())

    assert not touched()


def test_canaries_do_notice(canary_file, canary_server):
    path = canary_file[0].removeprefix("file://")
    port = int(canary_server[0].split(":")[2].split("/")[0])

    os.close(os.open(path, os.O_RDONLY))
    socket.create_connection(("127.0.0.1", port)).close()

    assert canary_file[1].wait(10)
    assert canary_server[1]()


def test_inclusions_and_style_sheets_are_inert(canary_file, canary_server):  # threats.md 70
    body = (
        f'<?xml-stylesheet href="{canary_server[0]}"?>'
        f'<response xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{canary_file[0]}" parse="text"/>'
        f'<xi:include href="{canary_server[0]}"/><returncode>SUCCESS</returncode></response>'
    )

    root = parse(body.encode())

    assert root.findtext("returncode") == "SUCCESS"
    assert len(root.findall("{http://www.w3.org/2001/XInclude}include")) == 2
    assert not canary_file[1].is_set()
    assert not canary_server[1]()


# --- sizes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [10_000, 100_000])
def test_deep_nesting_is_refused(depth):  # pitfalls.md 7, threats.md 69
    body = b"<response>" + b"<a>" * depth + b"</a>" * depth + b"</response>"

    assert "ill-formed or cut-off XML" in refused(body)


def test_huge_text_is_refused():  # threats.md 69
    assert "is not BigBlueButton's" in refused(b"<response><a>" + b"x" * 11_000_000 + b"</a></response>")


def test_many_attributes_do_not_break_the_parser():  # threats.md 69
    body = b"<response " + b" ".join(b'a%d="1"' % number for number in range(20_000)) + b"/>"

    with contextlib.suppress(UnreadableResponse):
        assert parse(body).tag == "response"


def test_many_elements_are_fine():
    root = parse(b"<response>" + b"<a>1</a>" * 100_000 + b"</response>")

    assert len(root) == 100_000


def test_comments_and_instructions_do_not_cut_texts():
    root = parse(b"<response><a>one<!-- no --> two<?php no?> three</a><!-- no --></response>")

    assert root.findtext("a") == "one two three"
    assert [child.tag for child in root] == ["a"]


def test_parsers_keep_no_state_between_documents():
    refused(b"<!DOCTYPE response><response/>")

    assert etree.tostring(parse(GOOD)) == GOOD


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\n<HTML>", "an HTML page"),
        (b"<!DOCTYPE HTML PUBLIC", "an HTML page"),
        (b"<response>", "ill-formed or cut-off XML"),
        (b"[", "JSON"),
        (b"", "something that is no XML"),
    ],
)
def test_description_never_quotes(body, words):
    assert describe(body) == words


class TestWalk:
    RECORDING = (
        b"<recording><recordID>%d</recordID><metadata><recording>7b</recording><message>m</message></metadata>"
        b"</recording>"
    )

    def document(self, count=3, *, after=b""):
        items = b"".join(self.RECORDING % number for number in range(count))
        return (
            b"<response><returncode>SUCCESS</returncode><recordings>"
            + items
            + b"</recordings>"
            + after
            + b"</response>"
        )

    def walk(self, document, *, piece=7):
        chunks = (document[start : start + piece] for start in range(0, len(document), piece))
        path = ("recordings", "recording")
        return [
            (one.tag, one.findtext("recordID") or one.text)
            for one in xml.walk(chunks, path=path, call="getRecordings", server="bbb")
        ]

    @pytest.mark.parametrize("piece", [1, 7, 100_000])
    def test_items_come_complete_whatever_the_pieces(self, piece):
        after = b"<totalElements>3</totalElements>"

        found = self.walk(self.document(after=after), piece=piece)

        assert found == [
            ("returncode", "SUCCESS"),
            ("recording", "0"),
            ("recording", "1"),
            ("recording", "2"),
            ("totalElements", "3"),
        ]

    def test_an_empty_list_has_no_items(self):
        assert self.walk(self.document(0)) == [("returncode", "SUCCESS")]

    def test_an_item_elsewhere_is_none_of_the_list(self):
        document = b"<response><other><recording/></other><recordings><a><recording/></a></recordings></response>"

        assert self.walk(document) == []

    def test_what_was_read_is_not_kept(self):  # threats.md 74
        document = self.document(200)
        chunks = (document[start : start + 64] for start in range(0, len(document), 64))

        walked = xml.walk(chunks, path=("recordings", "recording"))
        neighbours = [len(one.getparent()) for one in walked if one.tag == "recording"]

        assert len(neighbours) == 200
        assert max(neighbours) <= 3

    @pytest.mark.parametrize(
        ("document", "told"),
        [
            (b"", "an empty page"),
            (b"  \n", "an empty page"),
            (b"<html><body>Welcome</body></html>", "<html>"),
            (b"<!DOCTYPE html><html></html>", "a document that declares a DOCTYPE"),
            (b'<!DOCTYPE response [<!ENTITY a "b">]><response>&a;</response>', "a document that declares a DOCTYPE"),
            (b'{"response": {}}', "JSON"),
            (b"<response><recordings><recording>", "ill-formed or cut-off XML"),
            (b"<response>\xff</response>", "ill-formed or cut-off XML"),
            (b"<response><recordings>" + b" " * 1_100_000, "an item of more than 1048576 bytes"),
        ],
    )
    def test_anything_else_is_an_error_that_says_what_came(self, document, told):  # threats.md 67, 68, 69, 71
        with pytest.raises(UnreadableResponse, match=re.escape(told)) as caught:
            self.walk(document, piece=64 * 1024)

        assert (caught.value.call, caught.value.server) == ("getRecordings", "bbb")

    def test_an_answer_that_is_cut_off_is_an_error_after_its_good_items(self):  # threats.md 71
        good = []
        with pytest.raises(UnreadableResponse):  # noqa: PT012 - what came before counts
            for one in xml.walk([self.document(3)[:-30]], path=("recordings", "recording")):
                good.append(one.tag)  # noqa: PERF401

        assert good == ["returncode", "recording", "recording"]


@pytest.mark.parametrize("inside", [b"<response/>", b"<a><returncode/></a>", b"<recording/>"])
def test_a_walk_finds_only_what_stands_where_it_should(inside):
    body = b"<response>" + inside + b"<recordings><recording/></recordings></response>"

    assert [element.tag for element in xml.walk([body], path=("recordings", "recording"))] == ["recording"]
