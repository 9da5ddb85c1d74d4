from django.urls import path

from surehand.governance import views

urlpatterns = [
    path("evidence/", views.find, name="evidence"),
    path("evidence/<int:seq>/", views.entry, name="entry"),
    path("evidence/<int:seq>/entry.json", views.entry_bytes, name="entry-bytes"),
    path("evidence/<int:seq>/proof.json", views.entry_proof, name="entry-proof"),
    path("evidence/checkpoints/", views.checkpoints, name="checkpoints"),
    path("evidence/checkpoints/<int:size>.txt", views.checkpoint, name="checkpoint"),
    path("evidence/key.txt", views.key, name="checkpoint-key"),
]
