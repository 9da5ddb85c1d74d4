"""A mail to whoever must act on an immediate risk, at once, where mail is set up (SUREHAND_MAIL).

It says that something waits, and where: nothing of the record, and nobody's name.
"""

from django.conf import settings
from django.core.mail import send_mail
from django_tasks import task

from surehand import evidence
from surehand.audits.check_actions import authors_of
from surehand.audits.models import Escalation
from surehand.people.access import AccessRole
from surehand.people.models import Person
from surehand.people.queries import people_with_access, same_human

SUBJECT = "Surehand: something urgent waits for you"
TEXT = """Something urgent waits for you in Surehand. Please read it now:

{address}

What it is stands in Surehand alone, so that nothing about anybody is in a mail. It stays first on
your home page until somebody has said there what was done.
"""


def mail_of_risk(escalation: Escalation, address: str) -> None:
    """Have whoever must act on it mailed by a worker; `address` is where it is read. Nothing where
    no mail is set up."""
    if settings.MAIL:
        send.enqueue(escalation.pk, address)


@task()
def send(escalation: int, address: str) -> None:
    """One mail to each of them. Raises OSError where the mail server refused one, after the others
    were tried."""
    risk = Escalation.objects.select_related("gap__check_of__item__account").get(pk=escalation)
    refused: OSError | None = None
    for to in addresses(risk):
        try:
            send_mail(SUBJECT, TEXT.format(address=address), None, [to])
        except OSError as problem:  # smtplib's own are OSErrors
            refused = problem
    if refused is not None:
        raise refused


def addresses(risk: Escalation) -> list[str]:
    """Where those read their mail who must act: the registered managers of the service, or else
    whoever answers for the provider; never who wrote the record, and not who told of it."""
    now = evidence.clock.now()
    left_out = set(same_human(risk.by_id))
    for author in authors_of(risk.gap.check_of.item):
        left_out |= set(same_human(author)) if author is not None else set()
    people = (
        people_with_access(AccessRole.REGISTERED_MANAGER, service=risk.service_id, at=now)
        - left_out
        or people_with_access(AccessRole.NOMINATED_INDIVIDUAL, service=None, at=now) - left_out
    )
    found = Person.objects.filter(pk__in=people).select_related("identity", "sign_in")
    return sorted({to for person in found if (to := _address(person))})


def _address(person: Person) -> str:
    """Their own address, or else the one they sign in with; empty for somebody without."""
    for held in ("identity", "sign_in"):
        if to := getattr(getattr(person, held, None), "email", ""):
            return str(to)
    return ""
