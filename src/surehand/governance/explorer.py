"""The ledger as whoever asks may read it: which entries, found how, said in a sentence.

Readers of the whole provider read every entry. A reader of some services reads an entry about
somebody of theirs and about nobody who works elsewhere alone; one about one of these services and
no person; one about everybody (a plan version); and what they did themselves. Anybody reads the
entries about themselves.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from surehand.assessment.models import Reopening
from surehand.competency.models import PlanVersion
from surehand.evidence import canonical
from surehand.evidence.models import Entry, Subject
from surehand.governance import story
from surehand.governance.story import Context
from surehand.people.access import Action, By
from surehand.people.models import GoLive, Identity, Person, Post, Service
from surehand.people.names import typed
from surehand.readiness.models import NoLiveUse
from surehand.timeline import london_midnight, moment
from surehand.ui.page import address

A_PAGE = 50
# Names that fit in one line of the list.
FEW_NAMES = 3
COMMAND_LINE = "0" * 32


def readable(by: By) -> QuerySet[Entry]:
    """The entries `by` may read and find."""
    if by.covers_all(Action.READ):
        return Entry.objects.all()
    services = by.services(Action.READ)
    if not services:
        return Entry.objects.none()
    here = Person.objects.filter(posts__service__in=services)
    elsewhere = Person.objects.filter(posts__isnull=False).exclude(
        pk__in=Post.objects.filter(service__in=services).values("person")
    )
    named = Subject.objects.filter(entry=OuterRef("seq"), acted=False)
    ours = Exists(named.filter(pseudonym__in=here.values("pseudonym")))
    theirs = Exists(named.filter(pseudonym__in=elsewhere.values("pseudonym")))
    did = Subject.objects.filter(
        entry=OuterRef("seq"), acted=True, pseudonym__in=_own(by).values("pseudonym")
    )
    return Entry.objects.filter(
        (Q(ours) & ~Q(theirs)) | (~Q(Exists(named)) & _of_services(services)) | Q(Exists(did))
    )


def _of_services(services: Iterable[int]) -> Q:
    """Entries about these services, or about everybody; for those that name nobody."""
    facts = (
        Service.objects.filter(pk__in=services),
        GoLive.objects.filter(service__in=services),
        NoLiveUse.objects.filter(service__in=services),
        Reopening.objects.filter(Q(service__in=services) | Q(service__isnull=True)),
        PlanVersion.objects.all(),
    )
    found = Q()
    for rows in facts:
        found |= Q(seq__in=rows.values("entry"))
    return found


def _own(by: By) -> QuerySet[Person]:
    return Person.objects.filter(pk__in=by.same_human)


def entry(*, seq: int, by: By) -> Entry | None:
    """Entry `seq`, if there is one that `by` may read: also one about themselves."""
    found = readable(by).filter(seq=seq).first()
    if found is None and about_oneself(seq=seq, by=by):
        found = Entry.objects.get(seq=seq)
    return found


def about_oneself(*, seq: int, by: By) -> bool:
    """Whether an entry is about whoever asks."""
    named = Subject.objects.filter(entry=seq, acted=False)
    return named.filter(pseudonym__in=_own(by).values("pseudonym")).exists()


@dataclass(frozen=True)
class Filters:
    """What of the ledger is asked for, from the address. `before` and `after` are seqs: a page
    reads on from where the last one ended, however long the ledger is."""

    kind: str = ""
    who: str = ""
    actor: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None
    after: int | None = None

    @property
    def anything(self) -> bool:
        return any((self.kind, self.who, self.actor, self.since, self.until))


def find(*, by: By, wanted: Filters) -> tuple[list[Entry], bool, bool]:
    """A page of entries, newest first, and whether there are newer and older ones; days are those
    of London on which it was recorded."""
    rows = readable(by)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.who:
        rows = rows.filter(_naming(wanted.who, acted=False))
    if wanted.actor:
        rows = rows.filter(_naming(wanted.actor, acted=True))
    if wanted.since:
        rows = rows.filter(recorded_at__gte=moment(london_midnight(wanted.since)))
    if wanted.until:
        after = wanted.until + timedelta(days=1)
        rows = rows.filter(recorded_at__lt=moment(london_midnight(after)))
    if wanted.after is not None:
        newer = list(rows.filter(seq__gt=wanted.after).order_by("seq")[: A_PAGE + 1])
        return newer[:A_PAGE][::-1], len(newer) > A_PAGE, True
    if wanted.before is not None:
        rows = rows.filter(seq__lt=wanted.before)
    found = list(rows.order_by("-seq")[: A_PAGE + 1])
    return found[:A_PAGE], wanted.before is not None, len(found) > A_PAGE


def _naming(text: str, *, acted: bool) -> Exists:
    """Entries that name somebody with this in their name or reference, or at the beginning of
    their pseudonym."""
    text = text.strip()
    people = Person.objects.filter(
        Q(pk__in=_called(text))
        | Q(pseudonym__startswith=text.lower().removeprefix("erased person "))
    )
    named = Q(pseudonym__in=people.values("pseudonym"))
    if acted and text.casefold() in "the command line":
        named |= Q(pseudonym=COMMAND_LINE)
    return Exists(Subject.objects.filter(named, entry=OuterRef("seq"), acted=acted))


def _called(text: str) -> list[int]:
    """Who is called so, however their name is typed, or has it as their reference."""
    words = typed(text).split()
    return [
        person
        for person, name, reference in Identity.objects.values_list("person", "name", "reference")
        if (words and all(word in typed(name) for word in words))
        or reference.casefold() == text.casefold()
    ]


def kinds() -> list[tuple[str, str]]:
    """Every kind of entry there is, and what it is called, in the order of the words."""
    found = Entry.objects.order_by("kind").values_list("kind", flat=True).distinct()
    return sorted(((kind, story.kind_in_words(kind)) for kind in found), key=lambda k: k[1])


@dataclass(frozen=True)
class Line:
    """One entry in words: whom it is about, what happened, and the page where that lives."""

    entry: int
    recorded_at: datetime
    happened_at: datetime
    icon: str
    tone: str
    names: str
    what: str
    rest: str
    href: str
    proof: str

    @property
    def sentence(self) -> str:
        about = f"{self.names}. " if self.names else ""
        return f"{about}{self.what} {self.rest}"


def said_by(rows: Iterable[Entry]) -> dict[int, dict[str, Any]]:
    return {row.seq: canonical.loads(bytes(row.content)) for row in rows}


def lines(
    entries: Mapping[int, dict[str, Any]],
    *,
    only: frozenset[str] | None = None,
    hidden: Collection[int] = (),
) -> list[Line]:
    """These entries in words, in the order given, in a fixed number of statements; `only`: the
    pseudonyms whose names may be told as those it is about (None: all). Of those `hidden` it is
    said only that there is one."""
    context = story.context_of(entries)
    about = story.written_about(entries)
    people = {
        pk: pseudonym
        for pk, pseudonym in Person.objects.filter(
            pk__in={person for rows in about.values() for person, _ in rows}
        ).values_list("pk", "pseudonym")
    }
    mains = {seq: sorted({people[person] for person, _ in rows}) for seq, rows in about.items()}
    return [
        line(said, context, mains.get(seq) or said["subjects"], only=only, hidden=seq in hidden)
        for seq, said in entries.items()
    ]


def line(
    said: dict[str, Any],
    context: Context,
    mains: Sequence[str],
    *,
    only: frozenset[str] | None = None,
    hidden: bool = False,
) -> Line:
    """One entry in words; `mains` are those its facts are about."""
    if len(mains) == 1:
        context = replace(context, pseudonym=mains[0])
    icon, tone, what, rest, _ = story.tell(said, context, hidden=hidden)
    return Line(
        entry=said["seq"],
        recorded_at=datetime.fromisoformat(said["recorded_at"]),
        happened_at=datetime.fromisoformat(said["happened_at"]),
        icon=icon,
        tone=tone,
        names=_names(mains, context, only),
        what=what,
        rest=rest,
        href=lives_at(said, mains),
        proof=address("entry", said["seq"]),
    )


def _names(mains: Sequence[str], context: Context, only: frozenset[str] | None) -> str:
    told = [p for p in mains if only is None or p in only]
    names = sorted((_capital(context.name(p)) for p in told[:FEW_NAMES]), key=typed)
    more = len(mains) - len(names)
    if more and names:
        return f"{', '.join(names)} and {more:,} more"
    return f"{len(mains):,} people" if more else " and ".join(names)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def lives_at(said: dict[str, Any], mains: Sequence[str]) -> str:
    """The page on which what an entry says is shown; empty where there is none."""
    kind, seq, state = said["kind"], said["seq"], said["state"]
    if kind in {"assessment.recorded", "assessment.corrected"}:
        return address("assessment", seq)
    if kind == "assessment.voided":
        return address("assessment", said["corrects"])
    if kind in {"support.opened", "support.finished"}:
        return address("support-action", state.get("of", seq))
    if kind == "plan.published":
        return address("plan")
    if kind == "profile.published":
        return address("settings-of-profile-version", state["profile"], state["version"])
    if kind.endswith(".imported"):
        return ""
    if len(mains) == 1:
        person = address("person", mains[0], entries="all")
        return f"{person}#entry-{seq}" if person else ""
    return ""
