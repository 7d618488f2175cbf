r"""Every parameter of every call, one line each.

A line carries the Python name, the type, the wire name, help for whoever fills in a form, the first version that
knows it, what replaced it, and its limits.  Validation, encoding, documentation and forms are derived from these
lines (`django_bbb.api.wire.table`), so that a new BigBlueButton parameter is one more line here.

Collected from BigBlueButton's API documentation (docs/docs/data/*.tsx, docs/docs/development/api.md) and its
``ApiParams.java``, ``ParamsProcessorUtil.java`` and constraint classes.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from .enums import (
    DisabledFeature,
    GuestPolicy,
    MediaBridge,
    MeetingLayout,
    NotesEditor,
    PresenterPolicy,
    RecordingState,
    Role,
    TextTrackKind,
)
from .groups import Group
from .wire import Wire

#: Words that go into one parameter with commas between them.
Words = Sequence[str] | Set[str]
#: Words a newer server may have more of: text is taken as well.
Features = Sequence[DisabledFeature | str] | Set[DisabledFeature | str]
States = Sequence[RecordingState | str] | Set[RecordingState | str]

#: Breakout groups; plain data with the same names is taken as well.
Groups = Sequence[Group | Mapping[str, Any]]

#: The server splits lists of ids at commas; 4.0 also refuses blanks at the ends.
MEETING_ID = r"(?! )[^,\x00-\x1f\x7f]+(?<! )"


def _(text: str) -> str:
    """Mark a text for `makemessages`; whoever shows it translates it (there is no Django in here)."""
    return text


# One line per parameter, however long.
# fmt: off

@dataclass(frozen=True, kw_only=True)
class CreateParameters:
    """What `create` takes."""

    name: Annotated[str, Wire("name", _("Title of the class, as people see it."), "0.7", least=2, most=256)]
    meeting_id: Annotated[str, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "0.7", least=2, most=256, pattern=MEETING_ID)]
    attendee_pw: Annotated[str | None, Wire("attendeePW", _("Password that makes a viewer."), "0.7", instead="role of join", least=2, most=64)] = None
    moderator_pw: Annotated[str | None, Wire("moderatorPW", _("Password that makes a moderator."), "0.7", instead="role of join", least=2, most=64)] = None
    welcome: Annotated[str | None, Wire("welcome", _("Greeting in the chat or the session details. A few HTML tags are kept; %%CONFNAME%%, %%DIALNUM%%, %%CONFNUM%% and %%SERVERURL%% are filled in."), "0.7", form="lines")] = None
    dial_number: Annotated[str | None, Wire("dialNumber", _("Telephone number to dial in, shown in place of %%DIALNUM%%."), "0.7")] = None
    voice_bridge: Annotated[str | None, Wire("voiceBridge", _("Five digits to type when dialling in. Must differ from those of all running meetings; leave it out to get a random one."), "0.7", pattern=r"[0-9]{5}")] = None
    web_voice: Annotated[str | None, Wire("webVoice", _("Name of the voice conference in old clients."), "0.7", instead="nothing; it has no effect")] = None
    max_participants: Annotated[int | None, Wire("maxParticipants", _("How many different people may be in the class at once; 0 means any number."), "0.7")] = None
    login_url: Annotated[str | None, Wire("loginURL", _("Where the client sends people who have to log in again."), "3.0", form="url")] = None
    logout_url: Annotated[str | None, Wire("logoutURL", _("Where people land after leaving."), "0.7", form="url")] = None
    logout_timer: Annotated[timedelta | int | None, Wire("logoutTimer", _("Minutes after which the client logs people out; 0 means never."), "2.0", form="minutes")] = None
    meeting_ended_url: Annotated[str | None, Wire("meetingEndedURL", _("Called by the server when the meeting has ended; not visible to participants."), "2.2", form="url")] = None
    record: Annotated[bool | None, Wire("record", _("Whether the class can be recorded. A recording appears only if somebody starts it."), "0.7")] = None
    duration: Annotated[timedelta | int | None, Wire("duration", _("Ends the class after this time, counted in whole minutes; 0 means never."), "0.7", form="minutes")] = None
    is_breakout: Annotated[bool | None, Wire("isBreakout", _("Whether this is a breakout room; needs its parent and its number."), "1.0")] = None
    parent_meeting_id: Annotated[str | None, Wire("parentMeetingID", _("The meeting a breakout room belongs to."), "1.0", least=2, most=256)] = None
    sequence: Annotated[int | None, Wire("sequence", _("Number of the breakout room."), "1.0")] = None
    free_join: Annotated[bool | None, Wire("freeJoin", _("Whether people choose their breakout room themselves."), "1.0")] = None
    breakout_rooms_enabled: Annotated[bool | None, Wire("breakoutRoomsEnabled", _("Whether breakout rooms can be opened."), "1.1", instead='disabled_features={"breakoutRooms"}')] = None
    breakout_rooms_private_chat_enabled: Annotated[bool | None, Wire("breakoutRoomsPrivateChatEnabled", _("Whether people may chat privately in breakout rooms."), "1.1")] = None
    breakout_rooms_record: Annotated[bool | None, Wire("breakoutRoomsRecord", _("Whether the breakout rooms of a recorded class are recorded as well."), "1.1")] = None
    breakout_rooms_capture_slides: Annotated[bool | None, Wire("breakoutRoomsCaptureSlides", _("Whether the slides of breakout rooms are brought back by default."), "2.6")] = None
    breakout_rooms_capture_slides_filename: Annotated[str | None, Wire("breakoutRoomsCaptureSlidesFilename", _("Name of the file with those slides; %%CONFNAME%% is filled in."), "2.6")] = None
    breakout_rooms_capture_notes: Annotated[bool | None, Wire("breakoutRoomsCaptureNotes", _("Whether the shared notes of breakout rooms are brought back by default."), "2.6")] = None
    breakout_rooms_capture_notes_filename: Annotated[str | None, Wire("breakoutRoomsCaptureNotesFilename", _("Name of the file with those notes; %%CONFNAME%% is filled in."), "2.6")] = None
    meta: Annotated[Mapping[str, str] | None, Wire("meta_", _("Facts of your own, told again with the meeting and its recordings. Participants may see them."), "0.8", pattern=r"[a-zA-Z][a-zA-Z0-9-]*", form="pairs")] = None
    plugin: Annotated[Mapping[str, str | bool] | None, Wire("plugin_", _("Settings of client plugins: the name of the plugin, an underscore, the name of the setting."), "3.0", pattern=r"[a-zA-Z][a-zA-Z0-9_-]*", form="pairs")] = None
    meta_end_callback_url: Annotated[str | None, Wire("meta_endCallbackUrl", _("Called by the server when the meeting has ended, with recordingmarks and meetingID added. Participants may see it."), "2.0", form="url")] = None
    meta_bbb_recording_ready_url: Annotated[str | None, Wire("meta_bbb-recording-ready-url", _("Called by the server for each format of a recording that has become ready."), "1.1", form="url")] = None
    meta_bn_recording_ready_url: Annotated[str | None, Wire("meta_bn-recording-ready-url", _("Older name of the address for ready recordings."), "0.9", form="url")] = None
    meta_canvas_recording_ready_url: Annotated[str | None, Wire("meta_canvas-recording-ready-url", _("Oldest name of the address for ready recordings."), "0.9", form="url")] = None
    meta_analytics_callback_url: Annotated[str | None, Wire("meta_analytics-callback-url", _("Receives who was there and what they did, after the meeting; needs meetingKeepEvents."), "2.3", form="url")] = None
    meta_bbb_anonymize_chat: Annotated[bool | None, Wire("meta_bbb-anonymize-chat", _("Whether the names of viewers are replaced in the recorded chat."), "2.7")] = None
    meta_bbb_anonymize_chat_moderators: Annotated[bool | None, Wire("meta_bbb-anonymize-chat-moderators", _("Whether the names of moderators are replaced in the recorded chat."), "2.7")] = None
    meta_bbb_disable_recording_formats: Annotated[Words | None, Wire("meta_bbb-disable-recording-formats", _("Formats that are not to be made of a recording."), "4.0", form="words")] = None
    meta_secret_lrs_payload: Annotated[str | None, Wire("meta_secret-lrs-payload", _("Encrypted access data of a learning record store, for bbb-webhooks."), "bbb-webhooks 3.0")] = None
    meta_server_tag: Annotated[str | None, Wire("meta_server-tag", _("Which servers a Scalelite balancer may choose: a tag, or several with semicolons; ! makes it a must."), "Scalelite 1.6")] = None
    moderator_only_message: Annotated[str | None, Wire("moderatorOnlyMessage", _("Greeting that only moderators see."), "0.81", form="lines")] = None
    auto_start_recording: Annotated[bool | None, Wire("autoStartRecording", _("Whether recording starts when the first person joins."), "0.81")] = None
    allow_start_stop_recording: Annotated[bool | None, Wire("allowStartStopRecording", _("Whether moderators can start and stop the recording."), "0.81")] = None
    record_full_duration_media: Annotated[bool | None, Wire("recordFullDurationMedia", _("Whether sound and video are kept for the whole time, not only between start and stop."), "2.6.9")] = None
    webcams_only_for_moderator: Annotated[bool | None, Wire("webcamsOnlyForModerator", _("Whether viewers see only the webcams of moderators."), "1.1")] = None
    multi_user_whiteboard_enabled: Annotated[bool | None, Wire("multiUserWhiteboardEnabled", _("Whether everybody may draw from the start."), "3.0")] = None
    banner_text: Annotated[str | None, Wire("bannerText", _("Text of a banner across the client."), "2.0")] = None
    banner_color: Annotated[str | None, Wire("bannerColor", _("Colour of that banner, such as #336699."), "2.0", pattern=r"#[0-9A-Fa-f]{6}")] = None
    mute_on_start: Annotated[bool | None, Wire("muteOnStart", _("Whether people are muted when they join."), "2.0")] = None
    allow_mods_to_unmute_users: Annotated[bool | None, Wire("allowModsToUnmuteUsers", _("Whether moderators may unmute others."), "2.2")] = None
    require_user_consent_before_unmuting: Annotated[bool | None, Wire("requireUserConsentBeforeUnmuting", _("Whether people are asked before a moderator unmutes them."), "4.0")] = None
    lock_settings_disable_cam: Annotated[bool | None, Wire("lockSettingsDisableCam", _("Whether viewers may not share their webcam."), "2.2")] = None
    lock_settings_disable_mic: Annotated[bool | None, Wire("lockSettingsDisableMic", _("Whether viewers may only listen."), "2.2")] = None
    lock_settings_disable_private_chat: Annotated[bool | None, Wire("lockSettingsDisablePrivateChat", _("Whether viewers may not chat privately."), "2.2")] = None
    lock_settings_disable_public_chat: Annotated[bool | None, Wire("lockSettingsDisablePublicChat", _("Whether viewers may not write in the public chat."), "2.2")] = None
    lock_settings_disable_notes: Annotated[bool | None, Wire("lockSettingsDisableNotes", _("Whether viewers may not write in the shared notes."), "2.2")] = None
    lock_settings_disable_note: Annotated[bool | None, Wire("lockSettingsDisableNote", _("Older name of the same."), "2.2", instead="lock_settings_disable_notes")] = None
    lock_settings_hide_user_list: Annotated[bool | None, Wire("lockSettingsHideUserList", _("Whether viewers do not see the other viewers."), "2.2")] = None
    lock_settings_locked_layout: Annotated[bool | None, Wire("lockSettingsLockedLayout", _("Whether the layout is locked, in old clients."), "2.2", instead="nothing; it has no effect")] = None
    lock_settings_lock_on_join: Annotated[bool | None, Wire("lockSettingsLockOnJoin", _("Whether these locks hold for everyone who joins."), "2.2")] = None
    lock_settings_lock_on_join_configurable: Annotated[bool | None, Wire("lockSettingsLockOnJoinConfigurable", _("Whether moderators may change that."), "2.2")] = None
    lock_settings_hide_viewers_cursor: Annotated[bool | None, Wire("lockSettingsHideViewersCursor", _("Whether viewers do not see the cursors of other viewers."), "2.5")] = None
    lock_settings_hide_viewers_annotation: Annotated[bool | None, Wire("lockSettingsHideViewersAnnotation", _("Whether viewers do not see what other viewers draw."), "2.7")] = None
    lock_settings_presenter_policy: Annotated[PresenterPolicy | str | None, Wire("lockSettingsPresenterPolicy", _("Who may become presenter."), "4.0")] = None
    guest_policy: Annotated[GuestPolicy | str | None, Wire("guestPolicy", _("Who waits until a moderator lets them in. ASK_MODERATOR holds back every viewer, ALWAYS_ACCEPT_AUTH only guests."), "2.0")] = None
    keep_events: Annotated[bool | None, Wire("keepEvents", _("Older name of meetingKeepEvents."), "2.0", instead="meeting_keep_events")] = None
    meeting_keep_events: Annotated[bool | None, Wire("meetingKeepEvents", _("Whether the events are kept without a recording; the analytics need it."), "2.3")] = None
    end_when_no_moderator: Annotated[bool | None, Wire("endWhenNoModerator", _("Whether the class ends some time after the last moderator has left."), "2.3")] = None
    end_when_no_moderator_delay_in_minutes: Annotated[timedelta | int | None, Wire("endWhenNoModeratorDelayInMinutes", _("How long after."), "2.3", form="minutes")] = None
    meeting_layout: Annotated[MeetingLayout | str | None, Wire("meetingLayout", _("How the client arranges its panes."), "2.4")] = None
    learning_dashboard_enabled: Annotated[bool | None, Wire("learningDashboardEnabled", _("Whether moderators have the learning dashboard."), "2.4", instead='disabled_features={"learningDashboard"}')] = None
    learning_dashboard_cleanup_delay_in_minutes: Annotated[timedelta | int | None, Wire("learningDashboardCleanupDelayInMinutes", _("How long the dashboard stays after the class; 0 means for ever."), "2.4", form="minutes")] = None
    allow_mods_to_eject_cameras: Annotated[bool | None, Wire("allowModsToEjectCameras", _("Whether moderators may switch off webcams."), "2.4")] = None
    allow_requests_without_session: Annotated[bool | None, Wire("allowRequestsWithoutSession", _("Whether the session cookie is not asked for, as inside a frame of another site. Whoever has the address gets in."), "2.4.3")] = None
    virtual_backgrounds_disabled: Annotated[bool | None, Wire("virtualBackgroundsDisabled", _("Whether virtual backgrounds are off."), "2.4.3", instead='disabled_features={"virtualBackgrounds"}')] = None
    user_camera_cap: Annotated[int | None, Wire("userCameraCap", _("Webcams each person may share; 0 means any number."), "2.4.5")] = None
    meeting_camera_cap: Annotated[int | None, Wire("meetingCameraCap", _("Webcams in the class at once; 0 means any number."), "2.5")] = None
    max_pinned_cameras: Annotated[int | None, Wire("maxPinnedCameras", _("Webcams that can be pinned."), "2.6", least=1)] = None
    global_camera_cap: Annotated[int | None, Wire("globalCameraCap", _("Webcams altogether; not seen in a release yet."), "4.x")] = None
    camera_bridge: Annotated[MediaBridge | str | None, Wire("cameraBridge", _("Media server for webcams."), "3.0")] = None
    screen_share_bridge: Annotated[MediaBridge | str | None, Wire("screenShareBridge", _("Media server for shared screens."), "3.0")] = None
    audio_bridge: Annotated[MediaBridge | str | None, Wire("audioBridge", _("Media server for sound."), "3.0")] = None
    meeting_expire_if_no_user_joined_in_minutes: Annotated[timedelta | int | None, Wire("meetingExpireIfNoUserJoinedInMinutes", _("How long the server keeps a class that nobody enters."), "2.5", form="minutes")] = None
    meeting_expire_when_last_user_left_in_minutes: Annotated[timedelta | int | None, Wire("meetingExpireWhenLastUserLeftInMinutes", _("How long it keeps one that everybody has left; 0 means this ends no class."), "2.5", form="minutes")] = None
    groups: Annotated[Groups | str | None, Wire("groups", _("Breakout groups made beforehand: a list with id, name and the user ids of each."), "2.5", form="json")] = None
    logo: Annotated[str | None, Wire("logo", _("Address of a logo."), "2.0", form="url")] = None
    darklogo: Annotated[str | None, Wire("darklogo", _("Address of a logo for the dark theme."), "3.0", form="url")] = None
    copyright: Annotated[str | None, Wire("copyright", _("Copyright text."), "2.0", instead="nothing; it has no effect")] = None
    shared_notes_editor: Annotated[NotesEditor | str | None, Wire("sharedNotesEditor", _("Editor of the shared notes."), "3.0")] = None
    shared_notes_initial_content_json_url: Annotated[str | None, Wire("sharedNotesInitialContentJsonUrl", _("Address of the first content of the shared notes, as BlockNote JSON."), "3.0", form="url")] = None
    shared_notes_initial_content_markdown: Annotated[str | None, Wire("sharedNotesInitialContentMarkdown", _("First content of the shared notes, as Markdown."), "3.0.33", most=1024 * 1024, form="lines")] = None
    shared_notes_initial_content_markdown_url: Annotated[str | None, Wire("sharedNotesInitialContentMarkdownUrl", _("Address of the first content of the shared notes, as Markdown."), "3.0.33", form="url")] = None
    disabled_features: Annotated[Features | None, Wire("disabledFeatures", _("Features that are switched off, such as breakoutRooms or polls."), "2.5", form="words")] = None
    disabled_features_exclude: Annotated[Features | None, Wire("disabledFeaturesExclude", _("Features that stay on although the server switches them off."), "2.6.9", form="words")] = None
    pre_uploaded_presentation_override_default: Annotated[bool | None, Wire("preUploadedPresentationOverrideDefault", _("Whether your slides replace the server's own."), "2.5")] = None
    pre_uploaded_presentation: Annotated[str | None, Wire("preUploadedPresentation", _("Address of slides to begin with."), "2.7.2", form="url")] = None
    pre_uploaded_presentation_name: Annotated[str | None, Wire("preUploadedPresentationName", _("Name of those slides."), "2.7.2")] = None
    notify_recording_is_on: Annotated[bool | None, Wire("notifyRecordingIsOn", _("Whether people are told in a dialogue that recording is on."), "2.6")] = None
    notify_recording_append: Annotated[str | None, Wire("notifyRecordingAppend", _("Text added to that dialogue."), "4.0", form="lines")] = None
    presentation_upload_external_url: Annotated[str | None, Wire("presentationUploadExternalUrl", _("Page where presenters can upload slides."), "2.6", form="url")] = None
    presentation_upload_external_description: Annotated[str | None, Wire("presentationUploadExternalDescription", _("What that page is called in the client."), "2.6")] = None
    presentation_conversion_cache_enabled: Annotated[bool | None, Wire("presentationConversionCacheEnabled", _("Whether converted slides are cached."), "3.0")] = None
    max_num_pages: Annotated[int | None, Wire("maxNumPages", _("Most pages a set of slides may have."), "3.0")] = None
    client_settings_override: Annotated[Any | None, Wire("clientSettingsOverride", _("Settings of the client to change, as JSON."), "3.0", form="json")] = None
    client_settings_override_json_url: Annotated[str | None, Wire("clientSettingsOverrideJsonUrl", _("Address of such settings."), "3.0.25", form="url")] = None
    allow_override_client_settings_on_create_call: Annotated[bool | None, Wire("allowOverrideClientSettingsOnCreateCall", _("Whether such settings are taken from this call."), "3.0")] = None
    allow_promote_guest_to_moderator: Annotated[bool | None, Wire("allowPromoteGuestToModerator", _("Whether a guest can be made a moderator."), "2.7.9")] = None
    plugin_manifests: Annotated[Any | None, Wire("pluginManifests", _("Client plugins to load: a list with the address of each manifest."), "3.0", form="json")] = None
    plugin_manifests_fetch_url: Annotated[str | None, Wire("pluginManifestsFetchUrl", _("Address of such a list."), "3.0", form="url")] = None


@dataclass(frozen=True, kw_only=True)
class JoinParameters:
    """What `join` takes."""

    full_name: Annotated[str, Wire("fullName", _("The name others see."), "0.7", least=1)]
    meeting_id: Annotated[str, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "0.7", least=2, most=256, pattern=MEETING_ID)]
    role: Annotated[Role | str | None, Wire("role", _("What the person is in the class."), "2.4")] = None
    password: Annotated[str | None, Wire("password", _("One of the two passwords of the class."), "0.7", instead="role", least=2, most=64)] = None
    create_time: Annotated[datetime | int | None, Wire("createTime", _("When this run of the class was created: the link then opens no other run."), "0.81", form="milliseconds")] = None
    user_id: Annotated[str | None, Wire("userID", _("Your id of the person; stable, and without personal data."), "0.7", least=1)] = None
    web_voice_conf: Annotated[str | None, Wire("webVoiceConf", _("Voice conference in old clients."), "0.7", instead="nothing; it has no effect")] = None
    config_token: Annotated[str | None, Wire("configToken", _("Configuration of the Flash client."), "0.9", instead="nothing; it has no effect")] = None
    client_url: Annotated[str | None, Wire("clientURL", _("Another client, in the Flash days."), "0.9", instead="nothing; it has no effect", form="url")] = None
    join_via_html5: Annotated[bool | None, Wire("joinViaHtml5", _("Whether to use the HTML5 client."), "2.0", instead="nothing; it has no effect")] = None
    default_layout: Annotated[str | None, Wire("defaultLayout", _("Layout in old clients."), "2.0", instead="userdata_bbb_default_layout")] = None
    avatar_url: Annotated[str | None, Wire("avatarURL", _("Picture of the person; the browsers of the others fetch it."), "0.81", form="url")] = None
    webcam_background_url: Annotated[str | None, Wire("webcamBackgroundURL", _("Virtual background of the person."), "2.7.10", form="url")] = None
    first_name: Annotated[str | None, Wire("firstName", _("First name."), "3.0")] = None
    last_name: Annotated[str | None, Wire("lastName", _("Last name."), "3.0")] = None
    redirect: Annotated[bool | None, Wire("redirect", _("Whether the answer is a redirect into the class, not XML."), "0.81")] = None
    error_redirect_url: Annotated[str | None, Wire("errorRedirectUrl", _("Where the browser goes when the server refuses, with the reasons added."), "2.7", form="url")] = None
    logout_url: Annotated[str | None, Wire("logoutURL", _("Where people land after leaving."), "3.0", form="url")] = None
    guest: Annotated[bool | None, Wire("guest", _("Whether the person is a guest."), "2.0")] = None
    auth: Annotated[bool | None, Wire("auth", _("Whether the person is logged in."), "2.0")] = None
    bot: Annotated[bool | None, Wire("bot", _("Whether it is a bot, which is not counted."), "3.0")] = None
    exclude_from_dashboard: Annotated[bool | None, Wire("excludeFromDashboard", _("Whether the person is left out of the learning dashboard."), "2.4")] = None
    enforce_layout: Annotated[MeetingLayout | str | None, Wire("enforceLayout", _("Layout the person cannot change."), "3.0")] = None
    existing_user_id: Annotated[str | None, Wire("existingUserID", _("Internal id of a person who opens a second session."), "3.0")] = None
    replace_session_token: Annotated[str | None, Wire("replaceSessionToken", _("Session the new one takes the place of."), "3.0")] = None
    session_name: Annotated[str | None, Wire("sessionName", _("Label of the session."), "3.0")] = None
    userdata_bbb_ask_for_feedback_on_logout: Annotated[bool | None, Wire("userdata-bbb_ask_for_feedback_on_logout", _("Whether to ask for feedback after leaving."), "2.0", instead="nothing; it has no effect")] = None
    userdata_bbb_auto_join_audio: Annotated[bool | None, Wire("userdata-bbb_auto_join_audio", _("Whether to open the audio dialogue on joining."), "2.0")] = None
    userdata_bbb_client_title: Annotated[str | None, Wire("userdata-bbb_client_title", _("First words of the browser's title."), "2.0")] = None
    userdata_bbb_force_listen_only: Annotated[bool | None, Wire("userdata-bbb_force_listen_only", _("Whether the person may only listen."), "2.0")] = None
    userdata_bbb_listen_only_mode: Annotated[bool | None, Wire("userdata-bbb_listen_only_mode", _("Whether listening only is offered."), "2.0")] = None
    userdata_bbb_skip_check_audio: Annotated[bool | None, Wire("userdata-bbb_skip_check_audio", _("Whether to skip the echo test."), "2.0")] = None
    userdata_bbb_skip_check_audio_on_first_join: Annotated[bool | None, Wire("userdata-bbb_skip_check_audio_on_first_join", _("Whether to skip the echo test the first time."), "2.3")] = None
    userdata_bbb_skip_echotest_if_previous_device: Annotated[bool | None, Wire("userdata-bbb_skip_echotest_if_previous_device", _("Whether to skip the echo test if the device is known."), "3.0")] = None
    userdata_bbb_override_default_locale: Annotated[str | None, Wire("userdata-bbb_override_default_locale", _("Language of the client, such as pt-BR."), "2.3")] = None
    userdata_bbb_direct_leave_button: Annotated[bool | None, Wire("userdata-bbb_direct_leave_button", _("Whether the bar has a button to leave."), "2.7")] = None
    userdata_bbb_parent_room_moderator: Annotated[bool | None, Wire("userdata-bbb_parent_room_moderator", _("Whether the person moderates the parent of this breakout room."), "3.0")] = None
    userdata_bbb_record_permission: Annotated[bool | None, Wire("userdata-bbb_record_permission", _("Whether the person may record."), "3.0")] = None
    userdata_bbb_record_permission_tooltip: Annotated[str | None, Wire("userdata-bbb_record_permission_tooltip", _("What to say if not."), "3.0")] = None
    userdata_bbb_show_session_details_on_join: Annotated[bool | None, Wire("userdata-bbb_show_session_details_on_join", _("Whether to show the session details first."), "3.0")] = None
    userdata_bbb_show_animations_default: Annotated[bool | None, Wire("userdata-bbb_show_animations_default", _("Whether animations are on."), "3.0")] = None
    userdata_bbb_display_branding_area: Annotated[bool | None, Wire("userdata-bbb_display_branding_area", _("Whether the logo is shown."), "2.0")] = None
    userdata_bbb_shortcuts: Annotated[Words | None, Wire("userdata-bbb_shortcuts", _("Keyboard shortcuts that are on."), "2.0", form="words")] = None
    userdata_bbb_auto_share_webcam: Annotated[bool | None, Wire("userdata-bbb_auto_share_webcam", _("Whether to start the webcam."), "2.0")] = None
    userdata_bbb_preferred_camera_profile: Annotated[str | None, Wire("userdata-bbb_preferred_camera_profile", _("Camera profile, such as low or hd."), "2.0")] = None
    userdata_bbb_enable_video: Annotated[bool | None, Wire("userdata-bbb_enable_video", _("Whether the person may share a webcam."), "2.0")] = None
    userdata_bbb_record_video: Annotated[bool | None, Wire("userdata-bbb_record_video", _("Whether the webcam is recorded."), "2.0")] = None
    userdata_bbb_skip_video_preview: Annotated[bool | None, Wire("userdata-bbb_skip_video_preview", _("Whether to skip the preview of the webcam."), "2.0")] = None
    userdata_bbb_skip_video_preview_on_first_join: Annotated[bool | None, Wire("userdata-bbb_skip_video_preview_on_first_join", _("Whether to skip that preview the first time."), "2.3")] = None
    userdata_bbb_skip_video_preview_if_previous_device: Annotated[bool | None, Wire("userdata-bbb_skip_video_preview_if_previous_device", _("Whether to skip that preview if the device is known."), "3.0")] = None
    userdata_bbb_mirror_own_webcam: Annotated[bool | None, Wire("userdata-bbb_mirror_own_webcam", _("Whether people see themselves as in a mirror."), "2.0")] = None
    userdata_bbb_fullaudio_bridge: Annotated[str | None, Wire("userdata-bbb_fullaudio_bridge", _("Audio bridge for those who speak."), "2.7")] = None
    userdata_bbb_transparent_listen_only: Annotated[bool | None, Wire("userdata-bbb_transparent_listen_only", _("Whether listeners are moved to a lighter connection."), "2.7")] = None
    userdata_bbb_transcription_provider: Annotated[str | None, Wire("userdata-bbb_transcription_provider", _("Who transcribes."), "3.0")] = None
    userdata_bbb_force_restore_presentation_on_new_events: Annotated[bool | None, Wire("userdata-bbb_force_restore_presentation_on_new_events", _("Whether the slides come back when something happens on them."), "2.2")] = None
    userdata_bbb_multi_user_pen_only: Annotated[bool | None, Wire("userdata-bbb_multi_user_pen_only", _("Whether others have only the pen on the whiteboard."), "2.2")] = None
    userdata_bbb_presenter_tools: Annotated[Words | None, Wire("userdata-bbb_presenter_tools", _("Whiteboard tools of the presenter."), "2.2", form="words")] = None
    userdata_bbb_multi_user_tools: Annotated[Words | None, Wire("userdata-bbb_multi_user_tools", _("Whiteboard tools of the others."), "2.2", form="words")] = None
    userdata_bbb_initial_selected_tool: Annotated[str | None, Wire("userdata-bbb_initial_selected_tool", _("Whiteboard tool to begin with."), "3.0")] = None
    userdata_bbb_custom_style: Annotated[str | None, Wire("userdata-bbb_custom_style", _("Style sheet as text; never from somebody's input."), "2.2", form="lines")] = None
    userdata_bbb_custom_style_url: Annotated[str | None, Wire("userdata-bbb_custom_style_url", _("Address of a style sheet."), "2.2")] = None
    userdata_bbb_prefer_dark_theme: Annotated[bool | None, Wire("userdata-bbb_prefer_dark_theme", _("Whether to begin with the dark theme."), "3.0")] = None
    userdata_bbb_auto_swap_layout: Annotated[bool | None, Wire("userdata-bbb_auto_swap_layout", _("Whether to begin with the slides put away, in old clients."), "2.0", instead="nothing; it has no effect")] = None
    userdata_bbb_hide_presentation: Annotated[bool | None, Wire("userdata-bbb_hide_presentation", _("Whether to hide the slides, in old clients."), "2.0", instead="userdata_bbb_hide_presentation_on_join")] = None
    userdata_bbb_hide_presentation_on_join: Annotated[bool | None, Wire("userdata-bbb_hide_presentation_on_join", _("Whether to begin with the slides put away."), "2.6")] = None
    userdata_bbb_show_participants_on_login: Annotated[bool | None, Wire("userdata-bbb_show_participants_on_login", _("Whether to begin with the list of people open."), "2.0")] = None
    userdata_bbb_show_public_chat_on_login: Annotated[bool | None, Wire("userdata-bbb_show_public_chat_on_login", _("Whether to begin with the public chat open."), "2.0")] = None
    userdata_bbb_hide_nav_bar: Annotated[bool | None, Wire("userdata-bbb_hide_nav_bar", _("Whether to hide the bar at the top."), "2.4")] = None
    userdata_bbb_hide_actions_bar: Annotated[bool | None, Wire("userdata-bbb_hide_actions_bar", _("Whether to hide the bar at the bottom."), "2.4")] = None
    userdata_bbb_hide_sidebar_navigation: Annotated[bool | None, Wire("userdata-bbb_hide_sidebar_navigation", _("Whether to hide the navigation at the side."), "4.0")] = None
    userdata_bbb_default_layout: Annotated[MeetingLayout | str | None, Wire("userdata-bbb_default_layout", _("Layout to begin with."), "3.0")] = None
    userdata_bbb_hide_notifications: Annotated[bool | None, Wire("userdata-bbb_hide_notifications", _("Whether to hide notifications."), "3.0")] = None
    userdata_bbb_hide_controls: Annotated[bool | None, Wire("userdata-bbb_hide_controls", _("Whether to hide the controls."), "3.0.0")] = None
    userdata: Annotated[Mapping[str, str | bool] | None, Wire("userdata-", _("Settings of the client for this person, and facts of your own that are told with the list of people."), "2.0", pattern=r"[A-Za-z_][A-Za-z0-9_]*", form="pairs")] = None


@dataclass(frozen=True, kw_only=True)
class EndParameters:
    """What `end` takes."""

    meeting_id: Annotated[str, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "0.7", least=2, most=256, pattern=MEETING_ID)]
    password: Annotated[str | None, Wire("password", _("One of the two passwords of the class."), "0.7", instead="nothing; since 2.5 the server looks at its length alone", least=2, most=64)] = None


@dataclass(frozen=True, kw_only=True)
class IsMeetingRunningParameters:
    """What `isMeetingRunning` takes."""

    meeting_id: Annotated[str, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "0.7", least=2, most=256, pattern=MEETING_ID)]


@dataclass(frozen=True, kw_only=True)
class GetMeetingsParameters:
    """What `getMeetings` takes."""


@dataclass(frozen=True, kw_only=True)
class GetMeetingInfoParameters:
    """What `getMeetingInfo` takes."""

    meeting_id: Annotated[str, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "0.7", least=2, most=256, pattern=MEETING_ID)]
    password: Annotated[str | None, Wire("password", _("The password of moderators, in old versions."), "0.7", instead="nothing; it has no effect", least=2, most=64)] = None
    offset: Annotated[int | None, Wire("offset", _("Known to another client, and to no server."), instead="nothing; it has no effect")] = None
    limit: Annotated[int | None, Wire("limit", _("Known to another client, and to no server."), instead="nothing; it has no effect")] = None


@dataclass(frozen=True, kw_only=True)
class GetSessionsParameters:
    """What `getSessions` takes."""


@dataclass(frozen=True, kw_only=True)
class InsertDocumentParameters:
    """What `insertDocument` takes."""

    meeting_id: Annotated[str, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "2.5", least=2, most=256, pattern=MEETING_ID)]


@dataclass(frozen=True, kw_only=True)
class SendChatMessageParameters:
    """What `sendChatMessage` takes."""

    meeting_id: Annotated[str, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "3.0", least=2, most=256, pattern=MEETING_ID)]
    message: Annotated[str, Wire("message", _("Text for the public chat."), "3.0", least=1, most=500, form="lines")]
    user_name: Annotated[str | None, Wire("userName", _("Who seems to have written it."), "3.0", most=255)] = None


@dataclass(frozen=True, kw_only=True)
class GetJoinUrlParameters:
    """What `getJoinUrl` takes."""

    session_token: Annotated[str, Wire("sessionToken", _("Token of a session in the class."), "3.0")]
    replace_session: Annotated[bool | None, Wire("replaceSession", _("Whether the new address replaces the session."), "3.0")] = None
    session_name: Annotated[str | None, Wire("sessionName", _("Label of the session."), "3.0")] = None
    enforce_layout: Annotated[MeetingLayout | str | None, Wire("enforceLayout", _("Layout the person cannot change."), "3.0")] = None
    userdata: Annotated[Mapping[str, str | bool] | None, Wire("userdata-", _("Settings of the client for this person, and facts of your own that are told with the list of people."), "3.0", pattern=r"[A-Za-z_][A-Za-z0-9_]*", form="pairs")] = None


@dataclass(frozen=True, kw_only=True)
class LearningDashboardParameters:
    """What `learningDashboard` takes."""

    session_token: Annotated[str, Wire("sessionToken", _("Token of a session in the class."), "2.4")]


@dataclass(frozen=True, kw_only=True)
class FeedbackParameters:
    """What `feedback` takes."""

    session_token: Annotated[str, Wire("sessionToken", _("Token of a session in the class."), "3.0")]
    rating: Annotated[int | None, Wire("rating", _("How many stars, from 1 to 5."), "3.0", least=1, most=5)] = None
    comment: Annotated[str | None, Wire("comment", _("What the person wants to say."), "3.0", form="lines")] = None
    meeting_id: Annotated[str | None, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "3.0", least=2, most=256, pattern=MEETING_ID)] = None
    user_id: Annotated[str | None, Wire("userID", _("Your id of the person; stable, and without personal data."), "3.0", least=1)] = None


@dataclass(frozen=True, kw_only=True)
class GetRecordingsParameters:
    """What `getRecordings` takes."""

    meeting_id: Annotated[Words | None, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "0.8", form="words")] = None
    record_id: Annotated[Words | None, Wire("recordID", _("Recording ids; a part from the beginning matches as well."), "1.1", form="words")] = None
    state: Annotated[States | None, Wire("state", _("States to look for; any means all."), "1.1", form="words")] = None
    meta: Annotated[Mapping[str, str] | None, Wire("meta_", _("Only recordings with these facts; % at an end of the value matches anything."), "1.0", pattern=r"[a-zA-Z][a-zA-Z0-9-]*", least=1, form="pairs")] = None
    offset: Annotated[int | None, Wire("offset", _("How many to pass over; needs a limit."), "2.6")] = None
    limit: Annotated[int | None, Wire("limit", _("How many at most."), "2.6", least=1, most=100)] = None


@dataclass(frozen=True, kw_only=True)
class PublishRecordingsParameters:
    """What `publishRecordings` takes."""

    record_id: Annotated[Words, Wire("recordID", _("Recording ids; a part from the beginning matches as well."), "0.8", form="words")]
    publish: Annotated[bool, Wire("publish", _("Whether to publish, or to unpublish."), "0.8")]


@dataclass(frozen=True, kw_only=True)
class DeleteRecordingsParameters:
    """What `deleteRecordings` takes."""

    record_id: Annotated[Words, Wire("recordID", _("Recording ids; a part from the beginning matches as well."), "0.8", form="words")]


@dataclass(frozen=True, kw_only=True)
class UpdateRecordingsParameters:
    """What `updateRecordings` takes."""

    record_id: Annotated[Words, Wire("recordID", _("Recording ids; a part from the beginning matches as well."), "1.1", form="words")]
    meta: Annotated[Mapping[str, str] | None, Wire("meta_", _("Facts to set; an empty one is removed."), "1.1", pattern=r"[a-zA-Z][a-zA-Z0-9-]*", form="pairs")] = None
    protect: Annotated[bool | None, Wire("protect", _("Whether links need a token (Scalelite only)."), "Scalelite 1.3")] = None


@dataclass(frozen=True, kw_only=True)
class GetRecordingTextTracksParameters:
    """What `getRecordingTextTracks` takes."""

    record_id: Annotated[str, Wire("recordID", _("Recording ids; a part from the beginning matches as well."), "2.2")]


@dataclass(frozen=True, kw_only=True)
class PutRecordingTextTrackParameters:
    """What `putRecordingTextTrack` takes."""

    record_id: Annotated[str, Wire("recordID", _("Recording ids; a part from the beginning matches as well."), "2.2")]
    kind: Annotated[TextTrackKind | str, Wire("kind", _("Subtitles or captions."), "2.2")]
    lang: Annotated[str, Wire("lang", _("Language such as en or en_US."), "2.2", pattern=r"[a-z]{2}(_[A-Z]{2})?")]
    label: Annotated[str | None, Wire("label", _("What people choose it by."), "2.2")] = None


@dataclass(frozen=True, kw_only=True)
class CreateHookParameters:
    """What `hooks/create` takes."""

    callback_url: Annotated[str, Wire("callbackURL", _("Where the events go."), "1.0", form="url")]
    meeting_id: Annotated[str | None, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "1.0", least=2, most=256, pattern=MEETING_ID)] = None
    event_id: Annotated[Words | None, Wire("eventID", _("Events to send; all without it."), "2.5", form="words")] = None
    get_raw: Annotated[bool | None, Wire("getRaw", _("Whether events come as they are inside the server."), "1.1")] = None


@dataclass(frozen=True, kw_only=True)
class ListHooksParameters:
    """What `hooks/list` takes."""

    meeting_id: Annotated[str | None, Wire("meetingID", _("The id of the meeting on the server; letters, digits, hyphens and underscores are safe everywhere."), "1.0", least=2, most=256, pattern=MEETING_ID)] = None


@dataclass(frozen=True, kw_only=True)
class DestroyHookParameters:
    """What `hooks/destroy` takes."""

    hook_id: Annotated[str, Wire("hookID", _("Id of the hook."), "1.0")]
