"""Practice: the list, the start, the result and the replay."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.competency.models import Competency
from surehand.evidence.refusal import NotPossible, why_not
from surehand.people.access import Action, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import same_human
from surehand.people.web import by_of, readable_person
from surehand.practice import actions, pages, policies, queries, sessions
from surehand.practice.forms import CheckWithForm
from surehand.practice.models import Attempt, PracticeSession
from surehand.practice.queries import Replay, Working
from surehand.practice.scenario import Scenario
from surehand.support.actions import say_confidence
from surehand.support.models import Confidence
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page

SURE = (
    (1, "Not sure"),
    (2, "A little"),
    (3, "Half"),
    (4, "Nearly"),
    (5, "Very sure"),
)


def practice(request: HttpRequest) -> HttpResponse:
    """What somebody can practise: what their post needs first."""
    by, now = by_of(request), evidence.clock.now()
    posts = queries.working(by.same_human, at=now)
    led = by.may_anywhere(Action.ASSESS)
    found = pages.choices(
        queries.scenarios(),
        posts,
        queries.playing_of(by.same_human),
        queries.attempts_of(by.same_human),
    )
    return render(
        request,
        "practice/list.html",
        {
            "page": Page(
                "What do you want to practise?",
                lede="Nobody in it is real. Try as often as you like: a mistake here harms nobody."
                if posts
                else "Practice is for people who have a post.",
                title="Practice",
            ),
            "found": found,
            "posts": posts,
            "led": led,
            "sessions": pages.session_lines(
                one
                for one in (sessions.open_sessions(at=now) if led else [])
                if by.may(Action.ASSESS, one.service_id)
            ),
            "scenarios": reverse("practice-of-scenarios") if by.may_anywhere(Action.READ) else "",
        },
    )


def start(request: HttpRequest, code: str) -> HttpResponse:
    """Who one is in it, the task, and how sure one feels; then it begins."""
    by = by_of(request)
    playable = queries.scenarios().get(code)
    if playable is None:
        raise Http404("There is no such scenario.")
    scenario = playable.scenario
    posts = queries.working(by.same_human, at=evidence.clock.now())
    policies.check_has_any_post(bool(posts))
    service = _where(posts, scenario.setting)
    person: Person = request.user.person  # type: ignore[union-attr]
    if begun := [p for p in queries.playing_of(by.same_human) if p.attempt.scenario.code == code]:
        return redirect("play", begun[0].attempt.entry)
    problem = ""
    if request.method == "POST":
        try:
            attempt = actions.start_attempt(
                by=by,
                person=person,
                service=service,
                code=code,
                mode=_mode(request.POST.get("mode", "")),
            )
        except NotPossible as refusal:
            problem = str(refusal)
        else:
            say_how_sure(request, scenario.competencies[0])
            return redirect("play", attempt.entry)
    no_check = why_not(
        lambda: actions.check_may_start(
            by=by, person=person, service=service, playable=playable, mode=Attempt.Mode.CHECK
        )
    )
    return start_page(request, scenario, problem=problem, no_check=no_check)


def start_page(
    request: HttpRequest,
    scenario: Scenario,
    *,
    problem: str,
    no_check: str = "",
    session: PracticeSession | None = None,
) -> HttpResponse:
    """The page before a go: by oneself, or in a group session, which says in which mode."""
    before = [
        attempt
        for attempt in queries.attempts_of(by_of(request).same_human)
        if attempt.scenario.code == scenario.code
    ]
    return render(
        request,
        "practice/start.html",
        {
            "page": Page(
                scenario.title,
                lede=f"{scenario.task}. About {plural(scenario.minutes, 'minute')}.",
                over=pages.PRACTICE,
                crumbs=(Link("Practice", reverse("practice")),),
                title=f"PRACTICE: {scenario.title}",
            ),
            "scenario": scenario,
            "sure_levels": SURE,
            "no_check": no_check,
            "session": session,
            "before": pages.attempt_lines(before, version=scenario.version),
            "problem": problem,
        },
        status=400 if problem else 200,
    )


def check_with(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """An assessor begins a check with somebody beside them, who finds it in their own Practice."""
    by = by_of(request)
    person = readable_person(request, pseudonym, Action.ASSESS)
    check_not_self(by, person.pk, Action.ASSESS)
    posts = [
        one
        for one in queries.working(same_human(person.pk), at=evidence.clock.now())
        if by.may(Action.ASSESS, service=one.post.service_id)
    ]
    playables = queries.scenarios()
    form = CheckWithForm(
        request.POST if request.method == "POST" else None,
        scenarios=pages.to_check(playables, posts),
    )
    log = reverse("practice-log-of-person", args=[pseudonym])
    if form.is_valid():
        code = form.cleaned_data["scenario"]
        try:
            actions.start_attempt(
                by=by,
                person=person,
                service=_where(posts, playables[code].scenario.setting),
                code=code,
                mode=Attempt.Mode.CHECK,
            )
        except NotPossible as refusal:
            form.add_error("scenario", str(refusal))
        else:
            messages.success(
                request, f"The check is begun. {person} finds it under “Practice”, to go on with."
            )
            return redirect(log)
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "practice/check_with.html",
        {
            "page": Page(
                f"Which check does {str(person).split(' ', 1)[0]} take now?",
                lede="No hints, and it counts from now. They play it on their own device, signed "
                "in as themselves; you judge it afterwards.",
                over=str(person),
                title=f"Begin a check, {person}",
                crumbs=(
                    Link(str(person), reverse("person", args=[pseudonym])),
                    Link("Practice", log),
                ),
            ),
            "form": form,
        },
        status=400 if form.errors else 200,
    )


def _mode(text: str) -> Attempt.Mode:
    if text not in Attempt.Mode.values:
        raise NotPossible("Choose whether to practise or to do it as a check.")
    return Attempt.Mode(text)


def _where(posts: list[Working], setting: str) -> Service:
    """The service of the post it fits; any, where none does (the action says what is wrong)."""
    fitting = [one for one in posts if one.post.service.setting == setting]
    return (fitting or posts)[0].post.service


def say_how_sure(request: HttpRequest, code: str) -> bool:
    """How sure somebody says they feel, if they say it; kept as everywhere else."""
    level = request.POST.get("sure", "")
    competency = Competency.objects.filter(code=code).first()
    if not level.isdecimal() or int(level) not in dict(SURE) or competency is None:
        return False
    say_confidence(
        by=by_of(request),
        competency=competency,
        statement=Confidence.Statement.ALONE,
        level=int(level),
    )
    return True


def _shown(request: HttpRequest, entry: int) -> tuple[Replay, bool]:
    """An ended attempt, for whoever it is and for the readers of its service."""
    attempt = queries.attempt_of(entry)
    if attempt is None or not hasattr(attempt, "end"):
        raise Http404("There is no such go that has ended.")
    by = by_of(request)
    own = by.is_self(attempt.person_id)
    if not own:
        check_may(by, Action.READ, service=attempt.service_id)
    return queries.replay(attempt), own


def result(request: HttpRequest, entry: int) -> HttpResponse:
    """How it went: what was done well, what to fix, and another go."""
    shown, own = _shown(request, entry)
    if request.method == "POST" and own:
        if say_how_sure(request, shown.scenario.competencies[0]):
            messages.success(request, "Thank you. Kept.")
        return redirect("practice-result", entry)
    found = pages.result_page(shown, own=own)
    said = _said_since(shown).order_by("-entry").first() if own else None
    return render(
        request,
        "practice/result.html",
        {
            "page": Page(found.heading, title=f"PRACTICE: {shown.scenario.title}"),
            "found": found,
            "shown": shown,
            "own": own,
            "sure_levels": SURE,
            "level": said.level if said else 0,
            "again": reverse("practice-start", args=[shown.attempt.scenario.code]),
        },
    )


def _said_since(shown: Replay) -> "QuerySet[Confidence]":
    return Confidence.objects.filter(
        person=shown.attempt.person_id,
        competency__code=shown.scenario.competencies[0],
        entry__gt=shown.end.entry,
    )


def replay(request: HttpRequest, entry: int) -> HttpResponse:
    """How it was done, step by step, so that somebody else can see it."""
    shown, _ = _shown(request, entry)
    attempt = shown.attempt
    return render(
        request,
        "practice/replay.html",
        {
            "page": Page(
                "How was it done?",
                lede=f"{shown.scenario.title}: {pages.result_in_words(shown.end)}.",
                over=f"{pages.PRACTICE} · {attempt.get_mode_display()} · {attempt.person}",
                crumbs=(
                    Link("Practice", reverse("practice")),
                    Link("Result", reverse("practice-result", args=[entry])),
                ),
                title=f"PRACTICE: replay of {shown.scenario.title}",
            ),
            "shown": shown,
            "moments": pages.moments(shown),
        },
    )
