"""One pass over the bytes of every text: what is told, of whom, and where it was said before.

Compiled, with `reading`, `telling`, `filling` and `wording`. Everything is whole numbers, so that
the result is the same on every machine. What it does, step by step, is written in
`docs/explanation/screening.md`.
"""

import numpy as np

from .compiled import compiled, within
from .filling import read_fields
from .layout import (
    ACTION,
    ACTION_FIELD,
    BAD_FIELDS,
    BODYMAP_PART,
    CONCERN,
    CONCERN_NOT,
    ESCALATION,
    ESCALATION_NOT,
    FIELD_MISSING,
    FIELDS_KNOWN,
    FIRST_SECTION,
    INCIDENT,
    INCIDENT_MAYBE,
    INCIDENT_NOT,
    INCIDENT_PART,
    K1,
    K2,
    K3,
    LONGEST_WORD,
    MEMORY_BITS,
    MOST_FIELDS,
    MOST_MATCHES,
    MOST_NEAR,
    MOST_ROOM,
    MOST_SECTIONS,
    MOST_TOKENS,
    NAMES_ANOTHER,
    NOTE_PART,
    OFFLINE,
    OTHER_PART,
    RAISED_PART,
    REUSED,
    SHORT_PART,
    SOMEBODY_TOLD,
    SOMETHING_DONE,
    SPAN_CONCERN,
    SPAN_FIELD,
    SPAN_INCIDENT,
    SPAN_NAME,
    SPAN_REUSED,
    SPAN_SECTION,
    SPAN_STOCK,
    STOCK_ALONE,
    TELLS_CONCERN,
    TELLS_INCIDENT,
    TEXT_FOR_FIELD,
    TOLD_FIELD,
    WAS_OFFLINE,
    WRONG_SECTION,
    Known,
    Matches,
    Tokens,
    U,
)
from .reading import mask_names, mix, read_words
from .telling import (
    find_phrases,
    is_said,
    lists_of,
    names_another,
    of_another_section,
    says_open_field,
    specific_words,
    told_of,
)
from .wording import (
    LAST,
    best_vote,
    enlarged,
    people_of,
    regrown,
    said_again,
    said_in_service,
    slot_from,
)


@within
def characters(data, begin, end):
    """How many characters the bytes are."""
    count = 0
    for k in range(begin, end):
        if data[k] & 0xC0 != 0x80:
            count += 1
    return count


@within
def put_span(spans, row, which, data, begin, t, first, to):
    """Tokens of a text that begins at a byte, as characters from its beginning."""
    spans[row, 2 * which] = characters(data, begin, t.begin[first])
    spans[row, 2 * which + 1] = characters(data, t.begin[first], t.end[to - 1])


@compiled
def read_service(
    order,  # rows of the tables below, in the order of their recording
    text, text_offsets,  # bytes, and where each row's begin
    fields, field_offsets,
    kinds,  # by row: number of the record type
    live,  # by row: to be looked at at all
    sections,  # by row: number of the section, -1 = none
    subjects, authors,  # by row
    recorded,  # by row, microseconds
    lex, types, names,
    logs,  # logs[k]: ln k in millionths
    limited, salt,
    flags, spans, counts, shares, evidence,  # what is found, by row
):  # fmt: skip
    """Read the texts of one service. `counts`: words, specific words. `shares`: known weight, all
    weight. `evidence`: the row that reused wording was seen in, -1 = none."""
    t = Tokens(
        np.empty(MOST_TOKENS, np.uint64),
        np.empty(MOST_TOKENS, np.int64),
        np.empty(MOST_TOKENS, np.int64),
        np.empty(MOST_TOKENS + 1, np.uint8),
        np.empty(MOST_TOKENS, np.int32),
        np.empty(MOST_TOKENS, np.int32),
        np.empty(MOST_TOKENS, np.uint64),
        np.zeros((MOST_TOKENS, MOST_NEAR), np.int32),
        np.zeros(MOST_TOKENS, np.int32),
    )
    m = Matches(
        np.empty(MOST_MATCHES, np.int32),
        np.empty(MOST_MATCHES, np.int32),
        np.empty(MOST_MATCHES, np.int32),
        np.empty(MOST_MATCHES, np.bool_),
    )
    known = Known(
        np.zeros(1 << MEMORY_BITS, np.uint64),
        np.zeros(1 << MEMORY_BITS, np.int32),
        np.zeros((1 << MEMORY_BITS, MOST_NEAR), np.int32),
        np.zeros(1 << MEMORY_BITS, np.int32),
        np.empty(LONGEST_WORD, np.uint8),
    )
    covered = np.empty(MOST_TOKENS, np.bool_)
    of_section = np.zeros((MOST_SECTIONS, 2), np.int32)
    v_from = np.zeros(MOST_FIELDS, np.int64)
    v_to = np.zeros(MOST_FIELDS, np.int64)
    # Where wording was seen: by person, author, service.
    # Room for all if they are short, so that it seldom grows while it is small.
    room = 1024
    volume = 0
    for place in range(len(order)):
        row = order[place]
        volume += text_offsets[row + 1] - text_offsets[row]
    while room < MOST_ROOM and 8 * room < volume:
        room *= 2
    table = np.zeros((room, 2), np.uint64)
    full = 0
    w_key = np.empty((3, MOST_TOKENS), np.uint64)
    w_slot = np.empty((3, MOST_TOKENS), np.uint64)
    w_note = np.empty((3, MOST_TOKENS), np.int64)
    w_weight = np.empty(MOST_TOKENS, np.int64)
    votes_note = np.full(4 * MOST_TOKENS, -1, np.int64)
    votes_weight = np.zeros(4 * MOST_TOKENS, np.int64)
    note_row = np.empty(len(order), np.int64)
    notes = 0
    floor = 0
    epoch_now = np.int64(-1)
    people_now = 0
    people_before = 0
    most_people = 0
    for place in range(len(order)):
        most_people = max(most_people, subjects[order[place]] + 1)
    person_epoch = np.full(most_people, -1, np.int64)

    for place in range(len(order)):
        row = order[place]
        kind = kinds[row]
        if not live[row]:
            continue
        part = OTHER_PART
        found = 0
        filled = U(0)
        open_fields = U(0)
        if kind >= 0:
            part = types.part[kind]
            if part == RAISED_PART:
                continue
            if field_offsets[row + 1] > field_offsets[row]:
                filled, asked, right = read_fields(
                    fields, field_offsets[row], field_offsets[row + 1], kind, types, v_from, v_to
                )
                if not right:
                    flags[row] = BAD_FIELDS
                    continue
                found |= FIELDS_KNOWN
                open_fields = types.required[kind] & asked & ~filled
                if open_fields != U(0):
                    found |= FIELD_MISSING
                if filled & types.told[kind] != U(0):
                    found |= TOLD_FIELD
                if filled & types.action[kind] != U(0):
                    found |= ACTION_FIELD
        begin = text_offsets[row]
        n, slips = read_words(text, begin, text_offsets[row + 1], lex, known, t)
        mask_names(lex, t, n, names)
        count = find_phrases(lex, t, n, slips, m)
        counts[row, 0] = n
        lists = lists_of(m, count)
        if lists >> U(ESCALATION) & U(1) and is_said(
            ESCALATION, ESCALATION_NOT, limited.scope, t, m, count
        ):
            found |= SOMEBODY_TOLD
        if part == NOTE_PART or part == SHORT_PART or part == BODYMAP_PART:
            k = -1
            if lists >> U(INCIDENT) & U(1):
                k = told_of(INCIDENT, INCIDENT_NOT, limited.scope, t, m, count)
            # What may be an incident is one when somebody was told.
            if k < 0 and found & SOMEBODY_TOLD and lists >> U(INCIDENT_MAYBE) & U(1):
                k = told_of(INCIDENT_MAYBE, INCIDENT_NOT, limited.scope, t, m, count)
            if k >= 0:
                found |= TELLS_INCIDENT
                put_span(spans, row, SPAN_INCIDENT, text, begin, t, m.begin[k], m.end[k])
            # An incident asks for something to be done as well.
            if k < 0 and lists >> U(CONCERN) & U(1):
                k = told_of(CONCERN, CONCERN_NOT, limited.scope, t, m, count)
            if k >= 0:
                found |= TELLS_CONCERN
                put_span(spans, row, SPAN_CONCERN, text, begin, t, m.begin[k], m.end[k])
        if lists >> U(OFFLINE) & U(1) and is_said(OFFLINE, -1, limited.scope, t, m, count):
            found |= WAS_OFFLINE
        if lists >> U(ACTION) & U(1) and is_said(ACTION, -1, limited.scope, t, m, count):
            found |= SOMETHING_DONE
        if open_fields != U(0) and lists >> U(FIRST_SECTION):
            k = says_open_field(kind, open_fields, types, m, count)
            if k >= 0:
                found |= TEXT_FOR_FIELD
                put_span(spans, row, SPAN_FIELD, text, begin, t, m.begin[k], m.end[k])
        if (
            part == NOTE_PART
            and sections[row] >= 0
            and not found & TELLS_INCIDENT
            and lists >> U(FIRST_SECTION)
        ):
            k = of_another_section(sections[row], lex, n, m, count, covered, of_section)
            if k >= 0:
                found |= WRONG_SECTION
                put_span(spans, row, SPAN_SECTION, text, begin, t, m.begin[k], m.end[k])
        first, last = names_another(subjects[row], t, n, m, count, names)
        if first >= 0:
            found |= NAMES_ANOTHER
            put_span(spans, row, SPAN_NAME, text, begin, t, first, last + 1)
        specific, k = specific_words(subjects[row], lex, t, n, m, count, names, covered)
        counts[row, 1] = specific
        if part == NOTE_PART and k >= 0 and specific == 0:
            found |= STOCK_ALONE
            put_span(spans, row, SPAN_STOCK, text, begin, t, m.begin[k], m.end[k])

        # An incident's fields, in words: somebody may have been told there.
        if part == INCIDENT_PART and found & FIELDS_KNOWN and not found & SOMEBODY_TOLD:
            for bit in range(MOST_FIELDS):
                if filled >> U(bit) & U(1) and v_to[bit] > v_from[bit]:
                    n, slips = read_words(fields, v_from[bit], v_to[bit], lex, known, t)
                    mask_names(lex, t, n, names)
                    count = find_phrases(lex, t, n, slips, m)
                    if is_said(ESCALATION, ESCALATION_NOT, limited.scope, t, m, count):
                        found |= SOMEBODY_TOLD

        # Wording seen before.
        if part == NOTE_PART and n >= 3:
            note = notes
            note_row[note] = row
            notes += 1
            now = recorded[row]
            while floor < note and (
                note - floor > limited.reach or now - recorded[note_row[floor]] > limited.window
            ):
                floor += 1
            epoch = now // limited.window
            if epoch != epoch_now:
                people_before = people_now if epoch == epoch_now + 1 else 0
                people_now = 0
                epoch_now = epoch
            person = subjects[row]
            if person_epoch[person] != epoch:
                person_epoch[person] = epoch
                people_now += 1
            everybody = max(people_now, people_before)
            phrases = n - 2
            if 3 * (full + 3 * phrases) > 2 * len(table):
                table, full = regrown(table, floor)
                while 3 * (full + 3 * phrases) > 2 * len(table):
                    table = enlarged(table)
            short_epoch = U(epoch & 255)
            by_person = mix(U(2 * person + 2))
            by_author = mix(U(2 * authors[row] + 3))
            mask = U(len(table) - 1)
            for k in range(phrases):
                s = mix(t.masked[k] * K1 + t.masked[k + 1] * K2 + t.masked[k + 2] * K3 + salt)
                w_key[0, k] = s + by_person
                w_key[1, k] = s + by_author
                w_key[2, k] = s
            total = 0
            matched = 0
            for scope in range(3):
                for k in range(phrases):
                    key = w_key[scope, k]
                    slot = key & mask
                    there = table[slot, 0]
                    if there != key and there != U(0):
                        slot = slot_from(table, slot, key)
                        there = table[slot, 0]
                    w_slot[scope, k] = slot
                    w_note[scope, k] = -1
                    people = 0
                    if there == key:
                        entry = table[slot, 1]
                        said_in = np.int64(entry & LAST)
                        if said_in >= floor:
                            w_note[scope, k] = said_in
                            people = people_of(entry, short_epoch)
                    if scope == 2:
                        weight = logs[everybody + 1] - logs[min(max(people, 1), everybody + 1)]
                        w_weight[k] = weight
                        total += weight
                        if w_note[2, k] >= 0:
                            matched += weight
            shares[row, 0] = matched
            shares[row, 1] = total
            needed = max(
                (limited.percent * total + 99) // 100,
                (limited.phrases * logs[everybody + 1] + 1) // 2,
            )
            if matched >= needed and total > 0:
                chosen = -1
                chosen_weight = 0
                chosen_scope = 0
                for scope in range(3):
                    best, weight = best_vote(
                        w_note[scope], w_weight, phrases, votes_note, votes_weight
                    )
                    if best >= 0 and weight > chosen_weight:
                        chosen = best
                        chosen_weight = weight
                        chosen_scope = scope
                if chosen >= 0 and chosen_weight >= needed:
                    found |= REUSED
                    evidence[row] = note_row[chosen]
                    longest = 0
                    longest_from = 0
                    run = 0
                    for k in range(phrases):
                        run = run + 1 if w_note[chosen_scope, k] == chosen else 0
                        if run > longest:
                            longest = run
                            longest_from = k - run + 1
                    put_span(
                        spans, row, SPAN_REUSED, text, begin,
                        t, longest_from, longest_from + longest + 2,
                    )  # fmt: skip
            # Now it has been said.
            for k in range(phrases):
                fresh, before = said_again(
                    table, w_slot[0, k], w_key[0, k], note, floor, short_epoch
                )
                full += fresh
                fresh, _ = said_again(table, w_slot[1, k], w_key[1, k], note, floor, short_epoch)
                full += fresh
                full += said_in_service(
                    table, w_slot[2, k], w_key[2, k], note, floor, short_epoch, not before
                )
        flags[row] = found
