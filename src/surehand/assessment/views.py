"""Assessing: who is to be checked in what, the observation form, and each assessment."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.assessment import actions, group_pages, pages, retakes
from surehand.assessment.forms import ObservationForm, ReasonForm, helped, judged
from surehand.assessment.models import Assessment, AssessmentFile, Outcome
from surehand.competency.models import Check
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import Refused
from surehand.people.access import Action, check_may
from surehand.people.models import Person, Service
from surehand.people.web import by_of, chosen_service, readable_person
from surehand.ui.formats import local, plural
from surehand.ui.page import Link, Page, address

SHOWN_AS_IS = {"image/png", "image/jpeg", "application/pdf"}


def queue(request: HttpRequest) -> HttpResponse:
    """Whom to assess here, and in what."""
    service = chosen_service(request, Action.ASSESS)
    chosen = pages.Filters(
        name=request.GET.get("name", "").strip(),
        role=request.GET.get("role", ""),
        check=request.GET.get("check", ""),
    )
    found = pages.queue(by=by_of(request), service=service, now=evidence.clock.now(), chosen=chosen)
    waiting = plural(len(found.to_do), "person has", "people have")
    return render(
        request,
        "assessment/queue.html",
        {
            "page": Page(
                "Whom will you assess?",
                lede=f"{waiting} checks to pass before they may work on their own at {service}.",
                title="Assess",
            ),
            "queue": found,
            "under_way": group_pages.under_way(service),
            "group": address("group-begin", service=service.code, check=chosen.check),
            "elsewhere": address("practice-elsewhere", service=service.code),
            "spot_checks": address("spot-checks", service=service.code),
        },
    )


def observe(request: HttpRequest, pseudonym: str, competency: str) -> HttpResponse:
    """The observation form for one person and one check, or for the retake of a partial pass."""
    service = chosen_service(request, Action.ASSESS)
    person = readable_person(request, pseudonym, Action.ASSESS)
    now = evidence.clock.now()
    check = next(
        (c for c in checks_in_force(at=now).values() if c.competency.code == competency), None
    )
    if check is None:
        raise Http404("There is no such check in the plan in force.")
    actions.check_may_assess(by=by_of(request), person=person, service=service)
    partial = None
    if retaken := request.GET.get("retakes"):
        partial = _assessment(int(retaken) if retaken.isdigit() else 0)
    return _observation(
        request,
        person=person,
        service=service,
        check=check,
        now=now,
        partial=partial,
        kept=f"observe-{pseudonym}-{competency}",
    )


def correct(request: HttpRequest, entry: int) -> HttpResponse:
    """The observation form again, for its author, with a reason (R15)."""
    assessment = _assessment(entry)
    actions.check_may_correct(by=by_of(request), assessment=assessment)
    return _observation(
        request,
        person=assessment.person,
        service=assessment.service,
        check=assessment.check_version,
        now=evidence.clock.now(),
        partial=assessment.retakes,
        corrects=assessment,
        kept=f"correct-{entry}",
    )


def _observation(
    request: HttpRequest,
    *,
    person: Person,
    service: Service,
    check: Check,
    now: datetime,
    kept: str,
    partial: Assessment | None = None,
    corrects: Assessment | None = None,
) -> HttpResponse:
    by = by_of(request)
    to_judge = None
    if corrects is not None:
        to_judge = set(corrects.judgements)
    elif partial is not None:
        to_judge = set(retakes.to_judge_again(partial, at=now))
    form = ObservationForm(
        request.POST or None,
        request.FILES or None,
        check=check,
        to_judge=to_judge,
        correcting=corrects is not None,
        initial=pages.as_recorded(corrects) if corrects else _new(check, now),
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            assessment = actions.record_assessment(
                by=by,
                happened_at=form.cleaned_data["happened_at"],
                person=person,
                service=service,
                check=check,
                method=form.cleaned_data["method"],
                judgements=form.judgements(),
                help_given=form.help_given(),
                note=form.cleaned_data["note"],
                files=[actions.NewFile(file.name, file.content_type or "", file.read())]
                if file
                else [],
                retakes=partial,
                corrects=corrects,
                reason=form.cleaned_data.get("reason", ""),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            tell = messages.success if assessment.outcome == Outcome.PASS else messages.info
            tell(
                request,
                f"{check.short}, {person}: {Outcome(assessment.outcome).label}. "
                f"Recorded as entry {assessment.entry:,}.",
            )
            return redirect(f"{reverse('assessment', args=[assessment.entry])}?kept={kept}")
    request.section = "assess"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/observe.html",
        {
            "page": Page(
                pages.observation_question(check, partial=partial, corrects=corrects),
                over=f"{check.competency.code} · {service}",
                lede=pages.observation_lede(person, partial=partial, corrects=corrects),
                crumbs=(Link("Assess", f"{reverse('assess')}?service={service.code}"),),
                title=f"{check.short}, {person}",
            ),
            "form": form,
            "criteria": [
                (form[judged(c["code"])], form[helped(c["code"])], c["critical"])
                for c in form.criteria
            ],
            "kept": kept,
            "kept_for": by.pseudonym,
            "save": "Save the correction" if corrects else "Save the assessment",
        },
        status=400 if request.method == "POST" else 200,
    )


def _new(check: Check, now: datetime) -> dict[str, object]:
    here = local(now)
    return {"on": here.date(), "time": f"{here:%H:%M}", "method": check.methods[0]}


def assessment(request: HttpRequest, entry: int) -> HttpResponse:
    """One assessment: how it went, why, what happens next, and everything since."""
    found = _assessment(entry)
    readable_person(request, found.person.pseudonym)
    now = evidence.clock.now()
    request.section = "assess"  # type: ignore[attr-defined]
    view = pages.assessment_page(found, by=by_of(request), now=now, checks=checks_in_force(at=now))
    return render(
        request,
        "assessment/assessment.html",
        {
            "page": Page(
                f"How did {found.person} do?",
                over=f"{found.check_version.title} · {found.service}",
                lede=view.lede,
                crumbs=(Link("Assess", f"{reverse('assess')}?service={found.service.code}"),)
                if by_of(request).may(Action.ASSESS, found.service_id)
                else (),
                title=f"{found.check_version.short}, {found.person}",
                person=str(found.person),
                kept=request.GET.get("kept", ""),
            ),
            "view": view,
        },
    )


def void(request: HttpRequest, entry: int) -> HttpResponse:
    """Say that an assessment does not count, with a reason (R15)."""
    found = _assessment(entry)
    actions.check_may_void(by=by_of(request), assessment=found)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.void_assessment(
                by=by_of(request), assessment=found, reason=form.cleaned_data["reason"]
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The assessment is voided. It does not count any more.")
            return redirect(f"{reverse('assessment', args=[entry])}?kept=void-{entry}")
    request.section = "assess"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/reason.html",
        {
            "page": Page(
                "Why does this assessment not count?",
                over=f"{found.check_version.title} · {found.person}",
                lede=f"{Outcome(found.outcome).label}, by {found.by}. It stays readable, "
                "and it stops counting from the moment it happened.",
                crumbs=(Link("Assessment", reverse("assessment", args=[entry])),),
            ),
            "form": form,
            "save": "Void the assessment",
            "kept": f"void-{entry}",
            "kept_for": by_of(request).pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def file(request: HttpRequest, entry: int, file: int) -> HttpResponse:
    """A file kept with an assessment, as a download; only harmless kinds keep their type."""
    assessment = _assessment(entry)
    readable_person(request, assessment.person.pseudonym)
    if not pages.may_read_words(by_of(request), assessment):
        check_may(by_of(request), Action.READ, service=assessment.service_id)
    found = AssessmentFile.objects.filter(
        pk=file, assessment__in=pages.corrections_of(assessment)
    ).first()
    if found is None:
        raise Http404("There is no such file.")
    kind = found.content_type
    response = HttpResponse(
        bytes(found.content),
        content_type=kind if kind in SHOWN_AS_IS else "application/octet-stream",
    )
    safe = "".join(c if c.isalnum() or c in ".-_ " else "_" for c in found.name)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response


def _assessment(entry: int) -> Assessment:
    found = (
        Assessment.objects.filter(entry=entry)
        .select_related(
            "person__identity",
            "competency",
            "check_version__competency",
            "service__details",
            "by__identity",
            "retakes__check_version",
            "attempt__scenario",
        )
        .first()
    )
    if found is None:
        raise Http404("There is no such assessment.")
    return found
