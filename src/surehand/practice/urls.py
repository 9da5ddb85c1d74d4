from django.urls import path

from surehand.practice import player_views, session_views, views

urlpatterns = [
    path("practice/", views.practice, name="practice"),
    path("practice/scenarios/<str:code>/", views.start, name="practice-start"),
    path("practice/done/<int:entry>/", views.result, name="practice-result"),
    path("practice/done/<int:entry>/replay/", views.replay, name="practice-replay"),
    path("practice/join/", session_views.join, name="practice-join"),
    path("practice/sessions/new/", session_views.open_session, name="practice-session-open"),
    path("practice/sessions/<int:entry>/", session_views.session, name="practice-session"),
    path("practice/sessions/<int:entry>/code/", session_views.code, name="practice-session-code"),
    path(
        "practice/sessions/<int:entry>/begin/", session_views.begin, name="practice-session-begin"
    ),
    path("practice/sessions/<int:entry>/help/", session_views.helped, name="practice-session-help"),
    path("practice/sessions/<int:entry>/end/", session_views.end, name="practice-session-end"),
    path("practice/go/<int:entry>/", player_views.people, name="play"),
    path("practice/go/<int:entry>/notes/", player_views.notes, name="play-notes"),
    path("practice/go/<int:entry>/tell/", player_views.tell, name="play-tell"),
    path("practice/go/<int:entry>/stop/", player_views.stop, name="play-stop"),
    path("practice/go/<int:entry>/do/", player_views.do, name="play-do"),
    path("practice/go/<int:entry>/there/", player_views.there, name="play-there"),
    path("practice/go/<int:entry>/write/<str:who>/", player_views.write, name="play-write"),
    path(
        "practice/go/<int:entry>/write/<str:who>/<str:kind>/",
        player_views.record,
        name="play-record",
    ),
    path("practice/go/<int:entry>/see/<path:place>/", player_views.place, name="play-place"),
]
