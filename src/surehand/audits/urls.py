from django.urls import path

from surehand.audits import refresher_views

urlpatterns = [
    path("audits/refreshers/", refresher_views.refreshers, name="refreshers"),
    path("audits/refreshers/new/", refresher_views.plan, name="plan-refresher"),
    path("audits/refreshers/<int:pk>/", refresher_views.refresher, name="refresher"),
    path(
        "audits/refreshers/<int:pk>/reopen/",
        refresher_views.reopen_after,
        name="reopen-after-refresher",
    ),
]
