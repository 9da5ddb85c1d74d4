"""When this software or the network is down: the sheet to carry, what was agreed, what was done."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.evidence.refusal import NotPossible, Refused, why_not
from surehand.people.access import AccessRole, Action, check_may
from surehand.people.models import AccessGrant, Person, Post, Service
from surehand.people.web import by_of, chosen_service
from surehand.readiness import actions, break_glass
from surehand.readiness.break_glass_forms import AgreeForm, RecordForm
from surehand.readiness.models import CarrySheet, ReadinessWords
from surehand.ui import export
from surehand.ui.formats import local, moment, number
from surehand.ui.page import Link, Page, address

SHEETS_SHOWN = 10


def overview(request: HttpRequest) -> HttpResponse:
    """What is done without this program: the steps, the sheets, the outages recorded."""
    service = chosen_service(request)
    by = by_of(request)
    now = evidence.clock.now()
    agreed = break_glass.agreed(service.pk)
    sheet = break_glass.last_sheet(service.pk)
    found = break_glass.recorded([service.pk])
    words = dict(
        ReadinessWords.objects.filter(entry__in=[b.entry for b in found]).values_list(
            "entry", "text"
        )
    )
    names = {
        p.pk: str(p)
        for p in Person.objects.filter(pk__in={p for b in found for p in b.people}).select_related(
            "identity"
        )
    }
    refusal = why_not(lambda: check_may(by, Action.BREAK_GLASS, service=service.pk))
    holds = sheet is not None and sheet.until > now
    _section(request)
    return render(
        request,
        "readiness/break_glass.html",
        {
            "page": Page(
                "What if this software or the network is down?",
                lede="Nobody is let in because it is down. The sheet says who may use the live "
                "system; who decides about anybody else was agreed before.",
                over=f"{service} · live use",
                title="Break-glass",
                crumbs=(_board(service),),
            ),
            "service": service,
            "agreed": agreed[0] if agreed else None,
            "agreed_words": (agreed[1].splitlines() if agreed else []),
            "sheet": sheet,
            "sheet_href": reverse("carry-sheet", args=[sheet.entry]) if sheet else "",
            "sheet_says": ""
            if sheet is None
            else f"Made {moment(sheet.recorded_at)} by {sheet.by}. "
            + (f"It holds until {moment(sheet.until)}." if holds else "It has run out."),
            "sheet_holds": holds,
            "refusal": refusal,
            "agree": address("agree-break-glass", service=service.code),
            "record": address("record-break-glass", service=service.code),
            "outages": [
                {
                    "when": f"{moment(b.starts_at)} to {moment(b.ends_at)}",
                    "who": ", ".join(names.get(p, "somebody erased") for p in b.people),
                    "how": break_glass.by_what(b).capitalize() + ".",
                    "words": words.get(b.entry, ""),
                    "late": f"Recorded late, on {moment(b.recorded_at)}."
                    if break_glass.is_late(b)
                    else "",
                    "by": str(b.by),
                    "entry": b.entry,
                }
                for b in found
            ],
        },
    )


def agree(request: HttpRequest) -> HttpResponse:
    """Agree beforehand what is done."""
    service = chosen_service(request, Action.BREAK_GLASS)
    agreed = break_glass.agreed(service.pk)
    form = AgreeForm(request.POST or None, initial={"text": agreed[1] if agreed else ""})
    if request.method == "POST" and form.is_valid():
        try:
            actions.agree_break_glass(
                by=by_of(request), service=service, text=form.cleaned_data["text"]
            )
        except NotPossible as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, f"Agreed for {service}. Tell everybody who leads a shift.")
            return redirect(_overview(service))
    _section(request)
    return render(
        request,
        "readiness/agree_break_glass.html",
        {
            "page": Page(
                "What do we do when it is down?",
                over=f"{service} · live use",
                lede="You agree to it with your name and today’s date. What was agreed before is "
                "kept.",
                title="Agree break-glass",
                crumbs=(_board(service), Link("Break-glass", _overview(service))),
                kept=f"agree-{service.code}",
            ),
            "form": form,
            "back": _overview(service),
        },
        status=422 if form.errors else 200,
    )


@require_POST
def make_sheet(request: HttpRequest) -> HttpResponse:
    """Make a sheet now, and show it."""
    service = chosen_service(request)
    sheet = actions.make_carry_sheet(by=by_of(request), service=service)
    return redirect("carry-sheet", sheet.entry)


def sheet(request: HttpRequest, entry: int) -> HttpResponse:
    """One sheet, to print or to carry away as a file."""
    found = (
        CarrySheet.objects.filter(entry=entry)
        .select_related("by__identity", "service__details")
        .first()
    )
    if found is None:
        raise Http404("There is no such sheet.")
    service = found.service
    check_may(by_of(request), Action.READ, service=service.pk)
    lines = break_glass.lines(found)
    if kind := request.GET.get("format", ""):
        table = export.Export(
            f"carry-sheet-{service.code}-{entry}",
            (
                "person_id", "person", "job_roles", "may", "when",
                "service_id", "made_at", "valid_until", "entry",
            ),
            [
                (
                    line.reference, line.name, line.job_roles, line.may.value, line.when,
                    service.code, found.recorded_at, found.until, found.entry,
                )
                for line in lines
            ],
        )  # fmt: skip
        try:
            return export.response(table, kind)
        except ValueError as problem:
            raise NotPossible(str(problem)) from None
    over = found.until <= evidence.clock.now()
    _section(request)
    return render(
        request,
        "readiness/carry_sheet.html",
        {
            "page": Page(
                f"Who may use the live system at {service}?",
                over="To carry, when this software or the network is down",
                lede=f"Made {moment(found.recorded_at)} by {found.by}, from all that was known at "
                f"entry {number(found.entry)}. It holds until {moment(found.until)}.",
                title=f"Sheet to carry, {service}",
                crumbs=(_board(service), Link("Break-glass", _overview(service))),
            ),
            "over": over,
            "groups": [
                (break_glass.TITLES[may], of := list(group), any(line.when for line in of))
                for may, group in groupby(lines, key=lambda line: line.may)
            ],
            "exports": (
                Link("CSV", "?format=csv", icon="file-text"),
                Link("XLSX", "?format=xlsx", icon="file-spreadsheet"),
            ),
            "until": moment(found.until),
        },
    )


def record(request: HttpRequest) -> HttpResponse:
    """After an outage: who was let in, and by what."""
    service = chosen_service(request, Action.BREAK_GLASS)
    by = by_of(request)
    now = evidence.clock.now()
    sheets = list(
        CarrySheet.objects.filter(service=service, until__gt=now - 2 * break_glass.LASTS).order_by(
            "-entry"
        )[:SHEETS_SHOWN]
    )
    posts = Post.objects.filter(service=service).select_related("person__identity")
    people = sorted(
        {p.person_id: str(p.person) for p in posts if not by.is_self(p.person_id)}.items(),
        key=lambda each: each[1],
    )
    today = local(now).date()
    form = RecordForm(
        request.POST if request.method == "POST" else None,
        people=people,
        sheets=sheets,
        deciders=_deciders(service),
        initial={
            "from_day": today,
            "to_day": today,
            "sheet": str(sheets[0].entry) if sheets else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.record_break_glass(
                by=by,
                service=service,
                starts_at=said["from"],
                ends_at=said["to"],
                people=said["people"],
                sheet=next((s for s in sheets if str(s.entry) == said["sheet"]), None),
                decided_by=Person.objects.get(pk=said["decided_by"])
                if said["decided_by"]
                else None,
                reason=said["reason"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Recorded. The shifts show it; none of them is cleared by it."
            )
            return redirect(_overview(service))
    _section(request)
    return render(
        request,
        "readiness/record_break_glass.html",
        {
            "page": Page(
                "Who was let in while it was down?",
                over=f"{service} · live use",
                lede="Record it within 14 days. It clears no shift: it says who worked, and by "
                "which sheet or whose decision.",
                title="Record break-glass",
                crumbs=(_board(service), Link("Break-glass", _overview(service))),
                kept=f"break-glass-{service.code}",
            ),
            "form": form,
            "back": _overview(service),
        },
        status=422 if form.errors else 200,
    )


def _deciders(service: Service) -> list[Person]:
    """Whoever leads at this service or answers for the provider."""
    roles = [AccessRole.TEAM_LEADER, AccessRole.REGISTERED_MANAGER]
    grants = AccessGrant.objects.filter(end__isnull=True)
    here = grants.filter(service=service, role__in=roles).values_list("person_id", flat=True)
    above = grants.filter(role=AccessRole.NOMINATED_INDIVIDUAL).values_list("person_id", flat=True)
    return list(
        Person.objects.filter(pk__in={*here, *above})
        .select_related("identity")
        .order_by("identity__name", "pk")
    )


def _board(service: Service) -> Link:
    return Link("Live use", f"{reverse('live-use')}?service={service.code}")


def _overview(service: Service) -> str:
    return f"{reverse('break-glass')}?service={service.code}"


def _section(request: HttpRequest) -> None:
    request.section = "live-use"  # type: ignore[attr-defined]
