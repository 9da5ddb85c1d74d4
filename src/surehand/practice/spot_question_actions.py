"""The only writer of a provider's own spot-check questions, and of whether one is asked."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from surehand import evidence
from surehand.documents import written
from surehand.ecm.queries import profiles_in_use
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.practice import policies
from surehand.practice.models import (
    OwnSpotQuestion,
    SpotQuestionRetirement,
    SpotQuestionReturn,
)
from surehand.practice.queries import asked_by_the_plan
from surehand.practice.spot_checks import HeldQuestion, held_questions
from surehand.practice.spot_questions import load


def publish_spot_question(
    *, by: By, code: str, seen: int, row: Mapping[str, Any]
) -> OwnSpotQuestion:
    """Publish the next version of question `code`, of which version `seen` was seen; without a code
    a new one. `row` is the question as in the document, its code and version come by themselves.

    Raises SpotQuestionProblem with every problem of it; NotPermitted or NotPossible.
    """
    check_may(by, Action.PLAN, service=None)
    try:
        with evidence.act("spot_question.published", by=by.actor) as act:
            held = held_questions()
            code = code or next(c for n in range(1, 999) if (c := f"P{n:02}") not in held)
            now = held.get(code)
            version = now.question.version if now else 0
            policies.check_question_seen(version, seen=seen)
            document = written({"questions": [{**row, "code": code, "version": version + 1}]})
            plan = asked_by_the_plan(at=act.recorded_at)
            found = load(
                document,
                profiles=profiles_in_use(at=act.recorded_at),
                criteria={one.code: list(one.criteria) for one in plan},
            )[code]
            policies.check_question_differs(now is None or not found.says_the_same_as(now.question))
            question = act.record(
                OwnSpotQuestion(
                    code=code, version=version + 1, document=document, by_id=by.acting()
                )
            )
            act.state(question=f"{code} {version + 1}", competency=found.competency)
    except IntegrityError:
        raise NotPossible(policies.QUESTION_CHANGED) from None
    return question


def retire_spot_question(*, by: By, code: str) -> SpotQuestionRetirement:
    """Ask a question no longer; what was asked stays readable. Raises NotPermitted or
    NotPossible."""
    check_may(by, Action.PLAN, service=None)
    with evidence.act("spot_question.retired", by=by.actor) as act:
        held = _held(code)
        policies.check_asked(held.retired is not None, code=code, whether=True)
        retired = act.record(SpotQuestionRetirement(code=code, by_id=by.acting()))
        act.state(question=code)
    return retired


def bring_back_spot_question(*, by: By, code: str) -> SpotQuestionReturn:
    """Ask a retired question again. Raises NotPermitted or NotPossible."""
    check_may(by, Action.PLAN, service=None)
    with evidence.act("spot_question.brought_back", by=by.actor) as act:
        held = _held(code)
        policies.check_asked(held.retired is not None, code=code, whether=False)
        returned = act.record(SpotQuestionReturn(retirement=held.retired, by_id=by.acting()))
        act.state(question=code)
    return returned


def _held(code: str) -> HeldQuestion:
    held = held_questions().get(code)
    if held is None:
        raise NotPossible("There is no such question. Choose one from the list.")
    return held
