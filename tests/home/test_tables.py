"""The tables of a page as files: what is read in them, and what is left out."""

import csv
import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from python_calamine import CalamineWorkbook

from surehand.ui.tables import tables_in
from tests.provider import NOW, World

PAGE = """
<table><caption class="sh-hidden">People &amp; posts</caption>
<thead><tr><th scope="col">Person</th><th scope="col" class="sh-number">Shifts</th>
<th scope="col"><span class="sh-hidden">End</span></th></tr></thead>
<tbody><tr class="sh-group"><th scope="rowgroup" colspan="3">Nurses</th></tr>
<tr><th scope="row"><span aria-hidden="true">AL</span><a href="/x">Ann<br>Lee</a></th>
<td class="sh-number">1,204</td>
<td><a href="/end">End<span class="sh-hidden"> Ann</span></a></td></tr>
</tbody><tfoot><tr><th>All</th><td class="sh-number">7</td><td></td></tr></tfoot></table>
<p>not in it</p><table><caption>Two</caption><thead><tr><th>A</th></tr></thead></table>
"""


def test_a_table_is_read_as_it_is_seen() -> None:
    first, second = tables_in(PAGE)
    assert first.columns == ["Person", "Shifts"]
    assert first.rows == [["Nurses", None], ["Ann Lee", 1204], ["All", 7]]
    assert first.name == "people-posts"
    assert (second.columns, second.rows) == (["A"], [])


def test_the_tables_of_a_page_are_carried_away_with_its_filters(signed_in: Any) -> None:
    ruth = signed_in("ruth")
    page = ruth.get("/plan/?service=ALD").content.decode()
    assert "?service=ALD&amp;tables=xlsx" in page
    said = ruth.get("/plan/?service=ALD&tables=csv&table=1")
    rows = list(csv.reader(io.StringIO(said.content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["Competency", "Gate from the start"]
    assert len(rows) > 1
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(ruth.get("/plan/?service=ALD&tables=xlsx").content)
    )
    assert [str(cell) for cell in book.get_sheet_by_index(0).to_python()[1]] == rows[1]


@pytest.mark.parametrize("asked", ["tables=csv&table=9", "tables=exe", "tables=csv&table=x"])
def test_what_is_not_there_is_said(signed_in: Any, asked: str) -> None:
    said = signed_in("ruth").get(f"/people/?{asked}")
    assert said.status_code == 404
    assert b"no such table" in said.content


def test_whoever_may_not_see_a_page_cannot_carry_it_away(signed_in: Any) -> None:
    said = signed_in("eve").get("/people/?tables=csv&table=1")
    assert said.status_code == 403
    assert said.headers["Content-Type"].startswith("text/html")


def _document(content: bytes) -> tuple[pikepdf.Pdf, set[str], str]:
    pdf = pikepdf.open(io.BytesIO(content))
    kinds: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for each in node:
                walk(each)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                kinds.add(str(node.S))
            if "/K" in node:
                walk(node.K)

    walk(pdf.Root.StructTreeRoot)
    return pdf, kinds, str(pdf.docinfo.get("/Title", ""))


@pytest.mark.parametrize(
    "address", ["/matrix/?service=ALD&format=pdf", "/people/{dan}/?format=pdf"]
)
def test_a_document_is_accessible_and_the_same_each_time(
    world: World, signed_in: Any, address: str
) -> None:
    world.fail("dan", "C04")
    ruth, path = signed_in("ruth"), address.format(dan=world.people["dan"].pseudonym)
    content = ruth.get(path).content
    pdf, kinds, title = _document(content)
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "en-GB"
    assert title
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert {"/Table", "/TH", "/TD", "/H1"} <= kinds
    metadata = pdf.Root.Metadata.read_bytes()
    assert b"pdfuaid:part>1" in metadata.replace(b" ", b"")
    assert ruth.get(path).content == content
    then = f"at_date={NOW - timedelta(days=400):%Y-%m-%d}"
    assert ruth.get(f"{path}&{then}").content != content


def test_a_document_of_a_person_is_for_those_who_may_read_it(world: World, signed_in: Any) -> None:
    path = f"/people/{world.people['dan'].pseudonym}/?format=pdf"
    assert signed_in("dan").get(path).status_code == 200
    assert signed_in("eve").get(path).status_code == 403
