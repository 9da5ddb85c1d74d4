"""In which state sign-off, restriction, lifting and override are possible. Each check refuses
with a sentence a person can read."""

from collections.abc import Collection
from datetime import datetime, timedelta

from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import Action, By, check_may
from surehand.readiness.rules import State
from surehand.ui.formats import moment

OVERRIDDEN_AT_MOST = timedelta(hours=24)  # R21
BACK_DATED_AT_MOST = timedelta(days=14)  # R11


def check_awaits_sign_off(state: State | None, *, awaits: bool, name: str) -> None:
    if state is State.INDEPENDENT:
        raise NotPossible(f"{name} is already signed off.")
    if not awaits:
        raise NotPossible(
            f"{name} cannot be signed off: not every check that is needed is passed, "
            "or live use is restricted."
        )


def check_planned(plan: int | None) -> int:
    """The plan version signed under."""
    if plan is None:
        raise NotPossible("No training assurance plan is in force, so nobody can be signed off.")
    return plan


def check_seen(shown: str, now: str, *, name: str) -> None:
    """The signer signs exactly what was shown (R8)."""
    if shown != now:
        raise NotPossible(
            f"Something about {name} changed after you opened this page. "
            "Look at the evidence again, then sign."
        )


def check_signer(*, assessed: bool, others: bool, name: str) -> None:
    """Assessor = signer is refused where another eligible person exists (R14)."""
    if assessed and others:
        raise NotPermitted(
            f"You assessed {name} yourself, so another workforce lead must sign this off."
        )


def check_not_lifted(lifted: bool) -> None:
    if lifted:
        raise NotPossible("This restriction has already been lifted.")


def check_override(
    *, starts_at: datetime, ends_at: datetime, now: datetime, restricted: bool
) -> None:
    """One shift, at most 24 hours, never over a restriction, never for the past (R21)."""
    if restricted:
        raise NotPossible("Live use is restricted. A restriction is lifted, never overridden.")
    if not starts_at < ends_at <= starts_at + OVERRIDDEN_AT_MOST:
        raise NotPossible("An override lasts one shift, at most 24 hours.")
    if ends_at <= now:
        raise NotPossible(f"This shift ended on {moment(ends_at)}. Nothing past is overridden.")


def check_override_stands(*, ended: bool, ends_at: datetime, now: datetime) -> None:
    if ended:
        raise NotPossible("This override has already ended.")
    if ends_at <= now:
        raise NotPossible(f"This override ran out by itself on {moment(ends_at)}.")


def check_break_glass(*, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """An outage that is over, of at most 14 days, which ended at most 14 days ago (R11)."""
    if ends_at > now:
        raise NotPossible("It is not over yet. Record it when it is, and say when it ended.")
    if not starts_at < ends_at:
        raise NotPossible("It must end after it began.")
    if ends_at < now - BACK_DATED_AT_MOST:
        raise NotPossible(
            "This is more than 14 days ago. What was done then can no longer be recorded here."
        )
    if ends_at - starts_at > BACK_DATED_AT_MOST:
        raise NotPossible("One record covers at most 14 days.")


def check_let_in(people: Collection[int], *, working: Collection[int]) -> None:
    if not people:
        raise NotPossible("Choose who was let in. If nobody was, there is nothing to record.")
    if set(people) - set(working):
        raise NotPossible("Somebody you chose had no post at this service then.")


def check_sheet(
    *, made_at: datetime, until: datetime, starts_at: datetime, ends_at: datetime
) -> None:
    """A sheet lets nobody in before it is made or after it has run out."""
    if made_at > starts_at or until <= starts_at:
        raise NotPossible(
            "This sheet did not hold when it began. Choose another, or say who decided."
        )


def check_shift_to_come(*, ends_at: datetime, now: datetime) -> None:
    """What was done in a shift that is over is not changed by a word said later (R11)."""
    if ends_at <= now:
        raise NotPossible(f"This shift ended on {moment(ends_at)}. It stays as it was.")


def check_may_say_no_live_use(by: By, service: int) -> None:
    """Whoever may stop live use may say that a shift has none. The right to import is not enough:
    an administrator records nothing about readiness (R14)."""
    check_may(by, Action.RESTRICT, service=service)
