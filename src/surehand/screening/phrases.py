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
from math import prod

ANY, NUMBER, NAME, FIRST_WORD = 1, 2, 3, 4
"""Ids that stand for any word, number or name; those of real words start at FIRST_WORD."""
STANDS_FOR = {"*": ANY, "N": NUMBER, "Name": NAME}

LONGEST = 12
MOST_FORMS, MOST_WORDS = 10_000, 2_000

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


@lru_cache(maxsize=8192)
def parts(phrase: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """For each place in the phrase the rows of words that may stand there; `*` and `N` stay, () =
    none. Raises ValueError with why not, in words that follow on the phrase."""
    places: list[tuple[tuple[str, ...], ...]] = []
    for part in phrase.split():
        optional = "?" in part
        part = part.replace("?", "")
        if part == "*":
            places.append(tuple(("*",) * count for count in range(4)))
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
        places.append(tuple(dict.fromkeys(alternatives)))
    # An end that may be anything says nothing; the phrase without it is there as well.
    while places and places[0][-1] == ("*",) * 3:
        del places[0]
    while places and places[-1][-1] == ("*",) * 3:
        del places[-1]
    if not places:
        raise ValueError("has no word that must be there")
    many = sum(map(len, places))
    if many > MOST_WORDS:
        raise ValueError(f"has {many:,} words to choose from; split it")
    if sum(max(map(len, place)) for place in places) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} words; shorten it")
    return tuple(places)


def forms(phrase: str) -> list[tuple[str, ...]]:
    """Every row of words the phrase stands for, where they are not too many to write out; `*` and
    `N` stay. Raises ValueError as above."""
    many = prod(map(len, parts(phrase)))
    if many > MOST_FORMS:
        raise ValueError(f"stands for {many:,} rows of words; split it")
    rows = {sum(row, ()) for row in product(*parts(phrase))}
    return sorted(row for row in rows if row and "*" not in (row[0], row[-1]))


def words_of(phrase: str) -> set[str]:
    """Every word that stands in the phrase; `*` and `N` are none."""
    there = {word for place in parts(phrase) for row in place for word in row}
    return there - STANDS_FOR.keys()


def alone(phrase: str) -> set[str]:
    """The single words that the phrase stands for, though more may be written in it."""
    places = parts(phrase)
    must = [place for place in places if () not in place]
    if len(must) > 1:
        return set()
    return {row[0] for place in must or places for row in place if len(row) == 1} - {"*"}


@dataclass(frozen=True)
class Automaton:
    """`edges` maps (node, word id) to the next node; node 0 is the start. `meanings[node]`: the
    lists that have the row of words which ends there."""

    word_ids: dict[str, int]
    edges: dict[tuple[int, int], int]
    meanings: dict[int, tuple[int, ...]]
    nodes: int


Place = tuple[int, int, int, int]
"""Where one is in a phrase: its number, the place, the row there (-1 = before it) and the word."""


def automaton(lists: Mapping[int, Iterable[str]], further_words: Iterable[str]) -> Automaton:
    """All phrases of all lists in one; `further_words` are known and in no phrase.

    A node is where one may be in all phrases at once, so that the rows of words a phrase stands for
    are never written out.
    """
    phrases = [(parts(one), number) for number, some in lists.items() for one in some]
    known = {word for places, _ in phrases for place in places for row in place for word in row}
    known -= STANDS_FOR.keys()
    known.update(further_words)
    word_ids = {word: FIRST_WORD + place for place, word in enumerate(sorted(known))}
    ids = {**word_ids, **STANDS_FOR}

    def onward_from(at: Place) -> tuple[dict[int, set[Place]], bool]:
        """Where each word leads, and whether the phrase may end here."""
        which, place, row, word = at
        places = phrases[which][0]
        if row >= 0 and word < len(places[place][row]):
            return {ids[places[place][row][word]]: {(which, place, row, word + 1)}}, False
        leads: dict[int, set[Place]] = {}
        for next_place in range(place + (row >= 0), len(places)):
            for number, words in enumerate(places[next_place]):
                if words and not (words[0] == "*" and row < 0):
                    leads.setdefault(ids[words[0]], set()).add((which, next_place, number, 1))
            if () not in places[next_place]:
                return leads, False
        return leads, row >= 0 and places[place][row][-1] != "*"

    start = frozenset((which, 0, -1, 0) for which in range(len(phrases)))
    number_of = {start: 0}
    waiting = [start]
    onward: list[dict[int, int]] = []
    meanings: list[set[int]] = []
    for here in waiting:
        leads: dict[int, set[Place]] = {}
        means: set[int] = set()
        for at in here:
            further, ends = onward_from(at)
            if ends:
                means.add(phrases[at[0]][1])
            for word_id, to in further.items():
                leads.setdefault(word_id, set()).update(to)
        row: dict[int, int] = {}
        for word_id in sorted(leads):
            there = frozenset(leads[word_id])
            if there not in number_of:
                number_of[there] = len(waiting)
                waiting.append(there)
            row[word_id] = number_of[there]
        onward.append(row)
        meanings.append(means)
    return _smallest(word_ids, onward, meanings)


def _smallest(
    word_ids: dict[str, int], onward: list[dict[int, int]], meanings: list[set[int]]
) -> Automaton:
    """Nodes from which the same follows become one, and those that lead to nothing go: small enough
    to stay at hand."""
    place: dict[int, int] = {}
    merged: dict[tuple[object, ...], int] = {}
    edges: dict[tuple[int, int], int] = {}
    told: dict[int, tuple[int, ...]] = {}
    nothing = -1

    def put(node: int) -> int:
        if node in place:
            return place[node]
        follows = tuple(
            (word, there)
            for word, then in sorted(onward[node].items())
            if (there := put(then)) != nothing
        )
        means = tuple(sorted(meanings[node]))
        if node and not follows and not means:
            place[node] = nothing
            return nothing
        one = (follows, means) if node else ()
        if one not in merged:
            merged[one] = len(merged) + 1 if node else 0
            told[merged[one]] = means
            for word_id, then in follows:
                edges[merged[one], word_id] = then
        place[node] = merged[one]
        return place[node]

    put(0)
    smallest = Automaton(word_ids, edges, told, len(merged) + 1)
    # `put` holds itself, and so these, until garbage is next looked for: tens of megabytes.
    merged.clear()
    onward.clear()
    meanings.clear()
    return smallest
