"""The live-use board: 14 days of rota against readiness, and what is done from there."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from markupsafe import Markup

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.models import Service
from surehand.people.queries import references_of
from surehand.people.web import by_of, chosen_service
from surehand.readiness import actions, rota
from surehand.readiness.board_forms import EndOverrideForm, ReasonForm
from surehand.readiness.board_pages import (
    Asked,
    Board,
    Panel,
    board,
    hours,
    lede_parts,
    name_of,
    panel,
    rota_export,
)
from surehand.readiness.models import Override, Shift
from surehand.readiness.overrides import ended_early, overrides_told
from surehand.readiness.rota_reasons import Why, rota_entries, rota_import, whys
from surehand.readiness.ways_out import ways_out
from surehand.timeline import instant, london_date
from surehand.ui import export
from surehand.ui.formats import day, moment, weekday
from surehand.ui.page import Link, Page, address


def live_use(request: HttpRequest) -> HttpResponse:
    """The rota of 14 days against readiness, from now or from another day."""
    service = chosen_service(request)
    by = by_of(request)
    now = evidence.clock.now()
    asked, problem = _asked(request, service)
    since, until = asked.window(now)
    ask = rota.check_known_then if asked.known_then else rota.check
    check = ask(services=[service.pk], since=since, until=until)
    if kind := request.GET.get("format", ""):
        return _export(check, service, asked, kind)
    shown = [c for c in check.checked if c.shift.shift_id == asked.shift or _on(c, asked)]
    told = whys([c for c in shown if c.not_cleared or c.shift.shift_id == asked.shift], check)
    chosen = next((c for c in shown if c.shift.shift_id == asked.shift), None)
    found = board(
        check,
        asked,
        whys=told,
        chosen=_panel(chosen, check, told[chosen.shift.pk], asked, by) if chosen else None,
    )
    return render(
        request,
        "readiness/live_use.html",
        {
            "page": Page(
                found.question,
                lede=_lede(found, asked, service),
                over=f"{service} · live use",
                title="Live use",
                wide=True,
            ),
            "board": found,
            "asked": asked,
            "problem": problem,
            "service": service,
            "views": (
                Link("14 days", asked.href(one_day=False), not asked.one_day),
                Link("One day", asked.href(one_day=True), asked.one_day),
            )
            if not asked.known_then
            else (),
            "order": (Link("Problems first", _toggled(asked), asked.problems_first),),
            "known": (
                Link("True then", asked.href(known_then=False), not asked.known_then),
                Link(
                    "Known then",
                    asked.href(known_then=True, one_day=True),
                    asked.known_then,
                ),
            )
            if asked.past
            else (),
            "turns": _turns(asked),
            "break_glass": f"{reverse('break-glass')}?service={service.code}",
            "wrote": address("live-records", service=service.code),
            "exports": (
                Link("CSV", f"{asked.href()}&format=csv", icon="file-text"),
                Link("XLSX", f"{asked.href()}&format=xlsx", icon="file-spreadsheet"),
            ),
        },
    )


def _on(checked: rota.Checked, asked: Asked) -> bool:
    start = london_date(instant(checked.shift.starts_at))
    return max(start, asked.first) == asked.day


def _toggled(asked: Asked) -> str:
    return asked.href(problems_first=not asked.problems_first)


def _turns(asked: Asked) -> tuple[Link, ...]:
    """To the 14 days before and after, and back to today."""
    fortnight = timedelta(days=14)

    def to(first: date) -> str:
        known_then = asked.known_then and first < asked.today
        return asked.href(first=first, day=first, known_then=known_then)

    found = [Link("14 days before", to(asked.first - fortnight), icon="chevron-left")]
    if asked.first != asked.today:
        found.append(Link("Today", to(asked.today), icon="calendar"))
    found.append(Link("14 days after", to(asked.first + fortnight), icon="chevron-right"))
    return tuple(found)


def _asked(request: HttpRequest, service: Service) -> tuple[Asked, str]:
    today = london_date(instant(evidence.clock.now()))
    problem = ""
    found: dict[str, date] = {}
    for name in ("from", "day"):
        if text := request.GET.get(name, ""):
            try:
                found[name] = date.fromisoformat(text)
            except ValueError:
                problem = f"“{text}” is not a date. Write it as 2027-03-03."
    first = found.get("from", today)
    if not date(2000, 1, 1) <= first <= date(2200, 1, 1):
        problem, first = f"There is no rota for {day(first)}.", today
    on = found.get("day", first)
    if not first <= on < first + timedelta(days=14):
        on = first
    known_then = request.GET.get("known") == "then" and first < today
    return (
        Asked(
            service=service.code,
            today=today,
            first=first,
            day=on,
            one_day=known_then or request.GET.get("view") == "day",
            problems_first=request.GET.get("order") != "name",
            shift=request.GET.get("shift", "")[:80],
            known_then=known_then,
        ),
        problem,
    )


def _lede(found: Board, asked: Asked, service: Service) -> str:
    bold, rest = lede_parts(found, asked, service)
    lede = Markup("<strong>{}</strong>{}").format(bold, rest) if bold else Markup("")
    if found.unchecked_why:
        lede += Markup(" {}").format(found.unchecked_why)
    return lede


def _panel(checked: rota.Checked, check: rota.RotaCheck, why: Why, asked: Asked, by: By) -> Panel:
    now = evidence.clock.now()
    entry = checked.shift.entry
    return panel(
        checked,
        why,
        asked=asked,
        ways=ways_out(checked, check, why, by=by, now=now),
        rota=rota_import(entry, rota_entries([entry])),
        overridden=_overridden(checked),
        now=now,
    )


def _overridden(checked: rota.Checked) -> str:
    """Who overrode a shift, when and why, or that it was ended early."""
    entry = checked.clearance.overridden_by
    if entry is not None:
        return str(overrides_told([entry])[entry])
    end = ended_early(checked.shift, [case.id for case in checked.cases])
    if end is None:
        return ""
    return f"An override was ended early by {end.by} on {moment(end.recorded_at)}."


def _export(check: rota.RotaCheck, service: Service, asked: Asked, kind: str) -> HttpResponse:
    references = references_of(c.shift.person_id for c in check.checked if c.shift.person_id)
    table = rota_export(
        check,
        whys(check.checked, check),
        references,
        overrides_told(c.clearance.overridden_by for c in check.checked),
        name=f"live-use-{service.code}-{asked.first.isoformat()}",
    )
    try:
        return export.response(table, kind)
    except ValueError as problem:
        raise NotPossible(str(problem)) from None


def _shift_at(request: HttpRequest, shift_id: str) -> Shift:
    """The shift of this id, at a service one may read."""
    shift = (
        Shift.objects.filter(shift_id=shift_id, replaced_by__isnull=True, cancelled=False)
        .select_related("person__identity", "service__details")
        .first()
    )
    if shift is None:
        raise Http404("There is no such shift.")
    check_may(by_of(request), Action.READ, service=shift.service_id)
    return shift


def _back(shift: Shift) -> HttpResponse:
    today = london_date(instant(evidence.clock.now()))
    asked = Asked(shift.service.code, today=today, first=today, day=today, shift=shift.shift_id)
    return redirect(reverse("live-use") + asked.href(shift=shift.shift_id))


@require_POST
def no_live_use(request: HttpRequest) -> HttpResponse:
    """The person works this shift, others record."""
    shift = _shift_at(request, request.POST.get("shift", ""))
    actions.mark_no_live_use(by=by_of(request), shift=shift)
    messages.success(
        request, f"No live use for {name_of(shift)} on {day(shift.starts_at)}, {hours(shift)}."
    )
    return _back(shift)


@require_POST
def live_use_again(request: HttpRequest) -> HttpResponse:
    """Take back the mark."""
    shift = _shift_at(request, request.POST.get("shift", ""))
    actions.undo_no_live_use(by=by_of(request), shift=shift)
    messages.success(request, f"The shift of {name_of(shift)} is checked again.")
    return _back(shift)


def override(request: HttpRequest) -> HttpResponse:
    """Let somebody work one shift uncleared, with a reason (R21)."""
    shift = _shift_at(request, request.GET.get("shift", ""))
    by = by_of(request)
    check_may(by, Action.OVERRIDE, service=shift.service_id)
    check = rota.check(services=[shift.service_id], since=shift.starts_at, until=shift.ends_at)
    checked = next(c for c in check.checked if c.shift.pk == shift.pk)
    if not checked.not_cleared or not checked.cases:
        raise NotPossible("There is nothing to override in this shift.")
    why = whys([checked], check)[shift.pk]
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        standing_in = {case.id for case in checked.cases}
        for post in check.posts[(shift.service_id, shift.person_id or 0)]:
            if post.pk in standing_in:
                actions.override(
                    by=by,
                    post=post,
                    starts_at=shift.starts_at,
                    ends_at=shift.ends_at,
                    reason=form.cleaned_data["reason"],
                )
        messages.success(
            request, f"Recorded. {name_of(shift)} stays not cleared, overridden by you."
        )
        return _back(shift)
    here = reverse("live-use") + f"?service={shift.service.code}"
    return render(
        request,
        "readiness/override.html",
        {
            "page": Page(
                f"Let {name_of(shift)} work this shift uncleared?",
                lede=f"{weekday(shift.starts_at)}, {hours(shift)} at {shift.service}. "
                f"{why.sentence}",
                title="Override",
                crumbs=(Link("Live use", here),),
                kept=f"override-{shift.pk}",
            ),
            "form": form,
            "back": here,
        },
        status=422 if form.errors else 200,
    )


def end_override(request: HttpRequest, entry: int) -> HttpResponse:
    """End an override before its time."""
    override = (
        Override.objects.filter(entry=entry)
        .select_related("post__person__identity", "post__service__details", "by__identity", "end")
        .first()
    )
    if override is None:
        raise Http404("There is no such override.")
    by = by_of(request)
    actions.check_may_end_override(by=by, override=override, now=evidence.clock.now())
    person, service = override.post.person, override.post.service
    here = reverse("live-use") + f"?service={service.code}"
    form = EndOverrideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.end_override(by=by, override=override, reason=form.cleaned_data["reason"])
        messages.success(request, f"The override for {person} has ended. Tell whoever leads the "
                         "shift.")  # fmt: skip
        return redirect(here)
    request.section = "live-use"  # type: ignore[attr-defined]
    return render(
        request,
        "readiness/end_override.html",
        {
            "page": Page(
                f"End the override for {person}?",
                lede=f"{overrides_told([entry])[entry]} It would stand until "
                f"{moment(override.ends_at)}.",
                title="End an override",
                person=str(person),
                crumbs=(Link("Live use", here),),
                kept=f"end-override-{entry}",
            ),
            "form": form,
            "back": here,
        },
        status=422 if form.errors else 200,
    )
