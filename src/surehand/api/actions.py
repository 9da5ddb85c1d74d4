"""The only writer of API tokens."""

import hashlib
from collections.abc import Collection
from datetime import date, timedelta

from surehand import evidence
from surehand.api.models import ApiToken, ApiTokenDetails, ApiTokenEnd
from surehand.api.scopes import Scope
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.models import Service
from surehand.timeline import instant, london_date
from surehand.ui.formats import day

LONGEST = timedelta(days=365)


def digest(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    *,
    by: By,
    name: str,
    scopes: Collection[Scope],
    service: Service | None,
    until: date,
    secret: str,
) -> ApiToken:
    """A token for another program: `secret` is what it sends, kept nowhere.

    `until` is its last day, at most a year ahead. Raises NotPermitted or NotPossible.
    """
    check_may(by, Action.SETTINGS, service=None)
    if not scopes:
        raise NotPossible("Choose what the token may be used for.")
    with evidence.act("token.created", by=by.actor) as act:
        today = london_date(instant(act.recorded_at))
        if not today <= until <= today + LONGEST:
            raise NotPossible(
                f"Choose a last day from today to {day(today + LONGEST)}: a token lasts a year at "
                "most."
            )
        token = act.record(
            ApiToken(
                digest=digest(secret),
                scopes=" ".join(scope for scope in Scope if scope in scopes),
                service=service,
                until=until,
            )
        )
        ApiTokenDetails.objects.create(token=token, name=name)
        act.state(
            scopes=token.scopes.split(),
            service=service.code if service else None,
            until=until.isoformat(),
        )
    return token


def revoke_token(*, by: By, token: ApiToken) -> ApiTokenEnd:
    """From now on this token opens nothing."""
    check_may(by, Action.SETTINGS, service=None)
    if hasattr(token, "end"):
        raise NotPossible("This token is already revoked.")
    with evidence.act("token.revoked", by=by.actor) as act:
        end = act.record(ApiTokenEnd(token=token))
        act.state(of=token.entry)
    return end
