"""Who asks: the token in the header, looked up anew at each request, so that revoking works at
once."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest
from ninja.security import HttpBearer

from surehand import evidence
from surehand.api.actions import digest
from surehand.api.models import ApiTokenDetails
from surehand.api.problems import Problem
from surehand.api.scopes import Scope
from surehand.people.models import Service
from surehand.timeline import instant, london_date

# "Last used" is kept to this grain, so that asking hardly ever writes.
GRAIN = timedelta(hours=1)

# One narrow statement, written out: see `readiness/gate.py`.
_SQL = """
SELECT t.id, t.scopes, t.service_id, t.until, d.last_used_at
FROM api_apitoken t
LEFT JOIN api_apitokendetails d ON d.token_id = t.id
WHERE t.digest = %s AND NOT EXISTS (SELECT 1 FROM api_apitokenend e WHERE e.token_id = t.id)
"""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whoever holds a token: what it may be used for, and at which service (None: at all)."""

    token: int
    scopes: frozenset[str]
    service: int | None

    def __str__(self) -> str:
        return f"token {self.token}"

    def check_may_ask(self, service: int) -> None:
        if self.service not in (None, service):
            raise Problem(403, "This token is for another service.")


class Bearer(HttpBearer):
    """`Authorization: Bearer …`, with a token that may be used for `scope`."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Asking:
        now = evidence.clock.now()
        asking = find_token(token, at=now)
        if asking is None:
            raise Problem(401, "This token is not known, has run out, or was revoked.")
        if self.scope not in asking.scopes:
            raise Problem(
                403, f"This token may not be used for “{self.scope}”. Ask an administrator."
            )
        return asking


def find_token(secret: str, *, at: datetime) -> Asking | None:
    """The token that holds at `at`, if there is one; notes that it was used."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [digest(secret)])
        row = cursor.fetchone()
    if row is None or _day(row[3]) < london_date(instant(at)):
        return None
    pk, scopes, service, _, used = row
    if used is None or _moment(used) < at - GRAIN:
        with suppress(Error):  # bookkeeping never decides
            ApiTokenDetails.objects.filter(token=pk).update(last_used_at=at)
    return Asking(pk, frozenset(scopes.split()), service)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _moment(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def service_of(asking: Asking, code: str) -> Service:
    """The service of this id, if the token may ask about it. Raises Problem."""
    service = Service.objects.select_related("details").filter(code=code).first()
    if service is None:
        raise Problem(404, f"There is no service “{code}”.")
    asking.check_may_ask(service.pk)
    return service
