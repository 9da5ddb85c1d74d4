"""Reads of support actions, permissions and questions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from surehand.people.access import AccessRole, Action, By
from surehand.people.models import Person, Post, Service
from surehand.people.queries import people_with_access, terms_of
from surehand.support.models import (
    Answer,
    Confidence,
    Permission,
    Question,
    QuestionWording,
    SupportAction,
    SupportWords,
)

_NAMED = ("person__identity", "owner__identity", "by__identity", "competency")


def open_actions() -> QuerySet[SupportAction]:
    """Support still to be given, by due date."""
    return (
        SupportAction.objects.filter(done__isnull=True)
        .select_related(*_NAMED)
        .order_by("due", "pk")
    )


def finished_since(since: datetime) -> QuerySet[SupportAction]:
    """Support finished since a moment, the latest first."""
    return (
        SupportAction.objects.filter(done__recorded_at__gte=since)
        .select_related(*_NAMED, "done")
        .order_by("-done__recorded_at", "-pk")
    )


def about(people: Collection[int], *, owner: int | None) -> Q:
    """Support for these people, or owned by `owner`."""
    return Q(person__in=list(people)) | Q(owner=owner)


def permissions_in_force(posts: Collection[int], *, at: datetime) -> list[Permission]:
    """Permissions of these posts not ended and not run out at `at`, the latest first."""
    return list(
        Permission.objects.filter(post__in=posts, end__isnull=True, until__gt=at)
        .select_related("by__identity")
        .order_by("-entry")
    )


def words_of(entries: Collection[int]) -> dict[int, str]:
    """What was written with these ledger entries; an erased text is simply not there."""
    return dict(SupportWords.objects.filter(entry__in=list(entries)).values_list("entry", "text"))


def where_one_asks(by: By, *, on: date) -> list[Service]:
    """The services at which `by` may say “I’m stuck” on a day, by name: where they have a post,
    else where they may read."""
    posts = list(
        Post.objects.filter(person__in=by.same_human, start_date__lte=on)
        .select_related("service__details")
        .order_by("service__details__name")
    )
    terms = terms_of([p.pk for p in posts])
    found = {
        p.service_id: p.service
        for p in posts
        if p.pk not in terms or (end := terms[p.pk].end_date) is None or end >= on
    }
    if found or not by.may_anywhere(Action.READ):
        return list(found.values())
    services = Service.objects.select_related("details").order_by("details__name")
    return [s for s in services if by.may(Action.READ, s.pk)]


def who_answers(service: int, *, but: Collection[int], at: datetime) -> list[Person]:
    """The team leaders of a service, by name, but whoever asks."""
    leaders = people_with_access(AccessRole.TEAM_LEADER, service=service, at=at)
    return list(
        Person.objects.filter(pk__in=leaders - set(but))
        .select_related("identity")
        .order_by("identity__name", "pk")
    )


@dataclass(frozen=True)
class Asked:
    """A question with its answers, the earliest first, and how it counts now."""

    question: Question
    answers: tuple[Answer, ...]

    @property
    def _sorted(self) -> Question | Answer:
        return self.answers[-1] if self.answers else self.question

    @property
    def open(self) -> bool:
        return not self.answers

    @property
    def category(self) -> str:
        return self._sorted.category

    @property
    def competency(self) -> int | None:
        return self._sorted.competency_id

    @property
    def theme(self) -> str:
        return self._sorted.theme

    @property
    def new_answers(self) -> list[Answer]:
        """The answers whoever asked has not opened."""
        return [a for a in self.answers if not hasattr(a, "read")]


def asked(questions: QuerySet[Question]) -> list[Asked]:
    """These questions with their answers, in the order given; two statements."""
    found = list(questions.select_related("person__identity", "service__details"))
    answers: dict[int, list[Answer]] = {q.pk: [] for q in found}
    for each in (
        Answer.objects.filter(question__in=answers)
        .select_related("by__identity", "read")
        .order_by("entry")
    ):
        answers[each.question_id].append(each)
    return [Asked(q, tuple(answers[q.pk])) for q in found]


def open_questions(services: Collection[int]) -> list[Asked]:
    """Questions of these services nobody has answered, the longest waiting first."""
    return asked(
        Question.objects.filter(service__in=services, answers__isnull=True).order_by(
            "happened_at", "pk"
        )
    )


def words_of_questions(found: Iterable[Asked]) -> dict[int, str]:
    """What was written to each question by whoever asked it, by its id; two statements."""
    entries = {each.question.entry: each.question.pk for each in found}
    for entry, question in QuestionWording.objects.filter(
        question__in=entries.values()
    ).values_list("entry", "question_id"):
        entries[entry] = question
    told: dict[int, str] = {}
    for entry, text in sorted(words_of(entries).items()):
        told[entries[entry]] = f"{told[entries[entry]]} {text}" if entries[entry] in told else text
    return told


def confidence(
    people: Collection[int], *, at: datetime, known: int | None = None
) -> dict[tuple[int, int], list[Confidence]]:
    """What these people said of themselves by `at`, by person and competency, the earliest first:
    of each statement the latest counts; one statement."""
    rows = Confidence.objects.filter(person__in=people, happened_at__lte=at)
    if known is not None:
        rows = rows.filter(entry__lte=known)
    found: dict[tuple[int, int], list[Confidence]] = {}
    for each in rows.order_by("happened_at", "entry"):
        found.setdefault((each.person_id, each.competency_id), []).append(each)
    return found
