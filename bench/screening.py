"""How fast records are screened: `python bench/screening.py [NOTES]`, by default 200,000.

Reading the notes from Parquet and writing what is noticed are included. Each run is a process of
its own, on one core unless it is said otherwise, so that its memory is its own. Peers run on fewer
of the same notes and say the same of each: its words, how much of its wording was said before,
minutes to record, and the reasons of the reference (`tests/screening/reference.py`); every row is
compared. They leave out what was told in a note, names, sections and stock phrases, which screening
does in the same time; so they are flattered. MinHash libraries only look for near-duplicates.

`1000000 --growth` screens a million and measures nothing else; `--alone` leaves the peers out, as
is what is not installed (the extra `bench`).
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "bench")]

import notes_made  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

# Within one stretch of 28 days as screening counts them, which the peers do not follow beyond.
notes_made.START = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=733 * 28)
notes_made.DAYS = 27

PEER_NOTES = 20_000
DIFFERENT = 20
AIMS = {
    "DuckDB": "15×", "Polars": "15×", "pure Python": "35×", "datasketch": "50×",
    "rensa, Python strings": "10×", "rensa, our hashes": "1.5×",
}  # fmt: skip


def rules() -> Any:
    from surehand.ecm import profile as profiles
    from surehand.ecm.screening_rules import ruleset_of

    return ruleset_of(profiles.starter("residential-nursing"), "R")


# --- what is measured, each in a process of its own -----------------------------------------------


def surehand(notes: Path, out: Path, workers: int = 1) -> None:
    from surehand.screening.runners import run, threads

    run(notes.with_suffix(".json"), rules(), out, engine=threads(workers))


def pure_python(notes: Path, out: Path) -> None:
    from tests.screening.reference import screened

    found = list(screened(pq.read_table(notes).to_pylist(), rules(), wording()))
    for row in found:
        row["reasons"] = [f"{code} {evidence}".strip() for code, evidence in row["reasons"]]
    pq.write_table(pa.Table.from_pylist(found), out)


def names_of(notes: Path) -> list[str]:
    """What stands for a name in these notes: peers are told, screening and the reference see."""
    words = {
        word
        for text in pq.read_table(notes, columns=["text"])["text"].to_pylist()
        for word in re.findall(r"[A-Z][a-z]*", text)
    }
    return sorted(word for word in words if wording().is_name(word.lower()))


@cache
def wording() -> Any:
    from tests.screening.reference import Wording

    return Wording(rules())


MARK = r"(^|[.!?;\n\r]\s*)([A-Z])"  # the first word of a sentence
WORDS = r"~?[A-Za-z]+|[0-9]+"

SQL = """
CREATE TEMP TABLE note AS
  SELECT *, row_number() OVER (PARTITION BY service_id ORDER BY recorded_at, record_id) AS n,
         list_transform(regexp_extract_all(regexp_replace(text, $mark, '\\1~\\2', 'g'), $words),
           lambda w: CASE WHEN w < ':' THEN '#' WHEN w IN $names THEN '@'
                     ELSE lower(ltrim(w, '~')) END) AS words,
         fields::JSON AS f
  FROM read_parquet($notes);
CREATE TEMP TABLE wording AS
  SELECT service_id, n, h, count(*) AS c, any_value(subject_id) AS person,
         any_value(author_id) AS author
  FROM (SELECT service_id, n, subject_id, author_id, unnest(
          list_transform(range(1, len(words) - 1),
                         lambda k: hash(words[k], words[k + 1], words[k + 2]))) AS h
        FROM note WHERE len(words) >= 3)
  GROUP BY service_id, n, h;
CREATE TEMP TABLE everybody AS
  SELECT service_id, n, sum(new) OVER (PARTITION BY service_id ORDER BY n) AS people
  FROM (SELECT service_id, n, (row_number() OVER (PARTITION BY service_id, subject_id ORDER BY n)
               = 1)::INT AS new FROM note WHERE len(words) >= 3);
CREATE TEMP TABLE weighed AS
  SELECT seen.service_id, seen.n, prev_p, prev_a, prev_s, everybody.people AS everybody,
         c * (round(1e6 * ln(everybody.people + 1))::BIGINT - round(1e6 * ln(
           least(greatest(coalesce(had, 1), 1), everybody.people + 1)))::BIGINT) AS weight
  FROM (SELECT *, sum(first) OVER (PARTITION BY service_id, h ORDER BY n
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS had
        FROM (SELECT *, lag(n) OVER person AS prev_p, (lag(n) OVER person IS NULL)::INT AS first,
                lag(n) OVER (PARTITION BY service_id, h, author ORDER BY n) AS prev_a,
                lag(n) OVER (PARTITION BY service_id, h ORDER BY n) AS prev_s
              FROM wording WINDOW person AS (PARTITION BY service_id, h, person ORDER BY n))) seen
  JOIN everybody USING (service_id, n);
CREATE TEMP TABLE share AS
  SELECT service_id, n, total, matched,
         greatest(($percent * total + 99) // 100,
                  ($phrases * round(1e6 * ln(everybody + 1))::BIGINT + 1) // 2) AS needed
  FROM (SELECT service_id, n, any_value(everybody) AS everybody, sum(weight)::BIGINT AS total,
               coalesce(sum(weight) FILTER (prev_s IS NOT NULL), 0)::BIGINT AS matched
        FROM weighed GROUP BY service_id, n);
CREATE TEMP TABLE reused AS
  SELECT service_id, n, earlier FROM (
    SELECT service_id, n, scope, earlier, sum(weight) AS weight, any_value(needed) AS needed,
           row_number() OVER (PARTITION BY service_id, n
                              ORDER BY sum(weight) DESC, scope, earlier DESC) AS place
    FROM (SELECT service_id, n, 0 AS scope, prev_p AS earlier, weight FROM weighed UNION ALL
          SELECT service_id, n, 1, prev_a, weight FROM weighed UNION ALL
          SELECT service_id, n, 2, prev_s, weight FROM weighed)
    JOIN share USING (service_id, n)
    WHERE earlier IS NOT NULL AND matched >= needed AND total > 0
    GROUP BY service_id, n, scope, earlier)
  WHERE place = 1 AND weight >= needed AND weight > 0;
CREATE TEMP TABLE bulk AS
  WITH apart AS (
    SELECT *, coalesce(recorded_at - lag(recorded_at) OVER one > to_seconds($gap), false) AS gap
    FROM note WHERE author_id != '' AND len(words) > 0
    WINDOW one AS (PARTITION BY service_id, author_id ORDER BY n)),
  runs AS (SELECT *, sum(gap::INT) OVER (PARTITION BY service_id, author_id ORDER BY n) AS run
           FROM apart),
  together AS (
    SELECT service_id, author_id, run, arg_min(record_id, n) AS first FROM runs
    GROUP BY service_id, author_id, run
    HAVING count(*) >= $many AND (max(occurred_at) - min(occurred_at) >= to_minutes($tells)
      OR epoch_us(max(recorded_at)) - epoch_us(min(recorded_at))
         < sum(len(words)) * 60000000 / $speed))
  SELECT record_id, CASE WHEN record_id = first THEN '' ELSE first END AS first
  FROM runs JOIN together USING (service_id, author_id, run);
COPY (
  SELECT note.record_id, len(note.words)::BIGINT AS words,
         CASE WHEN total > 0 THEN matched / total ELSE 0 END AS known_share,
         (epoch_us(note.recorded_at) - epoch_us(note.occurred_at)) // 60000000
           AS minutes_to_record,
         list_filter([
           CASE WHEN coalesce(note.f->>'mood', '') = '' OR coalesce(note.f->>'support', '') = ''
                  OR coalesce(note.f->>'outcome', '') = '' OR coalesce(note.f->>'choice', '') = ''
                THEN 'required_field_missing' END,
           CASE WHEN note.recorded_at - note.occurred_at > to_minutes($late)
                THEN 'late_entry' END,
           CASE WHEN note.occurred_at - note.recorded_at > to_minutes($drift)
                THEN 'entry_before_event' END,
           CASE WHEN before.record_id IS NOT NULL
                THEN 'reused_wording ' || before.record_id END,
           CASE WHEN bulk.record_id IS NOT NULL THEN trim('bulk_entry ' || bulk.first) END
         ], lambda r: r IS NOT NULL) AS reasons
  FROM note LEFT JOIN share USING (service_id, n) LEFT JOIN reused USING (service_id, n)
  LEFT JOIN note before ON before.service_id = note.service_id AND before.n = reused.earlier
  LEFT JOIN bulk ON bulk.record_id = note.record_id
  ORDER BY note.service_id, note.n
) TO '{out}' (FORMAT parquet);
"""


def duckdb_sql(notes: Path, out: Path) -> None:
    import duckdb

    ruleset = rules()
    limits = ruleset.limits
    (late,) = (one.late_after for one in ruleset.record_types if one.code == "note")
    names = json.loads(notes.with_suffix(".names").read_text())
    given = {
        "mark": MARK, "words": WORDS, "names": names, "notes": str(notes),
        "percent": limits.reuse_percent, "phrases": limits.reuse_phrases,
        "gap": limits.bulk_gap_seconds, "many": limits.bulk_records,
        "tells": limits.bulk_apart_minutes, "speed": limits.bulk_words_per_minute,
        "late": late + limits.sync_minutes, "drift": limits.drift_minutes,
    }  # fmt: skip
    with duckdb.connect(":memory:", config={"threads": 1}) as database:
        for statement in SQL.format(out=out).split(";\n"):
            if statement.strip():
                used = {name: value for name, value in given.items() if f"${name}" in statement}
                database.execute(statement, used)


def polars(notes: Path, out: Path) -> None:
    import polars as pl

    ruleset = rules()
    limits = ruleset.limits
    (late,) = (one.late_after for one in ruleset.record_types if one.code == "note")
    names = json.loads(notes.with_suffix(".names").read_text())
    col, of_service, minute = pl.col, ["service_id", "n"], pl.duration(minutes=1)
    note = (
        pl.read_parquet(notes)
        .sort("service_id", "recorded_at", "record_id")
        .with_columns(
            n=pl.int_range(pl.len()).over("service_id"),
            tokens=col("text").str.replace_all(MARK, "$1~$2").str.extract_all(WORDS),
        )
        .with_columns(words=col("tokens").list.len().cast(pl.Int64))
    )
    token = note.select("service_id", "n", "subject_id", "author_id", w=col("tokens")).explode("w")
    token = token.with_columns(
        w=pl.when(col("w") < ":")
        .then(pl.lit("#"))
        .when(col("w").is_in(names))
        .then(pl.lit("@"))
        .otherwise(col("w").str.strip_chars_start("~").str.to_lowercase())
    )
    same = (col("n").shift(-2) == col("n")) & (col("service_id").shift(-2) == col("service_id"))
    wording = (
        token.with_columns(
            h=pl.struct(a="w", b=col("w").shift(-1), c=col("w").shift(-2)).hash(), whole=same
        )
        .filter(col("whole"))
        .group_by("service_id", "n", "h", maintain_order=True)
        .agg(c=pl.len(), person=col("subject_id").first(), author=col("author_id").first())
    )
    everybody = note.filter(col("words") >= 3).select(
        "service_id", "n",
        everybody=(pl.int_range(pl.len()).over("service_id", "subject_id") == 0)
        .cast(pl.Int64).cum_sum().over("service_id"),
    )  # fmt: skip

    def ln(number: pl.Expr) -> pl.Expr:
        return (1e6 * number.cast(pl.Float64).log()).round().cast(pl.Int64)

    weighed = (
        wording.with_columns(
            p=col("n").shift(1).over("service_id", "h", "person"),
            a=col("n").shift(1).over("service_id", "h", "author"),
            s=col("n").shift(1).over("service_id", "h"),
        )
        .with_columns(new=col("p").is_null().cast(pl.Int64))
        .with_columns(had=(col("new").cum_sum() - col("new")).over("service_id", "h"))
        .join(everybody, on=of_service)
        .with_columns(
            weight=col("c").cast(pl.Int64)
            * (
                ln(col("everybody") + 1)
                - ln(pl.min_horizontal(pl.max_horizontal("had", 1), col("everybody") + 1))
            )
        )
    )
    share = (
        weighed.group_by(of_service)
        .agg(
            total=col("weight").sum(),
            matched=col("weight").filter(col("s").is_not_null()).sum(),
            everybody=col("everybody").first(),
        )
        .with_columns(
            needed=pl.max_horizontal(
                (limits.reuse_percent * col("total") + 99) // 100,
                (limits.reuse_phrases * ln(col("everybody") + 1) + 1) // 2,
            )
        )
    )
    like = weighed.join(
        share.filter((col("matched") >= col("needed")) & (col("total") > 0)).select(
            *of_service, "needed"
        ),
        on=of_service,
    )
    reused = (
        pl.concat(
            like.filter(col(scope).is_not_null()).select(
                *of_service, "weight", "needed", scope=pl.lit(number), earlier=scope
            )
            for number, scope in enumerate("pas")
        )
        .group_by(*of_service, "scope", "earlier")
        .agg(col("weight").sum(), col("needed").first())
        .sort("weight", "scope", "earlier", descending=[True, False, True])
        .group_by(of_service, maintain_order=True)
        .first()
        .filter((col("weight") >= col("needed")) & (col("weight") > 0))
        .select(*of_service, "earlier")
        .join(
            note.select("service_id", earlier="n", before="record_id"), on=["service_id", "earlier"]
        )
    )
    account = ["service_id", "author_id"]
    bulk = (
        note.filter((col("author_id") != "") & (col("words") > 0))
        .with_columns(
            run=(col("recorded_at").diff() > pl.duration(seconds=limits.bulk_gap_seconds))
            .fill_null(False).cast(pl.Int64).cum_sum().over(account)
        )
        .with_columns(
            first=col("record_id").first().over(*account, "run"),
            many=pl.len().over(*account, "run"),
            took=(col("recorded_at").max() - col("recorded_at").min()).over(*account, "run"),
            told=(col("occurred_at").max() - col("occurred_at").min()).over(*account, "run"),
            said=col("words").sum().over(*account, "run"),
        )
        .filter(
            (col("many") >= limits.bulk_records)
            & ((col("told") >= limits.bulk_apart_minutes * minute)
               | (col("took").dt.total_microseconds() * limits.bulk_words_per_minute
                  < col("said") * 60_000_000))
        )
        .select("record_id", bulk=pl.when(col("record_id") == col("first"))
                .then(pl.lit("bulk_entry")).otherwise("bulk_entry " + col("first")))
    )  # fmt: skip
    empty = [
        (col("fields").str.json_path_match(f"$.{name}").fill_null("") == "")
        for name in ("mood", "support", "outcome", "choice")
    ]
    took = col("recorded_at") - col("occurred_at")
    (
        note.join(share, on=of_service, how="left")
        .join(reused, on=of_service, how="left")
        .join(bulk, on="record_id", how="left")
        .sort("service_id", "n")
        .select(
            "record_id",
            "words",
            known_share=pl.when(col("total") > 0)
            .then(col("matched") / col("total")).otherwise(0.0),
            minutes_to_record=took.dt.total_microseconds() // 60_000_000,
            reasons=pl.concat_list(
                pl.when(pl.any_horizontal(empty)).then(pl.lit("required_field_missing")),
                pl.when(took > (late + limits.sync_minutes) * minute).then(pl.lit("late_entry")),
                pl.when(-took > limits.drift_minutes * minute).then(pl.lit("entry_before_event")),
                "reused_wording " + col("before"),
                "bulk",
            ).list.drop_nulls(),
        )
        .write_parquet(out)
    )  # fmt: skip


def _shingles(text: str) -> list[str]:
    words = text.lower().split()
    return [" ".join(words[k : k + 3]) for k in range(len(words) - 2)]


def datasketch(notes: Path, out: Path) -> None:
    from datasketch import MinHash, MinHashLSH

    table = pq.read_table(notes, columns=["record_id", "service_id", "text"])
    found, service = [], None
    for one, of, text in zip(*table.to_pydict().values(), strict=True):
        if of != service:
            lsh, service = MinHashLSH(threshold=0.6, num_perm=128), of
        sketch = MinHash(num_perm=128)
        sketch.update_batch([shingle.encode() for shingle in _shingles(text)])
        found.append(len(lsh.query(sketch)))
        lsh.insert(one, sketch)
    pq.write_table(pa.table({"record_id": table["record_id"], "like": found}), out)


def rensa_strings(notes: Path, out: Path) -> None:
    from rensa import RMinHash, RMinHashLSH

    table = pq.read_table(notes, columns=["record_id", "service_id", "text"])
    found, service = [], None
    columns = table.to_pydict().values()
    for number, (_, of, text) in enumerate(zip(*columns, strict=True)):
        if of != service:
            lsh, service = RMinHashLSH(threshold=0.6, num_perm=128, num_bands=16), of
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update(_shingles(text))
        found.append(len(lsh.query(sketch)))
        lsh.insert(number, sketch)
    pq.write_table(pa.table({"record_id": table["record_id"], "like": found}), out)


def rensa_hashes(notes: Path, out: Path) -> None:
    """The hashes of three-word phrases are ours, made in machine code; the rest is rensa's."""
    import numpy as np
    from rensa import RMinHash, RMinHashLSH

    from surehand.screening.flatten import lexicon
    from surehand.screening.noticing import _bytes

    with pq.ParquetFile(notes) as file:
        found = []
        lex = lexicon(rules())
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=["record_id", "text"])
            content, offsets = _bytes(table, "text")
            flat, ends = _hashes(content, offsets, lex.fold, np)
            matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, ends, num_perm=128, seed=1)
            lsh = RMinHashLSH(threshold=0.6, num_perm=128, num_bands=16)
            found.extend(lsh.insert_matrix_and_query_duplicate_flags(matrix))
    pq.write_table(pa.table({"like": found}), out)


def _hashes(content: Any, offsets: Any, fold: Any, np: Any) -> tuple[Any, Any]:
    flat = np.empty(len(content) // 2 + 1, np.uint64)
    ends = np.zeros(len(offsets), np.uint64)
    full = _hashing()(content, offsets, fold, _tokens(np), flat, ends)
    return flat[:full], ends


@cache
def _hashing() -> Any:
    from numba import njit

    from surehand.screening.layout import K1, K2, K3
    from surehand.screening.reading import mix, tokenise

    @njit(nogil=True)
    def hashes(content, offsets, fold, t, flat, ends):  # type: ignore[no-untyped-def]
        full = 0
        for row in range(len(offsets) - 1):
            n = tokenise(content, offsets[row], offsets[row + 1], fold, t)
            for k in range(n - 2):
                flat[full] = mix(t.hash[k] * K1 + t.hash[k + 1] * K2 + t.hash[k + 2] * K3)
                full += 1
            ends[row + 1] = full
        return full

    return hashes


def _tokens(np: Any) -> Any:
    from surehand.screening import layout

    kinds = {"hash": np.uint64, "begin": np.int64, "end": np.int64, "flags": np.uint8}
    room = layout.MOST_TOKENS
    return layout.Tokens(
        **{
            name: np.zeros((room, layout.MOST_NEAR), np.int32)
            if name == "near"
            else np.zeros(room + 1, np.uint64 if name == "masked" else kinds.get(name, np.int32))
            for name in layout.Tokens._fields
        }
    )


PEERS: dict[str, tuple[str, Callable[..., None], int]] = {
    "DuckDB": ("duckdb", duckdb_sql, PEER_NOTES),
    "Polars": ("polars", polars, PEER_NOTES),
    "pure Python": ("json", pure_python, PEER_NOTES),
    "datasketch": ("datasketch", datasketch, PEER_NOTES // 2),
    "rensa, Python strings": ("rensa", rensa_strings, PEER_NOTES),
    "rensa, our hashes": ("rensa", rensa_hashes, 5 * PEER_NOTES),
}


# --- the runs -------------------------------------------------------------------------------------


class Took:
    """A process of its own: seconds by the clock and of the processor, peak memory in MiB."""

    def __init__(
        self, called: str, notes: Path, out: Path, workers: int = 1, core: int = 0
    ) -> None:
        command = [sys.executable, __file__, "--one", called, str(notes), str(out)]
        command += [str(workers), str(core)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        self.clock, self.processor, self.peak = map(float, done.stdout.split()[-3:])


def at_once(notes: Path, place: Path) -> float:
    """How many times as much two cores do as one, where two processes share nothing but the
    machine."""
    alone = Took("surehand", notes, place / "out.parquet")
    with ThreadPoolExecutor(2) as pool:
        both = list(
            pool.map(
                lambda core: Took("surehand", notes, place / f"out-{core}.parquet", 1, core), (0, 1)
            )
        )
    return sum(alone.clock / one.clock for one in both)


def one(called: str, notes: Path, out: Path, workers: int, core: int) -> None:
    """Run once on few notes, to load and compile, then measure."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[core : core + workers])
    for name in ("POLARS_MAX_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(workers)
    pa.set_cpu_count(workers)
    few = notes.with_name("few.parquet")
    work: Callable[..., None] = surehand if called == "surehand" else PEERS[called][1]
    extra = (workers,) if called == "surehand" else ()
    work(few, out, *extra)
    clock, processor = perf_counter(), process_time()
    work(notes, out, *extra)
    took = perf_counter() - clock, process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(*took, peak)


def made(place: Path, name: str, notes: int, *, services: int = 0, new: bool = False) -> Path:
    """Notes of many services, or of so many. Of very many services some have the same texts."""
    from surehand.screening.partitions import write_manifest

    path = place / f"{name}.parquet"
    services = services or max(1, notes // notes_made.PER_SERVICE)
    texts: list[pa.Table] = []
    with pq.ParquetWriter(path, notes_made.RECORDS, compression="zstd") as writer:
        for number in range(services):
            if number < DIFFERENT:
                texts.append(notes_made.service(number, notes // services, new=new))
            table = texts[number % DIFFERENT]
            if number >= DIFFERENT:
                for column in ("service_id", "record_id"):
                    ids = pc.binary_join_element_wise(f"{number:04}", table[column], "-")
                    table = table.set_column(table.column_names.index(column), column, ids)
            writer.write_table(table, row_group_size=len(table))
    write_manifest([path], path.with_suffix(".json"))
    if notes <= 5 * PEER_NOTES:
        path.with_suffix(".names").write_text(json.dumps(names_of(path)))
    return path


def same(ours: Path, theirs: Path) -> str:
    """Whether a peer says what screening says, row by row, of what both say."""
    from tests.screening.reference import CODES

    other = pq.read_table(theirs).to_pylist()
    differ = 0
    for mine, row in zip(pq.read_table(ours).to_pylist(), other, strict=True):
        reasons = [
            f"{one['code']} {one['evidence_record_id']}".strip()
            for one in mine["reasons"]
            if one["code"] in CODES
        ]
        differ += (
            mine["record_id"] != row["record_id"]
            or mine["words"] != row["words"]
            or mine["minutes_to_record"] != row["minutes_to_record"]
            or abs(mine["known_share"] - row["known_share"]) > 1e-6
            or reasons != row["reasons"]
        )
    return "the same in every row" if not differ else f"{differ:,} of {len(other):,} rows differ"


def said(label: str, notes: int, took: Took, more: str = "") -> float:
    rate = notes / took.processor
    print(
        f"{label}: {notes / took.clock:,.0f} notes/s by the clock, {rate:,.0f} by the processor, "
        f"peak {took.peak:,.0f} MiB, load {os.getloadavg()[0]:.1f}{more}",
        flush=True,
    )
    return rate


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    size = numbers[0] if numbers else 200_000
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        out = place / "out.parquet"
        few = made(place, "few", 400)
        Took("surehand", few, out)  # is compiled here, if it was not yet
        notes = made(place, "notes", size)
        print("One core, reading and writing included; ratios are of processor time.")
        mean = said(f"surehand, {size:,} notes", size, Took("surehand", notes, out),
                    "; aim ≥ 250,000, ≤ 300 MiB at a million")  # fmt: skip
        if "--growth" in sys.argv:
            return
        if "--alone" not in sys.argv:
            for label, (module, _, many) in PEERS.items():
                if find_spec(module) is None:
                    print(f"{label} is not installed and left out")
                    continue
                peer = made(place, "peer", many)
                took = Took(label, peer, place / "peer-out.parquet")
                more = ""
                if many == PEER_NOTES and module in ("duckdb", "polars", "json"):
                    Took("surehand", peer, out)
                    more = f"; {same(out, place / 'peer-out.parquet')}"
                ratio = mean * took.processor / many
                said(f"{label}, {many:,} notes", many, took, f"{more}; surehand {ratio:.1f}×, "
                     f"aim ≥ {AIMS[label]}")  # fmt: skip
        both = Took("surehand", notes, out, 2)
        first = Took("surehand", notes, out)
        said(f"two cores, {size:,} notes", size, both,
             f"; {first.clock / both.clock:.2f}× by the clock, aim ≥ 1.9×; two processes that "
             f"share nothing: {at_once(notes, place):.2f}×")  # fmt: skip
        for label, given in (
            ("every word new (the worst case)", {"new": True}),
            ("one huge service", {"services": 1}),
        ):
            path = made(place, "other", size, **given)
            rate = said(f"{label}, {size:,} notes", size, Took("surehand", path, out))
            print(f"  {mean / rate:.2f} times the cost of a note in many services", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), *map(int, sys.argv[5:7]))
    else:
        main()
