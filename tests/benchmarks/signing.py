"""Signing: a URL with everything checked, beside `urlencode` and SHA-256 by hand on the same values."""

import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django_bbb.api import BigBlueButtonClient, Role
from django_bbb.api.parameters import CreateParameters

from .measure import Benchmark

SECRET = "a secret as long as those of a server are, more or less"
BASE = "https://bbb.example.org/bigbluebutton/api/"
CREATED = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

JOIN: dict[str, Any] = {
    "full_name": "Ada Weber",
    "meeting_id": "m-abcdefghijklmnopqrstuvwxyz",
    "role": Role.MODERATOR,
    "user_id": "u42",
    "create_time": CREATED,
    "error_redirect_url": "https://lms.example.org/bbb/meetings/m-abcdefghijklmnopqrstuvwxyz/join-failed/",
    "userdata_bbb_override_default_locale": "de",
}
JOIN_TEXT = {
    "fullName": "Ada Weber",
    "meetingID": "m-abcdefghijklmnopqrstuvwxyz",
    "role": "MODERATOR",
    "userID": "u42",
    "createTime": "1795253400000",
    "errorRedirectUrl": "https://lms.example.org/bbb/meetings/m-abcdefghijklmnopqrstuvwxyz/join-failed/",
    "userdata-bbb_override_default_locale": "de",
}

CREATE: dict[str, Any] = {
    "name": "Mathematics 7b",
    "meeting_id": "m-abcdefghijklmnopqrstuvwxyz",
    "welcome": "Welcome to <b>%%CONFNAME%%</b>. Please mute yourself.",
    "max_participants": 30,
    "logout_url": "https://lms.example.org/courses/7/",
    "record": True,
    "duration": 90,
    "moderator_only_message": "Students come in by the waiting page.",
    "auto_start_recording": False,
    "allow_start_stop_recording": True,
    "webcams_only_for_moderator": True,
    "banner_text": "Mathematics",
    "banner_color": "#336699",
    "mute_on_start": True,
    "allow_mods_to_unmute_users": False,
    "lock_settings_disable_cam": True,
    "lock_settings_disable_mic": False,
    "lock_settings_disable_private_chat": True,
    "lock_settings_disable_public_chat": False,
    "lock_settings_disable_notes": True,
    "lock_settings_hide_user_list": False,
    "lock_settings_lock_on_join": True,
    "lock_settings_lock_on_join_configurable": False,
    "lock_settings_hide_viewers_cursor": True,
    "lock_settings_hide_viewers_annotation": False,
    "guest_policy": "ASK_MODERATOR",
    "meeting_keep_events": True,
    "end_when_no_moderator": True,
    "end_when_no_moderator_delay_in_minutes": 5,
    "meeting_layout": "SMART_LAYOUT",
    "learning_dashboard_cleanup_delay_in_minutes": 2,
    "allow_mods_to_eject_cameras": True,
    "user_camera_cap": 3,
    "meeting_camera_cap": 20,
    "meeting_expire_if_no_user_joined_in_minutes": 5,
    "meeting_expire_when_last_user_left_in_minutes": 1,
    "logo": "https://lms.example.org/static/logo.png",
    "pre_uploaded_presentation_override_default": True,
    "notify_recording_is_on": True,
    "meta_end_callback_url": "https://lms.example.org/bbb/callbacks/meeting-ended/eyJhIjoxfQ:1abc:def/",
}


def by_hand(call: str, values: dict[str, str]) -> str:
    query = urlencode(values)
    digest = hashlib.sha256(f"{call}{query}{SECRET}".encode()).hexdigest()
    return f"{BASE}{call}?{query}&checksum={digest}"


def as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


client = BigBlueButtonClient(BASE, SECRET)
CREATE_TEXT = {name: as_text(value) for name, value in CREATE.items()}

BENCHMARKS = [
    Benchmark(
        "signed join URL, to urlencode and SHA-256",
        lambda: client.meetings.join_url(**JOIN),
        lambda: by_hand("join", JOIN_TEXT),
        1.0,
    ),
    Benchmark(
        "signed create URL of 40 parameters, to the same",
        lambda: client._connection.sign("create", CREATE, CreateParameters),
        lambda: by_hand("create", CREATE_TEXT),
        1.0,
    ),
]
