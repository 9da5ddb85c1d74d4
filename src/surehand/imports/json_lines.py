"""Reads NDJSON: one JSON object a line, its names the columns.

The file is read once to see that every line can be read and which names there are, and again for
its rows; one line is in memory at a time. A nested object or list becomes JSON text.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from surehand.imports.reading import MAX_COLUMNS, ImportProblem, cell_text, opened, shown

# The longest line; a cell is far shorter.
_LONGEST = 1024 * 1024


def json_lines(source: Path | bytes) -> Callable[[], Iterator[tuple[int, list[str]]]]:
    """What reads header (row 0) and rows, numbered as the lines are. Raises ImportProblem."""
    header: dict[str, None] = {}
    for _, said in _objects(source):
        if not header.keys() >= said.keys():
            header |= dict.fromkeys(said)
            if len(header) > MAX_COLUMNS:
                raise ImportProblem(f"The lines name more than {MAX_COLUMNS} columns.")
    names = list(header)

    def rows() -> Iterator[tuple[int, list[str]]]:
        yield 0, [nested_text(name) for name in names]
        for number, said in _objects(source):
            yield number, [nested_text(said.get(name)) for name in names]

    return rows


def _objects(source: Path | bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    with opened(source) as file:
        for number, line in enumerate(_lines(file), 1):
            if not line.strip(b"\xef\xbb\xbf \t\r\n"):
                continue
            try:
                said = read_json(line.decode("utf-8-sig"))
            except UnicodeDecodeError:
                raise ImportProblem(
                    f"Line {number} holds letters that are not UTF-8. Save the file as UTF-8."
                ) from None
            except (ValueError, RecursionError):
                said = None
            if not isinstance(said, dict):
                raise ImportProblem(
                    f"Line {number} is not a JSON object: “{_begins(line)}”. Write each row as one "
                    "object on one line (NDJSON)."
                )
            yield number, said


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    number = 0
    while line := file.readline(_LONGEST + 1):
        number += 1
        if len(line) > _LONGEST:
            raise ImportProblem(f"Line {number} is longer than 1 MB, so it cannot be one row.")
        yield line


def _begins(line: bytes) -> str:
    return shown(line[:80].decode("utf-8", "replace"))


def _no_number(constant: str) -> Any:
    raise ValueError(constant)


read_json = json.JSONDecoder(parse_constant=_no_number).decode
"""Reads JSON as the standard has it, without NaN. Raises ValueError or RecursionError."""


def nested_text(value: Any) -> str:
    """A value as a cell; what is nested as JSON."""
    if isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False, default=str)
    else:
        text = cell_text(value)
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()  # half a letter is none
