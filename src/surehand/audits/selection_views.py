"""Record audits: which there are, a new one, how one goes, and why its records (2.1)."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from surehand import evidence
from surehand.audits import selection
from surehand.audits import selection_pages as pages
from surehand.audits import selection_queries as queries
from surehand.audits.models import Audit, AuditItem
from surehand.audits.selection_actions import check_selectable, select_audit
from surehand.audits.selection_forms import SelectionForm, usual
from surehand.ecm.queries import profile_for
from surehand.evidence import canonical
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.models import Service
from surehand.people.queries import go_live_dates
from surehand.people.web import AsAt, as_at, by_of, chosen_service
from surehand.timeline import instant, london_date
from surehand.ui import export as files
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address

A_PAGE = 20


def audits(request: HttpRequest) -> HttpResponse:
    """The record audits of a service: how far each is, and what came of it."""
    request.section = "records"  # type: ignore[attr-defined]
    service, at = chosen_service(request), as_at(request)
    by = by_of(request)
    found = queries.audits_of(service.pk, at=at.moment, known=at.known)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    far = _how_far(rows, at)
    here = [("service", service.code)]
    waiting = sum(each.left > 0 for each in far.values())
    return render(
        request,
        "audits/audits.html",
        {
            "page": Page(
                f"Which records at {service} are audited?",
                lede=_lede(page.paginator.count, waiting),
                title="Record audits",
                wide=True,
                crumbs=_crumbs(service)[:1],
            ),
            "as_at": at,
            "here": here,
            "now_href": "?" + urlencode(here),
            "lines": pages.lines(
                rows,
                far,
                today=london_date(instant(at.moment)),
                keep=dict(at.address),
                checks=by.may(Action.CHECK_RECORDS, service.pk),
            ),
            "pages": page,
            "address": "?" + urlencode([*here, *at.address]) + "&page=",
            "select": address("select-audit", service=service.code)
            if by.may(Action.SELECT_AUDIT, service.pk)
            else "",
            "check": address("records-of-check", service=service.code)
            if by.may(Action.CHECK_RECORDS, service.pk)
            else "",
        },
        status=400 if at.problem else 200,
    )


def _how_far(audits: Sequence[Audit], at: AsAt) -> dict[int, queries.Far]:
    return queries.how_far(audits, at=at.moment, known=at.known, is_past=at.is_past)


def _lede(count: int, waiting: int) -> str:
    if not count:
        return "None yet."
    if not waiting:
        return f"{plural(count, 'audit')}, all of them checked."
    return f"{plural(count, 'audit')}; {waiting} {'is' if waiting == 1 else 'are'} being checked."


def _crumbs(service: Service) -> tuple[Link, ...]:
    return (
        Link("Records", address("records", service=service.code)),
        Link("Record audits", address("audits", service=service.code)),
    )


# --- A new one ------------------------------------------------------------------------------------


def select(request: HttpRequest) -> HttpResponse:
    """Choose records to be audited: what the address says is shown with its size and what that
    buys; sending it selects."""
    request.section = "records"  # type: ignore[attr-defined]
    service = chosen_service(request, Action.SELECT_AUDIT)
    now = evidence.clock.now()
    today = london_date(instant(now))
    record_types = profile_for(service.setting, at=now).record_types
    sent: Any = request.POST if request.method == "POST" else request.GET
    if "coverage" not in sent:
        sent = usual(record_types, today=today, live=go_live_dates().get(service.pk))
    form = SelectionForm(sent, record_types=record_types)
    size, found = None, None
    if form.is_valid():
        said = form.cleaned_data
        of = {name: said[name] for name in ("since", "until", "record_types")}
        try:
            if request.method == "POST":
                audit = select_audit(
                    by=by_of(request), service=service, design=form.design(), due=said["due"], **of
                )
                chosen = plural(audit.items.count(), "record")
                messages.success(request, f"{chosen} selected. Team leaders can check them now.")
                return redirect("audit", audit.pk)
            found = check_selectable(service, **of, at=now)
            size = selection.size(found.frame, design=form.design())
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
    return render(
        request,
        "audits/select.html",
        {
            "page": Page(
                "Which records should be audited?",
                lede="Choose how many, and see what they will tell, before one is selected.",
                over=str(service),
                title="Select records",
                crumbs=_crumbs(service),
            ),
            "form": form,
            "service": service.code,
            "size": size,
            "of": pages.size_in_words(len(found.frame), found.people) if found else "",
            "send": form.as_sent() if size else (),
        },
        status=422 if form.errors and request.method == "POST" else 200,
    )


# --- One ------------------------------------------------------------------------------------------


def _audit(request: HttpRequest, pk: int) -> tuple[By, Audit]:
    request.section = "records"  # type: ignore[attr-defined]
    found = (
        Audit.objects.filter(pk=pk, pk__lt=2**63)
        .select_related("service__details", "by__identity", "follows")
        .first()
    )
    if found is None:
        raise Http404("There is no such audit.")
    by = by_of(request)
    check_may(by, Action.READ, service=found.service_id)
    return by, found


def audit(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one audit is, who checked how many, and its result once all are checked."""
    by, found = _audit(request, pk)
    at = as_at(request)
    if at.moment < found.recorded_at or (at.known is not None and at.known < found.entry):
        raise Http404("This audit had not been selected then.")
    far = _how_far([found], at)[found.pk]
    today = london_date(instant(at.moment))
    readings = pages.readings(far)
    profile = profile_for(found.service.setting, at=found.recorded_at)
    following = queries.audits_of(found.service_id, at=at.moment, known=at.known)
    checks = by.may(Action.CHECK_RECORDS, found.service_id)
    follows = pages.tells_follow_up(far, checks=checks)
    return render(
        request,
        "audits/audit.html",
        {
            "page": Page(
                "How accurate are these records?",
                lede=pages.lede(found, far, readings, today=today),
                over=f"{found.service}, {pages.period(found)}",
                title="Record audit",
                crumbs=_crumbs(found.service),
            ),
            "as_at": at,
            "now_href": address("audit", found.pk),
            "audit": found,
            "far": far,
            "late": far.left > 0 and found.due < today,
            "readings": readings,
            "checkers": queries.checkers(found, at=at.moment, known=at.known),
            "kinds": pages.kinds(found, profile),
            "why": pages.paragraph(found, profile, items=far.items, follows=follows),
            "why_href": address("audit-why", found.pk),
            "follows": Link(pages.period(found.follows), address("audit", found.follows.pk))
            if found.follows and follows
            else None,
            "followed_by": [
                Link(pages.period(each), address("audit", each.pk))
                for each in _told(following.filter(follows=found), at, checks=checks)
            ],
            "by": found.by or ("Itself, as a follow-up" if follows else "Told when it is checked"),
            "check": address("records-of-check", service=found.service.code)
            if far.left and checks
            else "",
        },
        status=400 if at.problem else 200,
    )


def _told(audits: Iterable[Audit], at: AsAt, *, checks: bool) -> list[Audit]:
    """Those follow-ups of which somebody may be told (R18)."""
    rows = list(audits)
    far = _how_far(rows, at) if checks else {}
    return [a for a in rows if not checks or pages.tells_follow_up(far[a.pk], checks=checks)]


def why(request: HttpRequest, pk: int) -> HttpResponse:
    """Why these records; `item`: why this one. `again` draws again from the seed; `format` carries
    the selection away, for whoever selects."""
    by, found = _audit(request, pk)
    items = list(found.items.order_by("number"))
    selects = by.may(Action.SELECT_AUDIT, found.service_id)
    if kind := request.GET.get("format", ""):
        check_may(by, Action.SELECT_AUDIT, service=found.service_id)
        try:
            return files.response(pages.export(found, items), kind)
        except ValueError as problem:
            return HttpResponse(str(problem), status=400, content_type="text/plain; charset=utf-8")
    profile = profile_for(found.service.setting, at=found.recorded_at)
    here = address("audit-why", found.pk)
    now = evidence.clock.now()
    follows = pages.tells_follow_up(
        queries.how_far([found], at=now, known=None)[found.pk],
        checks=by.may(Action.CHECK_RECORDS, found.service_id),
    )
    return render(
        request,
        "audits/why.html",
        {
            "page": Page(
                "Why these records?",
                lede="Some of everybody’s, and more where something is likelier to be found; "
                "chance decided which.",
                over=f"{found.service}, {pages.period(found)}",
                title="Why these records",
                crumbs=(
                    *_crumbs(found.service),
                    Link("This audit", address("audit", found.pk)),
                ),
            ),
            "why": pages.paragraph(found, profile, items=len(items), follows=follows),
            "counted": pages.counted(items),
            "item": _item_why(items, request.GET.get("item", "")),
            "drawn": pages.draw_again(
                found, items, queries.drawn_from(found), committed=_committed(found.entry)
            )
            if "again" in request.GET
            else None,
            "again": f"{here}?again=1",
            "seed": found.seed,
            "proof": address("entry", found.entry),
            "entry": found.entry,
            "exports": [
                Link("Plain table (CSV)", f"{here}?format=csv", icon="file-text"),
                Link("Spreadsheet (XLSX)", f"{here}?format=xlsx", icon="file-spreadsheet"),
            ]
            if selects
            else [],
        },
    )


def _item_why(items: list[AuditItem], asked: str) -> pages.ItemWhy | None:
    item = next((one for one in items if str(one.pk) == asked), None)
    if item is None:
        return None
    return pages.item_why(item, told=queries.is_checked(item))


def _committed(entry: int) -> list[str]:
    content = Entry.objects.filter(seq=entry).values_list("content", flat=True).get()
    said: list[str] = canonical.loads(bytes(content))["commitments"]
    return said
