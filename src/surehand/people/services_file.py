"""The `services` file: the provider's services, their names and their go-live dates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import Column, Line, choice, day, folded, identifier, text
from surehand.people.access import Action, By, check_may
from surehand.people.models import CareSetting, GoLive, Post, Service, ServiceDetails

_SETTING_NAMES = {
    **{folded(s.value): s.value for s in CareSetting},
    **{folded(s.label): s.value for s in CareSetting},
    "residential": "R",
    "residentialhome": "R",
    "carehome": "R",
    "carehomewithoutnursing": "R",
    "nursing": "N",
    "nursinghome": "N",
    "carehomewithnursing": "N",
    "home": "H",
    "homecareservice": "H",
    "domiciliary": "H",
    "domiciliarycare": "H",
    "extracare": "H",
    "supported": "S",
}

COLUMNS = (
    Column(
        "service_id",
        "Your own id of the service",
        identifier,
        True,
        True,
        example="ALDER",
        also=("service code", "code", "id", "location id", "site id", "home id"),
    ),
    Column(
        "name",
        "Its name",
        text(120),
        True,
        True,
        example="Alder House",
        also=("service name", "service", "home", "site", "location", "location name"),
    ),
    Column(
        "setting",
        "R residential care, N nursing care, H home care or extra care, S supported living",
        choice(
            _SETTING_NAMES, what="setting", titles=[f"{s.value} {s.label}" for s in CareSetting]
        ),
        True,
        True,
        example="R",
        options=lambda: {s.value: s.label for s in CareSetting},
        also=("type", "service type", "care setting", "kind of service"),
    ),
    Column(
        "go_live_date",
        "When it goes live; may be empty",
        day,
        True,
        example="2026-03-02",
        also=("go live", "live", "goes live", "live from"),
    ),
    Column(
        "cqc_location_id",
        "CQC location id, such as 1-123456789",
        text(20),
        example="1-123",
        called="CQC location id",
    ),
)


@dataclass(frozen=True)
class ServiceRow:
    """What a file says about a service. `go_live` and `cqc` are None where it is silent."""

    line: Line
    code: str
    name: str
    setting: str
    says_go_live: bool = False
    go_live: date | None = None
    cqc: str | None = None


@dataclass
class ServiceChange:
    new: list[ServiceRow] = field(default_factory=list)
    details: list[ServiceDetails] = field(default_factory=list)
    go_lives: list[tuple[int, date | None]] = field(default_factory=list)  # service, date


def compare(batch: Batch) -> Comparison:
    result = Comparison()
    rows = [
        ServiceRow(
            line=line,
            code=line.values["service_id"],
            name=line.values["name"],
            setting=line.values["setting"],
            says_go_live=True,
            go_live=line.values["go_live_date"],
            cqc=(line.values["cqc_location_id"] or "")
            if "cqc_location_id" in line.values
            else None,
        )
        for line in batch.lines.good
    ]
    compare_services(rows, result)
    return result


def compare_services(rows: Iterable[ServiceRow], result: Comparison) -> None:
    """Sort rows into added, changed, unchanged and refused. Three statements."""
    change = ServiceChange()
    known = {
        folded_code(d.service.code): d for d in ServiceDetails.objects.select_related("service")
    }
    live = dict(GoLive.objects.order_by("entry", "pk").values_list("service_id", "on"))
    seen: dict[str, Line] = {}
    for row in rows:
        code = folded_code(row.code)
        if code in seen:
            result.refuse(
                row.line, "service_id", f"“{shown(row.code)}” is also in row {seen[code].row}."
            )
            continue
        seen[code] = row.line
        details = known.get(code)
        if details is None:
            change.new.append(row)
            result.added.append(row.line)
            continue
        if details.service.setting != row.setting:
            was = CareSetting(details.service.setting).label
            result.refuse(
                row.line,
                "setting",
                f"“{shown(row.code)}” is recorded as {was}, and a service’s setting does not "
                "change. Give a service in another setting an id of its own.",
            )
            continue
        changed = False
        cqc = details.cqc_location_id if row.cqc is None else row.cqc
        if (details.name, details.cqc_location_id) != (row.name, cqc):
            details.name, details.cqc_location_id = row.name, cqc
            change.details.append(details)
            changed = True
        if row.says_go_live and live.get(details.service_id) != row.go_live:
            change.go_lives.append((details.service_id, row.go_live))
            changed = True
        (result.changed if changed else result.unchanged).append(row.line)
    result.change = change


def folded_code(code: str) -> str:
    """An id as compared: capitals and small letters are one."""
    return code.casefold()


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    change: ServiceChange = result.change
    services = [Service(code=row.code, setting=row.setting) for row in change.new]
    act.record_all(services)
    ServiceDetails.objects.bulk_create(
        [
            ServiceDetails(service=service, name=row.name, cqc_location_id=row.cqc or "")
            for service, row in zip(services, change.new, strict=True)
        ]
    )
    ServiceDetails.objects.bulk_update(change.details, ["name", "cqc_location_id"], batch_size=200)
    act.record_all(
        [
            GoLive(service=service, on=row.go_live)
            for service, row in zip(services, change.new, strict=True)
            if row.go_live
        ]
        + [GoLive(service_id=service, on=on) for service, on in change.go_lives]
    )
    moved = [service for service, _ in change.go_lives]
    act.touch(list(Post.objects.filter(service__in=moved).values_list("pk", flat=True)))
    return {}


def check(by: By) -> None:
    check_may(by, Action.IMPORT_SERVICES, service=None)


KIND = Kind(
    name="services",
    title="Services",
    what="Your services, one a row, with their setting and go-live date.",
    check=check,
    layouts=(Layout("services", COLUMNS, compare, write),),
    max_rows=5_000,
)
