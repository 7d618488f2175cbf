"""Values that hide themselves, and a filter for other people's log lines."""

import copy
import json
import logging
import pickle

import pytest

from django_bbb.api import Secret, SignedURL
from django_bbb.api.redaction import HideSignedURLs, hide_signed_urls_in_logs, without_query, without_signed_queries

SIGNED = "https://bbb.example.org/bigbluebutton/api/join?fullName=SENTINEL&checksum=0123456789abcdef"


# --- secrets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "show", [str, repr, "{}".format, "{!r}".format, "%s".__mod__, "%r".__mod__, lambda s: f"{[s]}"]
)
def test_secret_shows_as_stars(show):  # pitfalls.md 9, threats.md 75
    assert show(Secret("SENTINEL")) in ("***", "[***]")


def test_secret_gives_its_text_away_when_asked():
    assert Secret(" s ").reveal() == " s "


@pytest.mark.parametrize("travel", [pickle.dumps, copy.copy, copy.deepcopy])
def test_secret_does_not_travel(travel):
    with pytest.raises(TypeError, match="not pickled") as caught:
        travel(Secret("SENTINEL"))

    assert "SENTINEL" not in str(caught.value)


def test_secret_is_no_text_and_has_no_attributes_to_dump():
    secret = Secret("SENTINEL")

    assert not isinstance(secret, str)
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        json.dumps(secret)


@pytest.mark.parametrize(("text", "truth"), [("", False), (" ", False), ("\n\t", False), ("x", True), (" x ", True)])
def test_blank_secret_is_false(text, truth):  # pitfalls.md 18
    assert bool(Secret(text)) is truth


def test_secrets_are_equal_by_their_text_and_only_to_secrets():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


# --- signed URLs --------------------------------------------------------------------------------------


def test_signed_url_is_a_text_that_a_redirect_takes():
    url = SignedURL(SIGNED)

    assert isinstance(url, str)
    assert str(url) == f"{url}" == SIGNED


@pytest.mark.parametrize(
    "show", [repr, "{!r}".format, "%r".__mod__, lambda url: str([url]), lambda url: str({1: url})]
)
def test_signed_url_hides_its_query_in_reprs(show):  # pitfalls.md 9, threats.md 75
    shown = show(SignedURL(SIGNED))

    assert "https://bbb.example.org/bigbluebutton/api/join" in shown
    assert "SENTINEL" not in shown
    assert "checksum" not in shown


@pytest.mark.parametrize("url", [SIGNED, SignedURL(SIGNED), SIGNED + "#fragment"])
def test_address_without_query_ends_at_its_path(url):
    assert without_query(url) == "https://bbb.example.org/bigbluebutton/api/join"


# --- log lines ----------------------------------------------------------------------------------------


def line(message: object, *args: object) -> str:
    """Return what a record says after the filter."""
    record = logging.LogRecord("urllib3.connectionpool", logging.DEBUG, __file__, 1, message, args, None)
    assert HideSignedURLs().filter(record) is True
    return record.getMessage()


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("%s %s", "GET", SIGNED), "GET https://bbb.example.org/bigbluebutton/api/join?***"),
        (("%r", SIGNED), "'https://bbb.example.org/bigbluebutton/api/join?***'"),
        (("%(url)s", {"url": SIGNED}), "https://bbb.example.org/bigbluebutton/api/join?***"),
        ((SIGNED,), "https://bbb.example.org/bigbluebutton/api/join?***"),
        (("%s", ValueError(f"failed: {SIGNED}")), "failed: https://bbb.example.org/bigbluebutton/api/join?***"),
        ((ValueError(SIGNED),), "https://bbb.example.org/bigbluebutton/api/join?***"),
        (("%s", SIGNED.upper()), "HTTPS://BBB.EXAMPLE.ORG/BIGBLUEBUTTON/API/JOIN?***"),
        (("%s", SignedURL(SIGNED)), "https://bbb.example.org/bigbluebutton/api/join?***"),
        (("body %s", "fullName=SENTINEL&checksum=0123456789abcdef"), "body ***"),
        (("checksum=0123456789abcdef is this right?",), "***"),
    ],
)
def test_signed_url_is_cut_in_a_log_line(args, text):  # threats.md 75
    assert line(*args) == text


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (
            ("Starting connection (%d): %s:%s", 1, "bbb.example.org", 443),
            "Starting connection (1): bbb.example.org:443",
        ),
        (("%s", "/api?x=1"), "/api?x=1"),
        (("nothing",), "nothing"),
        (("%(a)d", {"a": 1}), "1"),
        (("%s", ValueError("no url")), "no url"),
        ((5,), "5"),
    ],
)
def test_other_log_lines_stay_as_they_are(args, text):
    assert line(*args) == text


def test_log_line_without_arguments_passes():
    record = logging.LogRecord("urllib3", logging.DEBUG, __file__, 1, "nothing", None, None)

    assert HideSignedURLs().filter(record) is True
    assert record.getMessage() == "nothing"


def test_text_without_a_checksum_is_returned_as_it_is():
    assert without_signed_queries("a?b=c") == "a?b=c"


def test_filters_are_installed_once():
    loggers = [logging.getLogger(f"urllib3.{name}") for name in ("connectionpool", "connection", "util.retry")]

    hide_signed_urls_in_logs()
    hide_signed_urls_in_logs()

    for logger in loggers:
        assert [type(one) for one in logger.filters].count(HideSignedURLs) == 1
