"""What the reader of a person's page can do about it; a refusal is shown with its sentence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from surehand.assessment.actions import check_may_assess, check_may_request
from surehand.evidence.refusal import NotPermitted, NotPossible, Refused
from surehand.home.person import PostView
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Person
from surehand.readiness.actions import check_may_lift
from surehand.readiness.models import Restriction
from surehand.readiness.policies import check_awaits_sign_off
from surehand.readiness.rules import State
from surehand.support.actions import check_may_permit
from surehand.ui.page import address


@dataclass(frozen=True)
class Offer:
    """One thing that can be done here, or the sentence why it cannot: not by you, or not now."""

    what: str
    why: str
    icon: str
    href: str
    refusal: str = ""
    tag: str = ""


def offers(*, by: By, person: Person, view: PostView) -> list[Offer]:
    """What `by` may do somewhere, about this post; refused where the action itself refuses."""
    post, service = view.post, view.post.service
    name, pseudonym = str(person), person.pseudonym
    lacking = next(iter(view.lacking), None)
    found: list[Offer] = []

    def offer(
        actions: tuple[Action, ...],
        what: str,
        why: str,
        icon: str,
        href: str,
        *checks: Callable[[], object],
    ) -> None:
        if any(by.may_anywhere(action) for action in actions) and href:
            refused = _refused(checks)
            found.append(
                Offer(
                    what,
                    why,
                    icon,
                    "" if refused else href,
                    str(refused) if refused else "",
                    "Not you" if isinstance(refused, NotPermitted) else "Not now",
                )
            )

    if lacking:
        offer(
            (Action.ASSESS,),
            f"Assess “{lacking.short}”",
            f"{lacking.now}. The other checks are in the table above.",
            "clipboard-check",
            address("assess-of-person", pseudonym, lacking.code, service=service.code),
            lambda: check_may_assess(by=by, person=person, service=service),
        )
        offer(
            (Action.REVIEW, Action.ASSESS),
            "Ask for a check",
            "It comes first in the assessors’ list.",
            "calendar-plus",
            address("request-check", pseudonym, service=service.code, check=lacking.code),
            lambda: check_may_request(by=by, person=person, service=service),
        )
    offer(
        (Action.SPOT_CHECK,),
        "Ask a spot check",
        "Two to five minutes, shown or explained aloud.",
        "message-circle",
        address("spot-checks-of-asking", pseudonym, service=service.code),
        lambda: check_may(by, Action.SPOT_CHECK, service=service.pk),
        lambda: check_not_self(by, person.pk, Action.SPOT_CHECK),
    )
    if view.state in {State.NOT_READY, State.SUPERVISED, State.RESTRICTED}:
        offer(
            (Action.PERMIT,),
            "Allow supervised use",
            "Beside named supervisors, for at most 28 days.",
            "users-round",
            address("permit", pseudonym, post=post.pk),
            lambda: check_may_permit(by=by, post=post),
        )
    if view.state is not State.INDEPENDENT:
        offer(
            (Action.SIGN_OFF,),
            "Sign off for independent use",
            "You see each check and its evidence first.",
            "pen-line",
            address("sign-off", service=service.code),
            lambda: check_not_self(by, person.pk, Action.SIGN_OFF),
            lambda: check_awaits_sign_off(view.state, awaits=view.awaits_sign_off, name=name),
        )
    offer(
        (Action.READ,),
        "Ask about another moment",
        "Was this person cleared then, and on what evidence?",
        "history",
        address("readiness", person=pseudonym, service=service.code),
    )
    offer(
        (Action.REFRESHER,),
        "Add support",
        "Coaching, repeat training or a refresher, with an owner and a date.",
        "hand-helping",
        address("add-support", pseudonym, service=service.code),
        lambda: check_may(by, Action.REFRESHER, service=service.pk),
        lambda: check_not_self(by, person.pk, Action.REFRESHER),
    )
    for restriction in Restriction.objects.filter(entry__in=view.open_restrictions).select_related(
        "person", "service"
    ):
        offer(
            (Action.LIFT,),
            "Lift the restriction",
            f"Entry {restriction.entry:,}. Citing a later pass, or with a reason.",
            "lock-open",
            address("lift", restriction.entry),
            partial(check_may_lift, by=by, restriction=restriction),
        )
    offer(
        (Action.RESTRICT,),
        "Stop independent use",
        "At once, until somebody lifts it.",
        "lock",
        address("restrict", pseudonym),
        lambda: check_may(by, Action.RESTRICT, service=service.pk),
        lambda: check_not_self(by, person.pk, Action.RESTRICT),
        lambda: _check_not_restricted(view, name),
    )
    return found


def _refused(checks: Iterable[Callable[[], object]]) -> Refused | None:
    """The first refusal among these checks."""
    for check in checks:
        try:
            check()
        except Refused as refused:
            return refused
    return None


def _check_not_restricted(view: PostView, name: str) -> None:
    if view.open_restrictions:
        raise NotPossible(f"Independent use is already stopped for {name}.")
