"""Why gaps of one theme may have arisen (2.4). Pure: what is known goes in, a suggestion comes out.

A suggestion says what speaks for each cause and what against it. The registered manager decides;
nothing here looks at what screening noticed, and no sentence says anything of a person by name.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

FEWEST_GAPS = 3
"""Of fewer gaps nothing is suggested: read two more, watch once."""
MANY_PEOPLE = 3
"""So many people whose check is passed, in one place, are no matter of one person."""
MANY_STUCK = 3
"""So many people who ask the same in live use cannot find it."""
MANY_SUPPORTS = 2
"""After so many support actions more of the same does not help."""
NEW_DAYS = 28
"""So many days after the start of a post somebody is new there."""
WEEKS_BACK = 12
"""So far back questions and records of others are looked at."""
SURE, UNSURE_OF_IT = 4, 2
"""From 4 somebody is sure, up to 2 they are not (1 to 5)."""


class Why(StrEnum):
    TRAINING = "training"
    WORKFLOW = "workflow"
    PRACTICE = "practice"
    UNSURE = "unsure"


class Standing(StrEnum):
    """How somebody stood in the theme's check when they wrote."""

    CURRENT = "current"
    EXPIRED = "expired"
    NEVER = "never"


Place = tuple[str, str]
"""Where in the ECM system: the codes of the record type and of the section."""


@dataclass(frozen=True)
class Seen:
    """A gap in one record, and how whoever wrote it stood at that moment. `person` is a human
    (merged people are one), None where that is not known; `supports` how many support actions on
    this they had had by then."""

    gap: int
    place: Place
    criterion: str
    person: int | None
    standing: Standing = Standing.CURRENT
    agency: bool = False
    new: bool = False
    supports: int = 0

    @property
    def prepared(self) -> bool:
        """Whether whoever wrote it had been shown, was checked, and is no newcomer."""
        return (
            self.person is not None
            and self.standing is Standing.CURRENT
            and not self.agency
            and not self.new
        )


@dataclass(frozen=True)
class Known:
    """What speaks for one cause or another.

    `without` are the people whose records of a place were checked and lack nothing of this theme.
    `tried` and `missed` are those with these gaps who practised it, and who missed it then.
    `asked` are those who were stuck on it in live use, `questions` how often. `sure` is how sure
    people say they are (1 to 5).
    """

    seen: tuple[Seen, ...]
    without: Mapping[Place, Collection[int]] = field(default_factory=dict)
    tried: int = 0
    missed: int = 0
    asked: int = 0
    questions: int = 0
    sure: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for a cause, or against it. `numbers` are what its sentence counts;
    `place` is where, if it is about one place."""

    code: str
    speaks_for: Why | None = None
    against: Why | None = None
    numbers: tuple[int, ...] = ()
    place: Place | None = None


@dataclass(frozen=True)
class Suggestion:
    """`person` is the human of an individual practice."""

    why: Why
    reasons: tuple[Reason, ...]
    person: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the cause: codes and numbers, and nobody in it."""
        return {
            "why": self.why.value,
            "reasons": [
                {
                    "code": r.code,
                    "for": r.speaks_for.value if r.speaks_for else "",
                    "against": r.against.value if r.against else "",
                    "numbers": list(r.numbers),
                    "place": list(r.place or ()),
                }
                for r in self.reasons
            ],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` kept; nothing suggests nothing."""
        return cls(
            Why(kept.get("why", Why.UNSURE.value)),
            tuple(
                Reason(
                    r["code"],
                    Why(r["for"]) if r["for"] else None,
                    Why(r["against"]) if r["against"] else None,
                    tuple(r["numbers"]),
                    (r["place"][0], r["place"][1]) if r["place"] else None,
                )
                for r in kept.get("reasons", ())
                if r["code"] in _SAID
            ),
        )

    @property
    def for_it(self) -> list[Reason]:
        return [r for r in self.reasons if r.speaks_for is self.why]

    @property
    def beside_it(self) -> list[Reason]:
        """What speaks against it, or for another cause."""
        return [r for r in self.reasons if r.speaks_for is not self.why]


def suggest(known: Known) -> Suggestion:
    """What these gaps look like. The system is asked before training, and training before a
    person: whoever could not have done it right is not to be told to try harder."""
    workflow, training = _workflow(known), _training(known)
    person, practice = _practice(known)
    reasons = (*_count(known), *workflow, *training, *practice)
    if len(known.seen) < FEWEST_GAPS:
        return Suggestion(Why.UNSURE, reasons)
    if any(r.code in {"same_place", "stuck"} for r in workflow):
        return Suggestion(Why.WORKFLOW, reasons)
    if any(r.code in {"unprepared", "practice_missed"} for r in training):
        return Suggestion(Why.TRAINING, reasons)
    if person is not None:
        return Suggestion(Why.PRACTICE, reasons, person)
    return Suggestion(Why.UNSURE, reasons)


def _count(known: Known) -> list[Reason]:
    found = []
    if len(known.seen) < FEWEST_GAPS:
        found.append(Reason("few", Why.UNSURE, numbers=(len(known.seen),)))
    if unknown := sum(seen.person is None for seen in known.seen):
        found.append(Reason("unknown", Why.UNSURE, numbers=(unknown,)))
    return found


def _workflow(known: Known) -> list[Reason]:
    people: dict[tuple[Place, str], set[int]] = defaultdict(set)
    for seen in known.seen:
        if seen.prepared and seen.person is not None:
            people[seen.place, seen.criterion].add(seen.person)
    found = []
    for (place, _), them in sorted(people.items(), key=lambda each: (-len(each[1]), each[0])):
        if len(them) >= MANY_PEOPLE:
            found.append(
                Reason("same_place", Why.WORKFLOW, Why.PRACTICE, (len(them),), place=place)
            )
            break
    if known.asked >= MANY_STUCK:
        found.append(Reason("stuck", Why.WORKFLOW, numbers=(known.asked, known.questions)))
    elif known.questions:
        found.append(Reason("asked", Why.TRAINING, numbers=(known.asked, known.questions)))
    return found


def _training(known: Known) -> list[Reason]:
    named = [seen for seen in known.seen if seen.person is not None]
    unprepared = [seen for seen in named if not seen.prepared]
    found = []
    if unprepared:
        # Half of the gaps make a cause; fewer are told, and decide nothing.
        much = 2 * len(unprepared) >= len(named)
        code = "unprepared" if much else "some_unprepared"
        found.append(
            Reason(code, Why.TRAINING, Why.PRACTICE, numbers=(len(unprepared), len(named)))
        )
        for code, them in (
            ("new", [s for s in named if s.new]),
            ("agency", [s for s in named if s.agency]),
            ("never", [s for s in named if s.standing is Standing.NEVER]),
            ("expired", [s for s in named if s.standing is Standing.EXPIRED]),
        ):
            if people := {s.person for s in them}:
                found.append(Reason(code, Why.TRAINING, numbers=(len(people),)))
    elif named:
        found.append(Reason("prepared", None, Why.TRAINING, numbers=(len(named),)))
    if known.tried:
        missed = 2 * known.missed >= known.tried and known.tried >= MANY_PEOPLE
        if missed:
            found.append(
                Reason("practice_missed", Why.TRAINING, numbers=(known.missed, known.tried))
            )
        else:
            found.append(
                Reason(
                    "practice_met", None, Why.TRAINING, (known.tried - known.missed, known.tried)
                )
            )
    return found


def _practice(known: Known) -> tuple[int | None, list[Reason]]:
    """Whose practice it may be: the one person who has all of these gaps although they were
    prepared, while others manage, and who does not say that they are unsure."""
    people = {seen.person for seen in known.seen}
    places = Counter(seen.place for seen in known.seen)
    managing = {p for place in places for p in known.without.get(place, ())} - people
    found = []
    if places:
        others = len(managing)
        if others >= MANY_PEOPLE:
            found.append(Reason("others_manage", Why.PRACTICE, Why.WORKFLOW, (others,)))
        else:
            found.append(Reason("others_unknown", None, Why.PRACTICE, (others,)))
    if len(people) != 1 or None in people:
        if len(people - {None}) > 1:
            found.append(Reason("several", None, Why.PRACTICE, (len(people - {None}),)))
        return None, found
    (person,) = people
    assert person is not None
    supports = max(seen.supports for seen in known.seen)
    if all(seen.prepared for seen in known.seen):
        found.append(Reason("after_pass", Why.PRACTICE, numbers=(len(known.seen),)))
    if supports:
        found.append(
            Reason(
                "supports",
                Why.PRACTICE if supports >= MANY_SUPPORTS else Why.TRAINING,
                numbers=(supports,),
            )
        )
    sure = known.sure.get(person)
    if sure is not None and sure >= SURE:
        found.append(Reason("sure", Why.PRACTICE, numbers=(sure,)))
    elif sure is not None and sure <= UNSURE_OF_IT:
        found.append(Reason("not_sure", Why.TRAINING, Why.PRACTICE, (sure,)))
    theirs = (
        len(managing) >= MANY_PEOPLE
        and all(seen.prepared for seen in known.seen)
        and (sure is None or sure > UNSURE_OF_IT)
    )
    return (person if theirs else None), found


# --- In words -------------------------------------------------------------------------------------


def sentence(reason: Reason, *, where: str = "") -> str:
    """The reason as people read it; `where` is its place in words."""
    return _SAID[reason.code](where, *reason.numbers)


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _gaps(count: int) -> str:
    return f"{count:,} {'gap' if count == 1 else 'gaps'}"


_SAID: dict[str, Callable[..., str]] = {
    "few": lambda where, n: (
        f"Only {n:,} {'record shows' if n == 1 else 'records show'} it so far. Read two more, and "
        "watch once."
    ),
    "unknown": lambda where, n: (
        f"Who wrote {n:,} of the records is not known, or the account was shared."
    ),
    "same_place": lambda where, n: (
        f"{_people(n)} whose check was passed and current left it out in the same place: {where}."
    ),
    "stuck": lambda where, n, questions: (
        f"{_people(n)} were stuck on it in live use, {questions:,} times in {WEEKS_BACK} weeks."
    ),
    "asked": lambda where, n, questions: (
        f"{_people(n)} asked about it in live use, {questions:,} "
        f"{'time' if questions == 1 else 'times'} in {WEEKS_BACK} weeks."
    ),
    "unprepared": lambda where, n, of: (
        f"{n:,} of {_gaps(of)} are in records of people who were new, came from an agency, or had "
        "no current pass when they wrote."
    ),
    "some_unprepared": lambda where, n, of: (
        f"{n:,} of {_gaps(of)} {'is' if n == 1 else 'are'} in records of people who were new, came "
        "from an agency, or had no current pass when they wrote."
    ),
    "new": lambda where, n: f"{_people(n)} had been in post for less than {NEW_DAYS} days.",
    "agency": lambda where, n: f"{_people(n)} came from an agency.",
    "never": lambda where, n: f"{_people(n)} had never passed the check.",
    "expired": lambda where, n: f"The check of {_people(n)} had run out or was failed.",
    "prepared": lambda where, n: (
        "Everybody who wrote these records had passed the check, and it was current."
    ),
    "practice_missed": lambda where, n, of: (
        f"{n:,} of {_people(of)} missed it when they practised."
    ),
    "practice_met": lambda where, n, of: (
        f"{n:,} of {_people(of)} did it right when they practised."
    ),
    "others_manage": lambda where, n: (
        f"{_people(n)} wrote the same kind of record in the same place without this gap."
    ),
    "others_unknown": lambda where, n: (
        f"Records of {n:,} other {'person' if n == 1 else 'people'} in the same place were checked "
        "and had no such gap: too few to know whether others manage."
        if n
        else "Nobody else’s records in the same place were checked without this gap, so whether "
        "others manage is not known."
    ),
    "several": lambda where, n: f"It is in the records of {_people(n)}, not of one.",
    "after_pass": lambda where, n: (
        f"{'It is in a record' if n == 1 else f'All {n:,} are in records'} of one person, written "
        "after the check was passed."
    ),
    "supports": lambda where, n: (
        f"It came again after {n:,} support {'action' if n == 1 else 'actions'} on it."
    ),
    "sure": lambda where, n: f"They say they are sure of it ({n} of 5).",
    "not_sure": lambda where, n: f"They say they are not sure of it ({n} of 5).",
}

TITLES = {
    Why.WORKFLOW: "Workflow design",
    Why.TRAINING: "Training",
    Why.PRACTICE: "Individual practice",
    Why.UNSURE: "Not sure yet",
}

NEXT = {
    Why.WORKFLOW: "Write a change request for the ECM system. It is no mark against anybody.",
    Why.TRAINING: "Plan a refresher of 10 to 15 minutes for those it is for.",
    Why.PRACTICE: "Coach this one person. Whatever belongs to employment stays outside Surehand.",
    Why.UNSURE: "Read two more records, watch once, and decide within 14 days.",
}

ASK = (
    (
        "Could the system do it?",
        "On that shift, with that device: is the field there, can it be found, was there time?",
    ),
    (
        "Were they shown, checked and current?",
        "Look at the check when each record was written, not today.",
    ),
    (
        "Do others manage?",
        "Look at records of the same kind and section by other people.",
    ),
    (
        "What do they say?",
        "Ask whoever wrote it, and read their reply. They know what the record does not.",
    ),
)
"""What to ask before one says why, each with how."""
