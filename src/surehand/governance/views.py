"""The evidence explorer: find an entry, read it, and take its proof away."""

from datetime import date
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.audits.blind import HIDDEN, hidden_entries
from surehand.evidence import checks, proof, queries
from surehand.evidence.actions import signer
from surehand.evidence.models import Checkpoint, Entry
from surehand.evidence.refusal import NotPossible
from surehand.governance import entry_pages, explorer
from surehand.governance.explorer import Filters
from surehand.people.access import Action, By, check_may
from surehand.people.web import by_of
from surehand.ui.formats import moment, number
from surehand.ui.page import Link, Page, address

TITLE = "Evidence"


def _reader(request: HttpRequest, *actions: Action) -> By:
    """Who asks, if they may do one of these somewhere. Raises NotPermitted."""
    request.section = "evidence"  # type: ignore[attr-defined]
    by = by_of(request)
    if not any(by.may_anywhere(action) for action in actions):
        check_may(by, actions[0], service=None)
    return by


def find(request: HttpRequest) -> HttpResponse:
    """Every entry one may read, newest first; the number of one leads straight to it."""
    by = _reader(request, Action.READ)
    number_asked = request.GET.get("entry", "").strip().replace(",", "")
    problem = ""
    if number_asked:
        if number_asked.isdigit() and explorer.entry(seq=int(number_asked[:18]), by=by):
            return redirect("entry", int(number_asked))
        problem = f"There is no entry {number_asked} that you may read."
    wanted = _filters(request)
    entries, newer, older = explorer.find(by=by, wanted=wanted)
    lines = explorer.lines(explorer.said_by(entries), hidden=hidden_entries(by))
    asked = [(k, v) for k, v in request.GET.items() if v and k not in {"before", "after", "entry"}]
    return render(
        request,
        "governance/evidence.html",
        {
            "page": Page(
                "What was recorded?",
                lede=problem or _lede(by, wanted),
                title=TITLE,
            ),
            "wanted": wanted,
            "lines": lines,
            "kinds": [("", "Any"), *explorer.kinds()],
            "newer": f"?{urlencode([*asked, ('after', lines[0].entry)])}"
            if newer and lines
            else "",
            "older": f"?{urlencode([*asked, ('before', lines[-1].entry)])}"
            if older and lines
            else "",
            "everything": reverse("evidence"),
            "checkpoints": reverse("checkpoints"),
        },
    )


def _lede(by: By, wanted: Filters) -> str:
    if wanted.anything:
        return "The entries that match what you asked for, newest first."
    last = queries.last_checkpoint()
    signed = f"last signed {moment(last.made_at)}" if last else "not signed yet"
    every = f"{number(evidence.last_seq())} entries, {signed}."
    if by.covers_all(Action.READ):
        return every
    return f"{every} You see those about people and services you may read."


def _filters(request: HttpRequest) -> Filters:
    given = request.GET
    return Filters(
        kind=given.get("kind", "")[:80],
        who=given.get("who", "").strip()[:120],
        actor=given.get("by", "").strip()[:120],
        since=_day(given.get("from", "")),
        until=_day(given.get("to", "")),
        before=_seq(given.get("before", "")),
        after=_seq(given.get("after", "")),
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year < 9999 else None


def _seq(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _entry(request: HttpRequest, seq: int) -> tuple[Entry, By]:
    """The entry, if whoever asks may read it. Whether there is one is not said to others."""
    request.section = "evidence"  # type: ignore[attr-defined]
    by = by_of(request)
    found = explorer.entry(seq=seq, by=by) if seq < 2**62 else None
    if found is None:
        if not by.may_anywhere(Action.READ):
            check_may(by, Action.READ, service=None)
        raise Http404("There is no such entry.")
    return found, by


def entry(request: HttpRequest, seq: int) -> HttpResponse:
    """One entry: what it says, its corrections, what it promised, and its proof."""
    found, by = _entry(request, seq)
    view = entry_pages.entry_page(found, by=by, check="check" in request.GET)
    reads = by.may_anywhere(Action.READ)
    return render(
        request,
        "governance/entry.html",
        {
            "page": Page(
                f"What does entry {number(seq)} say?",
                lede=view.line.sentence,
                title=f"Entry {number(seq)}",
                crumbs=(Link(TITLE, reverse("evidence")),) if reads else (),
            ),
            "view": view,
            "seq": seq,
            "hidden": HIDDEN,
        },
    )


def entry_bytes(request: HttpRequest, seq: int) -> HttpResponse:
    """The canonical bytes of an entry, as they are in the tree."""
    found, by = _entry(request, seq)
    _check_not_hidden(seq, by)
    return _file(bytes(found.content), f"entry-{seq}.json", "application/json")


def entry_proof(request: HttpRequest, seq: int) -> HttpResponse:
    """The proof of an entry to the newest checkpoint over it, or to the one of `size` entries."""
    found, by = _entry(request, seq)
    _check_not_hidden(seq, by)
    covering = queries.checkpoints_over(seq=found.seq)
    size = _seq(request.GET.get("size", ""))
    checkpoint = next((c for c in covering if size is None or c.size == size), None)
    if checkpoint is None:
        raise Http404("No such checkpoint is over this entry.")
    content = proof.written(seq=seq, checkpoint=checkpoint)
    return _file(content, f"entry-{seq}.proof.json", "application/json")


def _check_not_hidden(seq: int, by: By) -> None:
    """The bytes of an entry are what it says. Raises NotPossible."""
    if seq in hidden_entries(by):
        raise NotPossible(f"Entry {number(seq)} cannot be taken away yet. {HIDDEN}")


def checkpoints(request: HttpRequest) -> HttpResponse:
    """The checkpoints, the public key, and a check of the whole ledger."""
    by = _reader(request, Action.READ, Action.SETTINGS)
    listed = Paginator(Checkpoint.objects.order_by("-size", "-pk"), 25).get_page(
        request.GET.get("page")
    )
    last = queries.last_checkpoint()
    return render(
        request,
        "governance/checkpoints.html",
        {
            "page": Page(
                "Who can prove that nothing was changed?",
                lede="Whoever keeps a checkpoint outside. It is a signed fingerprint of every "
                "entry up to then, and holds no names.",
                title="Checkpoints",
                crumbs=(Link(TITLE, reverse("evidence")),) if by.may_anywhere(Action.READ) else (),
            ),
            "listed": listed,
            "lines": entry_pages.checkpoint_lines(list(listed)),
            "unsigned": evidence.last_seq() - (last.size if last else 0),
            "key": str(signer().key),
            "check": checks.verify_ledger() if "check" in request.GET else None,
            "recipients": address("settings-of-checkpoints")
            if by.may_anywhere(Action.SETTINGS)
            else "",
        },
    )


def checkpoint(request: HttpRequest, size: int) -> HttpResponse:
    """One checkpoint, as a signed note."""
    _reader(request, Action.READ, Action.SETTINGS)
    found = Checkpoint.objects.filter(size=size).order_by("-pk").first() if size < 2**62 else None
    if found is None:
        raise Http404("There is no such checkpoint.")
    return _file(bytes(found.note), f"checkpoint-{size}.txt", "text/plain; charset=utf-8")


def key(request: HttpRequest) -> HttpResponse:
    """The public key, in one line."""
    _reader(request, Action.READ, Action.SETTINGS)
    return _file(f"{signer().key}\n".encode(), "surehand.key", "text/plain; charset=utf-8")


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
