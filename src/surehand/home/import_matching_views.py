"""A file in another layout: its columns and words are matched to ours, and the mapping is saved."""

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand.evidence.refusal import NotPossible
from surehand.home.import_forms import ColumnsForm, WordsForm
from surehand.home.imports_views import HOME, in_imports, kind_for, waiting_for
from surehand.imports import actions, matching
from surehand.imports.kind import kinds
from surehand.imports.mapping import (
    ColumnMap,
    Order,
    Profile,
    Source,
    evident_order,
    guesses,
)
from surehand.imports.models import ColumnMapping, PendingImport
from surehand.imports.reading import column_name, shown
from surehand.imports.table import Column
from surehand.people import import_work
from surehand.people.web import by_of
from surehand.ui.page import Link, Page

WIDE = 60


@dataclass(frozen=True)
class Place:
    """Where the table of a waiting file is looked for."""

    sheet: int
    header_row: int


def _unmatched(request: HttpRequest, pending: int) -> PendingImport:
    waiting = waiting_for(by_of(request), pending)
    kind_for(request, waiting.import_kind)
    if waiting.stage != PendingImport.Stage.COLUMNS:
        raise NotPossible("The columns of this file are matched already.")
    return waiting


def _place(request: HttpRequest, waiting: PendingImport) -> Place:
    """The sheet and the row in the address, else the likeliest."""

    def chosen(name: str, usual: int) -> int:
        text = request.POST.get(name) or request.GET.get(name) or ""
        return int(text) if text.isdecimal() and len(text) < 8 else usual

    sheets = [number for number, _ in waiting.sheets]
    sheet = chosen("sheet", waiting.matching["sheet"])
    if sheet not in sheets:
        raise Http404("There is no such sheet.")
    rows = [row.number for row in matching.first_rows(waiting, sheet)]
    usual = waiting.matching["header_row"] if sheet == waiting.matching["sheet"] else rows[0]
    row = chosen("row", usual)
    return Place(sheet, row if row in rows else rows[0])


@in_imports
def columns(request: HttpRequest, *, pending: int) -> HttpResponse:
    """Which column of the file is which of ours?"""
    waiting = _unmatched(request, pending)
    kind = kinds()[waiting.import_kind]
    ours = kind.layouts[0].columns
    place = _place(request, waiting)
    seen = matching.seen(waiting, place.sheet, place.header_row)
    header = [profile.name for profile in seen]
    before = _before(waiting, place, ours, seen)
    form = ColumnsForm(
        request.POST or None,
        columns=ours,
        header=header,
        sources=before,
        gaps=[profile.name for profile in seen if profile.has_gaps],
    )
    if request.method == "POST" and form.is_valid():
        rules = ColumnMap(tuple(header), form.sources(before))
        waiting.matching = {
            "sheet": place.sheet,
            "header_row": place.header_row,
            "rules": rules.as_json(),
            "name": waiting.matching.get("name", ""),
        }
        waiting.save(update_fields=["matching"])
        return redirect("import-words", pending=waiting.pk)
    rows = matching.first_rows(waiting, place.sheet)
    return render(
        request,
        "home/imports/columns.html",
        {
            "page": Page(
                "Which column is which?",
                lede="This file names its columns in another way. Say once what they are; the next "
                "file like it is recognised.",
                title=f"Match the columns: {kind.title}",
                crumbs=(HOME, Link(kind.title, reverse("import-file", args=[kind.name]))),
            ),
            "pending": waiting,
            "form": form,
            "matches": form.matches(),
            "seen": seen,
            "place": place,
            "sheets": waiting.sheets if len(waiting.sheets) > 1 else [],
            "rows": [
                (row.number, f"Row {row.number}: {shown(', '.join(filter(None, row.cells)), WIDE)}")
                for row in rows
            ],
        },
        status=422 if form.errors else 200,
    )


def _before(
    waiting: PendingImport, place: Place, ours: tuple[Column, ...], seen: list[Profile]
) -> dict[str, Source]:
    """What was chosen so far, else what is guessed."""
    said = waiting.matching
    if "rules" in said and (said["sheet"], said["header_row"]) == (place.sheet, place.header_row):
        return dict(ColumnMap.from_json(said["rules"]).sources)
    by_name = {profile.name: profile for profile in seen}
    needed = {column.name: column.filled for column in ours}
    return {
        name: Source(
            columns=theirs,
            fill_down=needed[name] and len(theirs) == 1 and by_name[theirs[0]].has_gaps,
        )
        for name, theirs in guesses(ours, [p.name for p in seen]).items()
    }


@in_imports
def words(request: HttpRequest, *, pending: int) -> HttpResponse:
    """What do the words of the file mean, and in which order are its dates?"""
    by = by_of(request)
    waiting = _unmatched(request, pending)
    said = waiting.matching
    if "rules" not in said:
        return redirect("import-columns", pending=waiting.pk)
    kind = kinds()[waiting.import_kind]
    ours = kind.layouts[0].columns
    rules = ColumnMap.from_json(said["rules"])
    seen = matching.seen(waiting, said["sheet"], said["header_row"])
    form = WordsForm(
        request.POST or None,
        columns=ours,
        rules=rules,
        words=_words(ours, rules, seen),
        order=_order(ours, rules, seen),
        name=said["name"] or f"{kind.title} from elsewhere",
    )
    if request.method == "POST" and form.is_valid():
        completed = form.completed()
        saved = actions.save_mapping(
            by=by, kind=kind.name, name=form.cleaned_data["name"], rules=completed
        )
        waiting.matching = {**said, "rules": completed.as_json(), "name": saved.name}
        waiting.save(update_fields=["matching"])
        if import_work.is_large(waiting):
            import_work.begin(waiting, PendingImport.Stage.READING)
        else:
            matching.apply(waiting, by=by)
            waiting.stage = PendingImport.Stage.READY
            waiting.save(update_fields=["stage"])
        return redirect("import-preview", pending=waiting.pk)
    return render(
        request,
        "home/imports/words.html",
        {
            "page": Page(
                "What do the words in this file mean?"
                if any(group.asked for group in form.groups())
                else "Is this how to read the file?",
                lede="Answer what is asked and name the layout: the next file is read by itself.",
                title=f"Match the words: {kind.title}",
                crumbs=(HOME, Link(kind.title, reverse("import-file", args=[kind.name]))),
            ),
            "pending": waiting,
            "form": form,
            "groups": form.groups(),
            "evident": _evident(ours, rules, seen),
        },
        status=422 if form.errors else 200,
    )


def _sources_of(
    ours: tuple[Column, ...], rules: ColumnMap, seen: list[Profile], *, timed: bool
) -> dict[str, list[Profile]]:
    """The file’s columns behind each of ours that is a date or time, or that is a choice."""
    by_name = {column_name(profile.name): profile for profile in seen}
    return {
        column.name: [
            by_name[column_name(c)]
            for c in rules.sources[column.name].columns
            if column_name(c) in by_name
        ]
        for column in ours
        if column.name in rules.sources
        and ((column.is_date or column.is_time) if timed else bool(column.choices()))
    }


def _words(
    ours: tuple[Column, ...], rules: ColumnMap, seen: list[Profile]
) -> dict[str, Counter[str]]:
    return {
        name: Counter(behind[0].words or {})
        for name, behind in _sources_of(ours, rules, seen, timed=False).items()
        if len(behind) == 1 and behind[0].words
    }


def _dates(ours: tuple[Column, ...], rules: ColumnMap, seen: list[Profile]) -> list[Profile]:
    found = _sources_of(ours, rules, seen, timed=True)
    return [profile for behind in found.values() for profile in behind]


def _order(ours: tuple[Column, ...], rules: ColumnMap, seen: list[Profile]) -> Order | None:
    order, ask = evident_order(_dates(ours, rules, seen))
    if not ask:
        return None
    known: list[Order] = [s.order for s in rules.sources.values() if s.order]
    return order or (known[0] if known else "")


def _evident(ours: tuple[Column, ...], rules: ColumnMap, seen: list[Profile]) -> str:
    dates = _dates(ours, rules, seen)
    day, month = sum(p.day_first for p in dates), sum(p.month_first for p in dates)
    if day and month:
        return "This file has dates of both kinds. Those that do not fit your answer are refused."
    if day:
        return "Some of its dates can only be day first, such as 13/02/2026."
    if month:
        return "Some of its dates can only be month first, such as 02/13/2026."
    return "Nothing in this file shows it, so it is asked: a wrong answer moves people’s dates."


# --- Saved mappings ------------------------------------------------------------------------------


@in_imports
def mapping(request: HttpRequest, *, mapping: int) -> HttpResponse:
    """How is a file of this layout read?"""
    by = by_of(request)
    saved = get_object_or_404(ColumnMapping, pk=mapping)
    kind = kind_for(request, saved.import_kind)
    ours = kind.layouts[0].columns
    rules = ColumnMap.from_json(saved.rules)
    form = ColumnsForm(
        request.POST or None, columns=ours, header=rules.header, sources=rules.sources
    )
    meanings = WordsForm(
        request.POST or None,
        columns=ours,
        rules=rules,
        words={n: Counter(dict.fromkeys(s.words, 0)) for n, s in rules.sources.items() if s.words},
        order=next((s.order for s in rules.sources.values() if s.order), None),
        name=saved.name,
    )
    if request.method == "POST" and form.is_valid() and meanings.is_valid():
        changed = meanings.completed()
        changed = ColumnMap(rules.header, form.sources(changed.sources))
        try:
            actions.save_mapping(
                by=by,
                kind=kind.name,
                name=meanings.cleaned_data["name"],
                rules=changed,
                mapping=saved,
            )
        except NotPossible as problem:
            meanings.add_error("name", str(problem))
        else:
            messages.success(request, "Saved. Files read before stay as they are.")
            return redirect("imports")
    return render(
        request,
        "home/imports/mapping.html",
        {
            "page": Page(
                "How is a file of this layout read?",
                lede=f"{kind.title}. A change is for the files still to come.",
                title=f"Layout: {saved.name}",
                crumbs=(HOME,),
            ),
            "mapping": saved,
            "form": form,
            "matches": form.matches(),
            "meanings": meanings,
            "groups": meanings.groups(),
        },
        status=422 if form.errors or meanings.errors else 200,
    )


@require_POST
def delete_mapping(request: HttpRequest, *, mapping: int) -> HttpResponse:
    saved = get_object_or_404(ColumnMapping, pk=mapping)
    actions.delete_mapping(by=by_of(request), mapping=saved)
    messages.info(request, "The layout is forgotten. What was brought in with it stays.")
    return redirect("imports")
