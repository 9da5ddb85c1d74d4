"""What records and alerts have in common on their way in: services, times, words, people, accounts.

A word is read with the ECM profile that was in force for the service's setting at the time of the
record; one that profile does not know, with the profile in force now, or as somebody chose. A row
whose subject, section, record type or alert is still not known is kept aside, never dropped.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np

from surehand.ecm.profile import Field, Profile
from surehand.ecm.queries import ProfilesInTurn
from surehand.evidence import clock
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted
from surehand.evidence.rows import among, insert, keys, moment_value
from surehand.imports.json_lines import read_json
from surehand.imports.kind import Batch, Comparison
from surehand.imports.reading import MAX_CELL, MIB, shown
from surehand.imports.table import Line, folded
from surehand.people.access import Action, By, who_may
from surehand.people.accounts import Held, Owner, links_of, make_accounts, owner
from surehand.people.models import EcmAccountDetails
from surehand.people.people_file import Services, folded_id
from surehand.records import forgotten
from surehand.records.models import KeptAside, KnownWord, Subject
from surehand.records.sealed import Unreadable, pseudonym, seal, unseal
from surehand.timeline import instant, london_date
from surehand.ui.formats import moment, plural

Why = KeptAside.Why

FORMATS = ("csv", "xlsx", "ndjson", "parquet")
MOST_ROWS = 1_500_000
AFTER = (
    ("What is kept aside, and why", "kept-aside"),
    ("ECM accounts that are linked to nobody", "settings-of-accounts"),
)
MOST_BYTES = 800 * MIB

# Clocks of tablets and servers differ a little.
CLOCK_SKEW = timedelta(minutes=2)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# So many are named in a note; the rest are counted.
_NAMED = 8
# So many different words are counted one by one.
_COUNTED = 1_000


def check(by: By) -> None:
    """Raises NotPermitted unless `by` may bring in live records and alerts (R14)."""
    if not by.may_anywhere(Action.IMPORT_RECORDS):
        raise NotPermitted(
            f"You may not {Action.IMPORT_RECORDS.value}. It takes {who_may(Action.IMPORT_RECORDS)}."
        )


# --- Cells --------------------------------------------------------------------------------------

_UNSEEN = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def words(cell: str) -> str:
    """What was written, as it was written; only its line ends are made one kind."""
    if len(cell) > MAX_CELL:
        raise ValueError(f"The text is longer than {MAX_CELL:,} characters. Shorten it.")
    if cell.isprintable():
        return cell
    return cell.translate(_UNSEEN).replace("\r\n", "\n").replace("\r", "\n")


def json_object(cell: str) -> dict[str, Any]:
    """The structured fields of a record: a JSON object."""
    if len(cell) > MAX_CELL:
        raise ValueError(f"The fields are longer than {MAX_CELL:,} characters.")
    try:
        said = read_json(cell)
        if "\\u" in cell:  # half a letter is none
            json.dumps(said, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ValueError(f'“{shown(cell)}” is not a JSON object such as {{"mood": "settled"}}.')
    return said


# --- Words of the profile ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row belongs: codes of the profile; or why it is kept aside, and the word."""

    profile: str
    code: str = ""  # of the record type or alert
    section: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict)  # by code, and folded code and title
    why: str = ""
    said: str = ""


class Words:
    """The words of one profile, folded: by code, and by title where no code is the same."""

    def __init__(self, profile: Profile) -> None:
        self.profile = f"{profile.code} {profile.version}"
        self.types = _by_word(profile.record_types)
        self.sections = {word: one.code for word, one in _by_word(profile.sections).items()}
        alerts = (*profile.alert_types, *profile.monitoring_prompts)
        self.alerts = {word: one.code for word, one in _by_word(alerts).items()}


def _by_word(things: Iterable[Any]) -> dict[str, Any]:
    things = list(things)
    return {folded(one.title): one for one in reversed(things)} | {
        folded(one.code): one for one in things
    }


@dataclass
class Notes:
    """What there is to say about a whole file, counted as its rows pass."""

    aside: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)  # rows by account
    shared: Counter[str] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)  # fields and options not in the profile
    left_out: int = 0

    def sentences(self) -> list[str]:
        said = []
        if self.aside:
            said.append(
                f"{plural(self.aside.total(), 'row is', 'rows are')} kept aside, and not lost: "
                + _some(f"{why_aside(*key)}, {count}" for key, count in self.aside.most_common())
                + ". They come in once the ECM profile knows the word, or you say what it is."
            )
        if self.left_out:
            rows = plural(self.left_out, "row stays", "rows stay")
            said.append(f"{rows} left out, as somebody chose for good.")
        for counted, what in ((self.unknown, "not linked to anybody"), (self.shared, "shared")):
            if counted:
                named = (f"{shown(name)}, {n}" for name, n in counted.most_common())
                said.append(
                    f"{plural(counted.total(), 'row')} by "
                    f"{plural(len(counted), 'ECM account')} {what} then: {_some(named)}. "
                    "Nobody is guessed; an administrator links accounts to people under Settings."
                )
        if self.odd:
            named = (f"{word}, {count}" for word, count in self.odd.most_common())
            said.append(f"Fields the ECM profile does not know, kept as they came: {_some(named)}.")
        return said


def why_aside(why: str, said: str) -> str:
    """What is not known of a row, in a few words."""
    if why == Why.SUBJECT:
        return "nobody is said whom it is about"
    what = {Why.RECORD_TYPE: "record type", Why.SECTION: "section", Why.ALERT_TYPE: "alert"}
    return f"{what[Why(why)]} “{shown(said)}”"


def _some(named: Iterable[str]) -> str:
    every = list(named)
    more = len(every) - _NAMED
    return "; ".join(every[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def count(counter: Counter[Any], key: Any, rows: int = 1) -> None:
    if key in counter or len(counter) < _COUNTED:
        counter[key] += rows


# --- What a file needs to know -------------------------------------------------------------------


@dataclass
class KnownSubject:
    pk: int
    name: str
    seen: bool = False  # in this file


class Known:
    """What the batches of one file need of the database, and tell each other."""

    def __init__(self, batch: Batch) -> None:
        forgotten.finish()  # with the key of before, who was forgotten would come back
        self.services = Services(batch.by, Action.IMPORT_RECORDS)
        self.now = clock.now()
        self.profiles = ProfilesInTurn()
        self.turn_now = self.profiles.turn(self.now)
        self.chosen = {
            (of, said): means for of, said, means in KnownWord.objects.values_list(
                "of", "said", "means"
            )
        }  # fmt: skip
        self.accounts = {
            folded_id(reference): account
            for reference, account in EcmAccountDetails.objects.values_list(
                "reference", "account_id"
            )
        }
        self.links: dict[int, list[Held]] = links_of()
        self.linked = {said for said, account in self.accounts.items() if account in self.links}
        self.subjects = {
            pseudonym: KnownSubject(pk, _name(name))
            for pk, pseudonym, name in Subject.objects.values_list("pk", "pseudonym", "name")
        }
        self.notes = Notes()
        self.said = SaidBefore()
        self.set_aside = SaidBefore()
        self.named: set[str] = set()  # subjects the file gave a name
        self._found: dict[str, tuple[int | None, str]] = {}
        self._pseudonyms: dict[tuple[int, str], str] = {}
        self._whose: dict[tuple[str, int, int], Owner] = {}
        self._words: dict[str, Words] = {}
        self._places: dict[tuple[Any, ...], Place] = {}
        self._fields: dict[tuple[int, int], tuple[dict[str, Any], Place, str, list[str]]] = {}

    @classmethod
    def of(cls, batch: Batch) -> "Known":
        if "known" not in batch.shared:
            batch.shared["known"] = cls(batch)
        known: Known = batch.shared["known"]
        return known

    def service(self, said: str) -> tuple[int | None, str]:
        """A service's id, or None and the sentence that says why not."""
        if said not in self._found:
            if len(self._found) > 10_000:  # a file of nonsense
                self._found.clear()
            self._found[said] = self.services.find(said)
        return self._found[said]

    def pseudonym(self, service: int, subject_id: str) -> str:
        key = service, subject_id
        if key not in self._pseudonyms:
            self._pseudonyms[key] = pseudonym(subject_id, service=self.services.codes[service])
        return self._pseudonyms[key]

    def fields(
        self,
        said: dict[str, Any] | None,
        place: Place,
        read: Callable[[dict[str, Any], Place], tuple[str, list[str]]],
    ) -> str:
        """Structured fields as JSON, and what is odd in them counted. Cells that say the same are
        one object (`table.read_lines`), so that each is read once for a place."""
        if not said:
            return "{}"
        key = id(said), id(place)
        if key not in self._fields:
            if len(self._fields) >= 5_000:
                self._fields.clear()
            self._fields[key] = (said, place, *read(said, place))  # both kept: an id is reused
        text, odd = self._fields[key][2:]
        for word in odd:
            count(self.notes.odd, word)
        return text

    def note_account(self, reference: str, at: datetime) -> None:
        """Count a row by an account that is shared, or nobody's we know, at that time."""
        key = reference, at.toordinal(), at.hour  # in an hour the day does not change in London
        whose = self._whose.get(key)
        if whose is None:
            links = self.links.get(self.accounts.get(folded_id(reference), 0))
            whose = owner(links, on=london_date(instant(at))) if links else "unknown"
            if len(self._whose) > 100_000:
                self._whose.clear()
            self._whose[key] = whose
        if whose == "unknown":
            count(self.notes.unknown, reference)
        elif whose == "shared":
            count(self.notes.shared, reference)

    def place(self, service: int, at: datetime, find: Callable[..., Place],
              *said: str) -> Place:  # fmt: skip
        """Where a row belongs, by the profile of its time, or else by the one of now."""
        turn = self.profiles.turn(at)
        key = (service, turn, find, *said)
        if key not in self._places:
            setting = self.services.settings[service]
            if len(self._places) > 100_000:  # a file of nonsense
                self._places.clear()
            place = find(self, self._words_of(turn, setting), *said)
            if place.why and place.why != Why.SUBJECT and turn != self.turn_now:
                now = find(self, self._words_of(self.turn_now, setting), *said)
                place = place if now.why else now
            self._places[key] = place
        return self._places[key]

    def _words_of(self, turn: int, setting: str) -> Words:
        profile = self.profiles.of(turn, setting)
        name = f"{profile.code} {profile.version}"
        if name not in self._words:
            self._words[name] = Words(profile)
        return self._words[name]

    def found(self, of: str, word: str, codes: Mapping[str, Any]) -> Any:
        """What a word stands for among the words of a profile; None where nobody knows."""
        said = fold(word)
        if said in codes:
            return codes[said]
        return codes.get(folded(self.chosen.get((of, said), "")))


def fold(word: str) -> str:
    """A word as compared, of at most 80 characters."""
    return (folded(word) or word.casefold())[:80]


_SAID = np.dtype([("version", np.int32), ("service", np.int32), ("digest", np.int64)])


class SaidBefore:
    """What earlier batches of a file said of each record: versions, where, and what they say.

    Nothing of it is in the database while a file is only looked at. Three words of memory a row,
    sorted in runs that double, so that a million rows take some 25 MiB.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[Any, Any]] = []

    def add(self, rows: Sequence[tuple[str, int, int, bytes]]) -> None:
        """Take in the next rows: record, version, service, digest (its first 8 bytes count)."""
        if not rows:
            return
        ids = np.fromiter((hash(row[0]) for row in rows), np.int64, len(rows))
        said = np.empty(len(rows), _SAID)
        said["version"] = [row[1] for row in rows]
        said["service"] = [row[2] for row in rows]
        said["digest"] = [int.from_bytes(row[3][:8], "big", signed=True) for row in rows]
        while self._runs and len(self._runs[-1][0]) <= len(ids):
            run = self._runs.pop()
            ids, said = np.concatenate([run[0], ids]), np.concatenate([run[1], said])
        order = np.argsort(ids, kind="stable")
        self._runs.append((ids[order], said[order]))

    def of(self, records: Iterable[str]) -> dict[str, list[tuple[int, int, bytes]]]:
        """Version, service and digest of each row of those of these records said before."""
        found: dict[str, list[tuple[int, int, bytes]]] = {}
        if not self._runs:
            return found
        each = list(dict.fromkeys(records))
        wanted = np.fromiter((hash(record) for record in each), np.int64, len(each))
        for ids, said in self._runs:
            first = np.searchsorted(ids, wanted)
            there = np.flatnonzero(ids[np.minimum(first, len(ids) - 1)] == wanted)
            for n in there.tolist():
                at = int(first[n])
                while at < len(ids) and ids[at] == wanted[n]:
                    version, service, digest = said[at].tolist()
                    own = found.setdefault(each[n], [])
                    own.append((version, service, digest.to_bytes(8, "big", signed=True)))
                    at += 1
        return found


# --- What a row would write ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Aside:
    """A row to be kept aside."""

    line: Line
    row_id: str
    version: int
    service: int
    why: str
    said: str
    digest: bytes


@dataclass
class Change:
    """What records and alerts write alike; each kind adds its own rows."""

    subjects: dict[str, int] = field(default_factory=dict)  # new: pseudonym → service
    seen: set[str] = field(default_factory=set)  # pseudonyms
    names: dict[str, str] = field(default_factory=dict)  # new or other names, by pseudonym
    accounts: dict[str, str] = field(default_factory=dict)  # new: folded → as written
    aside: dict[tuple[str, int], Aside] = field(default_factory=dict)  # by id and version
    passed: list[Aside] = field(default_factory=list)  # a later row of the file stands for them
    closed: list[int] = field(default_factory=list)  # rows no longer kept aside
    not_known: dict[int, str] = field(default_factory=dict)  # why, by the row of the file
    columns: tuple[str, ...] = ()


def times_wrong(said: Mapping[str, Any], columns: Iterable[str], known: Known) -> str | None:
    """The column whose time cannot be right."""
    latest = known.now + CLOCK_SKEW
    for column in columns:
        at = said.get(column)
        if at is not None and not EARLIEST <= at <= latest:
            return column
    return None


def refuse_time(result: Comparison, line: Line, column: str) -> None:
    at = line.values[column]
    if at < EARLIEST:
        result.refuse(line, column, f"{moment(at)} is before 2000, which cannot be right.")
    else:
        result.refuse(line, column, f"{moment(at)} is still to come. Correct the time.")


@dataclass(slots=True)
class WasAside:
    """What was kept aside of one row: the key of what still is, all that it ever said (8 bytes of
    each digest), what of it is left out for good, and where it is now, 0 for nowhere."""

    open: int = 0
    said: set[bytes] = field(default_factory=set)
    left_out: set[bytes] = field(default_factory=set)
    service: int = 0


def kept_aside(kind: str, ids: Sequence[str], known: Known) -> dict[tuple[str, int], WasAside]:
    """What is or was kept aside of rows with these ids, by id and version; here and in earlier
    batches of the file."""
    found: dict[tuple[str, int], WasAside] = {}
    done: dict[int, list[tuple[WasAside, bytes]]] = {}
    columns = ("id", "row_id", "version", "digest", "done_by", "service_id", "import_kind")
    for pk, row_id, version, digest, done_by, service, of in among(KeptAside, columns, 1, ids):
        if of != kind:
            continue
        row = found.setdefault((row_id, version), WasAside())
        row.said.add(bytes(digest)[:8])
        if done_by is None:
            row.open, row.service = pk, service
        else:
            done.setdefault(done_by, []).append((row, bytes(digest)))
    if done:
        for seq in Entry.objects.filter(seq__in=list(done), kind=LEFT_OUT).values_list(
            "seq", flat=True
        ):
            for row, digest in done[seq]:
                row.left_out.add(digest)
    for row_id, rows in known.set_aside.of(ids).items():
        for version, service, digest in rows:
            row = found.setdefault((row_id, version), WasAside())
            row.service = service
            row.said.add(digest)
    return found


def remember_aside(change: "Change", known: Known) -> None:
    """What later batches of the file need to know of the rows kept aside in this one."""
    rows = (*change.aside.values(), *change.passed)
    known.set_aside.add([(row.row_id, row.version, row.service, row.digest) for row in rows])


LEFT_OUT = "kept_aside.left_out"
"""The kind of entry by which rows kept aside are left out for good."""


def about_aside(change: "Change", known: Known) -> dict[int, str]:
    """Whom the rows kept aside are about, by their row of the file."""
    return {
        one.line.row: known.pseudonym(one.service, said)
        for one in change.aside.values()
        if (said := one.line.values["subject_id"])
    }


ELSEWHERE = (
    "This id is known at another service, and whoever may bring in for one must not change what "
    "another wrote. Where two services number alike, put the service’s id before the number."
)


def homes_aside(there: Mapping[tuple[str, int], WasAside]) -> dict[str, int]:
    """At which service each id is kept aside now."""
    return {row_id: was.service for (row_id, _), was in there.items() if was.service}


def set_aside(
    result: Comparison, row: Aside, there: dict[tuple[str, int], WasAside], notes: Notes
) -> None:
    """Sort a row that cannot be used yet among the added, changed and unchanged."""
    change: Change = result.change
    count(notes.aside, (row.why, row.said))
    change.not_known[row.line.row] = why_aside(row.why, row.said)
    key = row.row_id, row.version
    was = there.get(key)
    if was and row.digest[:8] in was.said:
        result.unchanged.append(row.line)
        return
    (result.changed if was else result.added).append(row.line)
    take_from_aside(change, key, there)
    there.setdefault(key, WasAside()).said.add(row.digest[:8])
    change.aside[key] = row


def stays_out(
    result: Comparison, line: Line, was: WasAside | None, digests: Iterable[bytes], notes: Notes
) -> bool:
    """Whether somebody left this row out for good: it says what it said then, by one of the
    `digests` that it had while its words were not known. It is then unchanged."""
    if was is None or not was.left_out or was.left_out.isdisjoint(digests):
        return False
    notes.left_out += 1
    result.unchanged.append(line)
    return True


def take_from_aside(
    change: Change, key: tuple[str, int], there: Mapping[tuple[str, int], WasAside]
) -> None:
    """A row is no longer kept aside as it was; one that a later row of the file stands for is
    remembered, so that the same file changes nothing."""
    if row := change.aside.pop(key, None):
        change.passed.append(row)
    if key in there and there[key].open:
        change.closed.append(there[key].open)
        there[key].open = 0


def note_subject(change: Change, known: Known, pseudonym: str, service: int, name: str) -> bool:
    """Take in whom a row is about; answers whether the file gives them another name. The first
    name a file gives is the one that counts."""
    change.seen.add(pseudonym)
    subject = known.subjects.get(pseudonym)
    if subject is None:
        change.subjects[pseudonym] = service
    if not name or pseudonym in known.named:
        return False
    known.named.add(pseudonym)
    if subject and subject.name == name:
        return False
    change.names[pseudonym] = name
    return True


def meet_account(change: Change, known: Known, reference: str) -> None:
    """Take in who wrote; an account never heard of is made, and linked to nobody (R17)."""
    if (key := folded_id(reference)) not in known.accounts:
        change.accounts.setdefault(key, reference)


def write_people(act: Any, change: Change, known: Known) -> None:
    """The accounts and subjects that the rows of a batch need."""
    known.accounts |= make_accounts(act, change.accounts)
    at = moment_value(act.recorded_at)
    new = dict(zip(change.subjects, keys(Subject, len(change.subjects)), strict=True))
    insert(
        Subject,
        ("id", "pseudonym", "service_id", "name", "seen_at"),
        (
            (pk, whose, change.subjects[whose], _sealed(change.names.pop(whose, "")), at)
            for whose, pk in new.items()
        ),
    )
    for whose, pk in new.items():
        known.subjects[whose] = KnownSubject(pk, "", seen=True)
    renamed = {known.subjects[whose].pk: name for whose, name in change.names.items()}
    Subject.objects.bulk_update(
        [Subject(pk=pk, name=_sealed(name)) for pk, name in renamed.items()],
        ["name"],
        batch_size=500,
    )
    for whose, name in change.names.items():
        known.subjects[whose].name = name
    again = [one for one in (known.subjects[whose] for whose in change.seen) if not one.seen]
    Subject.objects.filter(pk__in=[one.pk for one in again]).update(seen_at=act.recorded_at)
    for one in again:
        one.seen = True


def _name(content: bytes | memoryview) -> str:
    """A sealed name; empty where there is none, or where its key was erased."""
    try:
        return unseal(content) if content else ""
    except Unreadable:
        return ""


def _sealed(name: str) -> bytes:
    return seal(name) if name else b""


def _row_sealed(change: Change, row: Aside) -> bytes:
    return seal(json.dumps(dict(zip(change.columns, row.line.text, strict=True))))


def write_aside(act: Any, kind: str, change: Change) -> None:
    """Rows kept aside, and those that no longer are."""
    if change.closed:
        KeptAside.objects.filter(pk__in=change.closed).update(done_by=act.seq, content=b"")
    insert(
        KeptAside,
        (
            *("import_kind", "row_id", "version", "service_id", "why", "said", "content"),
            *("digest", "set_aside_at", "entry", "done_by"),
        ),
        (
            (
                *(kind, row.row_id, row.version, row.service, row.why, row.said, content),
                *(row.digest, moment_value(act.recorded_at), act.seq, done_by),
            )
            for row, content, done_by in chain(
                ((row, _row_sealed(change, row), None) for row in change.aside.values()),
                ((row, b"", act.seq) for row in change.passed),
            )
        ),
    )
