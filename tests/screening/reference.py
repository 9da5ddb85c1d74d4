"""What screening says of wording, times and fields, written again in plain Python.

Slow and short: it keeps every wording in a dictionary, with none of the arrays, hashes or SQL of
the product. It says of each record the columns in COLUMNS, and of the reasons those in CODES, for
texts in plain letters (a–z) and record types without conditional fields or visits. Two uses: a
property test holds the product to it, and `bench/screening.py` measures beside it.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import log
from typing import Any

from surehand.screening import Ruleset
from surehand.screening.phrases import plain, words_of

COLUMNS = ("record_id", "words", "known_share", "minutes_to_record")
CODES = (
    "required_field_missing", "late_entry", "entry_before_event", "reused_wording", "bulk_entry",
)  # fmt: skip

_TOKEN = re.compile(r"[A-Za-z][A-Za-z']*|[0-9]+|[.!?;\n\r]")
_MINUTE = timedelta(minutes=1)
_NAME, _NUMBER = "@", "#"

Record = dict[str, Any]
Said = dict[str, tuple[int, int, int, int]]  # wording → last note, epoch, people now, people before


class Wording:
    """The words a ruleset knows, and what of a text stands for a name or a number."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.known = {
            word
            for phrases in ruleset.words.spelled.values()
            for phrase in phrases
            for word in words_of(phrase)
        }
        self.shorter: dict[str, set[str]] = defaultdict(set)
        for word in self.known:
            if not word.isdigit():
                for one in _with_one_less(word):
                    self.shorter[one].add(word)
        self.names: dict[str, bool] = {}

    def is_name(self, word: str) -> bool:
        """Whether a word with a capital where none is due is no known word, nor a slip for one."""
        if word not in self.names:
            near = {k for one in _with_one_less(word) for k in self.shorter.get(one, ())}
            self.names[word] = word not in self.known and not (
                len(word) > 1 and any(_one_letter_off(word, other) for other in near)
            )
        return self.names[word]

    def masked(self, text: str) -> list[str]:
        """The words of a text, names and numbers all alike."""
        words: list[str] = []
        fresh, end, length = True, -1, 0
        for found in _TOKEN.finditer(text):
            token = found.group()
            if token in ".!?;\n\r":
                after = text[found.end() : found.end() + 1]
                letter = end == found.start() and length == 1
                if token != "." or not (after.isdigit() or letter):
                    fresh = True
                continue
            word = plain(token)
            if token[0].isdigit():
                words.append(_NUMBER)
            elif token[0].isupper() and not fresh and self.is_name(word):
                words.append(_NAME)
            else:
                words.append(word)
            end = found.start() + len(token.rstrip("'"))
            fresh, length = False, end - found.start()
        return words


def _with_one_less(word: str) -> set[str]:
    return {word, *(word[:k] + word[k + 1 :] for k in range(len(word)))} - {""}


def _one_letter_off(a: str, b: str) -> bool:
    """By one letter more, less or other, or by two that changed places."""
    if len(a) == len(b):
        other = [k for k in range(len(a)) if a[k] != b[k]]
        return len(other) < 2 or (
            len(other) == 2
            and other[1] == other[0] + 1
            and a[other[0]] == b[other[1]]
            and a[other[1]] == b[other[0]]
        )
    if abs(len(a) - len(b)) != 1:
        return False
    long, short = sorted((a, b), key=len, reverse=True)
    return any(long[:k] + long[k + 1 :] == short for k in range(len(long)))


def screened(
    records: Iterable[Record], ruleset: Ruleset, wording: Wording | None = None
) -> Iterator[Record]:
    """For each record what COLUMNS and `reasons` (code, evidence) say; by service, time, id."""
    wording = wording or Wording(ruleset)
    of_service: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        of_service[record["service_id"]].append(record)
    for _, some in sorted(of_service.items(), key=lambda item: item[0].encode()):
        some.sort(key=lambda one: (one["recorded_at"], one["record_id"].encode()))
        yield from _service(some, ruleset, wording)


def _service(records: list[Record], ruleset: Ruleset, wording: Wording) -> Iterator[Record]:
    kinds = {one.code: one for one in ruleset.record_types}
    limits = ruleset.limits
    words = [wording.masked(one["text"]) for one in records]
    reused = _reused(
        [
            (record, said)
            for record, said in zip(records, words, strict=True)
            if kinds[record["record_type"]].part == "note" and len(said) >= 3
        ],
        ruleset,
    )
    bulk = dict(_bulk([(r, len(w)) for r, w in zip(records, words, strict=True)], ruleset))
    for record, said in zip(records, words, strict=True):
        kind, one = kinds[record["record_type"]], record["record_id"]
        took = record["recorded_at"] - record["occurred_at"]
        reasons = []
        if record["fields"]:
            filled = json.loads(record["fields"])
            asked = (field.code for field in kind.fields if field.required)
            if any(filled.get(code) in (None, "", []) for code in asked):
                reasons.append(("required_field_missing", ""))
        if kind.late_after is not None:
            if took > (kind.late_after + limits.sync_minutes) * _MINUTE:
                reasons.append(("late_entry", ""))
            if -took > limits.drift_minutes * _MINUTE:
                reasons.append(("entry_before_event", ""))
        share, evidence = reused.get(one, (0.0, ""))
        if evidence:
            reasons.append(("reused_wording", evidence))
        if one in bulk:
            reasons.append(("bulk_entry", bulk[one]))
        yield {
            "record_id": one,
            "words": len(said),
            "known_share": share,
            "minutes_to_record": took // _MINUTE,
            "reasons": reasons,
        }


def _ln(number: int) -> int:
    """In millionths, so that weights add up alike everywhere."""
    return round(1_000_000 * log(number))


def _reused(
    notes: list[tuple[Record, list[str]]], ruleset: Ruleset
) -> dict[str, tuple[float, str]]:
    """By record: the share of its wording said before, and the record it was said in."""
    limits = ruleset.limits
    window = timedelta(days=limits.window_days)
    last: list[dict[tuple[str, ...], tuple[int, int]]] = [{}, {}]  # of the person, of the author
    of_service: dict[tuple[str, ...], tuple[int, int, int, int]] = {}
    found = {}
    floor, epoch_now, now_here, before_here = 0, -1, set[str](), 0
    for number, (record, words) in enumerate(notes):
        time, person = record["recorded_at"], record["subject_id"]
        while floor < number and (
            number - floor > limits.reach or time - notes[floor][0]["recorded_at"] > window
        ):
            floor += 1
        epoch = (time - datetime.fromtimestamp(0, time.tzinfo)) // window
        if epoch != epoch_now:
            before_here = len(now_here) if epoch == epoch_now + 1 else 0
            now_here, epoch_now = set(), epoch
        now_here.add(person)
        everybody = max(len(now_here), before_here)
        phrases = list(zip(words, words[1:], words[2:], strict=False))
        keys = [[(person, *phrase) for phrase in phrases],
                [(record["author_id"], *phrase) for phrase in phrases]]  # fmt: skip
        weights, said_in = [], []
        for phrase in phrases:
            note, then, people_now, people_before = of_service.get(phrase, (-1, -1, 0, 0))
            people = 0
            if note < floor:
                note = -1
            elif then == epoch:
                people = max(people_now, people_before)
            elif then == epoch - 1:
                people = people_now
            said_in.append(note)
            weights.append(_ln(everybody + 1) - _ln(min(max(people, 1), everybody + 1)))
        total = sum(weights)
        known = sum(weight for weight, note in zip(weights, said_in, strict=True) if note >= 0)
        needed = max(
            (limits.reuse_percent * total + 99) // 100,
            (limits.reuse_phrases * _ln(everybody + 1) + 1) // 2,
        )
        chosen, most = -1, 0
        if known >= needed and total > 0:
            for scope in (0, 1, 2):
                if scope < 2:
                    earlier = [last[scope].get(key, (-1, 0))[0] for key in keys[scope]]
                else:
                    earlier = said_in
                votes: Counter[int] = Counter()
                for note, weight in zip(earlier, weights, strict=True):
                    if note >= floor:
                        votes[note] += weight
                if votes:
                    weight, note = max((weight, note) for note, weight in votes.items())
                    if weight > most:
                        chosen, most = note, weight
        evidence = notes[chosen][0]["record_id"] if chosen >= 0 and most >= needed else ""
        found[record["record_id"]] = (known / total if total else 0.0, evidence)
        for place, phrase in enumerate(phrases):
            note, then = last[0].get(keys[0][place], (-1, -1))
            again = note >= floor and then == epoch
            last[0][keys[0][place]] = last[1][keys[1][place]] = (number, epoch)
            note, then, people_now, people_before = of_service.get(phrase, (-1, -1, 0, 0))
            if note < floor or then not in (epoch, epoch - 1):
                people_now, people_before = 0, 0
            elif then == epoch - 1:
                people_now, people_before = 0, people_now
            of_service[phrase] = (number, epoch, people_now + (not again), people_before)
    return found


def _bulk(records: list[tuple[Record, int]], ruleset: Ruleset) -> Iterator[tuple[str, str]]:
    """The records of runs put in faster than they can have been written, and each run's first."""
    limits = ruleset.limits
    of_author: dict[str, list[list[tuple[Record, int]]]] = defaultdict(list)
    for record, words in records:
        if record["author_id"] and words and record["change_type"] in ("create", "late"):
            runs = of_author[record["author_id"]]
            gap = timedelta(seconds=limits.bulk_gap_seconds)
            if not runs or record["recorded_at"] - runs[-1][-1][0]["recorded_at"] > gap:
                runs.append([])
            runs[-1].append((record, words))
    for runs in of_author.values():
        for run in runs:
            took = run[-1][0]["recorded_at"] - run[0][0]["recorded_at"]
            times = [record["occurred_at"] for record, _ in run]
            many = sum(words for _, words in run)
            if len(run) >= limits.bulk_records and (
                max(times) - min(times) >= limits.bulk_apart_minutes * _MINUTE
                or took * limits.bulk_words_per_minute < many * _MINUTE
            ):
                first = run[0][0]["record_id"]
                for record, _ in run:
                    yield record["record_id"], "" if record["record_id"] == first else first
