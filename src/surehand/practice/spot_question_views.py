"""The questions of spot checks: which there are, and writing the provider’s own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, check_may, who_may
from surehand.people.web import by_of
from surehand.practice import queries
from surehand.practice.spot_checks import HeldQuestion, held_questions, in_words
from surehand.practice.spot_question_actions import (
    bring_back_spot_question,
    publish_spot_question,
    retire_spot_question,
)
from surehand.practice.spot_question_forms import SpotQuestionForm
from surehand.practice.spot_questions import SpotQuestionProblem
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address

NEW = "new"
"""In the address: a question that has no code yet."""


def questions(request: HttpRequest) -> HttpResponse:
    """Every question: about what, whose, and whether it is asked."""
    by = by_of(request)
    if not by.may_anywhere(Action.READ):
        check_may(by, Action.READ, service=None)
    held = held_questions()
    asked = sum(one.retired is None for one in held.values())
    writes = by.may(Action.PLAN, None)
    return render(
        request,
        "practice/spot_questions.html",
        {
            "page": Page(
                "What are people asked?",
                lede=f"{plural(asked, 'question')} can be asked of anybody on shift whose work "
                "they suit.",
                title="Questions of spot checks",
                crumbs=(Link("Practice", address("practice")),),
            ),
            "rows": [_row(code, one, writes=writes) for code, one in held.items()],
            "new": address("spot-question", NEW) if writes else "",
            "refusal": "" if writes else f"Writing questions takes {who_may(Action.PLAN)}.",
        },
    )


def _row(code: str, held: HeldQuestion, *, writes: bool) -> dict[str, object]:
    one = held.question
    own = "Our own, in place of the shipped one" if held.is_shipped else "Our own"
    return {
        "title": one.title,
        "ask": in_words(one.ask),
        "code": code,
        "version": one.version,
        "competency": one.competency,
        "minutes": one.minutes,
        "whose": own if held.is_own else "Shipped with Surehand",
        "retired": held.retired is not None,
        "href": address("spot-question", code) if writes else "",
    }


def question(request: HttpRequest, code: str) -> HttpResponse:
    """Write a question, or change it; retire it, or bring it back."""
    by = by_of(request)
    check_may(by, Action.PLAN, service=None)
    held = held_questions().get(code)
    if held is None and code != NEW:
        raise Http404("There is no such question.")
    sent = request.POST if request.method == "POST" else None
    try:
        if sent is not None and "retire" in sent:
            retire_spot_question(by=by, code=code)
            messages.success(request, f"{code} is retired. Nobody is asked it any more.")
            return redirect("spot-questions")
        if sent is not None and "bring_back" in sent:
            bring_back_spot_question(by=by, code=code)
            messages.success(request, f"{code} is asked again.")
            return redirect("spot-questions")
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect("spot-questions")
    form = SpotQuestionForm(
        sent,
        plan=queries.asked_by_the_plan(at=evidence.clock.now()),
        question=held.question if held else None,
    )
    if form.is_valid():
        try:
            kept = publish_spot_question(
                by=by,
                code="" if held is None else code,
                seen=form.cleaned_data["seen"],
                row=form.row(),
            )
        except SpotQuestionProblem as problem:
            form.note(problem.found)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Version {kept.version} of {kept.code} is published. It is asked now."
            )
            return redirect("spot-questions")
    return render(
        request,
        "practice/spot_question.html",
        {
            "page": Page(
                held.question.title if held else "What shall people be asked?",
                lede=_lede(code, held),
                title=f"Question {code}" if held else "A question of our own",
                over="Question of spot checks",
                crumbs=(Link("Questions", address("spot-questions")),),
            ),
            "form": form,
            "held": held,
            "code": code,
        },
        status=400 if form.errors else 200,
    )


def _lede(code: str, held: HeldQuestion | None) -> str:
    if held is None:
        return "It is shown or explained aloud in two to five minutes, and is no assessment."
    whose = "shipped with Surehand" if held.by is None else f"published by {held.by}"
    return (
        f"{code}, version {held.question.version}, {whose}. What was asked before keeps the words "
        "it had."
    )
