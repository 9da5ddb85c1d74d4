"""Stopping independent live use, and lifting that (R10)."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.assessment.models import Outcome
from surehand.assessment.queries import standing
from surehand.people.access import Action, check_not_self
from surehand.people.models import Person, Post, Service
from surehand.people.web import by_of, readable_person
from surehand.readiness import actions, rota
from surehand.readiness.board_forms import LiftForm, RestrictForm
from surehand.readiness.board_pages import hours, name_of
from surehand.readiness.models import ReadinessWords, Restriction
from surehand.readiness.rota import BECAUSE
from surehand.ui.formats import moment, plural, weekday
from surehand.ui.page import Link, Page, address

AHEAD = timedelta(days=14)


def restrict(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Stop independent live use at once; what it changes on coming shifts is shown before."""
    person = readable_person(request, pseudonym, Action.RESTRICT)
    by = by_of(request)
    check_not_self(by, person.pk, Action.RESTRICT)
    now = evidence.clock.now()
    every = _services_of(person)
    services = [s for s in every if by.may(Action.RESTRICT, s.pk)]
    form = RestrictForm(
        request.POST if request.method == "POST" else None,
        services=services if len(every) > 1 else [],
    )
    if request.method == "POST" and form.is_valid():
        where = next((s for s in services if s.code == form.cleaned_data.get("where")), None)
        actions.restrict(by=by, person=person, service=where, reason=form.cleaned_data["reason"])
        messages.success(
            request,
            f"Independent live use is stopped for {person}{f' at {where}' if where else ''}. "
            "Tell them and whoever leads the next shift.",
        )
        return redirect(_home_of(person))
    changes = _changes(person, every, seen={s.pk for s in services})
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "readiness/restrict.html",
        {
            "page": Page(
                f"Stop independent live use for {person}?",
                lede="It takes effect at once and ends the sign-off. Only a recorded lifting ends "
                "it, and the sign-off must be given again.",
                title="Stop live use",
                person=str(person),
                crumbs=(Link(str(person), _home_of(person)),),
                kept=f"restrict-{person.pseudonym}",
            ),
            "form": form,
            "changes": changes,
            "changed": plural(len(changes), "coming shift", "coming shifts") if changes else "",
            "back": _home_of(person),
            "until": now + AHEAD,
        },
        status=422 if form.errors else 200,
    )


def lift(request: HttpRequest, entry: int) -> HttpResponse:
    """Lift a restriction: cite a check passed since, or give a reason."""
    restriction = (
        Restriction.objects.select_related("person__identity", "service__details", "by__identity")
        .filter(entry=entry)
        .first()
    )
    if restriction is None:
        raise Http404("There is no such restriction.")
    person = restriction.person
    by = by_of(request)
    actions.check_may_lift(by=by, restriction=restriction)
    passes = list(
        standing()
        .filter(
            person=person,
            outcome=Outcome.PASS,
            happened_at__gte=restriction.recorded_at,
            entry__gt=restriction.entry,
        )
        .select_related("check_version")
        .order_by("-happened_at", "-entry")
    )
    form = LiftForm(request.POST if request.method == "POST" else None, passes=passes)
    if request.method == "POST" and form.is_valid():
        cited = form.cleaned_data["cites"]
        actions.lift(
            by=by,
            restriction=restriction,
            reason=form.cleaned_data["reason"],
            cites=next((a for a in passes if str(a.entry) == cited), None),
        )
        messages.success(
            request,
            f"The restriction of {person} is lifted. The earlier sign-off does not come back.",
        )
        return redirect(_home_of(person))
    why = ReadinessWords.objects.filter(entry=entry).values_list("text", flat=True).first()
    where = f" at {restriction.service}" if restriction.service else ""
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "readiness/lift.html",
        {
            "page": Page(
                f"Lift the restriction of {person}?",
                lede=f"{restriction.by} stopped independent live use{where} on "
                f"{moment(restriction.recorded_at)}.",
                title="Lift a restriction",
                person=str(person),
                crumbs=(Link(str(person), _home_of(person)),),
                kept=f"lift-{entry}",
            ),
            "form": form,
            "why": why or "",
            "passes": passes,
            "back": _home_of(person),
        },
        status=422 if form.errors else 200,
    )


def _home_of(person: Person) -> str:
    return address("person", person.pseudonym) or reverse("live-use")


def _services_of(person: Person) -> list[Service]:
    return list(
        Service.objects.filter(pk__in=Post.objects.filter(person=person).values("service"))
        .select_related("details")
        .order_by("details__name")
    )


def _changes(
    person: Person, services: list[Service], *, seen: set[int]
) -> list[tuple[str, str, str, str]]:
    """When, where, who and why of each coming shift that is cleared now and would not be: this
    person's own, and those they supervise. Only services the one asking may see."""
    now = evidence.clock.now()
    where = [s.pk for s in services if s.pk in seen]
    is_now = rota.check(services=where, since=now, until=now + AHEAD)
    cleared = {c.shift.pk for c in is_now.checked if c.clearance.cleared}
    would_be = rota.check(
        services=where,
        since=now,
        until=now + AHEAD,
        supposed=rota.Supposed(person.pk, None, now),
    )
    return [
        (
            f"{weekday(c.shift.starts_at)}, {hours(c.shift)}",
            str(c.shift.service),
            name_of(c.shift),
            BECAUSE[c.clearance.because],
        )
        for c in would_be.checked
        if c.not_cleared and c.shift.pk in cleared
    ]
