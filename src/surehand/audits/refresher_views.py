"""Refreshers: what is planned and given, one of them, a new one, and a check asked for again."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.assessment.actions import reopen
from surehand.audits import refresher_pages as pages
from surehand.audits import refresher_queries as queries
from surehand.audits.models import AuditWords, Cause, Gap, Refresher
from surehand.audits.refresher_actions import check_may_give, give_refresher, plan_refresher
from surehand.audits.refresher_forms import GivenForm, RefresherForm, ReopenForm
from surehand.competency.models import Check, Competency
from surehand.competency.queries import checks_in_force
from surehand.competency.themes import THEMES, Theme
from surehand.evidence.refusal import Refused, why_not
from surehand.people.access import Action, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import colleagues, current_posts
from surehand.people.web import IN_THE_PAST, AsAt, as_at, by_of, chosen_service
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, plural
from surehand.ui.page import Link, Page, address

USUAL = timedelta(days=7)
"""A refresher is given within a week unless somebody says otherwise."""


def refreshers(request: HttpRequest) -> HttpResponse:
    """What is planned, what was given, and when it is followed up."""
    request.section = "records"  # type: ignore[attr-defined]
    service = chosen_service(request)
    at = as_at(request)
    today = london_date(instant(at.moment))
    found = list(queries.refreshers(services=[service.pk], at=at.moment, known=at.known))
    support = queries.support_of(found)
    followed = queries.Followed.read(found, at=at.moment, known=at.known, by=by_of(request))
    lines = {
        r: pages.line(r, support[r.entry], followed, today=today, keep=dict(at.address))
        for r in found
    }
    waiting = sorted((r for r in found if not pages.was_given(r)), key=lambda r: (r.due, r.pk))
    late = sum(lines[r].overdue for r in waiting)
    here = [("service", service.code)]
    return render(
        request,
        "audits/refreshers.html",
        {
            "page": Page(
                "What is being refreshed?",
                lede=f"{plural(len(waiting), 'refresher')} still to give at {service}"
                + (f", {late} overdue." if late else ".")
                if found
                else f"No refresher has been planned at {service}.",
                title="Refreshers",
                crumbs=_crumbs(service),
                kept=request.GET.get("kept", ""),
            ),
            "as_at": at,
            "here": here,
            "now_href": "?" + urlencode(here),
            "to_give": [lines[r] for r in waiting],
            "given": [lines[r] for r in found if pages.was_given(r)],
            "plan": address("plan-refresher", service=service.code)
            if by_of(request).may(Action.REFRESHER, service.pk)
            else "",
        },
        status=400 if at.problem else 200,
    )


def plan(request: HttpRequest) -> HttpResponse:
    """A new refresher; from a cause (`cause` in the address) its people and theme are filled in."""
    request.section = "records"  # type: ignore[attr-defined]
    service = chosen_service(request, Action.REFRESHER)
    by = by_of(request)
    check_may(by, Action.REFRESHER, service=service.pk)
    cause = _cause(request, service)
    today = london_date(instant(evidence.clock.now()))
    here = {p.person_id for p in current_posts([service.pk], on=today)} - by.same_human
    people = list(
        Person.objects.filter(pk__in=here).select_related("identity").order_by("identity__name")
    )
    checks = list(checks_in_force(at=evidence.clock.now()).values())
    theme = cause.theme if cause else request.GET.get("theme", "")
    form = RefresherForm(
        request.POST or None,
        people=people,
        owners=colleagues(service, on=today, but=0),
        checks=_checks_of(THEMES.get(theme), checks),
        initial={
            "theme": theme,
            "people": sorted(_authors(cause) & here),
            "due": today + USUAL,
            "owner": by.person if by.person in here else None,
        },
    )
    kept = f"plan-refresher-{cause.pk if cause else theme or service.code}"
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        competency = next(
            (c.competency for c in checks if c.competency.code == said["competency"]), None
        )
        try:
            refresher = plan_refresher(
                by=by,
                service=service,
                theme=said["theme"],
                people=said["people"],
                owner=said["owner"],
                due=said["due"],
                competency=competency,
                cause=cause,
                words=said["words"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            count = len(said["people"])
            messages.success(
                request,
                f"A refresher for {plural(count, 'person', 'people')} with {refresher.owner}, "
                f"by {day(refresher.due)}.",
            )
            return redirect(f"{reverse('refresher', args=[refresher.pk])}?kept={kept}")
    return render(
        request,
        "audits/plan_refresher.html",
        {
            "page": Page(
                "Who needs a refresher, and on what?",
                over=str(service),
                lede="Ten or fifteen minutes on one theme. A follow-up audit shows whether it "
                "helped.",
                crumbs=(*_crumbs(service), _list(service)),
                title="Plan a refresher",
            ),
            "form": form,
            "theme": THEMES.get(theme),
            "because": f"Because of {THEMES[cause.theme].title.lower()}: "
            f"{cause.get_why_display().lower()}, decided on {day(cause.recorded_at)}."
            if cause
            else "",
            "kept": kept,
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def refresher(request: HttpRequest, pk: int) -> HttpResponse:
    """One refresher, as at any moment: the theme by example, its people, its sessions, and what
    follows."""
    request.section = "records"  # type: ignore[attr-defined]
    at = as_at(request)
    found = _refresher(request, pk, at)
    by = by_of(request)
    today = london_date(instant(at.moment))
    support = queries.support_of([found])[found.entry]
    followed = queries.Followed.read([found], at=at.moment, known=at.known, by=by)
    waits = pages.waiting(support, at=at.moment, known=at.known)
    waiting = [action.person for action in waits]
    form = GivenForm(
        request.POST or None,
        people=[p for p in waiting if not by.is_self(p.pk)],
        initial={"on": today, "people": [p.pk for p in waiting]},
    )
    if request.method == "POST" and not at.is_past and form.is_valid():
        said = form.cleaned_data
        try:
            given = give_refresher(
                by=by,
                refresher=found,
                on=said["on"],
                minutes=said["minutes"],
                people=said["people"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            count = len(given.people)
            messages.success(
                request, f"Recorded: {plural(count, 'person was', 'people were')} there."
            )
            return redirect(f"{reverse('refresher', args=[pk])}?kept=give-refresher-{pk}")
    theme = THEMES[found.theme]
    words = AuditWords.objects.filter(entry=found.entry).values_list("text", flat=True).first()
    return render(
        request,
        "audits/refresher.html",
        {
            "page": Page(
                f"{theme.title}: was it refreshed, and did it help?",
                over=f"{found.service} · refresher",
                lede=pages.line(found, support, followed, today=today).why,
                crumbs=(*_crumbs(found.service), _list(found.service)),
                title=f"Refresher: {theme.title}",
                kept=request.GET.get("kept", ""),
            ),
            "theme": theme,
            "words": words or "",
            "as_at": at,
            "now_href": address("refresher", pk),
            "people": pages.people(
                found,
                support,
                waits,
                linked=by.may(Action.READ, found.service_id),
                keep=dict(at.address),
            ),
            "sessions": [
                f"{day(s.on)}, {s.minutes} minutes, {plural(len(s.people), 'person', 'people')}"
                for s in pages.sessions(found)
            ],
            "after": pages.after(found, followed, today=today),
            "rows": _rows(found, at),
            "waiting": waiting,
            "form": form,
            "refusal": IN_THE_PAST
            if at.is_past
            else why_not(lambda: check_may_give(by=by, refresher=found)),
            "reopen": address("reopen-after-refresher", pk)
            if found.competency and not at.is_past and by.may(Action.REVIEW, found.service_id)
            else "",
            "kept": f"give-refresher-{pk}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def reopen_after(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a check again of the refresher’s people: their competence ends in 28 days unless they
    pass it (R7), and readiness follows."""
    request.section = "records"  # type: ignore[attr-defined]
    found = _refresher(request, pk)
    by = by_of(request)
    check_may(by, Action.REVIEW, service=found.service_id)
    if found.competency is None:
        raise Http404("This refresher is about no check.")
    people = [action.person for action in queries.support_of([found])[found.entry]]
    for person in people:
        check_not_self(by, person.pk, Action.REVIEW)
    check = _check(found.competency, at=evidence.clock.now())
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = reopen(
                by=by,
                competency=found.competency,
                service=found.service,
                people=people,
                reason=form.cleaned_data["reason"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"{check} is asked for again: it ends on {day(done.ends_at)} unless passed.",
            )
            return redirect(f"{reverse('refresher', args=[pk])}?kept=reopen-{pk}")
    return render(
        request,
        "audits/reopen.html",
        {
            "page": Page(
                f"Does {check} have to be passed again?",
                over=f"{found.service} · {plural(len(people), 'person', 'people')}",
                lede="Who has passed it stays ready for 28 days, and after that only if they pass "
                "it again.",
                crumbs=(
                    *_crumbs(found.service),
                    _list(found.service),
                    Link("Refresher", reverse("refresher", args=[pk])),
                ),
                title="Ask for a check again",
            ),
            "names": [str(person) for person in people],
            "form": form,
            "kept": f"reopen-{pk}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def _refresher(request: HttpRequest, pk: int, at: AsAt | None = None) -> Refresher:
    """The refresher in the address, as it is now or was at another moment."""
    found = (
        queries.refreshers(
            services=Service.objects.values_list("pk", flat=True),
            at=at.moment if at else evidence.clock.now(),
            known=at.known if at else None,
        )
        .filter(pk=pk, pk__lt=2**63)
        .first()
    )
    if found is None:
        raise Http404("There is no such refresher, or it had not been planned then.")
    by = by_of(request)
    if not by.is_self(found.owner_id):
        check_may(by, Action.READ, service=found.service_id)
    return found


def _cause(request: HttpRequest, service: Service) -> Cause | None:
    asked = request.GET.get("cause") or request.POST.get("cause") or ""
    if not asked.isdecimal():
        return None
    cause = Cause.objects.filter(pk=asked, service=service).first()
    if cause is None:
        raise Http404("There is no such cause at this service.")
    return cause


def _authors(cause: Cause | None) -> set[int]:
    """Whose records its gaps are in."""
    if cause is None:
        return set()
    authors = Gap.objects.filter(causes__cause=cause).values_list(
        "check_of__item__author", flat=True
    )
    return {author for author in authors if author is not None}


def _checks_of(theme: Theme | None, checks: list[Check]) -> list[Check]:
    """Those that check this theme again; all of them until a theme is chosen."""
    return [c for c in checks if theme is None or c.competency.code in theme.checks]


def _check(competency: Competency, *, at: datetime) -> str:
    check = checks_in_force(at=at).get(competency.pk)
    return f"“{check.short}”" if check else competency.code


def _rows(refresher: Refresher, at: AsAt) -> list[tuple[str, str] | tuple[str, str, Link]]:
    rows: list[tuple[str, str] | tuple[str, str, Link]] = [
        ("With", str(refresher.owner)),
        ("Given by", day(refresher.due)),
        ("Planned by", f"{refresher.by}, {day(refresher.recorded_at)}"),
    ]
    if refresher.competency:
        rows.append(("Practises", _check(refresher.competency, at=at.moment)))
    rows.append(
        (
            "Evidence",
            f"Entry {refresher.entry:,}",
            Link("Open", address("entry", refresher.entry)),
        )
    )
    if refresher.cause_id and (why := address("cause", refresher.cause_id)):
        rows.append(("Because of", "What was found in records", Link("Open", why)))
    return rows


def _crumbs(service: Service) -> tuple[Link, ...]:
    return (Link("Records", address("records", service=service.code)),)


def _list(service: Service) -> Link:
    return Link("Refreshers", address("refreshers", service=service.code))
