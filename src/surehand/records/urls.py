from django.urls import path

from surehand.records import kept_aside_views

urlpatterns = [
    path("records/kept-aside/", kept_aside_views.overview, name="kept-aside"),
    path("records/kept-aside/read-as/", kept_aside_views.read_as, name="kept-aside-read-as"),
    path("records/kept-aside/leave-out/", kept_aside_views.leave_out, name="kept-aside-leave-out"),
]
