"""Tables carried away: nothing in them runs when they are opened."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from surehand.ui.export import Export, to_bytes

NASTY = ["=1+1", "+44 20", "-2+3", "@SUM(A1)", "\t=1", " =1", "\n=1"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_formulas_are_text(kind: str) -> None:
    content = to_bytes(Export("t", ["name"], [[text] for text in NASTY]), kind)
    if kind == "csv":
        found = [row[0] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = [str(row[0]) for row in book.get_sheet_by_index(0).to_python()]
    assert found[1:] == ["'" + text for text in NASTY]


def test_numbers_and_dashes_stay_what_they_are() -> None:
    content = to_bytes(Export("t", ["n", "text"], [[-3, "– not needed"]]), "csv")
    assert content.decode("utf-8-sig") == "n,text\r\n-3,– not needed\r\n"


def test_a_kind_there_is_not() -> None:
    with pytest.raises(ValueError, match="not as exe"):
        to_bytes(Export("t", [], []), "exe")
