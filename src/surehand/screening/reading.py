"""The words of a text: where each is, which known word it is, and what is a name or a number."""

from .compiled import compiled, within
from .layout import (
    A_NAME,
    A_NUMBER,
    AFTER_COMMA,
    FIRST_OF_SENTENCE,
    IS_CAPITAL,
    IS_NUMBER,
    K1,
    LONGEST_WORD,
    M1,
    M2,
    MEMORY_BITS,
    MOST_NEAR,
    MOST_TOKENS,
    NEAR_BACK,
    NEAR_BASE,
    NEAR_SHIFT,
    PRIME,
    S33,
    START,
    U,
)


@within
def mix(h):
    """Every bit of the result depends on every bit of the number."""
    h ^= h >> S33
    h *= M1
    h ^= h >> S33
    h *= M2
    h ^= h >> S33
    return h


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
            h = START
            start = at
            while at < end and 48 <= data[at] <= 57:
                h = (h ^ U(data[at])) * PRIME
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
            h = START
            start = at
            last = at
            capital = 65 <= b <= 90
            letters = 0
            while at < end:
                b = data[at]
                lower = b | 32
                if 97 <= lower <= 122:
                    h = (h ^ U(lower)) * PRIME
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
                    h = (h ^ U(fold[code, 0])) * PRIME
                    if fold[code, 1] != 0:
                        h = (h ^ U(fold[code, 1])) * PRIME
                    at += 2
                    last = at
                    letters += 1
                else:
                    h = (h ^ U(b)) * PRIME
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
        bit = h * K1 >> NEAR_SHIFT
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
            t.masked[k] = A_NUMBER
        elif t.word[k] == 0 and within:
            t.masked[k] = A_NAME
        elif (
            named
            and find(names.hashes, names.kinds, t.hash[k]) != 0
            and (within or find(lex.hashes, lex.ids, t.hash[k]) == 0)
        ):
            t.masked[k] = A_NAME
            t.word[k] = 0
            t.near_count[k] = 0
        else:
            t.masked[k] = t.hash[k]
        if t.word[k] < 0:
            t.word[k] = 0
