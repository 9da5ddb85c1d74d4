from django.urls import path

from surehand.home import (
    confidence_views,
    health,
    import_matching_views,
    imports_views,
    people_views,
    person_views,
    questions_views,
    views,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", health.health, name="health"),
    path("metrics/", health.metrics, name="metrics"),
    path("people/", people_views.people, name="people"),
    path("held-about-me/", person_views.held_about_me, name="held-about-me"),
    path("people/<str:pseudonym>/", person_views.person, name="person"),
    path("confidence/", confidence_views.own, name="confidence"),
    path("confidence/picture/", confidence_views.picture, name="confidence-picture"),
    path("confidence/<str:code>/", confidence_views.say, name="say-confidence"),
    path("questions/", questions_views.questions, name="questions"),
    path("imports/", imports_views.imports, name="imports"),
    path("imports/waiting/<int:pending>/", imports_views.preview, name="import-preview"),
    path(
        "imports/waiting/<int:pending>/columns/",
        import_matching_views.columns,
        name="import-columns",
    ),
    path("imports/waiting/<int:pending>/words/", import_matching_views.words, name="import-words"),
    path("imports/waiting/<int:pending>/again/", imports_views.again, name="import-again"),
    path("imports/layouts/<int:mapping>/", import_matching_views.mapping, name="import-mapping"),
    path(
        "imports/layouts/<int:mapping>/delete/",
        import_matching_views.delete_mapping,
        name="import-mapping-delete",
    ),
    path("imports/waiting/<int:pending>/confirm/", imports_views.confirm, name="import-confirm"),
    path("imports/waiting/<int:pending>/cancel/", imports_views.cancel, name="import-cancel"),
    path(
        "imports/waiting/<int:pending>/refused.csv",
        imports_views.refused_now,
        name="import-refused-now",
    ),
    path("imports/done/<int:entry>/", imports_views.done, name="import-done"),
    path("imports/refused/<int:rows>.csv", imports_views.refused, name="import-refused"),
    path("imports/<slug:kind>/", imports_views.upload, name="import-file"),
    path("imports/<slug:kind>/template.csv", imports_views.template, name="import-template"),
]
