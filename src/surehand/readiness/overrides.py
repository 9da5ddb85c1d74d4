"""What is said of an override: who answered for it, until when and why (R21)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from surehand.readiness.models import Override, OverrideEnd, ReadinessWords, Shift
from surehand.ui.formats import moment


@dataclass(frozen=True)
class Overridden:
    """One override, told. `until` is where it ends, earlier than planned if it was `ended`; the
    `reason` is empty once its words are erased."""

    entry: int
    person: int
    by: str
    on: datetime
    until: datetime
    reason: str
    ended: bool = False

    def __str__(self) -> str:
        said = f": “{self.reason}”" if self.reason else "."
        return f"Not cleared, overridden by {self.by} on {moment(self.on)}{said}"


def overrides_told(entries: Iterable[int | None]) -> dict[int, Overridden]:
    """Each of these overrides, by its entry; two statements."""
    wanted = {entry for entry in entries if entry is not None}
    if not wanted:
        return {}
    words = dict(ReadinessWords.objects.filter(entry__in=wanted).values_list("entry", "text"))
    found = Override.objects.filter(entry__in=wanted).select_related("by__identity", "end")
    return {o.entry: _told(o, words.get(o.entry, "")) for o in found}


def _told(override: Override, reason: str) -> Overridden:
    end = getattr(override, "end", None)
    return Overridden(
        entry=override.entry,
        person=override.by_id,
        by=str(override.by),
        on=override.recorded_at,
        until=min(override.ends_at, end.recorded_at) if end else override.ends_at,
        reason=reason,
        ended=end is not None,
    )


def ended_early(shift: Shift, posts: Collection[int]) -> OverrideEnd | None:
    """How the last override over this shift was ended before its time, if it was."""
    return (
        OverrideEnd.objects.filter(
            override__post__in=posts,
            override__starts_at__lte=shift.starts_at,
            override__ends_at__gte=shift.ends_at,
        )
        .select_related("by__identity")
        .order_by("entry")
        .last()
    )
