"""Imports: what can be brought in, a preview that writes nothing, and what an import did."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand.evidence import clock
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.imports import run
from surehand.imports.kind import Kind, kinds
from surehand.imports.models import ImportRun, PendingImport, RefusedRows
from surehand.imports.reading import MAX_CSV, MIB, ImportProblem, csv_text
from surehand.imports.table import Line
from surehand.people.access import COMMAND_LINE, By
from surehand.people.models import Person
from surehand.people.web import by_of
from surehand.ui.formats import number, plural
from surehand.ui.page import Link, Page

MOST = MAX_CSV // MIB
FIRST_ROWS = 10
FIRST_PROBLEMS = 100
RUNS = 20

View = Callable[..., HttpResponse]


def _in_imports(view: View) -> View:
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


def _kind(request: HttpRequest, name: str) -> Kind:
    if name not in kinds():
        raise Http404("There is no such kind of file.")
    kind = kinds()[name]
    kind.check(by_of(request))
    return kind


HOME = Link("Imports", "/imports/")


@_in_imports
def imports(request: HttpRequest) -> HttpResponse:
    """The kinds of file one may bring in, and what was brought in lately."""
    by = by_of(request)
    mine = [kind for kind in kinds().values() if _may(kind, by)]
    if not mine:
        next(iter(kinds().values())).check(by)
        raise NotPermitted("You may not import files.")
    now = clock.now()
    runs = list(ImportRun.objects.filter(import_kind__in=[k.name for k in mine])[:RUNS])
    waiting = PendingImport.objects.filter(by=by.actor.pseudonym, expires_at__gt=now).defer(
        "content"
    )
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
            "waiting": [(each, kinds()[each.import_kind].title) for each in waiting.order_by("pk")],
            "runs": [(each, kinds()[each.import_kind].title) for each in runs],
            "names": _names({each.by for each in runs}),
        },
    )


def _names(pseudonyms: set[str]) -> dict[str, str]:
    people = Person.objects.filter(pseudonym__in=pseudonyms).select_related("identity")
    return {COMMAND_LINE.pseudonym: "The command line"} | {p.pseudonym: str(p) for p in people}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Your file",
        allow_empty_file=True,  # so that the reader can say what is wrong with it
        error_messages={"required": "Choose a file.", "missing": "Choose a file."},
    )


@_in_imports
def upload(request: HttpRequest, *, kind: str) -> HttpResponse:
    """Choose a file of one kind; what cannot be read is refused here, in a sentence."""
    by = by_of(request)
    chosen = _kind(request, kind)
    form = UploadForm(request.POST or None, request.FILES or None)
    formats = ", ".join(f".{each}" for each in chosen.formats)
    form.fields["file"].help_text = f"{formats}, at most {MOST} MB"
    form.fields["file"].widget.attrs["accept"] = formats.replace(" ", "")
    if request.method == "POST" and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        try:
            shown = run.preview(chosen, _content(file), file.name or "", by=by)
        except ImportProblem as problem:
            form.add_error("file", str(problem))
        except NotPermitted:
            raise
        except NotPossible as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("import-preview", pending=run.keep(shown, by=by).pk)
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


def _content(file: UploadedFile) -> Path | bytes:
    if file.size and file.size > MAX_CSV:
        raise ImportProblem(f"The file is larger than {MOST} MB. Split it.")
    if isinstance(file, TemporaryUploadedFile):
        return Path(file.temporary_file_path())
    return bytes(file.read())


def template(request: HttpRequest, *, kind: str) -> HttpResponse:
    """A file to begin with: the header and one example."""
    chosen = _kind(request, kind)
    columns = [c for c in chosen.layouts[0].columns if c.kept]
    return _csv(csv_text([c.name for c in columns], [[c.example for c in columns]]), chosen.name)


def _csv(text: str, name: str) -> HttpResponse:
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@_in_imports
def preview(request: HttpRequest, *, pending: int) -> HttpResponse:
    """What the file would do. POST answers the questions the file leaves open."""
    by = by_of(request)
    waiting = _pending(by, pending)
    if request.method == "POST":
        shown = run.kept(waiting, by=by)
        waiting.choices = {
            **waiting.choices,
            **{
                question.key: request.POST[f"choice-{position}"]
                for position, question in enumerate(shown.comparison.questions)
                if request.POST.get(f"choice-{position}") in question.options
            },
        }
        waiting.save(update_fields=["choices"])
        return redirect("import-preview", pending=waiting.pk)
    shown = run.kept(waiting, by=by)
    does = shown.comparison
    rows = [("Add", line) for line in does.added] + [("Change", line) for line in does.changed]
    return render(
        request,
        "home/imports/preview.html",
        {
            "page": Page(
                "Is this what you expect?" if shown.does_something else "Nothing to bring in",
                lede=_would(shown),
                title=f"Preview: {shown.kind.title}",
                crumbs=(
                    HOME,
                    Link(shown.kind.title, reverse("import-file", args=[shown.kind.name])),
                ),
            ),
            "shown": shown,
            "pending": waiting,
            "questions": [
                (f"choice-{position}", each) for position, each in enumerate(does.questions)
            ],
            "columns": [{"text": name} for name in shown.lines.columns],
            "rows": [(what, line.row, _cells(line)) for what, line in rows[:FIRST_ROWS]],
            "more_rows": max(0, len(rows) - FIRST_ROWS),
            "problems": shown.problems[:FIRST_PROBLEMS],
            "more_problems": max(0, len(shown.problems) - FIRST_PROBLEMS),
        },
    )


def _cells(line: Line) -> list[str]:
    return [cell if len(cell) <= 60 else cell[:59] + "…" for cell in line.text]


def _would(shown: run.Preview) -> str:
    if not shown.does_something:
        if shown.refused:
            return "No row of this file can be taken in as it is. The reasons are below."
        return "Everything in this file is known already."
    parts = [f"{number(shown.added)} to add", f"{number(shown.changed)} to change"]
    if shown.refused:
        parts.append(f"{number(shown.refused)} refused")
    return f"{plural(len(shown.lines.good) + len(shown.lines.bad), 'row')}: {', '.join(parts)}."


def _pending(by: By, pending: int) -> PendingImport:
    found = PendingImport.objects.filter(
        pk=pending, by=by.actor.pseudonym, expires_at__gt=clock.now()
    ).first()
    if found is None:
        raise NotPossible("This import is no longer waiting. Upload the file again.")
    return found


@require_POST
@_in_imports
def confirm(request: HttpRequest, *, pending: int) -> HttpResponse:
    """Bring in what the preview showed."""
    by = by_of(request)
    done, _ = run.confirm(_pending(by, pending), by=by)
    if done is None:
        messages.info(request, "There was nothing left to bring in.")
        return redirect("imports")
    return redirect("import-done", entry=done.entry)


@require_POST
def cancel(request: HttpRequest, *, pending: int) -> HttpResponse:
    _pending(by_of(request), pending).delete()
    messages.info(request, "Cancelled. Nothing was written, and the file is gone.")
    return redirect("imports")


def refused_now(request: HttpRequest, *, pending: int) -> HttpResponse:
    """The rows a preview refuses, as a file to correct."""
    by = by_of(request)
    shown = run.kept(_pending(by, pending), by=by)
    return _csv(shown.refused_file(), f"{shown.kind.name}-refused")


@_in_imports
def done(request: HttpRequest, *, entry: int) -> HttpResponse:
    """What an import did, and its refused rows for the one who imported."""
    by = by_of(request)
    found = get_object_or_404(ImportRun, entry=entry)
    kind = _kind(request, found.import_kind)
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
