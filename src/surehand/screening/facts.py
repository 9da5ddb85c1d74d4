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
CREATE TEMP VIEW visits AS SELECT * FROM looked_at WHERE ends >= 0;
CREATE TEMP VIEW links AS
  SELECT answering.row AS row, answering.answers AS answers, answering.recorded AS recorded
  FROM looked_at answering WHERE answering.answers >= 0;
"""

QUERIES: dict[str, str] = {
    # Amended and approved versions were recorded when they were amended, not when first written.
    # One marked as late that says why, the device being offline, is as it should be.
    "late_entry": f"""
        WITH due AS (
          SELECT one.row, one.late_after, one.recorded, one.change, one.found,
                 coalesce(max(visit.ends), one.occurred) AS since
          FROM looked_at one LEFT JOIN visits visit
            ON one.from_visit_end AND visit.service = one.service AND visit.subject = one.subject
               AND one.occurred BETWEEN visit.occurred AND visit.ends
          WHERE one.late_after >= 0 AND one.change IN ('create', 'late')
            AND one.recorded - one.occurred > (one.late_after + $sync_minutes) * $minute::BIGINT
          GROUP BY one.row, one.late_after, one.recorded, one.change, one.found, one.occurred)
        SELECT row, -1 FROM due
        WHERE recorded - since > (late_after + $sync_minutes) * $minute::BIGINT
          AND NOT (change = 'late' AND found & {kernel.WAS_OFFLINE} != 0)
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
              AND links.recorded <= alert.occurred
                                    + (alert.answer_within + $sync_minutes) * $minute::BIGINT)
    """,
    "missing_action": f"""
        SELECT note.row, -1 FROM looked_at note
        WHERE note.found & {kernel.TELLS_CONCERN} != 0
          AND note.found & {
        kernel.SOMEBODY_TOLD | kernel.SOMETHING_DONE | kernel.TOLD_FIELD | kernel.ACTION_FIELD
    } = 0
          AND NOT EXISTS (SELECT 1 FROM links WHERE links.answers = note.row)
          AND NOT EXISTS (
            SELECT 1 FROM looked_at other
            WHERE other.service = note.service AND other.subject = note.subject
              AND other.row != note.row AND NOT (other.is_bodymap AND note.is_bodymap)
              AND (other.is_contact OR other.is_bodymap OR other.part = {kernel.INCIDENT_PART})
              AND other.occurred BETWEEN note.occurred - 60 * $minute::BIGINT
                                     AND note.occurred + $near_hours * 60 * $minute::BIGINT)
    """,
    # A run: each recorded soon after the one before. Evidence: the first of the run.
    "bulk_entry": """
        WITH written AS (
          SELECT row, place, author, service, words, occurred, recorded,
                 recorded - lag(recorded) OVER one > $bulk_gap_seconds * 1000000::BIGINT AS apart
          FROM looked_at
          WHERE has_author AND words > 0 AND change IN ('create', 'late')
          WINDOW one AS (PARTITION BY service, author ORDER BY recorded, place)),
        runs AS (
          SELECT *, sum(CASE WHEN apart THEN 1 ELSE 0 END)
                      OVER (PARTITION BY service, author ORDER BY recorded, place) AS run
          FROM written),
        together AS (
          SELECT service, author, run, arg_min(row, place) AS first, count(*) AS many,
                 max(recorded) - min(recorded) AS took, sum(words) AS words,
                 max(occurred) - min(occurred) AS tells_of
          FROM runs GROUP BY service, author, run)
        SELECT runs.row, CASE WHEN runs.row = together.first THEN -1 ELSE together.first END
        FROM runs JOIN together USING (service, author, run)
        WHERE together.many >= $bulk_records
          AND (tells_of >= $bulk_apart_minutes * $minute::BIGINT
               OR took * $bulk_words_per_minute < together.words * $minute::BIGINT)
    """,
}
"""By signal: the rows it is seen in, and the row that shows it (-1 = none)."""


NEEDS = {"incident_in_note": kernel.TELLS_INCIDENT, "missing_action": kernel.TELLS_CONCERN}
OF_PART = {
    "incident_without_action": kernel.INCIDENT_PART,
    "incident_without_escalation": kernel.INCIDENT_PART,
    "alert_without_response": kernel.RAISED_PART,
}
"""Without any such record there is nothing to ask."""


def columns(ruleset: Ruleset, kinds: np.ndarray) -> dict[str, np.ndarray]:
    """What the record type says of each row; `kinds` = its place in the ruleset, -1 = unknown."""
    rules = ruleset.record_types
    late = np.array([*(-1 if r.late_after is None else r.late_after for r in rules), -1], np.int64)
    visit_end = np.array([*(r.from_visit_end for r in rules), False])
    contact = np.array([*(r.part == CONTACT for r in rules), False])
    bodymap = np.array([*(r.part == BODYMAP for r in rules), False])
    return {
        "late_after": late[kinds],
        "from_visit_end": visit_end[kinds],
        "is_contact": contact[kinds],
        "is_bodymap": bodymap[kinds],
    }


def seen(facts: pa.Table, limits: Limits) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """For each structural signal: its rows in order, and the row that shows each, -1 = none."""
    numbers = {
        name: getattr(limits, name)
        for name in (
            "sync_minutes", "drift_minutes", "near_hours", "told_hours", "bulk_gap_seconds",
            "bulk_apart_minutes", "bulk_records", "bulk_words_per_minute",
        )
    }  # fmt: skip
    numbers["minute"] = MINUTE
    found = []
    bits, parts = facts["found"].to_numpy(), facts["part"].to_numpy()
    with duckdb.connect(":memory:", config={"threads": 1}) as database:
        database.register("facts", facts)
        database.execute(_SQL)
        for code, query in QUERIES.items():
            if code in NEEDS and not (bits & NEEDS[code]).any():
                continue
            if code in OF_PART and not (parts == OF_PART[code]).any():
                continue
            used = {name: value for name, value in numbers.items() if f"${name}" in query}
            answer = database.execute(query, used).fetchnumpy()
            rows, shows = (np.asarray(column, np.int64) for column in answer.values())
            order = np.argsort(rows, kind="stable")
            found.append((code, rows[order], shows[order]))
    return found
