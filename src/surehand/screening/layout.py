"""What the compiled pass and those that call it share: numbers of lists, bits, and arrays."""

from typing import NamedTuple

import numpy as np

U = np.uint64

# The lists of words, by number; those of sections and fields follow. numpy's numbers: a plain one
# in a call would have the function compiled for that number alone.
(
    INCIDENT, INCIDENT_NOT, ESCALATION, ESCALATION_NOT, ACTION, CONCERN, CONCERN_NOT, STOCK, FILLER,
    NEGATED_BEFORE, NEGATED_AFTER, PAST_BEFORE, PAST_AFTER, SUPPOSED_BEFORE, SUPPOSED_AFTER,
    OTHERS_BEFORE, ENDS, RELATIVE_BEFORE, RELATIVE_AFTER, OFFLINE, INCIDENT_MAYBE,
) = map(np.int64, range(21))  # fmt: skip
LIST_NAMES = (
    "incident", "incident_not", "escalation", "escalation_not", "action", "concern", "concern_not",
    "stock", "filler", "negated_before", "negated_after", "past_before", "past_after",
    "supposed_before", "supposed_after", "others_before", "ends", "relative_before",
    "relative_after", "offline", "incident_maybe",
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
LEAST_ROOM = 1 << 13  # of a table of wording: more than MOST_TOKENS
# Of the words that belong elsewhere there must be so many, and for each at most so many in all.
LEAST_FOR_SECTION, WORDS_FOR_SECTION = 2, 10
TIMES_OWN_SECTION = 3  # as many of them as of its own section

# Of a token.
IS_NUMBER, IS_CAPITAL, AFTER_COMMA, FIRST_OF_SENTENCE = 1, 2, 4, 8

PRIME = U(1099511628211)
START = U(14695981039346656037)
K1, K2, K3 = U(0x9E3779B97F4A7C15), U(0xC2B2AE3D27D4EB4F), U(0x165667B19E3779F9)
M1, M2 = U(0xFF51AFD7ED558CCD), U(0xC4CEB9FE1A85EC53)
# Hashes of words with a letter left out: letters times powers of the base, so that what follows
# moves back by one at a multiplication with its inverse.
NEAR_BASE = U(0x5851F42D4C957F2D)
NEAR_BACK = U(pow(0x5851F42D4C957F2D, -1, 1 << 64))
NEAR_SHIFT = U(46)  # leaves 18 bits: 32 KiB in all, which stays at hand
A_NAME, A_NUMBER = U(0x2545F4914F6CDD1D), U(0x9FB21C651E98DF25)
S32, S33 = U(32), U(33)

ANY, NUMBER, NAME, FIRST_WORD = 1, 2, 3, 4

MOST_NEAR = 24
LONGEST_WORD = 32


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
    beside: np.ndarray  # by number of a section: bits of those that are no other to it


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
    open_node: np.ndarray  # room for the nodes to go on from …
    open_at: np.ndarray  # … and the next token of each


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


class Records(NamedTuple):
    """What is read, by row."""

    text: np.ndarray  # bytes …
    text_offsets: np.ndarray  # … and where each row's begin
    fields: np.ndarray
    field_offsets: np.ndarray
    kinds: np.ndarray  # number of the record type
    live: np.ndarray  # to be looked at at all
    sections: np.ndarray  # number of the section, -1 = none
    subjects: np.ndarray
    authors: np.ndarray
    recorded: np.ndarray  # microseconds


class Found(NamedTuple):
    """What is found, by row."""

    flags: np.ndarray
    spans: np.ndarray
    counts: np.ndarray  # words, specific words
    shares: np.ndarray  # known weight, all weight
    evidence: np.ndarray  # the row that reused wording was seen in, -1 = none


class Room(NamedTuple):
    """Where one text after another is worked on."""

    tokens: Tokens
    matches: Matches
    known: Known
    covered: np.ndarray
    of_section: np.ndarray
    v_from: np.ndarray
    v_to: np.ndarray


class Said(NamedTuple):
    """What was said in the notes of a service."""

    phrases: np.ndarray  # table: hash of a phrase → its number and last note
    by_whom: np.ndarray  # table: number, person or author → last note
    now: np.ndarray  # by number: people who have said it in the epoch of its last note …
    before: np.ndarray  # … and in the one before
    spare: np.ndarray  # numbers not in use
    held: np.ndarray  # how many there are: phrases, by whom, spare numbers
    row: np.ndarray  # by note
    person: np.ndarray  # by note: even numbers …
    author: np.ndarray  # … and odd ones


class Sought(NamedTuple):
    """The phrases of one note, one after another."""

    key: np.ndarray
    place: np.ndarray  # in the table of phrases
    number: np.ndarray
    weight: np.ndarray
    note: np.ndarray  # the last one of the person, the author, the service; -1 = none
    votes_note: np.ndarray  # room for votes
    votes_weight: np.ndarray
