"""What the words of a text tell: phrases of the lists, and the cues that turn them around."""

from .compiled import within
from .layout import (
    A_NAME,
    AFTER_COMMA,
    CONCERN,
    ENDS,
    ESCALATION,
    ESCALATION_NOT,
    FILLER,
    FIRST_FIELD,
    FIRST_OF_SENTENCE,
    FIRST_SECTION,
    FIRST_WORD,
    INCIDENT,
    INCIDENT_MAYBE,
    IS_CAPITAL,
    IS_NUMBER,
    K1,
    LEAST_FOR_SECTION,
    LONGEST_PHRASE,
    MOST_MATCHES,
    MOST_OPEN,
    MOST_SECTIONS,
    NAME,
    NEGATED_AFTER,
    NEGATED_BEFORE,
    NUMBER,
    OTHERS_BEFORE,
    PAST_BEFORE,
    RELATIVE_AFTER,
    RELATIVE_BEFORE,
    STOCK,
    SUPPOSED_BEFORE,
    TIMES_OWN_SECTION,
    WORDS_FOR_SECTION,
    U,
)
from .reading import find, mix


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
    """Whether a match of this list, loosely, can take signals away; it never makes one. What may be
    an incident or a concern keeps a note from being told of its section, and a cue goes on to it
    over a comma."""
    return not (
        one == STOCK or one == FILLER or one == ENDS or one == ESCALATION_NOT or one >= FIRST_FIELD
    )


@within
def match(lex, t, n, loosely, m, count):
    """Every phrase that stands in the text, after the `count` matches found already; how many now.

    Strictly: a word is itself, or the only known word it may be a slip for. Loosely: any cue it may
    be a slip for will do, and only lists that take signals away are matched.
    """
    open_node = m.open_node
    open_at = m.open_at
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
                    elif t.masked[first] == A_NAME:
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
                            onward = lex.after_name[node] if t.masked[at] == A_NAME else 0
                        if onward != 0 and depth < MOST_OPEN:
                            open_node[depth] = onward
                            open_at[depth] = at + 1
                            depth += 1
    return count


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
def overlaps(which, strictly, first, to, m, count):
    """Whether a match of this list shares a word with these."""
    for k in range(count):
        if (
            m.list[k] == which
            and m.begin[k] < to
            and m.end[k] > first
            and not (strictly and m.loose[k])
        ):
            return True
    return False


@within
def crosses(begin, end, stops_at_comma, strictly, t, m, count):
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
                        (
                            m.list[k] == INCIDENT
                            or m.list[k] == INCIDENT_MAYBE
                            or m.list[k] == CONCERN
                        )
                        and m.begin[k] >= begin
                        and m.end[k] <= at
                        and not (strictly and m.loose[k])
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
            if not crosses(m.end[k], first, negates, strictly, t, m, count):
                return True
        else:
            if m.begin[k] < to or m.begin[k] - to > scope:
                continue
            if negates and m.begin[k] - to > 3:
                continue
            if not crosses(to, m.begin[k], negates, strictly, t, m, count):
                return True
    return False


@within
def told_of(which, unless, scope, t, m, count):
    """The first match of a list that is said to be so, here and now, of this person; -1 = none."""
    best = -1
    for k in range(count):
        if m.list[k] != which or m.loose[k]:
            continue
        if best >= 0 and (
            m.begin[best] < m.begin[k] or (m.begin[best] == m.begin[k] and m.end[best] >= m.end[k])
        ):
            continue
        if overlaps(unless, False, m.begin[k], m.end[k], m, count):
            continue
        if not turned_around(m.begin[k], m.end[k], False, False, scope, t, m, count):
            best = k
    return best


@within
def may_be_told(which, unless, scope, t, m, count):
    """Whether `told_of` would find a match of the list if what may be a slip of the pen is one, and
    no cue is."""
    for k in range(count):
        if (
            m.list[k] == which
            and not overlaps(unless, True, m.begin[k], m.end[k], m, count)
            and not turned_around(m.begin[k], m.end[k], True, False, scope, t, m, count)
        ):
            return True
    return False


@within
def is_said(which, unless, loosely, scope, t, m, count):
    """Whether something of a list is said, and not negated; loosely also where a word of it may be
    a slip of the pen for another."""
    for k in range(count):
        if (
            m.list[k] == which
            and (loosely or not m.loose[k])
            and (unless < 0 or not overlaps(unless, False, m.begin[k], m.end[k], m, count))
            and not turned_around(m.begin[k], m.end[k], True, True, scope, t, m, count)
        ):
            return True
    return False


@within
def earlier_longer(m, one, other):
    """Whether a match begins before another, or ends after one that begins with it."""
    return m.begin[one] < m.begin[other] or (
        m.begin[one] == m.begin[other] and m.end[one] > m.end[other]
    )


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
def of_another_section(own, lex, n, m, count, covered, words):
    """The first match of another section where enough of the text is of it and little of its own;
    -1. A section beside its own is no other, and words that say who was told are of none."""
    for k in range(n):
        covered[k] = False
    for k in range(count):
        if m.list[k] == ESCALATION:
            for at in range(m.begin[k], m.end[k]):
                covered[at] = True
    for k in range(MOST_SECTIONS):
        words[k, 0] = 0
        words[k, 1] = -1
    most = own
    for k in range(count):
        section = m.list[k] - FIRST_SECTION
        if 0 <= section < MOST_SECTIONS and (section == own or not m.loose[k]):
            # A word may begin two phrases of a section.
            if covered[m.begin[k]] or words[section, 1] == m.begin[k]:
                continue
            words[section, 0] += 1
            words[section, 1] = m.begin[k]
    for section in range(MOST_SECTIONS):
        if (
            section != own
            and not lex.beside[own] >> U(section) & U(1)
            and (most == own or words[section, 0] > words[most, 0])
        ):
            most = section
    if (
        words[most, 0] < LEAST_FOR_SECTION
        or words[most, 0] < TIMES_OWN_SECTION * words[own, 0]
        or words[most, 0] * WORDS_FOR_SECTION < n
    ):
        return -1
    best = -1
    for k in range(count):
        if (
            m.list[k] - FIRST_SECTION == most
            and not m.loose[k]
            and not covered[m.begin[k]]
            and (best < 0 or earlier_longer(m, k, best))
        ):
            best = k
    return best


@within
def names_another(subject, t, n, m, count, names):
    """The first and last token of another person's name; -1 = none."""
    if len(names.kinds) <= 2:
        return -1, -1
    mine = U(subject + 1) * K1
    for k in range(n):
        if t.flags[k] & IS_NUMBER:
            continue
        kind = find(names.hashes, names.kinds, t.hash[k])
        if kind == 0 or find(names.own_hashes, names.own, mix(t.hash[k] + mine)) != 0:
            continue
        # An ordinary word is a name only with a capital where none is due.
        if t.masked[k] != A_NAME and (
            not t.flags[k] & IS_CAPITAL or t.flags[k] & FIRST_OF_SENTENCE
        ):
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
    mine = U(subject + 1) * K1
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
