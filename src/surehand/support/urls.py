from django.urls import path

from surehand.support import course_views, views

urlpatterns = [
    path("courses/", course_views.courses, name="courses"),
    path("support/", views.support, name="support"),
    path("support/<int:entry>/", views.support_action, name="support-action"),
    path("people/<str:pseudonym>/add-support/", views.add_support, name="add-support"),
]
