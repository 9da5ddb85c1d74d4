"""A naive model of the rules: each question answered at one instant, straight from the prose.

It shares nothing with the rules but the shapes of their facts. Slow on purpose: no spans, no sweep.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER = 2**53 - 1


def microseconds(when):
    return (when - EPOCH) // timedelta(microseconds=1)


def local_date(t):
    return (EPOCH + timedelta(microseconds=t)).astimezone(LONDON).date()


def midnight(day):
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=LONDON))


def months_later(day, months):
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def runs_out(o, *, agency):
    months = o.agency_months if agency and o.agency_months is not None else o.months
    return midnight(months_later(local_date(o.at), months))


# R7


def is_competent(observations, reopenings, t, *, agency):
    def when(fact):
        return (fact.at, fact.seq)

    passes = [o for o in observations if o.outcome == "pass" and o.at <= t]
    if not passes:
        return False
    governs = max(passes, key=when)
    if t >= runs_out(governs, agency=agency):
        return False
    for o in observations:
        if o.outcome == "further_support" and o.at <= t and when(o) > when(governs):
            return False
    # Any pass after the reopening would govern instead, so it was not passed again.
    return not any(when(r) > when(governs) and r.at <= t and r.ends_at <= t for r in reopenings)


def competency_state(observations, reopenings, t, *, agency):
    seen = [o for o in observations if o.at <= t]
    if not seen:
        return None
    if is_competent(observations, reopenings, t, agency=agency):
        return "competent"
    last = max(seen, key=lambda o: (o.at, o.seq))
    return {"pass": "expired", "partial": "partly", "further_support": "failed"}[last.outcome]


# R5, R6, R8, R9, R10, R12, R13


class World:
    """Everything known of one post."""

    def __init__(self, post, plans, observations, reopenings, signoffs, permissions, restrictions):
        self.post = post
        self.plans = plans
        self.observations = observations
        self.reopenings = reopenings
        self.signoffs = signoffs
        self.permissions = permissions
        self.restrictions = restrictions

    def of(self, facts, competency):
        return [fact for fact in facts if fact.competency == competency]

    def failures(self):
        return [(o.competency, o.at) for o in self.observations if o.outcome == "further_support"]

    def plan(self, t):
        applying = [plan for plan in self.plans if plan.applies_from <= t]
        return max(applying, key=lambda plan: plan.number, default=None)

    def day_29(self):
        if self.post.go_live is None:
            return None
        return midnight(local_date(max(self.post.starts, self.post.go_live)) + timedelta(days=28))

    def rows(self, t):
        plan = self.plan(t)
        if plan is None:
            return []
        held = {code for start, until, code in self.post.responsibilities if start <= t < until}
        return [
            row
            for row in plan.requirements
            if row.job_role in ("", self.post.job_role)
            and row.setting in ("", self.post.setting)
            and (row.responsibility == "" or row.responsibility in held)
            and not (self.post.agency and not row.agency)
        ]

    def gates(self, t):
        day_29 = self.day_29()
        levels = {"CRIT"} if day_29 is None or t < day_29 else {"CRIT", "CORE"}
        return {row.competency for row in self.rows(t) if row.level.name in levels}

    def develops(self, t):
        return {row.competency for row in self.rows(t)} - self.gates(t)

    def competent(self, competency, t):
        return is_competent(
            self.of(self.observations, competency),
            self.of(self.reopenings, competency),
            t,
            agency=self.post.agency,
        )

    def all_met(self, t):
        gates = self.gates(t)
        return bool(gates) and all(self.competent(gate, t) for gate in gates)

    def open_restrictions(self, t):
        return [
            r for r in self.restrictions if r.at <= t and (r.lifted_at is None or t < r.lifted_at)
        ]

    def moments(self):
        """Every instant at which anything could change."""
        found = {self.post.starts}
        for o in self.observations:
            found |= {o.at, runs_out(o, agency=self.post.agency)}
        found |= {t for r in self.reopenings for t in (r.at, r.ends_at)}
        found |= {t for r in self.restrictions for t in (r.at, r.lifted_at)}
        found |= {t for p in self.permissions for t in (p.at, p.until, p.ended_at)}
        found |= {s.at for s in self.signoffs}
        found |= {plan.applies_from for plan in self.plans}
        found |= {t for start, until, _ in self.post.responsibilities for t in (start, until)}
        found.add(self.day_29())
        return sorted(t for t in found if t is not None)

    def sign_off_alive(self, t):
        for s in self.signoffs:
            if not self.post.starts <= s.at <= t:
                continue
            plan = self.plan(s.at)
            if plan is None or plan.number != s.plan:
                continue
            if any(s.at <= r.at <= t for r in self.restrictions):
                continue
            life = [x for x in self.moments() if s.at <= x <= t] + [t]
            if all(self.all_met(x) and not self.open_restrictions(x) for x in life):
                return True
        return False

    def standing_permissions(self, t):
        """In force, and each later than, and citing, every restriction open now."""
        found = []
        for p in self.permissions:
            if not p.at <= t < p.until or (p.ended_at is not None and p.ended_at <= t):
                continue
            if any(c in p.competencies and p.at <= at <= t for c, at in self.failures()):
                continue
            if all(
                r.seq in p.cites and (r.at, r.seq) < (p.at, p.seq)
                for r in self.open_restrictions(t)
            ):
                found.append(p)
        return found

    def readiness(self, t):
        permitted = bool(self.standing_permissions(t)) and bool(self.gates(t))
        if self.open_restrictions(t):
            return "supervised" if permitted else "restricted"
        if self.all_met(t) and self.sign_off_alive(t):
            return "independent"
        if permitted:
            return "supervised"
        if self.all_met(t):
            return "awaiting_sign_off"
        return "not_ready"

    def exists(self, t):
        return self.post.starts <= t < self.post.until


# The rota (R4, R9, R10, R13, R14, R21)


def cleared_at(t, *, person, rota_supervisor, worlds, on_shift, others):
    """Whether a person is cleared at one instant.

    `worlds` are the person's posts at the service; `others` the posts there of everybody who might
    supervise, by person; `on_shift` their shifts there.
    """
    current = [world for world in worlds if world.exists(t)]
    if not current:
        return False
    for world in current:
        state = world.readiness(t)
        if state == "independent":
            continue
        if state != "supervised":
            return False
        named = {s for p in world.standing_permissions(t) for s in p.supervisors} - {person}
        if rota_supervisor is not None:
            named &= {rota_supervisor}
        if not any(is_able(t, others.get(s, []), on_shift.get(s, [])) for s in named):
            return False
    return True


def is_able(t, worlds, shifts):
    current = [world for world in worlds if world.exists(t)]
    return (
        any(start <= t < until for start, until in shifts)
        and bool(current)
        and all(world.readiness(t) == "independent" for world in current)
    )
