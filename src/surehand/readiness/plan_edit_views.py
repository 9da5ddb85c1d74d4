"""Steps in writing the next plan version, a question a page (1.1). For the workforce lead alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand.competency import actions, plan_edits
from surehand.competency.plan_document import CompetencyDefinition, PlanDocument, differences
from surehand.competency.plan_edits import EditRefused
from surehand.competency.policies import DraftChanged
from surehand.competency.rules import Course, Level
from surehand.people.access import Action, who_may
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS
from surehand.readiness import plan_edit_forms as asked
from surehand.readiness import plan_edit_pages
from surehand.readiness.plan_draft_views import latest_document, lead, seen_on_page, written
from surehand.readiness.plan_edit_pages import competency_crumb, draft_crumbs
from surehand.readiness.plan_views import reader
from surehand.ui.page import Page

Step = Callable[[PlanDocument], PlanDocument]


@dataclass(frozen=True)
class Question:
    """A page that asks one thing of the draft: `back` is where it leads, answered or not; `done`
    what is said then. `remove` are the words of a button that takes the thing away instead."""

    page: Page
    back: str
    done: str
    save: str = "Save"
    remove: str = ""
    removed: str = ""


def _ask(
    request: HttpRequest,
    form: forms.Form,
    question: Question,
    *,
    step: Callable[[dict[str, Any]], Step],
    remove: Step | None = None,
) -> HttpResponse:
    """Show the question; with an answer, take the step and go back. Nothing typed is lost: not by
    an answer refused, nor when somebody else changed the draft meanwhile."""
    by = lead(request)
    draft, _ = written()
    seen, status = draft.revision, 200
    now: list[tuple[str, str]] = []
    if request.method == "POST":
        seen, status = seen_on_page(request), 422
        removes = "remove" in request.POST and remove is not None
        taken: Step | None = remove if removes else None
        if taken is None and form.is_valid():
            taken = step(form.cleaned_data)
        if taken is not None:
            try:
                actions.change_draft(by=by, seen=seen, edit=taken)
            except EditRefused as refused:
                form.add_error(
                    refused.about if refused.about in form.fields else None, str(refused)
                )
            except DraftChanged as changed:
                typed = bool(form.fields) and not removes
                again = (
                    "What you typed is kept here; save it again to put it in."
                    if typed
                    else "Look at it again before you go on."
                )
                form.add_error(None, f"{changed} {again}")
                now = asked.now_says(form) if typed else []
                seen, status = draft.revision, 409
            else:
                messages.success(request, question.removed if removes else question.done)
                return redirect(question.back)
    return render(
        request,
        "readiness/plan_question.html",
        {
            "page": question.page,
            "form": form,
            "fields": [form[name] for name in form.fields],
            "question": question,
            "seen": seen,
            "now": now,
        },
        status=status,
    )


def _opened(request: HttpRequest) -> PlanDocument:
    """What the draft says, for whoever may change it."""
    lead(request)
    return written()[1]


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _competency(document: PlanDocument, code: str) -> CompetencyDefinition:
    try:
        return plan_edits.known(document, code)
    except EditRefused as gone:
        raise Http404(str(gone)) from None


# --- the plan and its groups -------------------------------------------------------------------


def title(request: HttpRequest) -> HttpResponse:
    """What the plan is called."""
    document = _opened(request)
    form = asked.PlanTitleForm(_data(request), initial={"title": document.title})
    page = Page("What is the plan called?", title="Title of the plan", crumbs=draft_crumbs())
    return _ask(
        request,
        form,
        Question(page, reverse("plan-of-draft"), "The title is saved."),
        step=lambda said: lambda d: plan_edits.rename_plan(d, said["title"]),
    )


def new_group(request: HttpRequest) -> HttpResponse:
    """Add a group of competencies."""
    _opened(request)
    page = Page(
        "What is the new group called?",
        lede="It stands last. You put competencies in it by their wording.",
        title="Add a group",
        crumbs=draft_crumbs(),
    )
    return _ask(
        request,
        asked.GroupForm(_data(request)),
        Question(page, reverse("plan-of-draft"), "The group is added.", save="Add the group"),
        step=lambda said: lambda d: plan_edits.add_group(d, said["name"]),
    )


def group(request: HttpRequest, place: int) -> HttpResponse:
    """Rename a group, by its place from 0, or remove an empty one."""
    document = _opened(request)
    if place >= len(document.groups):
        raise Http404("There is no such group in this plan.")
    name = document.groups[place]
    page = Page(f"What is the group “{name}” called?", title=f"Group {name}", crumbs=draft_crumbs())
    return _ask(
        request,
        asked.GroupForm(_data(request), initial={"name": name}),
        Question(
            page,
            reverse("plan-of-draft"),
            "The name of the group is saved.",
            remove="Remove the group",
            removed=f"The group “{name}” is removed.",
        ),
        step=lambda said: lambda d: plan_edits.rename_group(d, name, said["name"]),
        remove=lambda d: plan_edits.remove_group(d, name),
    )


# --- a competency ------------------------------------------------------------------------------


def new_competency(request: HttpRequest) -> HttpResponse:
    """Add a competency, with the first thing that is judged in it."""
    document = _opened(request)
    form = asked.NewCompetencyForm(
        _data(request), document=document, initial={"code": plan_edits.next_code(document)}
    )
    code = form["code"].value() or ""
    names = ("code", "can", "short", "group", "criterion", "critical")
    page = Page(
        "What else must people be able to do?",
        lede="Then you say how it is checked and who needs it.",
        title="Add a competency",
        crumbs=draft_crumbs(),
    )
    return _ask(
        request,
        form,
        Question(
            page,
            reverse("plan-of-draft-competency", args=[code])
            if plan_edits.is_code(code)
            else reverse("plan-of-draft"),
            f"{code} is added. Nobody needs it yet: say who does.",
            save="Add the competency",
        ),
        step=lambda said: lambda d: plan_edits.add_competency(d, **{n: said[n] for n in names}),
    )


def competency(request: HttpRequest, code: str) -> HttpResponse:
    """One competency of the draft, and the way to each thing about it."""
    by = reader(request)
    draft, document = written()
    here = _competency(document, code)
    latest = latest_document()
    allowed = by.may(Action.PLAN, None)
    return render(
        request,
        "readiness/plan_draft_competency.html",
        {
            "page": Page(
                f"{code}: what is it, how is it checked and who needs it?",
                lede=here.can + ".",
                title=f"{code} {here.short}",
                crumbs=draft_crumbs(),
            ),
            "competency": here,
            "wording": plan_edit_pages.wording_rows(here),
            "check": plan_edit_pages.check_rows(here),
            "rows": plan_edit_pages.who_rows(document, code),
            "changes": [d for d in differences(latest, document) if d.competency == code]
            if latest
            else [],
            "allowed": allowed,
            "refusal": "" if allowed else f"Changing the plan takes {who_may(Action.PLAN)}.",
            "settings": [name[:1].upper() + name[1:] for name in SETTINGS.values()],
            "seen": draft.revision,
        },
    )


def _about(here: CompetencyDefinition, question: str, title: str, lede: str = "") -> Page:
    return Page(
        question,
        lede=lede,
        over=f"{here.code} {here.title}",
        title=f"{title}, {here.code}",
        crumbs=draft_crumbs(competency_crumb(here.code, here.short)),
    )


def _back(code: str, part: str = "") -> str:
    return reverse("plan-of-draft-competency", args=[code]) + part


def wording(request: HttpRequest, code: str) -> HttpResponse:
    """What a competency says, and where it stands."""
    document = _opened(request)
    here = _competency(document, code)
    form = asked.WordingForm(
        _data(request),
        document=document,
        themes=here.themes,
        initial={
            "can": here.can,
            "title": here.title,
            "short": here.short,
            "group": here.group,
            "themes": list(here.themes),
        },
    )
    return _ask(
        request,
        form,
        Question(
            _about(here, f"What does {code} say?", "Wording"), _back(code), "The wording is saved."
        ),
        step=lambda said: lambda d: plan_edits.change_wording(d, code, **said),
    )


def check(request: HttpRequest, code: str) -> HttpResponse:
    """How a competency is tested, and how long a pass lasts (R7)."""
    document = _opened(request)
    here = _competency(document, code)
    form = asked.CheckForm(
        _data(request),
        initial={
            "methods": list(here.check.methods),
            "needs_discussion": here.check.needs_discussion,
            "validity_months": here.check.validity_months,
            "agency_months": here.check.agency_months,
        },
    )
    page = _about(
        here,
        f"How is {code} checked, and how long does a pass last?",
        "Check",
        "A change makes a new version of the check. A pass from before lasts as long as it did.",
    )
    return _ask(
        request,
        form,
        Question(page, _back(code), "The check is saved."),
        step=lambda said: lambda d: plan_edits.change_check(d, code, **said),
    )


def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Take a competency out of the draft; asks first."""
    document = _opened(request)
    here = _competency(document, code)
    page = Page(
        f"Retire {code} “{here.title}”?",
        lede="From the day the next version applies nobody needs it any more. What was recorded "
        "about it stays.",
        title=f"Retire {code}",
        crumbs=draft_crumbs(competency_crumb(code, here.short)),
    )
    return _ask(
        request,
        forms.Form(_data(request)),
        Question(
            page,
            reverse("plan-of-draft") if request.method == "POST" else _back(code),
            f"{code} is out of the next version.",
            save=f"Retire {code}",
        ),
        step=lambda said: lambda d: plan_edits.retire_competency(d, code),
    )


# --- its criteria ------------------------------------------------------------------------------


def new_criterion(request: HttpRequest, code: str) -> HttpResponse:
    """Add a criterion to a check."""
    document = _opened(request)
    here = _competency(document, code)
    page = _about(here, "What else is judged?", "Add a criterion")
    return _ask(
        request,
        asked.CriterionForm(_data(request)),
        Question(
            page, _back(code, "#criteria"), "The criterion is added.", save="Add the criterion"
        ),
        step=lambda said: lambda d: plan_edits.add_criterion(d, code, **said),
    )


def criterion(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Change a criterion, by its number, or remove it."""
    document = _opened(request)
    here = _competency(document, code)
    name = f"{code}.{number}"
    found = next((c for c in here.check.criteria if c.code == name), None)
    if found is None:
        raise Http404(f"There is no criterion {name} in this plan.")
    page = _about(here, f"What does criterion {number} say?", f"Criterion {name}")
    return _ask(
        request,
        asked.CriterionForm(
            _data(request), initial={"text": found.text, "critical": found.critical}
        ),
        Question(
            page,
            _back(code, "#criteria"),
            f"Criterion {name} is saved.",
            remove="Remove this criterion",
            removed=f"Criterion {name} is removed.",
        ),
        step=lambda said: lambda d: plan_edits.change_criterion(d, code, name, **said),
        remove=lambda d: plan_edits.remove_criterion(d, code, name),
    )


# --- who needs it ------------------------------------------------------------------------------


def needs(request: HttpRequest, code: str) -> HttpResponse:
    """Who needs a competency, where and how much; `who` and `setting` in the address begin it."""
    document = _opened(request)
    here = _competency(document, code)
    who, setting = request.GET.get("who", ""), request.GET.get("setting", "")
    form = asked.NeedsForm(_data(request), initial=_needs_now(document, code, who, setting))
    page = _about(
        here,
        f"Who needs {code}, and how much?",
        "Who needs it",
        "What you choose replaces what is asked of these people in these settings now. Everybody "
        "else’s stays.",
    )
    return _ask(
        request,
        form,
        Question(page, _back(code, "#who"), f"Who needs {code} is saved."),
        step=lambda said: (
            lambda d: plan_edits.require(
                d,
                code,
                who=[*said["job_roles"], *said["responsibilities"]],
                settings=said["settings"],
                level=form.level_chosen,
                agency=said["agency"],
            )
        ),
    )


def _needs_now(document: PlanDocument, code: str, who: str, setting: str) -> dict[str, Any]:
    """What is asked of them now, to begin the form with."""
    cells = plan_edits.cells_of(document, code)
    settings = [setting] if setting in SETTINGS else list(SETTINGS)
    agency = cells.get((who, settings[0], True))
    level = agency or cells.get((who, settings[0], False))
    asks_agency = document.competency(code).check.agency_months is not None
    return {
        "job_roles": [who] if who in JOB_ROLES else [],
        "responsibilities": [who] if who in RESPONSIBILITIES else [],
        "settings": settings,
        "level": level.value if level else asked.NOT_NEEDED if who else Level.CRIT.value,
        "agency": asks_agency and (agency is not None or level is None),
    }


# --- courses -----------------------------------------------------------------------------------


def new_course(request: HttpRequest) -> HttpResponse:
    """Add a course the plan requires (R6)."""
    _opened(request)
    page = Page(
        "Which course must people attend?",
        lede="Attending makes nobody ready. A missing course is shown as training still to do.",
        title="Add a course",
        crumbs=draft_crumbs(),
    )
    form = asked.CourseForm(
        _data(request), new=True, initial={"settings": list(SETTINGS), "agency": True}
    )
    return _ask(
        request,
        form,
        Question(page, _courses(), "The course is added.", save="Add the course"),
        step=lambda said: lambda d: plan_edits.add_course(d, _course(said, said["code"])),
    )


def course(request: HttpRequest, code: str) -> HttpResponse:
    """Change a course, or require it no more."""
    document = _opened(request)
    try:
        here = plan_edits.known_course(document, code)
    except EditRefused as gone:
        raise Http404(str(gone)) from None
    form = asked.CourseForm(
        _data(request),
        new=False,
        initial={
            "title": here.title,
            "renewal_months": here.renewal_months,
            "job_roles": list(here.job_roles),
            "responsibilities": list(here.responsibilities),
            "settings": list(here.settings),
            "agency": here.agency,
        },
    )
    page = Page(
        f"Who must attend “{here.title}”?",
        lede="Attending makes nobody ready. A missing course is shown as training still to do.",
        title=f"Course {code}",
        over=code,
        crumbs=draft_crumbs(),
    )
    return _ask(
        request,
        form,
        Question(
            page,
            _courses(),
            "The course is saved.",
            remove="Require this course no more",
            removed=f"“{here.title}” is not required any more.",
        ),
        step=lambda said: lambda d: plan_edits.change_course(d, _course(said, code)),
        remove=lambda d: plan_edits.remove_course(d, code),
    )


def _courses() -> str:
    return reverse("plan-of-draft") + "#courses"


def _course(said: dict[str, Any], code: str) -> Course:
    return Course(
        code=code,
        title=said["title"],
        renewal_months=said["renewal_months"],
        job_roles=tuple(said["job_roles"]),
        responsibilities=tuple(said["responsibilities"]),
        settings=tuple(said["settings"]),
        agency=said["agency"],
    )


# --- order -------------------------------------------------------------------------------------


def order(request: HttpRequest) -> HttpResponse:
    """In which order groups, competencies and courses stand; a criterion is moved from the page of
    its competency, which it leads back to. `move` is what, which and up or down."""
    by = lead(request)
    draft, document = written()
    if request.method == "POST":
        kind, _, rest = request.POST.get("move", "").partition(" ")
        which, _, way = rest.rpartition(" ")
        back = reverse("plan-of-draft-order")
        if kind == "criterion" and plan_edits.is_code(which.partition(".")[0]):
            back = _back(which.partition(".")[0])
        try:
            step = _move(kind, which, up=way == "up")
            actions.change_draft(by=by, seen=seen_on_page(request), edit=step)
        except (EditRefused, DraftChanged) as refused:
            messages.error(request, f"{refused} Nothing was moved.")
        return redirect(f"{back}#{kind}-{which}-{way}".replace(" ", "-"))
    return render(
        request,
        "readiness/plan_draft_order.html",
        {
            "page": Page(
                "In which order does the plan go?",
                lede="The plan shows everything in this order, and the matrix its groups.",
                title="Order",
                crumbs=draft_crumbs(),
            ),
            "document": document,
            "seen": draft.revision,
        },
    )


def _move(kind: str, which: str, *, up: bool) -> Step:
    if kind == "group":
        return lambda d: plan_edits.move_group(d, which, up=up)
    if kind == "competency":
        return lambda d: plan_edits.move_competency(d, which, up=up)
    if kind == "course":
        return lambda d: plan_edits.move_course(d, which, up=up)
    if kind == "criterion":
        code = which.partition(".")[0]
        return lambda d: plan_edits.move_criterion(d, code, which, up=up)
    raise EditRefused("Choose what to move.")
