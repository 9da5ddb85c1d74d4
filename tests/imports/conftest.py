"""Services, people and those who import, for the tests of files in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from surehand.evidence import clock
from surehand.imports import run
from surehand.people.access import COMMAND_LINE, AccessRole, By, Grant

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

SERVICES = (
    "service_id,name,setting,go_live_date\n"
    "ALDER,Alder House,R,2026-01-05\n"
    "QUAY,Quayside Court,nursing care,\n"
)
PEOPLE = (
    "person_id,name,role,service_id,employment,start_date,team,email,responsibilities\n"
    "P1,Ade Okafor,CW,ALDER,permanent,2025-06-02,Nights,ade@example.org,alr;nig\n"
    "P2,Bea Lind,Senior care worker,alder,bank,01/09/2025,,,med\n"
    "P3,Col Ryan,RN,QUAY,agency,2026-02-02,,,\n"
)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.at(NOW):
        yield


@pytest.fixture
def take(db: None) -> Callable[..., Any]:
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


def manager_of(service: int) -> By:
    return By(
        person=None,
        pseudonym="a" * 32,
        signed_in="password",
        grants=(Grant(AccessRole.REGISTERED_MANAGER, service),),
    )
