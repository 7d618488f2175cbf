"""Breakout rooms: meetings that a meeting made, and that end with it (`MeetingService.java`)."""

from dataclasses import replace

from .meetings import Meeting, MeetingSettings


def as_room_of(parent: Meeting, settings: MeetingSettings) -> MeetingSettings:
    """Return the settings of a room: its parent's metadata, callbacks included, and no lobby."""
    # 70100 becomes 701001, 701002…
    numbered = f"{parent.voice_bridge}{settings.sequence}" if settings.sequence else None
    return replace(
        settings,
        parent_internal_id=parent.internal_id,
        metadata={**parent.settings.metadata, **settings.metadata},
        guest_policy="ALWAYS_ACCEPT",
        voice_bridge=settings.voice_bridge or numbered,
    )


def open_rooms(parent: Meeting) -> list[Meeting]:
    """Return the rooms of a meeting that have not ended, oldest first."""
    return [room for room in parent.breakout_rooms if not room.ended]
