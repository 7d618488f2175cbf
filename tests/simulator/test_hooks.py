"""The calls of bbb-webhooks."""

import uuid

import pytest

from django_bbb.simulator import WebhookOptions

URL = "http://127.0.0.1:9/hook"


def create(client, query=f"callbackURL={URL}"):
    return client.ask("hooks/create", query)


def test_hook_is_created_with_an_id(client):
    answer = create(client)

    assert [one.tag for one in answer.xml] == ["returncode", "hookID", "permanentHook", "rawData"]
    assert uuid.UUID(answer.get("hookID")).version == 4
    assert (answer.get("permanentHook"), answer.get("rawData")) == ("false", "false")


def test_same_address_is_the_same_hook_whatever_else_is_said(client):
    first = create(client)

    second = create(client, f"callbackURL={URL}&meetingID=m-1&getRaw=true")

    assert [one.tag for one in second.xml] == ["returncode", "hookID", "messageKey", "message"]
    assert second.get("returncode") == "SUCCESS"
    assert second.get("messageKey") == "duplicateWarning"
    assert second.get("hookID") == first.get("hookID")
    assert client.ask("hooks/list").get("hooks/hook/meetingID") is None


def test_hooks_are_listed_with_what_they_asked_for(client):
    first = create(client).get("hookID")
    second = create(client, f"callbackURL={URL}2%3Fa%3D1%26b&meetingID=m-1&eventID=User-Left,x&getRaw=TRUE").get(
        "hookID"
    )

    answer = client.ask("hooks/list")

    assert [[(part.tag, part.text) for part in hook] for hook in answer.xml.iterfind("hooks/hook")] == [
        [("hookID", first), ("callbackURL", URL), ("permanentHook", "false"), ("rawData", "false")],
        [
            ("hookID", second),
            ("callbackURL", f"{URL}2?a=1&b"),
            ("meetingID", "m-1"),
            ("eventID", "user-left,x"),
            ("permanentHook", "false"),
            ("rawData", "true"),
        ],
    ]
    assert f"<callbackURL><![CDATA[{URL}2?a=1&b]]></callbackURL>" in answer.text


def test_list_of_a_meeting_holds_the_hooks_that_hear_of_it(client):
    create(client)
    create(client, f"callbackURL={URL}1&meetingID=m-1")
    create(client, f"callbackURL={URL}2&meetingID=m-2")

    answer = client.ask("hooks/list", "meetingID=m-2")

    assert [one.text for one in answer.xml.iterfind("hooks/hook/callbackURL")] == [URL, f"{URL}2"]


def test_list_of_a_meeting_that_no_hook_is_for_fails_since_3_4(make_simulator, make_client):
    answers = {}
    for generation in ("2", "3.0", "3.4"):
        client = make_client(make_simulator(webhooks=WebhookOptions(generation=generation)))
        create(client)
        answers[generation] = client.ask("hooks/list", "meetingID=m-1")

    assert answers["3.4"].key == "listHookError"
    assert answers["2"].get("returncode") == answers["3.0"].get("returncode") == "SUCCESS"


def test_hook_is_destroyed_once(client):
    hook_id = create(client).get("hookID")

    first = client.ask("hooks/destroy", f"hookID={hook_id}")
    second = client.ask("hooks/destroy", f"hookID={hook_id}")

    assert first.get("removed") == "true"
    assert second.key == "destroyMissingHook"
    assert client.ask("hooks/list").get("hooks") is None or client.ask("hooks/list").xml.find("hooks/hook") is None


@pytest.mark.parametrize(
    ("call", "key"), [("hooks/create", "missingParamCallbackURL"), ("hooks/destroy", "missingParamHookID")]
)
def test_what_is_missing_is_said(client, call, key):
    assert client.ask(call).key == key


def test_permanent_hook_has_a_fixed_id_and_stays(make_simulator, make_client):
    client = make_client(make_simulator(webhooks=WebhookOptions(permanent_urls=[URL])))

    listed = client.ask("hooks/list")
    hook_id = listed.get("hooks/hook/hookID")

    assert listed.get("hooks/hook/permanentHook") == "true"
    assert hook_id == str(uuid.uuid5(uuid.NAMESPACE_URL, URL))
    assert client.ask("hooks/destroy", f"hookID={hook_id}").key == "destroyMissingHook"
    assert create(client).get("messageKey") == "duplicateWarning"


def test_generation_2_counts_its_hooks(make_simulator, make_client):
    client = make_client(make_simulator(webhooks=WebhookOptions(generation="2")))

    assert [create(client, f"callbackURL={URL}{n}").get("hookID") for n in range(2)] == ["1", "2"]


def test_flag_that_is_none_breaks_the_server(client):
    assert create(client, f"callbackURL={URL}&getRaw=yes").status == 500


@pytest.mark.parametrize("call", ["hooks/create", "hooks/list", "hooks/destroy"])
def test_wrong_secret_is_refused(client, call):
    answer = client.fetch(client.url(call, f"callbackURL={URL}&hookID=1", secret="another"))

    assert answer.key == "checksumError"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_calls_may_be_signed_with_any_algorithm(client, algorithm):
    answer = client.fetch(client.url("hooks/list", algorithm=algorithm))

    assert answer.get("returncode") == "SUCCESS"
