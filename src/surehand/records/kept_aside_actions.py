"""Rows kept aside are taken in once their words are known, by themselves or as somebody chose, or
left out for good."""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from surehand import evidence
from surehand.ecm.queries import profiles_in_use
from surehand.evidence import clock
from surehand.evidence.actor import SYSTEM
from surehand.evidence.refusal import NotPossible
from surehand.imports import run
from surehand.imports.kind import Kind
from surehand.imports.reading import Row
from surehand.people.access import AccessRole, By, Grant
from surehand.records import alerts_file, records_file
from surehand.records.bringing_in import LEFT_OUT, Why, Words, check, fold
from surehand.records.models import KeptAside, KnownWord
from surehand.records.sealed import Unreadable, unseal
from surehand.ui.formats import plural

KINDS: dict[str, Kind] = {kind.name: kind for kind in (records_file.KIND, alerts_file.KIND)}
# Surehand itself, which brings in what somebody handed in before.
BY_ITSELF = By(
    person=None,
    pseudonym=SYSTEM.pseudonym,
    signed_in=SYSTEM.signed_in,
    grants=(Grant(AccessRole.QUALITY_LEAD, None),),
)


def choices(why: str) -> dict[str, str]:
    """What a word may be read as: codes of the profiles in use and their titles."""
    known = {
        Why.RECORD_TYPE: records_file.record_types,
        Why.SECTION: records_file.sections,
        Why.ALERT_TYPE: alerts_file.alert_types,
    }
    return known[Why(why)]() if why in known else {}


def read_as(*, by: By, why: str, said: str, means: str) -> int:
    """From now on read a word that no profile knows as `means`, and take in the rows kept aside for
    it. Answers how many came in. Raises NotPermitted, or NotPossible for a code there is not.
    """
    check(by)
    if means not in choices(why):
        raise NotPossible("Choose one of the words of the ECM profile.")
    with evidence.act("record_word.chosen", by=by.actor) as act:
        act.state(of=why, means=means)
        act.commit(said)
        KnownWord.objects.update_or_create(
            of=why,
            said=fold(said),
            defaults={"means": means, "at": act.recorded_at, "by": by.actor.pseudonym},
        )
    return take_in(by=by)


def leave_out(*, by: By, kind: str, why: str, said: str) -> int:
    """Set the rows that say this aside for good: they stay out, also when they come again.

    Answers how many. Raises NotPermitted, or NotPossible where there are none."""
    check(by)
    with evidence.act(LEFT_OUT, by=by.actor) as act:
        rows = KeptAside.objects.filter(import_kind=kind, why=why, said=said, done_by__isnull=True)
        count = rows.update(done_by=act.seq, content=b"")
        if not count:
            raise NotPossible("These rows are no longer kept aside. Load the page again.")
        act.state(import_kind=kind, why=why, count=count)
    return count


def take_in(*, by: By) -> int:
    """Take in what is kept aside and is known by now; answers how many rows came in."""
    check(by)
    return sum(_take_in(kind, by) for kind in KINDS.values() if _any_known(kind.name))


def due() -> list[str]:
    """Take in what a new version of a profile knows."""
    count = take_in(by=BY_ITSELF)
    return [f"{plural(count, 'row')} kept aside came in: its words are known now."] if count else []


def _any_known(kind: str) -> bool:
    """Whether some word that rows are kept aside for is known now; three statements."""
    asked = set(
        KeptAside.objects.filter(import_kind=kind, done_by__isnull=True)
        .exclude(why=Why.SUBJECT)
        .values_list("why", "said", "service__setting")
        .distinct()
    )
    if not asked:
        return False
    profiles = profiles_in_use(at=clock.now())
    chosen = {
        (of, said): means
        for of, said, means in KnownWord.objects.values_list("of", "said", "means")
    }
    return any(
        fold(word) in codes or fold(chosen.get((why, fold(word)), "")) in codes
        for why, word, setting in asked
        for codes in [_codes(Words(profiles[setting]), why)]
    )


def _codes(words: Words, why: str) -> dict[str, Any]:
    return {
        Why.RECORD_TYPE: words.types,
        Why.SECTION: words.sections,
        Why.ALERT_TYPE: words.alerts,
    }[Why(why)]


def _take_in(kind: Kind, by: By) -> int:
    columns = [column.name for column in kind.layouts[0].columns]
    waiting = KeptAside.objects.filter(import_kind=kind.name, done_by__isnull=True)
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    came = 0
    for first in range(0, len(keys), run.BATCH):
        rows = list(_rows(keys[first : first + run.BATCH], columns))
        said = sha256("\0".join(cell for row in rows for cell in row.cells).encode()).digest()
        done, shown = run.bring_in_rows(kind, columns, rows, by=by, digest=said)
        if done:
            came += len(shown.comparison.added) + len(shown.comparison.changed)
    return came


def _rows(keys: Sequence[int], columns: Sequence[str]) -> Iterator[Row]:
    contents = KeptAside.objects.filter(pk__in=keys).order_by("pk")
    for number, content in enumerate(contents.values_list("content", flat=True), 1):
        try:
            said = json.loads(unseal(content))
        except Unreadable:
            continue
        yield Row(number, tuple(said.get(name, "") for name in columns))
