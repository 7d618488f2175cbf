"""Addresses of the app: ``path("bbb/", include("django_bbb.urls"))``."""

from django.urls import path
from django.views.generic import View

from .views import (
    callbacks,
    door,
    invitations,
    joining,
    meetings,
    members,
    presentations,
    recordings,
    rooms,
    running,
    slides,
    thumbnails,
    waiting,
)

app_name = "django_bbb"

#: For those whose room it is.
ROOM: list[tuple[str, type[View], str]] = [
    ("edit/", rooms.EditRoom, "room-edit"),
    ("members/", members.Members, "room-members"),
    ("members/<int:pk>/remove/", members.RemoveMember, "room-member-remove"),
    ("invitations/", invitations.Invitations, "room-invitations"),
    ("invitations/<int:pk>/withdraw/", invitations.WithdrawInvitation, "room-invitation-withdraw"),
    ("presentations/", slides.Presentations, "room-presentations"),
    ("presentations/<int:pk>/", slides.ChangePresentation, "room-presentation-change"),
    ("presentations/<int:pk>/open/", slides.OpenPresentation, "room-presentation-open"),
    ("presentations/<int:pk>/delete/", slides.DeletePresentation, "room-presentation-delete"),
    ("presentations/<int:pk>/send/", slides.SendPresentation, "room-presentation-send"),
    ("class/", running.RunningClass, "room-class"),
    ("class/restart/", running.RestartClass, "room-class-restart"),
]

urlpatterns = [
    path("meetings/<str:meeting_id>/", meetings.MeetingPage.as_view(), name="meeting"),
    path("meetings/<str:meeting_id>/join/", joining.Join.as_view(), name="join"),
    path("meetings/<str:meeting_id>/join/frame/", joining.JoinInFrame.as_view(), name="join-in-frame"),
    path("meetings/<str:meeting_id>/start/", joining.Start.as_view(), name="start"),
    path("meetings/<str:meeting_id>/door/", door.Door.as_view(), name="door"),
    path("meetings/<str:meeting_id>/left/", meetings.Left.as_view(), name="left"),
    path("meetings/<str:meeting_id>/end/", meetings.End.as_view(), name="end"),
    path("meetings/<str:meeting_id>/join-failed/", joining.JoinFailed.as_view(), name="join-failed"),
    path("rooms/new/", rooms.NewRoom.as_view(), name="room-new"),
    *(path(f"meetings/<str:meeting_id>/{where}", view.as_view(), name=name) for where, view, name in ROOM),
    path("invitations/<str:token>/", door.InvitationPage.as_view(), name="invitation"),
    path("status/<str:token>/", waiting.StatusView.as_view(), name="status"),
    path("playback/<int:pk>/", recordings.PlaybackRedirect.as_view(), name="playback"),
    path("playback/<int:pk>/thumbnails/<int:number>/", thumbnails.Thumbnail.as_view(), name="thumbnail"),
    path("presentations/<str:token>/<str:name>", presentations.presentation, name="presentation"),
    path("callbacks/meeting-ended/<str:token>/", callbacks.meeting_ended, name="meeting-ended"),
    path("callbacks/recording-ready/<slug:slug>/", callbacks.recording_ready, name="recording-ready"),
    path("callbacks/analytics/<str:token>/", callbacks.analytics, name="analytics"),
    path("callbacks/webhook/<slug:slug>/<str:token>/", callbacks.webhook, name="webhook"),
]
