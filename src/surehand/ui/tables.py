"""The tables of any page as files: what is shown can be carried away, exactly as it is shown.

A page's own address with `tables=xlsx` gives all of its tables, a sheet each; with `tables=csv` and
`table=N` the N-th. They are read from the page itself, so that nobody carries away what they could
not see, and no page has to be told.
"""

import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify

from surehand.ui.export import FORMATS, Export, Value, to_bytes, workbook

_CAPTION = re.compile(r"<table\b.*?<caption\b[^>]*>(.*?)</caption>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_EMPTY = frozenset({"br", "img", "input", "path", "circle", "line", "rect", "polyline", "polygon"})
_NUMBER = re.compile(r"-?\d{1,3}(,?\d{3})*")


def carried(content: str, request: HttpRequest) -> list[tuple[str, str]]:
    """For a page with tables: the words and addresses that carry them away."""
    captions = [_TAG.sub("", found).strip() for found in _CAPTION.findall(content)]
    if not captions:
        return []
    here = [pair for pair in request.GET.lists() if pair[0] not in {"tables", "table"}]

    def address(**more: str) -> str:
        return "?" + urlencode([*here, *more.items()], doseq=True)

    if len(captions) == 1:
        files = [("Plain table (CSV)", address(tables="csv", table="1"))]
    else:
        files = [
            (f"{caption} (CSV)", address(tables="csv", table=str(n)))
            for n, caption in enumerate(captions, start=1)
        ]
    return [("Spreadsheet (XLSX)", address(tables="xlsx")), *files]


class TablesMiddleware:
    """Turns a page into the file of its tables where its address asks for that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kind = request.GET.get("tables", "")
        page = response.headers.get("Content-Type", "").startswith("text/html")
        if not kind or request.method != "GET" or response.status_code != 200 or not page:
            return response
        return _file(tables_in(response.content.decode()), kind, request)


def _file(found: Sequence[Export], kind: str, request: HttpRequest) -> HttpResponse:
    number = request.GET.get("table", "1")
    name = slugify(request.path) or "home"
    if kind == "xlsx" and found:
        content = workbook(found)
    elif kind == "csv" and number.isdecimal() and 1 <= int(number) <= len(found):
        table = found[int(number) - 1]
        content, name = to_bytes(table, kind), f"{name}-{table.name}" if len(found) > 1 else name
    else:
        sentence = "There is no such table on this page. Go back and choose one of those offered."
        return HttpResponse(
            sentence,
            status=404,
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": "attachment"},
        )
    return HttpResponse(
        content,
        content_type=FORMATS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


def tables_in(page: str) -> list[Export]:
    """Every table of a page: the columns that have a heading to be seen, and the rows as read."""
    reader = _Reader()
    reader.feed(page)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Export] = []
        self._caption = ""
        self._head: list[tuple[str, bool]] = []  # words, whether they are seen
        self._rows: list[list[Value]] = []
        self._row: list[tuple[str, bool, int]] | None = None  # words, a number, columns wide
        self._words: list[str] | None = None
        self._wide, self._number, self._seen = 1, False, False
        self._hidden = self._mute = 0  # how deep inside what is not seen, and what is not read
        self._in_head = self._in_table = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag == "table":
            self._caption, self._head, self._rows, self._in_table = "", [], [], True
        if not self._in_table:
            return
        if tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._row = []
        elif tag in {"td", "th", "caption"}:
            self._words, self._seen = [], False
            self._wide = int(dict(attrs).get("colspan") or 1)
            self._number = "sh-number" in classes
        elif self._words is not None:
            self._words.append(" ")
            # What is only a picture is not read, what is only read out is; neither is seen.
            if self._hidden or "sh-hidden" in classes:
                self._hidden += tag not in _EMPTY
            if self._mute or dict(attrs).get("aria-hidden") == "true":
                self._mute += tag not in _EMPTY

    def handle_data(self, data: str) -> None:
        if self._words is not None and not self._mute:
            self._words.append(data)
            self._seen = self._seen or (bool(data.strip()) and not self._hidden)

    def handle_endtag(self, tag: str) -> None:
        if not self._in_table:
            return
        if tag in {"td", "th", "caption"} and self._words is not None:
            words = " ".join("".join(self._words).split())
            if tag == "caption":
                self._caption = words
            elif self._row is not None:
                self._row.append((words, self._number, self._wide))
                if self._in_head:
                    self._head += [(words, self._seen)] * self._wide
            self._words, self._hidden, self._mute = None, 0, 0
        elif tag == "tr" and self._row is not None:
            if not self._in_head and self._row:
                self._rows.append(self._values(self._row))
            self._row = None
        elif tag == "thead":
            self._in_head = False
        elif tag == "table":
            self._in_table = False
            self.found.append(self._table())
        elif tag not in _EMPTY:
            self._hidden -= self._hidden > 0
            self._mute -= self._mute > 0

    @staticmethod
    def _values(row: list[tuple[str, bool, int]]) -> list[Value]:
        values: list[Value] = []
        for words, number, wide in row:
            whole = number and _NUMBER.fullmatch(words)
            values += [int(words.replace(",", "")) if whole else words, *[None] * (wide - 1)]
        return values

    def _table(self) -> Export:
        shown = [n for n, (_, seen) in enumerate(self._head) if seen]
        return Export(
            slugify(self._caption)[:60] or "table",
            [self._head[n][0] for n in shown],
            [[row[n] if n < len(row) else None for n in shown] for row in self._rows],
        )


__all__ = ["TablesMiddleware", "carried", "tables_in"]
