"""The words and cues by which something is noticed: a starter, which a provider adds to.

Lists by name; a name with a dot belongs to a section, a record type or a field of the profile
(`sections.food`, `types.med`, `fields.mood`), or is a set of single words that phrases name
(`sets.family`, in a phrase `$family`). How a phrase is written: see `phrases`.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

from surehand.documents import Document, DocumentProblem

from .phrases import forms, parts

LISTS: dict[str, str] = {
    "incident": "words that tell of an incident",
    "incident_maybe": "words that tell of an incident where somebody was told as well",
    "incident_not": "words that look like an incident and are none",
    "escalation": "words that say somebody was told",
    "escalation_not": "words that look like telling and are none",
    "action": "words that say something was done",
    "concern": "words that tell of a concern",
    "concern_not": "words that look like a concern and are none",
    "stock": "phrases that could be anybody’s on any day",
    "filler": "words that say nothing of a person or a day",
    "negated_before": "what comes after it is said not to be so",
    "negated_after": "what comes before it is said not to be so",
    "past_before": "what comes after it was long ago",
    "past_after": "what comes before it was long ago",
    "supposed_before": "what comes after it might be, and is not said to be so",
    "supposed_after": "what comes before it might be, and is not said to be so",
    "others_before": "what comes after it happened to somebody else",
    "ends": "a cue does not reach over it",
    "relative_before": "the name after it is no person supported",
    "relative_after": "the name before it is no person supported",
    "offline": "words that say a device was offline",
    "common": "words that are spelt right, and mean nothing to screening",
}
"""Every list that has no dot in its name, and what it is for."""

PARTS = ("sections", "types", "fields", "near", "sets")

_WORDS = re.compile(r"[^\s$?*]+")
_SET = re.compile(r"\$([a-z_]+)")


class WordsProblem(DocumentProblem):
    """The lists were refused; `problems` is a list of sentences with the line of each."""


@dataclass(frozen=True)
class Words:
    """`lists`: (name, phrases) in the order of names, phrases in order, each once."""

    version: str
    lists: tuple[tuple[str, tuple[str, ...]], ...]

    def list(self, name: str) -> tuple[str, ...]:
        """Empty for a list nobody wrote."""
        return dict(self.lists).get(name, ())

    @cached_property
    def spelled(self) -> dict[str, tuple[str, ...]]:
        """The lists of phrases by name, with the words of each set in its place."""
        sets = _sets(dict(self.lists))
        return {
            name: tuple(_spelled(phrase, sets) for phrase in phrases)
            for name, phrases in self.lists
            if not name.startswith(("sets.", "near."))
        }


@cache
def starter_words() -> Words:
    """The words as they are shipped."""
    lists: dict[str, list[str]] = {}
    versions = []
    files = resources.files("surehand.screening").joinpath("words")
    # Sets first: the phrases of the other files name them.
    for file in sorted(files.iterdir(), key=lambda one: (one.name != "sets.yaml", one.name)):
        if file.name.endswith(".yaml"):
            version, added, _ = _read(file.read_text("utf-8"), sets=lists)
            versions.append(version)
            for name, phrases in added.items():
                lists.setdefault(name, []).extend(phrases)
    return _words(max(versions), lists)


def with_own_words(text: str, starter: Words | None = None) -> Words:
    """The starter with what a provider adds and removes in `text` (YAML: version, add, remove).

    Raises WordsProblem with every problem found.
    """
    base = starter or starter_words()
    lists = {name: list(phrases) for name, phrases in base.lists}
    version, added, removed = _read(text, lists)
    for name, phrases in removed.items():
        lists[name] = [one for one in lists[name] if one not in phrases]
    for name, phrases in added.items():
        lists.setdefault(name, []).extend(phrases)
    return _words(f"{base.version}+{version}", lists)


def _words(version: str, lists: dict[str, list[str]]) -> Words:
    return Words(version, tuple((name, tuple(sorted(set(lists[name])))) for name in sorted(lists)))


def _sets(lists: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """By name, the words of a set as alternatives."""
    return {
        name.removeprefix("sets."): "/".join(phrases)
        for name, phrases in lists.items()
        if name.startswith("sets.")
    }


def _spelled(phrase: str, sets: Mapping[str, str]) -> str:
    """Raises ValueError, as `forms` does, for a set that nobody wrote."""

    def words(found: re.Match[str]) -> str:
        if found[1] not in sets:
            raise ValueError(f"names “{found[0]}”, which is no set of words here")
        return sets[found[1]]

    return _SET.sub(words, phrase)


def _read(
    text: str,
    known: dict[str, list[str]] | None = None,
    sets: Mapping[str, Iterable[str]] | None = None,
) -> tuple[str, dict[str, list[str]], dict[str, list[str]]]:
    """Version, lists to add, lists to remove. `known`: what can be removed. `sets`: lists whose
    sets can be named."""
    try:
        document = Document(text)
        document.check_shape(_schema())
    except DocumentProblem as problem:
        raise WordsProblem(problem.problems) from None
    content = document.content
    added, removed = content.get("add", {}), content.get("remove", {})
    of_words = _sets(sets or known or {})
    for name, phrases in _sets(added).items():
        of_words[name] = "/".join(filter(None, (of_words.get(name), phrases)))
    for part, lists in (("add", added), ("remove", removed)):
        for name, phrases in lists.items():
            first, dot, code = name.partition(".")
            if name not in LISTS and not (dot and code and first in PARTS):
                document.problem(
                    (part, name),
                    f"“{name}” is no list here; use one of: {', '.join(LISTS)}, or sections., "
                    "types., fields. or near. with a code of the profile after it, or sets. with a "
                    "name.",
                )
                continue
            for place, phrase in enumerate(phrases):
                try:
                    if first == "sets" and not _WORDS.fullmatch(phrase):
                        raise ValueError("is in a set, which holds single words with / between")
                    if first != "near":
                        parts(_spelled(phrase, of_words))
                    if name == "filler":
                        forms(phrase)  # is written out
                except ValueError as why:
                    document.problem((part, name, place), f"“{phrase}” {why}.")
                if part == "remove" and known is not None and phrase not in known.get(name, ()):
                    document.problem(
                        (part, name, place),
                        f"“{phrase}” is not in the list “{name}”; write it as it stands there.",
                    )
    document.refuse_if_wrong(WordsProblem)
    return content["version"], added, removed


@cache
def _schema() -> dict[str, Any]:
    text = resources.files("surehand.screening").joinpath("words.schema.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content
