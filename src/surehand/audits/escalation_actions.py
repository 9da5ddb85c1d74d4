"""The only writer of what was done about an immediate risk (2.3)."""

from surehand import evidence
from surehand.audits import check_policies as policies
from surehand.audits.check_actions import authors_of
from surehand.audits.models import AuditWords, Escalation, EscalationTaken
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.support.policies import check_reason


def check_may_take(*, by: By, escalation: Escalation) -> None:
    """The registered manager there, or whoever answers for the provider; nobody for a record of
    their own (R14). Raises NotPermitted or NotPossible."""
    check_may(by, Action.TAKE_RISK, service=escalation.service_id)
    for person in authors_of(escalation.gap.check_of.item):
        if person is not None:
            check_not_self(by, person, Action.TAKE_RISK)
    if hasattr(escalation, "taken"):
        raise NotPossible("What was done about this is said already.")


def take_escalation(*, by: By, escalation: Escalation, words: str) -> EscalationTaken:
    """Say what was done about an immediate risk. Raises NotPermitted or NotPossible."""
    check_may_take(by=by, escalation=escalation)
    check_reason(words, "what was done")
    policies.check_note(words, ())
    with evidence.act("record.risk_taken", by=by.actor) as act:
        taken = act.record(EscalationTaken(escalation=escalation, by_id=by.acting()))
        if author := escalation.gap.check_of.subject:
            act.about(author.pseudonym)
        act.state(service=escalation.service.code, theme=escalation.gap.theme)
        AuditWords.write(act, words)
    return taken
