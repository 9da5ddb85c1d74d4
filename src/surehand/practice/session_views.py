"""Group sessions: a trainer opens one, phones join it, and a live grid shows who is where."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import Action, check_may
from surehand.people.models import Person
from surehand.people.signing_in.attempts import address_of
from surehand.people.web import by_of, chosen_service, readable_services, whole_address
from surehand.practice import actions, pages, policies, queries, session_actions, sessions
from surehand.practice import session_pages as shown
from surehand.practice.models import Attempt, PracticeSession
from surehand.practice.session_forms import JoinForm, OpenForm
from surehand.practice.views import say_how_sure, start_page
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page

JOINING = "practice_session"
"""Where a browser's session keeps which one it has the code of."""


def _session(entry: int) -> PracticeSession:
    session = sessions.session_of(entry)
    if session is None:
        raise Http404("There is no such session.")
    return session


def _led(request: HttpRequest, entry: int) -> PracticeSession:
    """A session, for whoever may assess at its service."""
    session = _session(entry)
    check_may(by_of(request), Action.ASSESS, service=session.service_id)
    request.section = "practice"  # type: ignore[attr-defined]
    return session


def open_session(request: HttpRequest) -> HttpResponse:
    """Which scenario, practise or check, and where."""
    service = chosen_service(request, Action.ASSESS)
    found = [
        one.scenario
        for one in queries.scenarios().values()
        if one.scenario.setting == service.setting
    ]
    form = OpenForm(request.POST or None, scenarios=found, initial={"mode": "practise"})
    if request.method == "POST" and form.is_valid():
        try:
            session = session_actions.open_session(
                by=by_of(request),
                service=service,
                scenario=form.cleaned_data["scenario"],
                mode=Attempt.Mode(form.cleaned_data["mode"]),
            )
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("practice-session", session.entry)
    request.section = "practice"  # type: ignore[attr-defined]
    allowed = readable_services(request, Action.ASSESS)
    return render(
        request,
        "practice/session_open.html",
        {
            "page": Page(
                "What will the group practise?",
                lede="Everybody joins on their own phone, with a code that you show.",
                over=f"{pages.PRACTICE} · {service}",
                crumbs=(Link("Practice", reverse("practice")),),
                title="Open a session",
            ),
            "form": form,
            "service": service.code,
            "services": [(one.code, str(one)) for one in allowed] if len(allowed) > 1 else [],
        },
        status=400 if form.errors else 200,
    )


def session(request: HttpRequest, entry: int) -> HttpResponse:
    """Who is where; to the page that asks again, nothing while nothing has changed."""
    found, now = _led(request, entry), evidence.clock.now()
    grid = shown.grid(found, sessions.joined(found, at=now), checks_in_force(at=now).values())
    is_open = found.is_open(at=now)
    # Whether it is open is seen in the grid's state too: what is offered depends on it.
    state = f"{grid.state}-{'open' if is_open else 'ended'}"
    if request.GET.get("seen") == state:
        return HttpResponse(status=204)
    scenario = sessions.playable(found).scenario
    return render(
        request,
        "practice/session.html",
        {
            "page": Page(
                f"Who is where? {scenario.title}",
                lede=shown.session_line(found),
                over=f"{pages.PRACTICE} · {found.service}",
                crumbs=(Link("Practice", reverse("practice")),),
                title=f"Session: {scenario.title}",
                wide=True,
            ),
            "session": found,
            "is_open": is_open,
            "until": shown.until_words(found, at=now),
            "to_type": whole_address(request, "practice-join").partition("//")[2],
            "grid": grid,
            "state": state,
            "here": reverse("practice-session", args=[entry]),
        },
    )


def code(request: HttpRequest, entry: int) -> HttpResponse:
    """The code alone, for the wall: no name and nothing of how anybody does."""
    found, now = _led(request, entry), evidence.clock.now()
    count = found.attempts.values("person").distinct().count()
    scenario = sessions.playable(found).scenario
    return render(
        request,
        "practice/session_code.html",
        {
            "page": Page(
                "Join with your phone",
                lede=f"{scenario.title}. Nobody in it is real.",
                over=f"{pages.PRACTICE} · {found.service}",
                crumbs=(Link("The session", reverse("practice-session", args=[entry])),),
                title=f"Code: {scenario.title}",
            ),
            "session": found,
            "is_open": found.is_open(at=now),
            "until": shown.until_words(found, at=now),
            "to_type": whole_address(request, "practice-join").partition("//")[2],
            "here": reverse("practice-session-code", args=[entry]),
            "count": plural(count, "person has joined", "people have joined"),
        },
    )


@require_POST
def helped(request: HttpRequest, entry: int) -> HttpResponse:
    """Help that was given: counted once, however often it is sent."""
    found = _led(request, entry)
    whom, _, seen = request.POST.get("helped", "").partition("/")
    if not (whom.isdecimal() and seen.isdecimal() and len(whom + seen) < 20):
        raise NotPossible("Choose whom you have helped.")
    attempt = found.attempts.filter(entry=int(whom)).select_related("person__identity").first()
    if attempt is None:
        raise Http404("There is no such person in this session.")
    try:
        actions.help_given(by=by_of(request), attempt=attempt, seen=int(seen))
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Help given to {attempt.person}: counted.")
    return redirect("practice-session", entry)


@require_POST
def end(request: HttpRequest, entry: int) -> HttpResponse:
    """Nobody joins any more."""
    found = _led(request, entry)
    if "end" not in request.POST:
        raise NotPossible("Choose to end the session.")
    try:
        session_actions.end_session(by=by_of(request), session=found)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("practice-session", entry)


def join(request: HttpRequest) -> HttpResponse:
    """The code; then the start page."""
    by = by_of(request)
    policies.check_has_any_post(bool(queries.working(by.same_human, at=evidence.clock.now())))
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = session_actions.session_with(
                by=by, code=form.cleaned_data["code"], address=address_of(request)
            )
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session[JOINING] = found.entry
            return redirect("practice-session-begin", found.entry)
    request.section = "practice"  # type: ignore[attr-defined]
    return render(
        request,
        "practice/session_join.html",
        {
            "page": Page(
                "What is the code?",
                lede="It is on the wall, or on your trainer’s screen.",
                over=pages.PRACTICE,
                crumbs=(Link("Practice", reverse("practice")),),
                title="Join a session",
            ),
            "form": form,
        },
        status=400 if form.errors else 200,
    )


def begin(request: HttpRequest, entry: int) -> HttpResponse:
    """The start page of a session, for whoever typed its code."""
    by = by_of(request)
    found = _session(entry)
    going = [p for p in queries.playing_of(by.same_human) if p.attempt.session_id == found.pk]
    if going:
        return redirect("play", going[0].attempt.entry)
    if request.session.get(JOINING) != entry:
        return redirect("practice-join")
    session_actions.check_may_join(by=by, session=found)
    person: Person = request.user.person  # type: ignore[union-attr]
    playable = sessions.playable(found)
    problem = ""
    if request.method == "POST" and "mode" in request.POST:
        try:
            attempt = session_actions.join_session(by=by, person=person, session=found)
        except NotPossible as refusal:
            problem = str(refusal)
        else:
            say_how_sure(request, playable.scenario.competencies[0])
            return redirect("play", attempt.entry)
    request.section = "practice"  # type: ignore[attr-defined]
    return start_page(request, playable.scenario, problem=problem, session=found)
