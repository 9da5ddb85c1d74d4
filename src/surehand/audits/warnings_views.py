"""What in the records needs somebody now? The warnings G05 to G10."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.audits.quality_pages import ACCURACY, Sought
from surehand.audits.warnings import RULES, Rule, Warning
from surehand.audits.warnings_queries import BACK, warnings
from surehand.people.access import DESCRIPTIONS, AccessRole, Action
from surehand.people.models import Person, Service
from surehand.people.web import AsAt, as_at, by_of, chosen_service, readable_services
from surehand.timeline import instant, london_date
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address

MOST_ENTRIES = 5
"""So many ledger entries are linked; the rest stand in the list of records."""


@dataclass(frozen=True)
class Line:
    """A warning for a page: its sentence, who owns it, what closes it and what it rests on."""

    rule: Rule
    where: str
    sentence: str
    owner: str
    escalates: str
    closes: str
    links: tuple[Link, ...]


def overview(request: HttpRequest) -> HttpResponse:
    """The warnings of a service, and of the provider for whoever reads all of it."""
    service, at, by = chosen_service(request), as_at(request), by_of(request)
    whole = by.covers_all(Action.READ)
    services = readable_services(request) if whole else [service]
    found = [
        each
        for each in warnings([s.pk for s in services], at=at.moment, known=at.known)
        if each.service in {service.pk, None}
    ]
    people = Person.objects.filter(pk__in={w.person for w in found if w.person})
    names = {person.pk: person for person in people.select_related("identity")}
    keep = [("service", service.code), *at.address]
    lines = [_line(each, service, names, at, keep) for each in found]
    return render(
        request,
        "audits/warnings.html",
        {
            "page": Page(
                f"What do the records at {service} warn of?",
                lede=f"{plural(len(lines), 'warning')}. Each is a question to ask first, with what "
                "it rests on."
                if lines
                else "Nothing: no rule holds now.",
                over=str(service),
                title="Warnings from records",
                wide=True,
                crumbs=(Link("Record quality", address("records-of-quality", **dict(keep))),),
            ),
            "as_at": at,
            "keep_filters": [("service", service.code)],
            "now_href": f"?service={service.code}",
            "lines": lines,
            "rules": list(RULES.values()),
        },
        status=400 if at.problem else 200,
    )


def _line(
    warning: Warning,
    service: Service,
    names: dict[int, Person],
    at: AsAt,
    keep: Sequence[tuple[str, str]],
) -> Line:
    rule = warning.rule
    name = str(names[warning.person]) if warning.person in names else "somebody"
    sentence = warning.sentence.replace("{person}", name)
    return Line(
        rule=rule,
        where=str(service) if warning.service else "All services",
        sentence=sentence[:1].upper() + sentence[1:],
        owner=f"{_title(rule.owner)}, in {plural(warning.due, 'working day')}",
        escalates=f"{_title(rule.escalate_to)}, after {plural(rule.escalate_at, 'working day')}",
        closes=rule.closes,
        links=_links(warning, at, keep),
    )


def _title(role: str) -> str:
    return DESCRIPTIONS[AccessRole(role)].title


def _links(warning: Warning, at: AsAt, keep: Sequence[tuple[str, str]]) -> tuple[Link, ...]:
    """Where what it rests on can be read."""
    evidence, today = warning.evidence, london_date(instant(at.moment))
    found = []
    if evidence.items and warning.service:
        sought = Sought(
            warning.theme or ACCURACY, since=today - BACK, until=today, items=evidence.items
        )
        found.append(Link(plural(len(evidence.items), "record"), sought.href(keep)))
    elif evidence.items:
        sought = Sought(warning.theme, since=today - timedelta(days=27), until=today, found=True)
        found.append(Link("Records here", sought.href(keep)))
    if evidence.late:
        since, until = evidence.late
        found.append(Link("Late records", Sought("late", since=since, until=until).href(keep)))
    if not evidence.items:
        found += [
            Link(f"Entry {e:,}", address("entry", e)) for e in evidence.entries[-MOST_ENTRIES:]
        ]
    return tuple(found)
