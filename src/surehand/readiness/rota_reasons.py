"""Why a shift has its answer, in a sentence, with the ledger entries it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from surehand.evidence.models import Entry
from surehand.people.roles import JOB_ROLES
from surehand.readiness import facts, queries, rules
from surehand.readiness.reasons import Names, headline, names_for
from surehand.readiness.rota import BECAUSE, Checked, RotaCheck
from surehand.readiness.rules import Because, Code, Explanation, Reason
from surehand.timeline import Instant, clip, instant, moment
from surehand.ui.formats import day, local, short_day, time
from surehand.ui.formats import moment as moment_words


@dataclass(frozen=True)
class Shown:
    """Something a sentence rests on, the ledger entry that shows it, and the name of its page."""

    text: str
    entry: int
    page: str = "entry"


@dataclass(frozen=True)
class Why:
    sentence: str
    evidence: tuple[Shown, ...] = ()
    unmet: tuple[int, ...] = ()  # the competencies missing


def whys(checked: Iterable[Checked], check: RotaCheck) -> dict[int, Why]:
    """Why each of these shifts has its answer, by the shift's key; a fixed number of statements."""
    checked = list(checked)
    told = {c.shift.pk: _explanation(c) for c in checked}
    names = names_for([why for _, why in told.values() if why])
    return {c.shift.pk: _why(c, *told[c.shift.pk], names, check) for c in checked}


def rota_entries(seqs: Iterable[int]) -> dict[int, datetime]:
    """When these ledger entries were recorded."""
    return dict(Entry.objects.filter(seq__in=set(seqs)).values_list("seq", "recorded_at"))


def _explanation(checked: Checked) -> tuple[facts.Case | None, Explanation | None]:
    """The state behind the answer, where it first fails (else where the shift starts): of the least
    permissive post."""
    at = checked.clearance.since
    at = instant(checked.shift.starts_at) if at is None else at
    found = [
        (case, queries.explain(case, checked.plans, at=at))
        for case in checked.cases
        if case.post.starts <= at < case.post.until
    ]
    if not found:
        return None, None
    least = rules.least_permissive(why.state for _, why in found)
    return next((case, why) for case, why in found if why.state is least)


def _why(
    checked: Checked,
    case: facts.Case | None,
    why: Explanation | None,
    names: Names,
    check: RotaCheck,
) -> Why:
    because = checked.clearance.because
    if because is Because.NO_POST:
        sentence = _no_post(checked)
    elif because in {Because.NO_SUPERVISOR, Because.SUPERVISOR_NOT_NAMED} and why:
        sentence = _unsupervised(checked, why, names, check)
    elif because in _TOLD_BY_READINESS and why:
        sentence = headline(why, names)
    else:
        sentence = BECAUSE[because]
    since = checked.clearance.since
    # The end of a post says its own day.
    if since and since > instant(checked.shift.starts_at) and because is not Because.NO_POST:
        sentence = f"From {_when(since, checked.shift.starts_at)}: {sentence}"
    if case is None or why is None:
        return Why(sentence)
    return Why(
        sentence,
        evidence=tuple(_evidence(case, why, names)),
        unmet=tuple(r.competency for r in why.reasons if r.code is Code.UNMET and r.competency),
    )


_TOLD_BY_READINESS = {
    Because.NOT_READY,
    Because.AWAITING_SIGN_OFF,
    Because.RESTRICTED,
    Because.SUPERVISED,
}


def _when(at: Instant, starts_at: datetime) -> str:
    same = local(moment(at)).date() == local(starts_at).date()
    return time(moment(at)) if same else f"{time(moment(at))} on {short_day(moment(at))}"


def _no_post(checked: Checked) -> str:
    shift = checked.shift
    start, until = instant(shift.starts_at), instant(shift.ends_at)
    for case in checked.cases:
        if start < case.post.until < until and case.post.agency:
            return f"The agency post here ends on {day(moment(case.post.until - 1))}."
        if start < case.post.until < until:
            return f"The post here ends on {day(moment(case.post.until - 1))}."
        if start < case.post.starts < until:
            return f"The post here starts on {day(moment(case.post.starts))}."
    what = f" as {JOB_ROLES[shift.job_role].title.lower()}" if shift.job_role in JOB_ROLES else ""
    return f"{shift.person} has no post{what} at {shift.service} on that day."


def _unsupervised(checked: Checked, why: Explanation, names: Names, check: RotaCheck) -> str:
    given = [
        names.permissions[r.seq or 0]
        for r in why.reasons
        if r.code is Code.PERMISSION and r.seq in names.permissions
    ]
    people = list(dict.fromkeys(p for permission in given for p in permission.supervisors))
    named = " or ".join(names.people.get(p, "somebody erased") for p in people)
    if checked.clearance.because is Because.SUPERVISOR_NOT_NAMED:
        rota = checked.shift.supervisor
        return f"May use the live system only beside {named}; the rota names {rota}."
    at = checked.clearance.since or instant(checked.shift.starts_at)
    here = [
        p for p in people if clip(check.on_shift.get((checked.shift.service_id, p), ()), at, at + 1)
    ]
    if here:
        missing = "who is on this shift but not independent"
    elif len(people) > 1:
        missing = "and none of them is on this shift then"
    else:
        missing = "who is not on this shift then"
    if at == instant(checked.shift.starts_at):
        missing = missing.removesuffix(" then")
    return f"May use the live system only beside {named}, {missing}."


def _evidence(case: facts.Case, why: Explanation, names: Names) -> Iterable[Shown]:
    for reason in why.reasons:
        shown = _shown(reason, names)
        if shown:
            yield shown
    missing = {r.competency for r in why.reasons if r.code is Code.UNMET}
    last = [
        max((o for o in observations), key=lambda o: (o.at, o.seq))
        for competency, observations in case.observations.items()
        if competency in missing and observations
    ]
    for observation in sorted(last, key=lambda o: -o.at)[:2]:
        text = f"{names.short(observation.competency)}, {short_day(moment(observation.at))}"
        yield Shown(text, observation.seq, page="assessment")


def _shown(reason: Reason, names: Names) -> Shown | None:
    seq = reason.seq
    if seq is None:
        return None
    for word, facts_by_seq in (
        ("Permission", names.permissions),
        ("Restriction", names.restrictions),
        ("Sign-off", names.sign_offs),
    ):
        if seq in facts_by_seq:
            return Shown(f"{word} of {short_day(facts_by_seq[seq].recorded_at)}", seq)
    return None


def rota_import(entry: int, recorded: dict[int, datetime]) -> Shown:
    """The import that brought in a row of the rota."""
    when = f", {moment_words(recorded[entry])}" if entry in recorded else ""
    return Shown(f"Rota import{when}", entry)
