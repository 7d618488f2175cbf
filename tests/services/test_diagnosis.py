"""What is wrong with a server: each kind of trouble is told apart, with what to do about it."""

import socket
import ssl

import pytest
from django.utils.translation import get_language, override

from django_bbb.models import Server
from django_bbb.services import diagnosis, servers
from django_bbb.services.probing import Finding
from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.faults import Garbage, Hang, HtmlAnswer
from tests.api.conftest import expired, self_signed, serve  # noqa: F401 - fixtures
from tests.conftest import SECRET

INDEX = b"<response><returncode>SUCCESS</returncode><version>2.0</version></response>"
RUNNING = b"<response><returncode>SUCCESS</returncode><running>false</running></response>"


@pytest.fixture
def look(server, bbb):
    """Look at the one server, declared otherwise."""

    def look(**declared):
        bbb["SERVERS"]["default"] |= declared
        (server,) = servers.register_declared_servers()
        found = diagnosis.diagnose(server=server)
        assert SECRET not in str(found)
        assert "checksum=" not in str(found)
        return found

    return look


def test_a_server_that_is_right(look, simulator):
    found = look()

    assert (found.finding, found.version) == (Finding.REACHABLE, "2.0")
    assert {entry.checksum for entry in simulator.journal} == {"good", "not needed"}


def test_nothing_is_changed_there(look, simulator):
    look()

    assert {entry.call for entry in simulator.journal} <= {"index", "isMeetingRunning"}


# --- it says no -------------------------------------------------------------------------------------


def test_a_wrong_secret(look):
    found = look(SECRET="wrong" * 10)

    assert found.finding == Finding.WRONG_SECRET
    assert "bbb-conf --secret" in found.message


def test_the_other_secret_would_be_right(look):
    found = look(SECRET="wrong" * 10, PREVIOUS_SECRET=SECRET)

    assert (found.finding, found.suggestion) == (Finding.WRONG_SECRET, "PREVIOUS_SECRET")


@pytest.mark.parametrize("allowed", ["sha1", "sha384", "sha512"])
def test_an_algorithm_that_is_not_allowed_and_one_that_is(look, allowed):
    with BigBlueButtonSimulator(secret=SECRET, checksum_algorithms={allowed}) as other:
        found = look(URL=other.url)

    assert (found.finding, found.suggestion) == (Finding.ALGORITHM, allowed)


def test_without_a_secret_nothing_is_sent(look, simulator):
    found = look(SECRET=" ")

    assert found.finding == Finding.NO_SECRET
    assert simulator.journal == []


# --- the address ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["b/", "bigbluebutton/api/create", "api/"])
def test_a_wrong_path_and_the_right_one(look, simulator, path):
    found = look(URL=f"{simulator.address}/{path}")

    assert (found.finding, found.suggestion) == (Finding.NOT_BIGBLUEBUTTON, simulator.url)


def test_what_redirects_elsewhere_on_its_host_is_followed_without_our_checksum(look, simulator, serve):  # noqa: F811
    def talk(conversation):
        while conversation.read():
            conversation.answer(b"", status="301 Moved", headers=f"Location: {simulator.address}/somewhere\r\n")

    found = look(URL=serve(talk).url)

    assert (found.finding, found.suggestion) == (Finding.NOT_BIGBLUEBUTTON, simulator.url)
    assert {entry.checksum for entry in simulator.journal} == {"not needed"}


def test_another_host_is_not_asked(look, simulator, serve):  # noqa: F811
    other = simulator.address.replace("127.0.0.1", "localhost")

    def talk(conversation):
        while conversation.read():
            conversation.answer(b"", status="301 Moved", headers=f"Location: {other}/\r\n")

    found = look(URL=serve(talk).url)

    assert (found.finding, found.suggestion, simulator.journal) == (Finding.NOT_BIGBLUEBUTTON, "", [])


def test_something_else_altogether(look, simulator):
    simulator.faults.set(Garbage())

    found = look()

    assert (found.finding, found.suggestion) == (Finding.NOT_BIGBLUEBUTTON, "")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_that_is_broken_is_at_the_right_address(look, simulator, status):
    simulator.faults.set(HtmlAnswer(status=status))

    found = look()

    assert found.finding == Finding.BROKEN
    assert str(status) in found.message


# --- nobody there -----------------------------------------------------------------------------------


def test_a_name_that_does_not_resolve(look):
    found = look(URL="https://bbb.invalid/")

    assert found.finding == Finding.NAME
    assert "bbb.invalid" in found.message


def test_a_port_where_nobody_listens(look):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert look(URL=f"http://127.0.0.1:{port}/").finding == Finding.REFUSED


def test_a_server_that_says_nothing(look, simulator):
    simulator.faults.set(Hang())

    assert look(TIMEOUT=0.3).finding == Finding.TIMEOUT


def test_a_proxy_that_is_not_there(look):
    found = look(PROXIES={"http": "http://127.0.0.1:1"})

    assert found.finding == Finding.UNREACHABLE
    assert "proxy" in found.message


def tls(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def never(conversation):
    assert conversation.read() == b"", "Nothing is said to a server that is not trusted."


def test_behind_a_proxy_nothing_is_guessed_from_here(look):
    found = look(URL="http://bbb.invalid/", PROXIES={"http": "http://127.0.0.1:1"})

    assert found.finding == Finding.UNREACHABLE


@pytest.mark.parametrize("trust", [False, True])
def test_a_certificate_that_is_not_trusted(look, serve, self_signed, trust):  # noqa: F811
    certificate, key = self_signed("127.0.0.1")

    def talk(conversation):
        while head := conversation.read():
            conversation.answer(RUNNING if b"isMeetingRunning" in head else INDEX)

    server = serve(talk, context=tls(certificate, key))
    found = look(URL=server.url, **({"CA_BUNDLE": str(certificate)} if trust else {}))

    assert found.finding == (Finding.REACHABLE if trust else Finding.TLS)
    assert ("nobody trusted has signed" in found.message) is not trust


def test_a_certificate_for_another_address(look, serve, self_signed):  # noqa: F811
    certificate, key = self_signed("127.0.0.2")

    found = look(URL=serve(never, context=tls(certificate, key)).url, CA_BUNDLE=str(certificate))

    assert found.finding == Finding.TLS
    assert "for another address" in found.message


def test_a_certificate_that_has_expired(look, serve, expired):  # noqa: F811
    found = look(URL=serve(never, context=tls(*expired)).url, CA_BUNDLE=str(expired[0]))

    assert found.finding == Finding.TLS
    assert "has expired" in found.message


def test_https_where_http_is_served(look, simulator):
    found = look(URL=simulator.url.replace("http:", "https:"))

    assert found.finding == Finding.TLS
    assert "whether https is served" in found.message


def test_a_bundle_of_authorities_that_is_not_there(look, simulator, tmp_path):
    found = look(URL=simulator.url.replace("http:", "https:"), CA_BUNDLE=str(tmp_path / "gone.pem"))

    assert found.finding == Finding.TLS
    assert "CA_BUNDLE" in found.message


# --- it answers, but ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "finding", "way"),
    [
        ("Tue, 03 Mar 2020 09:00:00 GMT", Finding.CLOCK, "behind"),
        ("Tue, 03 Mar 2099 09:00:00 GMT", Finding.CLOCK, "ahead of"),
        ("nonsense", Finding.REACHABLE, ""),
    ],
)
def test_a_clock_that_is_off(look, serve, date, finding, way):  # noqa: F811
    def talk(conversation):
        while head := conversation.read():
            conversation.answer(RUNNING if b"isMeetingRunning" in head else INDEX, headers=f"Date: {date}\r\n")

    found = look(URL=serve(talk).url)

    assert found.finding == finding
    assert way in found.message


def test_a_secret_under_an_old_key(server, simulator, settings):
    added = Server(slug="added", name="Added", url=simulator.url)
    added.remember_secret(servers.secret_of(server))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    found = diagnosis.diagnose(server=added)

    assert found.finding == Finding.OLD_KEY
    assert "bbb_rotate_keys" in found.message


def test_a_secret_that_cannot_be_read(server, settings):
    added = Server(slug="added", name="Added", url="https://bbb.example.org/")
    added.remember_secret(servers.secret_of(server))
    settings.SECRET_KEY = "another"

    assert diagnosis.diagnose(server=added).finding == Finding.NO_SECRET


@pytest.mark.parametrize("profile", ["2.7", "4.0", "scalelite"])
def test_other_kinds_are_right_too(look, profile):
    with BigBlueButtonSimulator(secret=SECRET, profile=profile) as other:
        assert look(URL=other.url).finding == Finding.REACHABLE


def test_several_are_looked_at_and_each_has_its_own_finding(server, simulator):
    wrong = Server(slug="wrong", name="Wrong", url="http://127.0.0.1:9/bigbluebutton/api/")
    wrong.remember_secret(servers.secret_of(server))

    found = diagnosis.diagnose_all([server, wrong])

    assert [(one.server, one.finding) for one in found] == [
        ("default", Finding.REACHABLE),
        ("wrong", Finding.REFUSED),
    ]


def test_the_threads_speak_the_language_of_whoever_asks(look, monkeypatch):
    look()

    def say(*, server):
        return diagnosis.Diagnosis(server=server.slug, finding=Finding.REACHABLE, message=get_language())

    monkeypatch.setattr(diagnosis, "diagnose", say)

    with override("fa"):
        found = diagnosis.diagnose_all(Server.objects.all())

    assert [one.message for one in found] == ["fa"]
