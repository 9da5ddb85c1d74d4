"""Whose an ECM account was when a record was made (R17): a person’s, shared, or not known."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from surehand.people.accounts import Held, links_of, owner
from surehand.people.models import EcmAccount, EcmAccountLink, Person
from surehand.timeline import instant, london_date


@dataclass(frozen=True)
class Author:
    """An account at a moment: its person, or shared, or neither, which is not known."""

    account: EcmAccount
    person: Person | None = None
    shared: bool = False

    def __str__(self) -> str:
        if self.person:
            return str(self.person)
        return "A shared sign-in" if self.shared else f"Account {self.account.pseudonym[:6]}"


class Accounts:
    """Some accounts with all their links, read once; four statements."""

    def __init__(
        self,
        accounts: Iterable[EcmAccount],
        links: Mapping[int, Sequence[Held]],
        people: Mapping[int, Person],
    ) -> None:
        self._accounts = {account.pk: account for account in accounts}
        self._links = links
        self._people = people

    @classmethod
    def read(cls, ids: Collection[int], *, known: int | None = None) -> Self:
        """`known` is a ledger seq: whose they were as it was known then."""
        links = links_of(ids, known=known)
        people = {held.person for each in links.values() for held in each if held.person}
        return cls(
            EcmAccount.objects.filter(pk__in=ids),
            links,
            {p.pk: p for p in Person.objects.filter(pk__in=people).select_related("identity")},
        )

    @property
    def ids(self) -> list[int]:
        return list(self._accounts)

    def at(self, account: int, moment: datetime) -> Author:
        """Whose this account was then."""
        on = london_date(instant(moment))
        whose = owner(self._links.get(account, ()), on=on)
        person = self._people[whose] if isinstance(whose, int) else None
        return Author(self._accounts[account], person, whose == "shared")


def author_of(account: int | None, moment: datetime) -> Author | None:
    """Whose account that was; None where no account is named."""
    return None if account is None else Accounts.read([account]).at(account, moment)


def accounts_of(people: Collection[int]) -> list[int]:
    """The accounts that were these people’s at some time; ask of each record whose it was then."""
    links = EcmAccountLink.objects.filter(person__in=people)
    return sorted(set(links.values_list("account_id", flat=True)))
