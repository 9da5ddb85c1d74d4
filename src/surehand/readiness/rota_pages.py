"""A shift of the rota check as a row that programs read: the same from the command and the API."""

from collections.abc import Mapping
from typing import Any

from surehand.readiness.break_glass import in_a_sentence
from surehand.readiness.overrides import Overridden
from surehand.readiness.reasons import STATE_KEYS
from surehand.readiness.rota import Checked
from surehand.timeline import moment
from surehand.ui.formats import iso


def shift_row(
    checked: Checked,
    why: str,
    references: Mapping[int, str],
    overrides: Mapping[int, Overridden],
) -> dict[str, Any]:
    """One shift with its answer; people by the provider's own ids, times ISO 8601 in London."""
    shift, clearance = checked.shift, checked.clearance
    over = overrides.get(clearance.overridden_by or 0)
    return {
        "shift_id": shift.shift_id,
        "service_id": shift.service.code,
        "person_id": references.get(shift.person_id or 0),
        "starts_at": iso(shift.starts_at),
        "ends_at": iso(shift.ends_at),
        "answer": clearance.answer.value,
        "because": clearance.because.value,
        "why": why,
        "since": iso(moment(clearance.since)) if clearance.since is not None else None,
        "state": STATE_KEYS[checked.state] if checked.state is not None else None,
        "overridden_by": clearance.overridden_by,
        "override": override_row(over, references) if over else None,
        "break_glass": in_a_sentence(checked.break_glass) if checked.break_glass else None,
    }


def override_row(over: Overridden, references: Mapping[int, str]) -> dict[str, Any]:
    """Who answered for it, by their id, until when and why."""
    return {
        "entry": over.entry,
        "by": references.get(over.person),
        "until": iso(over.until),
        "reason": over.reason,
    }
