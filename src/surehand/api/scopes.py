"""What a token may be used for."""

from enum import StrEnum


class Scope(StrEnum):
    READINESS = "readiness"
    MATRIX = "matrix"
    ROTA_CHECK = "rota-check"
    CHECKPOINTS = "checkpoints"
    RECORDS_WRITE = "records:write"


DESCRIPTIONS: dict[Scope, str] = {
    Scope.READINESS: "Ask the gate: may this person use the live system now, and why.",
    Scope.MATRIX: "Read the training matrix, by your own ids of people.",
    Scope.ROTA_CHECK: "Read which shifts are not cleared.",
    Scope.CHECKPOINTS: "Read the signed checkpoints of the evidence ledger.",
    Scope.RECORDS_WRITE: "Bring in live records and alerts from the ECM system; reads nothing.",
}
