from django.urls import path

from surehand.people import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-in/demo/<int:person>/", views.demo_sign_in, name="demo-sign-in"),
]
