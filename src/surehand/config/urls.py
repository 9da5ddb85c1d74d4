from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("surehand.home.urls")),
    path("", include("surehand.people.urls")),
    path("", include("surehand.ecm.urls")),
    path("", include("surehand.support.urls")),
    path("", include("surehand.practice.urls")),
    path("", include("surehand.records.urls")),
    path("", include("surehand.assessment.urls")),
    path("", include("surehand.readiness.urls")),
    path("", include("surehand.audits.urls")),
    path("", include("surehand.assurance.urls")),
    path("", include("surehand.governance.urls")),
    path("", include("surehand.api.urls")),
]

handler400 = "surehand.home.problems.bad_request"
handler403 = "surehand.home.problems.forbidden"
handler404 = "surehand.home.problems.not_found"
handler500 = "surehand.home.problems.broken"
