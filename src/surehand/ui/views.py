"""The component page: everything the ui part draws, on one page. Mounted in demo mode and tests."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.ui.specimen import context


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    """`?theme=light` or `?theme=dark` fixes the theme; without it the device decides."""
    theme = request.GET.get("theme", "")
    return render(
        request, "ui/components.html", context(theme if theme in {"light", "dark"} else "")
    )
