"""Support: what is open, by due date; one action; a new one."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.competency.queries import checks_in_force, latest_checks
from surehand.evidence.queries import entry as evidence_entry
from surehand.evidence.refusal import Refused, why_not
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Person, Post
from surehand.people.queries import colleagues, current_posts
from surehand.people.web import by_of, chosen_service, readable_person
from surehand.support import actions, pages, queries
from surehand.support.forms import DoneForm, SupportForm
from surehand.support.models import SupportAction, SupportDone
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, plural
from surehand.ui.page import Link, Page, address

BORN_OF = {
    "cause.": "What was found in records, and why it arose",
    "refresher.": "A refresher for a group",
}
"""In words, by how the kind of the entry begins."""
FINISHED_SHOWN = timedelta(days=28)


def support(request: HttpRequest) -> HttpResponse:
    """Open support by due date, mine first; without reading access only what is mine."""
    by = by_of(request)
    now = evidence.clock.now()
    today = london_date(instant(now))
    people: set[int] = set(by.same_human)
    where = "for you to give, or given to you"
    if by.may_anywhere(Action.READ):
        service = chosen_service(request)
        people = {p.person_id for p in current_posts([service.pk], on=today)}
        where = f"for people at {service}"
    checks = latest_checks()
    wanted = queries.about(people, owner=by.person)
    found = list(queries.open_actions().filter(wanted))
    late = sum(a.due < today for a in found)
    overdue = f" {plural(late, 'is', 'are')} overdue." if late else " Nothing is overdue."
    return render(
        request,
        "support/support.html",
        {
            "page": Page(
                "What support is under way?",
                lede=f"{plural(len(found), 'support action')} {where}."
                + (overdue if found else ""),
                title="Support",
                kept=request.GET.get("kept", ""),
            ),
            "mine": [
                pages.line(a, checks=checks, today=today)
                for a in found
                if a.owner_id in by.same_human
            ],
            "others": [
                pages.line(a, checks=checks, today=today)
                for a in found
                if a.owner_id not in by.same_human
            ],
            "finished": [
                pages.finished_line(a, checks=checks)
                for a in queries.finished_since(now - FINISHED_SHOWN).filter(wanted)
            ],
        },
    )


def support_action(request: HttpRequest, entry: int) -> HttpResponse:
    """One support action: why, who, by when; and how it went."""
    action = (
        SupportAction.objects.filter(entry=entry)
        .select_related(
            "person__identity",
            "owner__identity",
            "by__identity",
            "competency",
            "done__by__identity",
        )
        .first()
    )
    if action is None:
        raise Http404("There is no such support action.")
    by = by_of(request)
    if not by.is_self(action.owner_id):
        readable_person(request, action.person.pseudonym)
    service = _service_of(by, action.person)
    form = DoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.finish_support(by=by, action=action, service=service, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"{action.get_what_display()} for {action.person} is recorded as finished."
            )
            return redirect(f"{reverse('support')}?kept=support-{entry}")
    request.section = "support"  # type: ignore[attr-defined]
    done: SupportDone | None = getattr(action, "done", None)
    words = queries.words_of([action.entry, *([done.entry] if done else [])])
    check = latest_checks().get(action.competency_id or 0)
    today = london_date(instant(evidence.clock.now()))
    rows: list[tuple[str, str] | tuple[str, str, Link]] = [
        ("For", str(action.person)),
        ("Check", check.title if check else "Not one check"),
        ("With", str(action.owner)),
        ("Done by", day(action.due)),
        ("Decided by", f"{action.by}, {day(action.recorded_at)}"),
        ("Evidence", f"Entry {action.entry:,}"),
    ]
    reads = by.is_self(action.person_id) or by.may(Action.READ, service)
    if reads and action.because:
        rows.append(_because(action.because))
    return render(
        request,
        "support/action.html",
        {
            "page": Page(
                f"{action.get_what_display()}: how did it go?",
                over=pages.about_check(action, {check.competency_id: check} if check else {})[2:],
                lede=f"{SupportDone.Outcome(done.outcome).label}."
                if done
                else f"{action.owner} supports {action.person}. "
                f"{pages.due_words(action.due, today)}.",
                crumbs=(Link("Support", reverse("support")),),
                person=str(action.person),
                title=f"{action.get_what_display()}, {action.person}",
            ),
            "rows": rows,
            "note": words.get(action.entry, ""),
            "done": done,
            "done_note": words.get(done.entry, "") if done else "",
            "refusal": why_not(
                lambda: actions.check_may_finish(by=by, action=action, service=service)
            ),
            "form": form,
            "kept": f"support-{entry}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def _because(entry: int) -> tuple[str, str] | tuple[str, str, Link]:
    """What a support action was born of (R20), which only some of these pages can open."""
    kind = str((evidence_entry(seq=entry) or {}).get("kind", ""))
    for begins, words in BORN_OF.items():
        if kind.startswith(begins):
            return ("Because", words)
    why = address("review", entry)
    words = "A check that was not passed"
    return ("Because", words, Link("Open", why)) if why else ("Because", words)


def _service_of(by: By, person: Person) -> int:
    """A service of the person at which `by` gives support, else any of theirs; 0 for none."""
    services = sorted(set(Post.objects.filter(person=person).values_list("service_id", flat=True)))
    may = [s for s in services if by.may(Action.REFRESHER, s)]
    return next(iter([*may, *services]), 0)


def add_support(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Support that no failed check asked for: coaching, repeat training or a refresher."""
    service = chosen_service(request, Action.REFRESHER)
    person = readable_person(request, pseudonym, Action.REFRESHER)
    by = by_of(request)
    check_may(by, Action.REFRESHER, service=service.pk)
    check_not_self(by, person.pk, Action.REFRESHER)
    now = evidence.clock.now()
    checks = list(checks_in_force(at=now).values())
    form = SupportForm(
        request.POST or None,
        owners=colleagues(service, on=london_date(instant(now)), but=person.pk),
        checks=checks,
        initial={"competency": request.GET.get("check", "")},
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        about = next((c for c in checks if c.competency.code == cleaned["competency"]), None)
        try:
            action = actions.give_support(
                by=by,
                person=person,
                service=service.pk,
                new=actions.NewSupport(
                    what=cleaned["what"],
                    owner=cleaned["owner"],
                    due=cleaned["due"],
                    competency=about.competency if about else None,
                ),
                note=cleaned["note"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"{action.get_what_display()} for {person} with {action.owner}, "
                f"by {day(action.due)}.",
            )
            return redirect(
                f"{reverse('support')}?service={service.code}&kept=add-support-{pseudonym}"
            )
    request.section = "support"  # type: ignore[attr-defined]
    return render(
        request,
        "support/add.html",
        {
            "page": Page(
                f"What support does {person} need?",
                over=str(service),
                lede="Say what, who gives it and by when. It shows as open until it is done.",
                crumbs=(Link("Support", reverse("support")),),
                person=str(person),
                title=f"Add support, {person}",
            ),
            "form": form,
            "kept": f"add-support-{pseudonym}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )
