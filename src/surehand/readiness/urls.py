from django.urls import path

from surehand.readiness import (
    board_views,
    break_glass_views,
    gate_views,
    matrix_views,
    permission_views,
    plan_draft_views,
    plan_edit_views,
    plan_views,
    restriction_views,
    sign_off_views,
    training_export_views,
)

DRAFT = "plan/draft/competencies/<str:code>"

urlpatterns = [
    path("matrix/", matrix_views.show, name="matrix"),
    path(
        "matrix/asc-wds-training.csv", training_export_views.training_file, name="asc-wds-training"
    ),
    path("matrix/<str:pseudonym>/<str:code>/", matrix_views.cell, name="matrix-cell"),
    path("readiness/", gate_views.ask, name="readiness"),
    path("sign-off/", sign_off_views.sign_off, name="sign-off"),
    path("live-use/", board_views.live_use, name="live-use"),
    path("live-use/no-live-use/", board_views.no_live_use, name="no-live-use"),
    path("live-use/live-use-again/", board_views.live_use_again, name="live-use-again"),
    path("live-use/override/", board_views.override, name="override"),
    path("live-use/break-glass/", break_glass_views.overview, name="break-glass"),
    path("live-use/break-glass/agree/", break_glass_views.agree, name="agree-break-glass"),
    path("live-use/break-glass/record/", break_glass_views.record, name="record-break-glass"),
    path("live-use/sheets/", break_glass_views.make_sheet, name="make-carry-sheet"),
    path("live-use/sheets/<int:entry>/", break_glass_views.sheet, name="carry-sheet"),
    path("overrides/<int:entry>/end/", board_views.end_override, name="end-override"),
    path("people/<str:pseudonym>/restrict/", restriction_views.restrict, name="restrict"),
    path("restrictions/<int:entry>/lift/", restriction_views.lift, name="lift"),
    path("people/<str:pseudonym>/supervised-use/", permission_views.permit, name="permit"),
    path("permissions/<int:entry>/end/", permission_views.end_permission, name="end-permission"),
    path("plan/", plan_views.plan, name="plan"),
    path("plan/starter.yaml", plan_views.starter_yaml, name="plan-of-starter-yaml"),
    path("plan/versions/", plan_views.history, name="plan-of-history"),
    path("plan/versions/<int:number>/", plan_views.version, name="plan-of-version"),
    path("plan/versions/<int:number>.yaml", plan_views.version_yaml, name="plan-of-version-yaml"),
    path("plan/compare/", plan_views.compare, name="plan-of-compare"),
    path("plan/draft/", plan_draft_views.draft, name="plan-of-draft"),
    path("plan/draft/begin/", plan_draft_views.begin, name="plan-of-draft-begin"),
    path("plan/draft/discard/", plan_draft_views.discard, name="plan-of-draft-discard"),
    path("plan/draft/publish/", plan_draft_views.publish, name="plan-of-publish"),
    path("plan/draft/title/", plan_edit_views.title, name="plan-of-draft-title"),
    path("plan/draft/order/", plan_edit_views.order, name="plan-of-draft-order"),
    path("plan/draft/groups/new/", plan_edit_views.new_group, name="plan-of-draft-group-new"),
    path("plan/draft/groups/<int:place>/", plan_edit_views.group, name="plan-of-draft-group"),
    path("plan/draft/courses/new/", plan_edit_views.new_course, name="plan-of-draft-course-new"),
    path("plan/draft/courses/<str:code>/", plan_edit_views.course, name="plan-of-draft-course"),
    path("plan/draft/new/", plan_edit_views.new_competency, name="plan-of-draft-competency-new"),
    path(f"{DRAFT}/", plan_edit_views.competency, name="plan-of-draft-competency"),
    path(f"{DRAFT}/wording/", plan_edit_views.wording, name="plan-of-draft-wording"),
    path(f"{DRAFT}/check/", plan_edit_views.check, name="plan-of-draft-check"),
    path(f"{DRAFT}/needs/", plan_edit_views.needs, name="plan-of-draft-needs"),
    path(f"{DRAFT}/retire/", plan_edit_views.retire, name="plan-of-draft-retire"),
    path(
        f"{DRAFT}/criteria/new/", plan_edit_views.new_criterion, name="plan-of-draft-criterion-new"
    ),
    path(
        f"{DRAFT}/criteria/<int:number>/", plan_edit_views.criterion, name="plan-of-draft-criterion"
    ),
]
