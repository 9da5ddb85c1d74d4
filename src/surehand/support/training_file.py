"""Skills for Care’s ASC-WDS training file, as it is: courses attended. It makes nobody ready (1.8).

The national service warns and goes on where an expiry date does not fit the months of validity, or
where a provider is named for a course given in-house; so does this import, with a note.
"""

import re
from collections import Counter
from datetime import date, timedelta

from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import Column, identifier, text
from surehand.people.asc_wds import (
    TRAINING_CATEGORIES,
    TRAINING_HEADER,
    WORKER,
    WORKPLACE,
    check,
    coded,
    columns_of,
    exactly,
)
from surehand.people.people_file import Services
from surehand.support.attendance_file import AttendanceRow, compare_rows, write
from surehand.support.models import Attendance
from surehand.timeline import add_months

NEVER = 0  # VALIDITY “none”: it does not end

_ACCREDITED = {
    0: Attendance.Accredited.NO,
    1: Attendance.Accredited.YES,
    999: Attendance.Accredited.NOT_KNOWN,
}
_DELIVERY = {1: Attendance.Delivery.IN_HOUSE, 2: Attendance.Delivery.EXTERNAL}
_MODE = {1: Attendance.Mode.FACE_TO_FACE, 2: Attendance.Mode.E_LEARNING}


def _strict_day(cell: str) -> date:
    """DD/MM/YYYY and nothing else."""
    found = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", cell, re.ASCII)
    try:
        result = date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        result = None
    if result is None:
        raise ValueError(f"“{shown(cell)}” is not a date as the ASC-WDS asks for it: 03/03/2026.")
    if not 1930 <= result.year <= 2100:
        raise ValueError(f"The year of “{shown(cell)}” cannot be right.")
    return result


def _validity(cell: str) -> int:
    """Months, or NEVER."""
    if cell.casefold() == "none":
        return NEVER
    if cell.isascii() and cell.isdigit() and len(cell) < 4 and int(cell):
        return int(cell)
    raise ValueError(f"VALIDITY “{shown(cell)}” is neither none nor months from 1 to 999.")


COLUMNS = columns_of(
    TRAINING_HEADER,
    (
        Column("LOCALESTID", "The service", identifier, True, True),
        Column("UNIQUEWORKERID", "The person", identifier, True, True),
        Column(
            "CATEGORY",
            "What it was about, by its code; 48 is training in the ECM system",
            coded(TRAINING_CATEGORIES, "CATEGORY"),
            True,
            True,
        ),
        Column("TRAININGNAME", "The course; empty: its category", text(120), True),
        Column("ACCREDITED", "0 no, 1 yes, 999 not known", coded(_ACCREDITED, "ACCREDITED"), True),
        Column("WHODELIVERED", "1 in-house, 2 external", coded(_DELIVERY, "WHODELIVERED"), True),
        Column("PROVIDERNAME", "Who gave it, where external", text(120), True),
        Column("HOWDELIVERED", "1 face to face, 2 e-learning", coded(_MODE, "HOWDELIVERED"), True),
        Column("VALIDITY", "none, or months from 1 to 999", _validity, True),
        Column("DATECOMPLETED", "The day it was attended", _strict_day, True, True),
        Column("EXPIRYDATE", "The last day it counts", _strict_day, True),
        Column("NOTES", "At most 1,000 characters", text(1000), True),
    ),
)


def compare(batch: Batch) -> Comparison:
    """As the `attendance` file; LOCALESTID must be a service one may import for."""
    result = Comparison()
    services = Services(batch.by)
    columns = {
        "person": "UNIQUEWORKERID",
        "course": "TRAININGNAME",
        "date": "DATECOMPLETED",
        "expiry": "EXPIRYDATE",
    }
    rows = []
    noted: Counter[str] = Counter()
    for line in batch.lines.good:
        said = line.values
        service, why = services.find(said["LOCALESTID"])
        if service is None:
            result.refuse(line, "LOCALESTID", why)
            continue
        delivery = _DELIVERY.get(said["WHODELIVERED"], "")
        external = delivery == Attendance.Delivery.EXTERNAL
        if said["PROVIDERNAME"] and not external:
            noted["provider"] += 1
        expires = said["EXPIRYDATE"]
        ends = _expected(said["DATECOMPLETED"], said["VALIDITY"])
        if expires and said["VALIDITY"] is not None and expires != ends:
            noted["expiry"] += 1
        rows.append(
            AttendanceRow(
                line=line,
                reference=said["UNIQUEWORKERID"],
                course=said["TRAININGNAME"] or TRAINING_CATEGORIES[said["CATEGORY"]],
                on=said["DATECOMPLETED"],
                columns=columns,
                outcome=Attendance.Outcome.COMPLETED,
                expires_on=expires or ends,
                category=said["CATEGORY"],
                delivery=delivery,
                mode=_MODE.get(said["HOWDELIVERED"], ""),
                accredited=_ACCREDITED.get(said["ACCREDITED"], ""),
                provider=(said["PROVIDERNAME"] or "") if external else "",
                notes=said["NOTES"] or "",
            )
        )
    compare_rows(rows, result, by=batch.by, today=batch.today)
    if noted["provider"]:
        result.notes.append(
            f"{noted['provider']} row(s) name a provider and are not marked as external "
            "(WHODELIVERED 2): the provider is not kept."
        )
    if noted["expiry"]:
        result.notes.append(
            f"{noted['expiry']} row(s) have an EXPIRYDATE that does not fit their VALIDITY: "
            "EXPIRYDATE is taken."
        )
    return result


def _expected(completed: date, months: int | None) -> date | None:
    """The last day of a course that counts for so many months; None where it does not end."""
    return add_months(completed, months) - timedelta(days=1) if months else None


TRAINING = Layout("training", COLUMNS, compare, write, exactly(TRAINING_HEADER))

KIND = Kind(
    name="asc-wds",
    title="ASC-WDS bulk-upload files",
    what="Skills for Care’s workplace, worker and training files, as they are.",
    check=check,
    layouts=(WORKPLACE, WORKER, TRAINING),
    formats=("csv",),
    max_rows=250_000,
    unrecognised=(
        "This is neither an ASC-WDS workplace file nor a worker file nor a training file: its "
        "first line must be exactly theirs, in their order."
    ),
)
