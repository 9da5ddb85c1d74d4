"""A mail to whoever must act on an immediate risk, at once, where mail is set up (SUREHAND_MAIL).

It says that something waits, and where: nothing of the record, and nobody's name.
"""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django_tasks import task

from surehand import evidence
from surehand.audits.check_actions import authors_of
from surehand.audits.models import Escalation, RiskMail
from surehand.evidence.refusal import NotPossible
from surehand.people.access import AccessRole
from surehand.people.models import Person
from surehand.people.queries import people_with_access, same_human, same_humans

MOST_TRIES = 24
"""A refused mail is tried so often: for about a day, where `surehand due` runs every hour."""
LOST_AFTER = timedelta(hours=1)
"""A mail on its way for longer was lost with whoever sent it, or has arrived: nobody knows."""
SUBJECT = "Surehand: something urgent waits for you"
TEXT = """Something urgent waits for you in Surehand. Please read it now:

{address}

What it is stands in Surehand alone, so that nothing about anybody is in a mail. It stays first on
your home page until somebody has said there what was done.
"""


def mail_of_risk(escalation: Escalation, page: str) -> None:
    """Have whoever must act on it mailed by a worker; `page` is the address where it is read.
    Nothing where no mail is set up."""
    if settings.MAIL:
        send.enqueue(escalation.pk, page)


@task()
def send(escalation: int, page: str) -> None:
    """One mail to each of them. One that the mail server refuses is tried again by `due`."""
    risk = _risks().get(pk=escalation)
    for person, to in who_must_act(risk).items():
        if mail := _claim(risk, person, page):
            _send(mail, to)


def due() -> list[str]:
    """Try again what a mail server refused, so many times, while nobody has said what was done.
    Raises NotPossible where it refuses again."""
    if not settings.MAIL:
        return []
    sent = refused = 0
    risks = _risks().filter(
        mails__in=RiskMail.objects.exclude(failure="").filter(tries__lt=MOST_TRIES), taken=None
    )
    for risk in risks.distinct():
        had = {mail.person_id for mail in risk.mails.exclude(sent_at=None)}
        for person, to in who_must_act(risk).items():
            if had & same_human(person.pk):
                continue  # under another of their names
            if mail := _claim_again(risk, person):
                sent, refused = (sent + 1, refused) if _send(mail, to) else (sent, refused + 1)
    if refused:
        raise NotPossible(
            f"{_mails(refused)} refused, {sent:,} sent. It is tried again next time, "
            f"{MOST_TRIES} times in all."
        )
    return [f"{_mails(sent)} sent."] if sent else []


def _mails(count: int) -> str:
    if count == 1:
        return "One mail about something urgent was"
    return f"{count:,} mails about something urgent were"


def not_sent() -> list[RiskMail]:
    """The mails that were refused, or of which nobody knows, of risks that still wait; one
    statement."""
    lost = Q(failure="", claimed_at__lt=evidence.clock.now() - LOST_AFTER)
    found = RiskMail.objects.filter(~Q(failure="") | lost, sent_at=None, escalation__taken=None)
    return list(found.select_related("person__identity").order_by("pk"))


def who_must_act(risk: Escalation) -> dict[Person, str]:
    """Who must act, and where they read their mail: the registered managers of the service, or else
    whoever answers for the provider; never who wrote the record, and not who told of it. Whoever
    was merged is there once."""
    now = evidence.clock.now()
    left_out = set(same_human(risk.by_id))
    for author in authors_of(risk.gap.check_of.item):
        left_out |= set(same_human(author)) if author is not None else set()
    people = (
        people_with_access(AccessRole.REGISTERED_MANAGER, service=risk.service_id, at=now)
        - left_out
        or people_with_access(AccessRole.NOMINATED_INDIVIDUAL, service=None, at=now) - left_out
    )
    found: dict[Person, str] = {}
    same = same_humans(people)
    rows = Person.objects.filter(pk__in=people).select_related("identity", "sign_in")
    for person in rows.order_by("pk"):
        told = any(other.pk in same[person.pk] for other in found)
        if not told and (to := _address(person)) and to not in found.values():
            found[person] = to
    return found


def _risks() -> QuerySet[Escalation]:
    return Escalation.objects.select_related("gap__check_of__item__account")


def _claim(risk: Escalation, person: Person, page: str) -> RiskMail | None:
    """The mail to them, for whoever comes first."""
    now = evidence.clock.now()
    try:
        with transaction.atomic():
            return RiskMail.objects.create(
                escalation=risk, person=person, page=page, claimed_at=now
            )
    except IntegrityError:
        return None


def _claim_again(risk: Escalation, person: Person) -> RiskMail | None:
    """The mail to them that was refused; the update is the claim, and only one wins it."""
    refused = RiskMail.objects.filter(escalation=risk, person=person, tries__lt=MOST_TRIES)
    won = refused.exclude(failure="").update(
        failure="", claimed_at=evidence.clock.now(), tries=F("tries") + 1
    )
    return RiskMail.objects.get(escalation=risk, person=person) if won else None


def _send(mail: RiskMail, to: str) -> bool:
    """Whether the mail server took it."""
    try:
        send_mail(SUBJECT, TEXT.format(address=mail.page), None, [to])
    except OSError as problem:  # smtplib's own are OSErrors
        said = " ".join(str(problem).split()) or type(problem).__name__
        mail.failure = said[:200]
    else:
        mail.sent_at = evidence.clock.now()
    mail.save(update_fields=["failure", "sent_at"])
    return not mail.failure


def _address(person: Person) -> str:
    """Their own address, or else the one they sign in with; empty for somebody without."""
    for held in ("identity", "sign_in"):
        if to := getattr(getattr(person, held, None), "email", ""):
            return str(to)
    return ""
