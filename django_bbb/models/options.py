"""Create parameters as rows keep them: by name, in JSON, and from several places at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_bbb.api import wire
from django_bbb.api.parameters import CreateParameters

#: Create parameters that this app fills in itself.
RESERVED_OPTIONS = frozenset(
    {
        "name",
        "meeting_id",
        "attendee_pw",
        "moderator_pw",
        "meeting_ended_url",
        "meta_end_callback_url",
        "meta_bbb_recording_ready_url",
        "meta_bn_recording_ready_url",
        "meta_canvas_recording_ready_url",
        "meta_analytics_callback_url",
    }
)

#: Names that would pass for something else among the parameters this site does not know.
_NOT_EXTRA = ("meta_", "plugin_", "checksum")


class Source(models.TextChoices):
    """Where the value of an option comes from; a later one of these wins over an earlier one."""

    SITE = "site", _("the settings of the site")
    PRESET = "preset", _("the preset")
    MEETING = "meeting", _("this meeting")
    ENFORCED = "enforced", _("the preset, for all its meetings")


@dataclass(frozen=True, slots=True)
class Option:
    """A value that holds, and where it comes from."""

    value: Any
    source: Source


def python_names(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options under their Python names, so that two spellings of one parameter meet.

    That is also done for those that stand in a mapping: sent twice, a server would take either.
    """
    known = wire.table(CreateParameters)
    named = {known[name].python_name if name in known else name: value for name, value in options.items()}
    for mapping, prefix in (("meta", "meta_"), (wire.EXTRA, "")):
        inside = named.get(mapping)
        if isinstance(inside, Mapping):
            own = {key: known[f"{prefix}{key}"].python_name for key in inside if f"{prefix}{key}" in known}
            named[mapping] = {key: value for key, value in inside.items() if key not in own} or None
            named |= {name: inside[key] for key, name in own.items()}
    return named


def put_together(sources: Iterable[tuple[Source, Mapping[str, Any]]]) -> dict[str, Option]:
    """Return the options that hold, the last of several that say something about the same parameter."""
    return {
        name: Option(value, source)
        for source, options in sources
        for name, value in python_names(options).items()
        if value is not None
    }


def validate_options(options: Any) -> None:
    """Refuse options that create would not take, with every reason at once."""
    if not isinstance(options, dict):
        raise ValidationError(_("Options are a JSON object of create parameters."), code="options")
    problems = [*_misnamed(options), *_not_extra(options.get(wire.EXTRA))]
    if not problems:
        arguments = {"name": "valid", "meeting_id": "valid", **options}
        try:
            problems = list(wire.encode(CreateParameters, arguments)[1])
        except TypeError as error:
            problems = [str(error)]
    if problems:
        raise ValidationError([ValidationError(problem, code="options") for problem in problems])


def _misnamed(options: Mapping[str, Any]) -> Iterable[str]:
    known = wire.table(CreateParameters)
    meta = options.get("meta")
    # A fact in the mapping may have the name of a parameter: both would be sent.
    spelled = [f"meta_{name}" for name in meta] if isinstance(meta, dict) else []
    for name in [*options, *(name for name in spelled if name in known)]:
        parameter = known.get(name)
        if parameter is None and name != wire.EXTRA:
            yield _("BigBlueButton has no create parameter “%(name)s”.") % {"name": name}
        elif parameter is not None and parameter.python_name in RESERVED_OPTIONS:
            yield _("“%(name)s” is filled in by this site.") % {"name": name}


def _not_extra(extra: Any) -> Iterable[str]:
    for name in extra if isinstance(extra, dict) else ():
        if str(name).startswith(_NOT_EXTRA):
            yield _("“%(name)s” is no parameter of its own.") % {"name": name}
