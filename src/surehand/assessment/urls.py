from django.urls import path

from surehand.assessment import views

urlpatterns = [
    path("assess/", views.queue, name="assess"),
    path("assess/<str:pseudonym>/<str:competency>/", views.observe, name="assess-of-person"),
]
