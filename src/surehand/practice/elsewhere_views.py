"""Practice in the vendor's training system: what an assessor saw there, and how it is shown."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import Action, check_may
from surehand.people.models import Person, Service
from surehand.people.queries import current_posts
from surehand.people.web import by_of, chosen_service
from surehand.practice import pages, queries, spot_checks
from surehand.practice.correction_forms import VoidForm
from surehand.practice.correction_pages import corrected_rows, stands, ways
from surehand.practice.elsewhere_actions import (
    Title,
    check_may_correct_attempt,
    check_may_observe,
    check_may_void_attempt,
    correct_observed,
    observe_elsewhere,
    void_attempt,
)
from surehand.practice.elsewhere_forms import ElsewhereForm, seen
from surehand.practice.marking import Result
from surehand.practice.models import Attempt
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, local, moment, plural
from surehand.ui.page import Link, Page, address

OTHER = "other"
"""In the address: a title that is not in the list."""

SEEN = {
    Result.MET: ("Seen", "circle-check"),
    Result.PARTLY: ("In part", "circle-dot-dashed"),
    Result.NOT_MET: ("Not seen", "circle-dashed"),
}


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Whom and which scenario, both in the address; then what was seen."""
    service = chosen_service(request, Action.ASSESS)
    by, now = by_of(request), evidence.clock.now()
    posts = current_posts([service.pk], on=london_date(instant(now)))
    people = {p.person.pseudonym: p.person for p in posts if not by.is_self(p.person_id)}
    here = {
        code: one
        for code, one in queries.scenarios().items()
        if one.scenario.setting == service.setting
    }
    known = {**here, **queries.elsewhere()}
    person = people.get(request.GET.get("person", ""))
    code = request.GET.get("scenario", "")
    form = None
    if person is not None and (code in known or code == OTHER):
        form = ElsewhereForm(
            request.POST if request.method == "POST" else None,
            expect=known[code].scenario.expect if code in known else (),
            checks=[] if code in known else list(checks_in_force(at=now).values()),
            initial={"on": local(now).date(), "time": f"{local(now):%H:%M}"},
        )
        check_may_observe(by=by, person=person, service=service)
        if form.is_valid() and (attempt := _observed(request, person, service, code, form)):
            messages.success(request, "Kept in the log. It is no assessment.")
            return redirect("practice-elsewhere-result", attempt.pk)
    return render(
        request,
        "practice/elsewhere.html",
        {
            "page": Page(
                f"What did {person} do there?" if form else "Whom did you see practise there?",
                over="In the vendor’s training system",
                lede="It comes into the same log as practice here, and is no assessment.",
                title="Practice in the vendor’s training system",
                crumbs=(Link("Assess", address("assess", service=service.code)),),
            ),
            "people": [("", "Choose a name"), *((p, str(one)) for p, one in people.items())],
            "person": person.pseudonym if person else "",
            "scenarios": [
                ("", "Choose a scenario"),
                *((c, one.scenario.title) for c, one in known.items()),
                (OTHER, "Another title of the vendor’s"),
            ],
            "scenario": code,
            "keep": [("service", service.code)],
            "form": form,
        },
        status=400 if form and form.errors else 200,
    )


def _observed(
    request: HttpRequest, person: Person, service: Service, code: str, form: ElsewhereForm
) -> Attempt | None:
    said = form.cleaned_data
    try:
        return observe_elsewhere(
            by=by_of(request),
            person=person,
            service=service,
            of=Title(said["title"], said["competency"]) if code == OTHER else code,
            happened_at=said["happened_at"],
            marks=form.marks(),
            result=said.get("result", ""),
            hints=said["hints"] or 0,
            minutes=said["minutes"],
            note=said["note"],
        )
    except NotPossible as refusal:
        form.add_error("title" if "title" in str(refusal) and code == OTHER else None, str(refusal))
        return None


def result(request: HttpRequest, number: int) -> HttpResponse:
    """One go there, for whoever it is and for the readers of its service."""
    attempt = _attempt(number)
    by = by_of(request)
    if not by.is_self(attempt.person_id):
        check_may(by, Action.READ, service=attempt.service_id)
    scenario = queries.scenario_of(attempt.scenario.document)
    end = attempt.end
    return render(
        request,
        "practice/elsewhere_result.html",
        {
            "page": Page(
                scenario.title,
                over=attempt.get_where_display(),
                lede=f"{attempt.person}: {pages.result_in_words(end)}. "
                "It is no assessment: a trainer’s check is.",
                title=f"{scenario.title}, {attempt.person}",
                crumbs=(
                    Link(
                        str(attempt.person),
                        reverse("person", args=[attempt.person.pseudonym]),
                    ),
                ),
            ),
            "points": [
                (one.well, *SEEN[Result(end.marks[one.code])])
                for one in scenario.expect
                if one.code in end.marks
            ],
            "rows": [*_rows(attempt), *corrected_rows(attempt)],
            "stands": stands(attempt),
            "corrected_href": address("practice-elsewhere-result", attempt.superseded_by.pk)
            if hasattr(attempt, "superseded_by")
            else "",
            "ways": ways(
                correct=address("practice-elsewhere-correct", number),
                may_correct=lambda: check_may_correct_attempt(by=by, attempt=attempt),
                void=address("practice-elsewhere-void", number),
                may_void=lambda: check_may_void_attempt(by=by, attempt=attempt),
            ),
            "note": spot_checks.words_of([attempt.entry]).get(attempt.entry, "")
            if attempt.by_id
            else "",
        },
    )


def _attempt(number: int) -> Attempt:
    attempt = queries.attempt_elsewhere(number)
    if attempt is None:
        raise Http404("There is no such practice in the vendor’s training system.")
    return attempt


def _to(attempt: Attempt) -> Link:
    title = queries.scenario_of(attempt.scenario.document).title
    return Link(title, address("practice-elsewhere-result", attempt.pk))


def correct(request: HttpRequest, number: int) -> HttpResponse:
    """What was seen again, for who saw it, with a reason (R15)."""
    attempt, by = _attempt(number), by_of(request)
    check_may_correct_attempt(by=by, attempt=attempt)
    end, at = attempt.end, local(attempt.happened_at)
    note = spot_checks.words_of([attempt.entry]).get(attempt.entry, "")
    form = ElsewhereForm(
        request.POST if request.method == "POST" else None,
        expect=queries.scenario_of(attempt.scenario.document).expect,
        checks=[],
        correcting=True,
        initial={
            "on": at.date(),
            "time": f"{at:%H:%M}",
            "minutes": -(-end.seconds // 60),
            "hints": end.hints,
            "result": end.result,
            "note": note,
            **{seen(code): mark for code, mark in end.marks.items()},
        },
    )
    if form.is_valid():
        said = form.cleaned_data
        try:
            corrected = correct_observed(
                by=by,
                attempt=attempt,
                happened_at=said["happened_at"],
                marks=form.marks(),
                result=said.get("result", ""),
                hints=said["hints"] or 0,
                minutes=said["minutes"],
                note=said["note"],
                reason=said["reason"],
            )
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Corrected. What you recorded before stays readable.")
            return redirect("practice-elsewhere-result", corrected.pk)
    return render(
        request,
        "practice/elsewhere_correct.html",
        {
            "page": Page(
                "What did you see there?",
                over="In the vendor’s training system",
                lede=f"{attempt.person}. What you recorded before stays readable.",
                title="Correct what was seen",
                crumbs=(_to(attempt),),
            ),
            "form": form,
        },
        status=400 if form.errors else 200,
    )


def void(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a go there does not count, with a reason (R15)."""
    attempt, by = _attempt(number), by_of(request)
    check_may_void_attempt(by=by, attempt=attempt)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            void_attempt(by=by, attempt=attempt, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "It is voided. It does not count any more.")
            return redirect("practice-elsewhere-result", number)
    return render(
        request,
        "practice/void.html",
        {
            "page": Page(
                "Why does this not count?",
                over="In the vendor’s training system",
                lede=f"{attempt.person}, {moment(attempt.when)}. It stays readable, and leaves "
                "every log.",
                title="Void practice elsewhere",
                crumbs=(_to(attempt),),
            ),
            "form": form,
            "back": address("practice-elsewhere-result", number),
        },
        status=400 if form.errors else 200,
    )


def _rows(attempt: Attempt) -> list[tuple[str, str]]:
    end, reference = attempt.end, getattr(attempt, "reference", None)
    return [
        ("When", moment(attempt.when)),
        *([("Recorded late", _late(attempt.recorded_at))] if attempt.is_late else []),
        ("Seen by", str(attempt.by)) if attempt.by_id else ("Brought in", "by a file"),
        *([("It took", plural(-(-end.seconds // 60), "minute"))] if end.seconds else []),
        ("Hints", str(end.hints)),
        *([("Reference there", reference.text)] if reference else []),
    ]


def _late(recorded_at: datetime) -> str:
    return f"on {day(recorded_at)}"
