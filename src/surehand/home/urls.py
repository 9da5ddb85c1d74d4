from django.urls import path

from surehand.home import people_views, person_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("people/", people_views.people, name="people"),
    path("held-about-me/", person_views.held_about_me, name="held-about-me"),
    path("people/<str:pseudonym>/", person_views.person, name="person"),
]
