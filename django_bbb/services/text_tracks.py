"""Text tracks: sent to the server of a recording, and looked for there, since it converts them later."""

from django_bbb.models import Recording, TextTrack

from . import servers


def send_text_track(
    *, recording: Recording, kind: str, lang: str, label: str, content: bytes, filename: str
) -> TextTrack:
    """Send a track to the recording's server; return it as one the server has not taken in yet.

    ``lang`` is like ``en`` or ``en-US``.  Raises `django_bbb.api.BBBError`.
    """
    servers.client_for(recording.server).recordings.put_recording_text_track(
        record_id=recording.record_id,
        kind=kind,
        lang=lang.replace("-", "_"),  # told as en-US, sent as en_US
        label=label or None,
        content=content,
        filename=filename,
    )
    return TextTrack.objects.note_sent(recording=recording, kind=kind, lang=lang, label=label)


def refresh_text_tracks(*, recording: Recording) -> list[TextTrack]:
    """Ask the recording's server which tracks it has, and mirror them; raises `django_bbb.api.BBBError`."""
    client = servers.client_for(recording.server)
    remote = client.recordings.get_recording_text_tracks(record_id=recording.record_id)
    # What could not be read may be one of those that are missing.
    TextTrack.objects.mirror(recording, remote, complete=not remote.skipped)
    return list(recording.text_tracks.all())
