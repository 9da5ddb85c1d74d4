from django.urls import path

from surehand.readiness import sign_off_views, views

urlpatterns = [
    path("live-use/", views.live_use, name="live-use"),
    path("sign-off/", sign_off_views.sign_off, name="sign-off"),
]
