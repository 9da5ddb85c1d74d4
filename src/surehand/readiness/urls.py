from django.urls import path

from surehand.readiness import views

urlpatterns = [
    path("live-use/", views.live_use, name="live-use"),
    path("sign-off/", views.sign_off, name="sign-off"),
]
