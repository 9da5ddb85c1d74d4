"""The tables that go in and come out, as Arrow schemas; the one place that says their columns."""

import pyarrow as pa

MOMENT = pa.timestamp("us", tz="UTC")

RECORDS = pa.schema(
    [
        ("record_id", pa.string()),  # unique in a table
        ("service_id", pa.string()),
        ("subject_id", pa.string()),  # a pseudonym; "" = nobody in particular
        ("author_id", pa.string()),  # an ECM account; "" = unknown
        ("record_type", pa.string()),  # the profile's code; raised-alert = an alert that rang
        ("section", pa.string()),  # "" = none; of a raised-alert its alert type
        ("occurred_at", MOMENT),
        ("recorded_at", MOMENT),
        ("text", pa.string()),
        ("fields", pa.string()),  # a JSON object; "" = the export does not hold them
        ("responds_to", pa.string()),  # "" = nothing
        ("version", pa.int32()),
        ("change_type", pa.string()),  # create, amend, void, late, approve
    ]
)

NAMES = pa.schema([("service_id", pa.string()), ("subject_id", pa.string()), ("name", pa.string())])

REASON = pa.struct(
    [
        ("code", pa.string()),
        ("strength", pa.string()),  # sound, useful, prompt
        ("evidence_record_id", pa.string()),  # the other record; "" = none
        ("span_start", pa.int32()),  # in characters of the text; -1 = the reason is structural
        ("span_len", pa.int32()),  # 0 = the reason is structural
    ]
)

SCREENED = pa.schema(
    [
        ("record_id", pa.string()),
        ("ruleset_version", pa.string()),
        ("words", pa.int32()),  # of the text
        ("specific_words", pa.int32()),  # neither in a stock phrase nor a filler
        # Share of the wording, weighted by rarity, that the closest earlier record has too: 0 to 1.
        ("known_share", pa.float32()),
        ("minutes_to_record", pa.int32()),  # from what happened to the entry; negative = before
        ("reasons", pa.list_(REASON)),
    ]
)
"""One row for each row in, by service_id, recorded_at, record_id (ids in the order of bytes)."""

OPTIONAL = {"fields": "", "responds_to": "", "version": 1, "change_type": "create", "section": ""}


class ScreeningProblem(ValueError):
    """The records could not be read; says in a sentence what, where and what to do."""


def conform(table: pa.Table, schema: pa.Schema, *, called: str) -> pa.Table:
    """The table with the schema's columns and types, no nulls, in as few pieces as it came.

    A column that may be missing is filled in; further columns are left out. Raises
    ScreeningProblem.
    """
    missing = [
        name for name in schema.names if name not in table.column_names and name not in OPTIONAL
    ]
    if missing:
        raise ScreeningProblem(
            f"The {called} have no column {', '.join(missing)}; add "
            f"{'it' if len(missing) == 1 else 'them'}."
        )
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.repeat(pa.scalar(OPTIONAL[field.name], field.type), len(table)))
            continue
        column = table.column(field.name)
        if column.type != field.type:
            try:
                column = column.cast(field.type)
            except pa.ArrowException:
                raise ScreeningProblem(
                    f"Column {field.name} of the {called} holds {column.type}, and not "
                    f"{field.type}; convert it first."
                ) from None
        if column.null_count:
            if field.type == MOMENT:
                raise ScreeningProblem(
                    f"Column {field.name} of the {called} is empty in {column.null_count:,} rows; "
                    "fill in when it was, or leave those rows out."
                )
            column = column.fill_null(OPTIONAL.get(field.name, ""))
        columns.append(column)
    return pa.table(columns, schema=schema)
