"""Where people are stuck: questions counted by competency, category and theme, beside the shifts
worked, and who still asks after passing (G13)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from surehand.assessment.models import Outcome
from surehand.assessment.queries import standing
from surehand.competency.models import Check
from surehand.competency.queries import latest_checks
from surehand.competency.themes import THEMES
from surehand.people.models import Person, Service
from surehand.people.names import typed
from surehand.people.queries import go_live_dates
from surehand.readiness.queries import live_shifts
from surehand.support import rules
from surehand.support.categories import CATEGORIES
from surehand.support.models import Question
from surehand.support.queries import Asked, asked
from surehand.timeline import instant, london_midnight, moment
from surehand.ui.formats import day
from surehand.ui.page import address

PERIODS = {7: "7 days", 28: "28 days", 91: "3 months"}
USUAL = 28


@dataclass(frozen=True)
class Row:
    """One competency, category or theme: how many questions, and how many of them since go-live per
    100 shifts, in words."""

    what: str
    questions: int
    rate: str
    range: str


@dataclass(frozen=True)
class Prompt:
    """Somebody asks on after passing: a prompt to look together, not a verdict."""

    name: str
    what: str
    why: str
    href: str


@dataclass(frozen=True)
class Counted:
    """The questions of one service in a period that ends now."""

    found: list[Asked]
    shifts: int
    whole: rules.Rate | None
    by_competency: list[Row]
    by_category: list[Row]
    by_theme: list[Row]
    prompts: list[Prompt]


def counted(service: Service, *, at: datetime, days: int) -> Counted:
    """Questions of a service in the `days` up to `at`, in a fixed number of statements."""
    since = at - timedelta(days=days)
    found = asked(
        Question.objects.filter(
            service=service, happened_at__gt=since, happened_at__lte=at
        ).order_by("-happened_at", "-pk")
    )
    shifts = live_shifts(service.pk, since=since, until=at)
    go_live = go_live_dates().get(service.pk)
    began = london_midnight(go_live) if go_live else None
    live = [q for q in found if began is not None and instant(q.question.happened_at) >= began]
    checks = latest_checks()
    return Counted(
        found=found,
        shifts=shifts,
        whole=rules.per_100_shifts(len(live), shifts),
        by_competency=_rows(
            [_competency(q, checks) for q in found], [_competency(q, checks) for q in live], shifts
        ),
        by_category=_rows([_category(q) for q in found], [_category(q) for q in live], shifts),
        by_theme=_rows([_theme(q) for q in found], [_theme(q) for q in live], shifts),
        prompts=_prompts(service, checks, at=at),
    )


def _competency(each: Asked, checks: Mapping[int, Check]) -> str:
    check = checks.get(each.competency or 0)
    return f"{check.competency.code} {check.short}" if check else "No one competency"


def _category(each: Asked) -> str:
    return CATEGORIES[each.category].short


def _theme(each: Asked) -> str:
    theme = THEMES.get(each.theme)
    return f"{theme.code} {theme.title}" if theme else "No theme"


def _rows(every: Sequence[str], live: Sequence[str], shifts: int) -> list[Row]:
    """Each name with how often it was asked, the most asked first."""
    since_go_live = Counter(live)
    rows = []
    for what, questions in sorted(Counter(every).items(), key=lambda item: (-item[1], item[0])):
        rate = rules.per_100_shifts(since_go_live[what], shifts)
        rows.append(
            Row(
                what,
                questions,
                f"{rate.per_100:.1f}" if rate else "–",
                f"{rate.low:.1f} to {rate.high:.1f}" if rate else "",
            )
        )
    return rows


def _prompts(service: Service, checks: Mapping[int, Check], *, at: datetime) -> list[Prompt]:
    """Who asked three times or more about a check they passed, by name (G13)."""
    since = at - timedelta(microseconds=rules.MANY_WITHIN)
    recent = [
        (each, each.competency)
        for each in asked(
            Question.objects.filter(service=service, happened_at__gt=since, happened_at__lte=at)
        )
        if each.competency is not None
    ]
    passes: dict[tuple[int, int], list[int]] = {}
    for person, competency, when in (
        standing()
        .filter(
            person__in={each.question.person_id for each, _ in recent},
            outcome=Outcome.PASS,
            happened_at__lte=at,
        )
        .values_list("person_id", "competency_id", "happened_at")
    ):
        passes.setdefault((person, competency), []).append(instant(when))
    flagged = rules.asked_after_passing(
        [
            rules.Asked(each.question.person_id, competency, instant(each.question.happened_at))
            for each, competency in recent
        ],
        passes,
        at=instant(at),
    )
    people = {each.question.person_id: each.question.person for each, _ in recent}
    prompts = [_prompt(each, people[each.person], checks) for each in flagged]
    return sorted(prompts, key=lambda prompt: typed(prompt.name))


def _prompt(found: rules.AskedAfterPassing, person: Person, checks: Mapping[int, Check]) -> Prompt:
    check = checks[found.competency]
    return Prompt(
        name=str(person),
        what=f"{person}: {check.short}",
        why=f"Passed on {day(moment(found.passed_at))}, and asked {found.questions} times in the "
        "last 14 days.",
        href=address("person", person.pseudonym),
    )
