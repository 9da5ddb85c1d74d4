"""What was found in one’s own records, in plain words: about the record, never about the person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from surehand.audits.cause_pages import Said, record_type_of, section_of
from surehand.audits.cause_queries import causes_of, notes_of, replies_to, words_of
from surehand.audits.checked import Checked
from surehand.audits.finding_queries import lacks
from surehand.audits.models import Answer, Cause, Criterion
from surehand.competency.themes import THEMES, Theme
from surehand.ecm.profile import Profile
from surehand.people.models import Service
from surehand.records.models import LiveRecord
from surehand.ui.page import address

ASKED = {
    Criterion.COMPLETE: "All that is needed is there",
    Criterion.TIMELY: "Written in time",
    Criterion.PERSON_SPECIFIC: "About this person, on this day",
    Criterion.RIGHT_SECTION: "In the right place",
}
ANSWERED = {
    Answer.MEETS: "Yes",
    Answer.PARTLY: "Partly",
    Answer.NOT: "Not yet",
    Answer.NOT_APPLICABLE: "Does not apply here",
}
NEXT = {
    None: "Your manager looks at why it happened. It may be the system, the training, or the day.",
    Cause.Kind.TRAINING: "This is about training. Your manager plans a short refresher.",
    Cause.Kind.WORKFLOW: "The system makes this hard. Its supplier is asked to change it. "
    "Nothing is held against you.",
    Cause.Kind.PRACTICE: "Somebody will sit with you and go through it. That is help, not a mark.",
    Cause.Kind.UNSURE: "Your manager is not sure why yet, and looks again within two weeks.",
}


@dataclass(frozen=True)
class Missing:
    """One thing that was missing, with a good example, and what happens next."""

    theme: Theme
    then: str


@dataclass(frozen=True)
class Line:
    """One record of one’s own that was checked, and what was found in it."""

    check: int
    when: datetime
    what: str
    place: str
    good: list[str]
    answers: list[tuple[str, str]]
    missing: list[Missing]
    noted: str
    replies: tuple[Said, ...]
    href: str
    new: bool


def lines_of(
    records: Sequence[Checked],
    *,
    profiles: Mapping[str, Profile],
    services: Mapping[int, Service],
    new: frozenset[int],
    at: datetime,
) -> list[Line]:
    """These records, each in words; a fixed number of statements."""
    decided = causes_of([gap.gap for each in records for gap in each.gaps], at=at)
    replies = replies_to([each.check for each in records], at=at)
    words = words_of(r.entry for found in replies.values() for r in found)
    notes = notes_of([each.check for each in records])
    kept = {
        (record, version): pk
        for pk, record, version in LiveRecord.objects.filter(
            record_id__in=[each.record_id for each in records]
        ).values_list("pk", "record_id", "version")
    }
    found = []
    for each in records:
        profile = profiles[services[each.service].setting]
        pk = kept.get((each.record_id, each.version))
        asked = list(zip(Criterion, map(Answer, each.answers), strict=True))
        found.append(
            Line(
                check=each.check,
                when=each.written_at,
                what=record_type_of(profile, each.record_type),
                place=", ".join(
                    part
                    for part in (section_of(profile, each.section), str(services[each.service]))
                    if part
                ),
                good=[ASKED[c] for c, answer in asked if answer is Answer.MEETS],
                answers=[(ASKED[c], ANSWERED[answer]) for c, answer in asked],
                missing=[Missing(THEMES[g.theme], _then(decided.get(g.gap))) for g in each.gaps],
                noted=notes[each.check] if lacks(each) else "",
                replies=tuple(
                    Said(words[r.entry], "You", r.happened_at)
                    for r in replies.get(each.check, ())
                    if r.entry in words
                ),
                href=address("records-of-record", pk) if pk else "",
                new=each.check in new,
            )
        )
    return found


def _then(cause: Cause | None) -> str:
    return NEXT[Cause.Kind(cause.why) if cause else None]
