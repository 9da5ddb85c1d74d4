"""The draft of the next plan version: begun, looked over, published or discarded (1.1, R12)."""

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.competency import actions
from surehand.competency.models import PlanDraft, PlanVersion
from surehand.competency.plan_document import (
    PlanDocument,
    adds_gates,
    differences,
    starter,
)
from surehand.competency.policies import NOTICE
from surehand.competency.queries import document_of, draft_document, plan_in_force
from surehand.competency.queries import draft as current_draft
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import Action, By, check_may, who_may
from surehand.people.web import by_of
from surehand.readiness import plan_pages, plan_projection, plan_publish_pages
from surehand.readiness.plan_edit_pages import draft_crumbs
from surehand.readiness.plan_effect import effect
from surehand.readiness.plan_forms import FILE, BeginForm, PublishForm
from surehand.readiness.plan_views import reader
from surehand.timeline import instant, london_date, london_midnight
from surehand.timeline import moment as as_datetime
from surehand.ui.formats import day as in_words
from surehand.ui.formats import moment, plural
from surehand.ui.page import Link, Page, address

DAY = timedelta(days=1)
STARTER = "starter"
SHOWN = 50  # posts named on one page


def lead(request: HttpRequest) -> By:
    """Whoever asks, if they may change the plan."""
    by = by_of(request)
    check_may(by, Action.PLAN, service=None)
    return by


def written() -> tuple[PlanDraft, PlanDocument]:
    """The draft and what it says. Raises NotPossible where there is none."""
    found = current_draft()
    if found is None:
        raise NotPossible(actions.NO_DRAFT)
    return found, draft_document(found)


def seen_on_page(request: HttpRequest) -> int:
    """Which revision of the draft the page that was sent had shown; -1 for none."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def latest_document() -> PlanDocument | None:
    latest = PlanVersion.objects.order_by("-number").first()
    return document_of(latest) if latest else None


def begin(request: HttpRequest) -> HttpResponse:
    """Begin the next version: from a version there is, from the starter plan or from a file."""
    by = lead(request)
    if current_draft() is not None:
        return redirect("plan-of-draft")
    versions = _to_begin_from()
    choices = [(str(v.number), words) for v, words in versions]
    choices.append((STARTER, "The starter plan"))
    form = BeginForm(
        request.POST or None,
        request.FILES or None,
        choices=choices,
        initial={"begin": choices[0][0]},
    )
    if request.method == "POST" and form.is_valid():
        document, begun_from = _beginning(form, {str(v.number): v for v, _ in versions})
        actions.begin_draft(by=by, document=document, begun_from=begun_from)
        messages.success(request, f"The draft of the next version is begun from {begun_from}.")
        return redirect("plan-of-draft")
    return render(
        request,
        "readiness/plan_draft_begin.html",
        {
            "page": Page(
                "What shall the next version begin from?",
                lede="You change it step by step. Before it is published you see whom it touches; "
                "until then it holds for nobody.",
                title="Change the plan",
                crumbs=(Link("Plan", reverse("plan")),),
            ),
            "form": form,
            "starter": reverse("plan-of-starter-yaml"),
        },
        status=422 if form.errors else 200,
    )


def _to_begin_from() -> list[tuple[PlanVersion, str]]:
    """The latest version, and the one in force where that is another."""
    now = evidence.clock.now()
    latest = PlanVersion.objects.order_by("-number").first()
    if latest is None:
        return []
    in_force = plan_in_force(at=now)
    if latest == in_force:
        return [(latest, f"Version {latest.number}, in force")]
    found = [(latest, f"Version {latest.number}, which applies from {moment(latest.applies_from)}")]
    if in_force:
        found.append((in_force, f"Version {in_force.number}, in force until then"))
    return found


def _beginning(form: BeginForm, versions: dict[str, PlanVersion]) -> tuple[PlanDocument, str]:
    begins = form.cleaned_data["begin"]
    if begins == FILE:
        return form.cleaned_data["document"], "a file"
    if begins == STARTER:
        return starter(), "the starter plan"
    return document_of(versions[begins]), f"version {begins}"


def draft(request: HttpRequest) -> HttpResponse:
    """The draft as it stands, and the way to each step. Whoever reads the plan may read it."""
    by = reader(request)
    if current_draft() is None:
        messages.info(request, "There is no draft of the plan.")
        return redirect("plan")
    found, document = written()
    latest = latest_document()
    changed = len(differences(latest, document)) if latest else 0
    allowed = by.may(Action.PLAN, None)
    return render(
        request,
        "readiness/plan_draft.html",
        {
            "page": Page(
                "What shall the next version say?",
                lede=_draft_lede(found, changed, first=latest is None),
                title="The next version",
                crumbs=(Link("Plan", reverse("plan")),),
            ),
            "document": document,
            "groups": plan_pages.groups(document),
            "courses": plan_pages.courses(document),
            "places": {name: place for place, name in enumerate(document.groups)},
            "allowed": allowed,
            "refusal": "" if allowed else f"Changing the plan takes {who_may(Action.PLAN)}.",
            "compares": latest is not None,
            "seen": found.revision,
        },
    )


def _draft_lede(found: PlanDraft, changed: int, *, first: bool) -> str:
    what = (
        "It is the first plan."
        if first
        else f"It makes {plural(changed, 'change')} so far."
        if changed
        else "It changes nothing yet."
    )
    return (
        f"Begun from {found.begun_from} by {found.begun_by} on {moment(found.begun_at)}; changed "
        f"last by {found.changed_by} on {moment(found.changed_at)}. {what}"
    )


def discard(request: HttpRequest) -> HttpResponse:
    """Throw the draft away; asks first."""
    by = lead(request)
    found, document = written()
    if request.method == "POST":
        actions.discard_draft(by=by, seen=seen_on_page(request))
        messages.success(request, "The draft is discarded. The plan in force stays as it is.")
        return redirect("plan")
    latest = latest_document()
    changes = differences(latest, document) if latest else []
    return render(
        request,
        "readiness/plan_ask.html",
        {
            "page": Page(
                "Discard the draft?",
                lede="What was changed in it is lost for good. The plan in force stays as it is.",
                title="Discard the draft",
                crumbs=draft_crumbs(),
            ),
            "lines": [d.sentence for d in changes],
            "heading": "What is lost",
            "yes": "Discard the draft",
            "back": reverse("plan-of-draft"),
            "seen": found.revision,
        },
    )


def publish(request: HttpRequest) -> HttpResponse:
    """Whom the draft touches on a day, what each would need and from when; then publish it."""
    by = lead(request)
    found, document = written()
    latest = latest_document()
    changes = differences(latest, document) if latest else []
    if latest and not changes:
        raise NotPossible(
            "The draft says the same as the latest version, so there is nothing to publish. "
            "Change something first."
        )
    now = evidence.clock.now()
    gates = latest is not None and adds_gates(latest, document)
    day = _day(request, now=now, gates=gates, first=latest is None)
    form = PublishForm(
        request.POST if request.method == "POST" else None,
        initial={"applies_from": day},
        adds_gates=gates,
    )
    problem = ""
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["applies_from"]
        if "show" in request.POST:  # look again, for another day
            return redirect(f"{reverse('plan-of-publish')}?on={day.isoformat()}")
        try:
            return _published(request, by, form)
        except Refused as refusal:
            problem = str(refusal)
            form.add_error("applies_from", problem)
    touched = effect(document, applies_from=_from(day) or now)
    where = request.GET.get("where", "")
    lines = plan_publish_pages.posts_of(touched, where)
    listed = Paginator(lines, SHOWN).get_page(request.GET.get("page"))
    return render(
        request,
        "readiness/plan_publish.html",
        {
            "page": Page(
                "Whom does the next version touch?",
                lede=_lede(touched.posts, len(touched.not_ready), day),
                title="Publish the next version",
                crumbs=draft_crumbs(),
            ),
            "form": form,
            "seen": found.revision if not form.errors or problem else seen_on_page(request),
            "differences": changes,
            "compare": address("plan-of-compare", to="draft"),
            "first": latest is None,
            "gates": gates,
            "effect": touched,
            "services": plan_publish_pages.services_of(touched),
            "where": where,
            "day": day.isoformat(),
            "people": plan_publish_pages.people_lines(list(listed.object_list)),
            "listed": listed,
        },
        status=409 if problem else 422 if form.errors else 200,
    )


def _published(request: HttpRequest, by: By, form: PublishForm) -> HttpResponse:
    version = actions.publish_draft(
        by=by,
        seen=seen_on_page(request),
        applies_from=_from(form.cleaned_data["applies_from"]),
        shorter_notice=form.cleaned_data.get("shorter_notice", False),
    )
    if plan_projection.needs_worker(version):
        plan_projection.project_plan.enqueue(version.number)
    messages.success(
        request,
        f"Version {version.number} is published and applies from {moment(version.applies_from)}.",
    )
    return redirect("plan-of-version", version.number)


def _day(request: HttpRequest, *, now: datetime, gates: bool, first: bool) -> date:
    """The day looked at: from the address, else the first with the usual notice (R12)."""
    today = london_date(instant(now))
    try:
        return max(date.fromisoformat(request.GET.get("on", "")), today)
    except ValueError:
        if first:
            return today
        return london_date(instant(now + NOTICE + DAY if gates else now + DAY))


def _from(day: date) -> datetime | None:
    """Midnight of a later day; today means now."""
    today = london_date(instant(evidence.clock.now()))
    return None if day == today else as_datetime(london_midnight(day))


def _lede(posts: int, not_ready: int, day: date) -> str:
    on = in_words(day)
    if not posts:
        return f"There are no posts from {on} on, so it touches nobody yet."
    if not not_ready:
        return f"Of {plural(posts, 'post', 'posts')} from {on} on, none would stop being ready."
    return (
        f"Of {plural(posts, 'post', 'posts')} from {on} on, {not_ready} would stop being ready "
        "unless what is new is passed before then."
    )
