"""What screening noticed (2.6): the overview, the list, one record, and one’s own records."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from surehand import evidence
from surehand.ecm.profile import Profile
from surehand.ecm.queries import profile_for, profile_version, profiles_in_use
from surehand.evidence.models import Entry
from surehand.evidence.refusal import why_not
from surehand.people.access import Action, By, check_may
from surehand.people.models import Service
from surehand.people.web import as_at, by_of, chosen_service
from surehand.records import signal_pages as pages
from surehand.records import signal_queries as queries
from surehand.records.authors import Accounts
from surehand.records.models import LiveRecord, RaisedAlert, RecordText, Signal
from surehand.records.rows import Row
from surehand.records.said import Said, said_by
from surehand.records.seen import note_seen
from surehand.records.signal_actions import answer_signal, check_may_answer, reply_to_signal
from surehand.records.signal_forms import AnswerForm, ReplyForm
from surehand.screening import SIGNALS
from surehand.ui.formats import day, number, plural
from surehand.ui.page import Link, Page, address

A_PAGE = 25
ANSWERED = (
    ("waiting", "Not answered yet"),
    ("fine", "Found fine"),
    ("needs", "Needs something"),
    ("all", "All"),
)


def overview(request: HttpRequest) -> HttpResponse:
    """What was noticed at a service, and how it moves from week to week."""
    service = chosen_service(request)
    at = as_at(request)
    profile = profile_for(service.setting, at=at.moment)
    period = queries.weeks_until(at.moment, known=at.known)
    signal = request.GET.get("signal", "")
    signal = signal if signal in pages.TITLES else ""
    found = pages.overview(service, profile, period, signal=signal)
    here = [("service", service.code)]
    return render(
        request,
        "records/overview.html",
        {
            "page": Page(
                f"What was noticed in records at {service}?",
                lede=pages.lede(found, service),
                title="Records",
                wide=True,
            ),
            "as_at": at,
            "here": here,
            "keep": [*here, *at.address],
            "now_href": "?" + urlencode(here),
            "found": found,
            "chart": pages.chart_of(found, pages.TITLES.get(signal, "Anything noticed")),
            "signal": signal,
            "signals": [("", "Anything"), *((s.code, s.title) for s in SIGNALS)],
            "chart_of": pages.TITLES.get(signal, "Anything noticed"),
            "fewest": pages.FEWEST,
            "nobody": pages.NOBODY_IS_COUNTED,
            "kept_words": f"{plural(found.records, 'record')} came in, and "
            f"{number(found.kept)} still {'has its' if found.kept == 1 else 'have their'} words.",
            "profile": f"{profile.title}, version {profile.version}",
            "list": address("records-of-list", service=service.code),
            "onward": _onward(by_of(request), service),
        },
        status=400 if at.problem else 200,
    )


def _onward(by: By, service: Service) -> list[Link]:
    """What else there is about the records of a service, in the order of the work."""
    checks, words = by.may(Action.CHECK_RECORDS, service.pk), by.may(Action.SCREENING_WORDS, None)
    pages = [
        ("Record audits", "audits", "clipboard-list", True),
        ("Records to check", "records-of-check", "list-checks", checks),
        ("Gaps and causes", "gaps", "search", True),
        ("Change requests", "changes", "send", True),
        ("Refreshers", "refreshers", "refresh-cw", True),
        ("Did training reach them?", "records-of-quality", "chart-line", True),
        ("Who wrote", "live-records", "users-round", True),
        ("The words it looks for", "records-of-words", "book-open", words),
    ]
    found = [
        Link(text, address(name, service=service.code), icon=icon)
        for text, name, icon, may in pages
        if may
    ]
    return [link for link in found if link.href]


def noticed(request: HttpRequest) -> HttpResponse:
    """Everything noticed at a service, narrowed in the address."""
    service = chosen_service(request)
    now = evidence.clock.now()
    profile = profile_for(service.setting, at=now)
    asked = _asked(request)
    lines = Paginator(queries.noticed(service.pk, asked), A_PAGE).get_page(request.GET.get("page"))
    screened = queries.screened_of({row["screened_id"] for row in lines})
    answers = queries.answers_of([pages.row_of(each) for each in screened.values()])
    narrowed = {
        "signal": asked.signal,
        "type": asked.record_type,
        "section": asked.section,
        "week": str(asked.week or ""),
        "answered": asked.answered if asked.answered != "waiting" else "",
    }
    here = [("service", service.code), *((k, v) for k, v in narrowed.items() if v)]
    return render(
        request,
        "records/list.html",
        {
            "page": Page(
                f"Which records at {service} are worth a look?",
                lede=_lede_of_list(lines.paginator.count, asked),
                title="Noticed in records",
                wide=True,
                crumbs=(Link("Records", address("records", service=service.code)),),
            ),
            "keep": [("service", service.code)],
            "chosen": {**narrowed, "answered": asked.answered},
            "signals": [("", "Anything"), *((s.code, s.title) for s in SIGNALS)],
            "types": [
                ("", "Any record"),
                *((one.code, one.title) for one in profile.record_types),
                (queries.ALERT, "An alert that rang"),
            ],
            "sections": [("", "Any section"), *((s.code, s.title) for s in profile.sections)],
            "weeks": [("", "Any week"), *pages.weeks_of(queries.weeks_until(now))],
            "answered": ANSWERED,
            "lines": pages.noticed_lines(
                [(row["screened_id"], row["code"]) for row in lines], screened, profile, answers
            ),
            "pages": lines,
            "address": f"?{urlencode(here)}&page=",
        },
    )


def _asked(request: HttpRequest) -> queries.Asked:
    """What the address narrows the list to; what it does not know it leaves out."""
    signal = request.GET.get("signal", "")
    answered = request.GET.get("answered", "")
    try:
        week = date.fromisoformat(request.GET.get("week", ""))
        week -= timedelta(days=week.weekday())
    except (ValueError, OverflowError):
        week = None
    return queries.Asked(
        signal=signal if signal in pages.TITLES else "",
        record_type=request.GET.get("type", "")[:20],
        section=request.GET.get("section", "")[:20],
        week=week,
        answered=answered if answered in queries.ANSWERED else "waiting",
    )


def _lede_of_list(count: int, asked: queries.Asked) -> str:
    if asked.answered != "waiting":
        return f"{plural(count, 'thing')} noticed, the newest first."
    return (
        f"{plural(count, 'thing')} {'waits' if count == 1 else 'wait'} for somebody to look, the "
        "newest first."
        if count
        else "Nothing waits for you here."
    )


# --- One record, one alert ------------------------------------------------------------------------


def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: what it says, why something was noticed, and what was answered."""
    found = (
        LiveRecord.objects.filter(pk=pk, pk__lt=2**63)
        .select_related("service__details", "subject")
        .first()
    )
    if found is None:
        raise Http404("There is no such record, or it is no longer kept.")
    return _row(request, Row(record=found))


def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert that rang, and what was noticed about it."""
    found = (
        RaisedAlert.objects.filter(pk=pk, pk__lt=2**63)
        .select_related("service__details", "subject")
        .first()
    )
    if found is None:
        raise Http404("There is no such alert, or it is no longer kept.")
    return _row(request, Row(alert=found))


def _row(request: HttpRequest, row: Row) -> HttpResponse:
    by, author = by_of(request), row.author()
    reads = by.may(Action.READ, row.service.pk)
    own = author is not None and author.person is not None and by.is_self(author.person.pk)
    if not reads and not own:
        check_may(by, Action.READ, service=row.service.pk)
    signals = queries.signals_of(row)
    words = said_by(row.record) if row.record else None
    reasons = _reasons(row, signals, words)
    answers = {
        reason.code: AnswerForm(code=reason.code, initial={"seen": reason.seen_answer})
        for reason in reasons
    }
    replies = {reason.code: ReplyForm(prefix=f"own-{reason.code}") for reason in reasons}
    if request.method == "POST":
        done = _answer(request, by, row, answers) or _reply(request, by, row, replies)
        if done:
            return done
    problems = [form for form in (*answers.values(), *replies.values()) if form.errors]
    refusal = why_not(lambda: check_may_answer(by=by, row=row))
    beside = _read(dict.fromkeys(r.beside for r in reasons if r.beside and reads))
    _note(by, [row.record] if row.record and words else [], beside)
    profile = _profile(row)
    return render(
        request,
        "records/record.html",
        {
            "page": Page(
                "What was noticed here?" if reasons else "What does this record say?",
                lede=_lede_of_row(len(reasons)),
                over=f"{row.service}",
                title=pages.what_of(row, profile),
                wide=True,
                crumbs=_crumbs(row.service) if reads else _own_crumbs(),
            ),
            "facts": pages.facts_of(row, profile, author),
            "is_record": row.record is not None,
            "said": words,
            "pieces": pages.pieces(words.text, pages.spans_of(reasons, signals)) if words else [],
            "fields": pages.fields_of(row.record, words, profile) if row.record and words else [],
            "gone": _gone(row),
            "reasons": reasons,
            "beside": _shown_beside(beside),
            "versions": pages.version_lines(queries.versions_of(row.record), row.record)
            if row.record and reads
            else [],
            "current": row.record is None or row.record.replaced_by is None,
            "answer_forms": answers if not refusal else {},
            "refusal": refusal if reads else "",
            "reply_forms": replies if own else {},
            "problems": problems,
            "logged": row.record is not None and words is not None,
        },
        status=422 if problems else 200,
    )


def _answer(
    request: HttpRequest, by: By, row: Row, forms: dict[str, AnswerForm]
) -> HttpResponse | None:
    code = request.POST.get("answer", "")
    if code not in forms:
        return None
    check_may_answer(by=by, row=row)
    form = forms[code] = AnswerForm(request.POST, code=code)
    if not form.is_valid():
        return None
    answer_signal(
        by=by,
        row=row,
        code=code,
        answer=form.answer,
        reason=form.cleaned_data["reason"],
        words=form.cleaned_data["words"],
        seen=form.cleaned_data["seen"],
    )
    messages.success(request, f"Kept: {pages.TITLES[code].lower()} is answered, and off the list.")
    return redirect(pages.href_of(row))


def _reply(
    request: HttpRequest, by: By, row: Row, forms: dict[str, ReplyForm]
) -> HttpResponse | None:
    code = request.POST.get("reply", "")
    if code not in forms:
        return None
    form = forms[code] = ReplyForm(request.POST, prefix=f"own-{code}")
    if not form.is_valid():
        return None
    reply_to_signal(by=by, row=row, code=code, words=form.cleaned_data["words"])
    messages.success(request, "Your answer stands beside what was noticed.")
    return redirect(pages.href_of(row))


def _reasons(row: Row, signals: list[Signal], words: Said | None) -> list[pages.Reason]:
    answers, replies = queries.answers_of([row]), queries.replies_of([row])
    entries = [one.entry for one in answers.values()]
    entries += [one.entry for said in replies.values() for one in said]
    return pages.reasons_of(
        row,
        signals,
        text=words.text if words else "",
        answers=answers,
        replies=replies,
        words=queries.words_of(entries),
    )


def _profile(row: Row) -> Profile:
    """The ECM profile a record was read with; of an alert, the one in force when it rang."""
    if row.record:
        with suppress(KeyError):
            return profile_version(*row.record.profile.rsplit(" ", 1))
    return profile_for(row.service.setting, at=row.at)


def _lede_of_row(count: int) -> str:
    if not count:
        return "Nothing was noticed here."
    return (
        f"{plural(count, 'reason')} to look, each with an innocent explanation. Read it before you "
        "judge: a signal is a question, never a verdict."
    )


def _crumbs(service: Service) -> tuple[Link, ...]:
    return (
        Link("Records", address("records", service=service.code)),
        Link("Noticed", address("records-of-list", service=service.code)),
    )


def _own_crumbs() -> tuple[Link, ...]:
    return (Link("What was noticed in my records", address("records-of-mine")),)


def _gone(row: Row) -> str:
    """Why there are no words to be read; empty for an alert, which has none."""
    if row.record is None:
        return ""
    if RecordText.objects.filter(record=row.record).exists():
        return "The key to what it said was erased, so nobody can read it any more."
    brought = Entry.objects.filter(seq=row.record.entry).values_list("recorded_at", flat=True)
    came = brought.first() or row.record.recorded_at
    return (
        f"What it said is no longer kept. It came in on {day(came)}, and words are kept for a "
        "short time only. When it was written and what was noticed stay longer."
    )


def _read(records: Iterable[LiveRecord]) -> list[tuple[LiveRecord, Said | None]]:
    """Records with what they say; None where it is no longer kept."""
    return [(record, said_by(record)) for record in records]


def _shown_beside(beside: Sequence[tuple[LiveRecord, Said | None]]) -> list[dict[str, Any]]:
    """Other records, to be read next to this one."""
    accounts = Accounts.read({record.account_id for record, _ in beside})
    return [
        {
            "pk": record.pk,
            "title": pages.what_of(row, _profile(row)),
            "whom": pages.whom_of(row),
            "when": record.recorded_at,
            "author": accounts.at(record.account_id, record.recorded_at),
            "text": said.text if said else "",
            "gone": _gone(row) if said is None else "",
            "href": pages.href_of(row),
        }
        for record, said in beside
        for row in [Row(record=record)]
    ]


def _note(
    by: By, records: list[LiveRecord], beside: Sequence[tuple[LiveRecord, Said | None]]
) -> None:
    """Keep that the words of these were looked at, if somebody does; the command line has no
    pages."""
    seen = [*records, *(record for record, said in beside if said is not None)]
    if by.person is not None and seen:
        note_seen(by=by, records=seen)


# --- One’s own records ----------------------------------------------------------------------------


def mine(request: HttpRequest) -> HttpResponse:
    """What was noticed in the records of whoever asks, and what they can say to it."""
    by = by_of(request)
    since = evidence.clock.now() - queries.OWN
    screened = queries.of_people(by.same_human, since=since)
    page = Paginator(screened, A_PAGE).get_page(request.GET.get("page"))
    rows = [pages.row_of(each) for each in page]
    answers, replies = queries.answers_of(rows), queries.replies_of(rows)
    words = queries.words_of([one.entry for one in answers.values()])
    request.section = "held-about-me"  # type: ignore[attr-defined]
    return render(
        request,
        "records/mine.html",
        {
            "page": Page(
                "What was noticed in my records?",
                lede=f"{plural(len(screened), 'record')} in the last {queries.WEEKS} weeks. A "
                "signal is a question about a record, and nothing about you."
                if screened
                else "Nothing in the last 12 weeks.",
                title="What was noticed in my records",
                crumbs=(Link("What is held about me", address("held-about-me")),),
            ),
            "lines": pages.own_lines(
                page,
                profiles_in_use(at=evidence.clock.now()),
                answers,
                replies,
                words,
            ),
            "pages": page,
            "address": "?page=",
        },
    )
