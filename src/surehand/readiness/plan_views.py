"""The training assurance plan: what it asks, its versions, and what each changed (R12)."""

from collections.abc import Callable, Container
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from surehand import evidence
from surehand.competency.models import PlanDraft, PlanVersion
from surehand.competency.plan_document import Difference, PlanDocument, starter_text
from surehand.competency.queries import document_of, draft, draft_document, plan_in_force
from surehand.people.access import Action, By, check_may, who_may
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS
from surehand.people.web import by_of
from surehand.readiness import plan_compare_pages, plan_pages
from surehand.readiness.plan_pages import Asked
from surehand.ui.formats import moment, plural
from surehand.ui.page import Link, Page, address

DRAFT = "draft"


def reader(request: HttpRequest) -> By:
    """Whoever asks, if they may read the plan."""
    by = by_of(request)
    if not by.may_anywhere(Action.READ):
        check_may(by, Action.READ, service=None)
    return by


def plan(request: HttpRequest) -> HttpResponse:
    """The version in force."""
    by = reader(request)
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
                **_changing(by),
                "starter": reverse("plan-of-starter-yaml"),
                "history": reverse("plan-of-history"),
            },
        )
    return _version_page(request, by, version, now=now)


def version(request: HttpRequest, number: int) -> HttpResponse:
    """Any version, as it was published."""
    by = reader(request)
    return _version_page(request, by, _version(number), now=evidence.clock.now())


def version_yaml(request: HttpRequest, number: int) -> HttpResponse:
    """The document as it was published."""
    reader(request)
    return _yaml(_version(number).document, f"plan-{number}.yaml")


def starter_yaml(request: HttpRequest) -> HttpResponse:
    """The starter plan, for a provider to edit."""
    reader(request)
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


def _changing(by: By) -> dict[str, object]:
    """What leads to the draft of the next version, or why it cannot."""
    written = draft()
    allowed = by.may(Action.PLAN, None)
    return {
        "change": reverse("plan-of-draft" if written else "plan-of-draft-begin"),
        "change_words": "Go on with the draft" if written else "Change the plan",
        "refusal": "" if allowed else f"Changing the plan takes {who_may(Action.PLAN)}.",
        "draft_words": _draft_words(written) if written else "",
        "draft_href": reverse("plan-of-draft"),
    }


def _draft_words(written: PlanDraft) -> str:
    return (
        f"The next version is being written: {written.changed_by} changed it last on "
        f"{moment(written.changed_at)}. It holds for nobody before it is published."
    )


def _asked(request: HttpRequest) -> Asked:
    """Whose part of the plan the address asks for; what is not known is everybody's."""

    def known(name: str, codes: Container[str]) -> str:
        code = request.GET.get(name, "")
        return code if code in codes else ""

    return Asked(
        known("job_role", JOB_ROLES),
        known("responsibility", RESPONSIBILITIES),
        known("setting", SETTINGS),
    )


def filters(asked: Asked) -> dict[str, object]:
    """The choices of the bar above a plan."""
    return {
        "asked": asked,
        "job_roles": [("", "All job roles"), *((c, r.title) for c, r in JOB_ROLES.items())],
        "responsibilities": [("", "Any"), *((c, r.title) for c, r in RESPONSIBILITIES.items())],
        "settings": [
            ("", "All settings"),
            *((c, n[:1].upper() + n[1:]) for c, n in SETTINGS.items()),
        ],
    }


def _version_page(
    request: HttpRequest, by: By, version: PlanVersion, *, now: datetime
) -> HttpResponse:
    document = document_of(version)
    lines = plan_pages.versions(now=now)
    stands = next(line for line in lines if line.number == version.number)
    asked = _asked(request)
    groups = plan_pages.groups(document, asked)
    if whom := asked.whom():
        count = sum(len(group.competencies) for group in groups)
        lede = (
            f"Of {whom}, version {version.number} asks "
            f"{plural(count, 'competency', 'competencies')}."
        )
    else:
        lede = (
            f"{document.title}, version {version.number}: "
            f"{plural(len(document.competencies), 'competency', 'competencies')}. "
            f"{stands.stands}, from {stands.applies}, published by {stands.by}."
        )
    return render(
        request,
        "readiness/plan.html",
        {
            "page": Page(
                "What must people be able to do?",
                lede=lede,
                title=f"Plan, version {version.number}",
                crumbs=()
                if stands.stands == "In force"
                else (Link("The plan in force", reverse("plan")),),
            ),
            "version": version,
            "groups": groups,
            "courses": plan_pages.courses(document, asked),
            "stands": stands,
            "history": reverse("plan-of-history"),
            "preparation": plan_pages.preparation(version),
            "yaml": reverse("plan-of-version-yaml", args=[version.number]),
            **filters(asked),
            **_changing(by),
        },
    )


def history(request: HttpRequest) -> HttpResponse:
    """Every version of the plan: who published it and when, from when it holds, what it changed."""
    reader(request)
    lines = plan_pages.versions(now=evidence.clock.now())
    return render(
        request,
        "readiness/plan_history.html",
        {
            "page": Page(
                "How has the plan changed?",
                lede=f"{plural(len(lines), 'version')}. A published version never changes; what "
                "people were asked on any day can be read here."
                if lines
                else "It has not begun.",
                title="History of the plan",
                crumbs=(Link("Plan", reverse("plan")),),
            ),
            "versions": lines,
            "compare": reverse("plan-of-compare"),
        },
    )


def compare(request: HttpRequest) -> HttpResponse:
    """What one version, or the draft, changes against another; `from` and `to` in the address."""
    reader(request)
    versions = {str(v.number): v for v in PlanVersion.objects.order_by("number")}
    written = draft()
    if not versions:
        raise Http404("There is no version of the plan to compare yet.")
    names = {number: f"version {number}" for number in versions}
    if written:
        names[DRAFT] = "the draft"
    latest = list(versions)[-1]
    to = _chosen(request, "to", names, DRAFT if written else latest)
    before = latest if to == DRAFT else str(max(int(to) - 1, 1))
    since = _chosen(request, "from", names, before)
    old, new = (_document(which, versions, written) for which in (since, to))
    found = plan_compare_pages.sections(old, new, old_href=_place_in(since), new_href=_place_in(to))
    count = sum(len(section.lines) for section in found)
    options = [(key, name[:1].upper() + name[1:]) for key, name in reversed(names.items())]
    return render(
        request,
        "readiness/plan_compare.html",
        {
            "page": Page(
                f"What does {names[to]} change?",
                lede=f"Against {names[since]}: {plural(count, 'change')}."
                if count
                else f"Against {names[since]}: nothing. They say the same.",
                title="Compare plans",
                crumbs=(Link("Plan", reverse("plan")),),
            ),
            "sections": found,
            "options": options,
            "since": since,
            "to": to,
        },
    )


def _chosen(request: HttpRequest, name: str, known: dict[str, str], usual: str) -> str:
    chosen = request.GET.get(name, usual)
    return chosen if chosen in known else usual


def _document(
    which: str, versions: dict[str, PlanVersion], written: PlanDraft | None
) -> PlanDocument:
    if which == DRAFT and written is not None:
        return draft_document(written)
    return document_of(versions[which])


def _place_in(which: str) -> Callable[[Difference], str]:
    """Where in this version, or in the draft, what is different stands."""

    def href(difference: Difference) -> str:
        if which != DRAFT:
            about = difference.competency or ("courses" if difference.course else "")
            return f"{address('plan-of-version', which)}#{about}" if about else ""
        if difference.competency:
            return address("plan-of-draft-competency", difference.competency)
        if difference.course:
            return address("plan-of-draft-course", difference.course)
        return address("plan-of-draft")

    return href
