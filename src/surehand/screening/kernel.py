"""One pass over the bytes of every text: what is told, of whom, and where it was said before.

Compiled. Everything here is whole numbers, so that the result is the same on every machine. What it
does, step by step, is written in `docs/explanation/screening.md`.
"""

from typing import NamedTuple

import numpy as np

from .compiled import compiled, within

U = np.uint64

# The lists of words, by number; those of sections and fields follow. numpy's numbers: a plain one
# in a call would have the function compiled for that number alone.
(
    INCIDENT, INCIDENT_NOT, ESCALATION, ESCALATION_NOT, ACTION, CONCERN, CONCERN_NOT, STOCK, FILLER,
    NEGATED_BEFORE, NEGATED_AFTER, PAST_BEFORE, PAST_AFTER, SUPPOSED_BEFORE, SUPPOSED_AFTER,
    OTHERS_BEFORE, ENDS, RELATIVE_BEFORE, RELATIVE_AFTER, OFFLINE,
) = map(np.int64, range(20))  # fmt: skip
LIST_NAMES = (
    "incident", "incident_not", "escalation", "escalation_not", "action", "concern", "concern_not",
    "stock", "filler", "negated_before", "negated_after", "past_before", "past_after",
    "supposed_before", "supposed_after", "others_before", "ends", "relative_before",
    "relative_after", "offline",
)  # fmt: skip
FIRST_SECTION = 32
FIRST_FIELD = 96
MOST_SECTIONS = FIRST_FIELD - FIRST_SECTION
MOST_FIELDS = 64

# What a record type is to screening.
OTHER_PART, NOTE_PART, SHORT_PART, INCIDENT_PART, ALERT_PART, RAISED_PART, BODYMAP_PART = range(7)

# What was found, as bits of one number.
FIELD_MISSING = 1
FIELDS_KNOWN = 2
TELLS_INCIDENT = 4
TELLS_CONCERN = 8
SOMEBODY_TOLD = 16
SOMETHING_DONE = 32
NAMES_ANOTHER = 64
STOCK_ALONE = 128
TEXT_FOR_FIELD = 256
WRONG_SECTION = 512
REUSED = 1024
TOLD_FIELD = 2048
ACTION_FIELD = 4096
BAD_FIELDS = 8192
WAS_OFFLINE = 16384

# Spans, by number.
SPAN_INCIDENT, SPAN_CONCERN, SPAN_NAME, SPAN_STOCK, SPAN_FIELD, SPAN_SECTION, SPAN_REUSED = map(
    np.int64, range(7)
)
SPANS = 7

MOST_TOKENS = 4096
MOST_MATCHES = 8192
MOST_OPEN = 64
LONGEST_PHRASE = 12
MEMORY_BITS = 14
MOST_ROOM = 1 << 19  # of a table of wording to begin with: 8 MiB
WORDS_FOR_SECTION = 15  # of a text for each that belongs elsewhere, at most

# Of a token.
IS_NUMBER, IS_CAPITAL, AFTER_COMMA, FIRST_OF_SENTENCE = 1, 2, 4, 8

_PRIME = U(1099511628211)
_START = U(14695981039346656037)
_K1, _K2, _K3 = U(0x9E3779B97F4A7C15), U(0xC2B2AE3D27D4EB4F), U(0x165667B19E3779F9)
_M1, _M2 = U(0xFF51AFD7ED558CCD), U(0xC4CEB9FE1A85EC53)
# Hashes of words with a letter left out: letters times powers of the base, so that what follows
# moves back by one at a multiplication with its inverse.
NEAR_BASE = U(0x5851F42D4C957F2D)
NEAR_BACK = U(pow(0x5851F42D4C957F2D, -1, 1 << 64))
NEAR_SHIFT = U(46)  # leaves 18 bits: 32 KiB in all, which stays at hand
_NAME, _NUMBER = U(0x2545F4914F6CDD1D), U(0x9FB21C651E98DF25)
_S33, _S13 = U(33), U(13)

ANY, NUMBER, NAME, FIRST_WORD = 1, 2, 3, 4


class Lexicon(NamedTuple):
    """The words and phrases, as flat arrays."""

    fold: (
        np.ndarray
    )  # U+00C0 to U+017F → one or two plain letters (second may be 0), uint8 [192, 2]
    hashes: np.ndarray  # open addressing: hash of a word …
    ids: np.ndarray  # … and its id, 0 = empty
    near_hashes: np.ndarray  # the hash of a word, or of one with a letter left out, in order
    near_ids: np.ndarray  # whose it is
    near_keys: np.ndarray  # open addressing: a hash …
    near_places: np.ndarray  # … and where it first stands in `near_hashes`, + 1
    near_bits: np.ndarray  # a bit for each of those hashes: most words are like none
    letters: np.ndarray  # the words, one after another
    starts: np.ndarray  # where each word begins in `letters`, by id; one more at the end
    cues: np.ndarray  # by id: the word stands in a list that takes signals away
    filler: np.ndarray  # by id: the word says nothing of a person or a day
    root: np.ndarray  # by id: the node its phrases begin with, 0 = none
    edge_keys: np.ndarray  # open addressing: node and word …
    edge_nodes: np.ndarray  # … and the next node
    onward: np.ndarray  # by node: bits of the words it has edges for: most words go no further
    after_any: np.ndarray  # by node: the next node by any word, 0 = none …
    after_number: np.ndarray  # … by a number …
    after_name: np.ndarray  # … by a name
    meaning_starts: np.ndarray  # by node: its lists are meanings[starts[n]:starts[n + 1]]
    meanings: np.ndarray


class Types(NamedTuple):
    """The record types of the ruleset, by number."""

    part: np.ndarray
    asked: np.ndarray  # fields asked whatever the others say, as bits
    required: np.ndarray
    told: np.ndarray
    action: np.ndarray
    field_bit: np.ndarray  # [type, field list] → bit of the field, -1 = not of this type
    key_hashes: np.ndarray  # open addressing: type and name of a field …
    key_bits: np.ndarray  # … and its bit + 1
    value_hashes: np.ndarray  # open addressing: type, bit and value …
    value_asks: np.ndarray  # … and the fields it asks for, as bits


class Tokens(NamedTuple):
    """The words and numbers of a text, one after another."""

    hash: np.ndarray
    begin: np.ndarray  # its first byte, from the beginning of all texts …
    end: np.ndarray  # … and the byte after its last
    flags: np.ndarray
    sentence: np.ndarray  # in which it stands, from 0
    word: np.ndarray  # id of the known word it is, 0 = none
    masked: np.ndarray  # its hash, names and numbers all alike
    near: np.ndarray  # where it is no known word: cues it may be a slip of the pen for …
    near_count: np.ndarray  # … and how many


class Matches(NamedTuple):
    """The phrases found in a text, one after another."""

    list: np.ndarray  # number of the list of words
    begin: np.ndarray  # its first token …
    end: np.ndarray  # … and the token after its last
    loose: np.ndarray  # a word of it may be a slip of the pen for another


class Known(NamedTuple):
    """What words were found to be, by the first bits of their hashes; -1 = one of several words."""

    hash: np.ndarray
    word: np.ndarray
    near: np.ndarray
    near_count: np.ndarray
    letters: np.ndarray  # room to put a word together


class Names(NamedTuple):
    """The names of a service's people."""

    hashes: np.ndarray  # open addressing: a word of a name …
    kinds: np.ndarray  # … and whether it is a first name (1), a further one (2)
    own_hashes: np.ndarray  # open addressing: a word of a name and whose it is …
    own: np.ndarray  # … 1


class Limited(NamedTuple):
    """The limits of the ruleset that reading needs."""

    window: int  # microseconds
    reach: int
    percent: int
    phrases: int
    scope: int


@within
def mix(h):
    """Every bit of the result depends on every bit of the number."""
    h ^= h >> _S33
    h *= _M1
    h ^= h >> _S33
    h *= _M2
    h ^= h >> _S33
    return h


@within
def tokenise(data, begin, end, fold, t):
    """The words and numbers of a text; how many there are.

    Letters are made small and plain; an apostrophe within a word is passed over; digits and letters
    are apart; a sentence ends at . ! ? ; or a line's end.
    """
    n = 0
    at = begin
    sentence = 0
    fresh = True
    comma = False
    while at < end and n < MOST_TOKENS:
        b = data[at]
        if 48 <= b <= 57:
            h = _START
            start = at
            while at < end and 48 <= data[at] <= 57:
                h = (h ^ U(data[at])) * _PRIME
                at += 1
            t.hash[n] = h
            t.begin[n] = start
            t.end[n] = at
            t.flags[n] = (
                IS_NUMBER | (AFTER_COMMA if comma else 0) | (FIRST_OF_SENTENCE if fresh else 0)
            )
            t.sentence[n] = sentence
            n += 1
            fresh = False
            comma = False
            continue
        lower = b | 32
        if 97 <= lower <= 122 or b >= 0xC3:
            h = _START
            start = at
            last = at
            capital = 65 <= b <= 90
            letters = 0
            while at < end:
                b = data[at]
                lower = b | 32
                if 97 <= lower <= 122:
                    h = (h ^ U(lower)) * _PRIME
                    at += 1
                    last = at
                    letters += 1
                elif b == 39:
                    at += 1
                elif b < 0x80:
                    break
                elif b == 0xE2:
                    # Punctuation: ’ and ‘ are passed over, dashes and the rest end a word.
                    if at + 2 < end and data[at + 1] == 0x80 and 0x98 <= data[at + 2] <= 0x99:
                        at += 3
                    else:
                        break
                elif b == 0xC2:
                    break
                elif (b == 0xCC or b == 0xCD) and at + 1 < end:
                    at += 2  # an accent of its own
                    last = at
                elif 0xC3 <= b <= 0xC5 and at + 1 < end:
                    code = ((b & 31) << 6 | (data[at + 1] & 63)) - 0xC0
                    if fold[code, 0] == 0:
                        break
                    if letters == 0:
                        capital = fold[code, 2] == 1
                    h = (h ^ U(fold[code, 0])) * _PRIME
                    if fold[code, 1] != 0:
                        h = (h ^ U(fold[code, 1])) * _PRIME
                    at += 2
                    last = at
                    letters += 1
                else:
                    h = (h ^ U(b)) * _PRIME
                    at += 1
                    last = at
                    letters += 1
            if letters == 0:
                at += 1
                continue
            t.hash[n] = h
            t.begin[n] = start
            t.end[n] = last
            t.flags[n] = (
                (IS_CAPITAL if capital else 0)
                | (AFTER_COMMA if comma else 0)
                | (FIRST_OF_SENTENCE if fresh else 0)
            )
            t.sentence[n] = sentence
            n += 1
            fresh = False
            comma = False
            continue
        if b == 44:
            comma = True
        elif b == 33 or b == 63 or b == 59 or b == 10 or b == 13:
            if not fresh:
                sentence += 1
                fresh = True
        elif b == 46 and not fresh:
            within_number = at + 1 < end and 48 <= data[at + 1] <= 57
            one_letter = n > 0 and t.end[n - 1] == at and t.end[n - 1] - t.begin[n - 1] == 1
            if not within_number and not one_letter:
                sentence += 1
                fresh = True
        at += 1
    return n


@compiled
def find(hashes, ids, h):
    """The id of a hash in an open-addressed table, 0 = not there."""
    mask = U(len(hashes) - 1)
    slot = mix(h) & mask
    while True:
        if ids[slot] == 0:
            return 0
        if hashes[slot] == h:
            return ids[slot]
        slot = (slot + U(1)) & mask


@within
def one_letter_off(a, a_len, letters, b_from, b_len):
    """Whether two words differ by one letter more, less or other, or by two that changed places."""
    if a_len == b_len:
        first = -1
        for k in range(a_len):
            if a[k] != letters[b_from + k]:
                first = k
                break
        if first < 0:
            return True
        same = True
        for k in range(first + 1, a_len):
            if a[k] != letters[b_from + k]:
                same = False
                break
        if same:
            return True
        if (
            first + 1 < a_len
            and a[first] == letters[b_from + first + 1]
            and a[first + 1] == letters[b_from + first]
        ):
            for k in range(first + 2, a_len):
                if a[k] != letters[b_from + k]:
                    return False
            return True
        return False
    if a_len == b_len + 1:
        k = 0
        while k < b_len and a[k] == letters[b_from + k]:
            k += 1
        while k < b_len:
            if a[k + 1] != letters[b_from + k]:
                return False
            k += 1
        return True
    if a_len + 1 == b_len:
        k = 0
        while k < a_len and a[k] == letters[b_from + k]:
            k += 1
        while k < a_len:
            if a[k] != letters[b_from + k + 1]:
                return False
            k += 1
        return True
    return False


MOST_NEAR = 6
LONGEST_WORD = 32


@within
def near_words(data, begin, end, lex, word, near):
    """Which known words an unknown one may be a slip of the pen for.

    `near` takes up to MOST_NEAR ids, cues first. Gives back how many known words there are at all,
    with those that are cues; the plain letters are put together in `word`.
    """
    length = 0
    at = begin
    while at < end:
        b = data[at]
        lower = b | 32
        if 97 <= lower <= 122:
            if length >= LONGEST_WORD:
                return 0, 0
            word[length] = lower
            length += 1
            at += 1
        elif 0xC3 <= b <= 0xC5:
            code = ((b & 31) << 6 | (data[at + 1] & 63)) - 0xC0
            for part in range(2):
                if lex.fold[code, part] != 0:
                    if length >= LONGEST_WORD:
                        return 0, 0
                    word[length] = lex.fold[code, part]
                    length += 1
            at += 2
        elif b == 0xE2:
            at += 3
        elif b == 0xCC or b == 0xCD:
            at += 2
        elif b == 39:
            at += 1
        else:
            return 0, 0
    if length < 2:
        return 0, 0
    known = 0
    cues = 0
    whole = U(0)
    power = U(1)
    for k in range(length):
        whole += U(word[k]) * power
        power *= NEAR_BASE
    before = U(0)
    power = U(1)
    for skipped in range(-1, length):
        h = whole
        if skipped >= 0:
            letter = U(word[skipped]) * power
            h = before + (whole - before - letter) * NEAR_BACK
            before += letter
            power *= NEAR_BASE
        bit = h * _K1 >> NEAR_SHIFT
        if not lex.near_bits[bit >> U(6)] >> (bit & U(63)) & U(1):
            continue
        place = find(lex.near_keys, lex.near_places, h) - 1
        while 0 <= place < len(lex.near_hashes) and lex.near_hashes[place] == h:
            one = lex.near_ids[place]
            place += 1
            at_word = lex.starts[one]
            if not one_letter_off(
                word, length, lex.letters, at_word, lex.starts[one + 1] - at_word
            ):
                continue
            again = False
            for k in range(min(known, MOST_NEAR)):
                if near[k] == one:
                    again = True
            if again:
                continue
            if lex.cues[one]:
                if cues < MOST_NEAR:
                    if known < MOST_NEAR:
                        near[known] = near[cues]
                    near[cues] = one
                    cues += 1
                known += 1
            else:
                if known < MOST_NEAR:
                    near[known] = one
                known += 1
    return known, cues


@within
def next_node(lex, node, word):
    """The node after `node` by this word, 0 = none."""
    mask = U(len(lex.edge_keys) - 1)
    key = U(node) << U(32) | U(word)
    slot = mix(key) & mask
    while lex.edge_nodes[slot] != 0:
        if lex.edge_keys[slot] == key:
            return lex.edge_nodes[slot]
        slot = (slot + U(1)) & mask
    return 0


@within
def is_cue_list(one):
    """Whether a match of this list can only take signals away."""
    return not (
        one == INCIDENT or one == CONCERN or one == STOCK or one == FILLER or one == ENDS
        or one == ESCALATION_NOT or one >= FIRST_FIELD
    )  # fmt: skip


@within
def match(lex, t, n, loosely, m, count):
    """Every phrase that stands in the text, after the `count` matches found already; how many now.

    Strictly: a word is itself, or the only known word it may be a slip for. Loosely: any cue it may
    be a slip for will do, and only lists that take signals away are matched.
    """
    open_node = np.empty(MOST_OPEN, np.int32)
    open_at = np.empty(MOST_OPEN, np.int32)
    slip = -1  # the next word that may be a slip of the pen
    for first in range(n):
        if loosely:
            # What holds no such word was found strictly.
            while slip < n and (slip < first or t.near_count[slip] == 0):
                slip += 1
            if slip - first >= LONGEST_PHRASE:
                continue
        tries = 1
        if loosely and t.near_count[first] > 0:
            tries = t.near_count[first]
        for attempt in range(tries):
            word = t.near[first, attempt] if loosely and t.near_count[first] > 0 else t.word[first]
            node = lex.root[word]
            for otherwise in range(2):
                if otherwise == 1:
                    if attempt > 0:
                        break
                    if t.flags[first] & IS_NUMBER:
                        node = lex.root[NUMBER]
                    elif t.masked[first] == _NAME:
                        node = lex.root[NAME]
                    else:
                        break
                if node == 0:
                    continue
                depth = 1
                open_node[0] = node
                open_at[0] = first + 1
                while depth > 0:
                    depth -= 1
                    node = open_node[depth]
                    at = open_at[depth]
                    for k in range(lex.meaning_starts[node], lex.meaning_starts[node + 1]):
                        if count < MOST_MATCHES and (not loosely or is_cue_list(lex.meanings[k])):
                            m.list[count] = lex.meanings[k]
                            m.begin[count] = first
                            m.end[count] = at
                            m.loose[count] = loosely
                            count += 1
                    if at >= n or t.sentence[at] != t.sentence[first]:
                        continue
                    further = 1
                    if loosely and t.near_count[at] > 0:
                        further = t.near_count[at]
                    for other in range(further):
                        word = t.near[at, other] if loosely and t.near_count[at] > 0 else t.word[at]
                        if word >= FIRST_WORD and lex.onward[node] >> U(word & 63) & U(1):
                            onward = next_node(lex, node, word)
                            if onward != 0 and depth < MOST_OPEN:
                                open_node[depth] = onward
                                open_at[depth] = at + 1
                                depth += 1
                    for kind in range(3):
                        if kind == 0:
                            onward = lex.after_any[node]
                        elif kind == 1:
                            onward = lex.after_number[node] if t.flags[at] & IS_NUMBER else 0
                        else:
                            onward = lex.after_name[node] if t.masked[at] == _NAME else 0
                        if onward != 0 and depth < MOST_OPEN:
                            open_node[depth] = onward
                            open_at[depth] = at + 1
                            depth += 1
    return count


@within
def overlaps(which, first, to, m, count):
    """Whether a match of this list shares a word with these."""
    for k in range(count):
        if m.list[k] == which and m.begin[k] < to and m.end[k] > first:
            return True
    return False


@within
def crosses(begin, end, stops_at_comma, t, m, count):
    """Whether something between two tokens keeps a cue from reaching over it."""
    for k in range(count):
        if m.list[k] == ENDS and m.begin[k] >= begin and m.end[k] <= end:
            return True
    if stops_at_comma:
        for at in range(begin, end + 1):
            if at < len(t.flags) and t.flags[at] & AFTER_COMMA:
                listed = False
                for k in range(count):
                    if (
                        (m.list[k] == INCIDENT or m.list[k] == CONCERN)
                        and m.begin[k] >= begin
                        and m.end[k] <= at
                    ):
                        listed = True
                if not listed:
                    return True
    return False


@within
def turned_around(first, to, strictly, only_negated, scope, t, m, count):
    """Whether what is said there is said not to be so, to be long ago, supposed, or another's."""
    for k in range(count):
        one = m.list[k]
        if one < NEGATED_BEFORE or one > OTHERS_BEFORE:
            continue
        if strictly and m.loose[k]:
            continue
        negates = one == NEGATED_BEFORE or one == NEGATED_AFTER
        if only_negated and not negates:
            continue
        if t.sentence[m.begin[k]] != t.sentence[first]:
            continue
        before = (
            one == NEGATED_BEFORE or one == PAST_BEFORE
            or one == SUPPOSED_BEFORE or one == OTHERS_BEFORE
        )  # fmt: skip
        if before:
            if m.end[k] > first or first - m.end[k] > scope:
                continue
            if not crosses(m.end[k], first, negates, t, m, count):
                return True
        else:
            if m.begin[k] < to or m.begin[k] - to > scope:
                continue
            if negates and m.begin[k] - to > 3:
                continue
            if not crosses(to, m.begin[k], negates, t, m, count):
                return True
    return False


@within
def skip_space(data, at, end):
    while at < end and (data[at] == 32 or data[at] == 9 or data[at] == 10 or data[at] == 13):
        at += 1
    return at


@within
def string_end(data, at, end):
    """After the closing quote of a JSON string whose first character is at `at`; -1 = none."""
    while at < end:
        if data[at] == 92:
            at += 2
        elif data[at] == 34:
            return at + 1
        else:
            at += 1
    return -1


@compiled
def read_fields(data, begin, end, kind, types, v_from, v_to):
    """The fields of a record as bits: filled, asked; where each filled text stands; all right?

    `v_from`, `v_to` take the texts of values, by bit.
    """
    filled = U(0)
    asked = types.asked[kind]
    at = skip_space(data, begin, end)
    if at >= end or data[at] != 123:
        return filled, asked, False
    at = skip_space(data, at + 1, end)
    if at < end and data[at] == 125:
        return filled, asked, skip_space(data, at + 1, end) == end
    while at < end:
        if data[at] != 34:
            return filled, asked, False
        key_from = at + 1
        at = string_end(data, key_from, end)
        if at < 0:
            return filled, asked, False
        h = _START
        for k in range(key_from, at - 1):
            h = (h ^ U(data[k])) * _PRIME
        bit = find(types.key_hashes, types.key_bits, mix(h + U(kind) * _K1)) - 1
        at = skip_space(data, at, end)
        if at >= end or data[at] != 58:
            return filled, asked, False
        at = skip_space(data, at + 1, end)
        if at >= end:
            return filled, asked, False
        value_from = at
        if bit >= 0:
            v_from[bit] = 0
            v_to[bit] = 0
        if data[at] == 34:
            at = string_end(data, at + 1, end)
            if at < 0:
                return filled, asked, False
            value_from += 1
            value_to = at - 1
            empty = value_to == value_from
            if bit >= 0:
                v_from[bit] = value_from
                v_to[bit] = value_to
        else:
            depth = 0
            while at < end:
                b = data[at]
                if b == 34:
                    at = string_end(data, at + 1, end)
                    if at < 0:
                        return filled, asked, False
                    continue
                if b == 91 or b == 123:
                    depth += 1
                elif b == 93 or b == 125:
                    if depth == 0:
                        break
                    depth -= 1
                elif b == 44 and depth == 0:
                    break
                at += 1
            value_to = at
            while value_to > value_from and data[value_to - 1] <= 32:
                value_to -= 1
            if value_to == value_from:
                return filled, asked, False
            empty = (value_to - value_from == 4 and data[value_from] == 110) or (
                data[value_from] == 91
                and skip_space(data, value_from + 1, value_to) == value_to - 1
            )
        if bit >= 0:
            if empty:
                filled &= ~(U(1) << U(bit))
            else:
                filled |= U(1) << U(bit)
                h = _START
                for k in range(value_from, value_to):
                    h = (h ^ U(data[k])) * _PRIME
                key = mix(h + U(kind) * _K1 + U(bit) * _K2)
                mask = U(len(types.value_hashes) - 1)
                slot = mix(key) & mask
                while types.value_asks[slot] != U(0):
                    if types.value_hashes[slot] == key:
                        asked |= types.value_asks[slot]
                        break
                    slot = (slot + U(1)) & mask
        at = skip_space(data, at, end)
        if at < end and data[at] == 44:
            at = skip_space(data, at + 1, end)
            continue
        if at < end and data[at] == 125:
            return filled, asked, skip_space(data, at + 1, end) == end
        return filled, asked, False
    return filled, asked, False


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


# --- where it was said before ---------------------------------------------------------------------

# An entry of the table is two numbers: the key, and last note (28 bits), epoch (8), people in this
# epoch (14), in the one before (14). A key of 0 is an empty place.
_LAST = U((1 << 28) - 1)
_COUNT = U((1 << 14) - 1)


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
        if table[k, 0] != U(0) and np.int64(table[k, 1] & _LAST) >= floor:
            kept += 1
    room = 1024
    while room < 3 * kept:
        room *= 2
    grown = np.zeros((room, 2), np.uint64)
    for k in range(size):
        if table[k, 0] != U(0) and np.int64(table[k, 1] & _LAST) >= floor:
            slot = slot_of(grown, table[k, 0])
            grown[slot, 0] = table[k, 0]
            grown[slot, 1] = table[k, 1]
    return grown, kept


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


@within
def is_alike(data, begin, word, lex):
    """Whether the known word is long enough and begins with the letter at `begin`."""
    at = lex.starts[word]
    return lex.starts[word + 1] - at >= 5 and lex.letters[at] == data[begin] | 32


@within
def read_words(data, begin, end, lex, known, t):
    """The tokens of a text, and what each is; how many, and whether any may be a slip of the pen.

    `known` remembers what words were found to be: a word is looked up once, not in each note.
    """
    n = tokenise(data, begin, end, lex.fold, t)
    slips = False
    for k in range(n):
        h = t.hash[k]
        slot = h >> U(64 - MEMORY_BITS)
        if known.hash[slot] != h:
            known.hash[slot] = h
            known.near_count[slot] = 0
            word = find(lex.hashes, lex.ids, h)
            if word == 0 and not t.flags[k] & IS_NUMBER:
                many, cues = near_words(
                    data, t.begin[k], t.end[k], lex, known.letters, known.near[slot]
                )
                # A slip may hide a cue, and never makes a new signal: for those the word must be
                # the only one it can be, long, and begin alike.
                if many == 1 and is_alike(data, t.begin[k], known.near[slot, 0], lex):
                    word = known.near[slot, 0]
                elif many > 0:
                    word = -1
                    known.near_count[slot] = cues
            known.word[slot] = word
        t.word[k] = known.word[slot]
        t.near_count[k] = known.near_count[slot]
        if t.near_count[k] > 0:
            slips = True
            for other in range(t.near_count[k]):
                t.near[k, other] = known.near[slot, other]
    t.flags[n] = 0
    return n, slips


@within
def mask_names(lex, t, n, names):
    """Names and numbers made alike, and words that may be one of several made unknown."""
    named = len(names.kinds) > 2
    for k in range(n):
        within = t.flags[k] & IS_CAPITAL and not t.flags[k] & FIRST_OF_SENTENCE
        if t.flags[k] & IS_NUMBER:
            t.masked[k] = _NUMBER
        elif t.word[k] == 0 and within:
            t.masked[k] = _NAME
        elif (
            named
            and find(names.hashes, names.kinds, t.hash[k]) != 0
            and (within or find(lex.hashes, lex.ids, t.hash[k]) == 0)
        ):
            t.masked[k] = _NAME
            t.word[k] = 0
            t.near_count[k] = 0
        else:
            t.masked[k] = t.hash[k]
        if t.word[k] < 0:
            t.word[k] = 0


@within
def find_phrases(lex, t, n, slips, m):
    """Every phrase of the text; how many."""
    count = match(lex, t, n, False, m, 0)
    if slips:
        count = match(lex, t, n, True, m, count)
    return count


@within
def lists_of(m, count):
    """The lists that something was found of, as bits; those of sections and fields are the last."""
    lists = U(0)
    for k in range(count):
        lists |= U(1) << U(min(m.list[k], FIRST_SECTION))
    return lists


@within
def told_of(which, unless, scope, t, m, count):
    """The first match of a list that is said to be so, here and now, of this person; -1 = none."""
    best = -1
    for k in range(count):
        if m.list[k] != which:
            continue
        if best >= 0 and (
            m.begin[best] < m.begin[k] or (m.begin[best] == m.begin[k] and m.end[best] >= m.end[k])
        ):
            continue
        if overlaps(unless, m.begin[k], m.end[k], m, count):
            continue
        if not turned_around(m.begin[k], m.end[k], False, False, scope, t, m, count):
            best = k
    return best


@within
def is_said(which, unless, scope, t, m, count):
    """Whether something of a list is said, and not negated."""
    for k in range(count):
        if (
            m.list[k] == which
            and (unless < 0 or not overlaps(unless, m.begin[k], m.end[k], m, count))
            and not turned_around(m.begin[k], m.end[k], True, True, scope, t, m, count)
        ):
            return True
    return False


@within
def says_open_field(kind, open_fields, types, m, count):
    """The first match that says what one of these empty fields should; -1 = none."""
    best = -1
    for k in range(count):
        if m.list[k] < FIRST_FIELD or m.loose[k]:
            continue
        bit = types.field_bit[kind, m.list[k] - FIRST_FIELD]
        if bit < 0 or not open_fields >> U(bit) & U(1):
            continue
        if best < 0 or earlier_longer(m, k, best):
            best = k
    return best


@within
def earlier_longer(m, one, other):
    """Whether a match begins before another, or ends after one that begins with it."""
    return m.begin[one] < m.begin[other] or (
        m.begin[one] == m.begin[other] and m.end[one] > m.end[other]
    )


@within
def of_another_section(own, n, m, count, words):
    """The first match of another section where two or more are of it and none is of its own; -1."""
    for k in range(MOST_SECTIONS):
        words[k] = 0
    most = 0
    for k in range(count):
        section = m.list[k] - FIRST_SECTION
        if 0 <= section < MOST_SECTIONS:
            if section == own:
                return -1
            if not m.loose[k]:
                words[section] += 1
                if words[section] > words[most] or (
                    words[section] == words[most] and section < most
                ):
                    most = section
    if words[most] < 2 or words[most] * WORDS_FOR_SECTION < n:
        return -1
    best = -1
    for k in range(count):
        if (
            m.list[k] - FIRST_SECTION == most
            and not m.loose[k]
            and (best < 0 or earlier_longer(m, k, best))
        ):
            best = k
    return best


@within
def names_another(subject, t, n, m, count, names):
    """The first and last token of another person's name; -1 = none."""
    if len(names.kinds) <= 2:
        return -1, -1
    mine = U(subject + 1) * _K1
    for k in range(n):
        if t.flags[k] & IS_NUMBER:
            continue
        kind = find(names.hashes, names.kinds, t.hash[k])
        if kind == 0 or find(names.own_hashes, names.own, mix(t.hash[k] + mine)) != 0:
            continue
        # An ordinary word is a name only with a capital where none is due.
        if t.masked[k] != _NAME and (not t.flags[k] & IS_CAPITAL or t.flags[k] & FIRST_OF_SENTENCE):
            continue
        last = k
        if (
            k + 1 < n
            and t.sentence[k + 1] == t.sentence[k]
            and t.flags[k + 1] & IS_CAPITAL
            and not t.flags[k + 1] & AFTER_COMMA
        ):
            if find(names.own_hashes, names.own, mix(t.hash[k + 1] + mine)) != 0:
                continue  # a relative with the same surname
            if find(names.hashes, names.kinds, t.hash[k + 1]) != 0:
                last = k + 1
                if find(names.hashes, names.kinds, t.hash[last]) & 2 and kind & 1:
                    return k, last  # first name and surname
            elif t.word[k + 1] == 0 and kind & 1:
                continue  # somebody else with this first name
        aside = False
        for j in range(count):
            if t.sentence[m.begin[j]] != t.sentence[k]:
                continue
            if m.list[j] == RELATIVE_BEFORE:
                aside = aside or (m.end[j] <= k and k - m.end[j] <= 1)
            elif m.list[j] == RELATIVE_AFTER:
                aside = aside or m.begin[j] == last + 1
        if not aside:
            return k, last
    return -1, -1


@within
def specific_words(subject, lex, t, n, m, count, names, covered):
    """How many words are of no stock phrase or filler, nor the person's own name; the first stock
    phrase, -1 = none."""
    mine = U(subject + 1) * _K1
    named = len(names.own) > 2
    for k in range(n):
        covered[k] = lex.filler[t.word[k]] or (
            named and find(names.own_hashes, names.own, mix(t.hash[k] + mine)) != 0
        )
    stock = -1
    for k in range(count):
        if m.loose[k] or (m.list[k] != STOCK and m.list[k] != FILLER):
            continue
        for j in range(m.begin[k], m.end[k]):
            covered[j] = True
        if m.list[k] == STOCK and (stock < 0 or earlier_longer(m, k, stock)):
            stock = k
    specific = 0
    for k in range(n):
        if not covered[k]:
            specific += 1
    return specific, stock


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
        return max(np.int64(entry >> U(36) & _COUNT), np.int64(entry >> U(50) & _COUNT))
    if then == (epoch - U(1)) & U(255):
        return np.int64(entry >> U(36) & _COUNT)
    return 0


@within
def said_again(table, slot, key, note, floor, epoch):
    """Put down that this person or author said it in this note: 1 if it is new to the table, and
    whether they had said it in this epoch. Looked for from `slot` on."""
    slot = slot_from(table, slot, key)
    entry = table[slot, 1]
    fresh = table[slot, 0] == U(0)
    before = not fresh and np.int64(entry & _LAST) >= floor and entry >> U(28) & U(255) == epoch
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
        if np.int64(entry & _LAST) >= floor:
            then = entry >> U(28) & U(255)
            if then == epoch:
                current = entry >> U(36) & _COUNT
                earlier = entry >> U(50) & _COUNT
            elif then == (epoch - U(1)) & U(255):
                earlier = entry >> U(36) & _COUNT
    if one_more and current < _COUNT:
        current += U(1)
    table[slot, 0] = key
    table[slot, 1] = U(note) | epoch << U(28) | current << U(36) | earlier << U(50)
    return 1 if fresh else 0


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
    of_section = np.zeros(MOST_SECTIONS, np.int32)
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
        if part == NOTE_PART or part == SHORT_PART or part == BODYMAP_PART:
            k = -1
            if lists >> U(INCIDENT) & U(1):
                k = told_of(INCIDENT, INCIDENT_NOT, limited.scope, t, m, count)
            if k >= 0:
                found |= TELLS_INCIDENT
                put_span(spans, row, SPAN_INCIDENT, text, begin, t, m.begin[k], m.end[k])
            k = -1
            if lists >> U(CONCERN) & U(1):
                k = told_of(CONCERN, CONCERN_NOT, limited.scope, t, m, count)
            if k >= 0:
                found |= TELLS_CONCERN
                put_span(spans, row, SPAN_CONCERN, text, begin, t, m.begin[k], m.end[k])
        if lists >> U(ESCALATION) & U(1) and is_said(
            ESCALATION, ESCALATION_NOT, limited.scope, t, m, count
        ):
            found |= SOMEBODY_TOLD
        if lists >> U(OFFLINE) & U(1) and is_said(OFFLINE, -1, limited.scope, t, m, count):
            found |= WAS_OFFLINE
        if lists >> U(ACTION) & U(1) and is_said(ACTION, -1, limited.scope, t, m, count):
            found |= SOMETHING_DONE
        if open_fields != U(0) and lists >> U(FIRST_SECTION):
            k = says_open_field(kind, open_fields, types, m, count)
            if k >= 0:
                found |= TEXT_FOR_FIELD
                put_span(spans, row, SPAN_FIELD, text, begin, t, m.begin[k], m.end[k])
        if part == NOTE_PART and sections[row] >= 0 and lists >> U(FIRST_SECTION):
            k = of_another_section(sections[row], n, m, count, of_section)
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
                s = mix(t.masked[k] * _K1 + t.masked[k + 1] * _K2 + t.masked[k + 2] * _K3 + salt)
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
                        said_in = np.int64(entry & _LAST)
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
