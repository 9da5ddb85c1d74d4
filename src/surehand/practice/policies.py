"""In which state a go at a scenario is possible. Each check refuses with a sentence a person can
read."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from surehand.competency.models import Check
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.models import Post, Service
from surehand.practice.models import Attempt, PracticeSession, ScenarioDraft, SpotCheck
from surehand.practice.scenario import Scenario
from surehand.practice.spot_questions import Point
from surehand.timeline import instant, london_date
from surehand.ui.formats import moment

STEPS_AT_MOST = 500
"""Far more than anybody needs; it keeps the row of an attempt small."""


class ScenarioChanged(NotPossible):
    """Somebody else changed the draft of a scenario after the page was opened."""


def check_draft(draft: ScenarioDraft | None) -> ScenarioDraft:
    if draft is None:
        raise NotPossible("There is no draft of this scenario any more: begin one, or look again.")
    return draft


def check_draft_seen(draft: ScenarioDraft, *, seen: int) -> None:
    """Nobody writes over what they have not seen."""
    if seen != draft.revision:
        raise ScenarioChanged(
            f"{draft.changed_by} changed this draft on {moment(draft.changed_at)}, after you "
            "opened this page. Nothing of yours is saved yet."
        )


def check_preview_begun(draft: ScenarioDraft) -> None:
    if draft.played_at is None:
        raise NotPossible("The draft has changed, so the preview begins afresh. Begin it again.")


def check_new_code(code: str, *, taken: Collection[str], shipped: Collection[str]) -> None:
    """A code of one’s own stays free of those that are shipped, now and later."""
    if not re.fullmatch(r"[A-Z][A-Z0-9]{0,9}", code):
        raise NotPossible("A code has capital letters and figures, such as P01, at most 10.")
    if code in taken:
        raise NotPossible(f"There is a scenario {code} already. Choose another code.")
    ours = sorted({one[0] for one in shipped})
    if code[0] in ours:
        raise NotPossible(
            f"Codes that begin with {' or '.join(ours)} are those shipped with Surehand. Begin "
            "yours with another letter, such as P01."
        )


def check_differs(new: Scenario, old: Scenario | None) -> None:
    if old is not None and replace(new, version=old.version) == old:
        raise NotPossible(
            f"This says the same as version {old.version}, which is in use. Nothing to publish."
        )


def check_offered(withdrawn: bool, *, code: str) -> None:
    if withdrawn:
        raise NotPossible(f"{code} is withdrawn already.")


def check_withdrawn(withdrawn: bool, *, code: str) -> None:
    if not withdrawn:
        raise NotPossible(f"{code} is in use already.")


def check_has_post(posts: Collection[Post], service: Service, *, who: str) -> None:
    """Practice is for whoever has a post there now; `who` is “You” or a name."""
    if service.pk not in {post.service_id for post in posts}:
        have = "have" if who == "You" else "has"
        raise NotPermitted(f"{who} {have} no post at {service}, so there is nothing to practise.")


def check_has_any_post(has_post: bool) -> None:
    if not has_post:
        raise NotPermitted("You have no post, so there is nothing to practise. Ask your manager.")


def check_setting(scenario: Scenario, setting: str) -> None:
    if scenario.setting != setting:
        raise NotPossible("This is for another kind of service. Choose one from the list.")


def check_alone(scenario: Scenario, checks: Iterable[Check]) -> None:
    """A check is begun alone only where the plan lets one of its competencies be checked in
    practice; otherwise an assessor begins it beside the person."""
    here = [check for check in checks if check.competency.code in scenario.competencies]
    if not any("practice" in check.methods for check in here):
        raise NotPossible(
            "The plan does not let this be checked in practice. Practise it, or ask your assessor."
        )


def check_none_begun(begun: bool, *, who: str) -> None:
    """One go at a scenario at a time."""
    if begun:
        are = "are" if who == "You" else "is"
        raise NotPossible(f"{who} {are} in the middle of this already. Go on, or stop it first.")


def check_going_on(playing: bool) -> None:
    if not playing:
        raise NotPossible("This go has ended. Have another go.")


def check_steps(count: int) -> None:
    if count >= STEPS_AT_MOST:
        raise NotPossible("This go has become very long. Stop it, and have another go.")


def check_seen(revision: int | None, *, done: int) -> None:
    """What is done is done by somebody who saw what was done so far."""
    if revision is not None and revision != done:
        raise NotPossible(
            "Something was done on another page meanwhile. Look at it, then save again."
        )


# --- In the vendor's training system -------------------------------------------------------------

BACK_DATED_AT_MOST = timedelta(days=14)  # R11


def check_observed(happened_at: datetime, *, now: datetime) -> None:
    """What somebody saw is recorded at most 14 days late (R11)."""
    if happened_at > now:
        raise NotPossible("It cannot have happened in the future. Change its date or time.")
    if happened_at < now - BACK_DATED_AT_MOST:
        earliest = london_date(instant(now - BACK_DATED_AT_MOST))
        raise NotPossible(
            "What you saw can be recorded at most 14 days late. "
            f"The earliest day is {earliest:%-d %B %Y}."
        )


def check_everything_seen(scenario: Scenario, marks: Mapping[str, str], result: str) -> None:
    """Each thing expected is marked; where nothing is known of what is expected, the result is."""
    codes = [one.code for one in scenario.expect]
    missing = [one for one in codes if marks.get(one) not in ("met", "partly", "not_met")]
    if missing or set(marks) - set(codes):
        raise NotPossible("Say for each thing that is expected whether you saw it.")
    if not codes and not result:
        raise NotPossible("Say how it ended there.")


def check_title(title: str, taken: Collection[str]) -> None:
    if len(title) < 3:
        raise NotPossible("Write the title that the vendor’s training system shows.")
    if title.casefold() in {one.casefold() for one in taken}:
        raise NotPossible(f"“{title}” is in the list already. Choose it there.")


def check_elsewhere(attempt: Attempt) -> None:
    """What was played here is what it was: nobody recorded it, so nobody corrects it."""
    if attempt.where != Attempt.Where.VENDOR:
        raise NotPossible("Practice here is kept as it was played. Have another go.")


def check_stands(recorded: Attempt | SpotCheck) -> None:
    """Only what counts is corrected or voided (R15)."""
    if hasattr(recorded, "void"):
        raise NotPossible("This has already been voided.")
    if hasattr(recorded, "superseded_by"):
        raise NotPossible("This has been corrected. Open the corrected one.")


# --- Spot checks ---------------------------------------------------------------------------------

MINUTES_AT_MOST = 60


def check_can_be_asked(posts: Collection[Post], service: Service, *, who: str) -> None:
    if service.pk not in {post.service_id for post in posts}:
        raise NotPermitted(f"{who} has no post at {service}, so nobody asks them there.")


QUESTION_CHANGED = "A colleague changed this question meanwhile. Load the page again."


def check_question_seen(version: int, *, seen: int) -> None:
    """Nobody writes over what they have not seen."""
    if version != seen:
        raise NotPossible(QUESTION_CHANGED)


def check_question_differs(differs: bool) -> None:
    if not differs:
        raise NotPossible("Nothing is changed, so there is nothing to publish.")


def check_asked(retired: bool, *, code: str, whether: bool) -> None:
    """Only a question that is asked is retired, and only a retired one brought back."""
    if retired == whether:
        raise NotPossible(f"{code} is retired already." if retired else f"{code} is asked already.")


def check_every_point(points: Sequence[Point], shown: Mapping[str, str]) -> None:
    """Every point is ticked one way or another, and none that is not in the question."""
    missing = [one.text for one in points if shown.get(one.code) not in SpotCheck.Shown.values]
    if missing:
        raise NotPossible(f"Say for each point whether it was shown. Not said yet: {missing[0]}")
    if set(shown) - {one.code for one in points}:
        raise NotPossible("The question has changed meanwhile. Load the page again.")


def check_minutes(minutes: int) -> None:
    if not 1 <= minutes <= MINUTES_AT_MOST:
        raise NotPossible(f"Say how many minutes it took, from 1 to {MINUTES_AT_MOST}.")


# --- Group sessions ------------------------------------------------------------------------------


def check_session_open(session: PracticeSession, *, at: datetime) -> None:
    if not session.is_open(at=at):
        raise NotPossible("This session has ended. Ask your trainer for the new code.")


def check_in_session(session: PracticeSession | None) -> None:
    if session is None:
        raise NotPossible("This is not part of a group session, so there is nobody to help.")


def check_can_ask(session: PracticeSession | None, *, at: datetime) -> None:
    """Help is asked for where somebody sees it."""
    if session is None:
        raise NotPossible("There is no trainer in this practice. Ask for a hint.")
    if not session.is_open(at=at):
        raise NotPossible("The session has ended. You can still finish what you do.")
