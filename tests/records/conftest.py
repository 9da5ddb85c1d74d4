"""Services, people and files of live records, for the tests of what is brought in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from surehand.evidence import clock
from surehand.imports import run
from surehand.people.access import COMMAND_LINE

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

SERVICES = (
    "service_id,name,setting,go_live_date\n"
    "ALDER,Alder House,R,2026-01-05\n"
    "QUAY,Quayside Court,N,2026-01-05\n"
)
PEOPLE = (
    "person_id,name,role,service_id,employment,start_date\n"
    "P1,Ade Okafor,CW,ALDER,permanent,2025-06-02\n"
    "P2,Bea Lind,SC,ALDER,bank,2025-09-01\n"
    "P3,Col Ryan,RN,QUAY,permanent,2026-01-02\n"
)
HEADER = (
    "record_id,service_id,subject_id,author_id,record_type,section,occurred_at,recorded_at,text\n"
)
NOTE = "R1,ALDER,RES1,ade.o,note,skin,2026-03-09T07:40,2026-03-09T07:55,Heels looked fine.\n"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.at(NOW):
        yield


@pytest.fixture
def take(db: None) -> Callable[..., run.Preview]:
    """Preview a file and commit it; answers the preview."""

    def take(kind: str, text: str | bytes, **options: Any) -> run.Preview:
        by = options.pop("by", COMMAND_LINE)
        name = options.pop("name", "file.csv")
        content = text.encode() if isinstance(text, str) else text
        shown = run.preview(kind, content, name, by=by, **options)
        run.commit(shown, by=by)
        return shown

    return take


@pytest.fixture
def home(take: Callable[..., Any]) -> None:
    """Two services with three people."""
    take("services", SERVICES)
    take("people", PEOPLE)
