"""The only writer of attempts. While one is played its steps go into a draft, one cheap update
each; when it ends they become facts, in one act."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from surehand import evidence
from surehand.competency.queries import checks_in_force
from surehand.evidence import canonical
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import same_human
from surehand.practice import policies, queries
from surehand.practice.marking import mark
from surehand.practice.models import (
    Attempt,
    AttemptEnd,
    AttemptStep,
    Playing,
    PracticeSession,
    ScenarioVersion,
    StepWords,
    Where,
)
from surehand.practice.play import BESIDE, Did, Play, Step, now_after, play, problem_with
from surehand.practice.queries import Going, Playable
from surehand.practice.typed import apart, tidied

FASTER = "Another page was faster. Try again."


def check_may_start(
    *, by: By, person: Person, service: Service, playable: Playable, mode: str
) -> None:
    """People practise for themselves, where they have a post. A check is begun by the person where
    the plan allows it, or by an assessor of the service; never for oneself as an assessor (R14).
    Raises NotPermitted or NotPossible."""
    now = evidence.clock.now()
    alone = by.is_self(person.pk)
    if not alone:
        if mode != Attempt.Mode.CHECK:
            raise NotPermitted("People practise for themselves. You can begin a check with them.")
        check_may(by, Action.ASSESS, service=service.pk)
        check_not_self(by, person.pk, Action.ASSESS)
    who = "You" if alone else str(person)
    posts = [one.post for one in queries.working(same_human(person.pk), at=now)]
    policies.check_has_post(posts, service, who=who)
    policies.check_setting(playable.scenario, service.setting)
    if alone and mode == Attempt.Mode.CHECK:
        policies.check_alone(playable.scenario, checks_in_force(at=now).values())


def start_attempt(
    *, by: By, person: Person, service: Service, code: str, mode: Attempt.Mode
) -> Attempt:
    """Begin a go at the newest version of a scenario. Every check begun counts. Raises NotPermitted
    or NotPossible."""
    playable = queries.scenarios().get(code)
    if playable is None:
        raise NotPossible("There is no such scenario. Choose one from the list.")
    check_may_start(by=by, person=person, service=service, playable=playable, mode=mode)
    return begin(by=by, person=person, service=service, playable=playable, mode=mode)


def begin(
    *,
    by: By,
    person: Person,
    service: Service,
    playable: Playable,
    mode: Attempt.Mode,
    session: PracticeSession | None = None,
) -> Attempt:
    """Record the start of a go that may be begun, and keep where it stands from now on. Raises
    NotPossible for somebody in the middle of this scenario."""
    who = "You" if by.is_self(person.pk) else str(person)
    scenario = playable.scenario
    with evidence.act("practice.started", by=by.actor) as act:
        begun = Playing.objects.filter(
            attempt__person__in=same_human(person.pk), attempt__scenario__code=scenario.code
        )
        policies.check_none_begun(begun.exists(), who=who)
        act.about(person.pseudonym)
        attempt = Attempt(
            person=person,
            service=service,
            scenario=kept_version(act, playable),
            profile=queries.named(queries.profile_for(playable, at=act.recorded_at)),
            mode=mode,
            by_id=by.acting(),
            session=session,
        )
        act.record(attempt)
        act.state(
            scenario=f"{scenario.code} {scenario.version}", mode=str(mode), service=service.code
        )
        if session is not None:
            act.state(session=session.entry)
        Playing.objects.create(attempt=attempt, seen_at=act.recorded_at)
    return attempt


def kept_version(
    act: evidence.Act,
    playable: Playable,
    *,
    where: Where = Where.HERE,
    by: int | None = None,
) -> ScenarioVersion:
    """The version as a fact: recorded with its document when it is first played; `where` and `by`
    for a title of the vendor's own."""
    scenario = playable.scenario
    kept = ScenarioVersion.objects.filter(code=scenario.code, version=scenario.version).first()
    if kept is not None:
        return kept
    return act.record(
        ScenarioVersion(
            code=scenario.code,
            version=scenario.version,
            document=playable.document,
            where=where,
            by_id=by,
        )
    )


def _own(by: By, attempt: Attempt) -> None:
    if not by.is_self(attempt.person_id):
        raise NotPermitted("Only the person whose go this is can play it.")


def take_step(
    *,
    by: By,
    attempt: Attempt,
    did: Did,
    what: Mapping[str, Any],
    revision: int | None,
    now: datetime,
) -> Going:
    """Do one thing in an attempt; nothing enters the ledger before its end.

    `revision` is how many things were done (`Play.done`) when the page was made from which this
    comes; None for looking and hints, which nothing can be lost by. The same thing sent again is
    done once. Raises NotPermitted or NotPossible.
    """
    _own(by, attempt)
    if did in (Did.AWAY, Did.FINISH, Did.HELPED):
        raise NotPossible("That cannot be done here. Load the page again.")
    for _ in range(3):
        before = _going(attempt, now)
        after = after_step(before, did=did, what=what, revision=revision, now=now)
        if after is before or _kept(before.playing, after.playing):
            return after
    raise NotPossible(FASTER)


def after_step(
    before: Going, *, did: Did, what: Mapping[str, Any], revision: int | None, now: datetime
) -> Going:
    """Where it stands once this was done, or `before` itself where it had been done already;
    nothing is kept yet. Raises NotPossible."""
    policies.check_steps(len(before.steps))
    if did == Did.ASK:
        policies.check_can_ask(before.attempt.session, at=now)
    if did == Did.WAIT:
        what = {"seconds": _until_next(before.play)}
    step = Step(
        len(before.steps) + 1,
        before.play.now,
        did,
        tidied(before.scenario, before.profile, did, what),
    )
    if _is_again(before, step, revision):
        return before
    policies.check_seen(revision, done=before.play.done)
    if problem := problem_with(before.scenario, before.profile, before.play, step):
        raise NotPossible(problem)
    return with_step(before, step, now)


def _going(attempt: Attempt, now: datetime) -> Going:
    playing = queries.playing(attempt.entry)
    policies.check_going_on(playing is not None)
    assert playing is not None
    return queries.going(playing, at=now)


def _until_next(sofar: Play) -> int:
    at = sofar.next_at()
    if at is None:
        raise NotPossible("Nothing more happens by itself. Do what is needed, then finish.")
    return at - sofar.now


def _is_again(before: Going, step: Step, revision: int | None) -> bool:
    """Whether it is the last thing done, sent a second time, or a page looked at again."""
    if step.did == Did.OPEN:
        seen = [one for one in before.steps if one.did != Did.AWAY][-1:]
        return any((one.did, one.what) == (step.did, step.what) for one in seen)
    if step.did == Did.ASK:
        return before.play.asked is not None
    if revision is None or revision != before.play.done - 1:
        return False
    last = [one for one in before.steps if one.did not in BESIDE][-1]
    return (last.did, last.what) == (step.did, step.what)


def with_step(before: Going, step: Step, now: datetime) -> Going:
    """Where it stands with one step more."""
    steps = (*before.steps, step)
    moment = now_after(steps)
    return replace(
        before,
        steps=steps,
        play=play(before.scenario, steps, moment),
        playing=seen_now(before.playing, steps, moment, now),
    )


def seen_now(playing: Playing, steps: tuple[Step, ...], clock: int, now: datetime) -> Playing:
    """What is kept of somebody seen now, so many seconds into play."""
    return Playing(
        pk=playing.pk,
        attempt=playing.attempt,
        steps=[step.row() for step in steps],
        seen_at=queries.seen_at(playing, now),
        clock=clock,
        revision=playing.revision + 1,
    )


def _kept(before: Playing, after: Playing) -> bool:
    """Whether nothing was written meanwhile by another page, so that this is kept."""
    changed: dict[str, Any] = {
        "seen_at": after.seen_at,
        "clock": after.clock,
        "revision": after.revision,
    }
    if len(after.steps) != len(before.steps):
        changed["steps"] = after.steps
    rows = Playing.objects.filter(pk=before.pk, revision=before.revision)
    return bool(rows.update(**changed))


def help_given(*, by: By, attempt: Attempt, seen: int) -> None:
    """A trainer has helped somebody in a group session, asked or not; it is counted, and stands in
    the replay. `seen` is how often help had been given on the page from which this comes: the same
    help is counted once. Raises NotPermitted or NotPossible."""
    check_may(by, Action.ASSESS, service=attempt.service_id)
    check_not_self(by, attempt.person_id, Action.ASSESS)
    for _ in range(3):
        playing = queries.playing(attempt.entry)
        policies.check_going_on(playing is not None)
        assert playing is not None
        policies.check_in_session(playing.attempt.session)
        steps = tuple(Step.of_row(row) for row in playing.steps)
        if sum(step.did == Did.HELPED for step in steps) != seen:
            return
        # It is no sign of life of whoever plays: their clock stands where it was.
        at = max(playing.clock, now_after(steps))
        given = Step(len(steps) + 1, at, Did.HELPED)
        after = Playing(
            steps=[step.row() for step in (*steps, given)],
            seen_at=playing.seen_at,
            clock=playing.clock,
            revision=playing.revision + 1,
        )
        if _kept(playing, after):
            return
    raise NotPossible(FASTER)


def be_there(*, by: By, attempt: Attempt, now: datetime) -> Going:
    """A sign of life from the page: the time since the last one counts. Raises NotPermitted, and
    NotPossible once the attempt has ended."""
    _own(by, attempt)
    before = _going(attempt, now)
    # If another page was faster, the time is counted by it.
    _kept(before.playing, seen_now(before.playing, before.steps, before.play.now, now))
    return before


def end_attempt(*, by: By, attempt: Attempt, how: AttemptEnd.How) -> AttemptEnd:
    """End an attempt: its steps, with what was typed beside them, become facts, and it is marked.
    Raises NotPermitted or NotPossible."""
    _own(by, attempt)
    _going(attempt, evidence.clock.now())
    with evidence.act("practice.ended", by=by.actor) as act:
        # Under the lock: a step may have come meanwhile.
        Playing.objects.select_for_update().filter(attempt=attempt).first()
        going = _going(attempt, act.recorded_at)
        steps = going.steps
        if how == AttemptEnd.How.FINISHED:
            steps = (*steps, Step(len(steps) + 1, going.play.now, Did.FINISH))
        marks = {
            one.expected.code: one.result.value
            for one in mark(going.scenario, going.profile, steps)
        }
        act.about(attempt.person.pseudonym)
        end = AttemptEnd(
            attempt=attempt,
            how=how,
            seconds=going.play.now,
            away_seconds=sum(s.what["seconds"] for s in steps if s.did == Did.AWAY),
            hints=going.play.hints,
            marks=marks,
        )
        act.record(end)
        _record_steps(act, going, steps)
        act.state(of=attempt.entry, how=str(how), marks=marks)
        going.playing.delete()
    return end


def _record_steps(act: evidence.Act, going: Going, steps: tuple[Step, ...]) -> None:
    apart_of = [apart(going.scenario, going.profile, step.did, step.what) for step in steps]
    facts = act.record_all(
        AttemptStep(attempt=going.attempt, number=step.number, at=step.at, did=step.did, what=codes)
        for step, (codes, _) in zip(steps, apart_of, strict=True)
    )
    words = []
    for fact, (_, typed) in zip(facts, apart_of, strict=True):
        if typed:
            content = canonical.dumps(typed)
            words.append(StepWords(step=fact, content=content, salt=act.commit(content).salt))
    StepWords.objects.bulk_create(words)
