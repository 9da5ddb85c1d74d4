from django.urls import path

from surehand.home import views

urlpatterns = [path("", views.home, name="home")]
