from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path

# What goes on in the classrooms, on the start page as well.
admin.site.index_template = "admin/django_bbb/index.html"

urlpatterns = [
    path("", include("lms.urls")),
    path("bbb/", include("django_bbb.urls")),
    path("accounts/login/", auth_views.LoginView.as_view(), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
]
