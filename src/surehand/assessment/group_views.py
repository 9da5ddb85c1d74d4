"""Assessing a room of people in one grid, several assessors at once (1.3)."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.assessment import group_actions as actions
from surehand.assessment import group_pages as pages
from surehand.assessment.group import Answer
from surehand.assessment.group_forms import GroupForm, PeopleForm
from surehand.assessment.models import GroupAssessment, GroupPerson, Outcome
from surehand.competency.models import Check
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import Action
from surehand.people.web import by_of, chosen_service
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address

NOT_UNDERSTOOD = "This answer could not be read, so nothing was saved. Load the page again."


def begin(request: HttpRequest) -> HttpResponse:
    """Choose the check and the people of a group."""
    service = chosen_service(request, Action.ASSESS)
    now = evidence.clock.now()
    checks = checks_in_force(at=now)
    code = request.GET.get("check", "")
    check = next((c for c in checks.values() if c.competency.code == code), None)
    context: dict[str, object] = {
        "checks": [(c.competency.code, f"{c.competency.code} {c.short}") for c in checks.values()],
        "check": check,
        "keep": [("service", service.code)],
    }
    status = 200
    if check is not None:
        found = pages.candidates(
            by=by_of(request), service=service, check=check, now=now, chosen=_narrowed(request)
        )
        form = GroupForm(request.POST or None, people=found.people, check=check)
        if request.method == "POST" and form.is_valid():
            try:
                group = actions.begin(
                    by=by_of(request),
                    service=service,
                    check=check,
                    method=form.cleaned_data["method"],
                    people=form.people(),
                    happened_at=form.cleaned_data["happened_at"],
                    place=form.cleaned_data["place"],
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("group", group.pk)
        context |= {"found": found, "form": form, "ticked": request.POST.getlist("person")}
        status = 400 if request.method == "POST" else 200
    request.section = "assess"  # type: ignore[attr-defined]
    context["page"] = Page(
        "Whom do you assess together?" if check else "Which check do you assess?",
        over=f"{check.competency.code} {check.short} · {service}" if check else str(service),
        lede="One grid for a room of people. Colleagues who assess here can join you.",
        crumbs=(Link("Assess", address("assess", service=service.code)),),
        title="Assess a group",
    )
    return render(request, "assessment/group_begin.html", context, status=status)


def group(request: HttpRequest, group: int) -> HttpResponse:
    """The grid; to its script, the state of it."""
    found = _group(request, group)
    if _wants_state(request):
        return JsonResponse(_grid(request, found).state())
    return _page(request, found)


def add_people(request: HttpRequest, group: int) -> HttpResponse:
    """More people for the group."""
    found = _group(request, group)
    people = pages.candidates(
        by=by_of(request),
        service=found.service,
        check=found.check_version,
        now=evidence.clock.now(),
        chosen=_narrowed(request),
        but=set(found.people.values_list("person_id", flat=True)),
    )
    form = PeopleForm(request.POST or None, people=people.people)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_people(by=by_of(request), group=found, people=form.people())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("group", found.pk)
    request.section = "assess"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/group_people.html",
        {
            "page": Page(
                "Who else is in the group?",
                over=f"{found.check_version.title} · {found.service}",
                lede="Those who wait for this check come first.",
                crumbs=(Link("The group", reverse("group", args=[found.pk])),),
            ),
            "found": people,
            "form": form,
            "ticked": request.POST.getlist("person"),
        },
        status=400 if request.method == "POST" else 200,
    )


@require_POST
def answer(request: HttpRequest, group: int, pseudonym: str) -> HttpResponse:
    """Answers and the note of one person, each saved by itself. What is refused is told; to the
    script together with the state."""
    found = _group(request, group)
    row = _row(found, pseudonym)
    by = by_of(request)
    told: list[str] = []
    refused: list[str] = []

    def save(what: str, one: Callable[[], None]) -> None:
        try:
            one()
        except NotPossible as refusal:
            told.append(str(refusal))
            refused.append(what)

    for sent in request.POST.getlist("answer"):
        try:
            criterion, judged, help_given, seen = sent.split("|")
            given, version = Answer(judged, int(help_given)), int(seen)
        except ValueError:
            told.append(NOT_UNDERSTOOD)
            refused.append(sent.partition("|")[0])
            continue
        save(
            criterion,
            partial(
                actions.save_answer,
                by=by,
                row=row,
                criterion=criterion,
                answer=given,
                seen=version,
            ),
        )
    note, note_seen = request.POST.get("note"), request.POST.get("note_seen", "")
    if note is not None:
        version = int(note_seen) if note_seen.isdecimal() else -1
        save("note", partial(actions.save_note, by=by, row=row, note=note, seen=version))
    if _wants_state(request):
        state = _grid(request, found).state()
        return JsonResponse(
            {**state, "told": told, "refused": refused}, status=409 if told else 200
        )
    if told:
        return _page(request, found, told=told, typed={pseudonym: note or ""})
    return redirect(f"{reverse('group', args=[found.pk])}#row-{pseudonym}")


@require_POST
def record(request: HttpRequest, group: int) -> HttpResponse:
    """Record people of the group just as they were shown, each by an act of their own; or agree
    with what marking proposes for one of them, which records them where nothing is left open."""
    found = _group(request, group)
    done: list[str] = []
    told: list[str] = []
    acts = {"record": actions.record, "agree": actions.agree}
    for sent, act in [(one, acts[name]) for name in acts for one in request.POST.getlist(name)]:
        pseudonym, _, seen = sent.partition(":")
        row = found.people.filter(person__pseudonym=pseudonym).first()
        if row is None or not seen.isdecimal():
            told.append(NOT_UNDERSTOOD)
            continue
        try:
            assessment = act(by=by_of(request), row=row, seen=int(seen))
        except Refused as refusal:
            told.append(str(refusal))
            continue
        if assessment is None:
            messages.info(request, f"{row.person}: judged as proposed. The rest is yours to judge.")
        else:
            done.append(f"{row.person} ({Outcome(assessment.outcome).label.lower()})")
    if done:
        messages.success(
            request,
            f"{plural(len(done), 'assessment')} recorded: {pages.named(done)}.",
        )
    if told:
        return _page(request, found, told=told)
    return redirect("group", found.pk)


def take_out(request: HttpRequest, group: int, pseudonym: str) -> HttpResponse:
    """Take a person out of the group; asks first."""
    found = _group(request, group)
    row = _row(found, pseudonym)
    if request.method == "POST":
        actions.take_out(by=by_of(request), row=row)
        messages.success(request, f"{row.person} is no longer in this group.")
        return redirect("group", found.pk)
    judged = row.answers.exclude(judged="").count()
    return _ask(
        request,
        found,
        f"Take {row.person} out of this group?",
        f"{plural(judged, 'answer')} about {row.person} will be removed."
        if judged or row.note
        else "Nothing about them is judged yet.",
        "Take out",
    )


def discard(request: HttpRequest, group: int) -> HttpResponse:
    """Give the group up; asks first."""
    found = _group(request, group)
    if request.method == "POST":
        actions.discard(by=by_of(request), group=found)
        messages.success(request, "The group is discarded. What was recorded from it stays.")
        return redirect(address("assess", service=found.service.code))
    rows = list(found.people.all())
    begun = [r for r in rows if r.assessment_id is None and r.version]
    recorded = sum(r.assessment_id is not None for r in rows)
    lost = (
        f"What is judged so far about {plural(len(begun), 'person', 'people')} will be removed."
        if begun
        else "Nothing waits to be recorded in it."
    )
    return _ask(
        request,
        found,
        "Discard this group?",
        lost + (f" {plural(recorded, 'recorded assessment')} will stay." if recorded else ""),
        "Discard the group",
    )


def _ask(
    request: HttpRequest, group: GroupAssessment, question: str, lede: str, yes: str
) -> HttpResponse:
    request.section = "assess"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/group_ask.html",
        {
            "page": Page(
                question,
                over=f"{group.check_version.title} · {group.service}",
                lede=lede,
                crumbs=(Link("The group", reverse("group", args=[group.pk])),),
            ),
            "yes": yes,
            "back": reverse("group", args=[group.pk]),
        },
    )


def _page(
    request: HttpRequest,
    group: GroupAssessment,
    *,
    told: list[str] | None = None,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    check: Check = group.check_version
    grid = _grid(request, group)
    request.section = "assess"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/group.html",
        {
            "page": Page(
                "What does each person show?",
                over=f"{check.competency.code} {check.title} · {group.service}",
                lede=pages.lede(group, grid),
                crumbs=(Link("Assess", address("assess", service=group.service.code)),),
                title=f"{check.short}, group",
                wide=True,
            ),
            "grid": grid,
            "state": grid.state(),
            "told": told or [],
            "typed": typed or {},
            "kept_until": pages.kept_until(group),
            "here": reverse("group", args=[group.pk]),
        },
        status=409 if told else 200,
    )


def _grid(request: HttpRequest, group: GroupAssessment) -> pages.Grid:
    return pages.grid(group, by=by_of(request), now=evidence.clock.now())


def _group(request: HttpRequest, group: int) -> GroupAssessment:
    found = (
        GroupAssessment.objects.filter(pk=group)
        .select_related("service__details", "check_version__competency", "begun_by__identity")
        .first()
    )
    if found is None:
        raise Http404("There is no such group any more.")
    actions.check_may_open(by=by_of(request), group=found)
    return found


def _row(group: GroupAssessment, pseudonym: str) -> GroupPerson:
    found = (
        group.people.filter(person__pseudonym=pseudonym)
        .select_related("person__identity", "group__check_version")
        .first()
    )
    if found is None:
        raise Http404("This person is not in the group any more.")
    return found


def _narrowed(request: HttpRequest) -> pages.Narrowed:
    return pages.Narrowed(
        name=request.GET.get("name", "").strip(),
        role=request.GET.get("role", ""),
        team=request.GET.get("team", ""),
    )


def _wants_state(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"
