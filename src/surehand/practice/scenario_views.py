"""Scenarios under Practice: which there are, what each says, and writing the provider’s own."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.competency.queries import checks_in_force
from surehand.ecm.queries import profiles_in_use
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import Action, By, check_may, who_may
from surehand.people.roles import SETTINGS
from surehand.people.web import by_of
from surehand.practice import pages, queries, scenario_actions, scenario_form, scenario_pages
from surehand.practice.models import Attempt, AttemptEnd, ScenarioDraft
from surehand.practice.policies import ScenarioChanged
from surehand.practice.queries import Held, Replay
from surehand.practice.scenario import ScenarioProblem, starter_cast, with_values
from surehand.practice.scenario_form import ScenarioForm
from surehand.practice.scenario_forms import DraftForm, NewScenarioForm
from surehand.practice.scenario_pages import Asked
from surehand.ui.formats import moment, plural
from surehand.ui.page import Link, Page


def _kept(code: str, revision: int) -> str:
    """What the browser keeps while a draft is typed from this revision."""
    return f"scenario-{code}-{revision}"


def _reader(request: HttpRequest) -> By:
    by = by_of(request)
    if not by.may_anywhere(Action.READ):
        check_may(by, Action.READ, service=None)
    return by


def _writer(request: HttpRequest) -> By:
    by = by_of(request)
    check_may(by, Action.PLAN, service=None)
    return by


def _refusal(by: By) -> str:
    if by.may(Action.PLAN, None):
        return ""
    return f"Writing scenarios takes {who_may(Action.PLAN)}."


def _crumbs(*more: Link) -> tuple[Link, ...]:
    return (
        Link("Practice", reverse("practice")),
        Link("Scenarios", reverse("practice-of-scenarios")),
        *more,
    )


def _to(code: str) -> Link:
    return Link(code, reverse("practice-of-scenario", args=[code]))


def _to_draft(code: str) -> Link:
    return Link(f"Draft of {code}", reverse("practice-of-draft-form", args=[code]))


def scenarios(request: HttpRequest) -> HttpResponse:
    """Every scenario: where, for whom, for which competencies, whose, and whether it is offered."""
    by = _reader(request)
    asked = Asked(
        *(request.GET.get(name, "").strip() for name in ("setting", "whose", "competency", "q"))
    )
    held, drafts = queries.held(), queries.drafts()
    offered = sum(one.withdrawn is None for one in held.values())
    own = sum(one.playable.is_own for one in held.values())
    codes = sorted({c for one in held.values() for c in one.playable.scenario.competencies})
    shorts = {one.code: one.short for one in queries.asked_by_the_plan(at=evidence.clock.now())}
    return render(
        request,
        "practice/scenarios.html",
        {
            "page": Page(
                "What can our people practise?",
                lede=f"{plural(offered, 'scenario')} can be practised. "
                f"{plural(own, 'is', 'are') if own else 'None is'} our own. Everybody finds "
                "those for their work under Practice.",
                title="Practice scenarios",
                crumbs=(Link("Practice", reverse("practice")),),
                kept=request.GET.get("kept", ""),
            ),
            "lines": scenario_pages.lines(held, drafts, asked),
            "asked": asked,
            "settings": [("", "Any"), *((c, pages.capital(s)) for c, s in SETTINGS.items())],
            "whose": scenario_pages.WHOSE,
            "competencies": [
                ("", "Any"),
                *((code, f"{code} {shorts.get(code, '')}".strip()) for code in codes),
            ],
            "new_drafts": scenario_pages.new_drafts(held, drafts),
            "refusal": _refusal(by),
        },
    )


def _held(code: str) -> Held:
    held = queries.held().get(code)
    if held is None:
        raise Http404("There is no such scenario.")
    return held


def scenario(request: HttpRequest, code: str) -> HttpResponse:
    """One scenario as a person reads it, so that a trainer can choose it."""
    by = _reader(request)
    held = _held(code)
    now = evidence.clock.now()
    shown = held.playable.scenario
    profile = queries.profile_for(held.playable, at=now)
    shorts = {c.competency.code: c.short for c in checks_in_force(at=now).values()}
    kept = held.playable.kept
    since = f", published by {kept.by} on {moment(kept.recorded_at)}" if kept and kept.by else ""
    return render(
        request,
        "practice/scenario.html",
        {
            "page": Page(
                shown.title,
                lede=f"{scenario_pages.whose(held)}: {code}, version {shown.version}{since}. "
                f"Played in “{profile.title}”, version {profile.version}.",
                over="Practice scenario",
                title=f"{code} {shown.title}",
                crumbs=_crumbs(),
                kept=request.GET.get("kept", ""),
            ),
            "code": code,
            "held": held,
            "reading": scenario_pages.reading(shown, profile, shorts),
            "refusal": _refusal(by),
            "draft": queries.draft(code),
        },
    )


def document(request: HttpRequest, code: str) -> HttpResponse:
    """The newest version as a file, to be changed elsewhere or kept."""
    _reader(request)
    playable = _held(code).playable
    return _file(playable.document, f"{code}-{playable.scenario.version}.yaml")


def draft_document(request: HttpRequest, code: str) -> HttpResponse:
    """The draft as a file."""
    _writer(request)
    return _file(_draft(code).text, f"{code}-draft.yaml")


def _file(text: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def offered(request: HttpRequest, code: str) -> HttpResponse:
    """Withdraw a scenario, or bring it back."""
    by = _writer(request)
    try:
        if "withdraw" in request.POST:
            scenario_actions.withdraw_scenario(by=by, code=code)
            messages.success(request, f"{code} is withdrawn. Nobody is offered it any more.")
        elif "bring_back" in request.POST:
            scenario_actions.bring_back_scenario(by=by, code=code)
            messages.success(request, f"{code} is offered again.")
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("practice-of-scenario", code)


# --- Writing -------------------------------------------------------------------------------------


def new(request: HttpRequest) -> HttpResponse:
    """Begin a scenario of one’s own: from a small example, or as a copy."""
    by = _writer(request)
    held = queries.held()
    titles = {code: one.playable.scenario.title for code, one in held.items()}
    begin_from = request.GET.get("from", "")
    form = NewScenarioForm(
        request.POST or None,
        scenarios=titles,
        initial={
            "begin_from": begin_from,
            "code": _free(set(held) | set(queries.drafts())),
            "title": titles.get(begin_from, ""),
        },
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        code, chosen = given["code"], given["begin_from"]
        try:
            scenario_actions.begin_scenario(
                by=by,
                code=code,
                text=_beginning(held, chosen, code, given["title"]),
                begun_from=chosen if chosen in held else "a small example",
            )
        except NotPossible as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect("practice-of-draft-form", code)
    return render(
        request,
        "practice/scenario_new.html",
        {
            "page": Page(
                "What do you want to begin from?",
                lede="It is a draft until you publish it: nobody meets it before.",
                title="A scenario of our own",
                crumbs=_crumbs(),
            ),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def _beginning(held: dict[str, Held], chosen: str, code: str, title: str) -> str:
    now = evidence.clock.now()
    if chosen in held:
        return with_values(held[chosen].playable.document, title=title)
    return queries.begun(chosen.removeprefix("new-"), code=code, title=title, at=now)


def _free(taken: set[str]) -> str:
    """The first code of one’s own that is free: P01."""
    return next(code for n in range(1, len(taken) + 2) if (code := f"P{n:02}") not in taken)


@require_POST
def next_version(request: HttpRequest, code: str) -> HttpResponse:
    """Begin the next version of a scenario, or go on with it."""
    by = _writer(request)
    if queries.draft(code) is None:
        scenario_actions.begin_next_version(by=by, code=code)
    return redirect("practice-of-draft-form", code)


def _draft(code: str) -> ScenarioDraft:
    draft = queries.draft(code)
    if draft is None:
        raise Http404("There is no draft of this scenario.")
    return draft


def _to_mend(request: HttpRequest, code: str) -> HttpResponse:
    """Back to the draft, with what is wrong in it."""
    return redirect(f"{_to_draft(code).href}?{urlencode({'kept': request.GET.get('kept', '')})}")


def _problems(text: str, code: str) -> list[str]:
    try:
        queries.drafted(text, code=code, at=evidence.clock.now())
    except ScenarioProblem as problem:
        return problem.problems
    return []


def draft(request: HttpRequest, code: str) -> HttpResponse:
    """The document of a draft, with what is still wrong in it."""
    by = _writer(request)
    written = _draft(code)
    if request.method != "POST":
        form = DraftForm(initial={"text": written.text, "seen": written.revision})
        return _writing(request, written, form, written.text)
    form = DraftForm(request.POST, request.FILES)
    if not form.is_valid():
        return _writing(request, written, form, request.POST.get("text", ""))
    text, seen = form.cleaned_data["text"].replace("\r\n", "\n"), form.cleaned_data["seen"]
    try:
        saved = scenario_actions.save_draft(by=by, code=code, seen=seen, text=text)
    except ScenarioChanged as refusal:
        # What was typed stays; saved once more, it is by somebody who knows of the other text.
        form = DraftForm(initial={"text": text, "seen": written.revision})
        return _writing(request, written, form, text, refusal=str(refusal))
    then = _then(request, text, code, "practice-of-scenario-draft")
    return redirect(f"{reverse(then, args=[saved.code])}?kept={_kept(code, seen)}")


_THEN = {"preview": "practice-of-draft-preview", "publish": "practice-of-draft-publish"}
"""Where one goes on once the draft is saved."""


def _then(request: HttpRequest, text: str, code: str, here: str) -> str:
    """The name of the page that comes next: this one again while something is wrong."""
    then = _THEN.get(request.POST.get("then", ""), here)
    return here if then != here and _problems(text, code) else then


def _writing(
    request: HttpRequest,
    written: ScenarioDraft,
    form: DraftForm,
    text: str,
    refusal: str = "",
) -> HttpResponse:
    code = written.code
    found = scenario_pages.problems(_problems(text, code))
    said = f"{plural(len(found), 'problem')} to mend." if found else "Nothing is wrong with it."
    return render(
        request,
        "practice/scenario_draft.html",
        {
            "page": Page(
                "What shall the scenario say?",
                lede=f"Draft of {code}, begun from {written.begun_from}; last saved by "
                f"{written.changed_by} on {moment(written.changed_at)}. {said}",
                over="Practice scenario",
                title=f"Draft of {code}",
                crumbs=_crumbs(),
                kept=request.GET.get("kept", "") if request.method == "GET" else "",
            ),
            "code": code,
            "form": form,
            "kept": _kept(code, written.revision),
            "problems": found,
            "stretches": scenario_pages.numbered(text, found),
            "refusal": refusal,
            "others": written.text if refusal else "",
            "revision": written.revision,
        },
        status=409 if refusal else 422 if form.errors else 200,
    )


def draft_form(request: HttpRequest, code: str) -> HttpResponse:
    """The draft as a form. It is changed from the text that was drawn (`base`), so that rows which
    somebody else added meanwhile are never taken for others."""
    by = _writer(request)
    written = _draft(code)
    base = request.POST.get("base", written.text).replace("\r\n", "\n")
    try:
        content = scenario_form.content_of(base)
    except scenario_form.NotAForm:
        if request.method == "GET":
            messages.info(request, "Mend the text first; then it can be changed as a form again.")
        return redirect("practice-of-scenario-draft", code)
    known = _known(content)
    if request.method != "POST":
        form = ScenarioForm(known, content, at=0)
        try:
            queries.drafted(base, code=code, at=evidence.clock.now())
        except ScenarioProblem as problem:
            for path, sentence in problem.found:
                form.note(path, sentence)
        return _as_form(request, written, form, base, written.revision)
    add = request.POST.get("add", "")
    form = ScenarioForm(known, content, at=0, data=request.POST, add=add)
    if add:
        return _as_form(request, written, form, base, _seen(request))
    text = scenario_form.text_from(form, base)
    if text is None:
        return _as_form(request, written, form, base, _seen(request), status=422)
    try:
        saved = scenario_actions.save_draft(by=by, code=code, seen=_seen(request), text=text)
    except ScenarioChanged as refusal:
        again = DraftForm(initial={"text": text, "seen": written.revision})
        return _writing(request, written, again, text, refusal=str(refusal))
    messages.success(request, "The draft is saved.")
    return redirect(_then(request, text, code, "practice-of-draft-form"), saved.code)


def _known(content: dict[str, Any]) -> scenario_form.Known:
    now = evidence.clock.now()
    return scenario_form.Known(
        profiles=profiles_in_use(at=now),
        plan=queries.asked_by_the_plan(at=now),
        cast=starter_cast(),
        content=content,
    )


def _as_form(
    request: HttpRequest,
    written: ScenarioDraft,
    form: ScenarioForm,
    base: str,
    seen: int,
    status: int = 200,
) -> HttpResponse:
    code = written.code
    wrong = sum(len(said) for row in form.every() for said in row.errors.values())
    said = f"{plural(wrong, 'problem')} to mend." if wrong else ""
    return render(
        request,
        "practice/scenario_form.html",
        {
            "page": Page(
                "What shall the scenario say?",
                lede=f"Draft of {code}, begun from {written.begun_from}; last saved by "
                f"{written.changed_by} on {moment(written.changed_at)}. {said}".strip(),
                over="Practice scenario",
                title=f"Draft of {code}",
                crumbs=_crumbs(),
                kept=request.GET.get("kept", "") if request.method == "GET" else "",
            ),
            "code": code,
            "form": form,
            "base": base,
            "seen": seen,
        },
        status=status,
    )


@require_POST
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    by = _writer(request)
    try:
        scenario_actions.discard_draft(by=by, code=code, seen=_seen(request))
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect("practice-of-scenarios")
    messages.success(request, f"The draft of {code} is discarded.")
    return redirect(f"{reverse('practice-of-scenarios')}?kept={_kept(code, _seen(request))}")


def _seen(request: HttpRequest) -> int:
    given = request.POST.get("seen", "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0


def publish(request: HttpRequest, code: str) -> HttpResponse:
    """What the draft changes against the version in use; then it is published."""
    by = _writer(request)
    written = _draft(code)
    problem = ""
    if request.method == "POST":
        try:
            version = scenario_actions.publish_scenario(by=by, code=code, seen=_seen(request))
        except ScenarioProblem:
            return _to_mend(request, code)
        except Refused as refusal:
            problem = str(refusal)
        else:
            messages.success(
                request,
                f"Version {version.version} of {code} is published. It can be practised now.",
            )
            return redirect(f"{_to(code).href}?kept={_kept(code, _seen(request))}")
    if _problems(written.text, code):
        return _to_mend(request, code)
    held = queries.held().get(code)
    scenario = queries.drafted(written.text, code=code, at=evidence.clock.now())
    found = scenario_pages.changes(held.playable.document, written.text) if held else []
    against = (
        f"Against version {held.playable.scenario.version}: {plural(len(found), 'change')}."
        if held
        else "It is new: there is no version of it yet."
    )
    return render(
        request,
        "practice/scenario_publish.html",
        {
            "page": Page(
                f"Publish “{scenario.title}”?",
                lede=f"{against} It is for {scenario_pages.whom_for(scenario)[0].lower()}"
                f"{scenario_pages.whom_for(scenario)[1:]} in {SETTINGS[scenario.setting]}.",
                over="Practice scenario",
                title=f"Publish {code}",
                crumbs=_crumbs(_to_draft(code)),
                kept=request.GET.get("kept", ""),
            ),
            "code": code,
            "problem": problem,
            "changes": found,
            "replaces": held is not None and held.is_shipped and not held.playable.is_own,
            "withdrawn": held is not None and held.withdrawn is not None,
            "seen": written.revision,
        },
        status=409 if problem else 200,
    )


# --- Preview -------------------------------------------------------------------------------------


def preview(request: HttpRequest, code: str) -> HttpResponse:
    """Play the draft as somebody would meet it; nothing of it is recorded."""
    by = _writer(request)
    written = _draft(code)
    if request.method == "POST":
        try:
            scenario_actions.begin_preview(by=by, code=code)
        except ScenarioProblem:
            return _to_mend(request, code)
        return redirect("play", f"preview-{code}")
    if _problems(written.text, code):
        return _to_mend(request, code)
    scenario = queries.scenario_of(written.text)
    return render(
        request,
        "practice/scenario_preview.html",
        {
            "page": Page(
                f"Try “{scenario.title}”",
                lede="You play it as your people will meet it. Nothing is recorded: no attempt, no "
                "result, nothing in the log.",
                over=f"{pages.PRACTICE} · preview",
                title=f"PRACTICE: preview of {code}",
                crumbs=_crumbs(_to_draft(code)),
                kept=request.GET.get("kept", ""),
            ),
            "code": code,
            "scenario": scenario,
            "begun": bool(written.played),
        },
    )


def previewed(request: HttpRequest, code: str) -> HttpResponse:
    """What the marking says of what was played."""
    _writer(request)
    written = _draft(code)
    if written.played_at is None or _problems(written.text, code):
        return redirect("practice-of-draft-preview", code)
    going = queries.preview_of(written, at=written.played_at)
    marks = going.marks()
    met = sum(one.result == "met" for one in marks)
    shown = Replay(
        attempt=Attempt(),
        end=AttemptEnd(),
        scenario=going.scenario,
        profile=going.profile,
        steps=going.steps,
        marks=marks,
        whole=True,
    )
    return render(
        request,
        "practice/scenario_previewed.html",
        {
            "page": Page(
                "What does its marking say?",
                lede=f"{met} of {len(marks)} met, {plural(going.play.hints, 'hint')}. This was a "
                "preview: nothing is recorded.",
                over=f"{pages.PRACTICE} · preview of {code}",
                title=f"PRACTICE: marking of the preview of {code}",
                crumbs=_crumbs(_to_draft(code)),
            ),
            "code": code,
            "marks": scenario_pages.mark_lines(going.scenario, going.profile, marks),
            "moments": pages.moments(shown),
            "finished": going.play.is_finished,
        },
    )
