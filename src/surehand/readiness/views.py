"""The live-use board."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand import evidence
from surehand.people.web import chosen_service
from surehand.readiness import rota
from surehand.readiness.reasons import STATE_KEYS
from surehand.ui.page import Page


def live_use(request: HttpRequest) -> HttpResponse:
    """The rota of the next 14 days against readiness."""
    service = chosen_service(request)
    now = evidence.clock.now()
    checked = rota.rota_check(services=[service.pk], since=now, until=now + timedelta(days=14))
    uncleared = [c for c in checked if c.clearance.answer == "not_cleared"]
    return render(
        request,
        "readiness/live_use.html",
        {
            "page": Page(
                "Is everyone on the rota cleared?",
                lede=f"{len(uncleared)} of {len(checked)} shifts are not in the next 14 days.",
                title="Live use",
            ),
            "checked": [
                (
                    c,
                    STATE_KEYS[c.state] if c.state is not None else "",
                    rota.BECAUSE[c.clearance.because],
                )
                for c in checked
            ],
        },
    )
