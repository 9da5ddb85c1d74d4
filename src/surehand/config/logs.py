"""Log lines for machines, one JSON object each, with nothing in them about a person.

A message of ours says what we chose to say. A message of a library is written without what it was
filled with, and an error as its type and place without its words: either may quote a name, an
address that was searched for, or a row of the database.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OURS = "surehand"


class OneLine(logging.Formatter):
    """A record as one line of JSON: at (UTC), level, logger, event, and the fields given."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(said(record), ensure_ascii=False)


class Plain(logging.Formatter):
    """The same for people, at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        line = said(record)
        head = " ".join(str(line.pop(name)) for name in ("at", "level", "event"))
        del line["logger"]
        return " ".join([head, *(f"{name}={value}" for name, value in line.items())])


def said(record: logging.LogRecord) -> dict[str, Any]:
    """What a record may say."""
    line: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": record.getMessage() if _is_safe(record) else str(record.msg).replace("%s", "…"),
    }
    if status := getattr(record, "status_code", None):
        line["status"] = status
    if record.name.split(".")[0] == OURS:
        line |= getattr(record, "fields", {})
    if record.exc_info and record.exc_info[1]:
        line["error"] = _error(record.exc_info[1])
    return line


def _is_safe(record: logging.LogRecord) -> bool:
    # gunicorn quotes nothing but addresses of this machine, unless it speaks of a request.
    gunicorn = record.name == "gunicorn.error" and "request" not in str(record.msg)
    return gunicorn or record.name.split(".")[0] == OURS


def _error(problem: BaseException) -> list[dict[str, Any]]:
    """The error and those that led to it: type and places, innermost call last."""
    chain: list[dict[str, Any]] = []
    cause: BaseException | None = problem
    while cause is not None and len(chain) < 5:
        kind = type(cause)
        chain.append(
            {
                "type": f"{kind.__module__}.{kind.__qualname__}",
                "where": [
                    f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}"
                    for frame in traceback.extract_tb(cause.__traceback__)[-12:]
                ],
            }
        )
        cause = cause.__cause__ or cause.__context__
    return chain
