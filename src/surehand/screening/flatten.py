"""A ruleset as the flat arrays that the compiled pass reads."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log
from typing import Any

import numpy as np

from . import layout
from .phrases import ANY, FIRST_WORD, NAME, NUMBER, automaton, forms, plain, words_of
from .ruleset import ALERT, BODYMAP, INCIDENT, NOTE, RAISED, SHORT, Ruleset
from .telling import is_cue_list

_U = np.uint64
_BITS = (1 << 64) - 1
_PARTS = {
    NOTE: layout.NOTE_PART,
    SHORT: layout.SHORT_PART,
    INCIDENT: layout.INCIDENT_PART,
    ALERT: layout.ALERT_PART,
    RAISED: layout.RAISED_PART,
    BODYMAP: layout.BODYMAP_PART,
}


def word_hash(word: bytes) -> int:
    """FNV-1a, 64 bits; the same as in the compiled pass."""
    h = 14695981039346656037
    for byte in word:
        h = (h ^ byte) * 1099511628211 & _BITS
    return h


def mix(h: int) -> int:
    """MurmurHash3's last step; the same as in the compiled pass."""
    h ^= h >> 33
    h = h * 0xFF51AFD7ED558CCD & _BITS
    h ^= h >> 33
    h = h * 0xC4CEB9FE1A85EC53 & _BITS
    return h ^ h >> 33


def near_hash(word: bytes) -> int:
    """Of a word that may have a letter left out; the same as in the compiled pass."""
    return sum(byte * pow(_NEAR_BASE, k, 1 << 64) for k, byte in enumerate(word)) & _BITS


def _near_bits(hashes: Iterable[int]) -> np.ndarray:
    """The bit of each hash, in numbers of 64 bits."""
    bits = np.zeros((1 << 64 - _NEAR_SHIFT) // 64, _U)
    for h in hashes:
        bit = (h * _K1 & _BITS) >> _NEAR_SHIFT
        bits[bit >> 6] |= _U(1 << (bit & 63))
    return bits


_NEAR_BASE, _NEAR_SHIFT = int(layout.NEAR_BASE), int(layout.NEAR_SHIFT)
_K1, _K2 = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F


def open_table(entries: Mapping[int, int], kind: Any = np.int32) -> tuple[np.ndarray, np.ndarray]:
    """Hash → value (never 0) with open addressing: keys and values, at most half full."""
    size = 2
    while size < 2 * len(entries):
        size *= 2
    keys = np.zeros(size, _U)
    values: np.ndarray = np.zeros(size, kind)
    for key, value in entries.items():
        slot = mix(key) & (size - 1)
        while values[slot]:
            slot = (slot + 1) & (size - 1)
        keys[slot], values[slot] = key, value
    return keys, values


def _fold() -> np.ndarray:
    """U+00C0 to U+017F: one or two plain letters, and whether it is a capital."""
    table = np.zeros((192, 3), np.uint8)
    for code in range(0xC0, 0x180):
        letters = plain(chr(code))
        if letters.isascii() and letters.isalpha() and len(letters) <= 2:
            for place, letter in enumerate(letters):
                table[code - 0xC0, place] = ord(letter)
        elif chr(code).isalpha():
            table[code - 0xC0, 0] = ord("x")  # a letter like no plain one
        table[code - 0xC0, 2] = chr(code).isupper()
    return table


def list_numbers(ruleset: Ruleset) -> dict[str, int]:
    """The number of each list of words that this ruleset uses."""
    numbers = {name: number for number, name in enumerate(layout.LIST_NAMES)}
    for place, section in enumerate(ruleset.sections):
        numbers[f"sections.{section}"] = layout.FIRST_SECTION + place
    for place, kind in enumerate(ruleset.record_types):
        if f"types.{kind.code}" in ruleset.words.spelled:
            numbers[f"types.{kind.code}"] = layout.FIRST_SECTION + len(ruleset.sections) + place
    codes = sorted({field.code for kind in ruleset.record_types for field in kind.fields})
    for place, code in enumerate(codes):
        numbers[f"fields.{code}"] = layout.FIRST_FIELD + place
    return numbers


@lru_cache(maxsize=8)
def lexicon(ruleset: Ruleset) -> layout.Lexicon:
    """The words and phrases of the ruleset."""
    numbers = list_numbers(ruleset)
    lists = {
        numbers[name]: phrases for name, phrases in ruleset.words.spelled.items() if name in numbers
    }
    filler_list = int(layout.FILLER)
    fillers = {form for phrase in lists[filler_list] for form in forms(phrase)}
    alone = {form[0] for form in fillers if len(form) == 1} - {"N", "Name"}
    lists[filler_list] = tuple(" ".join(form) for form in sorted(fillers) if len(form) > 1)
    common = {word for phrase in ruleset.words.list("common") for word in words_of(phrase)}
    built = automaton(lists, [*common, *alone])
    words = sorted(built.word_ids, key=lambda word: built.word_ids[word])
    hashes, ids = open_table({word_hash(w.encode()): built.word_ids[w] for w in words})
    near: list[tuple[int, int]] = []
    starts = [0] * (FIRST_WORD + len(words) + 1)
    letters = b""
    cues = np.zeros(FIRST_WORD + len(words), np.uint8)
    filler = np.zeros(FIRST_WORD + len(words), np.bool_)
    of_cues = _words_of_cues(lists)
    for word in words:
        one = built.word_ids[word]
        starts[one] = len(letters)
        letters += word.encode()
        starts[one + 1] = len(letters)
        cues[one] = word in of_cues
        filler[one] = word in alone
        if word.isdigit():
            continue
        without = {word[:k] + word[k + 1 :] for k in range(len(word))} | {word}
        near += [(near_hash(other.encode()), one) for other in without if other]
    near.sort()
    near_keys, near_places = open_table(
        {h: place + 1 for place, (h, _) in reversed(list(enumerate(near)))}
    )
    root = np.zeros(FIRST_WORD + len(words), np.int32)
    onward = np.zeros(built.nodes, _U)
    after = {any_of: np.zeros(built.nodes, np.int32) for any_of in (ANY, NUMBER, NAME)}
    edges = {}
    for (node, word_id), then in built.edges.items():
        if node == 0:
            root[word_id] = then
        if word_id in after:
            after[word_id][node] = then
        else:
            edges[node << 32 | word_id] = then
            onward[node] |= _U(1 << (word_id & 63))
    edge_keys, edge_nodes = open_table(edges)
    meaning_starts = np.zeros(built.nodes + 1, np.int32)
    meanings: list[int] = []
    for node in range(built.nodes):
        meaning_starts[node] = len(meanings)
        meanings += built.meanings.get(node, ())
    meaning_starts[built.nodes] = len(meanings)
    return layout.Lexicon(
        fold=_fold(),
        hashes=hashes,
        ids=ids,
        near_hashes=np.array([h for h, _ in near], _U),
        near_ids=np.array([one for _, one in near], np.int32),
        near_keys=near_keys,
        near_places=near_places,
        near_bits=_near_bits(h for h, _ in near),
        letters=np.frombuffer(letters, np.uint8).copy(),
        starts=np.array(starts, np.int32),
        cues=cues,
        filler=filler,
        root=root,
        edge_keys=edge_keys,
        edge_nodes=edge_nodes,
        onward=onward,
        after_any=after[ANY],
        after_number=after[NUMBER],
        after_name=after[NAME],
        meaning_starts=meaning_starts,
        meanings=np.array(meanings, np.int32),
        beside=_beside(ruleset),
    )


def _beside(ruleset: Ruleset) -> np.ndarray:
    """By number of a section, the bits of the sections that may well be told of in it."""
    place = {section: _U(1 << number) for number, section in enumerate(ruleset.sections)}
    bits = np.zeros(layout.MOST_SECTIONS, _U)
    for number, section in enumerate(ruleset.sections):
        for other in ruleset.words.list(f"near.{section}"):
            bits[number] |= place.get(other, _U(0))
    return bits


def _words_of_cues(lists: Mapping[int, Iterable[str]]) -> set[str]:
    """The words that stand in a list which takes signals away."""
    return {
        word
        for number, phrases in lists.items()
        if is_cue_list.py_func(number)
        for phrase in phrases
        for word in words_of(phrase)
    }


@lru_cache(maxsize=8)
def types(ruleset: Ruleset) -> layout.Types:
    """The record types of the ruleset, by their place in it."""
    numbers = list_numbers(ruleset)
    many = len(ruleset.record_types)
    of_lists = max(numbers.values()) + 1 - layout.FIRST_FIELD
    field_bit = np.full((many, max(of_lists, 1)), -1, np.int8)
    asked, required, told, action = (np.zeros(many, _U) for _ in range(4))
    keys: dict[int, int] = {}
    values: dict[int, int] = {}
    for kind, rules in enumerate(ruleset.record_types):
        bits = {field.code: bit for bit, field in enumerate(rules.fields)}
        for code, bit in bits.items():
            field = rules.fields[bit]
            one = 1 << bit
            keys[mix((word_hash(code.encode()) + kind * _K1) & _BITS)] = bit + 1
            field_bit[kind, numbers[f"fields.{code}"] - layout.FIRST_FIELD] = bit
            if field.required:
                required[kind] |= _U(one)
            if not field.when_field:
                asked[kind] |= _U(one)
            for value in field.when_is:
                driver = bits[field.when_field]
                key = mix((word_hash(value.encode()) + kind * _K1 + driver * _K2) & _BITS)
                values[key] = values.get(key, 0) | one
            if code == "told":
                told[kind] |= _U(one)
            if code == "action":
                action[kind] |= _U(one)
    key_hashes, key_bits = open_table(keys)
    value_hashes, value_asks = open_table(values, np.uint64)
    return layout.Types(
        part=np.array([_PARTS.get(one.part, 0) for one in ruleset.record_types], np.int32),
        asked=asked,
        required=required,
        told=told,
        action=action,
        field_bit=field_bit,
        key_hashes=key_hashes,
        key_bits=key_bits,
        value_hashes=value_hashes,
        value_asks=value_asks,
    )


def logarithms(most: int) -> np.ndarray:
    """ln k in millionths, for k up to `most`; of 0 it is 0. Whole numbers add up alike on every
    machine."""
    return np.array([0, *(round(1_000_000 * log(k)) for k in range(1, most + 1))], np.int64)
