"""Protected recordings: links for one visit, cookies for the rest of the class."""

import pytest


@pytest.fixture
def simulator(make_simulator):
    return make_simulator(profile="scalelite")


@pytest.fixture
def recording(simulator, client):
    recording = simulator.add_recording("m-1")
    client.ask("updateRecordings", f"recordID={recording.record_id}&protect=true")
    return recording


def link(client, recording):
    return client.ask("getRecordings", f"recordID={recording.record_id}").get(".//format/url")


def test_link_opens_once(client, recording):
    assert recording.protected
    url = link(client, recording)

    assert [client.fetch(url).status for _ in range(2)] == [200, 404]


def test_each_list_has_links_of_its_own(client, recording):
    first, second = link(client, recording), link(client, recording)

    assert first != second
    assert [client.fetch(url).status for url in (first, second)] == [200, 200]


@pytest.mark.parametrize("query", ["", "?token=", "?token=guessed"])
def test_nothing_opens_without_a_good_link(client, recording, query):
    base = link(client, recording).partition("?")[0]

    assert client.fetch(base + query).status == 404


def test_link_ends_after_an_hour(simulator, client, recording):
    url = link(client, recording)

    simulator.advance(3601)

    assert client.fetch(url).status == 404


def test_browser_that_opened_a_link_sees_the_pictures_and_may_come_back(simulator, client, recording):
    url = link(client, recording)
    image = client.ask("getRecordings", f"recordID={recording.record_id}").get(".//image")

    cookie = client.fetch(url).headers["set-cookie"]
    mine = {"Cookie": cookie.partition(";")[0]}

    assert "HttpOnly" in cookie
    assert client.fetch(image).status == 404
    assert client.fetch(image, headers=mine).status == 200
    assert client.fetch(url, headers=mine).status == 200
    simulator.advance(6 * 3600 + 1)
    assert client.fetch(url, headers=mine).status == 404


def test_cookie_is_for_one_recording(simulator, client, recording):
    other = simulator.add_recording("m-2")
    client.ask("updateRecordings", f"recordID={other.record_id}&protect=true")
    cookie = client.fetch(link(client, recording)).headers["set-cookie"].partition(";")[0]
    forged = cookie.replace(recording.record_id, other.record_id)

    answer = client.fetch(link(client, other).partition("?")[0], headers={"Cookie": f"{cookie}; {forged}"})

    assert answer.status == 404


def test_link_that_was_not_needed_is_not_used_up(client, recording):
    url, other = link(client, recording), link(client, recording)
    mine = {"Cookie": client.fetch(url).headers["set-cookie"].partition(";")[0]}

    client.fetch(other, headers=mine)

    assert client.fetch(other).status == 200


def test_protection_is_for_the_first_recording_alone_and_can_be_taken_off(simulator, client, recording):
    other = simulator.add_recording("m-2")
    both = f"recordID={recording.record_id},{other.record_id}"

    client.ask("updateRecordings", f"{both}&protect=false")

    assert (recording.protected, other.protected) == (False, False)
    assert "token" not in link(client, recording)
    assert client.fetch(link(client, recording)).status == 200
    client.ask("updateRecordings", f"recordID={other.record_id},{recording.record_id}&protect=true")
    assert (recording.protected, other.protected) == (False, True)
