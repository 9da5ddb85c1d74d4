"""Whose an account of the ECM system is: linked by an administrator, and no longer (R17)."""

from datetime import date

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.accounts import Held, clash, links_of
from surehand.people.models import EcmAccount, EcmAccountLink, EcmAccountLinkEnd, Person
from surehand.people.queries import same_humans
from surehand.ui.formats import day


def link_account(
    *, by: By, account: EcmAccount, person: Person | None, from_date: date
) -> EcmAccountLink:
    """From a London date on an account is a person's, or (None) shared.

    Raises NotPermitted, or NotPossible where it is somebody else's on one of these days.
    """
    check_may(by, Action.IMPORT_ACCOUNTS, service=None)
    with evidence.act("account.linked", by=by.actor) as act:
        new = Held(person.pk if person else None, from_date)
        _check(account, new)
        link = act.record(EcmAccountLink(account=account, person=person, from_date=from_date))
        act.about(*([person.pseudonym] if person else []))
        act.state(account=account.pseudonym, from_date=from_date.isoformat(), shared=not person)
    return link


def end_link(*, by: By, link: EcmAccountLink, to_date: date) -> EcmAccountLinkEnd:
    """The last day of a link; the day before its first says that it never was.

    Raises NotPermitted, or NotPossible where the account is somebody else's by then.
    """
    check_may(by, Action.IMPORT_ACCOUNTS, service=None)
    with evidence.act("account.link_ended", by=by.actor) as act:
        _check(link.account, Held(link.person_id, link.from_date, to_date, link.pk))
        end = act.record(EcmAccountLinkEnd(link=link, to_date=to_date))
        act.about(*([link.person.pseudonym] if link.person else []))
        act.state(of=link.entry, to_date=to_date.isoformat())
    return end


def _check(account: EcmAccount, new: Held) -> None:
    if new.to_date is not None and new.to_date < new.from_date:
        return  # it never was
    links = links_of([account.pk]).get(account.pk, [])
    humans = same_humans({one.person for one in (*links, new) if one.person})
    if any(
        one.link != new.link and (one.person, one.from_date) == (new.person, new.from_date)
        for one in links
    ):
        raise NotPossible("This link is there already. Load the page again to see it.")
    if other := clash(links, new, humans=humans):
        person = Person.objects.select_related("identity").filter(pk=other.person or 0).first()
        whose = f"{person}’s" if person else "shared"
        until = f"to {day(other.to_date)}" if other.to_date else "with no last day"
        raise NotPossible(
            f"The account is {whose} from {day(other.from_date)}, {until}. An account is one "
            "person’s at a time: end that link first."
        )
