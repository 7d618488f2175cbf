"""Words of the protocol.  A server may know newer ones: whoever reads an answer keeps those as text."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is inside a class (``role`` of join)."""

    MODERATOR = "MODERATOR"
    VIEWER = "VIEWER"


class RecordingState(StrEnum):
    """Where a recording stands (``state`` of getRecordings)."""

    PROCESSING = "processing"
    PROCESSED = "processed"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    DELETED = "deleted"


class GuestPolicy(StrEnum):
    """Who waits in BigBlueButton's own lobby (``guestPolicy`` of create)."""

    ALWAYS_ACCEPT = "ALWAYS_ACCEPT"
    ALWAYS_DENY = "ALWAYS_DENY"
    #: Holds back every viewer, also one who is logged in.
    ASK_MODERATOR = "ASK_MODERATOR"
    #: Holds back guests only; not in BigBlueButton's documentation, in all its versions.
    ALWAYS_ACCEPT_AUTH = "ALWAYS_ACCEPT_AUTH"


class MeetingLayout(StrEnum):
    """How the client arranges its panes (``meetingLayout`` of create)."""

    CUSTOM_LAYOUT = "CUSTOM_LAYOUT"
    SMART_LAYOUT = "SMART_LAYOUT"
    PRESENTATION_FOCUS = "PRESENTATION_FOCUS"
    VIDEO_FOCUS = "VIDEO_FOCUS"
    CAMERAS_ONLY = "CAMERAS_ONLY"
    PARTICIPANTS_AND_CHAT_ONLY = "PARTICIPANTS_AND_CHAT_ONLY"
    PRESENTATION_ONLY = "PRESENTATION_ONLY"
    MEDIA_ONLY = "MEDIA_ONLY"
    UNIFIED_LAYOUT = "UNIFIED_LAYOUT"
    PLUGINS_ONLY = "PLUGINS_ONLY"


class PresenterPolicy(StrEnum):
    """Who may become presenter (``lockSettingsPresenterPolicy`` of create)."""

    MODERATOR_ONLY = "moderatorOnly"
    REQUIRE_APPROVAL = "requireApproval"
    FREE_FOR_ALL = "freeForAll"


class MediaBridge(StrEnum):
    """The media server behind audio, cameras or screen sharing."""

    WEBRTC_SFU = "bbb-webrtc-sfu"
    LIVEKIT = "livekit"
    FREESWITCH = "freeswitch"


class NotesEditor(StrEnum):
    """The editor of the shared notes (``sharedNotesEditor`` of create)."""

    ETHERPAD = "etherpad"
    BLOCK_NOTE = "blockNote"


class TextTrackKind(StrEnum):
    """What a text track is for (``kind`` of putRecordingTextTrack)."""

    SUBTITLES = "subtitles"
    CAPTIONS = "captions"


class DisabledFeature(StrEnum):
    """What can be switched off (``disabledFeatures`` of create, ``disabledFeaturesExclude`` to keep it on).

    A set may mix these with words of a newer server; a server passes over those it does not know.
    """

    BREAKOUT_ROOMS = "breakoutRooms"
    CAMERA_AS_CONTENT = "cameraAsContent"
    CAPTIONS = "captions"
    CHAT = "chat"
    CHAT_EMOJI_PICKER = "chatEmojiPicker"
    CHAT_MESSAGE_REACTIONS = "chatMessageReactions"
    CUSTOM_VIRTUAL_BACKGROUNDS = "customVirtualBackgrounds"
    DELETE_CHAT_MESSAGE = "deleteChatMessage"
    DOWNLOAD_PRESENTATION_CONVERTED_TO_PDF = "downloadPresentationConvertedToPdf"
    DOWNLOAD_PRESENTATION_ORIGINAL_FILE = "downloadPresentationOriginalFile"
    DOWNLOAD_PRESENTATION_WITH_ANNOTATIONS = "downloadPresentationWithAnnotations"
    EDIT_CHAT_MESSAGE = "editChatMessage"
    EXTERNAL_VIDEOS = "externalVideos"
    IMPORT_PRESENTATION_WITH_ANNOTATIONS_FROM_BREAKOUT_ROOMS = "importPresentationWithAnnotationsFromBreakoutRooms"
    IMPORT_SHARED_NOTES_FROM_BREAKOUT_ROOMS = "importSharedNotesFromBreakoutRooms"
    INFINITE_WHITEBOARD = "infiniteWhiteboard"
    #: Gone in 4.0.
    LAYOUTS = "layouts"
    LEARNING_DASHBOARD = "learningDashboard"
    LEARNING_DASHBOARD_DOWNLOAD_SESSION_DATA = "learningDashboardDownloadSessionData"
    LIVE_TRANSCRIPTION = "liveTranscription"
    MULTI_FUNCTIONAL_MODE = "multiFunctionalMode"
    PIN_CHAT_MESSAGE = "pinChatMessage"
    PLUGINS = "plugins"
    POLLS = "polls"
    PRESENTATION = "presentation"
    PRIVATE_CHAT = "privateChat"
    QUIZZES = "quizzes"
    RAISE_HAND = "raiseHand"
    REPLY_CHAT_MESSAGE = "replyChatMessage"
    SCREENSHARE = "screenshare"
    SHARED_NOTES = "sharedNotes"
    SNAPSHOT_OF_CURRENT_SLIDE = "snapshotOfCurrentSlide"
    TIMER = "timer"
    USER_REACTIONS = "userReactions"
    VIRTUAL_BACKGROUNDS = "virtualBackgrounds"
    WEBCAM_GRID = "webcamGrid"
