from django.urls import path

from . import views

app_name = "lms"

urlpatterns = [
    path("", views.courses, name="courses"),
    path("courses/<int:pk>/", views.course, name="course"),
]
