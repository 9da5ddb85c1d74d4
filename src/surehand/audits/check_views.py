"""The worklist of records to check and the page of one (2.2, 2.3)."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from surehand import evidence
from surehand.audits import check_pages as pages
from surehand.audits import check_queries as queries
from surehand.audits.check_actions import (
    check_may_check,
    check_may_void,
    check_record,
    open_record,
    record_of,
    void_check,
)
from surehand.audits.check_forms import CheckForm, RiskForm, VoidForm, answers_as_initial
from surehand.audits.check_policies import CheckedMeanwhile
from surehand.audits.check_queries import Place
from surehand.audits.checked import in_force
from surehand.audits.escalation_actions import check_may_take, take_escalation
from surehand.audits.models import AuditItem, AuditWords, Escalation, RecordCheck
from surehand.audits.risk_mail import mail_of_risk
from surehand.ecm.profile import Profile
from surehand.ecm.queries import profile_for, profile_version
from surehand.evidence.refusal import NotPossible, Refused, why_not
from surehand.people.access import Action, By, check_may
from surehand.people.models import Service
from surehand.people.web import AsAt, as_at, by_of, chosen_service, whole_address
from surehand.records.authors import author_of
from surehand.records.models import LiveRecord
from surehand.records.rows import Row
from surehand.records.said import Said, said_by
from surehand.records.seen import note_seen
from surehand.records.signal_pages import Reason, fields_of, pieces, reasons_of, spans_of
from surehand.records.signal_queries import signals_of
from surehand.timeline import instant, london_date
from surehand.ui.formats import day
from surehand.ui.page import Link, Page, address

T = TypeVar("T", RecordCheck, Escalation)


def worklist(request: HttpRequest) -> HttpResponse:
    """What waits to be checked by whoever asks, and where to begin."""
    service = chosen_service(request, Action.CHECK_RECORDS)
    by = by_of(request)
    places = queries.places(by=by, services=[service.pk])
    first = queries.next_of(places)
    if first and "next" in request.GET:  # chosen now, and not when the page was loaded
        return redirect(_href(first.item))
    waiting = [place for place in places if place.open]
    minutes = queries.minutes_left(by=by, records=len(waiting))
    return render(
        request,
        "audits/check_list.html",
        {
            "page": Page(
                f"Which records at {service} wait for you?",
                lede=pages.lede(len(waiting), minutes),
                title="Records to check",
                crumbs=_crumbs(by, service)[:1],
            ),
            "lines": _lines(places),
            "next": address("records-of-check", service=service.code, next=1) if first else "",
            "calibration": address("records-of-calibration", service=service.code),
        },
    )


def _lines(places: list[Place]) -> list[pages.AuditLine]:
    today = london_date(instant(evidence.clock.now()))
    by_audit: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        by_audit[place.item.audit_id].append(place)
    lines = []
    for found in by_audit.values():
        audit, first = found[0].item.audit, queries.next_of(found)
        waiting = [place for place in found if place.open]
        shown = pages.progress(found, here=None, minutes=None)
        lines.append(
            pages.AuditLine(
                title=pages.title_of(audit),
                says=pages.says(
                    waiting=len(waiting),
                    due=audit.due,
                    mine=sum(place.mine is not None for place in found),
                    own=sum(place.own for place in found),
                    unreadable=sum(not place.readable and place.mine is None for place in found),
                ),
                late=bool(waiting) and audit.due < today,
                open=len(waiting),
                progress=shown,
                link=Link("Check the next record", _href(first.item)) if first else None,
            )
        )
    # What waits comes first, as it is due; what is done stays to be found, the last first.
    waits = [line for line in lines if line.open]
    # The button above leads to the first.
    waits[:1] = [replace(line, link=None) for line in waits[:1]]
    return waits + [line for line in lines[::-1] if not line.open]


def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One record to be checked; or, once it is, what was found in it."""
    found = (
        AuditItem.objects.filter(pk=pk, pk__lt=2**63)
        .select_related("audit__service__details", "author", "account")
        .first()
    )
    if found is None:
        raise Http404("There is no such record in an audit.")
    check_may(by_of(request), Action.READ, service=found.audit.service_id)
    return one(request, found)


def one(request: HttpRequest, item: AuditItem) -> HttpResponse:
    """The record for whoever asks: to be checked, always as it is now; or what was found in it, as
    at any moment."""
    by, at = by_of(request), as_at(request)
    if request.method == "POST":  # what is done is done now
        at = AsAt(moment=evidence.clock.now(), chosen=None, known=None)
    if at.chosen and (at.moment < item.recorded_at or (at.known or item.entry) < item.entry):
        raise Http404("This record had not been selected then.")
    places, here = _places(by, item)
    if here and (here.open or (here.mine and not at.is_past and _wants_change(request))):
        return _ask(request, by, item, places, here, at)
    return _tell(request, by, item, places, at)


def _places(by: By, item: AuditItem) -> tuple[list[Place], Place | None]:
    """What waits for whoever asks and, if they check records there, this record among it."""
    service = item.audit.service_id
    if not by.may(Action.CHECK_RECORDS, service):
        return [], None
    places = queries.places(by=by, services=[service])
    if all(place.item.audit_id != item.audit_id for place in places):
        places += queries.places(by=by, services=[service], audit=item.audit_id)
    return places, next(place for place in places if place.item.pk == item.pk)


def _wants_change(request: HttpRequest) -> bool:
    return "change" in request.GET or request.POST.get("do") == "change"


# --- Asking ---------------------------------------------------------------------------------------


def _ask(
    request: HttpRequest, by: By, item: AuditItem, places: list[Place], here: Place, at: AsAt
) -> HttpResponse:
    mine = here.mine
    shown = Shown.of(item, reveal=mine is not None)
    if shown.said is None or shown.record is None:
        return _tell(request, by, item, places, at)
    spans = pages.sentences(shown.said.text)
    initial = {}
    if mine is not None:
        noted = queries.noted([mine])[mine.pk]
        initial = dict(answers_as_initial(mine, queries.gaps_of([mine])[mine.pk], note=noted.note))
    form = CheckForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        spans=spans,
        corrects=mine is not None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():  # a risk is kept and on its way, or neither
                check = check_record(
                    by=by,
                    item=item,
                    answers=form.answers,
                    gaps=form.gaps,
                    second=here.second,
                    corrects=mine,
                    note=form.cleaned_data["note"],
                    reason=form.cleaned_data.get("reason", ""),
                )
                told = Escalation.objects.filter(entry=check.entry).first()
                if told is not None:
                    mail_of_risk(told, whole_address(request, "records-of-check-item", item.pk))
        except CheckedMeanwhile:
            return one(request, item)  # as it is now
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            _saved(request, item, check, told)
            return redirect(_next(by, item.audit.service))
    _note(by, shown)
    if mine is None:
        open_record(by=by, item=item)
    audit = [place for place in places if place.item.audit_id == item.audit_id]
    waiting = sum(place.open for place in places)
    last = _last(by, places)
    return render(
        request,
        "audits/check.html",
        {
            "page": Page(
                "Does this record hold up?",
                title=f"Record {item.number}: does it hold up?",
                crumbs=_crumbs(by, item.audit.service),
                wide=True,
            ),
            **shown.context(),
            "service": item.audit.service,
            "item": item,
            "form": form,
            "questions": pages.questions(
                form,
                record=shown.record,
                profile=shown.profile,
                setting=item.audit.service.setting,
            ),
            "change": mine is not None,
            "second": here.second,
            "elsewhere": pages.elsewhere(here),
            "is_past": at.is_past,
            "progress": pages.progress(
                audit, here=item.pk, minutes=queries.minutes_left(by=by, records=waiting)
            ),
            "undo": f"{_href(last)}?change" if last and mine is None else "",
            "cancel": address("records-of-check"),
            "hides_signals": item.blind and mine is None,
        },
        status=422 if form.errors else 200,
    )


def _saved(
    request: HttpRequest, item: AuditItem, check: RecordCheck, told: Escalation | None
) -> None:
    author = author_of(item.account_id, item.written_at)
    second = (
        " A colleague saved theirs first, so yours is the second check, which was wanted as well."
        if check.second and request.POST.get("leg") == "first"
        else ""
    )
    risk = (
        f" {told.to} is told of the immediate risk; tell them yourself as well."
        if told and told.to
        else " Nobody is registered manager here: tell who answers for the provider yourself, now."
        if told
        else ""
    )
    messages.success(request, f"Saved. Record {item.number} was written by {author}.{second}{risk}")


def _next(by: By, service: Service) -> str:
    """The next record for them at this service; the worklist where there is none."""
    waiting = queries.next_of(queries.places(by=by, services=[service.pk]))
    return _href(waiting.item) if waiting else address("records-of-check", service=service.code)


def _last(by: By, places: list[Place]) -> AuditItem | None:
    """The record they checked last."""
    done = [place for place in places if place.mine]
    place = max(done, key=lambda place: place.mine.entry if place.mine else 0, default=None)
    return place.item if place else None


# --- Telling --------------------------------------------------------------------------------------


def _tell(
    request: HttpRequest, by: By, item: AuditItem, places: list[Place], at: AsAt
) -> HttpResponse:
    """What was found, as at a moment. At another moment than now there is only to read."""
    checks = list(
        in_force(at=at.moment, known=at.known)
        .filter(item=item)
        .select_related("by__identity", "item__audit__service__details")
        .order_by("second")
    )
    told = queries.risks_in(item, at=at.moment, known=at.known)
    taken = queries.done_about(told, at=at.moment, known=at.known)
    voids: dict[int, Form] = {c.pk: VoidForm(prefix=f"void-{c.pk}") for c in checks}
    takes: dict[int, Form] = {one.pk: RiskForm(prefix=f"risk-{one.pk}") for one in told}
    if request.method == "POST":

        def void(check: RecordCheck, said: dict[str, Any]) -> str:
            void_check(by=by, check=check, reason=said["reason"])
            return "This check does not count any more. The record can be checked anew."

        def take(risk: Escalation, said: dict[str, Any]) -> str:
            take_escalation(by=by, escalation=risk, words=said["words"])
            return "Kept: what was done about this risk. It is off your list."

        done = _sent(
            request,
            item,
            "void",
            checks,
            voids,
            may=lambda check: check_may_void(by=by, check=check),
            do=void,
        ) or _sent(
            request,
            item,
            "take",
            told,
            takes,
            may=lambda risk: check_may_take(by=by, escalation=risk),
            do=take,
        )
        if done:
            return done
    shown = Shown.of(item, reveal=True)
    _note(by, shown)
    every = [*checks, *(one.gap.check_of for one in told)]  # a risk stays told by a corrected check
    gaps, noted = queries.gaps_of(every), queries.noted(every)
    text = shown.said.text if shown.said else ""
    words = dict(
        AuditWords.objects.filter(entry__in=[done.entry for done in taken.values()]).values_list(
            "entry", "text"
        )
    )
    problems = [form for form in (*voids.values(), *takes.values()) if form.errors]
    waiting = queries.next_of(places)
    entered = None
    if request.POST.get("do") in {"check", "change"}:
        entered = pages.entered(CheckForm(request.POST), text=text, says=_why_not(by, item, checks))
        mine = [
            pages.lines_of(check, gaps[check.pk], text)
            for check in checks
            if by.is_self(check.by_id)
        ]
        if entered.lines in mine:  # sent twice
            return redirect(_next(by, item.audit.service))
    return render(
        request,
        "audits/checked.html",
        {
            "page": Page(
                "What was found in this record?",
                lede=_lede(checks, shown),
                title=f"Record {item.number}: what was found",
                crumbs=_crumbs(by, item.audit.service),
                wide=True,
            ),
            **shown.context(),
            "item": item,
            "answers": [
                pages.answered(check, gaps[check.pk], noted[check.pk], text=text, twice=item.twice)
                for check in checks
            ],
            "change": {
                check.pk: f"{_href(item)}?change"
                for check in checks
                if by.is_self(check.by_id) and shown.said and not at.is_past
            },
            "void_forms": {
                check.pk: voids[check.pk]
                for check in checks
                if not at.is_past and not why_not(partial(check_may_void, by=by, check=check))
            },
            "risks": pages.risks(told, taken, gaps, noted, words),
            "risk_forms": {
                one.pk: takes[one.pk]
                for one in told
                if not at.is_past and not why_not(partial(check_may_take, by=by, escalation=one))
            },
            "as_at": at,
            "now_href": _href(item),
            "problems": problems,
            "entered": entered,
            "next": _href(waiting.item) if waiting else "",
            "why": address("audit-why", item.audit_id, item=item.pk),
            "logged": shown.said is not None,
        },
        status=409 if entered else 422 if problems else 200,
    )


def _why_not(by: By, item: AuditItem, checks: list[RecordCheck]) -> str:
    """Why a check that was sent is not taken (done meanwhile, one’s own, or no longer readable),
    and what can be done now."""
    try:
        check_may_check(by=by, item=item)
    except Refused as refusal:
        return f"{refusal} {pages.NOT_SAVED}"
    if any(by.is_self(check.by_id) for check in checks):
        return (
            f"You have checked this record already. {pages.NOT_SAVED} To change what counts, "
            "choose “Change your answers”."
        )
    if record_of(item) is None or not checks:
        return (
            f"What this record says is no longer kept, so it cannot be checked. {pages.NOT_SAVED}"
        )
    return pages.checked_meanwhile(checks)


def _sent(
    request: HttpRequest,
    item: AuditItem,
    button: str,
    among: Sequence[T],
    forms: dict[int, Form],
    *,
    may: Callable[[T], None],
    do: Callable[[T, dict[str, Any]], str],
) -> HttpResponse | None:
    """What was sent about one of these by its button: done and said, if one `may`; or its form is
    there with what is wrong."""
    about = next((one for one in among if request.POST.get(button) == str(one.pk)), None)
    if about is None:
        return None
    may(about)
    empty = forms[about.pk]
    form = forms[about.pk] = type(empty)(request.POST, prefix=empty.prefix)
    if not form.is_valid():
        return None
    messages.success(request, do(about, form.cleaned_data))
    return redirect(_href(item))


def _lede(checks: list[RecordCheck], shown: "Shown") -> str:
    if not checks:
        return "Nobody has checked it yet." if shown.said else "Nobody checked it in time."
    count = "It was checked twice" if len(checks) > 1 else "It was checked"
    return f"{count}, the last time on {day(max(check.happened_at for check in checks))}."


# --- The record -----------------------------------------------------------------------------------


class Shown:
    """The record of an item as its page shows it; `reveal`: with its author, and with what
    screening noticed even where the item is blind."""

    def __init__(self, item: AuditItem, record: LiveRecord | None, *, reveal: bool) -> None:
        self.item, self.record, self.reveal = item, record, reveal
        self.said: Said | None = said_by(record) if record else None
        self.profile = _profile(record, item)
        signals = signals_of(Row(record=record)) if record and (reveal or not item.blind) else []
        self.reasons: list[Reason] = (
            reasons_of(
                Row(record=record),
                signals,
                text=self.said.text if self.said else "",
                answers={},
                replies={},
                words={},
            )
            if record
            else []
        )
        self.pieces = pieces(self.said.text, spans_of(self.reasons, signals)) if self.said else []
        self.beside: dict[int, dict[str, Any]] = {}
        for reason in self.reasons:
            if reason.beside and reason.beside.pk not in self.beside:
                other = said_by(reason.beside)
                self.beside[reason.beside.pk] = {
                    "record": reason.beside,
                    "title": pages.what(reason.beside, self.profile),
                    "when": reason.beside.recorded_at,
                    "text": other.text if other else "What it said is no longer kept.",
                }

    @classmethod
    def of(cls, item: AuditItem, *, reveal: bool) -> "Shown":
        return cls(item, record_of(item), reveal=reveal)

    def context(self) -> dict[str, Any]:
        record = self.record
        author = author_of(self.item.account_id, self.item.written_at)
        return {
            "is_kept": record is not None,
            "what": pages.what(record, self.profile) if record else "",
            "when": day(record.occurred_at) if record else "",
            "said": self.said,
            "pieces": self.pieces,
            "facts": pages.facts_of(
                record,
                self.profile,
                self.reasons,
                author=str(author) if self.reveal and author else "",
            )
            if record
            else [],
            "places": pages.places_of(
                record,
                self.profile,
                self.reasons,
                fields_of(record, self.said, self.profile) if self.said else [],
            )
            if record
            else [],
            "reasons": self.reasons,
            "drew": pages.drew(self.reasons),
            "beside": self.beside,
            "newer": record is not None and record.replaced_by is not None,
        }


def _profile(record: LiveRecord | None, item: AuditItem) -> Profile:
    """The ECM profile the record was read with."""
    if record:
        with suppress(KeyError):
            return profile_version(*record.profile.rsplit(" ", 1))
    return profile_for(item.audit.service.setting, at=item.written_at)


def _note(by: By, shown: Shown) -> None:
    """Keep that these were looked at (records/seen.py)."""
    if by.person is not None and shown.record is not None and shown.said is not None:
        note_seen(by=by, records=[shown.record, *(b["record"] for b in shown.beside.values())])


def _href(item: AuditItem) -> str:
    return address("records-of-check-item", item.pk)


def _crumbs(by: By, service: Service) -> tuple[Link, ...]:
    records = Link("Records", address("records", service=service.code))
    check = Link("Records to check", address("records-of-check", service=service.code))
    audits = Link("Audits", address("audits", service=service.code))
    return (records, check if by.may(Action.CHECK_RECORDS, service.pk) else audits)
