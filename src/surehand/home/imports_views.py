"""Imports: what can be brought in, a preview that writes nothing, and what an import did.

A small file is read while one waits for the page; a large one is read, and brought in, by a worker,
and its page says how far it is.
"""

import zlib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand.evidence import clock
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.imports import hold, matching, run
from surehand.imports.kind import Kind, kinds
from surehand.imports.mapping import ColumnMap
from surehand.imports.models import ColumnMapping, ImportRun, PendingImport, RefusedRows
from surehand.imports.reading import (
    MIB,
    File,
    ImportProblem,
    Sheet,
    csv_text,
    open_file,
    table_of,
)
from surehand.people import import_work
from surehand.people.access import COMMAND_LINE, Action, By
from surehand.people.models import Person
from surehand.people.web import by_of
from surehand.records.models import KeptAside
from surehand.ui.formats import number, plural
from surehand.ui.page import Link, Page, address

RUNS = 20
Stage = PendingImport.Stage

View = Callable[..., HttpResponse]


def in_imports(view: View) -> View:
    """Says which part of the main navigation the page belongs to."""

    @wraps(view)
    def inside(request: HttpRequest, **given: object) -> HttpResponse:
        request.section = "imports"  # type: ignore[attr-defined]
        return view(request, **given)

    return inside


def _may(kind: Kind, by: By) -> bool:
    try:
        kind.check(by)
    except NotPermitted:
        return False
    return True


def kind_for(request: HttpRequest, name: str) -> Kind:
    if name not in kinds():
        raise Http404("There is no such kind of file.")
    kind = kinds()[name]
    kind.check(by_of(request))
    return kind


HOME = Link("Imports", "/imports/")


@in_imports
def imports(request: HttpRequest) -> HttpResponse:
    """The kinds of file one may bring in, and what was brought in lately."""
    by = by_of(request)
    mine = [kind for kind in kinds().values() if _may(kind, by)]
    if not mine:
        next(iter(kinds().values())).check(by)
        raise NotPermitted("You may not import files.")
    now = clock.now()
    runs = list(ImportRun.objects.filter(import_kind__in=[k.name for k in mine])[:RUNS])
    waiting = (
        PendingImport.objects.filter(by=by.actor.pseudonym, expires_at__gt=now)
        .exclude(stage=Stage.DONE)
        .defer("refused", "summary", "matching")
        .order_by("pk")
    )
    names = {kind.name: kind.title for kind in kinds().values()}
    mappings = ColumnMapping.objects.filter(import_kind__in=[k.name for k in mine])
    return render(
        request,
        "home/imports/imports.html",
        {
            "page": Page(
                "What do you want to bring in?",
                lede="Every file is shown to you first. Nothing is written until you say so.",
                title="Imports",
            ),
            "kinds": mine,
            "waiting": [
                (each, names[each.import_kind], STAGES[Stage(each.stage)]) for each in waiting
            ],
            "mappings": [(each, names[each.import_kind]) for each in mappings],
            "runs": [(each, kinds()[each.import_kind].title) for each in runs],
            "names": _names({each.by for each in runs}),
            "kept_aside": _kept_aside(by),
        },
    )


def _kept_aside(by: By) -> str:
    """How many rows wait until it is known what they say; empty where none do, or for others."""
    if not by.may_anywhere(Action.IMPORT_RECORDS):
        return ""
    count = KeptAside.objects.filter(done_by__isnull=True).count()
    return plural(count, "row is kept aside", "rows are kept aside") if count else ""


# What is said of a file that waits: a sentence, and whether it is one's own turn.
STAGES = {
    Stage.COLUMNS: ("Say which of its columns is which.", True),
    Stage.READING: ("Being read. You can leave this page.", False),
    Stage.READY: ("Read and shown; nothing is written yet.", True),
    Stage.WRITING: ("Being brought in. You can leave this page.", False),
    Stage.FAILED: ("It could not be taken in. See why.", True),
}


def _names(pseudonyms: set[str]) -> dict[str, str]:
    people = Person.objects.filter(pseudonym__in=pseudonyms).select_related("identity")
    return {COMMAND_LINE.pseudonym: "The command line"} | {p.pseudonym: str(p) for p in people}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Your file",
        allow_empty_file=True,  # so that the reader can say what is wrong with it
        error_messages={"required": "Choose a file.", "missing": "Choose a file."},
    )


@in_imports
def upload(request: HttpRequest, *, kind: str) -> HttpResponse:
    """Choose a file of one kind; what cannot be read is refused here, in a sentence."""
    by = by_of(request)
    chosen = kind_for(request, kind)
    form = UploadForm(request.POST or None, request.FILES or None)
    formats = ", ".join(f".{each}" for each in chosen.formats)
    form.fields["file"].help_text = f"{formats}, at most {chosen.max_bytes // MIB} MB"
    form.fields["file"].widget.attrs["accept"] = formats.replace(" ", "")
    if request.method == "POST" and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        try:
            waiting = _taken_in(chosen, _content(file, chosen), file.name or "", by)
        except NotPermitted:
            raise
        except NotPossible as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("import-preview", pending=waiting.pk)
    return render(
        request,
        "home/imports/upload.html",
        {
            "page": Page(
                f"Bring in a file: {chosen.title}",
                lede=chosen.what,
                title=chosen.title,
                crumbs=(HOME,),
            ),
            "kind": chosen,
            "form": form,
            "has_template": len(chosen.layouts) == 1,
        },
        status=422 if form.errors else 200,
    )


def _taken_in(kind: Kind, content: Path | bytes, name: str, by: By) -> PendingImport:
    """Keep a file until it is confirmed; where its columns are not known, until they are matched.

    Raises ImportProblem, and keeps nothing, when it cannot be read.
    """
    file = open_file(content, name, formats=kind.formats, most=kind.max_bytes)
    mappings = ColumnMapping.objects.filter(import_kind=kind.name)
    found = run.fit(kind, file, mappings)
    if found is None and kind.mappable and matching.is_table(file):
        return matching.keep_unmatched(kind, file, by=by)
    if found and found.mapping and _says_more(file, found, found.mapping):
        return matching.keep_unmatched(kind, file, by=by, found=found)
    waiting = run.keep_held(run.held(kind, file, found) if found else run.opened(kind, file), by=by)
    if import_work.is_large(waiting):
        import_work.begin(waiting, Stage.READING)
    return waiting


def _says_more(file: File, found: run.Fit, rules: ColumnMap) -> bool:
    """Whether a file has words its mapping does not know."""
    table = table_of(file.rows(found.sheet), header_row=found.header_row, twice=True)
    table = Sheet(table.header, run.without_sums(table.rows, len(table.header), []))
    return bool(rules.unknown_words(table, found.layout.columns))


def _content(file: UploadedFile, kind: Kind) -> Path | bytes:
    if file.size and file.size > kind.max_bytes:
        raise ImportProblem(f"The file is larger than {kind.max_bytes // MIB} MB. Split it.")
    if isinstance(file, TemporaryUploadedFile):
        return Path(file.temporary_file_path())
    return bytes(file.read())


def template(request: HttpRequest, *, kind: str) -> HttpResponse:
    """A file to begin with: the header and one example."""
    chosen = kind_for(request, kind)
    columns = [c for c in chosen.layouts[0].columns if c.kept]
    return _csv(csv_text([c.name for c in columns], [[c.example for c in columns]]), chosen.name)


def _csv(text: str, name: str) -> HttpResponse:
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@in_imports
def preview(request: HttpRequest, *, pending: int) -> HttpResponse:
    """What the file would do, or how far it is. POST answers the questions it leaves open."""
    by = by_of(request)
    waiting = waiting_for(by, pending)
    kind = kind_for(request, waiting.import_kind)
    if waiting.stage == Stage.COLUMNS:
        said = "rules" in waiting.matching
        return redirect("import-words" if said else "import-columns", pending=pending)
    if waiting.is_at_work:
        return _progress(request, waiting, kind)
    if request.headers.get("HX-Request"):  # the page that told how far it was
        return HttpResponse(headers={"HX-Redirect": request.path})
    if waiting.stage == Stage.DONE:
        return _after(request, waiting)
    if waiting.stage == Stage.FAILED:
        return _failed(request, waiting, kind)
    shown = waiting.summary or run.summary(run.kept(waiting, by=by))
    if request.method == "POST":
        waiting.choices = {
            **waiting.choices,
            **{
                question["key"]: request.POST[f"choice-{position}"]
                for position, question in enumerate(shown["questions"])
                if request.POST.get(f"choice-{position}") in question["options"]
            },
        }
        waiting.summary = {}
        waiting.save(update_fields=["choices", "summary"])
        if import_work.is_large(waiting):
            import_work.begin(waiting, Stage.READING)
        return redirect("import-preview", pending=waiting.pk)
    does_something = bool(shown["added"] or shown["changed"])
    return render(
        request,
        "home/imports/preview.html",
        {
            "page": Page(
                "Is this what you expect?" if does_something else "Nothing to bring in",
                lede=_would(shown),
                title=f"Preview: {kind.title}",
                crumbs=_crumbs(kind),
            ),
            "shown": shown,
            "does_something": does_something,
            "pending": waiting,
            "questions": [
                (f"choice-{position}", each) for position, each in enumerate(shown["questions"])
            ],
            "columns": [{"text": name} for name in waiting.columns],
            "more_rows": max(0, shown["added"] + shown["changed"] - len(shown["first"])),
        },
    )


def _crumbs(kind: Kind) -> tuple[Link, ...]:
    return (HOME, Link(kind.title, reverse("import-file", args=[kind.name])))


def _progress(request: HttpRequest, waiting: PendingImport, kind: Kind) -> HttpResponse:
    """How far the worker is. The page looks again by itself, and has a link for it."""
    done = min(hold.progress(waiting.pk), waiting.rows)
    writing = waiting.stage == Stage.WRITING
    at_work = done or hold.is_taken(waiting.pk)
    words = "Waiting for its turn."
    if at_work:
        words = f"{number(done)} of {plural(waiting.rows, 'row')}."
    if writing and done >= waiting.rows:
        words = "All rows are written. Now it is worked out who is ready."
    return render(
        request,
        "home/imports/progress.html",
        {
            "page": Page(
                "Being brought in" if writing else "Being read",
                lede="You can leave this page: you find it again under Imports.",
                title=f"{'Bringing in' if writing else 'Reading'}: {kind.title}",
                crumbs=_crumbs(kind),
            ),
            "pending": waiting,
            "percent": 100 * done // max(1, waiting.rows),
            "words": words,
            "writing": writing,
        },
    )


def _after(request: HttpRequest, waiting: PendingImport) -> HttpResponse:
    if waiting.entry is None:
        messages.info(request, "There was nothing left to bring in.")
        return redirect("imports")
    return redirect("import-done", entry=waiting.entry)


def _failed(request: HttpRequest, waiting: PendingImport, kind: Kind) -> HttpResponse:
    return render(
        request,
        "home/imports/failed.html",
        {
            "page": Page(
                "This file could not be taken in",
                lede="Nothing of it was written.",
                title=f"Not taken in: {kind.title}",
                crumbs=_crumbs(kind),
            ),
            "pending": waiting,
        },
    )


@require_POST
def again(request: HttpRequest, *, pending: int) -> HttpResponse:
    """Read a file once more that could not be taken in."""
    waiting = waiting_for(by_of(request), pending)
    if waiting.stage == Stage.FAILED:
        import_work.begin(waiting, Stage.READING)
    return redirect("import-preview", pending=waiting.pk)


def _would(shown: dict[str, Any]) -> str:
    if not (shown["added"] or shown["changed"]):
        if shown["refused"]:
            return "No row of this file can be taken in as it is. The reasons are below."
        return "Everything in this file is known already."
    parts = [f"{number(shown['added'])} to add", f"{number(shown['changed'])} to change"]
    if shown["refused"]:
        parts.append(f"{number(shown['refused'])} refused")
    return f"{plural(shown['rows'], 'row')}: {', '.join(parts)}."


def waiting_for(by: By, pending: int) -> PendingImport:
    found = PendingImport.objects.filter(
        pk=pending, by=by.actor.pseudonym, expires_at__gt=clock.now()
    ).first()
    if found is None:
        raise NotPossible("This import is no longer waiting. Upload the file again.")
    return found


@require_POST
@in_imports
def confirm(request: HttpRequest, *, pending: int) -> HttpResponse:
    """Bring in what the preview showed."""
    by = by_of(request)
    waiting = waiting_for(by, pending)
    if waiting.stage != Stage.READY:
        return redirect("import-preview", pending=waiting.pk)
    if import_work.is_large(waiting):
        import_work.begin(waiting, Stage.WRITING)
        return redirect("import-preview", pending=waiting.pk)
    done, _ = run.confirm(waiting, by=by)
    if done is None:
        messages.info(request, "There was nothing left to bring in.")
        return redirect("imports")
    return redirect("import-done", entry=done.entry)


@require_POST
def cancel(request: HttpRequest, *, pending: int) -> HttpResponse:
    waiting = waiting_for(by_of(request), pending)
    if waiting.stage == Stage.WRITING:
        raise NotPossible("This file is being brought in, so it cannot be cancelled any more.")
    waiting.delete()
    messages.info(request, "Cancelled. Nothing was written, and the file is gone.")
    return redirect("imports")


def refused_now(request: HttpRequest, *, pending: int) -> HttpResponse:
    """The rows a preview refuses, as a file to correct."""
    by = by_of(request)
    waiting = waiting_for(by, pending)
    name = f"{waiting.import_kind}-refused"
    if waiting.refused:
        return _csv(zlib.decompress(waiting.refused).decode(), name)
    return _csv(run.kept(waiting, by=by).refused_file(), name)


@in_imports
def done(request: HttpRequest, *, entry: int) -> HttpResponse:
    """What an import did, and its refused rows for the one who imported."""
    by = by_of(request)
    found = get_object_or_404(ImportRun, entry=entry)
    kind = kind_for(request, found.import_kind)
    refused = RefusedRows.objects.filter(
        run=found, by=by.actor.pseudonym, expires_at__gt=clock.now()
    ).first()
    return render(
        request,
        "home/imports/done.html",
        {
            "page": Page(
                "Done" if not found.refused else "Done, except for the rows refused",
                lede=f"{plural(found.added, 'row')} added, {number(found.changed)} changed, "
                f"{number(found.unchanged)} unchanged, {number(found.refused)} refused.",
                title=f"Imported: {kind.title}",
                crumbs=(HOME,),
            ),
            "run": found,
            "kind": kind,
            "after": [Link(words, href) for words, name in kind.after if (href := address(name))],
            "who": _names({found.by}).get(found.by, "Somebody"),
            "refused": refused,
        },
    )


def refused(request: HttpRequest, *, rows: int) -> HttpResponse:
    """The rows an import refused: only for the one who imported, for some days."""
    by = by_of(request)
    found = RefusedRows.objects.filter(
        pk=rows, by=by.actor.pseudonym, expires_at__gt=clock.now()
    ).select_related("run")
    if not found:
        raise Http404("These rows are no longer kept.")
    kind = found[0].run.import_kind if found[0].run else "rows"
    return _csv(found[0].text, f"{kind}-refused")
