"""The training matrix on paper: the same rows and cells as on the page (look: `look/08c`)."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from surehand.people.models import Service
from surehand.people.web import AsAt
from surehand.readiness.matrix_pages import GroupView, Head, MatrixPage
from surehand.ui import document
from surehand.ui.formats import moment
from surehand.ui.states import CELLS, LEGEND, STATES

TEMPLATE = Path(__file__).parent / "typst" / "matrix.typ"
# As many columns of competencies as can be read across a landscape page.
ACROSS = 14


def matrix_document(view: MatrixPage, *, service: Service, as_at: AsAt) -> bytes:
    """The page as accessible PDF. What does not fit across one sheet goes on another, with the
    people again."""
    return document.pdf(
        TEMPLATE,
        {
            "title": f"Training matrix, {service}",
            "lede": document.runs(view.lede),
            "foot": f"Surehand · {service} · as at {moment(as_at.moment)} · {view.shown}",
            "cells": {kind: asdict(look) for kind, look in CELLS.items()},
            "states": {key: asdict(state) for key, state in STATES.items()},
            "legend": LEGEND,
            "independent": view.independent,
            "sheets": list(_sheets(view)),
        },
    )


def _sheets(view: MatrixPage) -> Iterator[dict[str, Any]]:
    heads = [(group, head) for group, inside in view.heads for head in inside]
    for start in range(0, max(len(heads), 1), ACROSS):
        end = start + ACROSS
        yield {
            "heads": list(_grouped(heads[start:end])),
            "groups": [_group(group, start, end) for group in view.groups],
            "totals": [[total.have, total.all] for total in view.totals[start:end]],
        }


def _grouped(heads: Sequence[tuple[str, Head]]) -> Iterator[dict[str, Any]]:
    """The heads of one sheet under the groups they belong to."""
    for name in dict.fromkeys(group for group, _ in heads):
        yield {"group": name, "heads": [head.short for group, head in heads if group == name]}


def _group(group: GroupView, start: int, end: int) -> dict[str, Any]:
    return {
        "heading": group.heading,
        "line": group.line,
        "rows": [
            {
                "name": row.name,
                "state": row.state,
                "cells": [
                    [cell.look.kind, cell.look.text.replace(" ", "\u00a0"), cell.look.light]
                    for cell in row.cells[start:end]
                ],
            }
            for row in group.rows
        ],
    }
