"""Confirmed competence as an ASC-WDS training file, for Skills for Care's bulk upload.

One row for each person and competency held, in each service where the person has a post: the
national file knows one training with one day and one validity, which is what a check is; competence
belongs to the person (R4), so that neither readiness nor a sign-off has a place in it. It holds the
provider's own ids and no names.

UTF-8 without a mark, because the national service compares the first line as it is; what is written
besides ids keeps to letters that a spreadsheet on Windows reads the same.
"""

import csv
import io
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date, datetime

from surehand.assessment.models import Assessment, Outcome
from surehand.assessment.queries import standing
from surehand.people.asc_wds import ECM_TRAINING, TRAINING_HEADER
from surehand.people.models import Employment, Service
from surehand.people.queries import current_posts, references_of
from surehand.readiness.models import CompetencySpan
from surehand.readiness.rules import CompetencyState
from surehand.timeline import FOREVER, Instant, instant, london_date, midnight_after
from surehand.ui.export import Export

NAME_AT_MOST = 120
# The national service takes 1 for a number of months and then refuses it: the dates say it all.
MONTHS = range(2, 1000)
NOT_ACCREDITED, IN_HOUSE, FACE_TO_FACE, DOES_NOT_END = 0, 1, 1, "none"


def training_export(services: Sequence[Service], *, at: datetime) -> Export:
    """The competence of everybody with a post at these services, as at a moment; four statements.

    Left out: people whose identity is erased, and competence that ends on the day of its pass,
    which the national service does not take.
    """
    here = instant(at)
    posts = current_posts([s.pk for s in services], on=london_date(here))
    people = {p.person_id for p in posts}
    references = references_of(people)
    passes = _passes(people, at=at)
    held: dict[tuple[int, bool], list[tuple[int, Instant]]] = {}
    for person, agency, competency, until in CompetencySpan.objects.filter(
        person__in=people, since__lte=here, until__gt=here, state=CompetencyState.COMPETENT
    ).values_list("person_id", "agency", "competency_id", "until"):
        held.setdefault((person, agency), []).append((competency, until))
    # Of two posts in one service, the one in which the competence lasts longer.
    longest: dict[tuple[str, str, int, int], Instant] = {}
    for post in posts:
        if post.person_id not in references:
            continue
        agency = post.employment == Employment.AGENCY
        for competency, until in held.get((post.person_id, agency), ()):
            key = (post.service.code, references[post.person_id], post.person_id, competency)
            longest[key] = max(until, longest.get(key, until))
    rows = [
        row
        for (service, reference, person, competency), until in sorted(longest.items())
        if (row := _row(service, reference, passes[person, competency], until))
    ]
    where = services[0].code if len(services) == 1 else "all"
    return Export(f"asc-wds-training-{where}-{london_date(here):%Y-%m-%d}", TRAINING_HEADER, rows)


def _passes(people: Collection[int], *, at: datetime) -> dict[tuple[int, int], Assessment]:
    """The pass that governs each competency: the latest up to the moment (R7)."""
    found = (
        standing()
        .filter(person__in=people, outcome=Outcome.PASS, happened_at__lte=at)
        .select_related("check_version", "competency")
        .defer("check_version__criteria", "judgements", "help_given")
        .order_by("happened_at", "entry")
    )
    return {(a.person_id, a.competency_id): a for a in found}


def _row(
    service: str, reference: str, passed: Assessment, until: Instant
) -> tuple[str | int | None, ...] | None:
    completed = london_date(instant(passed.happened_at))
    last = None if until == FOREVER else london_date(until - 1)
    if last is not None and last <= completed:
        return None
    check = passed.check_version
    name = plain(f"{passed.competency.code} {check.title}")[:NAME_AT_MOST]
    return (
        service,
        reference,
        ECM_TRAINING,
        f"'{name}"[:NAME_AT_MOST] if name[:1] in "=+-@" else name,
        NOT_ACCREDITED,
        IN_HOUSE,
        None,
        FACE_TO_FACE,
        _validity(passed, until),
        _written(completed),
        _written(last) if last else None,
        f"Competence confirmed by a check, entry {passed.entry} of the evidence ledger.",
    )


def _validity(passed: Assessment, until: Instant) -> int | str | None:
    """The months a pass counts, where competence ends by them and not sooner."""
    if until == FOREVER:
        return DOES_NOT_END
    at = instant(passed.happened_at)
    check = passed.check_version
    for months in (check.validity_months, check.agency_months):
        if months is not None and months in MONTHS and midnight_after(at, months=months) == until:
            return months
    return None


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


def plain(words: str) -> str:
    """Words in letters that UTF-8 and Windows-1252 write alike."""
    bare = unicodedata.normalize("NFKD", words.translate(_PLAIN))
    return " ".join(bare.encode("ascii", "ignore").decode().split())


def to_csv(table: Export) -> bytes:
    """The file as the national service takes it: nothing guarded or marked, lines end CRLF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return out.getvalue().encode()
