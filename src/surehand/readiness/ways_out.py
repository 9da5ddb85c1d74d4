"""What can be done about a shift that is not cleared: each way leads to the one page where it is
done, or is done right there. A way that somebody else must go says who that is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from surehand.competency.models import Check
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import Refused
from surehand.people.access import (
    AccessRole,
    Action,
    By,
    check_may,
    check_not_self,
    check_stands_in,
)
from surehand.people.models import Person, Post
from surehand.people.names import typed
from surehand.people.queries import people_with_access
from surehand.people.roles import JOB_ROLES
from surehand.readiness import queries, rota, rules
from surehand.readiness.actions import check_may_end_override
from surehand.readiness.models import Override, Shift
from surehand.readiness.policies import check_may_say_no_live_use
from surehand.readiness.rota_reasons import Why
from surehand.readiness.rules import Because, State
from surehand.timeline import clip, instant
from surehand.ui.formats import local, plural
from surehand.ui.page import Link, address


@dataclass(frozen=True)
class Candidate:
    """Somebody who could supervise (`href`: where that is allowed) or take the shift (`href`: their
    page)."""

    name: str
    line: str
    href: str = ""


@dataclass(frozen=True)
class Way:
    """One way out. `people` and `links` are what there is to look at, or with `choose` to choose
    from; `link` the page where it is done; `action` the address a button sends to. `refusal` says
    why not by this person."""

    title: str
    text: str = ""
    icon: str = "chevron-right"
    people: tuple[Candidate, ...] = ()
    choose: bool = False
    links: tuple[Link, ...] = ()
    link: Link | None = None
    action: str = ""
    button: str = ""
    refusal: str = ""


def refusal(check: Callable[[], object]) -> str:
    """The sentence with which a check refuses; empty when it does not."""
    try:
        check()
    except Refused as refused:
        return str(refused)
    return ""


def ways_out(
    checked: rota.Checked, check: rota.RotaCheck, why: Why, *, by: By, now: datetime
) -> list[Way]:
    """The ways out of one shift, the likeliest first; none for a shift that is over."""
    shift = checked.shift
    if shift.ends_at <= now:
        return []
    if checked.mark or shift.no_live_use:
        return [_live_use_again(checked, by)]
    if not checked.not_cleared:
        return []
    because = checked.clearance.because
    ways: list[Way] = []
    person = shift.person
    post = _post(checked, check)
    if because is Because.UNNAMED:
        ways.append(
            Way(
                "Name who comes",
                "Name the person in the rota system and bring the rota in again. An agency worker "
                "needs a post here first.",
                "user-plus",
            )
        )
    elif because is Because.NO_POST:
        ways.append(
            Way(
                "Give a post here, or a later last day",
                "Posts come in with the people file. An agency post lasts 13 weeks at most.",
                "calendar-plus",
            )
        )
    if person and post:
        restricted = queries.open_restrictions(person.pk, service=shift.service_id)
        if checked.state is State.AWAITING_SIGN_OFF:
            ways.append(_sign_off(shift, person, by))
        if because is not Because.NO_POST:
            ways.append(_supervisor(checked, check, post, person, by=by, now=now))
        if restricted:
            lift = address("lift", restricted[0].entry)
            ways.append(
                Way(
                    "Lift the restriction",
                    "After a check passed again, or for a stated reason.",
                    "lock-open",
                    link=Link("See the restriction", lift) if lift else None,
                    refusal=refusal(
                        lambda: _check_manager(by, Action.LIFT, shift.service_id, person, now)
                    ),
                )
            )
    ways.append(_swap(shift, post))
    if person and post and why.unmet:
        ways.append(_assess(person, why, by, shift.service_id, now))
    ways.append(_no_live_use(shift, by))
    if checked.clearance.overridden_by is not None:
        ways.append(_end_override(checked.clearance.overridden_by, by, now))
    if (
        person
        and post
        and because is not Because.NO_POST
        and checked.clearance.overridden_by is None
        and not queries.open_restrictions(person.pk, service=shift.service_id)
    ):
        ways.append(_override(shift, person, by))
    return ways


def _post(checked: rota.Checked, check: rota.RotaCheck) -> Post | None:
    """The post the shift is worked in: the least permissive of those that touch it (R4)."""
    shift = checked.shift
    posts = check.posts.get((shift.service_id, shift.person_id or 0), ())
    wanted = {case.id for case in checked.cases}
    return next((p for p in posts if p.pk in wanted), None)


def _check_manager(by: By, action: Action, service: int, person: Person, now: datetime) -> None:
    check_may(by, action, service=service)
    check_not_self(by, person.pk, action)
    managers = people_with_access(AccessRole.REGISTERED_MANAGER, service=service, at=now)
    check_stands_in(by, action, service=service, managers=managers & {person.pk})


def _sign_off(shift: Shift, person: Person, by: By) -> Way:
    def check() -> None:
        check_may(by, Action.SIGN_OFF, service=None)
        check_not_self(by, person.pk, Action.SIGN_OFF)

    href = address("sign-off")
    return Way(
        "Sign off",
        "Every check that is needed is passed.",
        "pen-line",
        link=Link("Read and sign", f"{href}?{urlencode({'service': shift.service.code})}"),
        refusal=refusal(check),
    )


def _supervisor(
    checked: rota.Checked,
    check: rota.RotaCheck,
    post: Post,
    person: Person,
    *,
    by: By,
    now: datetime,
) -> Way:
    shift = checked.shift
    named = checked.clearance.because in {Because.NO_SUPERVISOR, Because.SUPERVISOR_NOT_NAMED}
    title = "Choose another supervisor" if named else "Choose a supervisor"
    refused = refusal(lambda: _check_manager(by, Action.PERMIT, shift.service_id, person, now))
    able = check.able_for(shift)
    supervises = _supervises(checked, check)
    to_permit = address("permit", person.pseudonym)
    until = local(shift.ends_at).date().isoformat()
    titles = {at[1]: posts[0] for at, posts in check.posts.items() if at[0] == shift.service_id}
    people = [
        Candidate(
            str(candidate),
            f"Supervises {supervises[candidate.pk]} already"
            if candidate.pk in supervises
            else job_role_in_words(titles.get(candidate.pk)),
            ""
            if refused or not to_permit
            else f"{to_permit}?"
            + urlencode({"supervisor": candidate.pseudonym, "until": until, "post": post.pk}),
        )
        for candidate in _people(able, check)
    ]
    people.sort(key=lambda who: (who.line.startswith("Supervises"), typed(who.name)))
    return Way(
        title,
        "On this shift from beginning to end, and independent:"
        if people
        else "Nobody who is on this shift from beginning to end is independent. Plan somebody in "
        "who is, in the rota system.",
        "users-round",
        people=tuple(people),
        choose=True,
        refusal=refused,
    )


def _people(wanted: list[int], check: rota.RotaCheck) -> list[Person]:
    found = {c.shift.person_id: c.shift.person for c in check.checked if c.shift.person is not None}
    missing = [p for p in wanted if p not in found]
    more = Person.objects.filter(pk__in=missing).select_related("identity") if missing else []
    return [*(found[p] for p in wanted if p in found), *more]


def _supervises(checked: rota.Checked, check: rota.RotaCheck) -> Mapping[int, int]:
    """How many others each person supervises during this shift."""
    start, until = instant(checked.shift.starts_at), instant(checked.shift.ends_at)
    counts: dict[int, int] = {}
    for other in check.checked:
        if (
            other.clearance.because is not Because.SUPERVISED
            or other.shift.service_id != checked.shift.service_id
            or other.shift.person_id == checked.shift.person_id
            or instant(other.shift.starts_at) >= until
            or instant(other.shift.ends_at) <= start
        ):
            continue
        watching = {
            supervisor
            for case in other.cases
            for stands in clip(
                rules.allowed(case.permissions, case.restrictions, case.failures), start, until
            )
            for supervisor in stands.permission.supervisors
        }
        for supervisor in watching:
            counts[supervisor] = counts.get(supervisor, 0) + 1
    return counts


def job_role_in_words(post: Post | None) -> str:
    """Care worker, agency"""
    if post is None:
        return ""
    title = JOB_ROLES[post.job_role].title if post.job_role in JOB_ROLES else post.job_role
    return title if post.employment == "permanent" else f"{title}, {post.employment}"


def _swap(shift: Shift, post: Post | None) -> Way:
    job_role = shift.job_role or (post.job_role if post else "")
    free = rota.free_and_cleared(shift, job_role=job_role)
    who = plural(len(free), "cleared person is free", "cleared people are free")
    return Way(
        "Swap the shift" if shift.person_id else "Give the shift to one of your own",
        f"{who}. Change the rota in your rota system, then bring it in again."
        if free
        else "No cleared person in this job role is free then.",
        "repeat",
        people=tuple(
            Candidate(
                str(p.person),
                job_role_in_words(p),
                address("person", p.person.pseudonym),
            )
            for p in free
        ),
    )


def _assess(person: Person, why: Why, by: By, service: int, now: datetime) -> Way:
    def check() -> None:
        check_may(by, Action.ASSESS, service=service)
        check_not_self(by, person.pk, Action.ASSESS)

    refused = refusal(check)
    checks: Mapping[int, Check] = checks_in_force(at=now)
    missing = [checks[c] for c in why.unmet if c in checks]
    return Way(
        "Assess what is missing",
        plural(len(missing), "check is missing.", "checks are missing."),
        "clipboard-check",
        links=tuple(
            Link(
                c.short,
                "" if refused else address("assess-of-person", person.pseudonym, c.competency.code),
            )
            for c in missing
        ),
        refusal=refused,
    )


def _no_live_use(shift: Shift, by: By) -> Way:
    return Way(
        "No live use in this shift",
        "They work, others record. It stays so when the rota is brought in again."
        if shift.person_id
        else "Whoever comes works, others record.",
        "eye",
        action=address("no-live-use"),
        button="Mark as no live use",
        refusal=refusal(lambda: check_may_say_no_live_use(by, shift.service_id)),
    )


def _live_use_again(checked: rota.Checked, by: By) -> Way:
    if checked.mark is None:
        return Way(
            "The rota says: no live use",
            "Change it in the rota system and bring the rota in again.",
            "file-spreadsheet",
        )
    return Way(
        "Check this shift again",
        "Takes back the mark “no live use”.",
        "undo-2",
        action=address("live-use-again"),
        button="Take the mark back",
        refusal=refusal(lambda: check_may_say_no_live_use(by, checked.shift.service_id)),
    )


def _override(shift: Shift, person: Person, by: By) -> Way:
    def check() -> None:
        check_may(by, Action.OVERRIDE, service=shift.service_id)
        check_not_self(by, person.pk, Action.OVERRIDE)

    where = urlencode({"service": shift.service.code, "shift": shift.shift_id})
    return Way(
        "Override for this shift",
        "As a last resort, with a reason. The shift stays not cleared; the record shows who "
        "decided.",
        "shield-alert",
        link=Link("Give the reason", f"{address('override')}?{where}"),
        refusal=refusal(check),
    )


def _end_override(entry: int, by: By, now: datetime) -> Way:
    override = Override.objects.select_related("post", "end").get(entry=entry)
    return Way(
        "End the override",
        "From then on nobody answers for this shift any more.",
        "shield-alert",
        link=Link("End it early", address("end-override", entry)),
        refusal=refusal(lambda: check_may_end_override(by=by, override=override, now=now)),
    )
