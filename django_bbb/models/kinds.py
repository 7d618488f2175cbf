"""Kinds of server: BigBlueButton itself, and balancers in front of several, with what each does without."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_bbb.api import HashAlgorithm, LongRequests


@dataclass(frozen=True, kw_only=True)
class Features:
    """What a kind of server can do; services ask this and never the kind."""

    #: getMeetings lists all that runs; where it may be switched off, an empty list says nothing.
    lists_meetings: bool = True
    #: Checksum algorithms it may be told to take.
    algorithms: frozenset[str] = frozenset(HashAlgorithm)
    #: How it wants calls that are too long for a query.
    long_requests: LongRequests = LongRequests.SPLIT
    #: The algorithms of the token that comes with its reports on classes.
    analytics_algorithms: tuple[str, ...] = ("HS512",)


_WITHOUT_SHA384 = frozenset(HashAlgorithm) - {HashAlgorithm.SHA384}


class Kind(models.TextChoices):
    """What answers at the address of a server."""

    BIGBLUEBUTTON = "bigbluebutton", "BigBlueButton"
    SCALELITE = "scalelite", _("Scalelite (balancer)")
    BBBLB = "bbblb", _("bbblb (balancer)")
    B3LB = "b3lb", _("b3lb (balancer)")


FEATURES: dict[str, Features] = {
    Kind.BIGBLUEBUTTON: Features(),
    # GET_MEETINGS_API_DISABLED makes its getMeetings say that nothing runs.
    Kind.SCALELITE: Features(lists_meetings=False, algorithms=_WITHOUT_SHA384),
    # It passes over a form that stands beside a query, without a word.
    Kind.BBBLB: Features(
        algorithms=_WITHOUT_SHA384, long_requests=LongRequests.SORTED_FORM, analytics_algorithms=("HS512", "HS256")
    ),
    Kind.B3LB: Features(),
}
