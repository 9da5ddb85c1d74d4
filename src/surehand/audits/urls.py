from django.urls import path

from surehand.audits import check_views

urlpatterns = [
    # Checking
    path("audits/check/", check_views.worklist, name="records-of-check"),
    path("audits/items/<int:pk>/", check_views.item, name="records-of-check-item"),
]
