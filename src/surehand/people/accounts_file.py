"""The `accounts` file: whose an account of the ECM system is, from a day to a day (R17).

What a row means beside what is known:

- A link is an account, a person (or `shared`) and its first day. The same link with a last day ends
  it; an empty last day takes none away.
- An account is one person's at a time, or shared: a link that overlaps somebody else's is refused.
  Merged people are one.
- A row without a person that is not shared says that there is such an account, and not whose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import Column, Line, day, identifier, text, yes_no
from surehand.people.access import Action, By, check_may
from surehand.people.accounts import Held, clash, links_of, make_accounts
from surehand.people.models import (
    EcmAccountDetails,
    EcmAccountLink,
    EcmAccountLinkEnd,
    Identity,
)
from surehand.people.people_file import PERSON_ID_NAMES, folded_id
from surehand.people.queries import same_humans
from surehand.ui.formats import day as in_words

_NAMED_IN_ENTRY = 100

COLUMNS = (
    Column(
        "account_id",
        "The account’s name in the ECM system",
        text(80),
        True,
        True,
        example="ade.okafor",
        also=("user id", "username", "user name", "login", "account", "user", "account name"),
        called="Account",
    ),
    Column(
        "person_id",
        "Whose it is: a person’s id; empty for a shared account, or where nobody knows",
        identifier,
        True,
        example="P001",
        also=PERSON_ID_NAMES,
    ),
    Column(
        "from_date",
        "The first day on which it is theirs",
        day,
        True,
        example="2026-01-05",
        also=("from", "start", "start date", "created", "created on", "date created"),
    ),
    Column(
        "to_date",
        "The last day on which it is theirs; empty while it is",
        day,
        example="",
        also=("to", "until", "end", "end date", "disabled", "disabled on", "closed"),
    ),
    Column(
        "shared",
        "yes where several people sign in with it",
        yes_no,
        example="no",
        also=("is shared", "generic", "generic account", "shared account"),
    ),
)


@dataclass(frozen=True)
class NewLink:
    line: Line
    account: str  # folded
    held: Held


@dataclass
class AccountsChange:
    """All that a file would write."""

    accounts: dict[str, str] = field(default_factory=dict)  # new: folded → as written
    links: list[NewLink] = field(default_factory=list)
    ends: list[tuple[int, date]] = field(default_factory=list)  # link, last day
    known: dict[str, int] = field(default_factory=dict)
    about: dict[int, str] = field(default_factory=dict)  # row → pseudonym


def compare(batch: Batch) -> Comparison:
    """Sort rows into added, changed, unchanged and refused; five statements, however many."""
    known = {
        folded_id(reference): account
        for reference, account in EcmAccountDetails.objects.values_list("reference", "account_id")
    }
    change = AccountsChange(known=known)
    result = Comparison(change=change)
    names: dict[int, str] = {}
    people: dict[str, tuple[int, str]] = {}
    for reference, person, pseudonym in Identity.objects.values_list(
        "reference", "person_id", "person__pseudonym"
    ):
        names[person] = reference
        people[folded_id(reference)] = person, pseudonym
    held = _held(known)
    humans = same_humans(
        {one.person for own in held.values() for one in own if one.person} | names.keys()
    )
    new: list[tuple[Line, str, Held]] = []
    seen: dict[tuple[str, int | None, date], tuple[int, date | None]] = {}
    for line in batch.lines.good:
        said, key = line.values, folded_id(line.values["account_id"])
        whose = _whose(line, people, result)
        if whose is None:
            continue
        if whose == 0:
            fresh = key not in known and key not in change.accounts
            if fresh:
                change.accounts[key] = said["account_id"]
            (result.added if fresh else result.unchanged).append(line)
            continue
        holder = whose if whose > 0 else None
        if holder:
            change.about[line.row] = people[folded_id(said["person_id"])][1]
        to_date = said.get("to_date")
        row, last = seen.setdefault((key, holder, said["from_date"]), (line.row, to_date))
        if last != to_date:
            result.refuse(
                line, "to_date", f"Row {row} gives this link another last day. Keep one of the two."
            )
            continue
        same = next(
            (
                one
                for one in held.get(key, ())
                if one.from_date == said["from_date"] and one.person == holder
            ),
            None,
        )
        if same is None:
            new.append((line, key, Held(holder, said["from_date"], to_date)))
        elif to_date is None or to_date == same.to_date:
            result.unchanged.append(line)
        elif other := clash(
            held[key], Held(holder, same.from_date, to_date, same.link), humans=humans
        ):
            _refuse_clash(result, line, other, names)
        else:
            held[key] = [
                Held(holder, one.from_date, to_date, one.link) if one is same else one
                for one in held[key]
            ]
            change.ends.append((same.link, to_date))
            result.changed.append(line)
    for line, key, link in sorted(new, key=lambda one: (one[2].from_date, one[0].row)):
        own = held.setdefault(key, [])
        if link in own:
            result.unchanged.append(line)
        elif other := clash(own, link, humans=humans):
            _refuse_clash(result, line, other, names)
        else:
            if key not in known:
                change.accounts.setdefault(key, line.values["account_id"])
            own.append(link)
            change.links.append(NewLink(line, key, link))
            result.added.append(line)
    return result


def _held(known: Mapping[str, int]) -> dict[str, list[Held]]:
    links = links_of()
    return {key: list(links.get(account, ())) for key, account in known.items()}


def _whose(line: Line, people: Mapping[str, tuple[int, str]], result: Comparison) -> int | None:
    """The person a row names; -1 for a shared account, 0 where it does not say whose; None where
    the row is refused."""
    said = line.values
    reference, shared = said["person_id"], said.get("shared")
    problem = None
    if reference and shared:
        problem = ("shared", "A shared account is nobody’s own. Leave person_id empty, or say no.")
    elif reference and folded_id(reference) not in people:
        problem = (
            "person_id",
            f"There is no person “{shown(reference)}”. Import the people file first.",
        )
    elif (reference or shared) and said["from_date"] is None:
        problem = ("from_date", "from_date is empty. Say from which day on it is so.")
    elif said["from_date"] and said.get("to_date") and said["to_date"] < said["from_date"]:
        problem = ("to_date", "to_date is before from_date.")
    if problem:
        result.refuse(line, *problem)
        return None
    if shared:
        return -1
    return people[folded_id(reference)][0] if reference else 0


def _refuse_clash(result: Comparison, line: Line, other: Held, names: Mapping[int, str]) -> None:
    whose = f"{shown(names.get(other.person, 'somebody'))}’s" if other.person else "shared"
    until = f"to {in_words(other.to_date)}" if other.to_date else "with no last day"
    result.refuse(
        line,
        "from_date",
        f"The account is {whose} from {in_words(other.from_date)}, {until}. An account is one "
        "person’s at a time: give the earlier link a to_date.",
    )


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    """Accounts, whose they are, and last days."""
    change: AccountsChange = result.change
    pks = {**change.known, **make_accounts(act, change.accounts)}
    links = [
        EcmAccountLink(
            account_id=pks[new.account], person_id=new.held.person, from_date=new.held.from_date
        )
        for new in change.links
    ]
    act.record_all(links)
    act.record_all(
        [
            EcmAccountLinkEnd(link=link, to_date=new.held.to_date)
            for link, new in zip(links, change.links, strict=True)
            if new.held.to_date
        ]
        + [EcmAccountLinkEnd(link_id=link, to_date=last) for link, last in change.ends]
    )
    rows = {line.row for line in (*result.added, *result.changed)}
    named = {pseudonym for row, pseudonym in change.about.items() if row in rows}
    if len(named) <= _NAMED_IN_ENTRY:
        act.about(*named)
    return change.about


def check(by: By) -> None:
    check_may(by, Action.IMPORT_ACCOUNTS, service=None)


KIND = Kind(
    name="accounts",
    title="ECM accounts",
    what="Whose each account of the ECM system is, between which days, and which are shared. An "
    "account that is in no file is unknown, and nobody guesses.",
    check=check,
    layouts=(Layout("accounts", COLUMNS, compare, write),),
    max_rows=100_000,
    after=(("Whose the accounts are", "settings-of-accounts"),),
)
