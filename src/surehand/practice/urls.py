from django.urls import path

from surehand.practice import log_views

urlpatterns = [
    path("practice/log/", log_views.of_cohort, name="practice-log"),
    path("practice/log/<str:pseudonym>/", log_views.of_person, name="practice-log-of-person"),
]
