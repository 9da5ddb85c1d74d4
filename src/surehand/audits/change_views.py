"""Change requests to the ECM system’s supplier: the list, a new one, one with its life, and the
text that goes out (2.4)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.audits import cause_pages
from surehand.audits import cause_queries as causes
from surehand.audits import change_pages as pages
from surehand.audits.change import MEANS, NEXT, WRITTEN
from surehand.audits.change_actions import (
    check_may_request,
    check_may_step,
    request_change,
    step_change,
)
from surehand.audits.change_forms import ChangeForm, StepForm
from surehand.audits.change_queries import Asked, State, requests
from surehand.audits.models import Cause, ChangeRequest
from surehand.competency.themes import THEMES
from surehand.ecm.queries import profile_for
from surehand.evidence.refusal import Refused, why_not
from surehand.people.access import Action, check_may
from surehand.people.models import Service
from surehand.people.web import IN_THE_PAST, AsAt, as_at, by_of, chosen_service, readable_services
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, plural
from surehand.ui.page import Link, Page, address

OPEN = "open"
"""Anything but declined, released and closed."""
OVER = frozenset({State.DECLINED.value, State.RELEASED.value, State.CLOSED.value})
EVERYWHERE = "all"


def changes(request: HttpRequest) -> HttpResponse:
    """What the supplier was asked to change, narrowed in the address; the table is its export."""
    request.section = "records"  # type: ignore[attr-defined]
    service = chosen_service(request)
    at = as_at(request)
    readable = readable_services(request)
    everywhere = request.GET.get("where") == EVERYWHERE and len(readable) > 1
    state = request.GET.get("state", "")
    theme = request.GET.get("theme", "")
    where = [s.pk for s in readable] if everywhere else [service.pk]
    every = requests(where, at=at.moment, known=at.known)
    found = [
        each
        for each in every
        if (not theme or each.request.cause.theme == theme) and _in_state(each, state)
    ]
    narrowed = {
        "where": EVERYWHERE if everywhere else "",
        "state": state if state in _states() else "",
        "theme": theme if theme in THEMES else "",
    }
    here = [("service", service.code), *((k, v) for k, v in narrowed.items() if v)]
    themes = sorted({each.request.cause.theme for each in every})
    return render(
        request,
        "audits/changes.html",
        {
            "page": Page(
                "What is the supplier asked to change?",
                over="All services" if everywhere else str(service),
                lede=_lede(every),
                title="Change requests",
                wide=True,
                crumbs=_crumbs(service)[:2],
            ),
            "as_at": at,
            "here": here,
            "keep": [("service", service.code), *at.address],
            "now_href": "?" + urlencode(here),
            "chosen": narrowed,
            "where": [("", str(service)), (EVERYWHERE, "All services")]
            if len(readable) > 1
            else [],
            "states": _states().items(),
            "themes": [("", "Any theme"), *((code, THEMES[code].title) for code in themes)],
            "lines": pages.lines_of(found, keep=dict(at.address)),
            "any": bool(every),
        },
        status=400 if at.problem else 200,
    )


def _states() -> dict[str, str]:
    return {"": "Any state", OPEN: "Not answered for good yet", **pages.LABELS}


def _in_state(asked: Asked, state: str) -> bool:
    if state == OPEN:
        return asked.state not in OVER
    return state not in pages.LABELS or asked.state == state


def _lede(found: list[Asked]) -> str:
    if not found:
        return "Nothing so far."
    unsent = sum(each.state == WRITTEN for each in found)
    waits = sum(each.state in {State.SENT, State.PLANNED} for each in found)
    parts = [f"{plural(len(found), 'request')}"]
    if unsent:
        parts.append(f"{unsent:,} not sent yet")
    if waits:
        parts.append(f"{waits:,} with the supplier")
    return ", ".join(parts) + "."


def _crumbs(service: Service) -> tuple[Link, ...]:
    return (
        Link("Records", address("records", service=service.code)),
        Link("Gaps and causes", address("gaps", service=service.code)),
        Link("Change requests", address("changes", service=service.code)),
    )


def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A new change request, for a workflow-design cause."""
    request.section = "records"  # type: ignore[attr-defined]
    cause = (
        Cause.objects.filter(pk=pk, pk__lt=2**63)
        .select_related("service__details", "superseded_by")
        .first()
    )
    if cause is None:
        raise Http404("There is no such cause.")
    by, service = by_of(request), cause.service
    check_may_request(by=by, cause=cause)
    now = evidence.clock.now()
    profile = profile_for(service.setting, at=now)
    about = causes.about(cause)
    places = {each.place for each in about}
    place = next(iter(places)) if len(places) == 1 else ("", "")
    form = ChangeForm(
        request.POST or None,
        profile=profile,
        setting=service.setting,
        initial={"record_type": place[0], "section": place[1]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = request_change(by=by, cause=cause, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The change request is written. Send it to the supplier.")
            return redirect(f"{reverse('change', args=[made.pk])}?kept=change-{pk}")
    theme = THEMES[cause.theme]
    return render(
        request,
        "audits/ask_change.html",
        {
            "page": Page(
                "What should the system do instead?",
                over=f"{theme.title} · {service}",
                lede="It goes to the supplier of the ECM system, and is no mark against anybody.",
                title="Write a change request",
                crumbs=(*_crumbs(service)[:2], Link("The cause", address("cause", pk))),
            ),
            "form": form,
            "theme": theme,
            "rows": [
                ("Missing", theme.missing),
                ("Now", theme.weak),
                ("Better", theme.good),
                ("Found", f"{plural(len(about), 'gap')}. {cause_pages.summary(about)}"),
            ],
            "kept": f"change-{pk}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def _asked(request: HttpRequest, pk: int, at: AsAt) -> Asked:
    """The change request in the address as at a moment, for whoever reads its service."""
    found = ChangeRequest.objects.filter(pk=pk, pk__lt=2**63).first()
    if found is not None:
        check_may(by_of(request), Action.READ, service=found.service_id)
        for asked in requests([found.service_id], pk=pk, at=at.moment, known=at.known):
            return asked
    raise Http404("There is no such change request, or it had not been written then.")


def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change request, as at any moment: what is asked, its life, and its next step."""
    request.section = "records"  # type: ignore[attr-defined]
    at = as_at(request)
    asked = _asked(request, pk, at)
    by, about = by_of(request), asked.request
    today = london_date(instant(evidence.clock.now()))
    form = StepForm(request.POST or None, after=asked.state, initial={"on": today})
    if request.method == "POST" and not at.is_past:
        check_may_step(by=by, request=about)
        if form.is_valid():
            try:
                step = step_change(by=by, request=about, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Kept: {step.get_state_display().lower()}.")
                return redirect(f"{reverse('change', args=[pk])}?kept=step-{pk}")
    keep = dict(at.address)
    entries = [about.entry, *(step.entry for step in asked.steps)]
    words = causes.words_of(entries)
    (line,) = pages.lines_of([asked], keep={})
    return render(
        request,
        "audits/change.html",
        {
            "page": Page(
                f"{line.what}: what became of the request?",
                over=f"{line.where} · {line.service}",
                lede=_stands(asked),
                title=f"Change request: {line.what}",
                crumbs=_crumbs(about.service),
                kept=request.GET.get("kept", ""),
            ),
            "asks": words.get(about.entry or 0, ""),
            "life": pages.life_of(asked, words),
            "rows": [
                ("Where", line.where),
                ("ECM profile", line.profile),
                (
                    "Gaps",
                    f"{line.gaps:,}",
                    Link("The cause", address("cause", about.cause_id, **keep)),
                ),
            ],
            "as_at": at,
            "now_href": address("change", pk),
            "form": form,
            "hints": MEANS,
            "over": not NEXT[asked.state],
            "refusal": IN_THE_PAST
            if at.is_past
            else why_not(lambda: check_may_step(by=by, request=about)),
            "supplier": address("change-for-supplier", pk, **keep),
            "kept": f"step-{pk}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" or at.problem else 200,
    )


def _stands(asked: Asked) -> str:
    if asked.state == WRITTEN:
        return (
            "It is written, and not sent yet. Take the text for the supplier, send it, and say so "
            "here."
        )
    how = "for" if asked.state == State.PLANNED else "since"
    return f"{pages.LABELS[asked.state]}, {how} {day(asked.on)}."


def for_supplier(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes to the supplier, to be printed or taken as text: it names nobody."""
    request.section = "records"  # type: ignore[attr-defined]
    at = as_at(request)
    asked, keep = _asked(request, pk, at), dict(at.address)
    cause = asked.request.cause
    text = pages.for_supplier(
        asked,
        asks=causes.words_of([asked.request.entry]).get(asked.request.entry or 0, ""),
        summary=cause_pages.summary(causes.about(cause)),
    )
    if request.GET.get("format") == "md":
        name = f"change-request-{asked.request.entry}.md"
        return HttpResponse(
            text.text(),
            content_type="text/markdown; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    return render(
        request,
        "audits/for_supplier.html",
        {
            "page": Page(
                f"Change request {text.number}: {text.title}",
                lede="For the supplier of the ECM system. It names nobody.",
                crumbs=(
                    *_crumbs(asked.request.service),
                    Link("The request", address("change", pk, **keep)),
                ),
            ),
            "text": text,
            "download": address("change-for-supplier", pk, format="md", **keep),
        },
    )
