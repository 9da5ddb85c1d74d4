"""The fields of a record, a JSON object, read where they stand."""

from .compiled import compiled, within
from .layout import K1, K2, PRIME, START, U
from .reading import find, mix


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
        h = START
        for k in range(key_from, at - 1):
            h = (h ^ U(data[k])) * PRIME
        bit = find(types.key_hashes, types.key_bits, mix(h + U(kind) * K1)) - 1
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
                h = START
                for k in range(value_from, value_to):
                    h = (h ^ U(data[k])) * PRIME
                key = mix(h + U(kind) * K1 + U(bit) * K2)
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
