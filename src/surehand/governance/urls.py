from django.urls import path

from surehand.governance import settings_views, supported_views, views

urlpatterns = [
    path("evidence/", views.find, name="evidence"),
    path("evidence/<int:seq>/", views.entry, name="entry"),
    path("evidence/<int:seq>/entry.json", views.entry_bytes, name="entry-bytes"),
    path("evidence/<int:seq>/proof.json", views.entry_proof, name="entry-proof"),
    path("evidence/checkpoints/", views.checkpoints, name="checkpoints"),
    path("evidence/checkpoints/<int:size>.txt", views.checkpoint, name="checkpoint"),
    path("evidence/key.txt", views.key, name="checkpoint-key"),
    path("settings/people/<str:pseudonym>/erase/", settings_views.erase, name="erase-person"),
    path("settings/retention/", settings_views.kept_for, name="settings-of-retention"),
    path("held-about-people-supported/", supported_views.held, name="held-about-supported"),
    path("settings/people-supported/erase/", supported_views.erase, name="erase-supported"),
    path("settings/people-supported/forget/", supported_views.forget, name="forget-supported"),
    path("settings/checkpoints/", settings_views.recipients, name="settings-of-checkpoints"),
]
