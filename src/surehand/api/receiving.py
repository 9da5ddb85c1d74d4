"""Batches that the ECM system sends: recorded once, however often they are sent."""

import json
import zlib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from django.db import transaction

from surehand import evidence
from surehand.api.models import ApiToken, Receipt
from surehand.api.problems import Problem
from surehand.api.tokens import Asking
from surehand.evidence.ledger import hold_head
from surehand.imports import run
from surehand.imports.json_lines import nested_text
from surehand.imports.kind import find
from surehand.imports.reading import Row
from surehand.imports.table import Line
from surehand.people.access import AccessRole, By, Grant
from surehand.people.people_file import folded_id


def receive(
    kind: str, rows: Sequence[Mapping[str, Any]], *, asking: Asking, key: str, sent: bytes
) -> dict[str, Any]:
    """Record a batch and answer what became of each row; the answer of before where this token
    sent this batch under this key. Raises Problem for another batch under a key used before.
    """
    digest = sha256(kind.encode() + b"\0" + sent).digest()
    with transaction.atomic():
        hold_head()  # so that of two alike the second finds the receipt
        before = Receipt.objects.filter(token=asking.token, key=key).first()
        if before is None:
            answer = _recorded(kind, rows, asking, digest)
            Receipt.objects.create(
                token_id=asking.token,
                key=key,
                digest=digest,
                answer=zlib.compress(json.dumps(answer).encode()),
                at=evidence.clock.now(),
            )
            return answer
    if bytes(before.digest) != digest:
        raise Problem(
            409, "This Idempotency-Key was used for another batch. Choose a key for each batch."
        )
    said: dict[str, Any] = json.loads(zlib.decompress(bytes(before.answer)))
    return said


def _recorded(
    kind: str, rows: Sequence[Mapping[str, Any]], asking: Asking, digest: bytes
) -> dict[str, Any]:
    token = ApiToken.objects.select_related("service").get(pk=asking.token)
    columns = [c.name for c in find(kind).layouts[0].columns if c.name in rows[0]]
    given = [
        Row(number, tuple(nested_text(row[name]) for name in columns))
        for number, row in enumerate(rows, 1)
    ]
    at_service = columns.index("service_id")
    foreign = [
        row.number
        for row in given
        if token.service and folded_id(row.cells[at_service]) != folded_id(token.service.code)
    ]
    own = [row for row in given if row.number not in set(foreign)]
    done, shown = run.bring_in_rows(find(kind), columns, own, by=_by(token), digest=digest)
    fates = _fates(shown)
    fates |= {number: ("refused", ["This token is for another service."]) for number in foreign}
    told = [
        {"row": number, "fate": fate, "because": because}
        for number, (fate, because) in sorted(fates.items())
    ]
    counts = {
        name: sum(row["fate"] == name for row in told)
        for name in ("added", "changed", "unchanged", "kept_aside", "refused")
    }
    return {
        "entry": done.entry if done else None,
        **counts,
        "notes": shown.compared,
        "rows": told,
    }


def _by(token: ApiToken) -> By:
    """A token acts for itself, with no more than bringing in; an administrator made it."""
    return By(
        person=None,
        pseudonym=token.digest[:32],
        signed_in="token",
        grants=(Grant(AccessRole.QUALITY_LEAD, None),),
    )


def _fates(shown: run.Preview) -> dict[int, tuple[str, list[str]]]:
    found: dict[int, tuple[str, list[str]]] = {}
    comparison = shown.comparison
    sorts: dict[str, list[Line]] = {
        "added": comparison.added,
        "changed": comparison.changed,
        "unchanged": comparison.unchanged,
    }
    for fate, lines in sorts.items():
        found |= {line.row: (fate, []) for line in lines}
    for row, why in comparison.change.not_known.items():
        found[row] = ("kept_aside", [f"Kept aside: {why}."])
    for problem in shown.problems:
        because = found[problem.row][1] if problem.row in found else []
        found[problem.row] = ("refused", [*because, problem.sentence])
    return found
