from django.urls import path

from surehand.support import course_views, question_views, views

urlpatterns = [
    path("courses/", course_views.courses, name="courses"),
    path("support/", views.support, name="support"),
    path("support/<int:entry>/", views.support_action, name="support-action"),
    path("people/<str:pseudonym>/add-support/", views.add_support, name="add-support"),
    path("stuck/", question_views.stuck, name="stuck"),
    path("stuck/offline/", question_views.stuck_offline, name="stuck-offline"),
    path("offline/", question_views.offline, name="offline"),
    path("stuck/<int:entry>/", question_views.question, name="question"),
    path("stuck/<int:entry>/words/", question_views.add_words, name="add-to-question"),
    path("stuck/<int:entry>/answer/", question_views.answer, name="answer-question"),
]
