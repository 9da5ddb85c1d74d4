"""Skills for Care's ASC-WDS bulk-upload files, as they are: workplaces and workers.

Only what Surehand needs is ever read from a row: National Insurance number, date of birth, health,
ethnicity, nationality, address and pay are not kept anywhere, not even in a file of refused rows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from surehand.imports.kind import Batch, Comparison, Layout, Question
from surehand.imports.reading import column_name, shown
from surehand.imports.table import Column, Line, Parser, day, identifier, text
from surehand.people import people_file, services_file
from surehand.people.access import Action, By, check_may
from surehand.people.models import CareSetting, Employment, Service
from surehand.people.people_file import NewTerms, PostRow, Services, folded_id


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WORKPLACE_HEADER = _names(
    """
    LOCALESTID STATUS ESTNAME ADDRESS1 ADDRESS2 ADDRESS3 POSTTOWN POSTCODE ESTTYPE OTHERTYPE PERMCQC
    PERMLA REGTYPE PROVNUM LOCATIONID MAINSERVICE ALLSERVICES CAPACITY UTILISATION SERVICEDESC
    SERVICEUSERS OTHERUSERDESC DHA DHAACTIVITIES TOTALPERMTEMP ALLJOBROLES STARTERS LEAVERS
    VACANCIES REASONS REASONNOS REPEATTRAINING CWPAWARE CWPUSE CWPUSEDESC SICKPAY PENSION ACTUALCONT
    OPTOUTPEN HOLIDAY SLEEPINS SLEEPINPAY TRAVELTIME TTDIFFRATE
    """
)
WORKER_HEADER = _names(
    """
    LOCALESTID UNIQUEWORKERID STATUS DISPLAYID NINUMBER POSTCODE DOB GENDER ETHNICITY NATIONALITY
    BRITISHCITIZENSHIP COUNTRYOFBIRTH YEAROFENTRY DISABLED CARECERT L2CARECERT RECSOURCE HANDCVISA
    INOUTUK STARTDATE STARTINSECT DHA APPRENTICE EMPLSTATUS ZEROHRCONT DAYSSICK SALARYINT SALARY
    HOURLYRATE MAINJOBROLE MAINJRDESC CONTHOURS AVGHOURS NMCREG AMHP SCQUAL NONSCQUAL CWPCATEGORY
    QUALACH01 QUALACH01NOTES QUALACH02 QUALACH02NOTES QUALACH03 QUALACH03NOTES
    """
)
TRAINING_HEADER = _names(
    """
    LOCALESTID UNIQUEWORKERID CATEGORY TRAININGNAME ACCREDITED WHODELIVERED PROVIDERNAME
    HOWDELIVERED VALIDITY DATECOMPLETED EXPIRYDATE NOTES
    """
)
# Columns a worker file may have after its second.
WORKER_EXTRA = ("CHGUNIQUEWRKID", "TRANSFERSTAFFRECORD")

STATUSES = frozenset({"NEW", "UPDATE", "UNCHECKED", "NOCHANGE", "DELETE"})

# Job roles of the national service; those with a job role here map to it.
MAIN_JOB_ROLES: Mapping[int, str] = {
    1: "Senior management",
    2: "Middle management",
    3: "First-line manager",
    4: "Registered manager",
    5: "Supervisor",
    6: "Social worker",
    7: "Senior care worker",
    8: "Care worker",
    9: "Community support and outreach work",
    10: "Employment support",
    11: "Advice, guidance and advocacy",
    15: "Occupational therapist",
    16: "Registered nurse",
    17: "Allied health professional",
    22: "Technician",
    23: "Other (directly involved in providing care)",
    24: "Manager (care-related, but not care-providing)",
    25: "Administrative",
    26: "Ancillary staff",
    27: "Other (not directly involved in providing care)",
    34: "Activities worker, co-ordinator",
    35: "Safeguarding and reviewing officer",
    36: "Occupational therapist assistant",
    37: "Nursing associate",
    38: "Nursing assistant",
    39: "Assessment officer",
    40: "Care co-ordinator",
    41: "Care navigator",
    42: "Any children’s, young people’s job role",
    43: "Deputy manager",
    44: "Learning and development lead",
    45: "Team leader",
    46: "Data analyst",
    47: "Data governance manager",
    48: "IT and digital support",
    49: "IT manager",
    50: "IT service desk manager",
    51: "Software developer",
    52: "Support worker",
}
_JOB_ROLES = {4: "RM", 7: "SC", 16: "RN", 34: "AC", 43: "DM", 45: "TL", 52: "SW"}
_CARE_WORKER = {CareSetting.HOME: "HC", CareSetting.SUPPORTED: "SW"}

# Training in the ECM system is “in-house systems and applications”.
ECM_TRAINING = 48
TRAINING_CATEGORIES: Mapping[int, str] = {
    1: "Control and restraint",
    2: "Dementia care",
    5: "Emergency aid awareness",
    6: "Fire safety",
    7: "Basic life support and first aid",
    8: "Food hygiene",
    9: "Health and safety awareness",
    10: "Infection prevention and control",
    11: "Leadership and management",
    12: "Learning disability",
    13: "Medication management",
    14: "Mental capacity and liberty safeguards",
    15: "Assisting and moving people",
    16: "Nutrition and hydration",
    17: "Palliative, end of life care",
    18: "Physical disability",
    19: "Positive behaviour support and non-restrictive practice",
    20: "Safeguarding adults",
    21: "Other",
    22: "Dignity, respect, person-centred care",
    23: "Equality and diversity",
    25: "Children’s, young people’s related training",
    26: "Data management and GDPR",
    27: "Epilepsy",
    28: "Communication",
    29: "Diabetes",
    30: "COSHH",
    31: "Mental health",
    32: "Autism",
    33: "Continence care",
    34: "Duty of care",
    35: "Supervision, performance management",
    36: "Stroke",
    37: "Complaints handling, conflict resolution",
    38: "Personal care",
    39: "Activity provision, wellbeing",
    40: "Sensory disability",
    41: "Oliver McGowan Mandatory Training (e-learning)",
    42: "Oliver McGowan Mandatory Training (Tier 1)",
    43: "Oliver McGowan Mandatory Training (Tier 2)",
    44: "Oral health",
    45: "Moving and handling objects",
    46: "Assisted digital and accessibility",
    47: "Digital leadership skills",
    48: "In-house systems and applications",
    49: "Online safety and security",
    50: "Social media and communications",
    51: "Working with digital technology",
}

_EMPLOYMENT = {
    1: Employment.PERMANENT,
    2: Employment.PERMANENT,  # temporary
    3: Employment.BANK,
    4: Employment.AGENCY,
    7: Employment.PERMANENT,  # other
}


def job_role(code: int, setting: str) -> str | None:
    """The job role of a MAINJOBROLE in a setting; None for one without work in the ECM system."""
    if code == 8:
        return _CARE_WORKER.get(CareSetting(setting), "CW")
    return _JOB_ROLES.get(code)


def _status(cell: str) -> str:
    said = cell.upper()
    if said not in STATUSES:
        raise ValueError(f"STATUS “{shown(cell)}” is none of {', '.join(sorted(STATUSES))}.")
    return said


def coded(codes: Iterable[int], column: str) -> Parser:
    known = frozenset(codes)

    def parse(cell: str) -> int:
        code = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 6 else None
        if code not in known:
            raise ValueError(f"{column} “{shown(cell)}” is no code of the ASC-WDS.")
        return code

    return parse


def columns_of(header: Sequence[str], kept: Iterable[Column]) -> tuple[Column, ...]:
    by_name = {c.name: c for c in kept}
    return tuple(by_name.get(n) or Column(n, "Not kept", str, kept=False) for n in header)


def exactly(header: Sequence[str], extra: Sequence[str] = ()) -> Callable[[Sequence[str]], bool]:
    """Whether a header is this one, `extra` columns let pass after the second."""
    wanted = [column_name(h) for h in header]
    passing = {column_name(e) for e in extra}

    def matches(names: Sequence[str]) -> bool:
        bare = list(names[:2]) + [
            n for i, n in enumerate(names[2:]) if not (i < len(passing) and n in passing)
        ]
        return bare == wanted

    return matches


# --- Workplaces ---------------------------------------------------------------------------------

WORKPLACE_COLUMNS = columns_of(
    WORKPLACE_HEADER,
    (
        Column("LOCALESTID", "Becomes the service_id", identifier, True, True),
        Column("STATUS", "What happened to the row, such as NEW or DELETE", _status, True, True),
        Column("ESTNAME", "The service’s name", text(120), True, True),
        Column("LOCATIONID", "CQC location id", text(20), True),
    ),
)


def compare_workplaces(batch: Batch) -> Comparison:
    """As the `services` file; the setting of a new workplace is asked, once."""
    check_may(batch.by, Action.IMPORT_SERVICES, service=None)
    result = Comparison()
    known = {folded_id(code): s for code, s in Service.objects.values_list("code", "setting")}
    rows = []
    for line in batch.lines.good:
        said = line.values
        code = said["LOCALESTID"]
        if said["STATUS"] == "DELETE":
            result.refuse(
                line,
                "STATUS",
                f"“{shown(code)}” is not removed: the evidence about a service stays. "
                "End the posts of those who worked there.",
            )
            continue
        setting = known.get(folded_id(code)) or batch.choices.get(code, "").strip().upper()
        if folded_id(code) not in known:
            result.questions.append(
                Question(
                    key=code,
                    text=f"What is the setting of {said['ESTNAME']} ({code})?",
                    options={s.value: s.label for s in CareSetting},
                    answer=setting,
                )
            )
        if setting not in CareSetting.values:
            result.refuse(
                line,
                "LOCALESTID",
                f"The file does not say the setting of “{shown(code)}”. Choose it: R residential "
                "care, N nursing care, H home care or S supported living "
                f"(--setting {shown(code)}=R).",
            )
            continue
        rows.append(
            services_file.ServiceRow(
                line, code, said["ESTNAME"], setting, cqc=said["LOCATIONID"] or ""
            )
        )
    services_file.compare_services(rows, result)
    return result


# --- Workers ------------------------------------------------------------------------------------

_WORKER_KEPT = (
    Column("LOCALESTID", "The service", identifier, True, True),
    Column("UNIQUEWORKERID", "Becomes the person_id", identifier, True, True),
    Column("STATUS", "What happened to the row, such as NEW or DELETE", _status, True, True),
    Column("DISPLAYID", "Their name", text(120), True, True),
    Column("STARTDATE", "First day of the post", day, True),
    Column(
        "EMPLSTATUS",
        "Permanent, bank or agency, by its code",
        coded(_EMPLOYMENT, "EMPLSTATUS"),
        True,
    ),
    Column("MAINJOBROLE", "The job role, by its code", coded(MAIN_JOB_ROLES, "MAINJOBROLE"), True),
)
WORKER_COLUMNS = columns_of((*WORKER_HEADER, *WORKER_EXTRA), _WORKER_KEPT)


def compare_workers(batch: Batch) -> Comparison:
    """As the `people` file; DELETE ends the person's posts there on the day of import."""
    people_file.check(batch.by)
    result = Comparison()
    services = Services(batch.by)
    settings = dict(Service.objects.values_list("pk", "setting"))
    rows: list[PostRow] = []
    leavers: list[tuple[Line, int]] = []
    aside: Counter[str] = Counter()
    refused = {
        folded_id(line.values["UNIQUEWORKERID"])
        for line in batch.lines.bad
        if line.values.get("UNIQUEWORKERID")
    }
    for line in batch.lines.good:
        said = line.values
        key = folded_id(said["UNIQUEWORKERID"])
        service, why = services.find(said["LOCALESTID"])
        if service is None:
            result.refuse(line, "LOCALESTID", why)
            refused.add(key)
            continue
        if said["STATUS"] == "DELETE":
            leavers.append((line, service))
            continue
        empty = [c for c in ("MAINJOBROLE", "EMPLSTATUS", "STARTDATE") if said[c] is None]
        if empty:
            result.refuse(line, empty[0], f"{empty[0]} is empty.")
            refused.add(key)
            continue
        role = job_role(said["MAINJOBROLE"], settings[service])
        if role is None:
            aside[MAIN_JOB_ROLES[said["MAINJOBROLE"]]] += 1
            result.unchanged.append(line)
            continue
        rows.append(
            PostRow(
                line=line,
                reference=said["UNIQUEWORKERID"],
                name=said["DISPLAYID"],
                job_role=role,
                service=service,
                employment=_EMPLOYMENT[said["EMPLSTATUS"]],
                start=said["STARTDATE"],
            )
        )
    people_file.compare_posts(rows, result, today=batch.today, incomplete=refused)
    _end_posts(leavers, rows, result, batch)
    if aside:
        jobs = ", ".join(f"{name} {count}" for name, count in aside.most_common(8))
        result.notes.append(
            f"{sum(aside.values())} worker(s) in jobs without work in the ECM system are kept "
            f"aside: {jobs}."
        )
    return result


def _end_posts(
    leavers: list[tuple[Line, int]], rows: list[PostRow], result: Comparison, batch: Batch
) -> None:
    """Today is the last day of every open post of a leaver there. Nothing is deleted."""
    if not leavers:
        return
    change: people_file.PeopleChange = result.change
    known = people_file.known_people(line.values["UNIQUEWORKERID"] for line, _ in leavers)
    listed = {(folded_id(row.reference), row.service): row.line.row for row in rows}
    ended: set[int] = set()
    for line, service in leavers:
        key = folded_id(line.values["UNIQUEWORKERID"])
        if (key, service) in listed:
            result.refuse(
                line,
                "STATUS",
                f"Row {listed[key, service]} says that the same worker stays. Keep one of the two.",
            )
            continue
        posts = [
            p
            for p in (known[key].posts if key in known else [])
            if p.service == service and p.open_on(batch.today) and p.end != batch.today
        ]
        fresh = [p for p in posts if p.pk not in ended]
        for post in fresh:
            ended.add(post.pk)
            # A post still to begin never was.
            last = batch.today if post.start <= batch.today else post.start - people_file.ONE_DAY
            change.terms.append(
                NewTerms(
                    post.pk,
                    post.from_date,
                    last,
                    post.terms.team if post.terms else None,
                    post.codes,
                )
            )
        if fresh:
            change.known.setdefault(key, known[key])
            change.about[line.row] = key
        (result.changed if fresh else result.unchanged).append(line)


def check(by: By) -> None:
    """Raises NotPermitted unless `by` may import workplaces or workers (R14)."""
    people_file.check(by)


WORKPLACE = Layout(
    "workplace",
    WORKPLACE_COLUMNS,
    compare_workplaces,
    services_file.write,
    exactly(WORKPLACE_HEADER),
)
WORKER = Layout(
    "worker",
    WORKER_COLUMNS,
    compare_workers,
    people_file.write,
    exactly(WORKER_HEADER, WORKER_EXTRA),
)
