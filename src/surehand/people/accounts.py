"""Whose an account of the ECM system was at a time (R17): somebody's, shared, or nobody knows.

Links are by London date; `to_date` is the last day. Nobody guesses: an account without a link at a
time is unknown then.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from surehand import evidence
from surehand.evidence import randomness
from surehand.people.models import (
    EcmAccount,
    EcmAccountDetails,
    EcmAccountLink,
    EcmAccountLinkEnd,
)


@dataclass(frozen=True, slots=True)
class Held:
    """An account was this person's, or (`person` None) shared, from a day to a day."""

    person: int | None
    from_date: date
    to_date: date | None = None
    link: int = 0

    def on(self, day: date) -> bool:
        return self.from_date <= day and (self.to_date is None or day <= self.to_date)

    def overlaps(self, other: "Held") -> bool:
        return (self.to_date is None or other.from_date <= self.to_date) and (
            other.to_date is None or self.from_date <= other.to_date
        )


Owner = int | Literal["shared", "unknown"]


def owner(links: Iterable[Held], *, on: date) -> Owner:
    """The person whose account it was on a London date, or that it was shared, or unknown."""
    for held in links:
        if held.on(on):
            return "shared" if held.person is None else held.person
    return "unknown"


def links_of(
    accounts: Collection[int] | None = None, *, known: int | None = None
) -> dict[int, list[Held]]:
    """The links of each account (of all when None) that has one, by first day, without those that
    never were. `known` is a ledger seq: links and ends up to it. Two statements."""
    links = EcmAccountLink.objects.order_by("from_date", "pk")
    ends = EcmAccountLinkEnd.objects.order_by("entry", "pk")
    if accounts is not None:
        links = links.filter(account__in=accounts)
        ends = ends.filter(link__account__in=accounts)
    if known is not None:
        links, ends = links.filter(entry__lte=known), ends.filter(entry__lte=known)
    last = dict(ends.values_list("link_id", "to_date"))
    found: dict[int, list[Held]] = {}
    for pk, account, person, from_date in links.values_list(
        "pk", "account_id", "person_id", "from_date"
    ):
        to_date = last.get(pk)
        if to_date is None or to_date >= from_date:
            found.setdefault(account, []).append(Held(person, from_date, to_date, pk))
    return found


def make_accounts(act: evidence.Act, references: Mapping[str, str]) -> dict[str, int]:
    """Accounts never heard of before, linked to nobody: `references` by any key; their ids by the
    same."""
    made = {key: EcmAccount(pseudonym=randomness.token_bytes(16).hex()) for key in references}
    act.record_all(made.values())
    EcmAccountDetails.objects.bulk_create(
        EcmAccountDetails(account=account, reference=references[key])
        for key, account in made.items()
    )
    return {key: account.pk for key, account in made.items()}


def clash(links: Iterable[Held], new: Held, *, humans: Mapping[int, frozenset[int]]) -> Held | None:
    """The link that says an account was somebody else's on a day on which `new` says whose it was.

    `humans`: everybody who is the same human, by person; merged people are one (R14).
    """

    def same(one: int | None, other: int | None) -> bool:
        return one == other or (one is not None and other in humans.get(one, ()))

    for held in links:
        if (
            (held.link != new.link or not held.link)
            and held.overlaps(new)
            and not same(held.person, new.person)
        ):
            return held
    return None
