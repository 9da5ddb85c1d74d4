"""The only writer of change requests and of what became of them (2.4)."""

from datetime import date

from surehand import evidence
from surehand.audits import cause_policies as policies
from surehand.audits import change
from surehand.audits.change_queries import names_in, stands
from surehand.audits.models import AuditWords, Cause, ChangeRequest, ChangeRequestStep
from surehand.ecm.queries import profile_for
from surehand.evidence.refusal import NotPossible, check_not_recorded
from surehand.people.access import Action, By, check_may
from surehand.timeline import instant, london_date

RELEASE_LONGEST = 40


def check_may_request(*, by: By, cause: Cause) -> None:
    """Whoever may say a cause there, of a workflow-design cause that holds. Raises NotPermitted or
    NotPossible."""
    check_may(by, Action.CAUSE, service=cause.service_id)
    policies.check_is(cause, Cause.Kind.WORKFLOW)


def request_change(
    *, by: By, cause: Cause, wording: str, record_type: str = "", section: str = ""
) -> ChangeRequest:
    """Ask for a change of the ECM system; `wording` goes to its supplier, and names nobody.

    Raises NotPermitted or NotPossible.
    """
    check_may_request(by=by, cause=cause)
    policies.check_words(wording, "Write what the system should do.")
    check_names_nobody(wording, service=cause.service_id)
    with evidence.act("change.requested", by=by.actor) as act:
        profile = profile_for(cause.service.setting, at=act.recorded_at)
        if record_type and record_type not in {one.code for one in profile.record_types}:
            raise NotPossible("Choose a kind of record from the list.")
        if section and section not in {one.code for one in profile.sections}:
            raise NotPossible("Choose a section from the list.")
        same = ChangeRequest.objects.filter(
            cause=cause,
            record_type=record_type,
            section=section,
            entry__in=AuditWords.objects.filter(text=wording.strip()).values("entry"),
        )
        check_not_recorded(same.values_list("entry", flat=True).first())
        request = act.record(
            ChangeRequest(
                cause=cause,
                service=cause.service,
                profile=f"{profile.code} {profile.version}",
                record_type=record_type,
                section=section,
                by_id=by.acting(),
            )
        )
        act.state(
            service=cause.service.code,
            theme=cause.theme,
            cause=cause.entry,
            record_type=record_type,
            section=section,
        )
        AuditWords.write(act, wording)
    return request


def check_may_step(*, by: By, request: ChangeRequest) -> None:
    """The registered manager of the service, and the quality lead. Raises NotPermitted."""
    check_may(by, Action.CHANGE_REQUEST, service=request.service_id)


def step_change(
    *,
    by: By,
    request: ChangeRequest,
    state: str,
    on: date,
    release: str = "",
    words: str = "",
) -> ChangeRequestStep:
    """Say what became of a change request on a London day; `release` is the ECM version it came
    with. The last step said holds. Raises NotPermitted or NotPossible."""
    check_may_step(by=by, request=request)
    policies.check_length(words)
    if len(release) > RELEASE_LONGEST:
        raise NotPossible(f"Shorten the release to {RELEASE_LONGEST} characters.")
    check_names_nobody(f"{release} {words}", service=request.service_id)
    with evidence.act("change.stepped", by=by.actor) as act:
        check_not_recorded(_same_plan(request, state, on, words))
        now, last = stands(request)
        problem = change.problem(
            state,
            now,
            on=on,
            last=last,
            today=london_date(instant(act.recorded_at)),
            release=release,
        )
        if problem:
            raise NotPossible(problem)
        step = act.record(
            ChangeRequestStep(
                request=request,
                state=state,
                on=on,
                release=release.strip() if state == ChangeRequestStep.State.RELEASED else "",
                by_id=by.acting(),
            )
        )
        act.state(
            service=request.service.code,
            request=request.entry,
            step=state,
            on=on.isoformat(),
            release=step.release,
        )
        AuditWords.write(act, words)
    return step


def _same_plan(request: ChangeRequest, state: str, on: date, words: str) -> int | None:
    """The entry of the last step, where it is this plan in these words: a plan may be planned anew,
    no other step can follow itself."""
    last = request.steps.order_by("entry").last()
    if last is None or not last.state == state == ChangeRequestStep.State.PLANNED or last.on != on:
        return None
    said = AuditWords.objects.filter(entry=last.entry).values_list("text", flat=True).first()
    return last.entry if words.strip() in {"", said} else None


def check_names_nobody(words: str, *, service: int) -> None:
    """What goes to a supplier names neither staff nor people supported. Raises NotPossible."""
    if found := names_in(words, service=service):
        raise NotPossible(
            f"This names {found}, and the supplier reads it. Say “a care worker” or “a resident”."
        )
