"""Where wording was said before: one table of hashes, and votes for the closest earlier note."""

import numpy as np

from .compiled import within
from .layout import U

# An entry of the table is two numbers: the key, and last note (28 bits), epoch (8), people in this
# epoch (14), in the one before (14). A key of 0 is an empty place.
LAST = U((1 << 28) - 1)
COUNT = U((1 << 14) - 1)


@within
def slot_of(table, key):
    """Where the key stands, or would."""
    return slot_from(table, key & U(len(table) - 1), key)


@within
def slot_from(table, slot, key):
    """Where the key stands, or would, on from a place at or before it."""
    mask = U(len(table) - 1)
    while table[slot, 0] != key and table[slot, 0] != U(0):
        slot = (slot + U(1)) & mask
    return slot


@within
def regrown(table, floor):
    """The table without what is too long ago, with room for as much again; how full it is."""
    kept = 0
    size = len(table)
    for k in range(size):
        if table[k, 0] != U(0) and np.int64(table[k, 1] & LAST) >= floor:
            kept += 1
    room = 1024
    while room < 3 * kept:
        room *= 2
    grown = np.zeros((room, 2), np.uint64)
    for k in range(size):
        if table[k, 0] != U(0) and np.int64(table[k, 1] & LAST) >= floor:
            slot = slot_of(grown, table[k, 0])
            grown[slot, 0] = table[k, 0]
            grown[slot, 1] = table[k, 1]
    return grown, kept


@within
def enlarged(table):
    """The table with twice the room."""
    bigger = np.zeros((2 * len(table), 2), np.uint64)
    for k in range(len(table)):
        if table[k, 0] != U(0):
            slot = slot_of(bigger, table[k, 0])
            bigger[slot, 0] = table[k, 0]
            bigger[slot, 1] = table[k, 1]
    return bigger


@within
def people_of(entry, epoch):
    """How many people have had the wording in this epoch or the one before, whichever is more."""
    then = entry >> U(28) & U(255)
    if then == epoch:
        return max(np.int64(entry >> U(36) & COUNT), np.int64(entry >> U(50) & COUNT))
    if then == (epoch - U(1)) & U(255):
        return np.int64(entry >> U(36) & COUNT)
    return 0


@within
def said_again(table, slot, key, note, floor, epoch):
    """Put down that this person or author said it in this note: 1 if it is new to the table, and
    whether they had said it in this epoch. Looked for from `slot` on."""
    slot = slot_from(table, slot, key)
    entry = table[slot, 1]
    fresh = table[slot, 0] == U(0)
    before = not fresh and np.int64(entry & LAST) >= floor and entry >> U(28) & U(255) == epoch
    table[slot, 0] = key
    table[slot, 1] = U(note) | epoch << U(28)
    return (1 if fresh else 0), before


@within
def said_in_service(table, slot, key, note, floor, epoch, one_more):
    """Put down that it was said in this note; 1 if it is new to the table. As above."""
    slot = slot_from(table, slot, key)
    current = U(0)
    earlier = U(0)
    fresh = table[slot, 0] == U(0)
    if not fresh:
        entry = table[slot, 1]
        if np.int64(entry & LAST) >= floor:
            then = entry >> U(28) & U(255)
            if then == epoch:
                current = entry >> U(36) & COUNT
                earlier = entry >> U(50) & COUNT
            elif then == (epoch - U(1)) & U(255):
                earlier = entry >> U(36) & COUNT
    if one_more and current < COUNT:
        current += U(1)
    table[slot, 0] = key
    table[slot, 1] = U(note) | epoch << U(28) | current << U(36) | earlier << U(50)
    return 1 if fresh else 0


@within
def best_vote(found, weights, n, votes_note, votes_weight):
    """The earlier note with most weight in common, the later one if two have the same; its weight.

    `votes_note` is all -1 before and after.
    """
    mask = len(votes_note) - 1
    best = -1
    best_weight = 0
    for k in range(n):
        if found[k] < 0:
            continue
        slot = (found[k] * 0x9E3779B1) & mask
        while votes_note[slot] != found[k] and votes_note[slot] != -1:
            slot = (slot + 1) & mask
        if votes_note[slot] == -1:
            votes_note[slot] = found[k]
            votes_weight[slot] = 0
        votes_weight[slot] += weights[k]
        if votes_weight[slot] > best_weight or (
            votes_weight[slot] == best_weight and found[k] > best
        ):
            best = found[k]
            best_weight = votes_weight[slot]
    for k in range(n):
        if found[k] >= 0:
            slot = (found[k] * 0x9E3779B1) & mask
            while votes_note[slot] != -1:
                votes_note[slot] = -1
                slot = (slot + 1) & mask
    return best, best_weight
