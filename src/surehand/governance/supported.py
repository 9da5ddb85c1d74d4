"""People supported, in whose records staff write: what is held about them, and how it is forgotten.

They are known here by a pseudonym alone, made of their id in the ECM system with a key outside the
database. One of them is found by that id; all of them are forgotten by replacing the key.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min, Q

from surehand import evidence
from surehand.evidence import SYSTEM, Actor
from surehand.evidence.keeping import Whom, delete_many
from surehand.evidence.models import Entry
from surehand.evidence.queries import entry
from surehand.evidence.refusal import NotPossible
from surehand.governance import erasing, retention
from surehand.governance.erasing import AskedBy, Found, Why
from surehand.governance.models import Erasure
from surehand.people.access import Action, By, check_may
from surehand.people.models import Service
from surehand.records import keeping, sealed
from surehand.records.models import KeptAside, LiveRecord, RaisedAlert, RecordText, Subject
from surehand.records.versions import FORGOTTEN

FORGET = "subjects.forgotten"
# Stands before a key's fingerprint in the list outside the database.
_MARK = "subjects-"
NAMED = "Somebody supported"


@dataclass(frozen=True)
class Counts:
    """How much is held about people supported just now."""

    people: int
    named: int
    records: int
    texts: int
    flagged: int
    asked: int  # texts that an action keeps longer
    alerts: int
    aside: int
    oldest: datetime | None  # of the texts, when it came in


def counts() -> Counts:
    """Six statements, however much it is."""
    people = Subject.objects.aggregate(all=Count("pk"), named=Count("pk", ~Q(name=b"")))
    now = evidence.clock.now()
    texts = RecordText.objects.aggregate(
        all=Count("pk"),
        asked=Count("pk", Q(keep_until__gt=now)),
        first=Min("record__entry"),
    )
    oldest = Entry.objects.filter(seq=texts["first"] or 0).aggregate(Max("recorded_at"))
    return Counts(
        people=people["all"],
        named=people["named"],
        records=LiveRecord.objects.count(),
        texts=texts["all"],
        flagged=RecordText.objects.filter(keeping.flagged()).count(),
        asked=texts["asked"],
        alerts=RaisedAlert.objects.count(),
        aside=KeptAside.objects.filter(done_by__isnull=True).count(),
        oldest=oldest["recorded_at__max"],
    )


def next_emptying(rules: list[retention.Rule]) -> datetime | None:
    """When the oldest text that nothing keeps longer is old enough to go; None: there is none."""
    days = next(rule.days for rule in rules if rule.name == "records.RecordText")
    plain = RecordText.objects.exclude(keeping.flagged()).filter(
        Q(keep_until__isnull=True) | Q(keep_until__lte=evidence.clock.now())
    )
    first = plain.aggregate(Min("record__entry"))["record__entry__min"]
    came_in = Entry.objects.filter(seq=first or 0).values_list("recorded_at", flat=True).first()
    return came_in + timedelta(days=days) if came_in else None


# --- One of them ----------------------------------------------------------------------------------


def whom(service: Service, subject_id: str) -> Whom:
    """Somebody supported at a service, by their id in the ECM system."""
    pseudonym = sealed.pseudonym(subject_id, service=service.code)
    subject = Subject.objects.filter(pseudonym=pseudonym).first()
    try:
        name = sealed.unseal(subject.name) if subject and subject.name else ""
    except sealed.Unreadable:
        name = ""
    return Whom(people=frozenset(), pseudonyms=frozenset({pseudonym}), called=(name,))


def erase_supported(
    *, by: By, service: Service, subject_id: str, asked_by: str, why: str
) -> list[Found]:
    """Erase what is held about somebody supported: their records with what they say and what was
    noticed, alerts, name and pseudonym; answers what was erased.

    The entry says how many rows of what, who asked and why, and not whom. Raises NotPermitted or
    NotPossible.
    """
    check_may(by, Action.SETTINGS, service=None)
    about = whom(service, subject_id)
    state = {"asked_by": AskedBy(asked_by).value, "why": Why(why).value}
    return _erase(about, by=by.actor, state=state)


def _erase(about: Whom, *, by: Actor, state: dict[str, str]) -> list[Found]:
    with evidence.act("supported.erased", by=by) as act:
        return erasing.forget(about, act, state, named=NAMED)


# --- All of them ----------------------------------------------------------------------------------


def check_may_forget(*, by: By) -> None:
    """An administrator, where there is somebody to forget. Raises NotPermitted or NotPossible."""
    check_may(by, Action.SETTINGS, service=None)
    if not Subject.objects.exists():
        raise NotPossible("No live record is about anybody, so there is nobody to forget.")


def forget_whom(*, by: By, words: bool) -> None:
    """Forget whom the records held now are about: the key of their pseudonyms is replaced, and
    their names go. With `words`, what the records say goes too, and the rows kept aside.

    From then on no id of the ECM system leads to a pseudonym of before, and a row of a record held
    now is taken for known. Raises NotPermitted or NotPossible.
    """
    check_may_forget(by=by)
    made = sealed.next_subjects_key()
    _forget(by=by.actor, made=made, words=words, why="asked")


def _forget(*, by: Actor, made: str, words: bool, why: str) -> None:
    with evidence.act(FORGET, by=by) as act:
        named = Subject.objects.exclude(name=b"").update(name=b"")
        state = {
            "people": Subject.objects.count(),
            "names": named,
            "records": LiveRecord.objects.update(digest=FORGOTTEN),
            "alerts": RaisedAlert.objects.update(digest=FORGOTTEN),
        }
        if words:
            state["texts"] = delete_many(RecordText.objects.all())
            state["aside"] = delete_many(KeptAside.objects.all())
        act.state(key=made, why=why, erased=state)
        tables = {Subject, LiveRecord, RaisedAlert, RecordText, KeptAside}
        erasing.clean_afterwards(act, tables)
        transaction.on_commit(lambda: erasing.remember([f"{_MARK}{made}"]))
        transaction.on_commit(lambda: sealed.change_subjects_key(made))


def catch_up() -> None:
    """Put the new key in its place where a crash came between the entry and the file."""
    if made := _keys_made():
        sealed.change_subjects_key(made[-1])


def _keys_made() -> list[str]:
    """The fingerprints of the keys that took the place of another, in order."""
    entries = Entry.objects.filter(kind=FORGET).order_by("seq").values_list("seq", flat=True)
    found = []
    for seq in entries:
        said = entry(seq=seq)
        found.append(str(said["state"]["key"]) if said else "")
    return found


def reapply() -> int:
    """Forget again, after a copy made before was restored, whoever was erased or forgotten since;
    how often. The key that is here stays."""
    again = 0
    listed = erasing.listed()
    gone = set(listed) - set(
        Erasure.objects.exclude(pseudonym=None).values_list("pseudonym", flat=True)
    )
    for pseudonym in Subject.objects.filter(pseudonym__in=gone).values_list("pseudonym", flat=True):
        about = Whom(people=frozenset(), pseudonyms=frozenset({pseudonym}), called=())
        _erase(about, by=SYSTEM, state={"asked_by": "provider", "why": "restored"})
        again += 1
    keys = [token.removeprefix(_MARK) for token in listed if token.startswith(_MARK)]
    if keys and keys[-1] not in _keys_made() and Subject.objects.exists():
        _forget(by=SYSTEM, made=keys[-1], words=False, why="restored")
        again += 1
    return again


# --- The keys -------------------------------------------------------------------------------------


def checks() -> list[tuple[str, bool, str]]:
    """What `doctor` says of the keys: name, whether all is well, and a sentence."""
    found = [_words_key(), _subjects_key()]
    if settings.IMPORTS_KEY.exists() and (problem := _open_to_others(settings.IMPORTS_KEY)):
        found.append(("key of files that wait", False, problem))
    return found


def _words_key() -> tuple[str, bool, str]:
    name, path = "records key", settings.RECORDS_KEY
    newest = [
        *RecordText.objects.order_by("-pk").values_list("content", flat=True)[:1],
        *KeptAside.objects.order_by("-pk").values_list("content", flat=True)[:1],
        *Subject.objects.exclude(name=b"").order_by("-pk").values_list("name", flat=True)[:1],
    ]
    if not path.exists():
        lost = f"{path} is not there: what live records say cannot be read. Put it back."
        return name, not newest, lost if newest else "It will be made with the first records."
    if problem := _open_to_others(path):
        return name, False, problem
    for content in newest:
        try:
            sealed.unseal(content)
        except sealed.Unreadable:
            return (
                name,
                False,
                f"{path} is another key than the one that sealed what live records say: it cannot "
                "be read. Put back the key that belongs to this database.",
            )
    return name, True, "It opens what is sealed, and its owner alone can read it."


def _subjects_key() -> tuple[str, bool, str]:
    name, path = "key of the pseudonyms", settings.SUBJECTS_KEY
    held = Subject.objects.exists()
    if not path.exists():
        lost = (
            f"{path} is not there: records of the same people would come in under new pseudonyms. "
            "Put it back."
        )
        return name, not held, lost if held else "It will be made with the first records."
    if problem := _open_to_others(path):
        return name, False, problem
    made = _keys_made()
    if made and sealed.fingerprint(path) != made[-1]:
        return (
            name,
            False,
            f"{path} is not the key that the last forgetting left. Put that one back, or forget "
            "again whom the records are about.",
        )
    return name, True, "Its owner alone can read it."


def _open_to_others(path: "os.PathLike[str]") -> str:
    mode = os.stat(path).st_mode & 0o777
    return f"{path} can be read by others (mode {mode:o}); make it 600." if mode & 0o077 else ""
