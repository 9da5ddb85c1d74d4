from django.urls import path

from surehand.audits import accuracy_views, quality_views, refresher_views, warnings_views

urlpatterns = [
    # Did it work?
    path("record-quality/", quality_views.overview, name="records-of-quality"),
    path("record-quality/records/", quality_views.records, name="records-of-behind"),
    path("record-quality/accuracy/", accuracy_views.accuracy, name="records-of-accuracy"),
    path("record-quality/warnings/", warnings_views.overview, name="records-of-warnings"),
    # Refreshers
    path("audits/refreshers/", refresher_views.refreshers, name="refreshers"),
    path("audits/refreshers/new/", refresher_views.plan, name="plan-refresher"),
    path("audits/refreshers/<int:pk>/", refresher_views.refresher, name="refresher"),
    path(
        "audits/refreshers/<int:pk>/reopen/",
        refresher_views.reopen_after,
        name="reopen-after-refresher",
    ),
]
