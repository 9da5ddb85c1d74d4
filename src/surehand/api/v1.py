"""The API, version 1: other programs ask, with a token of their own.

A client lets somebody in on status 200 with `cleared: true` and on nothing else. Everything here
answers by the provider's own ids and gives no names of the people asked about.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, NinjaAPI, Query
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.throttling import AuthRateThrottle

from surehand import evidence
from surehand.api import schemas
from surehand.api.problems import Problem, problem
from surehand.api.receiving import receive
from surehand.api.schemas import Code, Id
from surehand.api.scopes import Scope
from surehand.api.tokens import Asking, Bearer, service_of
from surehand.evidence.models import Checkpoint
from surehand.evidence.refusal import NotPermitted, Refused
from surehand.people.queries import references_of
from surehand.people.roles import JOB_ROLES
from surehand.readiness import gate as the_gate
from surehand.readiness import queries, rota
from surehand.readiness.matrix import matrix as the_matrix
from surehand.readiness.overrides import overrides_told
from surehand.readiness.reasons import STATE_KEYS, names_for, open_ended, tell
from surehand.readiness.rota_pages import shift_row
from surehand.readiness.rota_reasons import whys
from surehand.readiness.rules import CompetencyState
from surehand.timeline import Instant, moment, parse_local
from surehand.ui.formats import iso

FORTNIGHT = timedelta(days=14)
CHECKPOINTS_AT_ONCE = 100
# The tables are heavy and asked for now and then. The gate has no such limit: a door that is
# asked too often must not lock everybody out.
HEAVY = AuthRateThrottle("60/m")
TITLE = "Surehand"
ABOUT = (
    "Who may use the live system, and why. Only status 200 with `cleared` true lets somebody in; "
    "an error, a problem or no answer at all means not cleared. Version 0 until the audit loop has "
    "used it: additions are welcome, removals are named in the changelog."
)


class Api(NinjaAPI):
    """The OpenAPI document says of every operation which problems it may end in."""

    def get_openapi_schema(self, **paths: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**paths)
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, said in operation["responses"].items():
                    if int(status) >= 400:
                        said["content"] = content
        document["servers"] = [{"url": "/"}]
        return document


api = Api(
    title=TITLE,
    version="1",
    description=ABOUT,
    docs_url=None,
    urls_namespace="api-v1",
)
_PROBLEMS = {status: schemas.Problem for status in (400, 401, 403, 404, 409, 422, 429, 500, 503)}


# --- the gate

_ANSWERED: dict[Any, Any] = {200: schemas.Readiness, **_PROBLEMS}


@api.get("/readiness", response=_ANSWERED, auth=Bearer(Scope.READINESS), operation_id="readiness")
def readiness(
    request: HttpRequest,
    service_id: Annotated[Id, Query()],
    person_id: Annotated[
        list[Id],
        Query(
            description="One person, or several: give it once for each.",
            min_length=1,
            max_length=schemas.PEOPLE_AT_MOST,
        ),
    ],
    job_role: Annotated[Code | None, Query()] = None,
    supervisor_id: Annotated[Id | None, Query()] = None,
    at: Annotated[str | None, Query(description=schemas.AT, max_length=40)] = None,
    explain: bool = False,
) -> Any:
    """The gate: may these people use the live system at this service?

    Without `job_role` the answer is for the least permissive current post. Nobody of that id, or no
    post here: not cleared. Somebody supervised is cleared only beside `supervisor_id`.
    """
    return _readiness(
        request,
        schemas.AskReadiness.model_construct(
            service_id=service_id,
            person_ids=person_id,
            job_role=job_role,
            supervisor_id=supervisor_id,
            at=at,
            explain=explain,
        ),
    )


@api.post("/readiness", response=_ANSWERED, auth=Bearer(Scope.READINESS), operation_id="ask")
def ask(request: HttpRequest, asked: schemas.AskReadiness) -> Any:
    """The gate again, for more people than an address has room for. Nothing is recorded."""
    return _readiness(request, asked)


def _readiness(request: HttpRequest, asked: schemas.AskReadiness) -> HttpResponse:
    now = evidence.clock.now()
    at = _at(asked.at, now)
    if asked.job_role and asked.job_role not in JOB_ROLES:
        raise Problem(422, f"“{asked.job_role}” is no job role: {', '.join(JOB_ROLES)}.")
    found = the_gate.ask(
        people=asked.person_ids,
        service=asked.service_id,
        at=at,
        job_role=asked.job_role or "",
        supervisor=asked.supervisor_id or "",
    )
    if found.service is None:
        raise Problem(404, f"There is no service “{asked.service_id}”.")
    _asking(request).check_may_ask(found.service)
    overrides = overrides_told(a.override for a in found.answers)
    references = references_of(o.person for o in overrides.values()) if overrides else {}
    reasons = _reasons(found) if asked.explain else {}
    answers = []
    for a in found.answers:
        over = overrides.get(a.override or 0)
        short = [{"text": the_gate.SENTENCES[a.because], "entry": None}]
        answers.append(
            {
                "person_id": a.person_id,
                "cleared": a.cleared,
                "because": a.because.value,
                "state": STATE_KEYS[a.state],
                "job_role": a.job_role or None,
                "since": _iso(a.since),
                "until": _iso(a.until),
                "reasons": reasons.get(a.post or 0, short),
                "override": {
                    "entry": over.entry,
                    "by": references.get(over.person),
                    "name": over.by,
                    "until": iso(over.until),
                    "reason": over.reason if asked.explain else None,
                }
                if over
                else None,
            }
        )
    return _json(
        {
            "cleared": all(a.cleared for a in found.answers) and bool(found.answers),
            "service_id": asked.service_id,
            "at": iso(at),
            "now": iso(now),
            "seq": found.seq,
            "answers": answers,
        }
    )


def _reasons(found: the_gate.Gate) -> dict[int, list[dict[str, Any]]]:
    """Every reason in a sentence, by post, as known at the seq of the answer."""
    people = {a.person for a in found.answers if a.person is not None}
    explained = {
        answer.post.pk: answer.explanation
        for answers in queries.gates(
            people, service=found.service, at=found.at, known=found.seq
        ).values()
        for answer in answers
        if answer.post and answer.explanation
    }
    names = names_for(explained.values())
    return {
        post: [{"text": t.sentence, "entry": t.entry} for t in tell(why, names)]
        for post, why in explained.items()
    }


# --- tables


@api.get(
    "/matrix",
    response={200: schemas.Matrix, **_PROBLEMS},
    auth=Bearer(Scope.MATRIX),
    throttle=HEAVY,
    operation_id="matrix",
)
def matrix(
    request: HttpRequest,
    service_id: Annotated[Id, Query()],
    at: Annotated[str | None, Query(description=schemas.AT, max_length=40)] = None,
) -> Any:
    """The training matrix of a service: who stands where in what, without names."""
    service = service_of(_asking(request), service_id)
    found = the_matrix(services=[service.pk], as_at=_at(at, evidence.clock.now()))
    references = references_of(row.post.person_id for row in found.rows)
    codes = {c: check.competency.code for c, check in found.checks.items()}
    return _json(
        {
            "service_id": service.code,
            "at": iso(found.at),
            "seq": found.seq,
            "plan_version": found.plan.number if found.plan else None,
            "rows": [
                {
                    "person_id": references.get(row.post.person_id, row.post.person.pseudonym),
                    "job_role": row.post.job_role,
                    "employment": row.post.employment,
                    "state": STATE_KEYS[row.state],
                    "since": _iso(row.since),
                    "until": _iso(row.until),
                    "competencies": [
                        {
                            "code": codes[c],
                            "needed": cell.needed,
                            "gate": cell.gate,
                            "state": CompetencyState(cell.state).name.lower()
                            if cell.state is not None
                            else None,
                            "until": _iso(cell.until),
                        }
                        for c, cell in row.cells.items()
                        if c in codes
                    ],
                }
                for row in found.rows
            ],
        }
    )


@api.get(
    "/rota-check",
    response={200: schemas.RotaCheck, **_PROBLEMS},
    auth=Bearer(Scope.ROTA_CHECK),
    throttle=HEAVY,
    operation_id="rota-check",
)
def rota_check(
    request: HttpRequest,
    service_id: Annotated[Id, Query()],
    since: Annotated[str | None, Query(description="Without it, now.", max_length=40)] = None,
    until: Annotated[
        str | None, Query(description="At most 14 days after `since`.", max_length=40)
    ] = None,
) -> Any:
    """Every shift of a service in a window of up to 14 days, each cleared, not cleared or not
    checked."""
    service = service_of(_asking(request), service_id)
    first = _at(since, evidence.clock.now(), name="since")
    last = _at(until, first + FORTNIGHT, name="until")
    if not first < last <= first + FORTNIGHT:
        raise Problem(422, "`until` must be later than `since`, by at most 14 days.")
    seq = evidence.last_seq()
    check = rota.check(services=[service.pk], since=first, until=last)
    told = whys(check.checked, check)
    overrides = overrides_told(c.clearance.overridden_by for c in check.checked)
    references = references_of(
        [
            *(c.shift.person_id for c in check.checked if c.shift.person_id),
            *(o.person for o in overrides.values()),
        ]
    )
    return _json(
        {
            "service_id": service.code,
            "since": iso(first),
            "until": iso(last),
            "seq": seq,
            "not_cleared": sum(c.not_cleared for c in check.checked),
            "shifts": [
                shift_row(c, told[c.shift.pk].sentence, references, overrides)
                for c in check.checked
            ],
        }
    )


@api.get(
    "/checkpoints",
    response={200: schemas.Checkpoints, **_PROBLEMS},
    auth=Bearer(Scope.CHECKPOINTS),
    throttle=HEAVY,
    operation_id="checkpoints",
)
def checkpoints(
    request: HttpRequest,
    after: Annotated[int, Query(description="Those that cover more.", ge=0, lt=2**53)] = 0,
) -> Any:
    """The signed checkpoints of the ledger, 100 at a time: kept outside, they show that nothing
    was changed since."""
    found = Checkpoint.objects.filter(size__gt=after).order_by("size", "pk")[:CHECKPOINTS_AT_ONCE]
    return _json(
        {
            "checkpoints": [
                {"size": c.size, "made_at": iso(c.made_at), "note": bytes(c.note).decode()}
                for c in found
            ]
        }
    )


# --- what an ECM system sends

_BROUGHT_IN: dict[Any, Any] = {200: schemas.BroughtIn, **_PROBLEMS}
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description=schemas.KEY,
        min_length=1,
        max_length=100,
        pattern=r"^[\x21-\x7e]+$",
    ),
]


@api.post(
    "/records", response=_BROUGHT_IN, auth=Bearer(Scope.RECORDS_WRITE), operation_id="records"
)
def records(request: HttpRequest, batch: schemas.RecordsIn, key: IdempotencyKey) -> Any:
    """Bring in live records, up to 5,000 at a time and 10 MB. The answer says of each row what
    became of it, after it is recorded; a refused row never stops the others."""
    rows = [row.dict() for row in batch.records]
    return _json(receive("records", rows, asking=_asking(request), key=key, sent=request.body))


@api.post("/alerts", response=_BROUGHT_IN, auth=Bearer(Scope.RECORDS_WRITE), operation_id="alerts")
def alerts(request: HttpRequest, batch: schemas.AlertsIn, key: IdempotencyKey) -> Any:
    """Bring in alerts that rang, as they stand, up to 5,000 at a time; sent again when somebody has
    acknowledged or closed them."""
    rows = [row.dict() for row in batch.alerts]
    return _json(receive("alerts", rows, asking=_asking(request), key=key, sent=request.body))


def _asking(request: HttpRequest) -> Asking:
    asking = getattr(request, "auth", None)
    if not isinstance(asking, Asking):
        raise AuthenticationError()
    return asking


def _json(content: dict[str, Any]) -> HttpResponse:
    """The answer as it is: its shape is held by a test against the document, not by checking each
    answer anew."""
    return HttpResponse(
        api.renderer.render(None, content, response_status=200),  # type: ignore[arg-type]
        content_type="application/json",
    )


def _iso(at: Instant | None) -> str | None:
    found = open_ended(at) if at is not None else None
    return iso(found) if found else None


def _at(text: str | None, otherwise: datetime, *, name: str = "at") -> datetime:
    if text is None:
        return otherwise
    try:
        found = moment(parse_local(text, edge="start"))
        # A day more on either side is still a day.
        if not datetime(2000, 1, 1, tzinfo=UTC) <= found <= datetime(2200, 1, 1, tzinfo=UTC):
            raise ValueError("It is too far away.")
    except (ValueError, OverflowError) as wrong:
        raise Problem(422, f"`{name}` is not a moment: {wrong}") from None
    return found


# --- problems


@api.exception_handler(Problem)
def _problem(request: HttpRequest, found: Problem) -> HttpResponse:
    return problem(found.status, found.detail)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, found: ValidationError) -> HttpResponse:
    return problem(422, " ".join(dict.fromkeys(_sentence(error) for error in found.errors)))


def _sentence(error: dict[str, Any]) -> str:
    names = [str(part) for part in error["loc"][1:] if not isinstance(part, int)]
    name = f"`{names[-1]}`" if names else "What was sent"
    kind = error["type"]
    if kind == "missing":
        return f"{name} is missing."
    if kind == "too_long":
        return f"{name} may be given at most {error['ctx']['max_length']} times."
    if kind == "too_short":
        return f"{name} must be given at least once."
    if kind.startswith("string_"):
        return f"{name} is not written as it must be: see the OpenAPI document."
    return f"{name}: {error['msg']}."


@api.exception_handler(AuthenticationError)
def _without_token(request: HttpRequest, found: AuthenticationError) -> HttpResponse:
    return problem(401, "Send a token: “Authorization: Bearer …”. An administrator makes one.")


@api.exception_handler(Throttled)
def _too_often(request: HttpRequest, found: Throttled) -> HttpResponse:
    return problem(429, "This token has asked for tables 60 times within a minute. Wait a little.")


@api.exception_handler(HttpError)
def _refused_by_framework(request: HttpRequest, found: HttpError) -> HttpResponse:
    return problem(found.status_code, "What was sent could not be read. Send JSON.")


@api.exception_handler(Http404)
def _not_here(request: HttpRequest, found: Http404) -> HttpResponse:
    return problem(404)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, found: Refused) -> HttpResponse:
    return problem(403 if isinstance(found, NotPermitted) else 409, str(found))


@api.exception_handler(Error)
def _no_database(request: HttpRequest, found: Error) -> HttpResponse:
    return problem(503)
