"""What the page of one entry shows: what it says, its story, what it promised, and its proof."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from surehand.audits.blind import hidden_entries
from surehand.evidence import keeping, proof, queries, verify
from surehand.evidence.actions import signer
from surehand.evidence.models import Checkpoint, Entry
from surehand.governance import explorer, story
from surehand.imports.models import RowCommitment
from surehand.people.access import Action, By
from surehand.people.models import Person
from surehand.ui.formats import moment, number, plural
from surehand.ui.page import Link

SIGNED_IN = {
    "password": "With a password alone",
    "password+code": "With a password and a code from an app",
    "password+passkey": "With a password and a passkey",
    "password+recovery code": "With a password and a recovery code",
    "passkey": "With a passkey",
    "oidc": "With the organisation’s own sign-in",
    "oidc+mfa": "With the organisation’s own sign-in and its second factor",
    "oidc+code": "With the organisation’s own sign-in and a code from an app",
    "oidc+passkey": "With the organisation’s own sign-in and a passkey",
    "oidc+recovery code": "With the organisation’s own sign-in and a recovery code",
    "link": "With a one-time link to set a password",
    "demo": "Chosen in the demonstration, without a password",
    "command line": "At the command line of the server",
    "token": "With the token of another program",
    "system": "Not at all: Surehand did it by itself",
}


@dataclass(frozen=True)
class Told:
    """One entry of the story: the original, a correction, a void; with its words."""

    line: explorer.Line
    heading: str
    words: str
    here: bool


@dataclass(frozen=True)
class Promise:
    """A digest the entry committed to, and whether what it stands for is still kept."""

    what: str
    state: str
    icon: str
    digest: str


@dataclass(frozen=True)
class ProofView:
    """Where the entry stands in the signed tree."""

    sentence: str
    rows: list[tuple[str, str]]
    path: list[str]
    note: str
    downloads: list[Link]


@dataclass(frozen=True)
class EntryPage:
    line: explorer.Line
    rows: list[tuple[str, str]]
    story: list[Told]
    promises: list[Promise]
    proof: ProofView | None
    check: verify.Report | None
    claims: str  # empty where what it says is hidden
    older: str
    newer: str


def entry_page(entry: Entry, *, by: By, check: bool) -> EntryPage:
    """Everything about one entry that `by` may read, in a fixed number of statements for each entry
    of its story."""
    chain = queries.chain_of(seq=entry.seq)
    readable = explorer.readable(by)
    shown = list(readable.filter(seq__in=chain).order_by("seq"))
    whole = any(row.seq == entry.seq for row in shown)
    if not whole:
        # About oneself: the whole story is.
        shown = list(Entry.objects.filter(seq__in=chain).order_by("seq"))
    said = explorer.said_by(shown)
    only = None if whole else frozenset(_own(by))
    hides = hidden_entries(by)
    hidden = entry.seq in hides
    lines = {line.entry: line for line in explorer.lines(said, only=only, hidden=hides)}
    words = words_of({seq: each for seq, each in said.items() if seq not in hides}, by=by)
    this = said[entry.seq]
    covering = next(queries.checkpoints_over(seq=entry.seq), None)
    near = readable.values_list("seq", flat=True)
    older = near.filter(seq__lt=entry.seq).order_by("-seq").first() if whole else None
    newer = near.filter(seq__gt=entry.seq).order_by("seq").first() if whole else None
    return EntryPage(
        line=lines[entry.seq],
        rows=_rows(this, lines[entry.seq], hidden=hidden),
        story=[
            Told(
                line,
                _heading(said[seq], first=seq == chain[0]),
                words.get(seq, ""),
                here=seq == entry.seq,
            )
            for seq, line in lines.items()
        ],
        promises=[] if hidden else promises(this),
        proof=_proof(entry.seq, covering, hidden=hidden) if covering else None,
        check=_checked(entry.seq, covering) if check and covering else None,
        claims="" if hidden else json.dumps(this, ensure_ascii=False, indent=2),
        older=reverse("entry", args=[older]) if older else "",
        newer=reverse("entry", args=[newer]) if newer else "",
    )


def _own(by: By) -> list[str]:
    return list(Person.objects.filter(pk__in=by.same_human).values_list("pseudonym", flat=True))


def _heading(said: Mapping[str, Any], *, first: bool) -> str:
    if first or said["corrects"] is None:
        return "First recorded" if first else "Recorded"
    verb = "Voids" if said["kind"].endswith(".voided") else "Corrects"
    return f"{verb} entry {number(said['corrects'])}"


def _rows(said: Mapping[str, Any], line: explorer.Line, *, hidden: bool) -> list[tuple[str, str]]:
    facts = [
        f"{plural(row['count'], 'row')} of {row['table'].rpartition('.')[2]}"
        for row in said["facts"]
    ]
    rows = [
        ("Kind", story.kind_in_words(said["kind"])),
        ("About", line.names or "Nobody in particular"),
        ("Happened", moment(line.happened_at)),
        ("Recorded", moment(line.recorded_at)),
        ("Signed in", SIGNED_IN.get(said["signed_in"], said["signed_in"].capitalize())),
        ("Facts recorded", "Hidden for now" if hidden else ", ".join(facts) or "None"),
    ]
    late = line.recorded_at - line.happened_at
    if late.days:
        rows[3] = ("Recorded", f"{moment(line.recorded_at)}, {plural(late.days, 'day')} later")
    return rows


def words_of(entries: Mapping[int, Mapping[str, Any]], *, by: By) -> dict[int, str]:
    """The words written with these entries that `by` may read: about oneself, or of a service one
    may read."""
    about = story.written_about(list(entries))
    told: dict[int, int | None] = {}
    own: dict[int, int | None] = {}
    for entry, rows in about.items():
        for person, service in rows:
            if by.is_self(person):
                own[entry] = service
            elif entry not in told or by.may(Action.READ, service):
                told[entry] = service
    found = story.words_of(told, person=0, by=by)
    if own:
        found |= story.words_of(own, person=next(iter(by.same_human)), by=by)
    return found


def promises(said: Mapping[str, Any]) -> list[Promise]:
    """Each digest of the entry, and whether what is kept still answers for it."""
    kept = {
        hashlib.sha256(salt + content).hexdigest(): what
        for what, content, salt in keeping.committed(said["seq"])
    }
    found = []
    for digest in said["commitments"]:
        if digest in kept:
            state, icon = "Kept, and just as it was recorded", "circle-check"
        else:
            state, icon = "Erased or changed by an erasure: its digest stays", "circle-minus"
        found.append(Promise(kept.get(digest, "Text or file"), state, icon, digest))
    for root in said["roots"]:
        rows = RowCommitment.objects.filter(entry=said["seq"])
        salted = rows.filter(salt__isnull=False).count()
        state = f"{number(salted)} of {number(root['count'])} can still be compared with the file"
        found.append(Promise("Rows of a file", state, "table", root["root"]))
    return found


def _proof(seq: int, checkpoint: Checkpoint, *, hidden: bool) -> ProofView:
    """`hidden`: its bytes, which a proof to take away holds too, cannot be taken away yet."""
    whole = [
        Link("Its proof", reverse("entry-proof", args=[seq]), icon="shield-check"),
        Link("Its bytes", reverse("entry-bytes", args=[seq]), icon="file-text"),
    ]
    path = proof.path_of(seq=seq, size=checkpoint.size)
    size = number(checkpoint.size)
    return ProofView(
        sentence=f"It is number {number(seq)} of the {size} entries signed on "
        f"{moment(checkpoint.made_at)}. With {plural(len(path), 'fingerprint')} beside its own, "
        "anybody can work out the root that was signed.",
        rows=[
            ("Entries signed", size),
            ("Root", bytes(checkpoint.root).hex()),
            ("Signed by", signer().name),
        ],
        path=[step.hex() for step in path],
        note=bytes(checkpoint.note).decode(),
        downloads=[
            *([] if hidden else whole),
            Link(
                "The checkpoint", reverse("checkpoint", args=[checkpoint.size]), icon="badge-check"
            ),
        ],
    )


def _checked(seq: int, checkpoint: Checkpoint) -> verify.Report:
    """What the offline verifier says of this proof, with the key of this installation."""
    return verify.examine_proof(
        proof.written(seq=seq, checkpoint=checkpoint), key=str(signer().key)
    )


@dataclass(frozen=True)
class CheckpointLine:
    size: int
    made_at: datetime
    root: str
    href: str


def checkpoint_lines(rows: Sequence[Checkpoint]) -> list[CheckpointLine]:
    return [
        CheckpointLine(
            row.size, row.made_at, bytes(row.root).hex(), reverse("checkpoint", args=[row.size])
        )
        for row in rows
    ]
