"""The only writer of answers to signals, and of what whoever wrote a record says to them (2.6)."""

from surehand import evidence
from surehand.people.access import Action, By, check_may
from surehand.records import policies
from surehand.records.models import RecordsWords, Signal, SignalAnswer, SignalReply
from surehand.records.rows import Row


def check_may_answer(*, by: By, row: Row) -> None:
    """A team leader there, and never about a record of their own (R14). Raises NotPermitted."""
    check_may(by, Action.CHECK_RECORDS, service=row.service.pk)
    policies.check_not_own(by, row.author())


def answer_signal(
    *,
    by: By,
    row: Row,
    code: str,
    answer: str,
    reason: str,
    words: str = "",
    seen: int = 0,
) -> SignalAnswer:
    """Say that a signal is fine, and why, or what it needs. A second answer takes the place of the
    first; `seen` is the entry of the answer that whoever answers knows of.

    Raises NotPermitted or NotPossible.
    """
    check_may_answer(by=by, row=row)
    policies.check_answer(code, answer, reason, words)
    with evidence.act("signal.answered", by=by.actor) as act:
        policies.check_noticed(_noticed(row, code))
        last = last_answer(row, code)
        policies.check_answer_seen(last, seen=seen)
        given = act.record(
            SignalAnswer(
                service=row.service,
                row_id=row.id,
                version=row.version,
                code=code,
                answer=answer,
                reason=reason,
                by_id=by.acting(),
                supersedes=last,
            )
        )
        _about_author(act, row)
        act.state(service=row.service.code, signal=code, answer=answer, reason=reason)
        RecordsWords.write(act, words)
    return given


def reply_to_signal(*, by: By, row: Row, code: str, words: str) -> SignalReply:
    """Add, as whoever wrote the record, one’s own answer to what was noticed in it.

    Raises NotPermitted or NotPossible.
    """
    policies.check_own(by, row.author())
    policies.check_reply(words)
    with evidence.act("signal.replied", by=by.actor) as act:
        policies.check_noticed(_noticed(row, code))
        said = act.record(
            SignalReply(
                service=row.service,
                row_id=row.id,
                version=row.version,
                code=code,
                by_id=by.acting(),
            )
        )
        act.about(by.pseudonym)
        act.state(service=row.service.code, signal=code)
        RecordsWords.write(act, words)
    return said


def last_answer(row: Row, code: str) -> SignalAnswer | None:
    """The answer that holds."""
    return SignalAnswer.objects.filter(
        row_id=row.id, version=row.version, code=code, superseded_by__isnull=True
    ).first()


def _noticed(row: Row, code: str) -> bool:
    found = Signal.objects.filter(**{f"screened__{k}": v for k, v in row.filter().items()})
    return found.filter(code=code).exists()


def _about_author(act: evidence.Act, row: Row) -> None:
    """So that the words can be found, and erased, with whoever wrote the record."""
    author = row.author()
    if author and author.person:
        act.about(author.person.pseudonym)
