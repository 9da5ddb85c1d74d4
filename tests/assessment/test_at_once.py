"""Two people at once: one wins, the other is told; the same thing is never recorded twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, local
from typing import Any

import pytest

from surehand import evidence
from surehand.assessment import actions
from surehand.assessment.models import Assessment, ManagerReview
from surehand.evidence.refusal import NotPossible
from surehand.people.access import AccessRole, By
from tests.provider import NOW, small_provider


@pytest.mark.usefixtures("template_database")
def test_one_of_two_reviews_is_recorded_and_the_other_is_told(
    in_thread: Callable[..., Callable[[], Any]],
) -> None:
    world = small_provider()
    with evidence.clock.at(NOW):
        failed = world.fail("dan", "C04")
        world.add_person("dee", "Dee Lamb", role=AccessRole.REGISTERED_MANAGER, service=world.alder)
        managers = [world.by("ruth"), world.by("dee")]
    together = Barrier(2)

    def review(by: By) -> str:
        # Each looks at the check before either decides.
        seen = Assessment.objects.select_related("person", "competency").get(pk=failed.pk)
        assert not hasattr(seen, "manager_review")
        together.wait()
        with evidence.clock.at(NOW):
            try:
                actions.review_check(
                    by=by,
                    of=seen,
                    decision="re_check",
                    reason="In a hurry",
                    recheck_due=NOW.date() + timedelta(days=7),
                )
            except NotPossible as refusal:
                return str(refusal)
        return "recorded"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(lambda by: in_thread(review, by)(), managers))
    assert said[1] == "recorded"
    assert "already been reviewed" in said[0] or "a moment ago" in said[0]
    assert ManagerReview.objects.filter(assessment=failed).count() == 1


@pytest.mark.usefixtures("template_database")
def test_r7_one_of_two_retakes_is_recorded_and_the_other_is_told(
    in_thread: Callable[..., Callable[[], Any]],
) -> None:
    world = small_provider()
    with evidence.clock.at(NOW):
        code = next(c["code"] for c in world.check("C04").criteria if not c["critical"])
        partial = world.assess("dan", "C04", missed=[code])
        assessors = [world.by("cal"), world.by("tessa")]
    together = Barrier(2)
    look = actions.last_outcomes

    def retake(by: By) -> str:
        seen = []

        def looked(people: Any) -> Any:
            """Each looks for a later assessment before either has recorded one."""
            found = look(people)
            if not seen:
                seen.append(1)
                together.wait()
            return found

        mine.last_outcomes = looked
        with evidence.clock.at(NOW):
            try:
                actions.record_assessment(
                    by=by,
                    happened_at=NOW,
                    person=partial.person,
                    service=partial.service,
                    check=partial.check_version,
                    method=partial.method,
                    judgements={code: "met"},
                    retakes=Assessment.objects.get(pk=partial.pk),
                )
            except NotPossible as refusal:
                return str(refusal)
        return "recorded"

    mine = local()
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(actions, "last_outcomes", lambda people: mine.last_outcomes(people))
        said = sorted(pool.map(lambda by: in_thread(retake, by)(), assessors))
    assert said == ["There is a later assessment of this check. Open that one.", "recorded"]
    assert partial.retaken_by.count() == 1
