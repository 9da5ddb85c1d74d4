from django.urls import path

from surehand.audits import calibration_views, check_views, refresher_views

urlpatterns = [
    path("audits/check/", check_views.worklist, name="records-of-check"),
    path("audits/calibration/", calibration_views.calibration, name="records-of-calibration"),
    path("audits/items/<int:pk>/", check_views.item, name="records-of-check-item"),
    path("audits/refreshers/", refresher_views.refreshers, name="refreshers"),
    path("audits/refreshers/new/", refresher_views.plan, name="plan-refresher"),
    path("audits/refreshers/<int:pk>/", refresher_views.refresher, name="refresher"),
    path(
        "audits/refreshers/<int:pk>/reopen/",
        refresher_views.reopen_after,
        name="reopen-after-refresher",
    ),
]
