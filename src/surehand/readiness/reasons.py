"""Why, in a sentence a person can read, with the ledger entries it rests on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from surehand.competency.models import Check
from surehand.competency.queries import latest_checks
from surehand.people.models import Identity
from surehand.readiness.models import Restriction, SignOff
from surehand.readiness.rules import Code, Explanation, Reason, State, Why
from surehand.support.models import Permission
from surehand.timeline import FOREVER, Instant, moment
from surehand.ui.formats import day


@dataclass(frozen=True)
class Told:
    """One reason told: the sentence and the entry that shows it, if there is one."""

    sentence: str
    entry: int | None = None


_NOT_SHOWN = {
    Why.NEVER: "not shown yet",
    Why.PARTLY: "passed in part",
    Why.FAILED: "needs further support",
    Why.EXPIRED: "ran out",
}


@dataclass(frozen=True)
class Names:
    """The names behind the numbers of some explanations."""

    checks: Mapping[int, Check]
    people: Mapping[int, str]
    permissions: Mapping[int, Permission]
    sign_offs: Mapping[int, SignOff]
    restrictions: Mapping[int, Restriction]

    def short(self, competency: int) -> str:
        check = self.checks.get(competency)
        return check.short if check else f"competency {competency}"

    def supervisors(self, permission: Permission) -> str:
        names = [self.people.get(p, "somebody erased") for p in permission.supervisors]
        return " or ".join(names)


def names_for(explanations: Iterable[Explanation]) -> Names:
    """Everything the sentences need, in five statements."""
    found: dict[Code, set[int]] = {}
    for explanation in explanations:
        for reason in explanation.reasons:
            if reason.seq is not None:
                found.setdefault(reason.code, set()).add(reason.seq)
    permissions = {
        p.entry: p for p in Permission.objects.filter(entry__in=found.get(Code.PERMISSION, ()))
    }
    signed = found.get(Code.SIGNED_OFF, set()) | found.get(Code.SIGN_OFF_ENDED, set())
    supervisors = {s for p in permissions.values() for s in p.supervisors}
    return Names(
        checks=latest_checks(),
        people=dict(
            Identity.objects.filter(person__in=supervisors).values_list("person_id", "name")
        ),
        permissions=permissions,
        sign_offs={s.entry: s for s in SignOff.objects.filter(entry__in=signed)},
        restrictions={
            r.entry: r for r in Restriction.objects.filter(entry__in=found.get(Code.RESTRICTED, ()))
        },
    )


def tell(explanation: Explanation, names: Names) -> list[Told]:
    """Every reason in a sentence, the weightiest first."""
    told = []
    unmet = [r for r in explanation.reasons if r.code == Code.UNMET]
    developing = [r for r in explanation.reasons if r.code == Code.DEVELOP_OUTSTANDING]
    for reason in explanation.reasons:
        if reason.code not in {Code.UNMET, Code.DEVELOP_OUTSTANDING}:
            told.append(_tell_one(reason, names))
        elif reason is unmet[0] if unmet else False:
            told.append(Told(_unmet(unmet, names)))
    if developing:
        shorts = ", ".join(names.short(r.competency or 0) for r in developing)
        told.append(Told(f"Still to develop, without stopping live use: {shorts}."))
    return told


def headline(explanation: Explanation, names: Names) -> str:
    """The weightiest reason alone."""
    told = tell(explanation, names)
    return told[0].sentence if told else ""


def _tell_one(reason: Reason, names: Names) -> Told:
    code, seq = reason.code, reason.seq or 0
    if code == Code.NO_PLAN:
        return Told("No training assurance plan is in force yet.")
    if code == Code.NO_GATE:
        return Told("The plan asks nothing of this job role here, so nothing can be confirmed.")
    if code == Code.RESTRICTED and seq in names.restrictions:
        since = names.restrictions[seq].recorded_at
        return Told(f"Independent live use was stopped on {day(since)}.", seq)
    if code == Code.PERMISSION and seq in names.permissions:
        supervisors = names.supervisors(names.permissions[seq])
        until = f" until {last_day(reason.until)}" if reason.until is not None else ""
        return Told(f"May use the live system only beside {supervisors}{until}.", seq)
    if code == Code.SIGNED_OFF and seq in names.sign_offs:
        signed = day(names.sign_offs[seq].recorded_at)
        lasts = (
            f" Lasts until {last_day(reason.until)}." if reason.until not in {None, FOREVER} else ""
        )
        return Told(f"Signed off on {signed}.{lasts}", seq)
    if code == Code.SIGN_OFF_ENDED and seq in names.sign_offs:
        ended = day(moment(reason.until)) if reason.until is not None else ""
        return Told(f"An earlier sign-off ended on {ended}.", seq)
    if code == Code.AWAITING_SIGN_OFF:
        return Told("Every check needed is passed. The workforce lead’s sign-off is missing.")
    if code == Code.ENDS:
        return Told(
            f"“{names.short(reason.competency or 0)}” runs out on {last_day(reason.until)}."
        )
    return Told(code.value.replace("_", " ").capitalize() + ".", seq)


def _unmet(unmet: list[Reason], names: Names) -> str:
    if len(unmet) > 3:
        never = sum(r.why == Why.NEVER for r in unmet)
        if never == len(unmet):
            return f"{len(unmet)} competencies are not shown yet."
        rest = [r for r in unmet if r.why != Why.NEVER]
        worst = ", ".join(_one_unmet(r, names) for r in rest[:2])
        return f"{len(unmet)} competencies are missing, among them {worst}."
    return "; ".join(_one_unmet(r, names) for r in unmet) + "."


def _one_unmet(reason: Reason, names: Names) -> str:
    why = _NOT_SHOWN[reason.why or Why.NEVER]
    return f"“{names.short(reason.competency or 0)}” {why}"


def last_day(until: Instant | None) -> str:
    """The last day of a stretch that ends (exclusive) at `until`."""
    if until is None or until == FOREVER:
        return "further notice"
    return day(moment(until - 1))


STATE_KEYS: dict[State, str] = {
    State.INDEPENDENT: "independent",
    State.AWAITING_SIGN_OFF: "awaiting_sign_off",
    State.SUPERVISED: "supervised",
    State.NOT_READY: "not_ready",
    State.RESTRICTED: "restricted",
}
"""The key by which pages draw each state."""

STATE_WORDS: dict[State, str] = {
    State.INDEPENDENT: "Independent",
    State.AWAITING_SIGN_OFF: "Awaiting sign-off",
    State.SUPERVISED: "Supervised",
    State.NOT_READY: "Not ready",
    State.RESTRICTED: "Restricted",
}


def open_ended(until: Instant) -> datetime | None:
    """The end of a stretch as a moment; None for one that does not end."""
    return None if until == FOREVER else moment(until)
