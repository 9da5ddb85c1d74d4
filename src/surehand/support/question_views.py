"""“I’m stuck”: asking, the question and its answers, and the two pages for no connection."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.competency.queries import checks_in_force, latest_checks
from surehand.evidence.refusal import NotPermitted, NotPossible, Refused, why_not
from surehand.people.access import Action, By, check_may
from surehand.people.models import Service
from surehand.people.web import by_of
from surehand.support import actions, queries, question_pages
from surehand.support.categories import CATEGORIES
from surehand.support.forms import AnswerForm, WordsForm
from surehand.support.models import Question
from surehand.timeline import instant, london_date
from surehand.ui.page import Link, Page, address

OWN_SHOWN = timedelta(days=28)


def stuck(request: HttpRequest) -> HttpResponse:
    """Ask with one tap; a device that kept the question for a connection sends it here too."""
    by = by_of(request)
    now = evidence.clock.now()
    services = queries.where_one_asks(by, on=london_date(instant(now)))
    if not services:
        raise NotPermitted("You have no post, so nobody here can answer you. Ask your manager.")
    if request.method == "POST":
        return _ask(request, by, services)
    return _stuck_page(request, by, services)


def _stuck_page(
    request: HttpRequest, by: By, services: list[Service], problem: str = ""
) -> HttpResponse:
    now = evidence.clock.now()
    own = queries.asked(
        Question.objects.filter(
            person__in=by.same_human, happened_at__gte=now - OWN_SHOWN
        ).order_by("-happened_at", "-pk")
    )
    words = queries.words_of([a.entry for each in own for a in each.answers])
    return render(
        request,
        "support/stuck.html",
        {
            "page": Page(
                "What are you stuck on?",
                lede="Tap one. Your team leader gets it at once.",
                title="I’m stuck",
            ),
            "categories": list(CATEGORIES.values()),
            "services": services,
            "chosen": _default(request, services).code,
            "key": UUID(bytes=evidence.randomness.token_bytes(16)),
            "person": by.pseudonym,
            "own": [question_pages.own_line(each, now=now, words=words) for each in own],
            "problem": problem,
        },
        status=400 if problem else 200,
    )


def _default(request: HttpRequest, services: list[Service]) -> Service:
    """Where somebody with several posts most likely is: the service chosen last."""
    remembered = request.session.get("service")
    return next((s for s in services if s.code == remembered), services[0])


def _ask(request: HttpRequest, by: By, services: list[Service]) -> HttpResponse:
    """By a form, or by a device, which wants the answer as JSON and says whose question it is."""
    device = request.headers.get("Accept") == "application/json"
    given = request.POST
    if given.get("person", by.pseudonym) != by.pseudonym:
        said = "Somebody else asked this. It is sent when they sign in on this device."
        if device:
            return JsonResponse({}, status=409)
        raise NotPossible(said)
    try:
        code = given.get("service")
        service = (
            Service.objects.select_related("details").filter(code=code).first()
            if code
            else _default(request, services)
        )
        if service is None:
            raise NotPossible("There is no such service. Load the page again.")
        question = actions.ask(
            by=by,
            happened_at=_asked_at(given.get("asked_at", "")),
            # A second tap on another button is another question.
            key=uuid5(_key(given.get("key", "")), given.get("category", "")),
            service=service,
            category=given.get("category", ""),
            words=given.get("words", "")[:500],
        )
    except Refused as refusal:
        if device:
            return JsonResponse({"problem": str(refusal)}, status=400)
        if isinstance(refusal, NotPermitted):
            raise
        return _stuck_page(request, by, services, str(refusal))
    href = reverse("question", args=[question.entry])
    return JsonResponse({"href": href}) if device else redirect(href)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(bytes=evidence.randomness.token_bytes(16))


def _asked_at(text: str) -> datetime | None:
    """When the device says it was asked; None for now. Raises NotPossible."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise NotPossible("The device did not say properly when this was asked.") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


@login_not_required
def stuck_offline(request: HttpRequest) -> HttpResponse:
    """“I’m stuck” as a device keeps it for no connection: it is about nobody."""
    return HttpResponse(
        # Without the request no context processor runs: nobody's name gets into it.
        render_to_string(
            "support/stuck_offline.html",
            {
                "page": Page(
                    "What are you stuck on?",
                    lede="There is no connection. Your question is kept here and sent by itself "
                    "when there is one.",
                    over="No connection",
                    title="I’m stuck",
                ),
                "categories": list(CATEGORIES.values()),
                "session": settings.SESSION_COOKIE_AGE,
            },
        )
    )


@login_not_required
def offline(request: HttpRequest) -> HttpResponse:
    """What a device shows for any other page without a connection: it is about nobody."""
    return HttpResponse(
        render_to_string(
            "support/offline.html",
            {
                "page": Page(
                    "There is no connection",
                    lede="Surehand cannot be reached from this device. Nothing is lost.",
                    title="No connection",
                ),
                "session": settings.SESSION_COOKIE_AGE,
            },
        )
    )


def _question(request: HttpRequest, entry: int) -> tuple[By, queries.Asked]:
    """The question of this entry, for whoever asked it and for the readers of its service."""
    found = queries.asked(Question.objects.filter(entry=entry))
    if not found:
        raise Http404("There is no such question.")
    by, asked = by_of(request), found[0]
    if not by.is_self(asked.question.person_id):
        check_may(by, Action.READ, service=asked.question.service_id)
    return by, asked


def question(request: HttpRequest, entry: int) -> HttpResponse:
    """One question: for whoever asked it who answers and the answer; for others, to answer it."""
    by, asked = _question(request, entry)
    if by.is_self(asked.question.person_id):
        shown = _own_page(request, by, asked, WordsForm())
        actions.read_answers(by=by, question=asked.question)
        return shown
    return _page_to_answer(request, by, asked, None)


def _own_page(request: HttpRequest, by: By, asked: queries.Asked, form: WordsForm) -> HttpResponse:
    now = evidence.clock.now()
    question = asked.question
    leaders = queries.who_answers(question.service_id, but=by.same_human, at=now)
    last = asked.answers[-1] if asked.answers else None
    return render(
        request,
        "support/question_own.html",
        {
            "page": Page(
                f"{str(last.by).split(' ', 1)[0]} answered" if last else "Your question is sent",
                over=f"{CATEGORIES[question.category].title} · {question.service}, "
                f"{question_pages.waited(question.happened_at, now)} ago",
                lede="" if last else question_pages.answerers(leaders, place=str(question.service)),
                crumbs=(Link("I’m stuck", reverse("stuck")),),
                title="Your question",
            ),
            "asked": asked,
            "words": queries.words_of_questions([asked]).get(question.pk, ""),
            "answers": queries.words_of([a.entry for a in asked.answers]),
            "form": form,
        },
        status=400 if form.errors else 200,
    )


@require_POST
def add_words(request: HttpRequest, entry: int) -> HttpResponse:
    """A few words to one's own question."""
    by, asked = _question(request, entry)
    form = WordsForm(request.POST)
    if form.is_valid():
        try:
            actions.add_words(by=by, question=asked.question, **form.cleaned_data)
        except NotPossible as refusal:
            form.add_error("words", str(refusal))
        else:
            messages.success(request, "Your words are sent.")
            return redirect("question", entry)
    return _own_page(request, by, asked, form)


def _page_to_answer(
    request: HttpRequest, by: By, asked: queries.Asked, form: AnswerForm | None
) -> HttpResponse:
    now = evidence.clock.now()
    question = asked.question
    checks = latest_checks()
    name = str(question.person)
    if form is None:
        now_counts = checks.get(asked.competency or 0)
        form = AnswerForm(
            checks=list(checks_in_force(at=now).values()),
            initial={
                "category": asked.category,
                "competency": now_counts.competency.code if now_counts else "",
                "theme": asked.theme,
            },
        )
    request.section = "questions"  # type: ignore[attr-defined]
    return render(
        request,
        "support/question.html",
        {
            "page": Page(
                f"What is {name} stuck on?",
                over=str(question.service),
                lede=f"{question_pages.sentence(CATEGORIES[question.category].title)} "
                + (
                    f"Asked {question_pages.waited(question.happened_at, now)} ago, not answered "
                    "yet."
                    if asked.open
                    else "Answered."
                ),
                person=name,
                crumbs=(Link("Questions", address("questions", service=question.service.code)),),
                title=f"Question, {name}",
            ),
            "asked": asked,
            "words": queries.words_of_questions([asked]).get(question.pk, ""),
            "answers": queries.words_of([a.entry for a in asked.answers]),
            "rows": question_pages.rows(asked, checks=checks, now=now),
            "refusal": why_not(lambda: actions.check_may_answer(by=by, question=question)),
            "form": form,
        },
        status=400 if form.errors else 200,
    )


@require_POST
def answer(request: HttpRequest, entry: int) -> HttpResponse:
    """Answer a question, and say what it counts towards."""
    by, asked = _question(request, entry)
    actions.check_may_answer(by=by, question=asked.question)
    checks = list(checks_in_force(at=evidence.clock.now()).values())
    form = AnswerForm(request.POST, checks=checks)
    if form.is_valid():
        cleaned = form.cleaned_data
        about = next((c for c in checks if c.competency.code == cleaned["competency"]), None)
        try:
            actions.answer(
                by=by,
                question=asked.question,
                how=cleaned["how"],
                words=cleaned["words"],
                category=cleaned["category"],
                competency=about.competency if about else None,
                theme=cleaned["theme"],
            )
        except NotPossible as refusal:
            form.add_error("words", str(refusal))
        else:
            messages.success(request, f"{asked.question.person} sees your answer at once.")
            return redirect(address("questions", service=asked.question.service.code))
    return _page_to_answer(request, by, asked, form)
