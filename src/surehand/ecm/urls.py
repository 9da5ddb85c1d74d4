from django.urls import path

from surehand.ecm import views

HERE = "settings/ecm-profiles/"

urlpatterns = [
    path(HERE, views.profiles, name="settings-of-profiles"),
    path("settings/change-ecm-profile/", views.change, name="settings-of-profile-change"),
    path(f"{HERE}<slug:code>/", views.profile, name="settings-of-profile"),
    path(
        f"{HERE}<slug:code>/<str:version>.yaml",
        views.version_yaml,
        name="settings-of-profile-yaml",
    ),
    path(f"{HERE}<slug:code>/<str:version>/", views.version, name="settings-of-profile-version"),
]
