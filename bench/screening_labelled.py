"""How often screening notices what a careful auditor does: `python bench/screening_labelled.py`.

All sets, or those named: `python bench/screening_labelled.py open fourth`.

On the made-up notes of `tests/screening/notes`, for each signal: how much of what is noticed is
labelled so (precision) and how much of what is labelled is noticed (recall), each with its 95 %
Wilson interval. Counts only, never a text: the held-out half stays unseen by whoever tunes.
"""

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from surehand.ecm import profile as profiles
from surehand.ecm.screening_rules import ruleset_of
from surehand.screening import SIGNALS, screen
from surehand.screening.files import read_names, read_records
from surehand.stats import share

NOTES = Path(__file__).parents[1] / "tests" / "screening" / "notes"
PROFILES = {"R": "residential-nursing", "H": "home-care", "S": "supported-living"}
HALVES = {
    "held-out": "held-out half, not looked at while tuning",
    "open": "tuning half, flatters",
    "third": "written before the lists were read, tuned on since, flatters",
    "fourth": "written before the lists were read, three quarters of it tuned on since",
    "fourth-kept-back": "the quarter of it that was counted, but never looked into",
}
WHOLE = ("held-out", "open")
IN_WORDS = ("incident_in_note", "missing_action", "wrong_section", "text_for_field")
"""What the third and fourth sets are labelled for."""
HONEST = (
    "These are made-up notes. They show how the rules behave on them, not how accurate the rules "
    "are in the field."
)

Counted = Counter[tuple[str, str, str]]  # profile, signal, "right", "wrong" or "missed"


def counted(half: str) -> Counted:
    """Each service is screened by the profile its last letter says."""
    name = half.removesuffix("-kept-back")
    path = NOTES / f"{name}.ndjson"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    labels = {row["record_id"]: set(row["labels"]) for row in rows}
    records, names = read_records([path]), read_names(NOTES / f"{name}-names.ndjson")
    found: Counted = Counter()
    for service in pc.unique(records["service_id"]).to_pylist():
        letter = service[-1]
        noticed = screen(
            records.filter(pc.equal(records["service_id"], pa.scalar(service))),
            ruleset_of(profiles.starter(PROFILES[letter]), letter),
            names=names,
        )
        for row in noticed.to_pylist():
            if name == "fourth" and kept_back(row["record_id"]) != (half != name):
                continue
            said = {reason["code"] for reason in row["reasons"]}
            true = labels[row["record_id"]]
            for what, codes in (
                ("right", said & true),
                ("wrong", said - true),
                ("missed", true - said),
            ):
                found.update((PROFILES[letter], code, what) for code in codes)
    return found


def kept_back(record_id: str) -> bool:
    """Whether a note of the fourth set is of the quarter nobody tunes on: by its id alone."""
    return hashlib.sha256(record_id.encode()).digest()[0] % 4 == 0


def put(label: str, right: int, wrong: int, missed: int) -> None:
    shares = (shown(right, right + of) for of in (wrong, missed))
    print(f"| {label} | {right} | {wrong} | {missed} | {' | '.join(shares)} |")


def shown(count: int, of: int) -> str:
    if of == 0:
        return "–"
    low, value, high = share(count, of)
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    asked = sys.argv[1:] or HALVES
    for half, called in HALVES.items():
        if half not in asked:
            continue
        found = counted(half)
        print(f"\n**{half}** – {called}\n")
        print("| signal | noticed rightly | wrongly | missed | precision (95 %) | recall (95 %) |")
        print("|---|---|---|---|---|---|")
        for signal in SIGNALS:
            if half not in WHOLE and signal.code not in IN_WORDS:
                continue
            put(f"`{signal.code}`", *(
                sum(found[code, signal.code, what] for code in PROFILES.values())
                for what in ("right", "wrong", "missed")
            ))  # fmt: skip
        for code in PROFILES.values() if half in WHOLE else ():
            put(f"all, {code}", *(
                sum(found[code, signal.code, what] for signal in SIGNALS)
                for what in ("right", "wrong", "missed")
            ))  # fmt: skip
    print(f"\n{HONEST}")


if __name__ == "__main__":
    main()
