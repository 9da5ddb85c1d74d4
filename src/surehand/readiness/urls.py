from django.urls import path

from surehand.readiness import matrix_views, sign_off_views, views

urlpatterns = [
    path("matrix/", matrix_views.show, name="matrix"),
    path("live-use/", views.live_use, name="live-use"),
    path("sign-off/", sign_off_views.sign_off, name="sign-off"),
]
