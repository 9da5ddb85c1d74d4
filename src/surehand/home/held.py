"""What Surehand holds about a person, in plain words, for that person."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from surehand.assessment.models import Assessment
from surehand.assurance.queries import writings
from surehand.audits.finding_queries import lacks
from surehand.audits.finding_queries import of_people as checked_of
from surehand.audits.models import RecordCheck
from surehand.evidence import clock
from surehand.governance import story
from surehand.people.access import DESCRIPTIONS, AccessRole, By
from surehand.people.accounts import links_of
from surehand.people.models import AccessGrant, Person, Post, SignIn
from surehand.people.queries import same_human, terms_of
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, in_words
from surehand.readiness.models import Shift
from surehand.records.authors import accounts_of
from surehand.records.models import LiveRecord, RecordSeen, SignalAnswer
from surehand.records.signal_queries import OWN, of_people
from surehand.support.attendance import attended
from surehand.support.course_pages import attended_in_words
from surehand.support.models import Attendance, Question, SupportAction
from surehand.timeline import end_of, london_midnight, moment
from surehand.ui.formats import day, plural
from surehand.ui.page import Link


@dataclass(frozen=True)
class Held:
    """Everything held about one person, to be listed."""

    identity: list[tuple[str, str]]
    posts: list[tuple[str, str]]
    courses: list[tuple[str, str]]
    accounts: list[tuple[str, str]]
    access: list[tuple[str, str]]
    counts: list[tuple[str, str] | tuple[str, str, Link]]
    written: list[story.Happened]


def held_about(person: Person, *, by: By) -> Held:
    """What is held about `person`, as `by` (the person themself) may see it."""
    identity = getattr(person, "identity", None)
    sign_in = SignIn.objects.filter(person=person).first()
    noticed = len(of_people(same_human(person.pk), since=clock.now() - OWN))
    found = [each for each in checked_of(same_human(person.pk), at=clock.now()) if lacks(each)]
    entries = story.story(person=person.pk, pseudonym=person.pseudonym, by=by)
    return Held(
        identity=[
            ("Name", identity.name if identity else "Erased"),
            ("Reference", identity.reference if identity else "Erased"),
            ("Email", (identity.email if identity else "") or "None held"),
            ("Signs in as", sign_in.email if sign_in else "Cannot sign in"),
            ("Name in the ledger", f"{person.pseudonym[:8]}… (a pseudonym, never your name)"),
        ],
        posts=_posts(Post.objects.filter(person=person).select_related("service__details")),
        courses=[
            (str(a.course), f"{attended_in_words(a)} {_notes(a)}".strip())
            for a in attended([person.pk], at=clock.now()).get(person.pk, ())
        ],
        accounts=_accounts(person),
        access=[
            (
                DESCRIPTIONS[AccessRole(grant.role)].title,
                (str(grant.service) if grant.service else "")
                or DESCRIPTIONS[AccessRole(grant.role)].description,
            )
            for grant in AccessGrant.objects.filter(person=person, end__isnull=True)
            .select_related("service__details")
            .order_by("pk")
        ],
        counts=[
            ("Assessments", str(Assessment.objects.filter(person=person).count())),
            ("Support actions", str(SupportAction.objects.filter(person=person).count())),
            ("Times you said “I’m stuck”", str(Question.objects.filter(person=person).count())),
            ("Times you said how sure you are", str(person.confidence.count())),
            ("Times you practised", str(person.attempts.count())),
            (
                "Shifts on the rota",
                str(Shift.objects.filter(person=person, replaced_by__isnull=True).count()),
            ),
            ("Records you wrote in the ECM system", str(_written(person))),
            (
                "Answers you gave to what was noticed",
                str(SignalAnswer.objects.filter(by=person).count()),
            ),
            ("Records you checked", str(_checked(person))),
            (
                "Noticed in records you wrote",
                plural(noticed, "record"),
                Link("Read and answer", reverse("records-of-mine")),
            ),
            (
                "Found when your records were checked",
                plural(len(found), "record"),
                Link("Read and answer what was found", reverse("found-in-mine")),
            ),
            (
                "Days on which you looked at what a record says",
                str(RecordSeen.objects.filter(person=person).values("on").distinct().count()),
            ),
            ("Evidence entries", plural(len(entries), "entry", "entries")),
        ],
        written=[each for each in entries if each.words],
    )


def _accounts(person: Person) -> list[tuple[str, str]]:
    """Their accounts of the ECM system, and since when each is or until when each was theirs."""
    own = person.ecm_accounts.values_list("account_id", "account__details__reference")
    names = dict(own)
    return [
        (
            names[account] or "Erased",
            f"yours from {day(link.from_date)}"
            + (f" to {day(link.to_date)}" if link.to_date else ""),
        )
        for account, links in links_of(names).items()
        for link in links
        if link.person == person.pk
    ]


def _written(person: Person) -> int:
    """How many live records were entered with an account while it was theirs, under any of the
    records that are this human; an approval is no second writing."""
    times = Q(pk__in=[])
    people = same_human(person.pk)
    for account, links in links_of(accounts_of(people)).items():
        for link in links:
            if link.person in people:
                own = Q(account=account, recorded_at__gte=moment(london_midnight(link.from_date)))
                times |= own & (
                    Q(recorded_at__lt=moment(end_of(link.to_date))) if link.to_date else Q()
                )
    return writings(LiveRecord.objects.filter(times)).count()


def _checked(person: Person) -> int:
    """How many records they checked in record audits."""
    return RecordCheck.objects.filter(by=person).values("item").distinct().count()


def _notes(attendance: Attendance) -> str:
    details = getattr(attendance, "details", None)
    return f"“{details.notes}”" if details and details.notes else ""


def _posts(posts: Collection[Post]) -> list[tuple[str, str]]:
    terms = terms_of([p.pk for p in posts])
    found = []
    for post in posts:
        own = terms.get(post.pk)
        codes = own.responsibilities[-1][1] if own and own.responsibilities else ()
        parts = [f"{post.employment} from {day(post.start_date)}"]
        if own and own.end_date:
            parts.append(f"to {day(own.end_date)}")
        if codes:
            parts.append(f"with {in_words([RESPONSIBILITIES[c].title.lower() for c in codes])}")
        found.append((f"{JOB_ROLES[post.job_role].title}, {post.service}", ", ".join(parts)))
    return found
