"""How long things are kept: what each table says of itself, as an administrator changed it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import models

from surehand import evidence
from surehand.evidence import SYSTEM, keeping
from surehand.evidence.keeping import A_YEAR, Kept
from surehand.evidence.refusal import NotPossible
from surehand.governance import erasing
from surehand.governance.models import KeptFor
from surehand.people.access import Action, By, check_may

LEAVERS = "leavers"
LEAVERS_YEARS = 6
LEAST_YEARS, MOST_YEARS = 1, 40

# What is not ours and is kept for some time all the same.
SESSIONS = Kept(
    "Who is signed in just now",
    "So that nobody has to sign in on every page.",
    days=1,
    least=1,
    most=1,
    older=lambda model, moment: model._default_manager.filter(
        expire_date__lte=moment + timedelta(days=1)
    ),
    evidenced=False,
)


@dataclass(frozen=True)
class Rule:
    """How long one table is kept, in days."""

    name: str
    model: type[models.Model]
    kept: Kept
    days: int


def rules() -> list[Rule]:
    """Every table that is kept for some time, and how long; one statement."""
    said = dict(KeptFor.objects.values_list("name", "length"))
    return [
        Rule(name, model, kept, said.get(name, kept.days))
        for model, kept in _tables()
        for name in [".".join(filter(None, (model._meta.label, kept.part)))]
    ]


def _tables() -> Iterator[tuple[type[models.Model], Kept]]:
    yield from keeping.keeping()
    yield Session, SESSIONS


def leavers_years() -> int | None:
    """After how many years a leaver's name is erased; None: never, which holds until somebody
    decides otherwise."""
    return KeptFor.objects.filter(name=LEAVERS).values_list("length", flat=True).first()


def change(*, by: By, days: dict[str, int], leavers: int | None) -> None:
    """Keep tables for so many days, by name, and leavers' names for so many years (None: for ever).

    Raises NotPermitted, or NotPossible for a time outside what a table allows or if nothing
    changes.
    """
    check_may(by, Action.SETTINGS, service=None)
    now = {rule.name: rule for rule in rules()}
    changed: dict[str, int] = {}
    for name, length in days.items():
        kept = now[name].kept
        if not kept.least <= length <= kept.most:
            raise NotPossible(
                f"{kept.what}: choose {kept.least} to {kept.most} days, not {length}."
            )
        if length != now[name].days:
            changed[name] = length
    if leavers is not None and not LEAST_YEARS <= leavers <= MOST_YEARS:
        raise NotPossible(f"Keep names for {LEAST_YEARS} to {MOST_YEARS} years after they left.")
    other_leavers = leavers != leavers_years()
    if not changed and not other_leavers:
        raise NotPossible("Nothing is different, so nothing is saved.")
    with evidence.act("retention.changed", by=by.actor) as act:
        for name, length in changed.items():
            KeptFor.objects.update_or_create(name=name, defaults={"length": length})
        if other_leavers and leavers is None:
            KeptFor.objects.filter(name=LEAVERS).delete()
        elif other_leavers and leavers is not None:
            KeptFor.objects.update_or_create(name=LEAVERS, defaults={"length": leavers})
        act.state(days=changed, leavers_years=leavers)


def apply() -> dict[str, int]:
    """Erase what has been kept long enough: how many rows of each table, and people.

    One entry for a run that erased something, with the counts and nothing else; their bytes leave
    the database's own files with `erasing.clean`.
    """
    erased: dict[str, int] = {}
    every = rules()
    due = [rule for rule in every if rule.kept.evidenced and _old(rule).exists()]
    for rule in every:
        if not rule.kept.evidenced:
            _old(rule).delete()
    with suppress(_NothingToDo), evidence.act("retention.applied", by=SYSTEM) as act:
        for rule in due:
            if count := rule.kept.erase(_old(rule)):
                erased[rule.name] = count
        if not erased:
            raise _NothingToDo
        act.state(erased=erased)
        erasing.clean_afterwards(act, {rule.model for rule in due if rule.name in erased})
    years = leavers_years()
    if years is not None and (people := erasing.erase_leavers(years=years)):
        erased["people"] = people
    return erased


class _NothingToDo(Exception):
    """Rolls the act back, so that no entry is made."""


def _old(rule: Rule) -> "models.QuerySet[models.Model]":
    moment = evidence.clock.now() - timedelta(days=rule.days)
    return rule.kept.older(rule.model, moment)


def in_words(days: int) -> str:
    """A length as people say it: years where it is whole years, else days."""
    if days % A_YEAR == 0:
        years = days // A_YEAR
        return f"{years} year{'s' if years != 1 else ''}"
    return f"{days:,} day{'s' if days != 1 else ''}"
