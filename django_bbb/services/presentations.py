"""Presentations: checked, kept, and brought to the servers.

A server says nothing of slides that it cannot fetch or convert, so that whatever can be known is found out when they
are uploaded.  That a file cannot be sent keeps no class from starting.
"""

import logging
import re
import unicodedata
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Max
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from django_bbb.api import Document
from django_bbb.api.documents import LARGEST_DOCUMENT
from django_bbb.conf import Delivery, conf
from django_bbb.exceptions import UnusableFile
from django_bbb.models import Meeting, MeetingSession, Presentation, Server

from . import addresses, servers
from .file_types import TYPES, type_by_name
from .public_addresses import is_private, own_site

logger = logging.getLogger(__name__)

#: Files of one meeting.
MOST = 20

_SALT = "django_bbb.presentation"

#: Characters of a name beside its ending.
_LONGEST_NAME = 100

#: What means something in a path, an address or a header.
_UNSAFE = re.compile(r'[<>:"/\\|?*%#;&]+')


# --- upload -------------------------------------------------------------------------------------------


def check_upload(*, file: "File[bytes]", name: str) -> str:
    """Return the name that a file is to have; raises ValidationError that says why it is not taken.

    It is taken by what it holds: the ending of its name has to agree with that.
    """
    name = safe_name(name)
    found = type_by_name(name)
    size = file.size
    if found is None:
        text = _("Servers make no slides of such files. Choose one that ends in %(endings)s.")
        raise ValidationError(text, params={"endings": ", ".join(TYPES)})
    if not size:
        raise ValidationError(_("The file is empty. Choose another one."))
    if size > conf.LARGEST_PRESENTATION:
        text = _("The file is larger than %(most)s. Make it smaller, for example with fewer pictures.")
        raise ValidationError(text, params={"most": filesizeformat(conf.LARGEST_PRESENTATION)})
    if not found.fits(file):
        text = _("The file holds something else than its ending “%(ending)s” says. Save it again in that format.")
        raise ValidationError(text, params={"ending": PurePosixPath(name).suffix})
    _scan(file, name)
    file.seek(0)
    return name


def _scan(file: "File[bytes]", name: str) -> None:
    try:
        scan = conf.PRESENTATION_SCANNER
        if scan is not None:
            file.seek(0)
            scan(file=file, name=name)
    except ValidationError:
        raise
    except Exception:
        logger.exception("The scanner failed on a presentation, which was refused.")
        text = _("The file could not be examined, and was not kept. Try again later.")
        raise ValidationError(text) from None


def safe_name(name: str) -> str:
    """Return a name that is the same to every system: no folders, nothing that cannot be seen, an ending in small."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Cc, Cf and the like: among them what turns the direction of letters around, so that an ending looks otherwise.
    seen = "".join(one for one in " ".join(name.split()) if unicodedata.category(one)[0] != "C")
    path = PurePosixPath(_UNSAFE.sub("_", seen.strip(" .")))
    stem = path.stem.strip("_. ")[:_LONGEST_NAME] or "slides"
    return stem + path.suffix.lower()


def keep(presentation: Presentation, *, file: "File[bytes]", name: str) -> Presentation:
    """Give a presentation a file that was checked, under the name it got from that; the caller saves."""
    presentation.file = File(file, name)
    presentation.name, presentation.size = name, file.size
    return presentation


def add_presentation(*, meeting: Meeting, file: "File[bytes]", name: str = "", **fields: Any) -> Presentation:
    """Keep a file for the classes of a meeting, as the last of its presentations.

    ``fields`` are further fields of `Presentation`.  With ``is_default=True`` it takes the place of the one that is
    shown first.  Raises ValidationError.
    """
    mine = meeting.presentations.all()
    if mine.count() >= MOST:
        raise ValidationError(too_many())
    made = Presentation(meeting=meeting, **fields)
    made.is_default = made.is_default or None
    keep(made, file=file, name=check_upload(file=file, name=name or file.name or ""))
    if "position" not in fields:
        made.position = next_position(meeting_id=meeting.pk)
    with transaction.atomic():
        if made.is_default:
            mine.update(is_default=None)
        made.save()
    return made


def change_presentation(*, presentation: Presentation, is_default: bool, **fields: Any) -> None:
    """Say what holds for a presentation; one that is to be shown first takes the place of the one that was."""
    others = Presentation.objects.filter(meeting=presentation.meeting_id).exclude(pk=presentation.pk)
    for name, value in (fields | {"is_default": is_default or None}).items():
        setattr(presentation, name, value)
    with transaction.atomic():
        if is_default:
            others.update(is_default=None)
        presentation.save(update_fields=["is_default", *fields])


def next_position(*, meeting_id: int | None) -> int:
    """Return a place after all presentations that a meeting has; one that is yet to be stored has none."""
    if meeting_id is None:
        return 0
    last = Presentation.objects.filter(meeting_id=meeting_id).aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def too_many() -> str:
    """Return what people read who want to keep more files than a meeting may have."""
    return _("A meeting has at most %(most)d presentations. Delete one first.") % {"most": MOST}


# --- to the servers -----------------------------------------------------------------------------------


def slides_of(*, session: MeetingSession) -> list[Document]:
    """Return what create is told to show, in order; what cannot be sent is left out, and logged."""
    delivery, most = delivery_to(session.server), _largest(session.server)
    room = most
    found = {}
    kept = list(session.meeting.presentations.all())
    for one in sorted(kept, key=lambda one: not one.is_default):  # if not all have room, that one has
        try:
            if delivery is Delivery.EMBED and room < one.size <= most:
                raise UnusableFile(_("There is no room for it beside the others."))
            found[one.pk] = _document(one, session.server, current=one.is_default)
            room -= one.size
        except UnusableFile as error:
            logger.warning("%s starts without “%s”: %s", session.meeting.meeting_id, one, error)
    return [found[one.pk] for one in kept if one.pk in found]


def insert_presentation(*, presentation: Presentation, session: MeetingSession) -> None:
    """Send slides into a class that runs; those on show stay there until a presenter changes them.

    Raises `django_bbb.api.BBBError`, `ServerNotConfigured` and `UnusableFile`.  It is never repeated: the server
    would have the file twice.
    """
    slides = [_document(presentation, session.server, current=None)]
    client = servers.client_for(session.server)
    client.meetings.insert_document(meeting_id=session.meeting.meeting_id, slides=slides)


def delivery_to(server: Server) -> Delivery:
    """Return how a server gets files: by fetching them where it will, and else in the body of the call."""
    said = conf.delivery_to(server.declaration)
    if said is None:
        scheme, host = own_site()
        said = Delivery.FETCH if scheme == "https" and not is_private(host) else Delivery.EMBED
    return said if conf.CALLBACK_BASE_URL else Delivery.EMBED


def _document(presentation: Presentation, server: Server, *, current: bool | None) -> Document:
    most = _largest(server)
    if presentation.size > most:
        raise UnusableFile(_("It is larger than the %(most)s that the server takes.") % {"most": filesizeformat(most)})
    content, url = None, ""
    if delivery_to(server) is Delivery.FETCH:
        url = addresses.absolute(signed_path(presentation)) or ""
    else:
        content = _read(presentation)
    return Document(
        url=url,
        content=content,
        filename=presentation.name,
        current=current,
        downloadable=presentation.is_downloadable,
        removable=presentation.is_removable,
    )


def _largest(server: Server) -> int:
    return int(servers.client_options(server).get("largest_document", LARGEST_DOCUMENT))


def _read(presentation: Presentation) -> bytes:
    try:
        with presentation.file.open("rb") as file:
            return bytes(file.read())
    except Exception as error:  # each storage has its own
        logger.warning("A presentation cannot be read from its storage.", exc_info=True)
        raise UnusableFile(_("It cannot be read from its storage. Look into the log of this site.")) from error


def signed_path(presentation: Presentation) -> str:
    """Return where a file can be fetched for `PRESENTATION_FETCH_WITHIN`, by whoever has the path: show it nowhere."""
    token = signing.dumps([presentation.pk, presentation.name], salt=_SALT)
    return reverse("django_bbb:presentation", kwargs={"token": token, "name": presentation.name})


def presentation_of(*, token: str, name: str) -> Presentation:
    """Return what a path was signed for.

    Raises `django.core.signing.BadSignature`, `django.core.signing.SignatureExpired` when it is too old, and
    `Presentation.DoesNotExist`.
    """
    match signing.loads(token, salt=_SALT, max_age=conf.PRESENTATION_FETCH_WITHIN):
        case [int(pk), str(signed)] if signed == name:
            return Presentation.objects.get(pk=pk)
    raise signing.BadSignature("Not the path of this file.")


# --- files and rows -----------------------------------------------------------------------------------


def copy_presentations(*, meeting: Meeting, to: Meeting) -> None:
    """Give another meeting copies of all files; one that cannot be copied is left out, and logged."""
    for one in meeting.presentations.all():
        copy = Presentation.objects.get(pk=one.pk)
        copy.pk, copy.meeting = None, to
        copy._state.adding = True
        try:
            with one.file.open("rb") as file, transaction.atomic():
                keep(copy, file=file, name=one.name).save()
        except Exception:  # each storage has its own
            logger.warning("“%s” was not copied to %s.", one, to.meeting_id, exc_info=True)


def forget_file(sender: type[Presentation], instance: Presentation, **kwargs: Any) -> None:
    """Delete the file of a row that is gone, once that is certain."""
    storage = sender._meta.get_field("file").storage  # not that of the row, which may have been another's
    transaction.on_commit(partial(_delete_file, storage, instance.file.name or ""))


def _delete_file(storage: Storage, name: str) -> None:
    try:
        storage.delete(name)
    except Exception:  # each storage has its own
        logger.warning("The file of a deleted presentation is still in its storage.", exc_info=True)
