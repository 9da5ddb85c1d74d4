"""Erasing a person: name, sign-in, texts and files go; facts, entries, tree and proof stay whole.

What is erased where is said by each table itself (`evidence/keeping.py`). Afterwards the database's
own files are cleaned, and the pseudonym is written into a list outside the database, so that a
restored copy forgets them again (`reapply`).
"""

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, models, transaction
from django_tasks import task

from surehand import evidence
from surehand.evidence import SYSTEM, Actor, keeping
from surehand.evidence.keeping import Whom
from surehand.evidence.kinds import Words
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.governance.models import Erasure
from surehand.people.access import Action, By, check_may
from surehand.people.models import AccessEnd, AccessGrant, Identity, Person, Post, SignIn
from surehand.people.queries import same_human, terms_of
from surehand.records.models import LiveRecord, RaisedAlert, Subject
from surehand.timeline import instant, london_date

NOTHING_LEFT = "Nothing about this person is left to erase."


class AskedBy(models.TextChoices):
    PERSON = "person", "The person themself"
    REPRESENTATIVE = "representative", "Somebody who may speak for them"
    AUTHORITY = "authority", "A court or the data protection authority"
    PROVIDER = "provider", "Our own organisation"


class Why(models.TextChoices):
    ASKED = "asked", "They asked to be forgotten"
    LEFT = "left", "They left, and the time we keep names is over"
    MISTAKE = "mistake", "They should never have been recorded here"
    ORDERED = "ordered", "We were ordered to"


@dataclass(frozen=True)
class Found:
    """How many rows of one sort hold something about a person."""

    what: str
    count: int


def whom(person: Person) -> Whom:
    """Everything by which one human is known here: all records that are them (R14)."""
    people = same_human(person.pk)
    called: set[str] = set()
    for row in Identity.objects.filter(person__in=people):
        called |= {row.name, row.reference, row.email}
    called |= set(SignIn.objects.filter(person__in=people).values_list("email", flat=True))
    return Whom(
        people=people,
        pseudonyms=frozenset(
            Person.objects.filter(pk__in=people).values_list("pseudonym", flat=True)
        ),
        called=tuple(sorted(text for text in called if text)),
    )


def would_erase(about: Whom) -> list[Found]:
    """What would be erased, in words, table by table."""
    found = [
        Found(personal.what, personal.find(model, about).count())
        for model, personal in keeping.holding()
    ]
    mentions = sum(len(rows) for _, rows in _mentions(about))
    found.append(Found("Their name in texts about others", mentions))
    return [each for each in found if each.count]


def _mentions(about: Whom) -> Iterable[tuple[type[Words], list[Words]]]:
    """The texts about others in which they are named, table by table."""
    for model, personal in keeping.holding():
        if issubclass(model, Words):
            own = set(personal.find(model, about).values_list("pk", flat=True))
            rows = model._default_manager.iterator(chunk_size=2000)
            yield model, [row for row in rows if row.pk not in own and about.in_text(row.text)]


def check_may_erase(*, by: By, person: Person, although_here: bool = False) -> None:
    """An administrator, never of oneself; nobody with a post, unless that is said. Raises
    NotPermitted or NotPossible."""
    check_may(by, Action.SETTINGS, service=None)
    if by.is_self(person.pk):
        raise NotPermitted("Nobody erases themself. Ask another administrator.")
    if not would_erase(whom(person)):
        raise NotPossible(NOTHING_LEFT)
    if not although_here and has_post(person):
        raise NotPossible(
            f"{person} has a post now or to come. End it first, or say that they are to be erased "
            "although they work here."
        )


def has_post(person: Person) -> bool:
    """Whether any record of this human has a post that has not ended."""
    today = london_date(instant(evidence.clock.now()))
    posts = Post.objects.filter(person__in=same_human(person.pk))
    terms = terms_of([post.pk for post in posts])
    return any(
        post.pk not in terms or (end := terms[post.pk].end_date) is None or end >= today
        for post in posts
    )


def erase(
    *, by: By, person: Person, asked_by: str, why: str, although_here: bool = False
) -> list[Found]:
    """Erase who somebody is and what was written about them; answers what was erased.

    The ledger gets an entry with the pseudonym, who asked and why, as codes. The database's own
    files are cleaned afterwards: `clean`. Raises NotPermitted or NotPossible.
    """
    check_may_erase(by=by, person=person, although_here=although_here)
    return _erase(
        person, by=by.actor, state={"asked_by": AskedBy(asked_by).value, "why": Why(why).value}
    )


def _erase(person: Person, *, by: Actor, state: dict[str, Any]) -> list[Found]:
    with evidence.act("person.erased", by=by) as act:
        about = whom(person)
        found = forget(about, act, state, named=f"Erased person {person.pseudonym[:6]}")
        for grant in AccessGrant.objects.filter(person__in=about.people, end__isnull=True):
            act.record(AccessEnd(grant=grant))
        act.about(*about.pseudonyms)
    return found


# What names them goes last, and with it what hangs on it: it is what the others are found by.
_LAST = (LiveRecord, RaisedAlert, Subject, Identity, SignIn)


def forget(about: Whom, act: evidence.Act, state: Mapping[str, Any], *, named: str) -> list[Found]:
    """Erase all that finds somebody, in an act that then says how much of what it was; their
    pseudonyms go on the list outside the database. `named` is what stands for their name in texts
    about others. Raises NotPossible where nothing is left."""
    found, touched = [], set()
    for words, rows in _mentions(about):
        for row in rows:
            # The salt goes as well: with it, the name could be guessed back into the text.
            assert about.marks is not None
            row.text = about.marks.sub(named, row.text)
            row.salt = b""
            row.save(update_fields=["text", "salt"])
        if rows:
            found.append(Found("Their name in texts about others", len(rows)))
            touched.add(words._meta.db_table)
    order = {model: place for place, model in enumerate(_LAST, 1)}
    for model, personal in sorted(keeping.holding(), key=lambda held: order.get(held[0], 0)):
        if count := personal.erase(personal.find(model, about)):
            found.append(Found(personal.what, count))
            touched |= keeping.tables_of(model)
    if not found:
        raise NotPossible(NOTHING_LEFT)
    act.state(**state, erased=_counted(found))
    for pseudonym in about.pseudonyms:
        Erasure.objects.update_or_create(
            pseudonym=pseudonym,
            defaults={
                "entry": act.seq,
                "tables": sorted(touched),
                "transaction": _transaction(),
                "cleaned_at": None,
            },
        )
    transaction.on_commit(lambda: remember(about.pseudonyms))
    return found


def clean_afterwards(act: evidence.Act, models_: Collection[type[models.Model]]) -> None:
    """Have `clean` take what this act deleted from these tables out of the database's files."""
    Erasure.objects.create(
        entry=act.seq,
        tables=sorted({table for model in models_ for table in keeping.tables_of(model)}),
        transaction=_transaction(),
    )


def _counted(found: Iterable[Found]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in found:
        counts[each.what] = counts.get(each.what, 0) + each.count
    return counts


# --- The list outside the database ----------------------------------------------------------------


def listed() -> list[str]:
    """The pseudonyms in the list outside the database, in the order of erasing."""
    path: Path = settings.ERASURES
    return path.read_text().split() if path.exists() else []


def remember(pseudonyms: Collection[str]) -> None:
    """Write pseudonyms into the list outside the database, on disk, once each."""
    new = sorted(set(pseudonyms) - set(listed()))
    if not new:
        return
    path: Path = settings.ERASURES
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
        file.write("".join(f"{pseudonym}\n" for pseudonym in new))
        file.flush()
        os.fsync(file.fileno())


def reapply(pseudonyms: Collection[str] | None = None) -> int:
    """Erase again whoever was erased after the copy was made that has just been restored.

    For `surehand restore`, after the copy is in its place and before anybody signs in. Without
    `pseudonyms`, those in the list outside the database. Answers how many were erased again.
    """
    again = 0
    wanted = listed() if pseudonyms is None else pseudonyms
    for person in Person.objects.filter(pseudonym__in=wanted).order_by("pk"):
        if would_erase(whom(person)):
            _erase(person, by=SYSTEM, state={"asked_by": "provider", "why": "restored"})
            again += 1
    return again


# --- The bytes ------------------------------------------------------------------------------------

# Larger databases are cleaned in the background.
AT_ONCE = 64 * 1024 * 1024


@task()
def clean_later() -> None:
    """Clean the database's files, by a worker."""
    clean()


def clean_soon() -> bool:
    """Clean the database's files now where that is quick, else in the background; whether it is
    done. `surehand due` does what no worker has done."""
    if _size() <= AT_ONCE:
        return clean()
    clean_later.enqueue()
    return False


def _size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            return int(pages * cursor.execute("PRAGMA page_size").fetchone()[0])
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def clean() -> bool:
    """Take the bytes of what was erased out of the database's own files; whether they are gone.

    SQLite: the file is written anew and the write-ahead log emptied. PostgreSQL: the tables touched
    are written anew, where the role owns them and once nobody can still be reading what was erased;
    its write-ahead log, archives and copies are beyond reach from here. False where there is
    nothing to clean or not everything could be.
    """
    waiting = list(Erasure.objects.filter(cleaned_at__isnull=True))
    if not waiting or connection.in_atomic_block:
        return False
    tables = sorted({table for row in waiting for table in row.tables})
    after = max(row.transaction or 0 for row in waiting)
    try:
        if connection.vendor == "sqlite":
            gone = _clean_sqlite()
        else:
            gone = _nobody_reads(after) and _clean_postgresql(tables)
    except OperationalError:  # somebody is writing, and goes on: next time
        return False
    if gone:
        done = Erasure.objects.filter(pk__in=[row.pk for row in waiting])
        done.filter(pseudonym__isnull=True).delete()
        done.update(cleaned_at=evidence.clock.now())
    return gone


def _clean_sqlite() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _transaction() -> int | None:
    """PostgreSQL's number of the transaction under way."""
    if connection.vendor == "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def _nobody_reads(transaction: int) -> bool:
    """Whether every transaction that could still see what this one erased has ended: until then
    PostgreSQL keeps it, also in a table written anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %(own)s < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            " AND coalesce((SELECT max(age(held)) FROM ("
            "  SELECT backend_xmin AS held FROM pg_stat_activity"
            "   WHERE pid <> pg_backend_pid() AND datname = current_database()"
            "  UNION ALL SELECT xmin FROM pg_replication_slots"
            " ) AS holders WHERE held IS NOT NULL), 0)"
            " < pg_snapshot_xmax(pg_current_snapshot())::text::bigint - %(own)s",
            {"own": transaction},
        )
        return bool(cursor.fetchone()[0])


def _clean_postgresql(tables: Collection[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace"
            " AND pg_has_role(relowner, 'USAGE')",
            [list(tables)],
        )
        owned = sorted(row[0] for row in cursor.fetchall())
        for table in owned:
            cursor.execute(f"VACUUM (FULL) {connection.ops.quote_name(table)}")
    return set(owned) == set(tables)


# --- Leavers --------------------------------------------------------------------------------------


def leavers(*, years: int) -> list[Person]:
    """People whose name is still held and whose last post ended more than `years` years ago, and
    who hold no access."""
    today = london_date(instant(evidence.clock.now()))
    latest = today - timedelta(days=round(years * 365.25))
    terms = terms_of()
    last: dict[int, bool] = {}
    for post in Post.objects.all():
        end = terms[post.pk].end_date if post.pk in terms else None
        last[post.person_id] = last.get(post.person_id, True) and end is not None and end < latest
    gone = {person for person, left in last.items() if left}
    gone -= set(AccessGrant.objects.filter(end__isnull=True).values_list("person_id", flat=True))
    named = Person.objects.filter(pk__in=gone, identity__isnull=False).order_by("pk")
    return [p for p in named if not _works_elsewhere(p, gone)]


def _works_elsewhere(person: Person, gone: Collection[int]) -> bool:
    """Whether another record of the same human has not left."""
    return bool(same_human(person.pk) - set(gone))


def erase_leavers(*, years: int) -> int:
    """Erase everybody who left more than `years` years ago; how many."""
    done = 0
    for person in leavers(years=years):
        # Another record of the same human, or another scheduler, may have been first.
        with suppress(NotPossible):
            _erase(person, by=SYSTEM, state={"asked_by": "provider", "why": "left"})
            done += 1
    return done


def catch_up() -> None:
    """Bring the list outside the database up to the ledger: a crash may have come in between."""
    known = Erasure.objects.exclude(pseudonym=None).values_list("pseudonym", flat=True)
    remember([pseudonym for pseudonym in known if pseudonym])


def erased_entry(person: Person) -> Entry | None:
    """The entry that says this person was erased, if they were."""
    row = Erasure.objects.filter(pseudonym=person.pseudonym).first()
    return Entry.objects.filter(seq=row.entry).first() if row else None
