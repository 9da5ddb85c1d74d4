from django.urls import path, register_converter

from surehand.practice import (
    elsewhere_views,
    log_views,
    player_views,
    scenario_views,
    session_views,
    spot_question_views,
    views,
)
from surehand.practice.player_views import Go


class Goes:
    """What is played: an attempt, by its entry, or the preview of a scenario’s draft."""

    regex = r"[0-9]{1,18}|preview-[A-Z][A-Z0-9]{0,9}"

    def to_python(self, value: str) -> Go:
        return int(value) if value.isdecimal() else value

    def to_url(self, value: Go) -> str:
        return str(value)


register_converter(Goes, "goes")

SCENARIOS = "practice/scenarios/"
ONE = f"{SCENARIOS}<str:code>/"

urlpatterns = [
    path("practice/", views.practice, name="practice"),
    path(SCENARIOS, scenario_views.scenarios, name="practice-of-scenarios"),
    path(f"{SCENARIOS}new/", scenario_views.new, name="practice-of-scenario-new"),
    path(f"{ONE}read/", scenario_views.scenario, name="practice-of-scenario"),
    path(f"{ONE}yaml/", scenario_views.document, name="practice-of-scenario-yaml"),
    path(f"{ONE}offered/", scenario_views.offered, name="practice-of-scenario-offered"),
    path(f"{ONE}next/", scenario_views.next_version, name="practice-of-scenario-next"),
    path(f"{ONE}draft/", scenario_views.draft, name="practice-of-scenario-draft"),
    path(f"{ONE}draft/form/", scenario_views.draft_form, name="practice-of-draft-form"),
    path(f"{ONE}draft/yaml/", scenario_views.draft_document, name="practice-of-draft-yaml"),
    path(f"{ONE}draft/discard/", scenario_views.discard, name="practice-of-draft-discard"),
    path(f"{ONE}draft/publish/", scenario_views.publish, name="practice-of-draft-publish"),
    path(f"{ONE}draft/preview/", scenario_views.preview, name="practice-of-draft-preview"),
    path(f"{ONE}draft/previewed/", scenario_views.previewed, name="practice-of-draft-previewed"),
    path(ONE, views.start, name="practice-start"),
    path("practice/done/<int:entry>/", views.result, name="practice-result"),
    path("practice/done/<int:entry>/replay/", views.replay, name="practice-replay"),
    path("practice/elsewhere/", elsewhere_views.elsewhere, name="practice-elsewhere"),
    path(
        "practice/elsewhere/<int:number>/",
        elsewhere_views.result,
        name="practice-elsewhere-result",
    ),
    path(
        "practice/elsewhere/<int:number>/correct/",
        elsewhere_views.correct,
        name="practice-elsewhere-correct",
    ),
    path(
        "practice/elsewhere/<int:number>/void/",
        elsewhere_views.void,
        name="practice-elsewhere-void",
    ),
    path("practice/questions/", spot_question_views.questions, name="spot-questions"),
    path("practice/questions/<str:code>/", spot_question_views.question, name="spot-question"),
    path("practice/join/", session_views.join, name="practice-join"),
    path("practice/sessions/new/", session_views.open_session, name="practice-session-open"),
    path("practice/sessions/<int:entry>/", session_views.session, name="practice-session"),
    path("practice/sessions/<int:entry>/code/", session_views.code, name="practice-session-code"),
    path(
        "practice/sessions/<int:entry>/begin/", session_views.begin, name="practice-session-begin"
    ),
    path("practice/sessions/<int:entry>/help/", session_views.helped, name="practice-session-help"),
    path("practice/sessions/<int:entry>/end/", session_views.end, name="practice-session-end"),
    path("practice/log/", log_views.of_cohort, name="practice-log"),
    path("practice/check/<str:pseudonym>/", views.check_with, name="practice-check-with"),
    path("practice/log/<str:pseudonym>/", log_views.of_person, name="practice-log-of-person"),
    path("practice/go/<goes:entry>/", player_views.people, name="play"),
    path("practice/go/<goes:entry>/notes/", player_views.notes, name="play-notes"),
    path("practice/go/<goes:entry>/tell/", player_views.tell, name="play-tell"),
    path("practice/go/<goes:entry>/paper/", player_views.paper, name="play-paper"),
    path("practice/go/<goes:entry>/stop/", player_views.stop, name="play-stop"),
    path("practice/go/<goes:entry>/do/", player_views.do, name="play-do"),
    path("practice/go/<goes:entry>/there/", player_views.there, name="play-there"),
    path("practice/go/<goes:entry>/write/<str:who>/", player_views.write, name="play-write"),
    path(
        "practice/go/<goes:entry>/write/<str:who>/<str:kind>/",
        player_views.record,
        name="play-record",
    ),
    path("practice/go/<goes:entry>/see/<path:place>/", player_views.place, name="play-place"),
]
