"""Judging a check in practice: how it was done beside the criteria, on one screen; and those of a
group session together, in one grid."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.assessment import actions, attempt_pages, group_actions, pages, policies, queries
from surehand.assessment.forms import JudgementForm, helped, judged
from surehand.assessment.group_forms import PeopleForm
from surehand.assessment.models import Assessment, Outcome
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import Refused
from surehand.people.access import Action, check_may
from surehand.people.queries import same_human
from surehand.people.web import by_of
from surehand.practice.models import Attempt
from surehand.practice.pages import moments
from surehand.practice.queries import attempt_of, replay
from surehand.practice.sessions import playable, session_of
from surehand.ui.formats import moment, plural
from surehand.ui.page import Link, Page, address


def _sent(request: HttpRequest, view: attempt_pages.JudgePage) -> Mapping[str, object] | None:
    """What the form sends. Whoever agrees with all of it agrees with what is proposed, whatever
    else was touched in the form."""
    if request.method != "POST":
        return None
    if "agree" in request.POST and view.outcome[0]:
        note = request.POST.get("note", "").strip()
        return {**view.initial, "note": note or view.initial["note"]}
    return request.POST


def judge(request: HttpRequest, entry: int, competency: str) -> HttpResponse:
    """Judge one competency from a finished check in practice; to agree with all that marking
    proposes is one tap."""
    by, now = by_of(request), evidence.clock.now()
    attempt = attempt_of(entry)
    if attempt is None:
        raise Http404("There is no such go.")
    checks = checks_in_force(at=now)
    check = next((c for c in checks.values() if c.competency.code == competency), None)
    if check is None:
        raise Http404("There is no such check in the plan in force.")
    person, service = attempt.person, attempt.service
    actions.check_may_assess(by=by, person=person, service=service)
    before = queries.judged_from([attempt.pk]).get((attempt.pk, check.competency_id))
    if before is not None:
        return redirect("assessment", before.entry)
    policies.check_attempt(
        attempt,
        people=same_human(person.pk),
        service=service.pk,
        check=check,
        method=Assessment.Method.PRACTICE,
        happened_at=None,
    )
    policies.check_method(check, Assessment.Method.PRACTICE)
    policies.check_happened(attempt.end.happened_at, recorded_at=now)
    shown = replay(attempt)
    view = attempt_pages.judge_page(
        shown,
        check,
        checks=checks.values(),
        looks={outcome: tone for outcome, (tone, _) in pages.LOOKS.items()},
    )
    form = JudgementForm(_sent(request, view), check=check, initial=view.initial)
    if request.method == "POST" and form.is_valid():
        try:
            assessment = actions.record_assessment(
                by=by,
                happened_at=attempt.end.happened_at,
                person=person,
                service=service,
                check=check,
                method=Assessment.Method.PRACTICE,
                judgements=form.judgements(),
                help_given=form.help_given(),
                note=form.cleaned_data["note"],
                attempt=attempt,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            outcome = Outcome(assessment.outcome)
            tell = messages.success if outcome == Outcome.PASS else messages.info
            tell(request, f"{check.short}, {person}: {outcome.label}.")
            kept = f"judge-{entry}-{competency}"
            return redirect(f"{reverse('assessment', args=[assessment.entry])}?kept={kept}")
    request.section = "assess"  # type: ignore[attr-defined]
    met = sum(mark.result == "met" for mark in shown.marks)
    return render(
        request,
        "assessment/judge_attempt.html",
        {
            "page": Page(
                f"Did {person} show it? {check.title}",
                over=f"PRACTICE · {shown.scenario.title} · {service}",
                lede=f"Marking found {met} of {len(shown.marks)}, with "
                f"{plural(shown.end.hints, 'hint')}. It proposes; you judge.",
                crumbs=(Link("Assess", f"{reverse('assess')}?service={service.code}"),),
                title=f"{check.short}, {person}",
                wide=True,
            ),
            "form": form,
            "view": view,
            "criteria": [
                (form[judged(each.code)], form[helped(each.code)], c["critical"], each)
                for c, each in zip(check.criteria, view.proposals, strict=True)
            ],
            "others": view.others if len(view.others) > 1 else [],
            "shown": shown,
            "moments": moments(shown),
            "ended": moment(shown.end.happened_at),
            "kept": f"judge-{entry}-{competency}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def judge_session(request: HttpRequest, entry: int) -> HttpResponse:
    """Take those of a group session who have ended into the grid of one check. The address says
    which (`check`); else it is the first one asked for."""
    by, now = by_of(request), evidence.clock.now()
    session = session_of(entry)
    if session is None:
        raise Http404("There is no such session.")
    check_may(by, Action.ASSESS, service=session.service_id)
    scenario = playable(session).scenario
    able = attempt_pages.judged_in(scenario, checks_in_force(at=now).values())
    code = request.GET.get("check") or (able[0].competency.code if able else "")
    check = next((each for each in able if each.competency.code == code), None)
    if check is None or session.mode != Attempt.Mode.CHECK:
        raise Http404("Nothing of this session is judged from practice.")
    view = attempt_pages.session_page(session, check, by=by)
    form = PeopleForm(request.POST or None, people=[each.person for each, _ in view.ready])
    if request.method == "POST" and form.is_valid():
        chosen = set(form.people())
        try:
            group = group_actions.judge_session(
                by=by,
                session=session,
                check=check,
                attempts=[each for each, _ in view.ready if each.person in chosen],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("group", group.pk)
    request.section = "assess"  # type: ignore[attr-defined]
    back = address("practice-session", entry)
    return render(
        request,
        "assessment/judge_session.html",
        {
            "page": Page(
                "Whom do you judge together?",
                over=f"PRACTICE · {scenario.title} · {session.service}",
                lede=f"{check.competency.code} {check.short}. Marking proposes for each person, "
                "and you judge them in one grid.",
                crumbs=(Link("The session", back),),
                title=f"{check.short}, session",
            ),
            "view": view,
            "form": form,
            "ticked": request.POST.getlist("person")
            if form.is_bound
            else [each.person.pseudonym for each, _ in view.ready],
            "checks": [
                Link(
                    each.short,
                    address("judge-session", entry, check=each.competency.code),
                    current=each == check,
                )
                for each in able
            ],
        },
        status=400 if request.method == "POST" else 200,
    )
