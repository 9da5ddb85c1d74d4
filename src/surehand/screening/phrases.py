"""How a phrase is written, and the one automaton all phrases of a ruleset become.

A phrase is words with spaces between: `found on the floor`. In it, `a/b` is either word, a word
with `?` after it may be left out, `*` is up to three words whatever they are, `N` is a
number and `Name` a name.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

ANY, NUMBER, NAME, FIRST_WORD = 1, 2, 3, 4
"""Ids that stand for any word, number or name; those of real words start at FIRST_WORD."""
STANDS_FOR = {"*": ANY, "N": NUMBER, "Name": NAME}

LONGEST = 12
MOST_FORMS = 10_000

_WORD = re.compile(r"[a-z]+|[0-9]+")
_LETTERS_APART = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
}


def plain(text: str) -> str:
    """Small letters without accents or apostrophes, as words are compared."""
    letters = unicodedata.normalize("NFD", text.lower())
    letters = "".join(c for c in letters if not unicodedata.combining(c) and c not in "'’‘")
    return "".join(_LETTERS_APART.get(c, c) for c in letters)


@lru_cache(maxsize=4096)
def forms(phrase: str) -> list[tuple[str, ...]]:
    """Every row of words the phrase stands for; `*` and `N` stay. Raises ValueError with why not,
    in words that follow on the phrase."""
    choices: list[list[tuple[str, ...]]] = []
    for part in phrase.split():
        optional = "?" in part
        part = part.replace("?", "")
        if part == "*":
            choices.append([("*",) * count for count in range(4)])
            continue
        alternatives: list[tuple[str, ...]] = []
        for word in part.split("/"):
            if word in ("N", "Name"):
                alternatives.append((word,))
                continue
            found = _WORD.findall(plain(word))
            if not found or "".join(found) != plain(word).replace("-", ""):
                raise ValueError(f"has “{word}”, which is not a word of letters or digits")
            alternatives.append(tuple(found))
        if optional:
            alternatives.append(())
        choices.append(alternatives)
    many = 1
    for alternatives in choices:
        many *= len(alternatives)
    if many > MOST_FORMS:
        raise ValueError(f"stands for {many:,} rows of words; split it")
    found_forms = {sum(row, ()) for row in product(*choices)}
    if () in found_forms or any(form[0] == "*" or form[-1] == "*" for form in found_forms):
        # An end that may be anything says nothing; forms without it are there as well.
        found_forms = {form for form in found_forms if form and "*" not in (form[0], form[-1])}
    if not found_forms:
        raise ValueError("has no word that must be there")
    if max(map(len, found_forms)) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} words; shorten it")
    return sorted(found_forms)


@dataclass(frozen=True)
class Automaton:
    """`edges` maps (node, word id) to the next node; node 0 is the start. `meanings[node]`: the
    lists that have the row of words which ends there."""

    word_ids: dict[str, int]
    edges: dict[tuple[int, int], int]
    meanings: dict[int, tuple[int, ...]]
    nodes: int


def automaton(lists: Mapping[int, Iterable[str]], further_words: Iterable[str]) -> Automaton:
    """All phrases of all lists in one; `further_words` are known and in no phrase."""
    rows = [
        (form, number)
        for number, phrases in lists.items()
        for one in phrases
        for form in forms(one)
    ]
    known = {word for form, _ in rows for word in form if word not in STANDS_FOR}
    known.update(further_words)
    word_ids = {word: FIRST_WORD + place for place, word in enumerate(sorted(known))}
    onward: list[dict[int, int]] = [{}]
    meanings: list[set[int]] = [set()]
    for form, number in rows:
        node = 0
        for word in form:
            word_id = STANDS_FOR.get(word) or word_ids[word]
            if word_id not in onward[node]:
                onward[node][word_id] = len(onward)
                onward.append({})
                meanings.append(set())
            node = onward[node][word_id]
        meanings[node].add(number)
    # Nodes from which the same follows become one, last ones first: small enough to stay at hand.
    place: list[int] = [0] * len(onward)
    merged: dict[tuple[object, ...], int] = {}
    edges: dict[tuple[int, int], int] = {}
    told: dict[int, tuple[int, ...]] = {}
    for node in range(len(onward) - 1, -1, -1):
        follows = tuple(sorted((word, place[then]) for word, then in onward[node].items()))
        means = tuple(sorted(meanings[node]))
        one = (follows, means) if node else ()
        if one in merged:
            place[node] = merged[one]
            continue
        place[node] = merged[one] = len(merged) + 1 if node else 0
        told[place[node]] = means
        for word_id, then in follows:
            edges[place[node], word_id] = then
    return Automaton(word_ids, edges, told, len(merged) + 1)
