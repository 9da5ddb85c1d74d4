"""What the API takes and says. People and services are named by the provider's own ids."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

PEOPLE_AT_MOST = 500

_TEXT = r"^[^\x00-\x1f\x7f]+$"
Id = Annotated[str, Field(min_length=1, max_length=50, pattern=_TEXT)]
Code = Annotated[str, Field(min_length=1, max_length=2, pattern=r"^[A-Z]{2}$")]
State = Literal["independent", "awaiting_sign_off", "supervised", "not_ready", "restricted"]

AT = (
    "A moment, ISO 8601, such as `2027-03-03T07:00`; without an offset London time is meant. "
    "Without it, now: leave it out at the door, so that no other clock has a say."
)


class Reason(Schema):
    """Why, in a sentence; `entry` is the ledger entry that shows it."""

    text: str
    entry: int | None


class OverrideSaid(Schema):
    """Somebody answered for one shift. It lets nobody in: `cleared` stays false (R21)."""

    entry: int
    by: str | None
    name: str
    until: str
    reason: str | None = Field(description="Only where `explain` is asked for.")


class Answer(Schema):
    person_id: str
    cleared: bool = Field(description="Lets this person in; nothing else does.")
    because: str = Field(
        description="independent, supervised, no_supervisor, supervisor_not_named, "
        "awaiting_sign_off, not_ready, restricted or no_post."
    )
    state: State = Field(description="Of the least permissive current post asked about (R4).")
    job_role: str | None
    since: str | None
    until: str | None = Field(description="When this state ends by itself; null: it does not.")
    reasons: list[Reason]
    override: OverrideSaid | None


class Readiness(Schema):
    """The answer of the gate."""

    cleared: bool = Field(description="Everybody asked about is cleared.")
    service_id: str
    at: str = Field(description="The moment asked about.")
    now: str = Field(description="The moment on the clock of Surehand.")
    seq: int = Field(description="The last ledger entry the answer rests on (R3).")
    answers: list[Answer]


class AskReadiness(Schema):
    """The same as the parameters of GET, for lists too long for an address."""

    service_id: Id
    person_ids: Annotated[list[Id], Field(min_length=1, max_length=PEOPLE_AT_MOST)]
    job_role: Code | None = None
    supervisor_id: Id | None = None
    at: Annotated[str, Field(max_length=40)] | None = Field(None, description=AT)
    explain: bool = False


class Competence(Schema):
    code: str
    needed: bool
    gate: bool
    state: Literal["competent", "partly", "failed", "expired"] | None
    until: str | None


class MatrixRow(Schema):
    person_id: str
    job_role: str
    employment: str
    state: State
    since: str
    until: str | None
    competencies: list[Competence]


class Matrix(Schema):
    """The training matrix of a service at a moment: one row for each current post, no names."""

    service_id: str
    at: str
    seq: int
    plan_version: int | None
    rows: list[MatrixRow]


class ShiftRow(Schema):
    shift_id: str
    service_id: str
    person_id: str | None
    starts_at: str
    ends_at: str
    answer: Literal["cleared", "not_cleared", "not_checked"]
    because: str
    why: str
    since: str | None
    state: State | None
    overridden_by: int | None
    override: dict[str, str | int | None] | None
    break_glass: str | None = Field(
        description="People were let in while this software was down; it clears no shift."
    )


class RotaCheck(Schema):
    """Every shift that touches the window, cleared or not."""

    service_id: str
    since: str
    until: str
    seq: int
    not_cleared: int
    shifts: list[ShiftRow]


class CheckpointRow(Schema):
    size: int = Field(description="How many entries it covers.")
    made_at: str
    note: str = Field(description="The signed note, as `surehand verify` reads it.")


class Checkpoints(Schema):
    """Signed checkpoints, oldest first. Ask again with `after` set to the last `size`."""

    checkpoints: list[CheckpointRow]


# --- what an ECM system sends

ROWS_AT_MOST = 5_000
Cell = str | int | float | bool | None
KEY = (
    "Chosen by you, one for each batch, such as a UUID. The same key with the same batch gets the "
    "same answer again and changes nothing; with another batch it is refused (409). Kept two days."
)
TIME = "ISO 8601; without an offset London time is meant."


class RecordIn(Schema):
    """One version of one record, by the columns of the `records` file."""

    record_id: Cell
    service_id: Cell
    subject_id: Cell = Field(None, description="Kept as a pseudonym; empty: kept aside.")
    author_id: Cell = Field(description="The account in the ECM system.")
    record_type: Cell = Field(description="A code or title of the ECM profile.")
    section: Cell = None
    occurred_at: Cell = Field(description=TIME)
    recorded_at: Cell = Field(description=TIME)
    text: Cell = None
    version: Cell = None
    change_type: Cell = Field(None, description="create, amend, void, late or approve.")
    fields: dict[str, Any] | str | None = None
    responds_to: Cell = None
    subject_name: Cell = None


class AlertIn(Schema):
    """An alert as it stands, by the columns of the `alerts` file."""

    alert_id: Cell
    service_id: Cell
    subject_id: Cell = Field(None, description="Kept as a pseudonym; empty: kept aside.")
    alert_type: Cell = Field(description="A code or title of the ECM profile.")
    raised_at: Cell = Field(description=TIME)
    acknowledged_at: Cell = Field(None, description=TIME)
    acknowledged_by: Cell = None
    closed_at: Cell = Field(None, description=TIME)
    response_record_id: Cell = None


class RecordsIn(Schema):
    records: Annotated[list[RecordIn], Field(min_length=1, max_length=ROWS_AT_MOST)]


class AlertsIn(Schema):
    alerts: Annotated[list[AlertIn], Field(min_length=1, max_length=ROWS_AT_MOST)]


class RowFate(Schema):
    """What became of a row. `row` counts from 1 in the batch; `because` is empty where it came in
    as it was."""

    row: int
    fate: Literal["added", "changed", "unchanged", "kept_aside", "refused"]
    because: list[str]


class BroughtIn(Schema):
    """What was recorded, after it was. A refused row never stops the others."""

    entry: int | None = Field(description="The ledger entry; null: nothing was new.")
    added: int
    changed: int
    unchanged: int
    kept_aside: int
    refused: int
    notes: list[str]
    rows: list[RowFate]


class Problem(Schema):
    """Why there is no answer (RFC 9457). `cleared` is always false."""

    type: str
    title: str
    status: int
    detail: str
    cleared: Literal[False]
