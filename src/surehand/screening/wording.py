"""Where wording was said before: which notes last had it, how many people, and the closest note.

Most wording is said in one note and never again. So what is new to a service takes one place in one
table; only what is said in a second note is given a number, under which a second table holds who
said it last when, and people are counted.
"""

import numpy as np

from .compiled import compiled, fetch, within
from .layout import K1, K2, K3, LEAST_ROOM, S32, Said, U
from .reading import mix

# Both tables have two numbers in a place: the key, 0 = empty; and the last note, with the number of
# the wording above it (0 = said in one note only; unused in the table of who said it).
NOTE = U((1 << 32) - 1)


@within
def first_place(table, key):
    """Where a key stands, if no other took its place."""
    return (key * K1 >> S32) & U(len(table) - 1)


@within
def place_of(table, key):
    """Where the key stands, or would."""
    mask = U(len(table) - 1)
    place = first_place(table, key)
    while table[place, 0] != key and table[place, 0] != U(0):
        place = (place + U(1)) & mask
    return place


@within
def who(number, person_or_author):
    """The key under which it is held when they last said the wording of this number."""
    return U(number) << S32 | U(person_or_author)


@within
def last_of(table, key, floor):
    """The last note under a key; -1 = none within reach."""
    place = place_of(table, key)
    note = np.int64(table[place, 1] & NOTE)
    return note if table[place, 0] == key and note >= floor else -1


@within
def put(said, key, note, floor):
    """Hold under a key that it was said in this note; the last one before; -1 = none in reach."""
    place = place_of(said.by_whom, key)
    before = -1
    if said.by_whom[place, 0] == key:
        if np.int64(said.by_whom[place, 1]) >= floor:
            before = np.int64(said.by_whom[place, 1])
    else:
        said.by_whom[place, 0] = key
        said.held[1] += 1
    said.by_whom[place, 1] = U(note)
    return before


@compiled
def nothing_said(notes):
    """What a service with so many notes begins with."""
    return Said(
        np.zeros((LEAST_ROOM, 2), np.uint64),
        np.zeros((LEAST_ROOM, 2), np.uint64),
        np.zeros(LEAST_ROOM, np.int32),
        np.zeros(LEAST_ROOM, np.int32),
        np.arange(LEAST_ROOM - 1, -1, -1).astype(np.int32),
        np.array([0, 0, LEAST_ROOM - 1]),
        np.empty(notes, np.int64),
        np.empty(notes, np.int32),
        np.empty(notes, np.int32),
    )


@within
def has_room(said, phrases):
    """Whether one more note of so many phrases leaves both tables at most two thirds full."""
    return (
        3 * (said.held[0] + phrases) <= 2 * len(said.phrases)
        and 3 * (said.held[1] + 4 * phrases) <= 2 * len(said.by_whom)
        and said.held[2] >= phrases
    )


@compiled
def with_room(said, phrases, floor):
    """The same without what is out of reach, with room for more."""
    spare, free = said.spare, said.held[2]
    now, before = said.now, said.before
    table = said.phrases
    for place in range(len(table)):
        if table[place, 0] != U(0) and np.int64(table[place, 1] & NOTE) < floor:
            number = table[place, 1] >> S32
            if number != U(0):
                spare[free] = number
                free += 1
    if free < phrases:
        many = len(now)
        more = np.zeros(many, np.int32)
        now, before = np.concatenate((now, more)), np.concatenate((before, more))
        larger = np.empty(2 * many, np.int32)
        larger[:free] = spare[:free]
        for number in range(2 * many - 1, many - 1, -1):
            larger[free] = number
            free += 1
        spare = larger
    # New phrases come all the time: in a larger table most would be memory not touched before.
    table, held = without_old(said.phrases, floor, phrases, 2)
    by_whom, held_by_whom = without_old(said.by_whom, floor, 4 * phrases, 3)
    return Said(
        table, by_whom, now, before, spare, np.array([held, held_by_whom, free]),
        said.row, said.person, said.author,
    )  # fmt: skip


@compiled
def without_old(table, floor, more, times):
    """The table without what is out of reach, with so many `times` the places that it needs with
    so many more; how many it holds."""
    held = 0
    for place in range(len(table)):
        if table[place, 0] != U(0) and np.int64(table[place, 1] & NOTE) >= floor:
            held += 1
    room = LEAST_ROOM
    while room < times * (held + more):
        room *= 2
    fresh = np.zeros((room, 2), np.uint64)
    for place in range(len(table)):
        if table[place, 0] != U(0) and np.int64(table[place, 1] & NOTE) >= floor:
            to = place_of(fresh, table[place, 0])
            fresh[to, 0] = table[place, 0]
            fresh[to, 1] = table[place, 1]
    return fresh, held


@within
def look_up(said, t, phrases, salt, person, author, floor, epoch_first, everybody, logs, sought):
    """The last note of the service with each phrase, and its weight. Gives back the weight of all,
    and of those that were said before."""
    for k in range(phrases):
        sought.key[k] = mix(t.masked[k] * K1 + t.masked[k + 1] * K2 + t.masked[k + 2] * K3 + salt)
        fetch(said.phrases, first_place(said.phrases, sought.key[k]))
    most = logs[everybody + 1]
    total = 0
    known = 0
    for k in range(phrases):
        place = place_of(said.phrases, sought.key[k])
        sought.place[k] = place
        sought.note[2, k] = -1
        people = 1
        if said.phrases[place, 0] != U(0):
            entry = said.phrases[place, 1]
            note = np.int64(entry & NOTE)
            number = np.int64(entry >> S32)
            if note >= floor:
                sought.note[2, k] = note
                sought.number[k] = number
                if number > 0:
                    fetch(said.by_whom, first_place(said.by_whom, who(number, person)))
                    fetch(said.by_whom, first_place(said.by_whom, who(number, author)))
                    people = said.now[number]
                    if note >= epoch_first:
                        people = max(people, said.before[number])
        weight = most - logs[min(max(people, 1), everybody + 1)]
        sought.weight[k] = weight
        total += weight
        if sought.note[2, k] >= 0:
            known += weight
    return total, known


@within
def look_up_who(said, phrases, person, author, floor, sought):
    """The last note with each phrase of the same person, and of the same author."""
    for k in range(phrases):
        note = sought.note[2, k]
        sought.note[0, k] = -1
        sought.note[1, k] = -1
        if note < 0:
            continue
        number = sought.number[k]
        if number == 0:
            if said.person[note] == person:
                sought.note[0, k] = note
            if said.author[note] == author:
                sought.note[1, k] = note
        else:
            sought.note[0, k] = last_of(said.by_whom, who(number, person), floor)
            sought.note[1, k] = last_of(said.by_whom, who(number, author), floor)


@within
def closest(phrases, needed, sought):
    """The earlier note with most weight in common, and in which scope (person, author, service);
    -1 = none has as much as is needed."""
    chosen = -1
    chosen_scope = 0
    chosen_weight = max(needed - 1, 0)
    for scope in range(3):
        together = 0
        for k in range(phrases):
            if sought.note[scope, k] >= 0:
                together += sought.weight[k]
        if together > chosen_weight:
            best, weight = best_vote(
                sought.note[scope], sought.weight, phrases, sought.votes_note, sought.votes_weight
            )
            if best >= 0 and weight > chosen_weight:
                chosen = best
                chosen_scope = scope
                chosen_weight = weight
    return chosen, chosen_scope


@within
def say(said, phrases, note, floor, epoch_first, sought):
    """Put down that all this was said in this note."""
    person = said.person[note]
    author = said.author[note]
    table = said.phrases
    for k in range(phrases):
        key = sought.key[k]
        place = U(sought.place[k])
        if table[place, 0] != key:
            place = place_of(table, key)  # taken meanwhile, or still empty
        if table[place, 0] == U(0):
            table[place, 0] = key
            table[place, 1] = U(note)
            said.held[0] += 1
            continue
        last = np.int64(table[place, 1] & NOTE)
        number = np.int64(table[place, 1] >> S32)
        if last == note:
            continue  # twice in the same note
        if number == 0:
            if last < floor:
                table[place, 1] = U(note)
                continue
            said.held[2] -= 1
            number = np.int64(said.spare[said.held[2]])
            said.now[number] = 1
            said.before[number] = 0
            put(said, who(number, said.person[last]), last, floor)
            put(said, who(number, said.author[last]), last, floor)
        if last < floor:
            said.now[number] = 0
            said.before[number] = 0
        elif last < epoch_first:
            said.before[number] = said.now[number]
            said.now[number] = 0
        if put(said, who(number, person), note, floor) < epoch_first:
            said.now[number] += 1
        put(said, who(number, author), note, floor)
        table[place, 1] = U(note) | U(number) << S32


@within
def best_vote(found, weights, n, votes_note, votes_weight):
    """The earlier note with most weight in common, the later one if two have the same; its weight.

    `votes_note` is all -1 before and after.
    """
    mask = 1
    while mask < 2 * n:
        mask *= 2
    mask -= 1
    best = -1
    best_weight = 0
    for k in range(n):
        if found[k] < 0:
            continue
        slot = (found[k] * 0x9E3779B1 >> 16) & mask
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
    for slot in range(mask + 1):
        votes_note[slot] = -1
    return best, best_weight
