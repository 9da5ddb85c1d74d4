from django.urls import path

from surehand.readiness import gate_views, matrix_views, sign_off_views, views

urlpatterns = [
    path("matrix/", matrix_views.show, name="matrix"),
    path("matrix/<str:pseudonym>/<str:code>/", matrix_views.cell, name="matrix-cell"),
    path("live-use/", views.live_use, name="live-use"),
    path("readiness/", gate_views.ask, name="readiness"),
    path("sign-off/", sign_off_views.sign_off, name="sign-off"),
]
