"""The provider’s own words for screening: looked at, tried on the last weeks, and saved."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, check_may
from surehand.people.web import by_of
from surehand.records.keeping import REPLAY_DAYS
from surehand.records.own_words import OwnWords, last_version, read
from surehand.records.words_actions import change_words
from surehand.records.words_forms import WordsForm
from surehand.ui.formats import moment, plural
from surehand.ui.page import Link, Page, address


def words(request: HttpRequest) -> HttpResponse:
    """Add and leave out words; before they are saved, say what they would change."""
    by = by_of(request)
    check_may(by, Action.SCREENING_WORDS, service=None)
    last = last_version()
    number = last.number if last else 0
    before = read(last.document) if last else OwnWords()
    form = WordsForm(request.POST or None, before=before, number=number)
    effect, problem, count = None, "", 0
    if request.method == "POST" and form.is_valid():
        if "save" in request.POST:
            try:
                change_words(by=by, own=form.own, seen=form.cleaned_data["seen"])
            except NotPossible as refusal:
                problem = str(refusal)
            else:
                messages.success(
                    request,
                    "Saved. The records of the last weeks are screened again with these words.",
                )
                return redirect("records-of-words")
        else:
            # What reads and compiles is loaded only where it is used.
            from surehand.records.words_effect import effect_of

            effect, count = effect_of(form.own.words(number + 1))
    return render(
        request,
        "records/words.html",
        {
            "page": Page(
                "Which words does screening look for?",
                lede=f"Version {number} of your own words, changed by {last.by} on "
                f"{moment(last.recorded_at)}."
                if last
                else "The words that are shipped; you have added none of your own yet.",
                title="Words of screening",
                crumbs=_crumbs(by.may_anywhere(Action.READ)),
            ),
            "form": form,
            "groups": form.groups(),
            "effect": effect,
            "read": f"{plural(count, 'record')} of the last {REPLAY_DAYS} days were read again. "
            "Nothing is saved yet.",
            "problem": problem,
            "exports": (),  # what would change is of this moment
        },
        status=409 if problem else 422 if form.errors else 200,
    )


def _crumbs(reads: bool) -> tuple[Link, ...]:
    return (
        Link("Records", address("records")) if reads else Link("Settings", address("settings")),
    )
