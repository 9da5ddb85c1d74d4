"""Gaps that wait for a cause, a new cause, one cause with what followed, and coaching (2.4)."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html

from surehand import evidence
from surehand.assessment.actions import reopen
from surehand.audits import cause_pages as pages
from surehand.audits import cause_queries as queries
from surehand.audits.blind import hidden_items, left_out
from surehand.audits.cause import ASK, TITLES, Suggestion, Why, suggest
from surehand.audits.cause_actions import check_may_say, say_cause, support_for, who_else
from surehand.audits.cause_forms import HINTS, CauseForm, CoachForm, in_a_week
from surehand.audits.cause_policies import check_is
from surehand.audits.change_actions import check_may_request
from surehand.audits.change_pages import lines_of as change_lines
from surehand.audits.change_queries import requests
from surehand.audits.models import Cause
from surehand.audits.refresher_pages import line as refresher_line
from surehand.audits.refresher_pages import waiting
from surehand.audits.refresher_queries import Followed, refreshers, support_of
from surehand.competency.queries import checks_in_force
from surehand.competency.themes import THEMES
from surehand.ecm.queries import profile_for
from surehand.evidence.refusal import Refused, why_not
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Service
from surehand.people.queries import colleagues
from surehand.people.web import IN_THE_PAST, AsAt, as_at, by_of, chosen_service
from surehand.support.actions import NewSupport
from surehand.support.models import SupportAction
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, plural
from surehand.ui.page import Link, Page, address

DECIDED_SHOWN = 20


def gaps(request: HttpRequest) -> HttpResponse:
    """The gaps found at a service that wait for a cause, by theme; and the causes said."""
    request.section = "records"  # type: ignore[attr-defined]
    service = chosen_service(request)
    at = as_at(request)
    by = by_of(request)
    profile = profile_for(service.setting, at=at.moment)
    every = queries.gaps_of(service.pk, at=at.moment, known=at.known)
    hidden = hidden_items(by, service=service.pk)
    found = [each for each in every if each.record.item not in hidden]
    decided = queries.causes_of([g.found.gap for g in found], at=at.moment, known=at.known)
    waiting = [each for each in found if each.found.gap not in decided]
    lines = pages.lines_of(waiting, profile, at=at.moment, known=at.known, own=by.same_human)
    groups = pages.groups_of(waiting, lines, service)
    today = london_date(instant(at.moment))
    said = queries.said(service.pk, at=at.moment, known=at.known)
    causes = [
        (c, pages.cause_line(c, count, today=today, keep=dict(at.address))) for c, count in said
    ]
    here = [("service", service.code)]
    return render(
        request,
        "audits/gaps.html",
        {
            "page": Page(
                "Which gaps wait for a cause?",
                over=str(service),
                lede=_lede(len(waiting), len(groups), bool(found)),
                title="Gaps and causes",
                crumbs=_crumbs(service)[:1],
                kept=request.GET.get("kept", ""),
            ),
            "as_at": at,
            "here": here,
            "now_href": "?" + urlencode(here),
            "groups": groups,
            "may": not at.is_past and by.may(Action.CAUSE, service.pk),
            "unsure": [line for cause, line in causes if cause.why == Cause.Kind.UNSURE],
            "decided": [line for cause, line in causes if cause.why != Cause.Kind.UNSURE][
                :DECIDED_SHOWN
            ],
            "changes": address("changes", service=service.code),
            "refreshers": address("refreshers", service=service.code),
            "any": bool(found),
            "left_out": left_out(len(hidden)),
        },
        status=400 if at.problem else 200,
    )


def _lede(count: int, themes: int, any_found: bool) -> str:
    if count:
        return (
            f"{plural(count, 'gap')} of {plural(themes, 'theme')} "
            f"{'waits' if count == 1 else 'wait'}. Say why, so that the right thing follows."
        )
    return "None. Every gap found has its cause." if any_found else "No gap has been found yet."


def _crumbs(service: Service) -> tuple[Link, ...]:
    return (
        Link("Records", address("records", service=service.code)),
        Link("Gaps and causes", address("gaps", service=service.code)),
    )


# --- A new cause ----------------------------------------------------------------------------------


def say(request: HttpRequest) -> HttpResponse:
    """Say why gaps of one theme arose. The address narrows them to one place or one person, and
    what they look like is worked out from those shown."""
    request.section = "records"  # type: ignore[attr-defined]
    service = chosen_service(request, Action.CAUSE)
    by = by_of(request)
    check_may_say(by=by, service=service)
    theme = request.GET.get("theme", "")
    if theme not in THEMES:
        raise Http404("There is no such theme. Choose one under Gaps and causes.")
    now = evidence.clock.now()
    profile = profile_for(service.setting, at=now)
    hidden = hidden_items(by, service=service.pk)
    every = [
        each
        for each in queries.waiting([service.pk], at=now).get(service.pk, [])
        if each.found.theme == theme and each.record.item not in hidden
    ]
    people = pages.named(every)
    place = pages.chosen_place(request.GET.get("place", ""), every)
    person = next((p for p in people.values() if p.pseudonym == request.GET.get("person")), None)
    shown = [
        each
        for each in every
        if (place is None or each.place == place)
        and (person is None or each.record.author == person.pk)
    ]
    found = suggest(queries.known_of(shown, service=service.pk, theme=theme, at=now))
    wrote = [p for pk, p in people.items() if any(e.record.author == pk for e in shown)]
    chosen = set(request.POST.getlist("gaps"))
    form = CauseForm(request.POST or None, people=wrote)
    if request.method == "POST" and form.is_valid():
        cause = _say(
            form,
            by=by,
            service=service,
            theme=theme,
            gaps=[each.found.gap for each in shown if str(each.found.gap) in chosen],
        )
        if cause:
            messages.success(request, f"Kept: {cause.get_why_display().lower()}.")
            return redirect(f"{reverse('cause', args=[cause.pk])}?kept=cause-{theme}")
    lines = pages.lines_of(shown, profile, at=now, own=by.same_human)
    own = any(line.own for line in lines)
    return render(
        request,
        "audits/say_cause.html",
        {
            "page": Page(
                f"{THEMES[theme].title}: why did it happen?",
                over=str(service),
                lede=format_html(
                    "{}. {} <a href='#looks'>It looks like: {}</a>.",
                    plural(len(shown), "gap"),
                    pages.summary(shown),
                    TITLES[found.why].lower(),
                )
                if shown
                else "No gap of this theme waits for a cause.",
                title=f"Say the cause: {THEMES[theme].title}",
                crumbs=_crumbs(service),
            ),
            "theme": THEMES[theme],
            "lines": [(line, _is_chosen(line, chosen, request.method == "POST")) for line in lines],
            "own": f"One of these is a record of yours. {who_else(by=by, service=service)}"
            if own
            else "",
            "looks": pages.looks(
                found, profile, person=str(people[found.person]) if found.person else ""
            ),
            "ask": ASK,
            "form": form,
            "hints": HINTS,
            "keep": [("service", service.code), ("theme", theme)],
            "places": [("", "Any place"), *pages.places_of(every, profile)],
            "place": request.GET.get("place", "") if place else "",
            "people": [("", "Anybody"), *pages.people_of(every, people)],
            "person": person.pseudonym if person else "",
            "kept": f"cause-{theme}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def _is_chosen(line: pages.GapLine, chosen: set[str], sent: bool) -> bool:
    """At first all but one's own; then what was sent."""
    return str(line.gap) in chosen if sent else not line.own


def _say(form: CauseForm, *, by: By, corrects: Cause | None = None, **more: Any) -> Cause | None:
    said = form.cleaned_data
    practice = said["why"] == Cause.Kind.PRACTICE
    try:
        return say_cause(
            by=by,
            why=said["why"],
            reason=said["reason"],
            subject=said["subject"] if practice else None,
            corrects=corrects,
            **more,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None


# --- One cause ------------------------------------------------------------------------------------


def cause(request: HttpRequest, pk: int) -> HttpResponse:
    """Why these gaps arose, as at any moment: the reason, the evidence then, what followed; and
    another cause."""
    request.section = "records"  # type: ignore[attr-defined]
    at = as_at(request)
    found = _cause(request, pk, at=at)
    by, service = by_of(request), found.service
    profile = profile_for(service.setting, at=found.happened_at)
    hidden = hidden_items(by, service=service.pk)
    its = queries.about(found)
    about = [each for each in its if each.record.item not in hidden]
    people = pages.named(about)
    later = queries.corrected_by(found, at=at.moment, known=at.known)
    form = CauseForm(request.POST or None, people=list(people.values()))
    refusal = IN_THE_PAST if at.is_past else _why_not_corrected(by, found)
    if request.method == "POST" and not at.is_past:
        check_may_say(by=by, service=service)
        if form.is_valid():
            corrected = _say(
                form,
                by=by,
                service=service,
                theme=found.theme,
                gaps=[each.found.gap for each in its],
                corrects=found,
            )
            if corrected:
                messages.success(request, f"Kept: {corrected.get_why_display().lower()}.")
                return redirect(f"{reverse('cause', args=[corrected.pk])}?kept=correct-{pk}")
    words = queries.words_of([found.entry])
    theme = THEMES[found.theme]
    return render(
        request,
        "audits/cause.html",
        {
            "page": Page(
                f"{theme.title}: why did it happen?",
                over=str(service),
                lede=f"{found.get_why_display()}"
                + (f": {found.subject}" if found.subject else "")
                + f". Said by {found.by} on {day(found.recorded_at)}.",
                title=f"Cause: {theme.title}",
                crumbs=_crumbs(service),
                kept=request.GET.get("kept", ""),
            ),
            "as_at": at,
            "now_href": address("cause", pk),
            "cause": found,
            "reason": words.get(found.entry, ""),
            "decide_by": found.decide_by,
            "later": Link(
                "Open the cause that holds", address("cause", later.pk, **dict(at.address))
            )
            if later
            else None,
            "lines": pages.lines_of(
                about, profile, at=at.moment, known=at.known, own=by.same_human
            ),
            "summary": pages.summary(about),
            "left_out": left_out(len(hidden)),
            "looks": pages.looks(Suggestion.from_json(found.suggested), profile),
            "theme": theme,
            "entry": address("entry", found.entry),
            **_followed(found, by, at, holds=later is None),
            "form": form,
            "hints": HINTS,
            "refusal": refusal,
            "kept": f"correct-{pk}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" or at.problem else 200,
    )


def _cause(
    request: HttpRequest, pk: int, action: Action = Action.READ, at: AsAt | None = None
) -> Cause:
    """The cause in the address, as at a moment, for whoever may `action` at its service."""
    found = (
        (queries.by_then(at=at.moment, known=at.known) if at else Cause.objects)
        .filter(pk=pk, pk__lt=2**63)
        .select_related("service__details", "by__identity", "subject__identity", "superseded_by")
        .first()
    )
    if found is None:
        raise Http404("There is no such cause, or nobody had said it then.")
    check_may(by_of(request), action, service=found.service_id)
    return found


def _why_not_corrected(by: By, found: Cause) -> str:
    if not by.may(Action.CAUSE, found.service_id):
        return why_not(lambda: check_may_say(by=by, service=found.service))
    if found.subject and by.is_self(found.subject_id or 0):
        return f"This is about yourself. {who_else(by=by, service=found.service)}"
    return "This cause was corrected already." if hasattr(found, "superseded_by") else ""


def _followed(found: Cause, by: By, at: AsAt, *, holds: bool) -> dict[str, Any]:
    """What had followed a cause at a moment, and what can follow now."""
    today = london_date(instant(at.moment))
    then: dict[str, Any] = {"at": at.moment, "known": at.known}
    keep = dict(at.address)
    asked = change_lines(requests([found.service_id], cause=found.pk, **then), keep=keep)
    planned = [
        each
        for each in refreshers(services=[found.service_id], **then)
        if each.cause_id == found.pk
    ]
    support = support_of(planned)
    actions = SupportAction.objects.filter(because=found.entry, happened_at__lte=at.moment)
    if at.known is not None:
        actions = actions.filter(entry__lte=at.known)
    actions = actions.select_related("owner__identity", "done").order_by("entry")
    why = Why(found.why)
    may_coach = by.may(Action.REFRESHER, found.service_id) and not by.is_self(found.subject_id or 0)
    onward = {
        Why.WORKFLOW: Link("Write a change request", address("request-change", found.pk))
        if not why_not(lambda: check_may_request(by=by, cause=found))
        else None,
        Why.TRAINING: Link(
            "Plan a refresher",
            address("plan-refresher", service=found.service.code, cause=found.pk),
        )
        if by.may(Action.REFRESHER, found.service_id)
        else None,
        Why.PRACTICE: Link("Give coaching", address("coach-for-cause", found.pk))
        if may_coach
        else None,
        Why.UNSURE: None,
    }[why]
    followed = Followed.read(planned, **then, by=by)
    waits = waiting(actions, **then)
    return {
        "onward": onward if holds and not at.is_past else None,
        "then": pages.NEXT[why],
        "asked": asked,
        "refreshed": [
            refresher_line(r, support[r.entry], followed, today=today, keep=keep) for r in planned
        ],
        "supported": [
            Link(
                f"{a.get_what_display()} with {a.owner}, "
                + (
                    f"done: {a.done.get_outcome_display().lower()}"
                    if a not in waits
                    else f"by {day(a.due)}"
                ),
                address("support-action", a.entry),
            )
            for a in actions
        ],
    }


# --- Coaching after individual practice -----------------------------------------------------------


def coach(request: HttpRequest, pk: int) -> HttpResponse:
    """Coaching for the person of an individual practice; the check can be asked for again."""
    request.section = "records"  # type: ignore[attr-defined]
    found = _cause(request, pk, Action.REFRESHER)
    by, service, person = by_of(request), found.service, found.subject
    check_is(found, Cause.Kind.PRACTICE)
    assert person is not None
    check_not_self(by, person.pk, Action.REFRESHER)
    now = evidence.clock.now()
    today = london_date(instant(now))
    theme = THEMES[found.theme]
    checks = [c for c in checks_in_force(at=now).values() if c.competency.code in theme.checks]
    form = CoachForm(
        request.POST or None,
        owners=colleagues(service, on=today, but=person.pk),
        checks=checks,
        initial={
            "due": in_a_week(today),
            "competency": checks[0].competency.code if checks else "",
        },
    )
    reopens = by.may(Action.REVIEW, service.pk)
    if not reopens:
        del form.fields["reopen"]
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        check = next((c for c in checks if c.competency.code == said["competency"]), None)
        new = NewSupport(
            said["what"], said["owner"], said["due"], check.competency if check else None
        )
        try:
            with transaction.atomic():
                action = support_for(by=by, cause=found, new=new, note=said["note"])
                if said.get("reopen") and check:
                    reopen(by=by, competency=check.competency, service=service, people=[person])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"{action.get_what_display()} for {person} with {action.owner}, "
                f"by {day(action.due)}."
                + (" The check is asked for again." if said.get("reopen") else ""),
            )
            return redirect(f"{reverse('cause', args=[pk])}?kept=coach-{pk}")
    return render(
        request,
        "audits/coach.html",
        {
            "page": Page(
                f"What helps {person.first_name}?",
                over=f"{theme.title} · {service}",
                lede="Somebody works beside them on this. What belongs to employment stays outside "
                "Surehand.",
                title=f"Coaching, {person}",
                person=str(person),
                crumbs=(*_crumbs(service), Link("The cause", address("cause", pk))),
            ),
            "form": form,
            "theme": theme,
            "reopens": reopens,
            "kept": f"coach-{pk}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )
