"""Questions: who waits for an answer, and what people are stuck on."""

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand import evidence
from surehand.home import questions as counting
from surehand.people.access import Action
from surehand.people.web import by_of, chosen_service
from surehand.support import question_pages
from surehand.support.queries import Asked, open_questions, words_of_questions
from surehand.ui.formats import plural
from surehand.ui.page import Page, address

ANSWERED_SHOWN = 20


def questions(request: HttpRequest) -> HttpResponse:
    """The open questions of a service, the longest waiting first, and all of them counted."""
    by = by_of(request)
    service = chosen_service(request)
    now = evidence.clock.now()
    given = request.GET.get("days", "")
    days = int(given) if given.isdecimal() and int(given) in counting.PERIODS else counting.USUAL
    waiting = open_questions([service.pk])
    found = counting.counted(service, at=now, days=days)
    answered = [each for each in found.found if not each.open][:ANSWERED_SHOWN]
    words = words_of_questions([*waiting, *answered])
    return render(
        request,
        "home/questions.html",
        {
            "page": Page(
                "Who is stuck, and on what?",
                over=str(service),
                lede=_lede(len(waiting), found, days),
                title="Questions",
            ),
            "waiting": [_line(each, words, now) for each in waiting],
            "answered": [_line(each, words, now) for each in answered],
            "answers": by.may(Action.ANSWER, service.pk),
            "counted": found,
            "sure": address("confidence-picture", service=service.code),
            "days": days,
            "periods": [(number, f"Last {text}") for number, text in counting.PERIODS.items()],
            "keep": [("service", service.code)],
        },
    )


def _line(each: Asked, words: Mapping[int, str], now: datetime) -> question_pages.Line:
    return question_pages.line(each, words=words.get(each.question.pk, ""), now=now)


def _lede(waiting: int, found: counting.Counted, days: int) -> str:
    """“2 questions wait for an answer. 14 were asked in the last 28 days: 5.1 per 100 shifts.”"""
    wait = f"{plural(waiting, 'question waits', 'questions wait')} for an answer."
    asked = f"{len(found.found):,} asked in the last {counting.PERIODS[days]}"
    if found.whole is None:
        return f"{wait} {asked}."
    return (
        f"{wait} {asked}: {found.whole.per_100:.1f} per 100 shifts, and it may well be anything "
        f"from {found.whole.low:.1f} to {found.whole.high:.1f}."
    )
