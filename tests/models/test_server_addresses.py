"""Addresses of servers that people type into the admin (# threats.md 52)."""

import pytest
from django.core.exceptions import ValidationError

from django_bbb.models import Server
from django_bbb.models.server_addresses import cleaned_address

NEVER = [
    "https://169.254.169.254/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://metadata.google.internal/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:93.184.216.34]/",
    "https://[2002:7f00:1::]/",
    "https://[64:ff9b::7f00:1]/",
    "https://127.1/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://localhost./",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://bbb..example.org/",
    "https://user:pw@bbb.example.org/",
    "https://bbb.example.org/?a=b",
    "https://bbb.example.org/#a",
    "ftp://bbb.example.org/",
    "bbb.example.org",
    "https:///bigbluebutton/",
]
IN_HOUSE = [
    "http://bbb.example.org/",
    "https://localhost/",
    "https://bbb.localhost/",
    "https://127.0.0.1:8443/",
    "https://[::1]/",
    "https://10.0.0.5/",
    "https://192.168.1.2/",
    "https://100.64.0.1/",
    "https://[fd00::1]/",
]


@pytest.mark.parametrize("url", NEVER)
@pytest.mark.parametrize("in_house", [False, True])
def test_some_are_never_right(settings, url, in_house):
    settings.DJANGO_BBB = {"IN_HOUSE_SERVERS": in_house}

    with pytest.raises(ValidationError):
        cleaned_address(url)


@pytest.mark.parametrize("url", IN_HOUSE)
def test_some_need_a_setting(settings, url):
    settings.DJANGO_BBB = {}
    with pytest.raises(ValidationError):
        cleaned_address(url)

    settings.DJANGO_BBB = {"IN_HOUSE_SERVERS": True}
    assert cleaned_address(url).endswith("/bigbluebutton/api/")


def test_debug_allows_this_machine(settings):
    settings.DJANGO_BBB, settings.DEBUG = {}, True

    assert cleaned_address("http://127.0.0.1:8124/") == "http://127.0.0.1:8124/bigbluebutton/api/"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://bbb.example.org", "https://bbb.example.org/bigbluebutton/api/"),
        ("https://lb.example.org/scalelite/api", "https://lb.example.org/scalelite/api/"),
        ("https://93.184.216.34/", "https://93.184.216.34/bigbluebutton/api/"),
        ("https://bücher.example.org", "https://bücher.example.org/bigbluebutton/api/"),
        ("https://bbb1.example.org:8443", "https://bbb1.example.org:8443/bigbluebutton/api/"),
    ],
)
def test_real_ones_are_taken(settings, typed, stored):
    settings.DJANGO_BBB = {}

    assert cleaned_address(typed) == stored


def test_what_the_settings_declare_is_not_judged():
    Server(slug="default", url="http://127.0.0.1:9/bigbluebutton/api/", declared=True).clean()

    with pytest.raises(ValidationError) as caught:
        Server(slug="added", url="http://127.0.0.1:9/bigbluebutton/api/").clean()
    assert list(caught.value.message_dict) == ["url"]
