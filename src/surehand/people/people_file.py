"""The `people` file: who works where, in which job role, as what, from when.

What a row of the file means beside what is known:

- A person is `person_id`; a post is person, service, job role and start date.
- A new row while another post of the person in that service is open and no longer listed is a
  change of job role (or employment): the old post ends the day before the new one starts. A start
  date that reaches back before the old post is the start of the whole employment; the new post
  then starts on the day of import.
- The same job role with another start date corrects it: the open post never was.
- An agency post ends within 13 weeks (R13).
- Whoever is not in the file is left alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from surehand.evidence import randomness
from surehand.evidence.refusal import NotPermitted
from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import (
    Column,
    Line,
    choice,
    day,
    did_you_mean,
    email,
    folded,
    identifier,
    text,
)
from surehand.people.access import Action, By, who_may
from surehand.people.models import (
    Employment,
    Identity,
    Person,
    Post,
    PostTerms,
    Service,
    ServiceDetails,
    Team,
    TeamDetails,
)
from surehand.people.queries import Terms, terms_of
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, find_job_role, find_responsibility
from surehand.ui.formats import plural

AGENCY_MOST = timedelta(weeks=13)
ONE_DAY = timedelta(days=1)

# Up to this many people are looked up one by one in a statement; more, and all are read.
_FEW = 5_000
# More than this many people are not listed in the entry: each fact names its post and entry.
_NAMED_IN_ENTRY = 100


def job_role(cell: str) -> str:
    """A job role's code, from its code or title."""
    found = find_job_role(cell)
    if found is None:
        titles = [r.title for r in JOB_ROLES.values()]
        raise ValueError(f"There is no job role “{shown(cell)}”.{did_you_mean(cell, titles)}")
    return found.code


def responsibilities(cell: str) -> tuple[str, ...]:
    """Codes of risk responsibilities, separated by semicolons."""
    codes = set()
    for part in filter(None, (p.strip() for p in cell.replace(",", ";").split(";"))):
        found = find_responsibility(part)
        if found is None:
            titles = [r.title for r in RESPONSIBILITIES.values()]
            raise ValueError(
                f"There is no responsibility “{shown(part)}”.{did_you_mean(part, titles)}"
            )
        codes.add(found.code)
    return tuple(code for code in RESPONSIBILITIES if code in codes)


_EMPLOYMENT = {folded(e.value): e.value for e in Employment}

JOB_ROLE_TITLES = {role.code: role.title for role in JOB_ROLES.values()}
# What other people call a job role. “HCA” and “carer” are left to be asked: in care at home they
# are home-care workers.
_JOB_ROLES_HEARD = {
    **dict.fromkeys(("rgn", "rmn", "rnld", "nurse", "staffnurse", "registeredgeneralnurse"), "RN"),
    **dict.fromkeys(
        ("sencarer", "snrcarer", "seniorcarer", "seniorhca", "seniorcareassistant"), "SC"
    ),
    **dict.fromkeys(("deputymgr", "depmanager", "depmgr", "deputyhomemanager"), "DM"),
    **dict.fromkeys(("regmanager", "regmgr", "registeredmgr"), "RM"),
    **dict.fromkeys(("activitiescoord", "activitycoordinator", "activitiesorganiser"), "AC"),
}
# What other systems call the column.
PERSON_ID_NAMES = (
    *("staff id", "employee id", "worker id", "person", "payroll number", "payroll no"),
    *("employee number", "employee no", "emp no", "staff number", "staff no", "personnel number"),
)


def service_names() -> dict[str, str]:
    """Every service's id and its name."""
    return dict(ServiceDetails.objects.order_by("name").values_list("service__code", "name"))


COLUMNS = (
    Column(
        "person_id",
        "Your own id of the person",
        identifier,
        True,
        True,
        example="P001",
        also=PERSON_ID_NAMES,
    ),
    Column(
        "name",
        "Their name",
        text(120),
        True,
        True,
        example="Ade Okafor",
        also=(
            *("full name", "employee name", "staff name", "worker name", "employee"),
            *("first name+surname", "first name+last name", "forename+surname"),
            *("first+last", "known as+surname"),
        ),
    ),
    Column(
        "role",
        "Job role: its code or title",
        job_role,
        True,
        True,
        example="Care worker",
        options=lambda: JOB_ROLE_TITLES,
        also=("job role", "job title", "job", "position", "post title", "post"),
        heard=_JOB_ROLES_HEARD,
        called="Job role",
    ),
    Column(
        "service_id",
        "Where: a service’s id",
        identifier,
        True,
        True,
        example="ALDER",
        options=service_names,
        also=("service", "home", "location", "site", "branch", "workplace", "cost centre"),
    ),
    Column(
        "employment",
        "permanent, bank or agency",
        choice(_EMPLOYMENT, what="employment", titles=[e.value for e in Employment]),
        True,
        True,
        example="permanent",
        also=("employment type", "employment status", "contract", "contract type", "staff type"),
    ),
    Column(
        "start_date",
        "First day of the post",
        day,
        True,
        True,
        example="2026-01-05",
        also=("start", "started", "date started", "date joined", "joined", "hire date", "from"),
    ),
    Column(
        "end_date",
        "Last day of the post; empty while it lasts",
        day,
        example="",
        also=("leaving date", "date left", "leave date", "left", "termination date", "last day"),
    ),
    Column(
        "team",
        "Unit or shift team, by your own code",
        identifier,
        example="Nights",
        also=("unit", "shift team", "department", "floor"),
    ),
    Column(
        "email",
        "For signing in",
        email,
        example="ade@example.org",
        also=("email address", "work email", "e-mail"),
    ),
    Column(
        "responsibilities",
        "Risk responsibilities by code, separated by a semicolon: "
        + ", ".join(
            f"{r.code} ({r.title[0].lower()}{r.title[1:]})" for r in RESPONSIBILITIES.values()
        ),
        responsibilities,
        example="alr;nig",
    ),
    Column("agency", "Accepted and not kept", text(120), kept=False),
    Column("manager_id", "Accepted and not kept", identifier, kept=False),
)

SILENT: Any = object()  # the file has no such column: what is known stays


@dataclass(frozen=True, slots=True)
class PostRow:
    """What one row says. SILENT where the file has no such column."""

    line: Line
    reference: str
    name: str
    job_role: str
    service: int
    employment: str
    start: date
    end: Any = SILENT  # date | None
    team: Any = SILENT  # str | None
    email: Any = SILENT  # str | None
    responsibilities: Any = SILENT  # tuple[str, ...]


@dataclass(frozen=True)
class KnownPost:
    pk: int
    service: int
    job_role: str
    employment: str
    start: date
    terms: Terms | None

    @property
    def end(self) -> date | None:
        return self.terms.end_date if self.terms else None

    @property
    def codes(self) -> tuple[str, ...]:
        return self.terms.responsibilities[-1][1] if self.terms else ()

    @property
    def from_date(self) -> date:
        return self.terms.responsibilities[-1][0] if self.terms else self.start

    def open_on(self, today: date) -> bool:
        return self.end is None or self.end >= max(today, self.start)


@dataclass
class KnownPerson:
    pk: int
    pseudonym: str
    identity: Identity
    posts: list[KnownPost] = field(default_factory=list)


@dataclass(frozen=True)
class NewTerms:
    """Terms to record. `post` is a post's id, or the index of a new post."""

    post: int
    from_date: date
    end: date | None
    team: tuple[int, str] | int | None  # a new team's service and code, or a known team's id
    responsibilities: tuple[str, ...]


@dataclass(frozen=True)
class NewPost:
    row: PostRow
    start: date
    terms: NewTerms


@dataclass
class PeopleChange:
    """All that a file would write."""

    people: dict[str, PostRow] = field(default_factory=dict)  # new, by folded reference
    identities: list[Identity] = field(default_factory=list)
    posts: list[NewPost] = field(default_factory=list)
    terms: list[NewTerms] = field(default_factory=list)
    teams: dict[tuple[int, str], str] = field(default_factory=dict)  # (service, folded) → code
    known: dict[str, KnownPerson] = field(default_factory=dict)
    about: dict[int, str] = field(default_factory=dict)  # row → folded reference


# --- Compare ------------------------------------------------------------------------------------


def compare(batch: Batch) -> Comparison:
    result = Comparison()
    services = Services(batch.by)
    rows = []
    refused: set[str] = {
        folded_id(line.values["person_id"])
        for line in batch.lines.bad
        if line.values.get("person_id")
    }
    for line in batch.lines.good:
        said = line.values
        service, why = services.find(said["service_id"])
        if service is None:
            result.refuse(line, "service_id", why)
            refused.add(folded_id(said["person_id"]))
            continue
        rows.append(
            PostRow(
                line=line,
                reference=said["person_id"],
                name=said["name"],
                job_role=said["role"],
                service=service,
                employment=said["employment"],
                start=said["start_date"],
                end=said.get("end_date", SILENT),
                team=said.get("team", SILENT),
                email=said.get("email", SILENT),
                responsibilities=(said["responsibilities"] or ())
                if "responsibilities" in said
                else SILENT,
            )
        )
    compare_posts(rows, result, today=batch.today, incomplete=refused)
    return result


class Services:
    """The services there are, and which of them `by` may import for (R14)."""

    def __init__(self, by: By, action: Action = Action.IMPORT_PEOPLE) -> None:
        services = list(Service.objects.values_list("pk", "code", "setting").order_by("code"))
        self._ids = {folded_id(code): pk for pk, code, _ in services}
        self._action = action
        self._allowed = {pk for pk in self._ids.values() if by.may(action, pk)}
        if by.covers_all(action):
            self._allowed = set(self._ids.values())
        self._codes = [code for _, code, _ in services]
        self.codes = {pk: code for pk, code, _ in services}
        self.settings = {pk: setting for pk, _, setting in services}

    def find(self, code: str) -> tuple[int | None, str]:
        """The service's id, or None and the sentence that says why not."""
        pk = self._ids.get(folded_id(code))
        if pk is None:
            if not self._ids:
                return None, "There are no services yet. Import the services file first."
            hint = did_you_mean(code, self._codes)
            return None, f"There is no service “{shown(code)}”.{hint}"
        if pk not in self._allowed:
            return None, (
                f"You may not {self._action.value} for “{shown(code)}”. "
                f"It takes {who_may(self._action)}."
            )
        return pk, ""


def folded_id(text: str) -> str:
    return text.casefold()


def known_people(references: Iterable[str]) -> dict[str, KnownPerson]:
    """The people with these references and their posts, by folded reference; three statements."""
    wanted = set(references)
    identities = Identity.objects.select_related("person")
    if len(wanted) <= _FEW:
        exact = Identity.objects.filter(reference__in=wanted)
        identities = exact.select_related("person")
    people = {
        folded_id(i.reference): KnownPerson(i.person_id, i.person.pseudonym, i) for i in identities
    }
    by_pk = {p.pk: p for p in people.values()}
    posts = Post.objects.order_by("pk")
    if len(by_pk) <= _FEW:
        posts = posts.filter(person__in=list(by_pk))
    found = list(
        posts.values_list("pk", "person_id", "service_id", "job_role", "employment", "start_date")
    )
    terms = terms_of([p[0] for p in found] if len(found) <= _FEW else None)
    for pk, person, service, role, employment, start in found:
        if person in by_pk:
            by_pk[person].posts.append(
                KnownPost(pk, service, role, employment, start, terms.get(pk))
            )
    return people


def compare_posts(
    rows: list[PostRow], result: Comparison, *, today: date, incomplete: set[str]
) -> None:
    """Sort rows into added, changed, unchanged and refused.

    `incomplete`: folded references of people some of whose rows are refused already; nothing is
    inferred about them from what the file leaves out.
    """
    change = PeopleChange(known=known_people(row.reference for row in rows))
    result.change = change
    teams = {
        (service, folded_id(code)): pk
        for pk, service, code in Team.objects.values_list("pk", "service_id", "code")
    }
    by_person: dict[str, list[PostRow]] = defaultdict(list)
    for row in rows:
        by_person[folded_id(row.reference)].append(row)
    long_ago = 0
    for key, own in by_person.items():
        long_ago += _compare_person(
            key, own, result, change, teams, today=today, incomplete=key in incomplete
        )
    if long_ago:
        result.notes.append(
            f"{long_ago} agency post(s) without an end date began more than 13 weeks ago and are "
            "recorded as ended. A new booking needs its own start date."
        )
    _note_absent(rows, by_person, result, today)


def _note_absent(
    rows: list[PostRow], listed: Mapping[str, Any], result: Comparison, today: date
) -> None:
    """How many people with an open post in these services the file does not mention."""
    services = {row.service for row in rows}
    terms: dict[int, date | None] = dict(
        PostTerms.objects.filter(post__service__in=services)
        .order_by("entry", "pk")
        .values_list("post_id", "end_date")
    )
    absent = {
        reference
        for pk, reference in Post.objects.filter(
            service__in=services, person__identity__isnull=False
        ).values_list("pk", "person__identity__reference")
        if folded_id(reference) not in listed and (terms.get(pk) is None or terms[pk] >= today)  # type: ignore[operator]
    }
    if absent:
        result.notes.append(
            f"With a post in these services and not in the file: "
            f"{plural(len(absent), 'person', 'people')}. They are left as they are; give a "
            "leaver’s row an end_date."
        )


def _compare_person(
    key: str,
    rows: list[PostRow],
    result: Comparison,
    change: PeopleChange,
    teams: Mapping[tuple[int, str], int],
    *,
    today: date,
    incomplete: bool,
) -> int:
    """Compare all rows of one person; answers how many agency posts ended of themselves."""
    rows, doubles, refused = _checked(rows, result)
    incomplete = incomplete or refused
    known = change.known.get(key)
    posts = known.posts if known else []
    matched = {id(row): _match(row, posts, rows, today) for row in rows}
    listed = {post.pk for post in matched.values() if post}
    first = True
    ended_long_ago = 0
    # Posts that another post follows, by this file or by one before it.
    followed = {
        p.pk
        for p in posts
        for q in matched.values()
        if q and q.service == p.service and p.end == q.start - ONE_DAY
    }

    # Whichever row explains best why a post is no longer listed speaks first: one that corrects it,
    # then one that is open, then the latest. So the answer does not hang on the order of rows.
    def weight(row: PostRow) -> tuple[bool, bool, int]:
        corrects = any(
            (p.service, p.job_role, p.employment) == (row.service, row.job_role, row.employment)
            and p.open_on(today)
            for p in posts
        )
        closed = isinstance(row.end, date) and row.end < today
        return not corrects, closed, -row.start.toordinal()

    for row in sorted(rows, key=weight):
        post = matched[id(row)]
        start, replaced = row.start, list[KnownPost]()
        if post is None:
            replaced = [
                p
                for p in posts
                if p.service == row.service
                and p.pk not in listed
                and p.pk not in followed
                and p.open_on(today)
                and not _ends_before(row, p)
            ]
            if replaced and incomplete:
                result.refuse(
                    row.line,
                    "",
                    "Another row of this person was refused. Correct it first, so that it is "
                    "clear whether this post replaces the one they have.",
                )
                continue
            start = _start(row, replaced, today)
        elif post.start > row.start:
            start = post.start
        end, why = _end(row, start, post)
        if why:
            result.refuse(row.line, "end_date", why)
            continue
        if end and end < start:
            result.refuse(
                row.line,
                "end_date",
                "The person has another post in this service, which this one would follow and end "
                "before. List both posts, each with its dates.",
            )
            continue
        if row.employment == Employment.AGENCY and row.end in (None, SILENT) and post is None:
            ended_long_ago += end is not None and end < today
        team = _team(row, post, teams, change)
        codes = row.responsibilities
        if codes is SILENT:
            codes = post.codes if post else ()
        for old in replaced:
            followed.add(old.pk)
            never = old.job_role == row.job_role and old.employment == row.employment
            last = (old.start if never else max(start, old.start)) - ONE_DAY
            change.terms.append(
                NewTerms(
                    old.pk, old.from_date, last, old.terms.team if old.terms else None, old.codes
                )
            )
        changed = False
        if post is None:
            terms = NewTerms(len(change.posts), start, end, team, codes)
            change.posts.append(NewPost(row, start, terms))
        elif (end, team, codes) != (post.end, post.terms.team if post.terms else None, post.codes):
            later = max(today, post.start) if codes != post.codes else post.from_date
            change.terms.append(NewTerms(post.pk, later, end, team, codes))
            changed = True
        if first:
            changed |= _identity(key, row, known, change)
            first = False
        change.about[row.line.row] = key
        if post is None:
            result.added.append(row.line)
        else:
            (result.changed if changed else result.unchanged).append(row.line)
    result.unchanged.extend(doubles)
    return ended_long_ago


def _checked(rows: list[PostRow], result: Comparison) -> tuple[list[PostRow], list[Line], bool]:
    """The rows that agree among themselves, those said twice, and whether any was refused."""
    good: list[PostRow] = []
    doubles: list[Line] = []
    refused = False
    for row in rows:
        problem = ""
        column = "start_date"
        if isinstance(row.end, date) and row.end < row.start:
            column, problem = "end_date", "end_date is before start_date."
        for other in good:
            if problem:
                break
            at = f"row {other.line.row}"
            if (row.name, row.email) != (other.name, other.email):
                column = "name" if row.name != other.name else "email"
                problem = (
                    f"The {column} differs from {at}, which has the same person_id. Two people "
                    "need an id each; one person is written the same each time."
                )
            elif (row.service, row.job_role) != (other.service, other.job_role):
                continue
            elif row.start == other.start:
                if row.line.values == other.line.values:
                    doubles.append(row.line)
                    break
                problem = f"The same post is in {at} with other terms. Keep one of the two."
            elif _overlap(row, other):
                problem = f"The post overlaps the one in {at}. Give the earlier one an end_date."
        else:
            if not problem:
                good.append(row)
        if problem:
            refused = True
            result.refuse(row.line, column, problem)
    return good, doubles, refused


def _overlap(one: PostRow, other: PostRow) -> bool:
    early, late = sorted((one, other), key=lambda r: r.start)
    end = early.end if isinstance(early.end, date) else None
    if end is None and early.employment == Employment.AGENCY:
        end = early.start + AGENCY_MOST
    return end is None or end >= late.start


def _match(
    row: PostRow, posts: list[KnownPost], rows: list[PostRow], today: date
) -> KnownPost | None:
    """The known post a row is about: the same start, or one that continues an older post."""
    same = [
        p
        for p in posts
        if (p.service, p.job_role, p.employment) == (row.service, row.job_role, row.employment)
    ]
    for post in same:
        # "Never was" posts are gone; the row would record the post anew.
        if post.start == row.start and not (post.end and post.end < post.start):
            return post
    taken = {(r.service, r.job_role, r.start) for r in rows}
    for post in same:
        if (
            post.start > row.start
            and (post.service, post.job_role, post.start) not in taken
            and any(
                q.end == post.start - ONE_DAY and row.start <= q.start
                for q in posts
                if q.service == post.service and q.pk != post.pk
            )
        ):
            return post
    return None


def _ends_before(row: PostRow, post: KnownPost) -> bool:
    """Whether a row tells of an earlier, closed post that leaves `post` as it is."""
    return isinstance(row.end, date) and row.end < post.start


def _start(row: PostRow, replaced: list[KnownPost], today: date) -> date:
    """The first day of a new post: where it follows a post of another kind that began before the
    start date it gives, or on it, that date is the whole employment's and the change is today's.
    """
    worked = [
        p.start
        for p in replaced
        if (p.job_role, p.employment) != (row.job_role, row.employment) and p.start < today
    ]
    return today if worked and row.start <= max(worked) else row.start


def _end(row: PostRow, start: date, post: KnownPost | None) -> tuple[date | None, str]:
    """The last day of the post, or why it cannot be (R13)."""
    end = row.end
    if end is SILENT:
        end = post.end if post else None
    if row.employment != Employment.AGENCY:
        return end, ""
    last = start + AGENCY_MOST
    if end is None:
        return last, ""
    if end > last:
        return None, (
            f"An agency post ends within 13 weeks: by {last.day} {last:%B %Y} for this start. "
            "Give an earlier end_date, or a new row for the next booking."
        )
    return end, ""


def _team(
    row: PostRow,
    post: KnownPost | None,
    teams: Mapping[tuple[int, str], int],
    change: PeopleChange,
) -> tuple[int, str] | int | None:
    if row.team is SILENT:
        return post.terms.team if post and post.terms else None
    if row.team is None:
        return None
    key = (row.service, folded_id(row.team))
    if key in teams:
        return teams[key]
    change.teams.setdefault(key, row.team)
    return key


def _identity(key: str, row: PostRow, known: KnownPerson | None, change: PeopleChange) -> bool:
    """Note a new person, or a new name or email of a known one."""
    if known is None:
        change.people.setdefault(key, row)
        return True
    identity = known.identity
    address = identity.email if row.email is SILENT else row.email or ""
    if (identity.name, identity.email) == (row.name, address):
        return False
    identity.name, identity.email = row.name, address
    change.identities.append(identity)
    return True


# --- Write --------------------------------------------------------------------------------------


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    change: PeopleChange = result.change
    people = {key: Person(pseudonym=randomness.token_bytes(16).hex()) for key in change.people}
    act.record_all(people.values())
    Identity.objects.bulk_create(
        [
            Identity(
                person=people[key],
                reference=row.reference,
                name=row.name,
                email=row.email if isinstance(row.email, str) else "",
            )
            for key, row in change.people.items()
        ]
    )
    Identity.objects.bulk_update(change.identities, ["name", "email"], batch_size=200)
    team_id = _write_teams(act, change)

    def person_id(key: str) -> int:
        return change.known[key].pk if key in change.known else people[key].pk

    posts = [
        Post(
            person_id=person_id(folded_id(new.row.reference)),
            service_id=new.row.service,
            job_role=new.row.job_role,
            employment=new.row.employment,
            start_date=new.start,
        )
        for new in change.posts
    ]
    act.record_all(posts)
    act.record_all(
        [_terms(new.terms, post.pk, team_id) for new, post in zip(change.posts, posts, strict=True)]
        + [_terms(terms, terms.post, team_id) for terms in change.terms]
    )
    act.touch([post.pk for post in posts] + [terms.post for terms in change.terms])

    pseudonyms = {key: person.pseudonym for key, person in people.items()}
    pseudonyms |= {key: known.pseudonym for key, known in change.known.items()}
    about = {row: pseudonyms[key] for row, key in change.about.items()}
    rows = {line.row for line in (*result.added, *result.changed)}
    named = {pseudonym for row, pseudonym in about.items() if row in rows}
    if len(named) <= _NAMED_IN_ENTRY:
        act.about(*named)
    return about


def _write_teams(act: Any, change: PeopleChange) -> Callable[[Any], int | None]:
    teams = {key: Team(service_id=key[0], code=code) for key, code in change.teams.items()}
    act.record_all(teams.values())
    TeamDetails.objects.bulk_create(
        [TeamDetails(team=team, name=team.code) for team in teams.values()]
    )
    return lambda team: teams[team].pk if isinstance(team, tuple) else team


def _terms(terms: NewTerms, post: int, team_id: Callable[[Any], int | None]) -> PostTerms:
    return PostTerms(
        post_id=post,
        from_date=terms.from_date,
        end_date=terms.end,
        team_id=team_id(terms.team),
        responsibilities=";".join(terms.responsibilities),
    )


def check(by: By) -> None:
    """Raises NotPermitted unless `by` may import people for at least one service (R14)."""
    if not by.may_anywhere(Action.IMPORT_PEOPLE):
        raise NotPermitted(
            f"You may not {Action.IMPORT_PEOPLE.value}. It takes {who_may(Action.IMPORT_PEOPLE)}."
        )


KIND = Kind(
    name="people",
    title="People and posts",
    what="Who works where, in which job role and since when; several rows are several posts.",
    check=check,
    layouts=(Layout("people", COLUMNS, compare, write),),
    max_rows=100_000,
)
