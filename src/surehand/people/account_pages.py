"""What the pages of ECM accounts show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from surehand.people.accounts import Held, links_of, owner
from surehand.people.models import EcmAccountDetails, Person
from surehand.people.names import typed
from surehand.ui.formats import day

SHOWN_AT_MOST = 200
KINDS = {"": "All", "unknown": "Unknown", "shared": "Shared", "linked": "Linked"}


@dataclass(frozen=True)
class AccountLine:
    """An account as it stands today. `is_`: unknown, shared or linked."""

    reference: str
    is_: str
    whose: str
    since: str
    before: str
    href: str


@dataclass(frozen=True)
class LinkLine:
    pk: int
    whose: str
    from_date: str
    to_date: str
    never_ended: bool


def accounts(*, today: date) -> list[AccountLine]:
    """Every account by what it is called; three statements."""
    links = links_of()
    names = _names(one for own in links.values() for one in own)
    lines = []
    for account, pseudonym, reference in EcmAccountDetails.objects.values_list(
        "account_id", "account__pseudonym", "reference"
    ):
        own = links.get(account, [])
        now = owner(own, on=today)
        held = next((one for one in own if one.on(today)), None)
        lines.append(
            AccountLine(
                reference=reference,
                is_=now if isinstance(now, str) else "linked",
                whose=_whose(held, names) if held else "Nobody knows",
                since=f"since {day(held.from_date)}" if held else "",
                before="; ".join(
                    f"{_whose(one, names)}, {_between(one)}" for one in own if one is not held
                ),
                href=reverse("settings-of-account", args=[pseudonym]),
            )
        )
    return sorted(lines, key=lambda line: typed(line.reference))


def links(account: int) -> list[LinkLine]:
    own = links_of([account]).get(account, [])
    names = _names(own)
    return [
        LinkLine(
            pk=one.link,
            whose=_whose(one, names),
            from_date=day(one.from_date),
            to_date=day(one.to_date) if one.to_date else "",
            never_ended=one.to_date is None,
        )
        for one in own
    ]


def _names(held: Iterable[Held]) -> dict[int, str]:
    wanted = {one.person for one in held if one.person}
    people = Person.objects.filter(pk__in=wanted).select_related("identity")
    return {person.pk: str(person) for person in people}


def _whose(held: Held, names: dict[int, str]) -> str:
    return "Shared by several people" if held.person is None else names[held.person]


def _between(held: Held) -> str:
    until = f" to {day(held.to_date)}" if held.to_date else " on"
    return f"from {day(held.from_date)}{until}"
