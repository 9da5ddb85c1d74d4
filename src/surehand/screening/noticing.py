"""Records in, reasons out."""

import json
from hashlib import sha256
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import facts, kernel, layout
from .compiled import compile_once
from .flatten import lexicon, logarithms, mix, open_table, types, word_hash
from .phrases import plain
from .ruleset import Ruleset
from .signals import NUMBER_OF, SIGNALS
from .tables import NAMES, REASON, RECORDS, SCREENED, ScreeningProblem, conform

_BITS = (1 << 64) - 1
_K1 = 0x9E3779B97F4A7C15

_TOLD = {
    "required_field_missing": (layout.FIELD_MISSING, None),
    "another_person_named": (layout.NAMES_ANOTHER, layout.SPAN_NAME),
    "reused_wording": (layout.REUSED, layout.SPAN_REUSED),
    "stock_phrases": (layout.STOCK_ALONE, layout.SPAN_STOCK),
    "text_for_field": (layout.TEXT_FOR_FIELD, layout.SPAN_FIELD),
    "wrong_section": (layout.WRONG_SECTION, layout.SPAN_SECTION),
}
"""What the reading of one text decides alone: its bit, and where its span is."""

_SPANS = {"incident_in_note": layout.SPAN_INCIDENT, "missing_action": layout.SPAN_CONCERN}
"""What is seen in a text, and holds only if the facts of other records allow it."""


def screen(
    records: pa.Table, ruleset: Ruleset, *, names: pa.Table | None = None, salt: bytes = b""
) -> pa.Table:
    """What is noticed in each record: a table like `SCREENED`, one row for each row in.

    `records` is like `RECORDS`, `names` (the people supported) like `NAMES`. Services have nothing
    to do with one another, so that they may be screened apart; all that is known of a service in
    the window must be in the same table. `salt` keys the hashes of wording, which never leave
    memory.

    Rows come out by service_id, recorded_at, record_id: the same bytes whatever the order or the
    batches in which they came in. Raises ScreeningProblem.
    """
    records = conform(records, RECORDS, called="records").combine_chunks()
    codes = {name: _numbered(records, name) for name in ("service_id", "subject_id", "author_id")}
    recorded = _numbers(records, "recorded_at")
    occurred = _numbers(records, "occurred_at")
    order = _order(records, codes["service_id"][0], recorded)
    kinds = _places(records, "record_type", [one.code for one in ruleset.record_types])
    sections = _places(records, "section", list(ruleset.sections))
    live = _numbers_of(pc.not_equal(records["change_type"], "void")).astype(np.bool_)

    count = len(records)
    services, service_ids = codes["service_id"]
    subjects, subject_ids = codes["subject_id"]
    given = layout.Records(
        *_bytes(records, "text"),
        *_bytes(_without_escapes(records), "fields"),
        kinds,
        live,
        sections,
        subjects,
        codes["author_id"][0],
        recorded,
    )
    found = layout.Found(
        flags=np.zeros(count, np.int32),
        spans=np.zeros((count, 2 * layout.SPANS), np.int32),
        counts=np.zeros((count, 2), np.int32),
        shares=np.zeros((count, 2), np.int64),
        evidence=np.full(count, -1, np.int64),
    )
    limits = ruleset.limits
    limited = layout.Limited(
        limits.window_days * 86_400_000_000,
        limits.reach,
        limits.reuse_percent,
        limits.reuse_phrases,
        limits.scope_words,
    )
    keyed = np.uint64(int.from_bytes(sha256(b"screening" + salt).digest()[:8], "big"))
    lex, kinds_of = lexicon(ruleset), types(ruleset)
    logs = logarithms(len(subject_ids) + 2)
    of_names = _names(names, subject_ids)
    for begin, end in _runs(services[order]):
        rows = order[begin:end]
        service_id = service_ids[services[rows[0]]]
        of_service = of_names.get(service_id, _NO_NAMES)
        further = (given, lex, kinds_of, of_service, logs, limited, keyed, found)
        compile_once(kernel.read_service, rows[:0], *further)
        kernel.read_service(rows, *further)
    bad = np.flatnonzero(found.flags & layout.BAD_FIELDS)
    if len(bad):
        raise ScreeningProblem(
            f"The fields of record {records['record_id'][int(bad[0])].as_py()} are not a JSON "
            f"object ({len(bad):,} such records); mend them, or leave them empty."
        )
    told = _told(records, ruleset, codes, occurred, given, found, order)
    return _result(records, ruleset, order, occurred, recorded, found, told)


def _numbered(records: pa.Table, name: str) -> tuple[np.ndarray, list[str]]:
    """The ids of a column as numbers, in the order of the ids' bytes, and the ids."""
    column = records[name].combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], pa.string())
    encoded = column.dictionary_encode()
    ids = encoded.dictionary.to_pylist()
    ranks = np.empty(len(ids), np.int64)
    ranks[sorted(range(len(ids)), key=lambda place: ids[place].encode())] = np.arange(len(ids))
    numbers = _numbers_of(encoded.indices)
    return (ranks[numbers] if len(ids) else numbers.astype(np.int64)), sorted(
        ids, key=lambda one: one.encode()
    )


def _numbers_of(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return (
        column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    )


def _numbers(records: pa.Table, name: str) -> np.ndarray:
    """A column of moments as microseconds."""
    return _numbers_of(records[name].cast(pa.int64()))


def _places(records: pa.Table, name: str, codes: list[str]) -> np.ndarray:
    """Where each value of a column stands in `codes`; -1 = not there."""
    found = pc.index_in(records[name], value_set=pa.array(codes, pa.string())).fill_null(-1)
    return _numbers_of(found).astype(np.int32)


def _bytes(records: pa.Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """All texts of a column one after another, and where each begins."""
    chunks = records[name].chunks
    pieces, offsets, length = [], [np.zeros(1, np.int64)], 0
    for chunk in chunks:
        if len(chunk) == 0:
            continue
        _, of_chunk, content = chunk.buffers()
        starts = np.frombuffer(of_chunk, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        first, last = int(starts[0]), int(starts[-1])
        whole = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
        pieces.append(whole[first:last])
        offsets.append(starts[1:].astype(np.int64) - first + length)
        length += last - first
    if len(pieces) == 1:
        content = pieces[0]
    else:
        content = np.concatenate([np.zeros(0, np.uint8), *pieces])
        content.flags.writeable = False
    return content, np.concatenate(offsets)


def _without_escapes(records: pa.Table) -> pa.Table:
    """Fields with their letters written out: `\\u2019` is ’, so that words are words."""
    column = records["fields"]
    escaped = _numbers_of(pc.match_substring(column, "\\u"))
    if not escaped.any():
        return records.select(["fields"])
    values = column.to_pylist()
    for row in np.flatnonzero(escaped):
        try:
            written = json.dumps(json.loads(values[row]), ensure_ascii=False)
            written.encode()
        except (ValueError, RecursionError):
            continue  # what is no JSON is said later
        values[row] = written
    return pa.table({"fields": pa.array(values, pa.string())})


def _order(records: pa.Table, services: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    """The rows by service, time of recording, and record_id by its bytes."""
    order = np.lexsort((recorded, services))
    ids = records["record_id"]
    if pc.count_distinct(ids).as_py() != len(records):
        twice = pc.filter(pc.value_counts(ids), pc.greater(
            pc.struct_field(pc.value_counts(ids), "counts"), 1))  # fmt: skip
        raise ScreeningProblem(
            f"Record {twice[0]['values'].as_py()} is there more than once; keep its last version."
        )
    same = (services[order][1:] == services[order][:-1]) & (
        recorded[order][1:] == recorded[order][:-1]
    )
    if same.any():
        starts = np.flatnonzero(
            np.diff(np.concatenate(([False], same, [False])).astype(np.int8)) == 1
        )
        ends = np.flatnonzero(
            np.diff(np.concatenate(([False], same, [False])).astype(np.int8)) == -1
        )
        for start, end in zip(starts, ends, strict=True):
            tied = order[start : end + 1]
            written = ids.take(pa.array(tied)).to_pylist()
            order[start : end + 1] = tied[
                sorted(range(len(tied)), key=lambda k: written[k].encode())
            ]
    return order.astype(np.int64)


def _runs(services: np.ndarray) -> list[tuple[int, int]]:
    """Where each service begins and ends, in the order."""
    if len(services) == 0:
        return []
    cuts = [0, *(np.flatnonzero(np.diff(services)) + 1).tolist(), len(services)]
    return list(pairwise(cuts))


_NO_NAMES = layout.Names(*open_table({}), *open_table({}))


def _names(names: pa.Table | None, subject_ids: list[str]) -> dict[str, layout.Names]:
    """By service: the words of names (1 first, 2 further), and whose own they are."""
    if names is None or len(names) == 0:
        return {}
    number_of = {subject: number for number, subject in enumerate(subject_ids)}
    all_of: dict[str, dict[int, int]] = {}
    own_of: dict[str, dict[int, int]] = {}
    columns = conform(names, NAMES, called="names").to_pydict()
    for service, subject, name in zip(*columns.values(), strict=True):
        words = [word for word in plain(name).replace("-", " ").split() if word.isalpha()]
        for place, word in enumerate(words):
            if len(word) < 2 or word in _TITLES:
                continue
            for form in (word, word + "s"):  # Betty’s
                h = word_hash(form.encode())
                known = all_of.setdefault(service, {})
                known[h] = known.get(h, 0) | (1 if place == 0 else 2)
                if subject in number_of:
                    mine = mix((h + (number_of[subject] + 1) * _K1) & _BITS)
                    own_of.setdefault(service, {})[mine] = 1
    return {
        service: layout.Names(*open_table(known), *open_table(own_of.get(service, {})))
        for service, known in all_of.items()
    }


_TITLES = ("mr", "mrs", "miss", "ms", "dr", "sir", "lady", "lord", "rev")


def _told(
    records: pa.Table,
    ruleset: Ruleset,
    codes: dict[str, tuple[np.ndarray, list[str]]],
    occurred: np.ndarray,
    given: layout.Records,
    found: layout.Found,
    order: np.ndarray,
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """What the facts of several records together say."""
    kinds, recorded = given.kinds, given.recorded
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    parts = np.array([*types(ruleset).part, layout.OTHER_PART], np.int32)
    within = {one.code: one.answer_within for one in ruleset.alert_types}
    minutes = np.array([*(-1 if m is None else m for m in within.values()), -1], np.int64)
    services, (subjects, subject_ids) = codes["service_id"][0], codes["subject_id"]
    authors, author_ids = codes["author_id"]
    nobody = author_ids.index("") if "" in author_ids else -1
    changes = _places(records, "change_type", ["create", "late"])
    together = facts.Facts(
        place=place,
        service=services,
        person=services * len(subject_ids) + subjects,
        author=authors,
        has_author=authors != nobody,
        part=parts[kinds],
        occurred=occurred,
        recorded=recorded,
        live=given.live,
        first_written=changes >= 0,
        marked_late=changes == 1,
        found=found.flags,
        words=found.counts[:, 0],
        answers=_answers(records, services),
        answer_within=minutes[_places(records, "section", list(within))],
        ends=_ends(records, ruleset, kinds, occurred),
        **facts.columns(ruleset, kinds),
    )
    return facts.seen(together, ruleset.limits)


def _ends(
    records: pa.Table, ruleset: Ruleset, kinds: np.ndarray, occurred: np.ndarray
) -> np.ndarray:
    """When a visit ended, by its times in and out, in microseconds; -1 = no visit, or not said."""
    ends = np.full(len(records), -1, np.int64)
    visits = [place for place, one in enumerate(ruleset.record_types) if one.visit_times]
    rows = np.flatnonzero(np.isin(kinds, visits))
    if len(rows) == 0:
        return ends
    for row, written in zip(rows, records["fields"].take(pa.array(rows)).to_pylist(), strict=True):
        said = json.loads(written) if written else {}
        came, left = (
            _minute(said.get(code)) for code in ruleset.record_types[kinds[row]].visit_times
        )
        if came is not None and left is not None:
            ends[row] = occurred[row] + (left - came) % 1440 * facts.MINUTE
    return ends


def _minute(written: object) -> int | None:
    """The minute of the day that a time such as 09:35 is."""
    hours, colon, minutes = str(written).partition(":")
    if colon and hours.isdigit() and minutes[:2].isdigit():
        return int(hours) * 60 + int(minutes[:2])
    return None


def _answers(records: pa.Table, services: np.ndarray) -> np.ndarray:
    """The row each record responds to, in its own service; -1 = none."""
    answers = np.full(len(records), -1, np.int64)
    responding = np.flatnonzero(_numbers_of(pc.not_equal(records["responds_to"], "")))
    if len(responding) == 0:
        return answers
    wanted = records["responds_to"].take(pa.array(responding)).combine_chunks()
    wanted = wanted if isinstance(wanted, pa.Array) else wanted.chunk(0)
    distinct = pc.unique(wanted)
    where = np.full(len(distinct) + 1, -1, np.int64)
    at = _numbers_of(pc.index_in(records["record_id"], value_set=distinct).fill_null(-1))
    there = np.flatnonzero(at >= 0)
    where[at[there]] = there
    answers[responding] = where[_numbers_of(pc.index_in(wanted, value_set=distinct))]
    answers[services[answers] != services] = -1
    return answers


def _result(
    records: pa.Table,
    ruleset: Ruleset,
    order: np.ndarray,
    occurred: np.ndarray,
    recorded: np.ndarray,
    found: layout.Found,
    told: list[tuple[str, np.ndarray, np.ndarray]],
) -> pa.Table:
    """Everything put together, in order."""
    place_of = np.empty(len(order), np.int64)
    place_of[order] = np.arange(len(order))
    pieces: list[tuple[str, np.ndarray, np.ndarray, np.int64 | None]] = []
    for code, (bit, span) in _TOLD.items():
        rows = np.flatnonzero(found.flags & bit)
        shows = found.evidence[rows] if code == "reused_wording" else np.full(len(rows), -1)
        pieces.append((code, rows, shows, span))
    for code, rows, shows in told:
        pieces.append((code, rows, shows, _SPANS.get(code)))
    codes = np.concatenate([np.full(len(rows), NUMBER_OF[code]) for code, rows, _, _ in pieces])
    rows = np.concatenate([rows for _, rows, _, _ in pieces]).astype(np.int64)
    shows = np.concatenate([shows for _, _, shows, _ in pieces]).astype(np.int64)
    starts = np.concatenate(
        [found.spans[r, 2 * s] if s is not None else np.full(len(r), -1) for _, r, _, s in pieces]
    )
    lengths = np.concatenate(
        [found.spans[r, 2 * s + 1] if s is not None else np.zeros(len(r)) for _, r, _, s in pieces]
    )
    sorting = np.lexsort((codes, place_of[rows]))
    codes, rows, shows = codes[sorting], rows[sorting], shows[sorting]
    ids = records["record_id"]
    with_other = pa.array(np.where(shows < 0, 0, shows), mask=shows < 0)
    reasons = pa.StructArray.from_arrays(
        [
            pa.array([s.code for s in SIGNALS], pa.string()).take(pa.array(codes)),
            pa.array([str(s.strength) for s in SIGNALS], pa.string()).take(pa.array(codes)),
            _one(ids.take(with_other)).fill_null(""),
            pa.array(starts[sorting].astype(np.int32)),
            pa.array(lengths[sorting].astype(np.int32)),
        ],
        fields=list(REASON),
    )
    ends = np.searchsorted(place_of[rows], np.arange(len(order)), side="right")
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    known = np.zeros(len(order), np.float32)
    weighed = found.shares[:, 1] > 0
    known[weighed] = found.shares[weighed, 0] / found.shares[weighed, 1]
    minutes = np.clip((recorded - occurred) // facts.MINUTE, -(2**31), 2**31 - 1)
    ordered = pa.array(order)
    return pa.table(
        [
            _one(ids.take(ordered)),
            pa.repeat(pa.scalar(ruleset.version), len(order)),
            pa.array(found.counts[order, 0]),
            pa.array(found.counts[order, 1]),
            pa.array(known[order]),
            pa.array(minutes[order].astype(np.int32)),
            pa.ListArray.from_arrays(
                pa.array(offsets), reasons, type=SCREENED.field("reasons").type
            ),
        ],
        schema=SCREENED,
    )


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    if isinstance(column, pa.Array):
        return column
    joined = column.combine_chunks()
    return joined if isinstance(joined, pa.Array) else joined.chunk(0)
