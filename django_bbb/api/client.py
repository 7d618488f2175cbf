"""The client: one server, and the groups of its calls (`meetings`, `recordings`, `hooks`).

Arguments go by Python name (``auto_start_recording``) or by wire name (``autoStartRecording``); the table in
`django_bbb.api.parameters` knows both.
"""

from collections.abc import Mapping
from copy import copy
from urllib.parse import urlsplit

from . import answers
from .checksum import HashAlgorithm
from .connection import Connection
from .documents import LARGEST_DOCUMENT
from .hooks import Hooks
from .meetings import Meetings
from .recordings import Recordings
from .redaction import Secret, SignedURL
from .responses import ServerInfo
from .signing import MOST_IN_QUERY, LongRequests, Request, Signer
from .transport import DEADLINE, TIMEOUT, RequestsTransport, Transport


def normalized(url: str) -> str:
    """Return the address calls are appended to, with a slash at its end.

    ``bbb-conf --secret`` prints ``https://HOST/bigbluebutton/``; a bare host gets BigBlueButton's path, and a
    path that is already there stays (``https://lb.example.org/scalelite/api``).  Raises ValueError for
    anything but an absolute http or https address without user, query and fragment.
    """
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  # looks at it: raises ValueError where it is none
    except ValueError:
        raise ValueError("The address of a BigBlueButton server has a host or a port that is none.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("The address of a BigBlueButton server begins with https:// and names a host.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("The address of a BigBlueButton server has no user, query or fragment.")
    path = parts.path.rstrip("/") or "/bigbluebutton"
    if path.endswith("/bigbluebutton"):
        path += "/api"
    return f"{parts.scheme}://{parts.netloc}{path}/"


class BigBlueButtonClient:
    """Talks to one server.  May be shared by threads; keeps its connections alive.

    ``url`` is the address of the server's API (see `normalized`), ``secret`` its shared secret, ``timeout`` the
    seconds to wait for one read and ``deadline`` for a whole call.  ``name`` is what errors call the server (its
    host unless given).

    ``retries`` is how often a call is tried again that may be repeated, when the server does not answer; all tries
    together have ``deadline`` seconds.
    ``long_requests`` says how the server wants calls whose encoded query is longer than ``most_in_query``
    characters.  ``hooks_algorithm`` is for bbb-webhooks alone, which before its version 3.0 takes nothing but sha1.
    ``largest_document`` is how many bytes of a file the server takes (``maxFileSizeUpload``).

    ``ca_bundle`` is the path of a private authority's certificates.  ``proxies`` names proxies by scheme; nothing is
    taken from the environment (proxies, .netrc, certificate bundles) unless ``trust_env`` says so.  A ``transport`` of
    your own replaces all that has to do with the connection.
    """

    def __init__(
        self,
        url: str,
        secret: str | Secret,
        *,
        algorithm: str = HashAlgorithm.SHA256,
        hooks_algorithm: str = "",
        timeout: float = TIMEOUT,
        deadline: float = DEADLINE,
        retries: int = 0,
        ca_bundle: str | None = None,
        proxies: Mapping[str, str] | None = None,
        trust_env: bool = False,
        transport: Transport | None = None,
        name: str = "",
        long_requests: str = LongRequests.SPLIT,
        most_in_query: int = MOST_IN_QUERY,
        largest_document: int = LARGEST_DOCUMENT,
    ) -> None:
        self.url = normalized(url)
        self.name = name or urlsplit(self.url).netloc
        secret = secret if isinstance(secret, Secret) else Secret(secret)
        if not secret:
            raise ValueError(f"The secret of {self.name} is blank; a blank secret proves nothing.")
        signer, hooks_signer = (
            Signer(
                base=self.url,
                secret=secret,
                algorithm=HashAlgorithm(one),
                long_requests=LongRequests(long_requests),
                most_in_query=most_in_query,
            )
            for one in (algorithm, hooks_algorithm or algorithm)
        )
        self._use(
            Connection(
                name=self.name,
                signer=signer,
                hooks_signer=hooks_signer,
                transport=transport
                or RequestsTransport(
                    read=timeout, deadline=deadline, ca_bundle=ca_bundle, proxies=proxies, trust_env=trust_env
                ),
                retries=retries,
                deadline=deadline,
                largest_document=largest_document,
            )
        )

    def _use(self, connection: Connection) -> None:
        self._connection = connection
        self.meetings = Meetings(connection)
        self.recordings = Recordings(connection)
        self.hooks = Hooks(connection)

    def __repr__(self) -> str:
        return f"<BigBlueButtonClient {self.url}>"

    def with_deadline(self, seconds: float) -> "BigBlueButtonClient":
        """Return a client on the same connections whose calls may take this long."""
        other = copy(self)
        other._use(self._connection.with_deadline(seconds))
        return other

    def get_server_info(self) -> ServerInfo:
        """Ask the index, which checks no secret."""
        # With its slash: BigBlueButton and Scalelite answer either way, bbblb sends who leaves it out elsewhere.
        request = Request("GET", SignedURL(self.url))
        reply = self._connection.send("index", request)
        return ServerInfo.from_xml(answers.read_xml(reply, call="index", server=self.name))

    def check_connection(self) -> ServerInfo:
        """Return what the server says of itself, or raise what is wrong.

        The index checks no secret, so a signed call follows it.
        """
        info = self.get_server_info()
        self.meetings.is_meeting_running(meeting_id="check-connection")
        return info
