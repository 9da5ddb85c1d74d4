"""Whose an ECM account was when a record was made (R17): a person’s, shared, or not known."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

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
    """Some accounts with all their links, read once; two statements."""

    def __init__(self, accounts: Iterable[EcmAccount], links: Iterable[EcmAccountLink]) -> None:
        self._accounts = {account.pk: account for account in accounts}
        self._links: dict[int, list[EcmAccountLink]] = defaultdict(list)
        for link in links:
            self._links[link.account_id].append(link)

    @classmethod
    def read(cls, ids: Collection[int]) -> Self:
        links = (
            EcmAccountLink.objects.filter(account__in=ids)
            .select_related("person__identity")
            .prefetch_related("ends")
            .order_by("from_date", "entry")
        )
        return cls(EcmAccount.objects.filter(pk__in=ids), links)

    @property
    def ids(self) -> list[int]:
        return list(self._accounts)

    def at(self, account: int, moment: datetime) -> Author:
        """Whose this account was then; the link that began last holds."""
        on = london_date(instant(moment))
        for link in reversed(self._links[account]):
            if link.from_date <= on and ((end := _end(link)) is None or on <= end):
                return Author(self._accounts[account], link.person, link.is_shared)
        return Author(self._accounts[account])


def _end(link: EcmAccountLink) -> date | None:
    said = max(link.ends.all(), key=lambda end: (end.entry, end.pk), default=None)
    return said.to_date if said else None


def author_of(account: int | None, moment: datetime) -> Author | None:
    """Whose account that was; None where no account is named."""
    return None if account is None else Accounts.read([account]).at(account, moment)


def accounts_of(people: Collection[int]) -> list[int]:
    """The accounts that were these people’s at some time; ask of each record whose it was then."""
    links = EcmAccountLink.objects.filter(person__in=people)
    return sorted(set(links.values_list("account_id", flat=True)))
