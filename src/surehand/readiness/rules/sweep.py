"""Most shifts are plain: one state, from beginning to end. An interval join over arrays finds them
all at once, so that only the others are judged one by one (R9)."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from surehand.timeline import Instant

Ints = NDArray[np.int64]
Numbers = TypeVar("Numbers", int, Ints)


class Shifts(NamedTuple):
    """Shifts as columns. `key` says person and service in one number, as in `Posts`; `role` is a
    number for the job role the shift is for, 0 for any."""

    key: Ints
    role: Ints
    start: Ints
    until: Ints


class Posts(NamedTuple):
    """Posts as columns, in order of `key`."""

    key: Ints
    role: Ints


class Spans(NamedTuple):
    """Readiness spans as columns, in order of (`post`, `since`); `post` is a row of `Posts`."""

    post: Ints
    since: Ints
    until: Ints
    state: Ints


def columns(rows: Iterable[Sequence[int]], width: int) -> list[Ints]:
    """Rows turned into so many columns."""
    # One number after another: an array of tuples is looked at twice, and each tuple by itself.
    table = np.fromiter(chain.from_iterable(rows), dtype=np.int64).reshape(-1, width)
    return list(table.T)


def keys(service: Numbers, person: Numbers) -> Numbers:
    """One number for a person at a service, or for each of many."""
    return (service << 32) | person


UNSETTLED = -1


def plain_states(shifts: Shifts, posts: Posts, spans: Spans) -> Ints:
    """For each shift the one state that every post of the person there which touches it (of its job
    role, where it has one) is in for the whole of it; UNSETTLED where there is no such state, or no
    such post. INDEPENDENT is cleared, whatever else there is; the rest is for `clearance`."""
    count = len(shifts.key)
    settled = np.full(count, UNSETTLED, dtype=np.int64)
    if not count or not len(spans.post):
        return settled
    # Every pair of a shift and a post of that person at that service.
    first = np.searchsorted(posts.key, shifts.key, side="left")
    many = np.searchsorted(posts.key, shifts.key, side="right") - first
    shift = np.repeat(np.arange(count), many)
    post = first[shift] + np.arange(len(shift)) - np.repeat(np.cumsum(many) - many, many)
    counts = (shifts.role[shift] == 0) | (shifts.role[shift] == posts.role[post])
    shift, post = shift[counts], post[counts]
    start, until = shifts.start[shift], shifts.until[shift]

    # The last span of the post that begins by the start of the shift. Post and instant are made one
    # number; beyond the shifts' own window an instant may stand at its edge.
    opens, closes = int(shifts.start.min()), int(shifts.until.max())
    width = closes - opens + 1
    begins = spans.post * width + np.clip(spans.since, opens, closes) - opens
    held = np.searchsorted(begins, post * width + start - opens, side="right") - 1
    reaches = (held >= 0) & (spans.post[held] == post) & (spans.until[held] > start)
    whole = reaches & (spans.until[held] >= until)
    following = np.minimum(held + 1, len(spans.post) - 1)
    touches = reaches | (
        (following > held)
        & (spans.post[following] == post)
        & (spans.since[following] < until)
        & (spans.until[following] > start)
    )
    state = spans.state[held[whole]]
    of = shift[whole]
    posts_whole = np.bincount(of, minlength=count)
    total = np.bincount(of, weights=state, minlength=count)
    squares = np.bincount(of, weights=state * state, minlength=count)
    alike = squares * posts_whole == total * total  # no variance: all in the same state
    touching = np.bincount(shift[touches], minlength=count)
    plain = (posts_whole > 0) & (posts_whole == touching) & alike
    settled[of] = state
    settled[~plain] = UNSETTLED
    return settled


def by_post(spans: Iterable[tuple[int, Instant, Instant, int]], order: dict[int, int]) -> Spans:
    """Spans (post id, since, until, state) as columns, by the row of their post in `Posts`."""
    found = columns(((order[row[0]], *row[1:]) for row in spans if row[0] in order), 4)
    in_order = np.lexsort((found[1], found[0]))
    return Spans(*(column[in_order] for column in found))
