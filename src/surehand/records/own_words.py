"""The provider’s own words for screening: added to the shipped lists, or left out of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import yaml

from surehand.records.models import WordsVersion
from surehand.screening import Words, starter_words, with_own_words

Lists = Mapping[str, tuple[str, ...]]

SHOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "incident_in_note": (
        "An incident told in a note",
        ("incident", "incident_maybe", "incident_not"),
    ),
    "missing_action": ("A concern without action", ("concern", "concern_not", "action")),
    "incident_without_escalation": ("An incident nobody was told of", ("escalation",)),
    "stock_phrases": ("Stock phrases alone", ("stock", "filler")),
}
"""The lists a provider changes on a page, by the signal they belong to; its title."""


@dataclass(frozen=True)
class OwnWords:
    """By list: the phrases added, and those of the shipped ones left out."""

    added: Lists = field(default_factory=dict)
    left_out: Lists = field(default_factory=dict)

    def document(self, number: int) -> str:
        """As YAML, version `number`.0, for `with_own_words`."""
        said = {
            "version": f"{number}.0",
            "add": {name: list(phrases) for name, phrases in sorted(self.added.items()) if phrases},
            "remove": {
                name: list(phrases) for name, phrases in sorted(self.left_out.items()) if phrases
            },
        }
        return yaml.safe_dump(said, allow_unicode=True, sort_keys=False)

    def usable(self) -> "OwnWords":
        """Without leaving out what a release no longer ships."""
        starter = starter_words()
        kept = {
            name: tuple(one for one in phrases if one in starter.list(name))
            for name, phrases in self.left_out.items()
        }
        return OwnWords(self.added, kept)

    def words(self, number: int) -> Words:
        """With the shipped ones. Raises surehand.screening.WordsProblem."""
        return with_own_words(self.usable().document(number))


def read(document: str) -> OwnWords:
    """What a version says."""
    said = yaml.safe_load(document)
    return OwnWords(_lists(said.get("add", {})), _lists(said.get("remove", {})))


def _lists(said: Mapping[str, Iterable[str]]) -> Lists:
    return {name: tuple(phrases) for name, phrases in said.items()}


def last_version() -> WordsVersion | None:
    return WordsVersion.objects.select_related("by__identity").order_by("-number").first()


def words_in_force() -> Words:
    """What screening looks for now: the shipped words with the provider’s own. One statement."""
    last = WordsVersion.objects.order_by("-number").values_list("number", "document").first()
    return _words(*last) if last else starter_words()


@lru_cache(maxsize=4)
def _words(number: int, document: str) -> Words:
    return read(document).words(number)
