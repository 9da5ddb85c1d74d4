"""The newest checkpoint, mailed once a week to those outside who keep it."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction

from surehand import evidence
from surehand.evidence import queries
from surehand.evidence.actions import signer
from surehand.evidence.models import Checkpoint
from surehand.evidence.refusal import NotPossible
from surehand.governance.models import Mailing, Recipient
from surehand.people.access import Action, By, check_may
from surehand.timeline import instant, london_date
from surehand.ui.formats import moment, number

# A mail on its way for longer has been lost with whoever sent it, or has arrived: nobody knows.
LOST_AFTER = timedelta(hours=1)


def this_week() -> str:
    """The ISO week it is in London: 2026-W47."""
    year, week, _ = london_date(instant(evidence.clock.now())).isocalendar()
    return f"{year}-W{week:02}"


def is_set_up() -> bool:
    """Whether there is a mail server to send by."""
    return bool(settings.MAIL)


def set_recipients(*, by: By, addresses: Collection[str]) -> None:
    """Who outside is mailed the checkpoint every week. The ledger learns how many, not who."""
    check_may(by, Action.SETTINGS, service=None)
    wanted = {address.strip().lower() for address in addresses if address.strip()}
    held = set(Recipient.objects.values_list("address", flat=True))
    if wanted == held:
        raise NotPossible("These are the addresses already, so nothing is saved.")
    with evidence.act("checkpoint.recipients_changed", by=by.actor) as act:
        Recipient.objects.filter(address__in=held - wanted).delete()
        for address in sorted(wanted - held):
            Recipient.objects.create(address=address)
        act.state(recipients=len(wanted))


def mail() -> tuple[int, int]:
    """Mail this week's checkpoint to everybody who has not had it: how many were sent, and failed.

    At most once a week to each address, whoever runs it and however often: each mail is claimed
    before it is sent. A refusal of the mail server frees the claim, so that it is tried again, and
    stops nobody else's. Weeks that passed while nothing ran are not made up: each checkpoint covers
    all before it.
    """
    checkpoint = queries.last_checkpoint()
    if checkpoint is None or not is_set_up():
        return 0, 0
    sent = failed = 0
    for recipient in Recipient.objects.order_by("pk"):
        mailing = _claim(recipient, checkpoint)
        if mailing is None:
            continue
        try:
            _message(recipient, checkpoint).send()
        except OSError as problem:  # smtplib's own are OSErrors
            mailing.failure = _complaint(problem)
            failed += 1
        else:
            mailing.sent_at = evidence.clock.now()
            sent += 1
        mailing.save(update_fields=["failure", "sent_at"])
    return sent, failed


def _claim(recipient: Recipient, checkpoint: Checkpoint) -> Mailing | None:
    """This week's mail to them, for whoever comes first; None if it is somebody else's or sent."""
    week, now = this_week(), evidence.clock.now()
    try:
        with transaction.atomic():
            return Mailing.objects.create(
                recipient=recipient, week=week, size=checkpoint.size, claimed_at=now
            )
    except IntegrityError:
        pass
    # One that failed is free again; the update is the claim, and only one wins it.
    failed = Mailing.objects.filter(recipient=recipient, week=week).exclude(failure="")
    won = failed.update(failure="", claimed_at=now, size=checkpoint.size)
    return Mailing.objects.get(recipient=recipient, week=week) if won else None


def _complaint(problem: OSError) -> str:
    return (" ".join(str(problem).split()) or type(problem).__name__)[:200]


def _message(recipient: Recipient, checkpoint: Checkpoint) -> EmailMessage:
    note = bytes(checkpoint.note).decode()
    message = EmailMessage(
        subject=f"Checkpoint of {signer().name}: {number(checkpoint.size)} entries",
        body=(
            f"This is the checkpoint of {signer().name} over its first "
            f"{number(checkpoint.size)} entries, signed {moment(checkpoint.made_at)}.\n\n"
            "Please keep it. It holds no names. Should anybody ever doubt the records, the ledger "
            "must still fit it: that shows that nothing recorded until then was changed or taken "
            "away since. It says nothing of whether what was recorded was true.\n\n"
            f"The public key, to compare with the one you noted down:\n{signer().key}\n\n"
            f"{note}"
        ),
        to=[recipient.address],
    )
    message.attach(f"checkpoint-{checkpoint.size}.txt", note, "text/plain")
    return message


def how_it_went(mailing: Mailing | None) -> str:
    """How this week's mail to somebody went, in words."""
    if mailing is None:
        return "Not yet this week"
    if mailing.sent_at:
        return f"Sent {moment(mailing.sent_at)}, over {number(mailing.size)} entries"
    if mailing.failure:
        return f"Not sent; it is tried again. The mail server said: {mailing.failure}"
    if mailing.claimed_at < evidence.clock.now() - LOST_AFTER:
        return "It is not known whether it was sent; the next goes out next week"
    return "On its way"
