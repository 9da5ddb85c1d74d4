"""What the reader of a person's page can do about it; a refusal is shown with its sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from surehand.evidence.refusal import NotPossible, Refused
from surehand.home.addresses import address
from surehand.home.person import PostView
from surehand.people.access import (
    AccessRole,
    Action,
    By,
    check_may,
    check_not_self,
    check_stands_in,
)
from surehand.people.models import Person
from surehand.people.queries import people_with_access
from surehand.readiness.policies import check_awaits_sign_off
from surehand.readiness.rules import State


@dataclass(frozen=True)
class Offer:
    """One thing that can be done here, or the sentence why it cannot."""

    what: str
    why: str
    icon: str
    href: str
    refusal: str = ""


def offers(*, by: By, person: Person, view: PostView, at: datetime) -> list[Offer]:
    """What `by` may do somewhere, about this post; refused where it is refused here."""
    post, name = view.post, str(person)
    service = post.service_id
    managers = people_with_access(AccessRole.REGISTERED_MANAGER, service=service, at=at)
    here = {"service": post.service.code}
    lacking = next(iter(view.lacking), None)

    def refusal(action: Action, *checks: Callable[[], None]) -> str:
        try:
            check_not_self(by, person.pk, action)
            check_may(by, action, service=service)
            check_stands_in(by, action, service=service, managers=managers & {person.pk})
            for check in checks:
                check()
        except Refused as refused:
            return str(refused)
        return ""

    found: list[tuple[Action, Offer]] = []

    def offer(
        action: Action, what: str, why: str, icon: str, href: str, *checks: Callable[[], None]
    ) -> None:
        found.append((action, Offer(what, why, icon, href, refusal(action, *checks))))

    if lacking:
        offer(
            Action.ASSESS,
            f"Assess “{lacking.short}”",
            f"{lacking.now}. The other checks are in the table above.",
            "clipboard-check",
            address("assess-of-person", person.pseudonym, lacking.code, **here),
        )
    if view.open_restrictions:
        offer(
            Action.LIFT,
            "Lift the restriction",
            "Citing a later pass, or with a reason.",
            "lock-open",
            address("lift", person.pseudonym, **here),
        )
    if view.state in {State.NOT_READY, State.SUPERVISED, State.RESTRICTED}:
        offer(
            Action.PERMIT,
            "Allow supervised use",
            "Beside named supervisors, for at most 28 days.",
            "users-round",
            address("permit", person.pseudonym, post=post.pk),
        )
    if view.state is not State.INDEPENDENT:
        offer(
            Action.SIGN_OFF,
            "Sign off for independent use",
            "You see each check and its evidence first.",
            "pen-line",
            address("sign-off", **here),
            lambda: check_awaits_sign_off(view.state, name=name),
        )
    offer(
        Action.RESTRICT,
        "Stop independent use",
        "At once, until somebody lifts it.",
        "lock",
        address("restrict", person.pseudonym, **here),
        lambda: _check_not_restricted(view, name),
    )
    return [
        each for action, each in found if by.may_anywhere(action) and (each.refusal or each.href)
    ]


def _check_not_restricted(view: PostView, name: str) -> None:
    if view.open_restrictions:
        raise NotPossible(f"Independent use is already stopped for {name}.")
