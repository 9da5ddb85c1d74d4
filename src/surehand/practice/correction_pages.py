"""What the pages of spot checks and of practice elsewhere show of corrections and voids (R15)."""

from collections.abc import Callable
from dataclasses import dataclass

from surehand.evidence.refusal import why_not
from surehand.practice.models import Attempt, SpotCheck
from surehand.practice.spot_checks import reasons_of
from surehand.ui.formats import moment


@dataclass(frozen=True)
class Undone:
    """A way to correct or void; `refusal` says why not."""

    text: str
    href: str
    icon: str
    refusal: str


def ways(
    *, correct: str, may_correct: Callable[[], object], void: str, may_void: Callable[[], object]
) -> list[Undone]:
    """The ways that somebody may go; none where there is neither."""
    found = [
        Undone("Correct it", correct, "pencil", why_not(may_correct)),
        Undone("Void it", void, "circle-x", why_not(may_void)),
    ]
    return [one for one in found if not one.refusal]


def stands(recorded: Attempt | SpotCheck) -> str:
    """Where it does not count any more, why."""
    if hasattr(recorded, "void"):
        void = recorded.void
        reason = reasons_of([void.entry]).get(void.entry, "")
        said = f"This was voided by {void.by} on {moment(void.recorded_at)} and does not count."
        return f"{said} {reason}".strip()
    if hasattr(recorded, "superseded_by"):
        by, at = recorded.superseded_by.by, moment(recorded.superseded_by.recorded_at)
        return f"This was corrected by {by} on {at}. What counts is the corrected one."
    return ""


def corrected_rows(recorded: Attempt | SpotCheck) -> list[tuple[str, str]]:
    """That it takes the place of an earlier one, and why."""
    if recorded.supersedes_id is None:
        return []
    reason = reasons_of([recorded.entry]).get(recorded.entry, "")
    return [("Corrected", f"on {moment(recorded.recorded_at)}. {reason}".strip())]
