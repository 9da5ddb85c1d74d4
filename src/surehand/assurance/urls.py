from django.urls import path

from surehand.assurance import views

urlpatterns = [
    path("live-records/", views.live_records, name="live-records"),
]
