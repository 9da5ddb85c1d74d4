from django.urls import path

from surehand.readiness import (
    board_views,
    break_glass_views,
    gate_views,
    matrix_views,
    permission_views,
    plan_views,
    restriction_views,
    sign_off_views,
)

urlpatterns = [
    path("matrix/", matrix_views.show, name="matrix"),
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
    path("plan/publish/", plan_views.publish, name="plan-of-publish"),
    path("plan/starter.yaml", plan_views.starter_yaml, name="plan-of-starter-yaml"),
    path("plan/versions/<int:number>/", plan_views.version, name="plan-of-version"),
    path("plan/versions/<int:number>.yaml", plan_views.version_yaml, name="plan-of-version-yaml"),
]
