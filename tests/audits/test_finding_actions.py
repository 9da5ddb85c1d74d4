"""What people say to what was found in their records."""

import pytest

from surehand import evidence
from surehand.audits import cause_queries as queries
from surehand.audits.finding_actions import reply_to_finding
from surehand.audits.models import Gap
from surehand.evidence.refusal import NotPermitted, NotPossible
from tests.audits.made import a_check
from tests.audits.test_cause_actions import gaps_of
from tests.provider import NOW, World


def test_only_whoever_wrote_it_answers_and_it_stands_beside_the_gap(world: World) -> None:
    with evidence.clock.at(NOW):
        check = Gap.objects.get(pk=gaps_of(world, "dan")[0]).check_of
        for name in ("sam", "tessa", "ruth", "ada"):
            with pytest.raises(NotPermitted):
                reply_to_finding(by=world.by(name), check=check, words="It was like this.")
        with pytest.raises(NotPossible, match="Write your answer"):
            reply_to_finding(by=world.by("dan"), check=check, words=" ")
        reply = reply_to_finding(by=world.by("dan"), check=check, words="The tablet was flat.")
        assert queries.replies_to([check.pk], at=NOW) == {check.pk: [reply]}
        assert queries.words_of([reply.entry]) == {reply.entry: "The tablet was flat."}
        a_check(check.item, world.people["tessa"], supersedes=check)
        check.refresh_from_db()
        with pytest.raises(NotPossible, match="looked at again"):
            reply_to_finding(by=world.by("dan"), check=check, words="And once more.")
