from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, path

from surehand.api import token_views
from surehand.api.v1 import api

_patterns, _app, _namespace = api.urls
for _pattern in _patterns:
    # A token lets in, not a session; the document is for everybody.
    assert isinstance(_pattern, URLPattern)
    login_not_required(_pattern.callback)

urlpatterns = [
    path("api/v1/", (_patterns, _app, _namespace)),
    path("settings/tokens/", token_views.tokens, name="settings-of-tokens"),
    path(
        "settings/tokens/<int:entry>/revoke/",
        token_views.revoke,
        name="settings-of-token-revoke",
    ),
]
