"""Half-open spans [start, until) in UTC microseconds, and their algebra (R16).

A *stretch* is a bare (start, until). A *span* is a stretch in which a state held. A *set of
stretches* is a list in order, none empty, none overlapping or touching; `union` makes one from
anything. `union`, `intersect` and `subtract` return such sets.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

Instant = int  # microseconds since the Unix epoch, UTC
Stretch = tuple[Instant, Instant]  # [start, until)

FOREVER: Instant = 2**53 - 1  # the year 2255; the largest integer every reader of JSON keeps exact


class Span(NamedTuple):
    """From `start` until just before `until` (UTC microseconds), `state` held."""

    start: Instant
    until: Instant
    state: Any


A = TypeVar("A", bound=tuple)
B = TypeVar("B", bound=tuple)

_start = itemgetter(0)


def union(*sets: Iterable[tuple]) -> list[Stretch]:
    """Every instant that is in any of the sets. Takes spans or stretches in any order."""
    found: list[Stretch] = []
    stretches = [(s[0], s[1]) for stretches in sets for s in stretches if s[0] < s[1]]
    if len(stretches) < 2:
        return stretches
    stretches.sort()
    start, until = stretches[0]
    for s, u in stretches:
        if s > until:
            found.append((start, until))
            start, until = s, u
        elif u > until:
            until = u
    found.append((start, until))
    return found


def intersect(a: Sequence[Stretch], b: Sequence[Stretch]) -> list[Stretch]:
    """Every instant that is in both sets of stretches."""
    found: list[Stretch] = []
    i = j = 0
    while i < len(a) and j < len(b):
        a_start, a_until = a[i]
        b_start, b_until = b[j]
        start = a_start if a_start > b_start else b_start
        if a_until < b_until:
            until = a_until
            i += 1
        else:
            until = b_until
            j += 1
        if start < until:
            found.append((start, until))
    return found


def subtract(a: Sequence[Stretch], b: Sequence[Stretch]) -> list[Stretch]:
    """Every instant of set `a` that is not in set `b`."""
    found: list[Stretch] = []
    j = 0
    for start, until in a:
        while j < len(b) and b[j][1] <= start:
            j += 1
        k = j
        while k < len(b) and b[k][0] < until:
            if start < b[k][0]:
                found.append((start, b[k][0]))
            start = b[k][1]
            k += 1
        if start < until:
            found.append((start, until))
    return found


def clip(spans: Iterable[A], start: Instant, until: Instant) -> list[A]:
    """The parts of spans (or stretches) that lie in [start, until), with all else they carry."""
    return [
        span
        if start <= span[0] and span[1] <= until
        else _resized(span, max(span[0], start), min(span[1], until))
        for span in spans
        if span[0] < until and span[1] > start and span[0] < span[1] and start < until
    ]


def _resized(span: A, start: Instant, until: Instant) -> A:
    make: Any = getattr(type(span), "_make", tuple)  # a NamedTuple stays what it is
    return cast(A, make((start, until, *span[2:])))


def join(spans: Iterable[Span]) -> list[Span]:
    """Spans in order of start, with neighbours of equal state made one and empty ones left out.

    A span must not begin before the one before it has ended.
    """
    found: list[Span] = []
    for start, until, state in spans:
        if start >= until:
            continue
        if found and found[-1].until == start and found[-1].state == state:
            found[-1] = Span(found[-1].start, until, state)
        else:
            found.append(Span(start, until, state))
    return found


def at(spans: Sequence[A], instant: Instant) -> A | None:
    """The span that holds at an instant, or None. `spans` in order, not overlapping."""
    index = bisect_right(spans, instant, key=_start) - 1
    if index >= 0 and instant < spans[index][1]:
        return spans[index]
    return None


def overlaps(a: Iterable[A], b: Iterable[B]) -> Iterator[tuple[A, B]]:
    """Every pair, one of each, that share an instant: an interval join by sort and merge.

    Spans of one side may overlap one another. The cost is that of sorting both, plus one step for
    each pair found. Pairs come in order of the instant at which they begin to overlap.
    """
    lefts = sorted((x for x in a if x[0] < x[1]), key=_start)
    rights = sorted((y for y in b if y[0] < y[1]), key=_start)
    open_lefts: list[A] = []
    open_rights: list[B] = []
    i = j = 0
    while i < len(lefts) or j < len(rights):
        if j == len(rights) or (i < len(lefts) and lefts[i][0] <= rights[j][0]):
            left = lefts[i]
            i += 1
            open_rights = [y for y in open_rights if y[1] > left[0]]
            for right in open_rights:
                yield left, right
            open_lefts.append(left)
        else:
            right = rights[j]
            j += 1
            open_lefts = [x for x in open_lefts if x[1] > right[0]]
            for left in open_lefts:
                yield left, right
            open_rights.append(right)
