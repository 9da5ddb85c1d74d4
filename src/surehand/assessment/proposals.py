"""What marking proposes of a finished check in practice. It is no outcome: an assessor judges."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from surehand.competency.models import Check
from surehand.practice.marking import Mark, Result, helped, proposed
from surehand.practice.queries import Replay


@dataclass(frozen=True)
class Proposal:
    """For one check, by criterion code: what is proposed as met or not met (what marking leaves to
    the assessor is not there), and the help that was given, counted. `note` begins the assessor's
    note with what was missing."""

    judged: Mapping[str, str]
    helped: Mapping[str, int]
    note: str


def proposal(shown: Replay, check: Check) -> Proposal:
    codes = [c["code"] for c in check.criteria]
    said = proposed(shown.marks, codes)
    times = helped(shown.marks, shown.steps, codes)
    return Proposal(
        {code: str(result) for code, result in said.items() if result is not None},
        times,
        _note(shown.marks, codes, times),
    )


def sentence(one: Mark) -> str:
    """What was found of one thing expected, in words."""
    if one.result == Result.MET:
        return one.expected.well
    return " ".join(one.because) or one.expected.fix


def _note(marks: Sequence[Mark], codes: Collection[str], times: Mapping[str, int]) -> str:
    missed = [
        sentence(one)
        for one in marks
        if one.result != Result.MET and set(one.expected.criteria) & set(codes)
    ]
    if missed:
        return f"Not shown in practice: {' '.join(missed)}"
    return "In practice, with help." if times else ""
