"""The training assurance plan: what it asks, its versions, and publishing the next (R12)."""

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.competency import actions
from surehand.competency.models import PlanVersion
from surehand.competency.plan_document import (
    Difference,
    PlanDocument,
    PlanProblem,
    adds_gates,
    differences,
    load,
    starter,
    starter_text,
)
from surehand.competency.policies import NOTICE
from surehand.competency.queries import plan_in_force
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import Action, By, check_may, who_may
from surehand.people.web import by_of
from surehand.readiness import plan_pages, plan_projection
from surehand.readiness.plan_effect import effect
from surehand.readiness.plan_forms import PlanFileForm, PublishForm
from surehand.timeline import instant, london_date, london_midnight
from surehand.timeline import moment as as_datetime
from surehand.ui.formats import moment, plural
from surehand.ui.page import Link, Page

SHOWN = 50  # people named in a preview
DAY = timedelta(days=1)


def _reader(request: HttpRequest) -> By:
    by = by_of(request)
    if not by.may_anywhere(Action.READ):
        check_may(by, Action.READ, service=None)
    return by


def plan(request: HttpRequest) -> HttpResponse:
    """The version in force."""
    by = _reader(request)
    now = evidence.clock.now()
    version = plan_in_force(at=now)
    if version is None:
        return render(
            request,
            "readiness/plan_none.html",
            {
                "page": Page(
                    "What must people be able to do?",
                    lede="No plan is in force, so nobody is ready. The starter plan is a good "
                    "place to begin.",
                    title="Plan",
                ),
                **_publishing(by),
                "versions": plan_pages.versions(now=now),
            },
        )
    return _version_page(request, by, version, now=now)


def version(request: HttpRequest, number: int) -> HttpResponse:
    by = _reader(request)
    return _version_page(request, by, _version(number), now=evidence.clock.now())


def version_yaml(request: HttpRequest, number: int) -> HttpResponse:
    """The document as it was published."""
    _reader(request)
    return _yaml(_version(number).document, f"plan-{number}.yaml")


def starter_yaml(request: HttpRequest) -> HttpResponse:
    _reader(request)
    return _yaml(starter_text(), "starter-plan.yaml")


def _yaml(text: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _version(number: int) -> PlanVersion:
    found = PlanVersion.objects.select_related("by__identity", "projection").filter(number=number)
    if not found:
        raise Http404("There is no such version of the plan.")
    return found[0]


def _publishing(by: By) -> dict[str, object]:
    allowed = by.may(Action.PLAN, None)
    return {
        "publish": reverse("plan-of-publish"),
        "starter": reverse("plan-of-starter-yaml"),
        "refusal": "" if allowed else f"Publishing takes {who_may(Action.PLAN)}.",
    }


def _version_page(
    request: HttpRequest, by: By, version: PlanVersion, *, now: datetime
) -> HttpResponse:
    document = load(version.document)
    lines = plan_pages.versions(now=now)
    stands = next(line for line in lines if line.number == version.number)
    by_whom = stands.by
    return render(
        request,
        "readiness/plan.html",
        {
            "page": Page(
                "What must people be able to do?",
                lede=f"{document.title}, version {version.number}: "
                f"{plural(len(document.competencies), 'competency', 'competencies')}. "
                f"{stands.stands}, from {stands.applies}, published by {by_whom}.",
                title=f"Plan, version {version.number}",
                crumbs=()
                if stands.stands == "In force"
                else (Link("The plan in force", reverse("plan")),),
            ),
            "version": version,
            "groups": plan_pages.groups(document),
            "changes": _changes(version, document),
            "versions": lines,
            "preparation": plan_pages.preparation(version),
            "yaml": reverse("plan-of-version-yaml", args=[version.number]),
            **_publishing(by),
        },
    )


def _changes(version: PlanVersion, document: PlanDocument) -> list[Difference]:
    """What this version changed against the one before; nothing for the first."""
    before = PlanVersion.objects.filter(number=version.number - 1).first()
    return differences(load(before.document), document) if before else []


def publish(request: HttpRequest) -> HttpResponse:
    """Bring a document; see what it changes and whom it touches; then publish it."""
    by = by_of(request)
    check_may(by, Action.PLAN, service=None)
    if "document" in request.POST:
        return _publish_or_show(request, by, request.POST["document"])
    if "starter" in request.POST:
        return _preview(request, starter_text(), starter())
    problems: list[str] = []
    form = PlanFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["file"]
        try:
            return _preview(request, text, load(text))
        except PlanProblem as problem:
            problems = problem.problems
        except NotPossible as refusal:
            problems = [str(refusal)]
    return _file_page(request, form, problems)


def _file_page(request: HttpRequest, form: PlanFileForm, problems: list[str]) -> HttpResponse:
    return render(
        request,
        "readiness/plan_file.html",
        {
            "page": Page(
                "What shall the next version of the plan say?",
                lede="You see what it changes and whom it touches before anything is published.",
                title="Publish a plan",
                crumbs=(Link("Plan", reverse("plan")),),
            ),
            "form": form,
            "problems_found": problems,
            "starter": reverse("plan-of-starter-yaml"),
            "first": _latest() is None,
        },
        status=422 if form.errors or problems else 200,
    )


def _publish_or_show(request: HttpRequest, by: By, text: str) -> HttpResponse:
    # A form turns line ends into CRLF; the document is kept as it was brought.
    text = text.replace("\r\n", "\n")
    try:
        document = load(text)
    except PlanProblem as problem:
        return _file_page(request, PlanFileForm(), problem.problems)
    form = PublishForm(request.POST, adds_gates=_adds_gates(document))
    if not form.is_valid():
        return _preview(request, text, document, form=form)
    if "show" in request.POST:  # look again, for another day
        return _preview(request, text, document, form=form)
    try:
        version = actions.publish_plan(
            by=by,
            text=text,
            applies_from=_from(form.cleaned_data["applies_from"]),
            shorter_notice=form.cleaned_data.get("shorter_notice", False),
        )
    except Refused as refusal:
        return _preview(request, text, document, form=form, problem=str(refusal))
    if plan_projection.needs_worker(version):
        plan_projection.project_plan.enqueue(version.number)
    messages.success(
        request,
        f"Version {version.number} is published and applies from {moment(version.applies_from)}.",
    )
    return redirect("plan-of-version", version.number)


def _from(day: date) -> datetime | None:
    """Midnight of a later day; today means now."""
    today = london_date(instant(evidence.clock.now()))
    return None if day == today else as_datetime(london_midnight(day))


def _latest() -> PlanDocument | None:
    latest = PlanVersion.objects.order_by("-number").first()
    return load(latest.document) if latest else None


def _adds_gates(document: PlanDocument) -> bool:
    latest = _latest()
    return latest is not None and adds_gates(latest, document)


def _preview(
    request: HttpRequest,
    text: str,
    document: PlanDocument,
    *,
    form: PublishForm | None = None,
    problem: str = "",
) -> HttpResponse:
    """What the document changes, whom it touches on the day chosen, and the notice it gives."""
    latest = _latest()
    found = differences(latest, document) if latest else []
    if latest and not found:
        raise NotPossible("This plan says the same as the latest version. Nothing to publish.")
    now = evidence.clock.now()
    gates = latest is not None and adds_gates(latest, document)
    usual = london_date(instant(now + NOTICE + DAY if gates else now + DAY))
    if latest is None:
        usual = london_date(instant(now))
    day = usual
    if form is not None and form.is_bound and form.is_valid():
        day = form.cleaned_data["applies_from"]
    if form is None:
        form = PublishForm(initial={"document": text, "applies_from": usual}, adds_gates=gates)
    touched = effect(document, applies_from=_from(day) or now)
    return render(
        request,
        "readiness/plan_preview.html",
        {
            "page": Page(
                "Whom does this plan touch?",
                lede=_lede(touched.posts, len(touched.not_ready), day),
                title="Publish a plan",
                crumbs=(
                    Link("Plan", reverse("plan")),
                    Link("Bring a file", reverse("plan-of-publish")),
                ),
            ),
            "form": form,
            "problem": problem,
            "differences": found,
            "first": latest is None,
            "gates": gates,
            "effect": touched,
            "not_ready": touched.not_ready[:SHOWN],
            "more": max(len(touched.not_ready) - SHOWN, 0),
        },
        status=409 if problem else 422 if form.errors else 200,
    )


def _lede(posts: int, not_ready: int, day: date) -> str:
    on = f"{day:%-d %B %Y}"
    if not not_ready:
        return f"Of {plural(posts, 'post', 'posts')} on {on}, nobody would stop being ready."
    return (
        f"Of {plural(posts, 'post', 'posts')} on {on}, {not_ready} would stop being ready unless "
        "they pass what is new before then."
    )
