from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("surehand.home.urls")),
    path("", include("surehand.people.urls")),
    path("", include("surehand.support.urls")),
    path("", include("surehand.assessment.urls")),
    path("", include("surehand.readiness.urls")),
]
