"""The only writer of support actions, permissions for supervised use, questions and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from surehand import evidence
from surehand.competency.models import Competency
from surehand.evidence.refusal import NotPermitted, NotPossible, check_not_recorded
from surehand.people.access import (
    AccessRole,
    Action,
    By,
    check_may,
    check_not_self,
    check_stands_in,
)
from surehand.people.models import Person, Post, Service
from surehand.people.queries import people_with_access, same_human
from surehand.support import policies, queries
from surehand.support.categories import CATEGORIES
from surehand.support.models import (
    Answer,
    AnswerRead,
    Confidence,
    Permission,
    PermissionEnd,
    Question,
    QuestionWording,
    SupportAction,
    SupportDone,
    SupportWords,
)
from surehand.timeline import instant, london_date


@dataclass(frozen=True)
class NewSupport:
    what: str
    owner: Person
    due: date
    competency: Competency | None = None


def open_support(
    act: evidence.Act, *, by: By, people: Sequence[Person], new: NewSupport, because: int | None
) -> list[SupportAction]:
    """Record a support action for each of these people inside an action already under way. Raises
    NotPossible: nobody is the one who gives it to themselves (R14)."""
    policies.check_due(new.due, today=london_date(instant(act.recorded_at)))
    owners = same_human(new.owner.pk)
    policies.check_owner(
        str(new.owner),
        themselves=any(person.pk in owners for person in people),
        others=len(people) > 1,
    )
    actions = [
        act.record(
            SupportAction(
                person=person,
                what=new.what,
                competency=new.competency,
                owner=new.owner,
                due=new.due,
                because=because,
                by_id=by.acting(),
            )
        )
        for person in people
    ]
    act.about(*(person.pseudonym for person in people), new.owner.pseudonym)
    act.state(support=new.what, support_due=new.due.isoformat())
    return actions


def give_support(
    *, by: By, person: Person, service: int, new: NewSupport, note: str = ""
) -> SupportAction:
    """A support action that no failed check asked for."""
    check_may(by, Action.REFRESHER, service=service)
    check_not_self(by, person.pk, Action.REFRESHER)
    with evidence.act("support.opened", by=by.actor) as act:
        same = SupportAction.objects.filter(
            person=person,
            what=new.what,
            competency=new.competency,
            owner=new.owner,
            due=new.due,
            because=None,
            by_id=by.acting(),
            done=None,
        )
        check_not_recorded(same.values_list("entry", flat=True).first())
        (action,) = open_support(act, by=by, people=[person], new=new, because=None)
        SupportWords.write(act, note)
    return action


def check_may_finish(*, by: By, action: SupportAction, service: int) -> None:
    """The owner may, and whoever gives support at `service`; never the person supported. Raises
    NotPermitted or NotPossible."""
    check_not_self(by, action.person_id, Action.REFRESHER)
    if not by.is_self(action.owner_id):
        check_may(by, Action.REFRESHER, service=service)
    policies.check_open(hasattr(action, "done"), what="support action")


def finish_support(
    *, by: By, action: SupportAction, service: int, outcome: str, note: str
) -> SupportDone:
    """Say how a support action went. Its owner may, and whoever may give support there."""
    check_may_finish(by=by, action=action, service=service)
    with evidence.act("support.finished", by=by.actor) as act:
        act.about(action.person.pseudonym)
        done = SupportDone(action=action, outcome=outcome, by_id=by.acting())
        act.record(done)
        act.state(outcome=outcome, of=action.entry)
        SupportWords.write(act, note)
    return done


@dataclass(frozen=True)
class FailedTask:
    """A competency whose last outcome was further support required, and the entry of the
    manager's review of that failure, if there is one."""

    competency: int
    title: str
    review: int | None


def check_may_permit(*, by: By, post: Post) -> None:
    """Its registered manager may allow supervised use; the workforce lead only where the registered
    manager is the subject (R14). Raises NotPermitted."""
    now = evidence.clock.now()
    check_may(by, Action.PERMIT, service=post.service_id)
    check_not_self(by, post.person_id, Action.PERMIT)
    managers = people_with_access(AccessRole.REGISTERED_MANAGER, service=post.service_id, at=now)
    check_stands_in(
        by,
        Action.PERMIT,
        service=post.service_id,
        managers=managers & same_human(post.person_id),
    )


def permit(
    *,
    by: By,
    post: Post,
    until: datetime,
    competencies: Sequence[int],
    supervisors: Sequence[int],
    failed: Sequence[FailedTask],
    open_restrictions: Sequence[int] = (),
    note: str = "",
) -> Permission:
    """Allow supervised live use of a post (R9).

    Each supervisor is independent at the service in every post they have there, and each task is
    needed by the post and not passed; that is judged anew here, whatever a page offered. `failed`
    tells which of the person's competencies are failed and reviewed (from the parts
    above); `open_restrictions` are the seqs of the restrictions this permission answers (R5).
    Raises NotPermitted or NotPossible.
    """
    check_may_permit(by=by, post=post)
    now = evidence.clock.now()
    policies.check_length(now=now, until=until)
    policies.check_tasks(list(competencies))
    policies.check_supervisors(list(supervisors), same_human=same_human(post.person_id))
    cited = {f.competency: f for f in failed if f.competency in set(competencies)}
    policies.check_failed_cited(
        {c: f.title for c, f in cited.items()},
        frozenset(c for c, f in cited.items() if f.review is not None),
    )
    reviews = [f.review for f in cited.values() if f.review is not None]
    with evidence.act("permission.given", by=by.actor) as act:
        # Under the lock: the page may have been open for a while.
        import_string(settings.PERMISSION_CHECK)(
            post=post,
            competencies=frozenset(competencies),
            supervisors=frozenset(supervisors),
            at=act.recorded_at,
        )
        act.about(post.person.pseudonym)
        act.about(*Person.objects.filter(pk__in=supervisors).values_list("pseudonym", flat=True))
        permission = Permission(
            post=post,
            subject_id=post.person_id,
            until=until,
            competencies=sorted(set(competencies)),
            supervisors=sorted(set(supervisors)),
            cites=sorted({*reviews, *open_restrictions}),
            by_id=by.acting(),
        )
        check_not_recorded(_same_permission(permission))
        act.record(permission)
        act.state(until=until.isoformat(), cites=permission.cites, post=post.pk)
        SupportWords.write(act, note)
        act.touch([post.pk])
    return permission


def _same_permission(permission: Permission) -> int | None:
    """The entry of a permission that holds and says all of the same."""
    same = Permission.objects.filter(
        post=permission.post, until=permission.until, by_id=permission.by_id, end=None
    )
    said = (permission.competencies, permission.supervisors, permission.cites)
    return next((p.entry for p in same if (p.competencies, p.supervisors, p.cites) == said), None)


def check_may_end(*, by: By, permission: Permission) -> None:
    """Whoever may stop live use may end supervised use. Raises NotPermitted or NotPossible."""
    check_may(by, Action.RESTRICT, service=permission.post.service_id)
    check_not_self(by, permission.subject_id, Action.RESTRICT)
    policies.check_open(hasattr(permission, "end"), what="permission")


def end_permission(*, by: By, permission: Permission, reason: str) -> PermissionEnd:
    """End supervised use before its time."""
    check_may_end(by=by, permission=permission)
    policies.check_reason(reason, "ending supervised use")
    with evidence.act("permission.ended", by=by.actor) as act:
        act.about(permission.post.person.pseudonym)
        end = PermissionEnd(permission=permission, by_id=by.acting())
        act.record(end)
        act.state(of=permission.entry)
        SupportWords.write(act, reason)
        act.touch([permission.post_id])
    return end


def check_may_ask(*, by: By, service: Service) -> None:
    """“I’m stuck” is asked where one has a post, else where one may read. Raises NotPermitted."""
    today = london_date(instant(evidence.clock.now()))
    if service not in queries.where_one_asks(by, on=today):
        raise NotPermitted(f"You have no post at {service}, so nobody there can answer you.")


def ask(
    *,
    by: By,
    happened_at: datetime | None,
    key: UUID,
    service: Service,
    category: str,
    words: str = "",
) -> Question:
    """“I’m stuck” (1.7). Sent again under the same key, it is the question recorded already.

    `happened_at` is the device's time for a question that waited for a connection, None for now;
    a device whose clock runs ahead is not believed. Raises NotPermitted or NotPossible.
    """
    check_may_ask(by=by, service=service)
    if asked := _asked(by, key):
        return asked
    policies.check_sorted(category, "")
    now = evidence.clock.now()
    happened_at = min(happened_at or now, now)
    policies.check_asked(happened_at, now=now)
    kind = CATEGORIES[category]
    try:
        with evidence.act("question.asked", by=by.actor, happened_at=happened_at) as act:
            act.about(by.pseudonym)
            question = Question(
                key=key,
                person_id=by.acting(),
                service=service,
                category=category,
                competency=Competency.objects.filter(code=kind.competency).first(),
                theme=kind.theme,
            )
            act.record(question)
            act.state(category=category, service=service.code)
            SupportWords.write(act, words)
    except NotPossible:
        if asked := _asked(by, key):  # it came twice at once
            return asked
        raise
    return question


def _asked(by: By, key: UUID) -> Question | None:
    """The question recorded under this key. Raises NotPermitted if somebody else asked it."""
    found = Question.objects.filter(key=key).first()
    if found is not None and found.person_id != by.person:
        raise NotPermitted("This question was asked by somebody else.")
    return found


def add_words(*, by: By, question: Question, words: str) -> QuestionWording:
    """More words to one's own question, while nobody has answered it."""
    if not by.is_self(question.person_id):
        raise NotPermitted("Only whoever asked can add to a question.")
    policies.check_unanswered(question.answers.exists())
    if not words.strip():
        raise NotPossible("Write a few words, or leave it as it is: your question is sent.")
    with evidence.act("question.worded", by=by.actor) as act:
        act.about(by.pseudonym)
        wording = QuestionWording(question=question)
        act.record(wording)
        act.state(of=question.entry)
        SupportWords.write(act, words)
    return wording


def check_may_answer(*, by: By, question: Question) -> None:
    """A team leader of the service; nobody answers themselves (R14). Raises NotPermitted."""
    check_may(by, Action.ANSWER, service=question.service_id)
    check_not_self(by, question.person_id, Action.ANSWER)


def answer(
    *,
    by: By,
    question: Question,
    how: str,
    words: str,
    category: str,
    competency: Competency | None,
    theme: str,
) -> Answer:
    """Answer a question in words or in person, and say what it counts towards. A later answer adds
    to an earlier one. Raises NotPermitted or NotPossible."""
    check_may_answer(by=by, question=question)
    policies.check_sorted(category, theme)
    policies.check_answer(how, words, in_words=Answer.How.WORDS)
    with evidence.act("question.answered", by=by.actor) as act:
        act.about(question.person.pseudonym)
        given = Answer(
            question=question,
            subject_id=question.person_id,
            how=how,
            category=category,
            competency=competency,
            theme=theme,
            by_id=by.acting(),
        )
        act.record(given)
        act.state(of=question.entry, how=how)
        SupportWords.write(act, words)
    return given


def read_answers(*, by: By, question: Question) -> None:
    """Whoever asked has opened the answers: they are no longer new. Nothing is recorded."""
    if by.is_self(question.person_id):
        for given in question.answers.filter(read__isnull=True):
            AnswerRead.objects.get_or_create(answer=given, defaults={"at": evidence.clock.now()})


def say_confidence(
    *,
    by: By,
    competency: Competency,
    statement: str,
    level: int,
    supersedes: Confidence | None = None,
) -> Confidence:
    """Say how sure one is oneself (1.7); with `supersedes`, change what one said. Raises
    NotPermitted or NotPossible."""
    policies.check_level(statement, level, statements=Confidence.Statement.values)
    if supersedes is not None:
        if not by.is_self(supersedes.person_id):
            raise NotPermitted("Only you can change what you said about yourself.")
        policies.check_open(hasattr(supersedes, "superseded_by"), what="answer")
    with evidence.act(
        "confidence.said", by=by.actor, corrects=supersedes.entry if supersedes else None
    ) as act:
        act.about(by.pseudonym)
        said = Confidence(
            person_id=by.acting(),
            competency=competency,
            statement=statement,
            level=level,
            supersedes=supersedes,
        )
        act.record(said)
        act.state(competency=competency.code, statement=statement, level=level)
    return said
