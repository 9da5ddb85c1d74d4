from django.urls import path

from surehand.practice import elsewhere_views, player_views, views

urlpatterns = [
    path("practice/", views.practice, name="practice"),
    path("practice/scenarios/<str:code>/", views.start, name="practice-start"),
    path("practice/done/<int:entry>/", views.result, name="practice-result"),
    path("practice/done/<int:entry>/replay/", views.replay, name="practice-replay"),
    path("practice/elsewhere/", elsewhere_views.elsewhere, name="practice-elsewhere"),
    path(
        "practice/elsewhere/<int:number>/",
        elsewhere_views.result,
        name="practice-elsewhere-result",
    ),
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
