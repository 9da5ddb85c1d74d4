"""The only writer of the provider’s own words for screening."""

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.models import Service
from surehand.records.models import WordsVersion
from surehand.records.own_words import OwnWords, read
from surehand.records.screening_task import soon


def change_words(*, by: By, own: OwnWords, seen: int) -> WordsVersion:
    """Make these the provider’s own words; all of the replay window is screened with them soon.
    `seen` is the number of the version that whoever changes it has seen, 0 for none.

    Raises NotPermitted, NotPossible, or surehand.screening.WordsProblem with every problem.
    """
    check_may(by, Action.SCREENING_WORDS, service=None)
    with evidence.act("screening_words.changed", by=by.actor) as act:
        last = WordsVersion.objects.order_by("-number").first()
        if seen != (last.number if last else 0):
            raise NotPossible(
                "Somebody changed the words after you opened this page, so yours are not saved "
                "yet. Look at them again."
            )
        if own == (read(last.document) if last else OwnWords()):
            raise NotPossible("Nothing is different, so nothing is saved.")
        number = seen + 1
        own.words(number)  # refuses what cannot be read
        version = act.record(
            WordsVersion(number=number, document=own.document(number), by_id=by.acting())
        )
        act.state(version=number)
        soon(Service.objects.values_list("pk", flat=True))
    return version
