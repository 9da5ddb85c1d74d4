"""What the check page shows: the record with what screening drew attention to, the four questions
with what each answer means, and what was answered."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from surehand.audits.anchors import ANCHORS, KEYS, guidance, question_of
from surehand.audits.check_forms import NOWHERE, CheckForm, span_of
from surehand.audits.check_policies import LACKING
from surehand.audits.check_queries import Noted, Place
from surehand.audits.models import (
    Answer,
    Audit,
    Criterion,
    Escalation,
    EscalationTaken,
    Gap,
    RecordCheck,
)
from surehand.competency.themes import THEMES
from surehand.ecm.profile import Profile
from surehand.people.roles import in_words
from surehand.records.models import LiveRecord
from surehand.records.rows import Row
from surehand.records.signal_pages import Reason, what_of, whom_of
from surehand.ui.formats import day, local, moment, plural, short_day, time
from surehand.ui.page import Link, address

BLOCKS_AT_MOST = 60
"""More records than this are shown as a bar, and not one by one."""
ANSWER_KEYS = {Answer.MEETS: "M", Answer.PARTLY: "P", Answer.NOT: "N", Answer.NOT_APPLICABLE: "A"}
# The signals that are about when it was written, and where.
ABOUT_TIME = {"late_entry", "entry_before_event", "bulk_entry"}
ABOUT_PLACE = {"wrong_section"}
HIDDEN_AUTHOR = "Shown after you answer"


# --- How far it is --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """One record of the audit on the way: done, gaps (found by oneself), here or to do."""

    state: str
    says: str


@dataclass(frozen=True)
class Progress:
    """`at` of `all` records; `left` says how long the rest takes, where that is known."""

    at: int
    all: int
    blocks: tuple[Block, ...]
    left: str


_STATES = {
    "done": "checked",
    "gaps": "checked, with gaps",
    "here": "this one",
    "todo": "to be checked",
}


def progress(places: Sequence[Place], *, here: int | None, minutes: int | None) -> Progress:
    """How far an audit is for whoever asks; their own records are left out. `here`: the item looked
    at."""
    states = [
        "here"
        if place.item.pk == here
        else "gaps"
        if place.lacks
        else "todo"
        if place.open
        else "done"
        for place in places
        if not place.own
    ]
    done = sum(state in {"done", "gaps"} for state in states)
    return Progress(
        at=min(done + (here is not None), len(states)),
        all=len(states),
        blocks=tuple(Block(state, _STATES[state]) for state in states)
        if len(states) <= BLOCKS_AT_MOST
        else (),
        left=f"about {minutes} min left" if minutes else "",
    )


# --- The record -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """Something known of the record; `numbers` are of the reasons that point at it."""

    title: str
    value: str
    numbers: tuple[int, ...] = ()
    quiet: bool = False


def facts_of(
    record: LiveRecord, profile: Profile, reasons: Iterable[Reason], *, author: str
) -> list[Fact]:
    """Whom it is about, when it happened and was written, by whom (where that may be told)."""
    reasons = list(reasons)
    return [
        Fact("About", whom_of(Row(record=record))),
        Fact("Happened", time(record.occurred_at)),
        Fact("Written", written(record), _numbers(reasons, ABOUT_TIME)),
        Fact("Written by", author or HIDDEN_AUTHOR, quiet=not author),
    ]


def written(record: LiveRecord) -> str:
    """“07:52, 5 h 42 min later”, with the day where it is another than the event’s."""
    after = record.recorded_at - record.occurred_at
    minutes = round(abs(after).total_seconds() / 60)
    said = how_long(minutes)
    when = "at once" if not minutes else f"{said} {'later' if after.days >= 0 else 'before'}"
    same_day = local(record.recorded_at).date() == local(record.occurred_at).date()
    at = time(record.recorded_at)
    return f"{at if same_day else f'{short_day(record.recorded_at)}, {at}'}, {when}"


def how_long(minutes: int) -> str:
    """“5 h 42 min”, “2 days 3 h”."""
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(plural(days, "day"), days), (f"{hours} h", hours), (f"{minutes} min", minutes)]
    return " ".join([said for said, count in parts if count][:2])


def places_of(
    record: LiveRecord,
    profile: Profile,
    reasons: Iterable[Reason],
    fields: Iterable[tuple[str, str]],
) -> list[Fact]:
    """Where it stands, what it answers, and its structured fields."""
    section = next((one.title for one in profile.sections if one.code == record.section), "")
    found = [Fact("Section", section or "Its own place", _numbers(list(reasons), ABOUT_PLACE))]
    if record.responds_to:
        found.append(Fact("Answers to", record.responds_to))
    return found + [Fact(title, value, quiet=value == "Empty") for title, value in fields]


def _numbers(reasons: Collection[Reason], codes: Collection[str]) -> tuple[int, ...]:
    return tuple(reason.number for reason in reasons if reason.code in codes)


def sentences(text: str) -> list[tuple[str, str]]:
    """The sentences of a text to choose from: “start,length” and the words."""
    found = []
    for match in re.finditer(r"[^.!?\n]+[.!?]*", text):
        said = match.group()
        begins = match.start() + len(said) - len(said.lstrip())
        if said := said.strip():
            found.append((f"{begins},{len(said)}", said))
    return found


# --- The questions --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    id: str
    value: str
    text: str
    key: str
    chosen: bool
    means: str = ""


@dataclass(frozen=True)
class Question:
    """One criterion as it is asked: its answers, and what is asked where one is partly or not."""

    code: str
    number: int
    title: str
    asks: str
    guidance: tuple[str, ...]
    answers: list[Choice]
    themes: list[Choice]
    more: list[Choice]
    severities: list[Choice]
    shown: list[Choice]
    errors: tuple[str, ...]
    theme_errors: tuple[str, ...]

    @property
    def more_chosen(self) -> bool:
        return any(theme.chosen for theme in self.more)


def questions(
    form: CheckForm, *, record: LiveRecord, profile: Profile, setting: str
) -> list[Question]:
    found = []
    for number, (criterion, anchor) in enumerate(ANCHORS.items(), 1):
        first = [theme for theme in anchor.themes if theme in THEMES]
        rest = [theme for theme in THEMES if theme not in first]
        found.append(
            Question(
                code=criterion.value,
                number=number,
                title=criterion.label,
                asks=question_of(
                    criterion, record_type=record.record_type, profile=profile, setting=setting
                ),
                guidance=guidance(
                    criterion, record_type=record.record_type, profile=profile, setting=setting
                ),
                answers=[
                    Choice(
                        id=_id(form, criterion.value, place),
                        value=answer.value,
                        text=answer.label,
                        key=ANSWER_KEYS[answer],
                        chosen=_said(form, criterion.value) == answer,
                        means=anchor.answers[answer],
                    )
                    for place, answer in enumerate(Answer)
                ],
                themes=_themes(form, criterion, first, 0),
                more=_themes(form, criterion, rest, len(first)),
                severities=[
                    Choice(
                        id=_id(form, f"{criterion}-severity", place),
                        value=severity.value,
                        text=severity.label,
                        key="V",
                        chosen=(_said(form, f"{criterion}-severity") or Gap.Severity.MINOR)
                        == severity,
                    )
                    for place, severity in enumerate(Gap.Severity)
                ],
                shown=_shown(form, criterion),
                errors=tuple(map(str, form[criterion.value].errors)),
                theme_errors=tuple(map(str, form[f"{criterion}-theme"].errors)),
            )
        )
    return found


def _id(form: CheckForm, name: str, place: int) -> str:
    # The first has the field's own id, so that an error can link to it.
    return f"id_{name}" if place == 0 else f"id_{name}-{place}"


def _said(form: CheckForm, name: str) -> str:
    return str(form[name].value() or "")


def _themes(
    form: CheckForm, criterion: Criterion, codes: Sequence[str], before: int
) -> list[Choice]:
    name = f"{criterion}-theme"
    chosen = form[name].value() or []
    return [
        Choice(
            id=_id(form, name, before + place),
            value=code,
            text=THEMES[code].title,
            key=KEYS[code],
            chosen=code in chosen,
            means=THEMES[code].missing,
        )
        for place, code in enumerate(codes)
    ]


def _shown(form: CheckForm, criterion: Criterion) -> list[Choice]:
    name = f"{criterion}-shown"
    said = _said(form, name)
    options = [NOWHERE, *form.spans]
    if said and said not in dict(options):
        options.append((said, "The words you chose"))
    return [Choice("", value, text, "", value == said) for value, text in options]


# --- What was answered ----------------------------------------------------------------------------


@dataclass(frozen=True)
class GapLine:
    theme: str
    severity: str
    quoted: str
    missing: str
    urgent: bool


@dataclass(frozen=True)
class AnswerLine:
    title: str
    answer: str
    tone: str
    icon: str
    gaps: list[GapLine]


@dataclass(frozen=True)
class Answered:
    """One check that holds, with what was found."""

    check: RecordCheck
    title: str
    by: str
    when: datetime
    entry: int
    proof: str
    lines: list[AnswerLine]
    note: str
    reason: str


_LOOKS = {
    Answer.MEETS: ("independent", "circle-check"),
    Answer.PARTLY: ("supervised", "circle-dot-dashed"),
    Answer.NOT: ("not_ready", "circle-x"),
    Answer.NOT_APPLICABLE: ("plain", "circle-minus"),
}


def answered(
    check: RecordCheck, gaps: Iterable[Gap], noted: Noted, *, text: str, twice: bool
) -> Answered:
    gaps = list(gaps)
    return Answered(
        check=check,
        title=("The second check" if check.second else "The first check")
        if twice
        else "What was found",
        by=str(check.by),
        when=check.happened_at,
        entry=check.entry,
        proof=address("entry", check.entry),
        lines=lines_of(check, gaps, text),
        note=noted.note,
        reason=noted.reason,
    )


def lines_of(check: RecordCheck, gaps: Iterable[Gap], text: str) -> list[AnswerLine]:
    """A line for each answer, with the gaps under it and the words of the text that show them."""
    gaps = list(gaps)
    lines = []
    for criterion in Criterion:
        answer = getattr(check, criterion)
        said = Answer(answer).label if answer in Answer else "Not answered"
        lines.append(
            AnswerLine(
                criterion.label,
                said,
                *_LOOKS.get(answer, _LOOKS[Answer.NOT_APPLICABLE]),
                [
                    GapLine(
                        THEMES[gap.theme].title if gap.theme in THEMES else gap.theme,
                        gap.get_severity_display(),
                        text[gap.start : gap.start + gap.length] if gap.length else "",
                        THEMES[gap.theme].missing if gap.theme in THEMES else "",
                        gap.severity == Gap.Severity.IMMEDIATE,
                    )
                    for gap in gaps
                    if gap.criterion == criterion
                ],
            )
        )
    return lines


# --- What was entered and could not be saved ------------------------------------------------------

NOT_SAVED = "What you entered was not saved; it stays on this page until you leave it."


@dataclass(frozen=True)
class Entered:
    """What an auditor entered that was not saved, and why. `risk`: somebody may be at risk by it,
    of which nobody was told."""

    says: str
    lines: list[AnswerLine]
    note: str
    reason: str
    risk: bool


def entered(form: CheckForm, *, text: str, says: str) -> Entered:
    """Whatever of the form was filled in, complete or not."""
    check = RecordCheck(
        **{criterion.value: _said(form, criterion.value) for criterion in Criterion}
    )
    gaps = [
        Gap(
            criterion=criterion.value,
            theme=theme,
            severity=_said(form, f"{criterion}-severity") or Gap.Severity.MINOR,
            start=(span := span_of(_said(form, f"{criterion}-shown")))[0],
            length=span[1],
        )
        for criterion in Criterion
        if getattr(check, criterion) in LACKING
        for theme in form[f"{criterion}-theme"].value()
    ]
    return Entered(
        says=says,
        lines=lines_of(check, gaps, text),
        note=_said(form, "note"),
        reason=str(form.data.get("reason", "")),
        risk=any(gap.severity == Gap.Severity.IMMEDIATE for gap in gaps),
    )


def checked_meanwhile(checks: Sequence[RecordCheck]) -> str:
    """That colleagues saved theirs first, and what whoever sees it otherwise can do."""
    who = in_words([str(check.by) for check in checks])
    return (
        f"{who} checked this record while you had it open, and a record counts once. {NOT_SAVED} "
        f"If you see it otherwise, talk to {who}, who can change the answers, or to the registered "
        "manager, who can void the check."
    )


def elsewhere(place: Place) -> str:
    """That a colleague has the record open too; nothing where nobody has."""
    row = place.elsewhere
    if row is None:
        return ""
    return (
        f"{row.person} opened this record at {time(row.at)} and may be checking it now. Whoever "
        "saves first counts; what the other entered stays on the page."
    )


@dataclass(frozen=True)
class Risk:
    """An immediate risk that was told: what is missing, the auditor’s note, to whom, and what was
    done."""

    pk: int
    title: str
    note: str
    told: str
    when: datetime
    done: str
    done_by: str


def risks(
    found: Iterable[Escalation],
    taken: Mapping[int, EscalationTaken],
    gaps: Mapping[int, Sequence[Gap]],
    noted: Mapping[int, Noted],
    words: Mapping[int, str],
) -> list[Risk]:
    """`taken` by risk; `gaps` and `noted` by check; `words` are what was done, by entry."""
    lines = []
    for each in found:
        done = taken.get(each.pk)
        check = each.gap.check_of_id
        immediate = [g.theme for g in gaps[check] if g.severity == Gap.Severity.IMMEDIATE]
        lines.append(
            Risk(
                pk=each.pk,
                title=in_words(
                    [THEMES[code].title if code in THEMES else code for code in immediate]
                ),
                note=noted[check].note,
                told=f"Told to {each.to}"
                if each.to
                else "Nobody holds the registered manager’s access here: the provider must act",
                when=each.recorded_at,
                done=words.get(done.entry, "") if done else "",
                done_by=f"{done.by}, {moment(done.recorded_at)}" if done else "",
            )
        )
    return lines


# --- The worklist ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class AuditLine:
    """One audit as it waits for whoever asks."""

    title: str
    says: str
    late: bool
    open: int
    progress: Progress
    link: Link | None


def says(*, waiting: int, due: date, mine: int, own: int, unreadable: int) -> str:
    """What there is to say of an audit, for whoever asks."""
    said = [
        f"{plural(waiting, 'record')} {'waits' if waiting == 1 else 'wait'} for you, by "
        f"{short_day(due)}."
        if waiting
        else "Nothing more waits for you here."
    ]
    if mine:
        said.append(f"You checked {mine:,}.")
    if own:
        said.append(
            "One is yours: a colleague checks it."
            if own == 1
            else f"{own:,} are yours: a colleague checks them."
        )
    if unreadable:
        said.append(f"{unreadable:,} can no longer be read.")
    return " ".join(said)


def title_of(audit: Audit) -> str:
    """“Alder House, 9 to 15 November 2026”."""
    last = audit.until - timedelta(microseconds=1)
    return f"{audit.service}, {short_day(audit.since)} to {day(last)}"


NUMBERS = ("nothing", "one thing", "two things", "three things", "four things", "five things")


def drew(reasons: Sequence[Reason]) -> str:
    """“Screening drew attention to three things”."""
    count = len(reasons)
    return f"Screening drew attention to {NUMBERS[count] if count < 6 else f'{count} things'}"


def lede(waiting: int, minutes: int | None) -> str:
    if not waiting:
        return "Nothing waits for you here."
    said = f"{plural(waiting, 'record')} {'waits' if waiting == 1 else 'wait'} for you"
    return f"{said}, about {plural(minutes, 'minute')} at your pace." if minutes else f"{said}."


def what(record: LiveRecord, profile: Profile) -> str:
    return what_of(Row(record=record), profile)
