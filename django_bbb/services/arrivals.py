"""Whether callbacks arrive: what they told of, beside what only polls have found out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from django_bbb.conf import conf
from django_bbb.models import CallbackDelivery, MeetingSession, Recording, Server

from .public_addresses import is_private, own_site

#: Further back nothing is compared, nor what is so fresh that its callback may still come: BigBlueButton's last
#: try to tell of an end is 510 seconds after it (``CallbackUrlService.java``).
LOOK_BACK, STILL_COMING = timedelta(days=7), timedelta(minutes=10)

#: So many in a row that came without a callback are no accident: a server that is restarted loses one or two.
_TOO_MANY = 3

_MOST = 500


@dataclass(kw_only=True)
class Arrivals:
    """Of what of a server's classes callbacks have told, newest first: ends, and recordings."""

    server: Server
    ends: list[bool] = field(default_factory=list)
    recordings: list[bool] = field(default_factory=list)

    @property
    def are_missing(self) -> bool:
        """Whether the last ends, or the last recordings, have all been found out without a callback."""
        return _stopped(self.ends) or _stopped(self.recordings)

    @property
    def advice(self) -> str:
        """What is wrong, and what to look at; empty where all is well."""
        if not self.are_missing:
            return ""
        scheme, host = own_site()
        text = _(
            "Callbacks of %(server)s do not arrive: of the last %(ends)d ends of classes they told of %(ends_told)d, "
            "and of %(recordings)d recordings of %(recordings_told)d; polls found the others, later."
        ) % {
            "server": self.server,
            "ends": len(self.ends),
            "ends_told": sum(self.ends),
            "recordings": len(self.recordings),
            "recordings_told": sum(self.recordings),
        }
        if scheme == "http" or is_private(host):
            look = _(
                "CALLBACK_BASE_URL is %(address)s, and a server calls no private address and no http unless its "
                "administrator has allowed that."
            )
        else:
            look = _(
                "Look from the server whether it reaches %(address)s: its name, its certificate, and what the proxy "
                "in front of this site does with requests it does not know."
            )
        return f"{text} {look % {'address': conf.CALLBACK_BASE_URL}}"


def arrivals(servers: Iterable[Server]) -> list[Arrivals]:
    """Compare what callbacks told of these servers with what has happened there; none where none are asked for."""
    found = {server.pk: Arrivals(server=server) for server in servers}
    if not conf.CALLBACK_BASE_URL:
        return list(found.values())
    ended = _ended(found)
    told = _told({str(one.uuid) for one in ended} | {one.internal_id for one in ended})
    watchable = _watchable(ended)
    for one in ended:
        found[one.server_id].ends.append(str(one.uuid) in told)
        if (one.server_id, one.internal_id) in watchable:
            found[one.server_id].recordings.append(one.internal_id in told)
    return list(found.values())


def _ended(servers: Iterable[int]) -> Sequence[MeetingSession]:
    """Return the classes that servers were asked to tell the end of, newest first."""
    now = timezone.now()
    since = now - min(LOOK_BACK, conf.KEEP_CALLBACKS)
    rows = MeetingSession.objects.filter(
        server__in=list(servers), create_time__isnull=False, ended_at__range=(since, now - STILL_COMING)
    )
    newest = rows.order_by("-ended_at").only("uuid", "server_id", "internal_id", "parameters")[:_MOST]
    # What was given out under another address says nothing of the present one.
    return [one for one in newest if str(one.parameters.get("meta_end_callback_url", "")).startswith(_base())]


def _base() -> str:
    return f"{conf.CALLBACK_BASE_URL}/"


def _told(subjects: set[str]) -> set[str]:
    found = CallbackDelivery.objects.filter(subject__in=subjects)
    kinds = [CallbackDelivery.Kind.MEETING_ENDED, CallbackDelivery.Kind.RECORDING_READY]
    return set(found.filter(kind__in=kinds).values_list("subject", flat=True))


def _watchable(ended: Sequence[MeetingSession]) -> set[tuple[int, str]]:
    """Return the runs whose recording has a format: the callback comes with the first one."""
    rows = Recording.objects.filter(record_id__in=[one.internal_id for one in ended], playbacks__isnull=False)
    return set(rows.values_list("server_id", "record_id").distinct())


def _stopped(told: Sequence[bool]) -> bool:
    newest = told[:_TOO_MANY]
    return len(newest) == _TOO_MANY and not any(newest)
