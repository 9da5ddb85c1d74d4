from django.urls import path

from surehand.people import settings_views, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-in/demo/<int:person>/", views.demo_sign_in, name="demo-sign-in"),
    path("settings/", settings_views.overview, name="settings"),
    path("settings/services/<str:code>/", settings_views.go_live, name="settings-of-service"),
    path("settings/people/add/", settings_views.add, name="settings-of-new-person"),
    path("settings/people/<str:pseudonym>/", settings_views.access, name="settings-of-person"),
    path("settings/access/<int:entry>/end/", settings_views.end, name="settings-of-access-end"),
    path(
        "settings/people/<str:pseudonym>/sign-in/",
        settings_views.sign_in,
        name="settings-of-sign-in",
    ),
    path("settings/people/<str:pseudonym>/merge/", settings_views.merge, name="settings-of-merge"),
]
