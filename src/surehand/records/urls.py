from django.urls import path

from surehand.records import kept_aside_views, signal_views, words_views

urlpatterns = [
    path("records/", signal_views.overview, name="records"),
    path("records/noticed/", signal_views.noticed, name="records-of-list"),
    path("records/mine/", signal_views.mine, name="records-of-mine"),
    path("records/words/", words_views.words, name="records-of-words"),
    path("records/<int:pk>/", signal_views.record, name="records-of-record"),
    path("records/alerts/<int:pk>/", signal_views.alert, name="records-of-alert"),
    path("records/kept-aside/", kept_aside_views.overview, name="kept-aside"),
    path("records/kept-aside/read-as/", kept_aside_views.read_as, name="kept-aside-read-as"),
    path("records/kept-aside/leave-out/", kept_aside_views.leave_out, name="kept-aside-leave-out"),
]
