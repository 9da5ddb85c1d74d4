"""One pass over the bytes of every text: what is told, of whom, and where it was said before.

Compiled, with `reading`, `telling`, `filling` and `wording`. Everything is whole numbers, so that
the result is the same on every machine. What it does, step by step, is written in
`docs/explanation/screening.md`.
"""

import numpy as np

from .compiled import compiled, inside, within
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
    LONGEST_WORD,
    MEMORY_BITS,
    MOST_FIELDS,
    MOST_MATCHES,
    MOST_NEAR,
    MOST_OPEN,
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
    Room,
    Sought,
    Tokens,
    U,
)
from .reading import mask_names, read_words
from .telling import (
    find_phrases,
    is_said,
    lists_of,
    may_be_told,
    names_another,
    of_another_section,
    says_open_field,
    specific_words,
    told_of,
)
from .wording import closest, has_room, look_up, look_up_who, nothing_said, say, with_room


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


@within
def may_be_incident(seen, scope, t, m, count):
    """Whether the words tell of an incident, but for a slip of the pen."""
    return may_be_told(INCIDENT, INCIDENT_NOT, scope, t, m, count) or (
        seen & SOMEBODY_TOLD and may_be_told(INCIDENT_MAYBE, INCIDENT_NOT, scope, t, m, count)
    )


@inside
def read_record(row, given, lex, types, names, limited, room, found):
    """Read the text and the fields of a record. How many words it has to compare, 0 = it is none
    that is compared with earlier ones."""
    t, m = room.tokens, room.matches
    text, fields = given.text, given.fields
    kind = given.kinds[row]
    part = OTHER_PART
    seen = 0
    filled = U(0)
    open_fields = U(0)
    if kind >= 0:
        part = types.part[kind]
        if part == RAISED_PART:
            return 0
        first, to = given.field_offsets[row], given.field_offsets[row + 1]
        if to > first:
            filled, asked, right = read_fields(
                fields, first, to, kind, types, room.v_from, room.v_to
            )
            if not right:
                found.flags[row] = BAD_FIELDS
                return 0
            seen |= FIELDS_KNOWN
            open_fields = types.required[kind] & asked & ~filled
            if open_fields != U(0):
                seen |= FIELD_MISSING
            if filled & types.told[kind] != U(0):
                seen |= TOLD_FIELD
            if filled & types.action[kind] != U(0):
                seen |= ACTION_FIELD
    begin = given.text_offsets[row]
    n, slips = read_words(text, begin, given.text_offsets[row + 1], lex, room.known, t)
    mask_names(lex, t, n, names)
    count = find_phrases(lex, t, n, slips, m)
    found.counts[row, 0] = n
    lists = lists_of(m, count)
    if lists >> U(ESCALATION) & U(1) and is_said(
        ESCALATION, ESCALATION_NOT, True, limited.scope, t, m, count
    ):
        seen |= SOMEBODY_TOLD
    if part == NOTE_PART or part == SHORT_PART or part == BODYMAP_PART:
        k = -1
        if lists >> U(INCIDENT) & U(1):
            k = told_of(INCIDENT, INCIDENT_NOT, limited.scope, t, m, count)
        # What may be an incident is one when somebody was told, in words that are no slip.
        if (
            k < 0
            and seen & SOMEBODY_TOLD
            and lists >> U(INCIDENT_MAYBE) & U(1)
            and is_said(ESCALATION, ESCALATION_NOT, False, limited.scope, t, m, count)
        ):
            k = told_of(INCIDENT_MAYBE, INCIDENT_NOT, limited.scope, t, m, count)
        if k >= 0:
            seen |= TELLS_INCIDENT
            put_span(found.spans, row, SPAN_INCIDENT, text, begin, t, m.begin[k], m.end[k])
        # An incident asks for something to be done as well.
        if k < 0 and lists >> U(CONCERN) & U(1):
            k = told_of(CONCERN, CONCERN_NOT, limited.scope, t, m, count)
        if k >= 0:
            seen |= TELLS_CONCERN
            put_span(found.spans, row, SPAN_CONCERN, text, begin, t, m.begin[k], m.end[k])
    if lists >> U(OFFLINE) & U(1) and is_said(OFFLINE, -1, True, limited.scope, t, m, count):
        seen |= WAS_OFFLINE
    if lists >> U(ACTION) & U(1) and is_said(ACTION, -1, True, limited.scope, t, m, count):
        seen |= SOMETHING_DONE
    if open_fields != U(0) and lists >> U(FIRST_SECTION):
        k = says_open_field(kind, open_fields, types, m, count)
        if k >= 0:
            seen |= TEXT_FOR_FIELD
            put_span(found.spans, row, SPAN_FIELD, text, begin, t, m.begin[k], m.end[k])
    section = given.sections[row]
    if (
        part == NOTE_PART
        and section >= 0
        and not seen & TELLS_INCIDENT
        and not (slips and may_be_incident(seen, limited.scope, t, m, count))
        and lists >> U(FIRST_SECTION)
    ):
        k = of_another_section(section, lex, n, m, count, room.covered, room.of_section)
        if k >= 0:
            seen |= WRONG_SECTION
            put_span(found.spans, row, SPAN_SECTION, text, begin, t, m.begin[k], m.end[k])
    subject = given.subjects[row]
    first, last = names_another(subject, t, n, m, count, names)
    if first >= 0:
        seen |= NAMES_ANOTHER
        put_span(found.spans, row, SPAN_NAME, text, begin, t, first, last + 1)
    specific, k = specific_words(subject, lex, t, n, m, count, names, room.covered)
    found.counts[row, 1] = specific
    if part == NOTE_PART and k >= 0 and specific == 0:
        seen |= STOCK_ALONE
        put_span(found.spans, row, SPAN_STOCK, text, begin, t, m.begin[k], m.end[k])

    # An incident's fields, in words: somebody may have been told there.
    if part == INCIDENT_PART and seen & FIELDS_KNOWN and not seen & SOMEBODY_TOLD:
        for bit in range(MOST_FIELDS):
            if filled >> U(bit) & U(1) and room.v_to[bit] > room.v_from[bit]:
                n, slips = read_words(fields, room.v_from[bit], room.v_to[bit], lex, room.known, t)
                mask_names(lex, t, n, names)
                count = find_phrases(lex, t, n, slips, m)
                if is_said(ESCALATION, ESCALATION_NOT, True, limited.scope, t, m, count):
                    seen |= SOMEBODY_TOLD
    found.flags[row] = seen
    return n if part == NOTE_PART else 0


@inside
def say_again(
    row, note, phrases, floor, epoch_first, everybody,
    text, begin, logs, limited, salt, t, said, sought, found,
):  # fmt: skip
    """Compare the wording of a note with earlier ones, and put down that it was said."""
    person, author = said.person[note], said.author[note]
    total, known = look_up(
        said, t, phrases, salt, person, author, floor, epoch_first, everybody, logs, sought
    )
    found.shares[row, 0] = known
    found.shares[row, 1] = total
    needed = max(
        (limited.percent * total + 99) // 100,
        (limited.phrases * logs[everybody + 1] + 1) // 2,
    )
    if known >= needed and total > 0:
        look_up_who(said, phrases, person, author, floor, sought)
        chosen, scope = closest(phrases, needed, sought)
        if chosen >= 0:
            found.flags[row] |= REUSED
            found.evidence[row] = said.row[chosen]
            longest = 0
            longest_from = 0
            run = 0
            for k in range(phrases):
                run = run + 1 if sought.note[scope, k] == chosen else 0
                if run > longest:
                    longest = run
                    longest_from = k - run + 1
            put_span(
                found.spans, row, SPAN_REUSED, text, begin,
                t, longest_from, longest_from + longest + 2,
            )  # fmt: skip
    say(said, phrases, note, floor, epoch_first, sought)


@compiled
def read_service(
    order,  # rows of the tables below, in the order of their recording
    given, lex, types, names,
    logs,  # logs[k]: ln k in millionths
    limited, salt, found,
):  # fmt: skip
    """Read the texts of one service, and put what is found into `found`."""
    room = Room(
        Tokens(
            np.empty(MOST_TOKENS, np.uint64),
            np.empty(MOST_TOKENS, np.int64),
            np.empty(MOST_TOKENS, np.int64),
            np.empty(MOST_TOKENS + 1, np.uint8),
            np.empty(MOST_TOKENS, np.int32),
            np.empty(MOST_TOKENS, np.int32),
            np.empty(MOST_TOKENS, np.uint64),
            np.zeros((MOST_TOKENS, MOST_NEAR), np.int32),
            np.zeros(MOST_TOKENS, np.int32),
        ),
        Matches(
            np.empty(MOST_MATCHES, np.int32),
            np.empty(MOST_MATCHES, np.int32),
            np.empty(MOST_MATCHES, np.int32),
            np.empty(MOST_MATCHES, np.bool_),
            np.empty(MOST_OPEN, np.int32),
            np.empty(MOST_OPEN, np.int32),
        ),
        Known(
            np.zeros(1 << MEMORY_BITS, np.uint64),
            np.zeros(1 << MEMORY_BITS, np.int32),
            np.zeros((1 << MEMORY_BITS, MOST_NEAR), np.int32),
            np.zeros(1 << MEMORY_BITS, np.int32),
            np.empty(LONGEST_WORD, np.uint8),
        ),
        np.empty(MOST_TOKENS, np.bool_),
        np.zeros((MOST_SECTIONS, 2), np.int32),
        np.zeros(MOST_FIELDS, np.int64),
        np.zeros(MOST_FIELDS, np.int64),
    )
    sought = Sought(
        np.empty(MOST_TOKENS, np.uint64),
        np.empty(MOST_TOKENS, np.int64),
        np.empty(MOST_TOKENS, np.int64),
        np.empty(MOST_TOKENS, np.int64),
        np.empty((3, MOST_TOKENS), np.int64),
        np.full(2 * MOST_TOKENS, -1, np.int64),
        np.empty(2 * MOST_TOKENS, np.int64),
    )
    said = nothing_said(len(order))
    notes = 0
    floor = 0  # the first note within reach
    epoch = np.int64(-1)
    epoch_first = 0  # its first note
    people_now = 0
    people_before = 0
    most_people = 0
    for place in range(len(order)):
        most_people = max(most_people, given.subjects[order[place]] + 1)
    person_epoch = np.full(most_people, -1, np.int64)

    for place in range(len(order)):
        row = order[place]
        if not given.live[row]:
            continue
        n = read_record(row, given, lex, types, names, limited, room, found)
        if n < 3:
            continue
        phrases = n - 2
        note = notes
        notes += 1
        person = given.subjects[row]
        said.row[note] = row
        said.person[note] = 2 * person
        said.author[note] = 2 * given.authors[row] + 1
        now = given.recorded[row]
        while floor < note and (
            note - floor > limited.reach or now - given.recorded[said.row[floor]] > limited.window
        ):
            floor += 1
        if now // limited.window != epoch:
            people_before = people_now if now // limited.window == epoch + 1 else 0
            people_now = 0
            epoch = now // limited.window
            epoch_first = note
        if person_epoch[person] != epoch:
            person_epoch[person] = epoch
            people_now += 1
        if not has_room(said, phrases):
            said = with_room(said, phrases, floor)
        say_again(
            row, note, phrases, floor, epoch_first, max(people_now, people_before),
            given.text, given.text_offsets[row], logs, limited, salt,
            room.tokens, said, sought, found,
        )  # fmt: skip
