from django.urls import path

from surehand.audits import (
    cause_views,
    change_views,
    check_views,
    finding_views,
    quality_views,
    refresher_views,
)

urlpatterns = [
    # Checks
    path("audits/check/", check_views.worklist, name="records-of-check"),
    path("audits/items/<int:pk>/", check_views.item, name="records-of-check-item"),
    # Gaps, causes, and what people say
    path("audits/gaps/", cause_views.gaps, name="gaps"),
    path("audits/causes/new/", cause_views.say, name="say-cause"),
    path("audits/causes/<int:pk>/", cause_views.cause, name="cause"),
    path("audits/causes/<int:pk>/change/", change_views.ask, name="request-change"),
    path("audits/causes/<int:pk>/coach/", cause_views.coach, name="coach-for-cause"),
    path("audits/changes/", change_views.changes, name="changes"),
    path("audits/changes/<int:pk>/", change_views.change, name="change"),
    path(
        "audits/changes/<int:pk>/supplier/", change_views.for_supplier, name="change-for-supplier"
    ),
    path("audits/mine/", finding_views.mine, name="found-in-mine"),
    # Refreshers
    path("audits/refreshers/", refresher_views.refreshers, name="refreshers"),
    path("audits/refreshers/new/", refresher_views.plan, name="plan-refresher"),
    path("audits/refreshers/<int:pk>/", refresher_views.refresher, name="refresher"),
    path(
        "audits/refreshers/<int:pk>/reopen/",
        refresher_views.reopen_after,
        name="reopen-after-refresher",
    ),
    # Did it work?
    path("record-quality/", quality_views.overview, name="records-of-quality"),
    path("record-quality/records/", quality_views.records, name="records-of-behind"),
]
