"""The player: the practice ECM while it is played. Each page is the person's own alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import By
from surehand.people.web import by_of
from surehand.practice import actions, pages, queries, scenario_actions
from surehand.practice.forms import PaperForm, RecordForm
from surehand.practice.models import AttemptEnd
from surehand.practice.play import Did, down_since, has_paper, is_place, record_types
from surehand.practice.queries import Going
from surehand.ui.page import Link, Page

Go = int | str
"""An attempt, by its entry, or the preview of a draft (`urls.Goes`)."""


class _Ended(Exception):
    """It has ended: its result is shown instead."""


class _Down(Exception):
    """The system is down: the downtime form is shown instead."""


def while_played(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Once it has ended, each of its pages leads to its result; while the system is down in it,
    each page of the system leads to the downtime form."""

    @wraps(view)
    def shown(request: HttpRequest, entry: Go, **more: Any) -> HttpResponse:
        try:
            return view(request, entry, **more)
        except _Ended:
            return _to_result(entry)
        except _Down:
            return redirect("play-paper", entry)

    return shown


def _to_result(entry: Go) -> HttpResponse:
    if isinstance(entry, str):
        return redirect("practice-of-draft-previewed", _code(entry))
    return redirect("practice-result", entry)


def _code(preview: str) -> str:
    """The scenario whose draft is previewed."""
    return preview.removeprefix("preview-")


def _going(request: HttpRequest, entry: Go, *, steps: bool = False) -> tuple[By, Going]:
    """The attempt, which is one's own; a look at it is a sign of life, and so is a step, which
    follows where `steps`."""
    by = by_of(request)
    if isinstance(entry, str):
        going = scenario_actions.preview(by=by, code=_code(entry), now=evidence.clock.now())
        if going.play.is_finished:
            raise _Ended
        return by, going
    playing = queries.playing(entry)
    attempt = playing.attempt if playing else queries.attempt_of(entry)
    if attempt is None:
        raise Http404("There is no such go.")
    if not by.is_self(attempt.person_id):
        raise NotPermitted("Only the person whose go this is can play it.")
    if playing is None:
        raise _Ended
    if steps:
        return by, queries.going(playing, at=evidence.clock.now())
    return by, actions.be_there(by=by, attempt=playing.attempt, now=evidence.clock.now())


def _in_system(request: HttpRequest, entry: Go, *, steps: bool = False) -> tuple[By, Going]:
    """The attempt, for a page of the system itself."""
    by, going = _going(request, entry, steps=steps)
    if down_since(going.scenario, going.play):
        raise _Down
    return by, going


def _take(
    by: By, going: Going, did: Did, what: dict[str, Any], revision: int | None = None
) -> Going:
    """Do one thing now, in an attempt or a preview."""
    now = evidence.clock.now()
    if going.is_preview:
        return scenario_actions.take_preview_step(
            by=by, code=going.scenario.code, did=did, what=what, revision=revision, now=now
        )
    return actions.take_step(
        by=by, attempt=going.attempt, did=did, what=what, revision=revision, now=now
    )


def _page(
    request: HttpRequest,
    going: Going,
    template: str,
    heading: str,
    *,
    tab: str = "people",
    status: int = 200,
    kept: str = "",
    **context: Any,
) -> HttpResponse:
    request.frameless = True  # type: ignore[attr-defined]
    return render(
        request,
        f"practice/{template}.html",
        {
            "page": Page(heading, title=f"{pages.PRACTICE}: {going.scenario.title}", kept=kept),
            "stage": pages.stage(
                going, here=request.get_full_path(), tab=tab, now=evidence.clock.now()
            ),
            **context,
        },
        status=status,
    )


@while_played
def people(request: HttpRequest, entry: Go) -> HttpResponse:
    """The people who are supported here."""
    _, going = _in_system(request, entry)
    return _page(
        request,
        going,
        "people",
        going.scenario.place,
        lines=pages.person_lines(going),
        waiting=len([line for line in pages.task_lines(going) if line.tag != "Recorded"]),
        you=going.scenario.you,
        on_paper=len(going.play.of(Did.PAPER)),
    )


@while_played
def paper(request: HttpRequest, entry: Go) -> HttpResponse:
    """The downtime form: written while the system is down, and entered from when it is back."""
    by, going = _going(request, entry, steps=request.method == "POST")
    data = request.POST if request.method == "POST" else None
    form = PaperForm(data, going=going)
    if data is not None and form.is_valid():
        try:
            after = _take(by, going, Did.PAPER, form.cleaned_data, _revision(request))
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
            _, going = _going(request, entry)
        else:
            said = "It is on paper."
            if not going.is_check:
                number = after.play.of(Did.PAPER)[-1].number
                said = pages.feedback(going.marks(), after.marks(), number, otherwise=said)
            messages.success(request, said)
            return redirect(f"{reverse('play-paper', args=[entry])}?saved=paper")
    return _page(
        request,
        going,
        "paper",
        "Downtime form",
        tab="paper",
        kept=f"practice-{entry}-paper" if "saved" in request.GET else "",
        status=400 if form.errors else 200,
        form=form,
        keep=f"practice-{entry}-paper",
        lines=pages.paper_lines(going),
        is_down=down_since(going.scenario, going.play) is not None,
        at_hand=has_paper(going.scenario, going.play),
    )


@while_played
def notes(request: HttpRequest, entry: Go) -> HttpResponse:
    """What has been recorded, about everybody."""
    _, going = _in_system(request, entry)
    return _page(request, going, "notes", "Notes", records=pages.record_lines(going))


@while_played
def place(request: HttpRequest, entry: Go, place: str) -> HttpResponse:
    """Something opened: it is a step."""
    by, going = _in_system(request, entry, steps=True)
    if not is_place(going.scenario, place):
        raise Http404("There is no such page in this practice.")
    going = _take(by, going, Did.OPEN, {"place": place})
    if place == "tasks":
        return _page(
            request, going, "tasks", "My tasks", tab="tasks", lines=pages.task_lines(going)
        )
    if place == "alerts":
        word = pages.alerts_word(going.profile)
        return _page(
            request,
            going,
            "alerts",
            word,
            tab="alerts",
            happened=pages.happened_lines(going),
            to_record=pages.to_record(going),
        )
    if place == "handover":
        return _page(
            request,
            going,
            "handover",
            "Handover",
            tab="handover",
            happened=pages.happened_lines(going),
            records=pages.record_lines(going),
        )
    who, _, rest = place.partition("/")
    person = going.scenario.person(who)
    known = record_types(going.scenario, going.profile)
    if not rest:
        saved = request.GET.get("saved", "")
        return _page(
            request,
            going,
            "person",
            person.name,
            kept=f"practice-{entry}-{who}-{saved}" if saved in known else "",
            found=pages.person_page(going, person),
        )
    kind, _, code = rest.partition("/")
    back = reverse("play-place", args=[entry, who])
    if kind == "record":
        found = pages.record_page(going, going.scenario.record(code))
        step = going.play.acted_on(code)
        return _page(
            request,
            going,
            "record",
            found.title,
            kept=f"practice-{entry}-{code}-{step.what['how']}" if step else "",
            found=found,
            code=code,
            person=person,
            back=back,
        )
    if kind == "risk":
        risk = next(one for one in person.risks if one.code == code)
        return _page(
            request, going, "read", risk.title, part="Risk", text=risk.text, version="",
            earlier="", person=person, back=back,
        )  # fmt: skip
    part = next(one for one in person.plan if one.section == code)
    titles = {one.code: one.title for one in going.profile.sections}
    return _page(
        request,
        going,
        "read",
        titles.get(code, code),
        part="Care plan",
        text=part.text,
        version=part.version,
        earlier=part.earlier,
        person=person,
        back=back,
    )


@while_played
def write(request: HttpRequest, entry: Go, who: str) -> HttpResponse:
    """What is to be written about somebody: the record types of the profile."""
    _, going = _in_system(request, entry)
    person = _person(going, who)
    task = request.GET.get("task", "")
    line = request.GET.get("paper", "")
    found = pages.paper_line(going, line)
    query = f"?task={task}" if task in [one.code for one in going.scenario.tasks] else ""
    query = f"?paper={line}" if found else query
    return _page(
        request,
        going,
        "write",
        "What do you want to write?",
        person=person,
        kinds=[
            Link(kind.title, reverse("play-record", args=[entry, who, code]) + query)
            for code, kind in record_types(going.scenario, going.profile).items()
        ],
        back=reverse("play-place", args=[entry, who]),
        line=found,
    )


def _person(going: Going, who: str) -> Any:
    try:
        return going.scenario.person(who)
    except KeyError:
        raise Http404("There is nobody like that in this practice.") from None


@while_played
def record(request: HttpRequest, entry: Go, who: str, kind: str) -> HttpResponse:
    """One record, written on the form its type has in the profile."""
    by, going = _in_system(request, entry, steps=request.method == "POST")
    person = _person(going, who)
    found = record_types(going.scenario, going.profile).get(kind)
    if found is None:
        raise Http404("There is no such kind of record here.")
    data = request.POST if request.method == "POST" else None
    form = RecordForm(data, going=going, kind=found, about=who, task=request.GET.get("task", ""))
    on_paper = request.GET.get("paper", "")
    line = pages.paper_line(going, on_paper)
    if data is not None and form.is_valid():
        try:
            what = {**form.what(), "paper": on_paper if line else ""}
            after = _take(by, going, Did.RECORD, what, _revision(request))
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
            _, going = _going(request, entry)
        else:
            said = "Saved."
            if not going.is_check:
                number = after.play.of(Did.RECORD)[-1].number
                said = pages.feedback(going.marks(), after.marks(), number)
            messages.success(request, said)
            return redirect(f"{reverse('play-place', args=[entry, who])}?saved={kind}")
    return _page(
        request,
        going,
        "form",
        found.title,
        person=person,
        form=form,
        keep=f"practice-{entry}-{who}-{kind}",
        line=line,
        back=reverse("play-write", args=[entry, who]),
        status=400 if form.errors else 200,
    )


def _revision(request: HttpRequest) -> int:
    given = request.POST.get("revision", "")
    return int(given) if given.isdecimal() and len(given) < 6 else -1


@while_played
def tell(request: HttpRequest, entry: Go) -> HttpResponse:
    """Who can be told, as big buttons."""
    _, going = _going(request, entry)
    return _page(
        request,
        going,
        "tell",
        "Who do you want to tell?",
        tab="tell",
        contacts=pages.contact_lines(going),
    )


_DOES = {
    Did.ACKNOWLEDGE: "event",
    Did.TELL: "contact",
    Did.CHOOSE: "choice",
    Did.HINT: "",
    Did.ASK: "",
    Did.WAIT: "",
    Did.ACT_ON: "record",
}


@require_POST
@while_played
def do(request: HttpRequest, entry: Go) -> HttpResponse:
    """One thing done by a button: an alert answered, somebody told, a choice, a hint, help,
    waiting, a record dealt with."""
    by, going = _going(request, entry, steps=True)
    given = request.POST
    did = next((one for one in _DOES if one.value in given), None)
    if did is None or (did == Did.HINT and going.is_check):
        raise NotPossible("That cannot be done here. Go back and try again.")
    what: dict[str, Any] = {_DOES[did]: given[did.value]} if _DOES[did] else {}
    if did == Did.ACT_ON:
        record, _, how = given[did.value].partition(" ")
        what = {"record": record, "how": how} | {
            key: given.get(key, "") for key in ("flag", "reason")
        }
    try:
        seen = None if did in (Did.HINT, Did.ASK) else _revision(request)
        after = _take(by, going, did, what, seen)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect(_next(request, entry))
    if said := _answer(after, did, what):
        messages.info(request, said)
    if did == Did.ACKNOWLEDGE:
        about = going.scenario.event(what["event"]).about
        return redirect("play-place", entry, about)
    return redirect(_next(request, entry))


def _next(request: HttpRequest, entry: Go) -> str:
    target = request.POST.get("next", "")
    base = reverse("play", args=[entry])
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()})
    return target if safe and target.startswith(base) else base


def _answer(after: Going, did: Did, what: dict[str, Any]) -> str:
    """What is seen or heard at once."""
    scenario = after.scenario
    match did:
        case Did.ACKNOWLEDGE:
            return f"You go to {scenario.person(scenario.event(what['event']).about).name}."
        case Did.TELL:
            contact = scenario.contact(what["contact"])
            return f"{contact.title}: {contact.says or 'told.'}"
        case Did.CHOOSE:
            event, _, code = what["choice"].partition("/")
            return next(c.then for c in scenario.event(event).choices if c.code == code)
        case Did.HINT:
            return f"Hint: {scenario.hints[after.play.hints - 1]}"
        case Did.ASK:
            return "Your trainer is told, and will come. You can go on meanwhile."
    return ""


@require_POST
@while_played
def there(request: HttpRequest, entry: Go) -> HttpResponse:
    """A sign of life from the page; answers with what has arrived."""
    _, going = _going(request, entry)
    request.frameless = True  # type: ignore[attr-defined]
    return render(
        request,
        "practice/arrived.html",
        {"stage": pages.stage(going, here=_next(request, entry), tab="", now=evidence.clock.now())},
    )


@while_played
def stop(request: HttpRequest, entry: Go) -> HttpResponse:
    """Finish, leave, or go on."""
    by, going = _going(request, entry)
    how = request.POST.get("how", "")
    if how in AttemptEnd.How.values:
        if going.is_preview:
            _take(by, going, Did.FINISH, {})
        else:
            actions.end_attempt(by=by, attempt=going.attempt, how=AttemptEnd.How(how))
        return _to_result(entry)
    return _page(request, going, "stop", "Have you finished?")
