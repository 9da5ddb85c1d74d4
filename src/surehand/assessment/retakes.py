"""A partial pass is completed by judging again only what kept it from a pass (R7)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from surehand.assessment.models import Assessment
from surehand.competency import rules
from surehand.timeline import instant, london_date


@dataclass(frozen=True)
class Judged:
    """A whole check as judged: criterion code → met or not_met, and code → times helped."""

    judgements: dict[str, str]
    help_given: dict[str, int]

    def judged_again(self, judgements: dict[str, str], help_given: dict[str, int]) -> "Judged":
        """With some criteria judged again; the help once given on those counts no more."""
        kept = {c: n for c, n in self.help_given.items() if c not in judgements}
        return Judged({**self.judgements, **judgements}, {**kept, **help_given})


def whole(assessment: Assessment) -> Judged:
    """The whole check: a retake laid over the partial pass it completes."""
    if assessment.retakes is None:
        return Judged(assessment.judgements, assessment.help_given)
    return whole(assessment.retakes).judged_again(assessment.judgements, assessment.help_given)


def until(assessment: Assessment) -> date:
    """The last day (London) on which the whole check may be completed by a retake."""
    while assessment.retakes is not None:
        assessment = assessment.retakes
    return _day(assessment.happened_at) + timedelta(days=rules.RETAKE_WITHIN_DAYS)


def to_judge_again(partial: Assessment, *, at: datetime) -> tuple[str, ...]:
    """The codes of the criteria a retake at `at` judges again; empty when there can be none."""
    judged = whole(partial)
    return rules.retakable(
        criteria(partial),
        judged.judgements,
        judged.help_given,
        days_since=rules.RETAKE_WITHIN_DAYS - (until(partial) - _day(at)).days,
    )


def _day(moment: datetime) -> date:
    return london_date(instant(moment))


def criteria(assessment: Assessment) -> list[rules.Criterion]:
    """The criteria of the check version that was used."""
    return [rules.Criterion(**c) for c in assessment.check_version.criteria]
