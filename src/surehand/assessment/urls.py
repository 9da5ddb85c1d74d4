from django.urls import path

from surehand.assessment import attempt_views, course_check_views, group_views, review_views, views

urlpatterns = [
    path("courses/to-check/", course_check_views.course_checks, name="courses-of-checks"),
    path("assess/", views.queue, name="assess"),
    path("assess/groups/new/", group_views.begin, name="group-begin"),
    path("assess/groups/<int:group>/", group_views.group, name="group"),
    path("assess/groups/<int:group>/people/", group_views.add_people, name="group-people"),
    path(
        "assess/groups/<int:group>/people/<str:pseudonym>/",
        group_views.answer,
        name="group-answer",
    ),
    path(
        "assess/groups/<int:group>/people/<str:pseudonym>/take-out/",
        group_views.take_out,
        name="group-take-out",
    ),
    path("assess/groups/<int:group>/record/", group_views.record, name="group-record"),
    path("assess/groups/<int:group>/discard/", group_views.discard, name="group-discard"),
    path(
        "assess/attempts/<int:entry>/<str:competency>/", attempt_views.judge, name="judge-attempt"
    ),
    path("assess/sessions/<int:entry>/", attempt_views.judge_session, name="judge-session"),
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
