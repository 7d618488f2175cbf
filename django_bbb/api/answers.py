"""A reply to what is in it, or to the error it stands for.

All of BigBlueButton's own answers have HTTP status 200, refusals as well (``api-error.ftlx``, ``api-errors.ftlx``).
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import json_answers, wire, xml
from .errors import BBBError, ServerError, ServerUnreachable, UnreadableResponse, UnsupportedCall, server_error
from .transport import Reply

#: HTTP answers of a proxy whose server is restarting, or gone.
_GATEWAY_ERRORS = {502, 503, 504}

#: Calls that not every server has: a 404 means that it lacks them.  All others are as old as the protocol.
_NOT_EVERYWHERE = {
    "feedback",
    "getJoinUrl",
    "getRecordingTextTracks",
    "getSessions",
    "hooks/create",
    "hooks/destroy",
    "hooks/list",
    "insertDocument",
    "learningDashboard",
    "putRecordingTextTrack",
    "sendChatMessage",
}

#: Refusals that only say that there is nothing; most servers say so with SUCCESS.
_NOTHING_FOUND = {
    ("getMeetings", "noMeetings"),
    ("getRecordings", "noRecordings"),
    ("getSessions", "noSessions"),
    ("getRecordingTextTracks", "noCaptionsFound"),
}

_ADVICE = {
    301: "Use the address it redirects to",
    302: "Use the address it redirects to",
    404: "Check the address: it usually ends in /bigbluebutton/api/",
    413: "Send less at once, or raise the limit of the proxy before it",
    414: "Send less at once",
}


def read_xml(reply: Reply, *, call: str, server: str) -> xml.Element:
    """Return the ``<response>`` of a good answer; raises what `django_bbb.api.errors` draws."""
    check_status(reply, call, server)
    return _read_xml(reply.body, call, server)


def read_json(reply: Reply, *, call: str, server: str) -> Mapping[str, Any]:
    """Return what is in ``{"response": …}`` of a good answer; raises what `django_bbb.api.errors` draws."""
    check_status(reply, call, server)
    if reply.body.lstrip().startswith(b"<"):  # validation refuses in XML, also where answers are JSON
        _read_xml(reply.body, call, server)
        raise UnreadableResponse(f"{server} answered {call} with XML in place of JSON.", server=server, call=call)
    answer = json_answers.parse(reply.body, call=call, server=server)
    key, message = (json_answers.json_text(answer.get(name)) for name in ("messageKey", "message"))
    check_returncode(json_answers.json_text(answer.get("returncode")), key, message, call=call, server=server)
    return answer


def _read_xml(body: bytes, call: str, server: str) -> xml.Element:
    root = xml.parse(body, call=call, server=server)
    key, message = root.findtext("messageKey"), root.findtext("message")
    listed = root.find("errors/error")  # the other shape: a list, of which the first is told
    if key is None and listed is not None:
        key, message = (listed.get(name) or listed.findtext(name) for name in ("key", "message"))
    words = (wire.to_text(one) for one in (root.findtext("returncode"), key, message))
    check_returncode(*words, call=call, server=server)
    return root


def check_returncode(returncode: str, key: str, message: str, *, call: str, server: str) -> None:
    """Raise what a verdict stands for, if it is not good."""
    if returncode == "SUCCESS":
        return
    if returncode != "FAILED":
        raise UnreadableResponse(f"{server} answered {call} without a returncode.", server=server, call=call)
    if (call, key) not in _NOTHING_FOUND:
        raise server_error(call=call, server=server, message_key=key, message=message)


def check_status(reply: Reply, call: str, server: str) -> None:
    """Raise what an HTTP status stands for, if it is not 200."""
    if reply.status == 200:
        return
    raise _unexpected(reply, call, server)


def _unexpected(reply: Reply, call: str, server: str) -> BBBError:
    status = reply.status
    if status in _GATEWAY_ERRORS:
        return ServerUnreachable(
            f"{server} answered {call} with HTTP {status}: BigBlueButton is not running behind it. "
            "Try again, or look at the server.",
            server=server,
            call=call,
        )
    if status == 404 and call in _NOT_EVERYWHERE:
        return UnsupportedCall(
            f"{server} answered {call} with HTTP 404: its version does not know this call, or lacks the service "
            "behind it.",
            server=server,
            call=call,
        )
    if call == "join" and status == 302 and (refusal := _refusal(reply, server)):
        return refusal
    return UnreadableResponse(
        f"{server} answered {call} with HTTP {status} and {xml.describe(reply.body)}. "
        f"{_ADVICE.get(status, 'Check the address and the server')}.",
        server=server,
        call=call,
    )


def _refusal(reply: Reply, server: str) -> ServerError | None:
    """Read why a join was refused: validation redirects to ``…?errors=[{"key": …, "message": …}]`` in any case."""
    with suppress(ValueError):
        query = parse_qs(urlsplit(reply.headers.get("Location", "")).query, max_num_fields=100)
        for one in json_answers.json_mappings(json_answers.load(query.get("errors", [""])[0])):
            key, message = (json_answers.json_text(one.get(name)) for name in ("key", "message"))
            return server_error(call="join", server=server, message_key=key, message=message)
    return None
