"""What follows from the facts of records, without their words: times, links, what lies near what.

Set-based, in DuckDB over small Arrow columns of numbers. Answers do not depend on the order of
rows.
"""

import duckdb
import numpy as np
import pyarrow as pa

from . import kernel
from .ruleset import BODYMAP, CONTACT, Limits, Ruleset

MINUTE = 60_000_000

_NOTES = f"({kernel.NOTE_PART}, {kernel.SHORT_PART})"

_SQL = f"""
CREATE TEMP VIEW looked_at AS SELECT * FROM facts WHERE live;
CREATE TEMP VIEW incidents AS SELECT * FROM looked_at WHERE part = {kernel.INCIDENT_PART};
CREATE TEMP VIEW links AS
  SELECT answering.row AS row, answering.answers AS answers, answering.occurred AS occurred
  FROM looked_at answering WHERE answering.answers >= 0;
"""

QUERIES: dict[str, str] = {
    # Amended and approved versions were recorded when they were amended, not when first written.
    "late_entry": """
        SELECT row, -1 FROM looked_at
        WHERE late_after >= 0 AND change IN ('create', 'late')
          AND recorded - occurred > (late_after + $sync_minutes) * $minute::BIGINT
    """,
    "entry_before_event": """
        SELECT row, -1 FROM looked_at
        WHERE late_after >= 0 AND change IN ('create', 'late')
          AND occurred - recorded > $drift_minutes * $minute::BIGINT
    """,
    "incident_in_note": f"""
        SELECT note.row, -1 FROM looked_at note
        WHERE note.part IN {_NOTES} AND note.found & {kernel.TELLS_INCIDENT} != 0
          AND NOT EXISTS (
            SELECT 1 FROM incidents incident
            WHERE incident.service = note.service AND incident.subject = note.subject
              AND incident.occurred BETWEEN note.occurred - $near_hours * 60 * $minute::BIGINT
                                        AND note.occurred + $near_hours * 60 * $minute::BIGINT)
          AND NOT EXISTS (SELECT 1 FROM incidents incident WHERE incident.row = note.answers)
    """,
    "incident_without_action": f"""
        SELECT incident.row, -1 FROM incidents incident
        WHERE incident.found & {kernel.ACTION_FIELD} = 0
          AND NOT (incident.found & {kernel.FIELDS_KNOWN} = 0
                   AND incident.found & {kernel.SOMETHING_DONE} != 0)
          AND NOT EXISTS (SELECT 1 FROM links WHERE links.answers = incident.row)
          AND NOT EXISTS (SELECT 1 FROM looked_at other
                          WHERE other.row = incident.answers AND other.part = {kernel.ALERT_PART})
    """,
    "incident_without_escalation": f"""
        SELECT incident.row, -1 FROM incidents incident
        WHERE incident.found & {kernel.TOLD_FIELD | kernel.SOMEBODY_TOLD} = 0
          AND NOT EXISTS (
            SELECT 1 FROM looked_at contact
            WHERE contact.is_contact AND contact.service = incident.service
              AND contact.subject = incident.subject
              AND contact.occurred BETWEEN incident.occurred - 60 * $minute::BIGINT
                                       AND incident.occurred + $told_hours * 60 * $minute::BIGINT)
          AND NOT EXISTS (
            SELECT 1 FROM looked_at linked
            WHERE (linked.answers = incident.row OR linked.row = incident.answers)
              AND linked.found & {kernel.TOLD_FIELD | kernel.SOMEBODY_TOLD} != 0)
    """,
    "alert_without_response": f"""
        SELECT alert.row, -1 FROM looked_at alert
        WHERE alert.part = {kernel.RAISED_PART} AND alert.answer_within >= 0
          AND NOT EXISTS (
            SELECT 1 FROM links
            WHERE links.answers = alert.row
              AND links.occurred <= alert.occurred
                                    + (alert.answer_within + $drift_minutes) * $minute::BIGINT)
    """,
    "missing_action": f"""
        SELECT note.row, -1 FROM looked_at note
        WHERE note.part IN {_NOTES} AND note.found & {kernel.TELLS_CONCERN} != 0
          AND note.found & {
        kernel.SOMEBODY_TOLD | kernel.SOMETHING_DONE | kernel.TOLD_FIELD | kernel.ACTION_FIELD
    } = 0
          AND NOT EXISTS (SELECT 1 FROM links WHERE links.answers = note.row)
          AND NOT EXISTS (
            SELECT 1 FROM looked_at other
            WHERE other.service = note.service AND other.subject = note.subject
              AND (other.is_contact OR other.is_bodymap OR other.part = {kernel.INCIDENT_PART})
              AND other.occurred BETWEEN note.occurred - 60 * $minute::BIGINT
                                     AND note.occurred + $near_hours * 60 * $minute::BIGINT)
    """,
    # A run: each recorded soon after the one before. Evidence: the first of the run.
    "bulk_entry": """
        WITH written AS (
          SELECT row, author, service, words, recorded,
                 recorded - lag(recorded) OVER one > $bulk_gap_seconds * 1000000::BIGINT AS apart
          FROM looked_at
          WHERE has_author AND words >= $bulk_words AND change IN ('create', 'late')
          WINDOW one AS (PARTITION BY service, author ORDER BY recorded, row)),
        runs AS (
          SELECT *, sum(CASE WHEN apart THEN 1 ELSE 0 END)
                      OVER (PARTITION BY service, author ORDER BY recorded, row) AS run
          FROM written),
        together AS (
          SELECT service, author, run, min(row) AS first, count(*) AS many,
                 max(recorded) - min(recorded) AS took, sum(words) AS words
          FROM runs GROUP BY service, author, run)
        SELECT runs.row, CASE WHEN runs.row = together.first THEN -1 ELSE together.first END
        FROM runs JOIN together USING (service, author, run)
        WHERE together.many >= $bulk_records
          AND took * $bulk_words_per_minute < (together.words - $bulk_words) * $minute::BIGINT
    """,
}
"""By signal: the rows it is seen in, and the row that shows it (-1 = none)."""


def columns(ruleset: Ruleset, kinds: np.ndarray) -> dict[str, np.ndarray]:
    """What the record type says of each row; `kinds` = its place in the ruleset, -1 = unknown."""
    rules = ruleset.record_types
    late = np.array([*(-1 if r.late_after is None else r.late_after for r in rules), -1], np.int64)
    contact = np.array([*(r.part == CONTACT for r in rules), False])
    bodymap = np.array([*(r.part == BODYMAP for r in rules), False])
    return {
        "late_after": late[kinds],
        "is_contact": contact[kinds],
        "is_bodymap": bodymap[kinds],
    }


def seen(facts: pa.Table, limits: Limits) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """For each structural signal: its rows in order, and the row that shows each, -1 = none."""
    numbers = {
        name: getattr(limits, name)
        for name in (
            "sync_minutes", "drift_minutes", "near_hours", "told_hours", "bulk_gap_seconds",
            "bulk_words", "bulk_records", "bulk_words_per_minute",
        )
    }  # fmt: skip
    numbers["minute"] = MINUTE
    found = []
    with duckdb.connect(":memory:", config={"threads": 1}) as database:
        database.register("facts", facts)
        database.execute(_SQL)
        for code, query in QUERIES.items():
            used = {name: value for name, value in numbers.items() if f"${name}" in query}
            answer = database.execute(query, used).fetchnumpy()
            rows, shows = (np.asarray(column, np.int64) for column in answer.values())
            order = np.argsort(rows, kind="stable")
            found.append((code, rows[order], shows[order]))
    return found
