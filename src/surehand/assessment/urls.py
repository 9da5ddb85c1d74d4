from django.urls import path

from surehand.assessment import course_check_views, review_views, views

urlpatterns = [
    path("courses/to-check/", course_check_views.course_checks, name="courses-of-checks"),
    path("assess/", views.queue, name="assess"),
    path("assess/<str:pseudonym>/<str:competency>/", views.observe, name="assess-of-person"),
    path("assessments/<int:entry>/", views.assessment, name="assessment"),
    path("assessments/<int:entry>/correct/", views.correct, name="correct-assessment"),
    path("assessments/<int:entry>/void/", views.void, name="void-assessment"),
    path("assessments/<int:entry>/files/<int:file>/", views.file, name="assessment-file"),
    path("reviews/", review_views.reviews, name="reviews"),
    path("reviews/<int:entry>/", review_views.review, name="review"),
    path(
        "people/<str:pseudonym>/ask-for-a-check/", review_views.request_check, name="request-check"
    ),
]
