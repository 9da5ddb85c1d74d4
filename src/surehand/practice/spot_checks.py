"""Reads of spot checks: the questions there are, which suit a post, and what was shown."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django.db.models import QuerySet

from surehand.ecm.profile import Profile
from surehand.evidence import canonical
from surehand.people.models import Person
from surehand.practice.models import (
    OwnSpotQuestion,
    PracticeWords,
    SpotCheck,
    SpotQuestionRetirement,
    standing,
)
from surehand.practice.queries import Working
from surehand.practice.spot_questions import BLANK, Point, SpotQuestion, read, starter_text

SOMEBODY = "somebody you both look after"
"""What stands in the blank of a question before a name is said."""


@cache
def shipped_questions() -> dict[str, SpotQuestion]:
    """Those shipped with Surehand, by code."""
    return read(starter_text())


@dataclass(frozen=True)
class HeldQuestion:
    """The newest version of a question; `by` is who published it, where it is the provider's own.
    `retired` is since when nobody is asked it."""

    question: SpotQuestion
    is_shipped: bool
    by: Person | None = None
    retired: SpotQuestionRetirement | None = None

    @property
    def is_own(self) -> bool:
        return self.by is not None


def held_questions() -> dict[str, HeldQuestion]:
    """Every question there is, in use or retired, by code; two statements."""
    shipped = shipped_questions()
    found = {code: HeldQuestion(one, is_shipped=True) for code, one in shipped.items()}
    for row in OwnSpotQuestion.objects.select_related("by__identity").order_by("code", "version"):
        found[row.code] = HeldQuestion(_read(row.document), row.code in shipped, by=row.by)
    for retired in SpotQuestionRetirement.objects.filter(ended__isnull=True):
        if retired.code in found:  # a shipped one may have gone with a later release
            found[retired.code] = replace(found[retired.code], retired=retired)
    return dict(sorted(found.items()))


@lru_cache(maxsize=400)
def _read(document: str) -> SpotQuestion:
    return next(iter(read(document).values()))


def spot_questions() -> dict[str, SpotQuestion]:
    """The questions that are asked, by code; two statements."""
    return {code: one.question for code, one in held_questions().items() if one.retired is None}


def suited(posts: Iterable[Working]) -> list[SpotQuestion]:
    """The questions that suit one of these posts, in their order."""
    held = list(posts)
    return [
        question
        for question in spot_questions().values()
        if any(
            question.is_for(one.post.job_role, one.responsibilities, one.post.service.setting)
            for one in held
        )
    ]


def draw(
    questions: Sequence[SpotQuestion],
    asked: Mapping[str, datetime],
    *,
    chance: int,
    but: str = "",
) -> SpotQuestion | None:
    """One of the questions not asked for longest, by `chance` where there are several; `asked` is
    when each code was asked last. Not the one `but`, unless there is no other."""
    found = [one for one in questions if one.code != but] or list(questions)
    if not found:
        return None
    never = [one for one in found if one.code not in asked]
    if never:
        return never[chance % len(never)]
    return min(found, key=lambda one: asked[one.code])


def as_asked(question: SpotQuestion, profile: Profile, setting: str) -> str:
    """The document that is kept with the first spot check of a question in a care setting."""
    return canonical.dumps(
        {
            "title": question.title,
            "ask": question.ask,
            "competency": question.competency,
            "criteria": list(question.criteria),
            "points": [[p.code, p.text] for p in question.points(profile, setting)],
        }
    ).decode()


@dataclass(frozen=True)
class Shown:
    """A spot check with its question as it was asked then; (point, what was shown of it)."""

    check: SpotCheck
    title: str
    ask: str
    competency: str
    points: tuple[tuple[Point, SpotCheck.Shown], ...]

    def count(self, what: SpotCheck.Shown) -> int:
        return sum(given == what for _, given in self.points)


def in_words(ask: str) -> str:
    """A question with its blank filled for reading."""
    return ask.replace(BLANK, SOMEBODY)[:1].upper() + ask.replace(BLANK, SOMEBODY)[1:]


def asked_of(people: Collection[int], *, at: datetime, known: int | None = None) -> list[Shown]:
    """The spot checks of these people up to a moment, the last one first; one statement."""
    checks = SpotCheck.objects.filter(person__in=people, happened_at__lte=at)
    return _shown(standing(checks, known))


def asked_at(service: int, *, at: datetime, days: int) -> list[Shown]:
    """The spot checks at a service in the `days` up to `at`, the last one first; one statement."""
    since = at - timedelta(days=days)
    checks = SpotCheck.objects.filter(service=service, happened_at__gt=since, happened_at__lte=at)
    return _shown(standing(checks, None))


def spot_check(entry: int) -> Shown | None:
    """The spot check of this entry, whether or not it still counts."""
    return next(iter(_shown(SpotCheck.objects.filter(entry=entry))), None)


def _shown(checks: "QuerySet[SpotCheck]") -> list[Shown]:
    return [
        shown_in(check)
        for check in checks.select_related(
            "person__identity",
            "by__identity",
            "service__details",
            "question",
            "void__by__identity",
            "superseded_by__by__identity",
        ).order_by("-happened_at", "-entry")
    ]


def shown_in(check: SpotCheck) -> Shown:
    said: dict[str, Any] = json.loads(check.question.document)
    return Shown(
        check,
        said["title"],
        said["ask"],
        said["competency"],
        tuple(
            (Point(code, text), SpotCheck.Shown(check.shown[code])) for code, text in said["points"]
        ),
    )


def last_asked(person: Person) -> dict[str, datetime]:
    """When each question was last asked of somebody, by its code; one statement."""
    return dict(
        standing(SpotCheck.objects.filter(person=person), None)
        .order_by("happened_at")
        .values_list("question__code", "happened_at")
    )


def words_of(entries: Collection[int]) -> dict[int, str]:
    """The notes written with these ledger entries; an erased text is simply not there."""
    return _words(entries, PracticeWords.What.NOTE)


def reasons_of(entries: Collection[int]) -> dict[int, str]:
    """Why something was corrected or voided in these ledger entries."""
    return _words(entries, PracticeWords.What.REASON)


def _words(entries: Collection[int], what: str) -> dict[int, str]:
    rows = PracticeWords.objects.filter(entry__in=list(entries), what=what)
    return dict(rows.values_list("entry", "text"))
