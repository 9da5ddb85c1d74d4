"""The only writer of what people say to what was found in their records (2.4)."""

from surehand import evidence
from surehand.audits import cause_policies as policies
from surehand.audits.models import AuditWords, FindingReply, RecordCheck
from surehand.evidence.refusal import NotPermitted, NotPossible, check_not_recorded
from surehand.people.access import By


def reply_to_finding(*, by: By, check: RecordCheck, words: str) -> FindingReply:
    """Say, as whoever wrote the record, what one has to say to what was found in it.

    Raises NotPermitted or NotPossible.
    """
    if check.subject_id is None or not by.is_self(check.subject_id):
        raise NotPermitted("Only the person who wrote this record can answer here.")
    policies.check_words(words, "Write your answer in the box.")
    with evidence.act("finding.replied", by=by.actor) as act:
        if hasattr(check, "superseded_by") or hasattr(check, "void"):
            raise NotPossible("This was looked at again. Load the page to see what was found now.")
        same = FindingReply.objects.filter(
            check_of=check,
            by__in=by.same_human,
            entry__in=AuditWords.objects.filter(text=words.strip()).values("entry"),
        )
        check_not_recorded(same.values_list("entry", flat=True).first())
        reply = act.record(FindingReply(check_of=check, by_id=by.acting()))
        act.about(by.pseudonym)
        act.state(check=check.entry)
        AuditWords.write(act, words)
    return reply
