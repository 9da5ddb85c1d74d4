"""What people say to what was found in their records."""

import pytest

from surehand import evidence
from surehand.audits import cause_queries as queries
from surehand.audits.finding_actions import reply_to_finding
from surehand.audits.finding_queries import of_people
from surehand.audits.models import Gap
from surehand.evidence.refusal import NotPermitted, NotPossible
from tests.audits.made import a_check, an_audit
from tests.audits.test_cause_actions import gaps_of
from tests.provider import NOW, World
from tests.records.live import a_record, an_account


def test_what_was_found_is_told_where_it_became_known_later_whose_the_account_is(
    world: World,
) -> None:
    dan = world.people["dan"]
    with evidence.clock.at(NOW):
        item = an_audit(world.alder, [a_record(world.alder, an_account())]).items.get()
        check = a_check(item, world.people["tessa"], subject=dan)
        (found,) = of_people([dan.pk], at=NOW)
        assert (found.check, found.author) == (check.pk, dan.pk)
        assert of_people([world.people["sam"].pk], at=NOW) == []


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
        with pytest.raises(NotPossible, match="recorded already"):
            reply_to_finding(by=world.by("dan"), check=check, words=" The tablet was flat. ")
        a_check(check.item, world.people["tessa"], supersedes=check)
        check.refresh_from_db()
        with pytest.raises(NotPossible, match="looked at again"):
            reply_to_finding(by=world.by("dan"), check=check, words="And once more.")
