"""Addresses of the app: ``path("bbb/", include("django_bbb.urls"))``."""

from django.urls import path

from .views import callbacks, joining, meetings, recordings

app_name = "django_bbb"

urlpatterns = [
    path("meetings/<str:meeting_id>/", meetings.MeetingPage.as_view(), name="meeting"),
    path("meetings/<str:meeting_id>/join/", joining.Join.as_view(), name="join"),
    path("meetings/<str:meeting_id>/start/", joining.Start.as_view(), name="start"),
    path("meetings/<str:meeting_id>/end/", meetings.End.as_view(), name="end"),
    path("meetings/<str:meeting_id>/join-failed/", joining.JoinFailed.as_view(), name="join-failed"),
    path("playback/<int:pk>/", recordings.PlaybackRedirect.as_view(), name="playback"),
    path("callbacks/meeting-ended/<str:token>/", callbacks.meeting_ended, name="meeting-ended"),
    path("callbacks/recording-ready/<slug:slug>/", callbacks.recording_ready, name="recording-ready"),
]
