"""What happened to a person: their entries in the ledger as sentences, newest first.

The ledger knows pseudonyms and codes; names come from beside it, and the words written with an
entry only where the reader may read the service they were written in.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, Model, Q, Value
from django.db.models.functions import Coalesce

from surehand.assessment.models import (
    Assessment,
    AssessmentVoid,
    AssessmentWords,
    CheckRequest,
    ManagerReview,
    Outcome,
    Reopening,
)
from surehand.audits.blind import HIDDEN, hidden_entries
from surehand.audits.models import (
    AuditWords,
    Cause,
    ChangeRequestStep,
    FindingReply,
    RecordCheck,
    RecordCheckVoid,
)
from surehand.competency.models import Check
from surehand.competency.queries import latest_checks
from surehand.competency.themes import THEMES
from surehand.evidence import canonical
from surehand.evidence.kinds import Words
from surehand.evidence.models import Entry
from surehand.people.access import DESCRIPTIONS, AccessRole, Action, By
from surehand.people.models import (
    AccessEnd,
    AccessGrant,
    Identity,
    Merge,
    Post,
    PostTerms,
    ServiceDetails,
)
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, in_words
from surehand.practice.models import (
    Attempt,
    AttemptEnd,
    AttemptVoid,
    PracticeWords,
    SpotCheck,
    SpotCheckVoid,
)
from surehand.practice.queries import own_titles, scenario_titles
from surehand.practice.spot_checks import held_questions
from surehand.readiness.models import (
    BreakGlass,
    Lifting,
    Override,
    OverrideEnd,
    ReadinessWords,
    Restriction,
    SignOff,
)
from surehand.readiness.reasons import last_day
from surehand.records.models import RecordsWords, SignalReply
from surehand.support.categories import CATEGORIES
from surehand.support.models import (
    Answer,
    Attendance,
    Confidence,
    Permission,
    PermissionEnd,
    Question,
    QuestionWording,
    SupportAction,
    SupportDone,
    SupportWords,
)
from surehand.timeline import instant
from surehand.ui.formats import day, moment, plural
from surehand.ui.page import address

# Every fact about a person: its table, the way to the person and the way to the service it was
# written in ("" where it belongs to no one service).
ABOUT: tuple[tuple[type[Model], str, str | Coalesce], ...] = (
    (Post, "person", "service"),
    (PostTerms, "post__person", "post__service"),
    (AccessGrant, "person", ""),
    (AccessEnd, "grant__person", ""),
    (Merge, "person", ""),
    (Merge, "into", ""),
    (CheckRequest, "person", "service"),
    (Assessment, "person", "service"),
    (AssessmentVoid, "subject", "assessment__service"),
    (ManagerReview, "subject", Coalesce("assessment__service", "request__service")),
    (Attendance, "person", ""),
    (SupportAction, "person", ""),
    (SupportDone, "action__person", ""),
    (Question, "person", "service"),
    (QuestionWording, "question__person", "question__service"),
    (Answer, "subject", "question__service"),
    (Confidence, "person", ""),
    (Attempt, "person", "service"),
    (AttemptEnd, "attempt__person", "attempt__service"),
    (AttemptVoid, "subject", "attempt__service"),
    (SpotCheck, "person", "service"),
    (SignalReply, "by", "service"),
    (RecordCheck, "subject", "item__audit__service"),
    (RecordCheckVoid, "subject", "check_of__item__audit__service"),
    (RecordCheckVoid, "check_of__subject", "check_of__item__audit__service"),
    (FindingReply, "by", "check_of__item__audit__service"),
    (Cause, "subject", "service"),
    (SpotCheckVoid, "subject", "spot_check__service"),
    (Permission, "subject", "post__service"),
    (PermissionEnd, "permission__subject", "permission__post__service"),
    (SignOff, "subject", "post__service"),
    (Restriction, "person", "service"),
    (Lifting, "subject", "restriction__service"),
    (Override, "subject", "post__service"),
    (OverrideEnd, "override__subject", "override__post__service"),
)
NO_SERVICE = Value(None, output_field=BigIntegerField())
WORDS: tuple[type[Words], ...] = (
    AssessmentWords,
    SupportWords,
    PracticeWords,
    ReadinessWords,
    RecordsWords,
    AuditWords,
)


@dataclass(frozen=True)
class Happened:
    """One thing that happened: `what` in bold, `rest` of the sentence, the `words` written with
    it, and a `note` on what became of it."""

    entry: int
    when: datetime
    icon: str
    tone: str
    what: str
    rest: str
    words: str = ""
    note: str = ""
    competency: str = ""
    late: str = ""
    href: str = ""
    proof: str = ""  # the page of the entry


def entries_about(person: int, *, known: int | None = None) -> dict[int, int | None]:
    """The seqs of all entries with a fact about this person, each with the service it was written
    in (None: no one service); two statements."""
    queries = []
    for model, path, service in ABOUT:
        rows = model._default_manager.filter(**{path: person}).order_by()
        if known is not None:
            rows = rows.filter(entry__lte=known)
        queries.append(rows.values_list("entry", _column(service)))
    found: dict[int, int | None] = {}
    for entry, where in queries[0].union(*queries[1:], all=True):
        found[entry] = where if found.get(entry) is None else found[entry]
    for entry, where, people in BreakGlass.objects.values_list("entry", "service_id", "people"):
        if person in people and (known is None or entry <= known):
            found[entry] = where
    services = set(Post.objects.filter(person=person).values_list("service_id", flat=True))
    for entry, where, people in Reopening.objects.values_list("entry", "service_id", "people"):
        if known is not None and entry > known:
            continue
        if person in people or (not people and (where is None or where in services)):
            found[entry] = where
    return found


def written_about(entries: Collection[int]) -> dict[int, set[tuple[int, int | None]]]:
    """The people these entries hold facts about, each with the service it was written in; one
    statement. A check of a record whose author is not known is about nobody."""
    queries = [
        # Some facts may be about nobody: whoever wrote a record is not always known.
        model._default_manager.filter(entry__in=entries, **{f"{path}__isnull": False})
        .order_by()
        .values_list("entry", path, _column(service))
        for model, path, service in ABOUT
    ]
    found: dict[int, set[tuple[int, int | None]]] = {}
    for entry, person, where in queries[0].union(*queries[1:]):
        found.setdefault(entry, set()).add((person, where))
    return found


def _column(service: str | Coalesce) -> Any:
    if isinstance(service, str):
        return f"{service}_id" if service else NO_SERVICE
    return service


@dataclass(frozen=True)
class Context:
    """What the sentences need to be told: names behind pseudonyms, codes and ids."""

    person: int
    pseudonym: str
    names: Mapping[str, str]
    checks: Mapping[str, Check]
    services: Mapping[int, str]
    posts: Mapping[int, list[Post]]
    terms: Mapping[int, list[PostTerms]]
    courses: Mapping[int, list[str]]
    # entry: the entry that voided or corrected it
    undone: Mapping[int, tuple[str, int]]
    shorts: Mapping[int, str]
    scenarios: Mapping[str, str]
    questions: Mapping[str, str]

    def name(self, pseudonym: str) -> str:
        if set(pseudonym) == {"0"}:
            return "the command line"
        return self.names.get(pseudonym) or f"erased person {pseudonym[:6]}"

    def short(self, code: str) -> str:
        check = self.checks.get(code)
        return check.short if check else code


def story(
    *,
    person: int,
    pseudonym: str,
    by: By,
    until: datetime | None = None,
    known: int | None = None,
) -> list[Happened]:
    """Everything recorded about a person that `by` may read, newest first.

    `until` leaves out what happened later; `known` what was recorded after that seq. A fixed
    number of statements.
    """
    where = entries_about(person, known=known)
    found = {
        seq: canonical.loads(bytes(content))
        for seq, content in Entry.objects.filter(seq__in=where).values_list("seq", "content")
    }
    hidden = hidden_entries(by)
    words = words_of(
        {seq: s for seq, s in where.items() if seq not in hidden}, person=person, by=by
    )
    context = context_of(found, person=person, pseudonym=pseudonym)
    told = []
    for seq, said in found.items():
        happened_at = datetime.fromisoformat(said["happened_at"])
        if until is not None and happened_at > until:
            continue
        icon, tone, what, rest, competency = tell(said, context, hidden=seq in hidden)
        undone, later = context.undone.get(seq, ("", 0))
        recorded_at = datetime.fromisoformat(said["recorded_at"])
        told.append(
            Happened(
                entry=seq,
                when=happened_at,
                icon=icon,
                tone=tone,
                what=what,
                rest=rest,
                words=words.get(seq, ""),
                note=f"{undone} by entry {later:,}." if undone else "",
                competency=competency,
                href=address("assessment", seq) if said["kind"] in _ASSESSMENTS else "",
                proof=address("entry", seq),
                late=f"Recorded later, on {moment(recorded_at)}."
                if (recorded_at - happened_at).total_seconds() > 3600
                else "",
            )
        )
    return sorted(told, key=lambda each: (each.when, each.entry), reverse=True)


def words_of(where: Mapping[int, int | None], *, person: int, by: By) -> dict[int, str]:
    """The words written with these entries that `by` may read: all about oneself, else those of a
    service one may read."""
    readable = [
        entry
        for entry, service in where.items()
        if by.is_self(person)
        or by.may(Action.READ, service)
        or (service is None and by.may_anywhere(Action.READ))
    ]
    found: dict[int, str] = {}
    for table in WORDS:
        rows = table._default_manager.filter(entry__in=readable).order_by("pk")
        for entry, text in rows.values_list("entry", "text"):
            found[entry] = f"{found[entry]} {text}" if entry in found else text
    return found


def tell(said: dict[str, Any], context: Context, *, hidden: bool = False) -> "Told":
    """What an entry says: icon, tone, what happened, the rest of the sentence, and the code of the
    competency it is about. `hidden`: only that there is one."""
    if hidden:
        return _hidden(said, context)
    if said["kind"].endswith(".imported") and not context.person:
        return _taken_in(said, context)
    return _TELL.get(said["kind"], _tell_other)(said, context)


def context_of(
    entries: Mapping[int, dict[str, Any]], *, person: int = 0, pseudonym: str = ""
) -> Context:
    """What the sentences about these entries need to be told, in a fixed number of statements;
    about one person, or (without) about whomever they name."""
    pseudonyms = {e["actor"] for e in entries.values()} | {
        s for e in entries.values() if len(e["subjects"]) <= 20 for s in e["subjects"]
    }
    checks = latest_checks()
    undone: dict[int, tuple[str, int]] = {}
    for seq, said in entries.items():
        if said["corrects"] is not None:
            voided = said["kind"].endswith(".voided")
            undone[said["corrects"]] = ("Voided" if voided else "Corrected", seq)
    posts: dict[int, list[Post]] = {}
    few = [seq for seq, said in entries.items() if not said["kind"].endswith(".imported")]
    own = Q(person=person) if person else Q(entry__in=few)
    for post in Post.objects.filter(own).order_by("pk"):
        posts.setdefault(post.entry, []).append(post)
    terms: dict[int, list[PostTerms]] = {}
    own = Q(post__person=person) if person else Q(entry__in=few)
    for row in PostTerms.objects.filter(own).select_related("post").order_by("entry", "pk"):
        terms.setdefault(row.entry, []).append(row)
    courses: dict[int, list[str]] = {}
    for attendance in Attendance.objects.filter(person=person).select_related("course__name"):
        courses.setdefault(attendance.entry, []).append(str(attendance.course))
    return Context(
        person=person,
        pseudonym=pseudonym,
        names=dict(
            Identity.objects.filter(person__pseudonym__in=pseudonyms).values_list(
                "person__pseudonym", "name"
            )
        ),
        checks={c.competency.code: c for c in checks.values()},
        services=dict(ServiceDetails.objects.values_list("service_id", "name")),
        posts=posts,
        terms=terms,
        courses=courses,
        undone=undone,
        shorts={pk: c.short for pk, c in checks.items()},
        scenarios={**scenario_titles(), **own_titles(_scenarios_of(entries))},
        questions={code: one.question.title for code, one in held_questions().items()},
    )


def _scenarios_of(entries: Mapping[int, dict[str, Any]]) -> set[str]:
    """The codes of the scenarios they speak of."""
    return {
        said["state"]["scenario"].partition(" ")[0]
        for said in entries.values()
        if said["kind"]
        in {"practice.started", "practice.observed", "practice.corrected", "practice.voided"}
        or said["kind"].startswith("scenario.")
    }


_ASSESSMENTS = {"assessment.recorded", "assessment.corrected"}

# --- One sentence for each kind of entry: (icon, tone, what, rest, competency code) ---------------

Told = tuple[str, str, str, str, str]
_HOW = {"practice": "in practice", "live": "in live use", "discussion": "by discussion"}


def _code(check: str) -> str:
    return check.split(" ", 1)[0]


def _assessed(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    code = _code(state["check"])
    icon, tone = {
        Outcome.PASS: ("circle-check", "independent"),
        Outcome.PARTIAL: ("circle-dot-dashed", "supervised"),
        Outcome.FURTHER_SUPPORT: ("clipboard-x", "not_ready"),
    }[Outcome(state["outcome"])]
    again = "Judged again: " if said["kind"] == "assessment.corrected" else ""
    again = again or ("Re-check: " if state.get("retakes") else "")
    helped = help_in_words(state["help_given"])
    how = _HOW.get(state["method"], state["method"])
    return (
        icon,
        tone,
        f"{again}{context.short(code)}: {Outcome(state['outcome']).label.lower()}.",
        f"Assessed {how} by {context.name(said['actor'])}, {helped}.",
        code,
    )


def help_in_words(given: Mapping[str, int]) -> str:
    """How much help an assessor gave: "without help", "with help given 3 times"."""
    times = sum(given.values())
    if not times:
        return "without help"
    return "with help given once" if times == 1 else f"with help given {times} times"


def _voided(said: dict[str, Any], context: Context) -> Told:
    return (
        "undo-2",
        "plain",
        "An assessment was voided",
        f"by {context.name(said['actor'])}: entry {said['corrects']:,} no longer counts.",
        "",
    )


def _reviewed(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    decision = ManagerReview.Decision(state["decision"]).label.lower()
    others = [context.name(s) for s in said["subjects"] if s != context.pseudonym]
    sentences = [f"decided by {context.name(said['actor'])} after entry {state['of']:,}."]
    if "support_due" in state:
        due = day(date.fromisoformat(state["support_due"]))
        sentences.append(f"Support{f' with {in_words(others)}' if others else ''} by {due}.")
    if "check_due" in state:
        sentences.append(f"Check again by {day(date.fromisoformat(state['check_due']))}.")
    return "clipboard-pen", "plain", f"Reviewed: {decision}", " ".join(sentences), ""


def _asked(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    return (
        "calendar-plus",
        "plain",
        f"Check asked for: {context.short(state['check'])}",
        f"by {context.name(said['actor'])}, due {day(date.fromisoformat(state['check_due']))}.",
        state["check"],
    )


def _reopened(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    ends = day(datetime.fromisoformat(state["ends_at"]))
    return (
        "rotate-ccw",
        "supervised",
        f"{context.short(state['competency'])} is asked for again",
        f"by {context.name(said['actor'])}: it ends on {ends} unless passed again.",
        state["competency"],
    )


def _supported(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    what = SupportAction.What(state["support"]).label
    due = day(date.fromisoformat(state["support_due"]))
    others = [context.name(s) for s in said["subjects"] if s != context.pseudonym]
    owner = f" with {in_words(others)}" if others else ""
    return (
        "hand-helping",
        "plain",
        f"Support planned: {what.lower()}",
        f"{owner} by {due}. Planned by {context.name(said['actor'])}.".strip(),
        "",
    )


def _support_done(said: dict[str, Any], context: Context) -> Told:
    outcome = SupportDone.Outcome(said["state"]["outcome"]).label
    return (
        "handshake",
        "plain",
        f"Support given. {outcome}.",
        f"Recorded by {context.name(said['actor'])}.",
        "",
    )


def _refresher_planned(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    due = day(date.fromisoformat(state["support_due"]))
    return (
        "refresh-cw",
        "plain",
        f"Refresher planned: {THEMES[state['theme']].title.lower()}",
        f"for {plural(state['people'], 'person', 'people')} by {due}. "
        f"Planned by {context.name(said['actor'])}.",
        "",
    )


def _refresher_given(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    return (
        "refresh-cw",
        "plain",
        f"Refresher given: {THEMES[state['theme']].title.lower()}",
        f"on {day(date.fromisoformat(state['on']))} to "
        f"{plural(state['people'], 'person', 'people')}, recorded by "
        f"{context.name(said['actor'])}. Being there makes nobody ready.",
        "",
    )


def _stuck(said: dict[str, Any], context: Context) -> Told:
    category = CATEGORIES.get(said["state"]["category"])
    about = f"“{category.title}”" if category else "something"
    return "life-buoy", "plain", "Asked “I’m stuck”:", about, ""


def _worded(said: dict[str, Any], context: Context) -> Told:
    return (
        "life-buoy",
        "plain",
        "More words",
        f"to the question of entry {said['state']['of']:,}.",
        "",
    )


def _answered(said: dict[str, Any], context: Context) -> Told:
    shown = said["state"]["how"] == Answer.How.SHOWN
    by = context.name(said["actor"])
    how = "Shown in person" if shown else "Question answered"
    return "message-circle-question-mark", "plain", how, f"by {by}.", ""


def _sure(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    statement = Confidence.Statement(state["statement"]).label
    code = state["competency"]
    return (
        "gauge",
        "plain",
        f"Said how sure: {context.short(code)}.",
        f"“{statement}”: {state['level']} of 5.",
        code,
    )


def _practice_started(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    code, _, version = state["scenario"].partition(" ")
    title = context.scenarios.get(code, code)
    what = "Check in practice begun:" if state["mode"] == "check" else "Practice begun:"
    beside = ""
    if said["actor"] not in said["subjects"]:
        beside = f", beside {context.name(said['actor'])}"
    if "session" in state:
        beside += f", in the group session of entry {state['session']:,}"
    return "graduation-cap", "plain", what, f"“{title}” (version {version}){beside}.", ""


def _session_opened(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    code = state["scenario"].partition(" ")[0]
    title = scenario_titles().get(code, code)
    what = "Group session opened:"
    as_check = ", as a check" if state["mode"] == "check" else ""
    return (
        "users-round",
        "plain",
        what,
        f"“{title}”{as_check}, by {context.name(said['actor'])}.",
        "",
    )


def _session_ended(said: dict[str, Any], context: Context) -> Told:
    of = f"opened in entry {said['state']['of']:,}"
    return (
        "users-round",
        "plain",
        "Group session ended",
        f"by {context.name(said['actor'])}, {of}.",
        "",
    )


def _practice_ended(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    met = sum(result == "met" for result in state["marks"].values())
    what = "Practice finished:" if state["how"] == "finished" else "Practice left before its end:"
    of = f"begun in entry {state['of']:,}"
    return "graduation-cap", "plain", what, f"{met} of {len(state['marks'])} met, {of}.", ""


def _spot_checked(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    title = context.questions.get(_code(state["question"]), state["question"])
    shown = list(state["shown"].values())
    good = sum(each != SpotCheck.Shown.NOT_SHOWN for each in shown)
    helped = shown.count(SpotCheck.Shown.WITH_HELP)
    again = "Spot check corrected: " if said["kind"] == "spot_check.corrected" else "Spot check: "
    rest = f"{good} of {len(shown)} points shown{f', {helped} with help' if helped else ''}"
    return (
        "message-circle",
        "plain",
        f"{again}{title}.",
        f"{rest}. Asked by {context.name(said['actor'])}.",
        state["competency"],
    )


def _practised_elsewhere(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    code = _code(state["scenario"])
    title = context.scenarios.get(code, code)
    rest = f"“{title}”, in the vendor’s training system, seen by {context.name(said['actor'])}."
    what = "Practice corrected:" if said["kind"] == "practice.corrected" else "Practice observed:"
    return "graduation-cap", "plain", what, rest, ""


def _practice_voided(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    code = _code(state["scenario"])
    title = context.scenarios.get(code, code)
    rest = (
        f"“{title}”, in the vendor’s training system, by {context.name(said['actor'])}: what entry "
        f"{state['of']:,} says of it no longer counts."
    )
    return "undo-2", "plain", "Practice voided:", rest, ""


def _spot_check_voided(said: dict[str, Any], context: Context) -> Told:
    by, of = context.name(said["actor"]), said["corrects"]
    rest = f"by {by}: entry {of:,} no longer counts."
    return "undo-2", "plain", "A spot check was voided", rest, ""


def _practice_taken_in(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    rest = f"in the vendor’s training system, from a file, by {by}."
    return "graduation-cap", "plain", "Practice recorded:", rest, ""


def _permitted(said: dict[str, Any], context: Context) -> Told:
    until = datetime.fromisoformat(said["state"]["until"])
    others = [context.name(s) for s in said["subjects"] if s != context.pseudonym]
    beside = f" beside {' or '.join(others)}" if others else ""
    return (
        "users-round",
        "supervised",
        "Supervised use allowed",
        f"until {last_day(instant(until))}{beside}, by {context.name(said['actor'])}.",
        "",
    )


def _permission_ended(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "users-round", "not_ready", "Supervised use ended", f"early, by {by}.", ""


def _signed_off(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "pen-line", "awaiting_sign_off", "Signed off", f"for independent use by {by}.", ""


def _restricted(said: dict[str, Any], context: Context) -> Told:
    where = " at one service" if said["state"].get("service") else ""
    by = context.name(said["actor"])
    return "lock", "restricted", "Independent use stopped", f"{where} by {by}.".strip(), ""


def _lifted(said: dict[str, Any], context: Context) -> Told:
    cites = said["state"].get("cites")
    because = f", because of entry {cites:,}" if cites else ""
    by = context.name(said["actor"])
    return "lock-open", "plain", "Restriction lifted", f"by {by}{because}.", ""


def _overridden(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    start = moment(datetime.fromisoformat(state["starts"]))
    end = moment(datetime.fromisoformat(state["ends"]))
    return (
        "shield-alert",
        "supervised",
        "One shift overridden",
        f"from {start} to {end} by {context.name(said['actor'])}. Still not cleared.",
        "",
    )


def _override_ended(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    of = said["state"]["of"]
    return "shield-alert", "plain", "Override ended early", f"by {by}: entry {of:,}.", ""


def _broke_glass(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    start, end = (moment(datetime.fromisoformat(state[key])) for key in ("starts", "ends"))
    by = context.name(said["actor"])
    return (
        "shield-alert",
        "plain",
        "Worked under break-glass",
        f"from {start} to {end}, while the software was down. Recorded by {by}.",
        "",
    )


def _post(said: dict[str, Any], context: Context) -> Told:
    seq = said["seq"]
    sentences = []
    new = {p.pk for p in context.posts.get(seq, ())}
    for post in context.posts.get(seq, ()):
        where = context.services.get(post.service_id, "a service")
        title = JOB_ROLES[post.job_role].title.lower()
        sentences.append(f"{title} at {where} from {day(post.start_date)}, {post.employment}")
    for terms in context.terms.get(seq, ()):
        held = [RESPONSIBILITIES[c].title.lower() for c in terms.responsibility_codes()]
        extra = [f"responsible for {in_words(held)}"] if held else []
        extra += [f"until {day(terms.end_date)}"] if terms.end_date else []
        if terms.post_id in new:
            sentences += extra
        elif extra:
            post = terms.post
            where = context.services.get(post.service_id, "a service")
            sentences.append(f"at {where}, from {day(terms.from_date)}: {', '.join(extra)}")
    what = "Post recorded:" if new else "Post changed:"
    by = context.name(said["actor"])
    return "user-plus", "plain", what, f"{'; '.join(sentences)}. By {by}.", ""


def _access(said: dict[str, Any], context: Context) -> Told:
    title = DESCRIPTIONS[AccessRole(said["state"]["role"])].title.lower()
    by = context.name(said["actor"])
    return "key-round", "plain", "Access given", f"as {title}, by {by}.", ""


def _access_ended(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "key-round", "plain", "Access ended", f"by {by}.", ""


def _imported(said: dict[str, Any], context: Context) -> Told:
    """A file may hold courses attended, posts, or neither."""
    courses = list(dict.fromkeys(context.courses.get(said["seq"], ())))
    if not courses:
        return _post(said, context) if said["seq"] in context.posts else _tell_other(said, context)
    what = courses[0] if len(courses) == 1 else f"{len(courses)} courses"
    by = context.name(said["actor"])
    return "graduation-cap", "plain", f"Attendance recorded: {what}", f"from a file, by {by}.", ""


def _merged(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "link", "plain", "Two records joined", f"as one person, by {by}.", ""


def _person_added(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "user-plus", "plain", "Added to Surehand", f"without a post, by {by}.", ""


def _sign_in(said: dict[str, Any], context: Context) -> Told:
    return "key-round", "plain", "Sign-in set", f"by {context.name(said['actor'])}.", ""


def _no_live_use(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    start = moment(datetime.fromisoformat(state["starts"]))
    return (
        "eye-off",
        "plain",
        "A shift without live use",
        f"on {start}, said by {context.name(said['actor'])}.",
        "",
    )


def _live_use_again(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "eye", "plain", "A shift with live use after all", f"said by {by}.", ""


def _published(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "scroll-text", "plain", "A plan version was published", f"by {by}.", ""


def _profile_published(said: dict[str, Any], context: Context) -> Told:
    state, by = said["state"], context.name(said["actor"])
    what = f"ECM profile {state['profile']}, version {state['version']}, was published"
    return "scroll-text", "plain", what, f"by {by}.", ""


def _screened(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    rest = f"at {state['service']}: {plural(state['changed'], 'row')} with something new."
    return "search-check", "plain", "Live records were screened", rest, ""


def _audit_selected(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    own = said["signed_in"] == "system"
    what = "A follow-up audit selected itself:" if own else "A record audit was selected:"
    whom = "" if own else f", by {context.name(said['actor'])}"
    chosen = f"{state['chosen']:,} of {plural(state['records'], 'record')}"
    return "list-checks", "plain", what, f"{chosen} at {state['service']}{whom}.", ""


def _signal_answered(said: dict[str, Any], context: Context) -> Told:
    fine = said["state"]["answer"] == "fine"
    what = "What was noticed in a record was answered:"
    rest = f"{'fine' if fine else 'needs something'}, by {context.name(said['actor'])}."
    return "search-check", "plain", what, rest, ""


def _signal_replied(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "message-square", "plain", "Own answer to what was noticed in a record", f"by {by}.", ""


def _record_checked(said: dict[str, Any], context: Context) -> Told:
    state, by = said["state"], context.name(said["actor"])
    again = "again " if said["kind"] == "record.check_corrected" else ""
    lacking = sum(answer in {"partly", "not"} for answer in state.get("answers", ()))
    found = (
        f"{plural(lacking, 'answer')} of four {'shows' if lacking == 1 else 'show'} a gap"
        if lacking
        else "it meets what is asked"
    )
    risk = ". An immediate risk was told to the registered manager" if state.get("told") else ""
    return "search-check", "plain", "A record was checked", f"{again}by {by}: {found}{risk}.", ""


def _hidden(said: dict[str, Any], context: Context) -> Told:
    what, by = kind_in_words(said["kind"]), context.name(said["actor"])
    return "eye-off", "plain", f"{what},", f"by {by}. {HIDDEN}", ""


def _record_check_voided(said: dict[str, Any], context: Context) -> Told:
    rest = f"by {context.name(said['actor'])}: it does not count any more."
    return "search-check", "plain", "A check of a record was voided", rest, ""


def _risk_taken(said: dict[str, Any], context: Context) -> Told:
    rest = f"by {context.name(said['actor'])}, with what was done."
    return "shield-alert", "plain", "An immediate risk in a record was taken on", rest, ""


def _cause_said(said: dict[str, Any], context: Context) -> Told:
    state, by = said["state"], context.name(said["actor"])
    again = "corrected to" if said["kind"] == "cause.corrected" else "said to be"
    what = f"The cause of {plural(state['gaps'], 'gap')} of {_theme(state['theme'])}"
    return (
        "search-check",
        "plain",
        what,
        f"was {again} {Cause.Kind(state['cause']).label.lower()}, by {by}.",
        "",
    )


def _change_requested(said: dict[str, Any], context: Context) -> Told:
    what = f"A change of the ECM system was asked for, for {_theme(said['state']['theme'])},"
    return "send", "plain", what, f"by {context.name(said['actor'])}.", ""


def _change_stepped(said: dict[str, Any], context: Context) -> Told:
    state, by = said["state"], context.name(said["actor"])
    release = f" with release {state['release']}" if state["release"] else ""
    step = ChangeRequestStep.State(state["step"]).label.lower()
    rest = f"{step}{release}, {day(date.fromisoformat(state['on']))}, by {by}."
    return "send", "plain", "What became of a change request:", rest, ""


def _finding_replied(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "message-square", "plain", "Own answer to what was found in a record", f"by {by}.", ""


def _theme(code: str) -> str:
    theme = THEMES.get(code)
    return f"“{theme.title}”" if theme else code


def _words_changed(said: dict[str, Any], context: Context) -> Told:
    what = f"The words screening looks for, version {said['state']['version']},"
    return "book-open", "plain", what, f"were changed by {context.name(said['actor'])}.", ""


def _scenario_published(said: dict[str, Any], context: Context) -> Told:
    code, _, version = said["state"]["scenario"].partition(" ")
    what = f"Practice scenario “{context.scenarios.get(code, code)}” ({code}) was published"
    return (
        "graduation-cap",
        "plain",
        what,
        f"version {version}, by {context.name(said['actor'])}.",
        "",
    )


def _spot_question(said: dict[str, Any], context: Context) -> Told:
    state, by = said["state"], context.name(said["actor"])
    code, _, version = state["question"].partition(" ")
    became = {
        "spot_question.published": f"published, version {version}",
        "spot_question.retired": "retired",
        "spot_question.brought_back": "brought back",
    }[said["kind"]]
    what = f"Spot-check question “{context.questions.get(code, code)}” ({code}) was"
    return "message-circle", "plain", what, f"{became}, by {by}.", ""


def _scenario_withdrawn(said: dict[str, Any], context: Context) -> Told:
    code, by = said["state"]["scenario"], context.name(said["actor"])
    what = f"Practice scenario “{context.scenarios.get(code, code)}” ({code}) was"
    back = said["kind"] == "scenario.brought_back"
    return (
        "graduation-cap",
        "plain",
        what,
        f"{'brought back' if back else 'withdrawn'} by {by}.",
        "",
    )


def _go_live(said: dict[str, Any], context: Context) -> Told:
    state = said["state"]
    on = day(date.fromisoformat(state["on"])) if state["on"] else "not decided"
    by = context.name(said["actor"])
    return "flag", "plain", "Go-live date set", f"for {state['service']}: {on}, by {by}.", ""


def _taken_in(said: dict[str, Any], context: Context) -> Told:
    """An import by file, as a whole."""
    state = said["state"]
    what = said["kind"].removesuffix(".imported").replace("_", " ").replace("asc wds", "ASC-WDS")
    done = [f"{state[word]:,} {word}" for word in ("added", "changed") if state.get(word)]
    refused = f", {state['refused']:,} refused" if state.get("refused") else ""
    by = context.name(said["actor"])
    rest = f"{' and '.join(done) or 'nothing'}{refused}, by {by}."
    return "upload", "plain", f"File of {what} taken in:", rest, ""


def _erased(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "trash-2", "plain", "Name and texts erased", f"by {by}. What was proven still is.", ""


def _supported_erased(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "trash-2", "plain", "Somebody supported erased", f"by {by}.", ""


def _subjects_forgotten(said: dict[str, Any], context: Context) -> Told:
    by, people = (
        context.name(said["actor"]),
        plural(said["state"]["erased"]["people"], "person", "people"),
    )
    return "trash-2", "plain", "Whom records are about", f"forgotten, of {people}, by {by}.", ""


def _emptied(said: dict[str, Any], context: Context) -> Told:
    rows = sum(said["state"]["erased"].values())
    why = "whose time was over"
    return "archive", "plain", "Retention ran", f"and erased {plural(rows, 'row')} {why}.", ""


def _kept_for(said: dict[str, Any], context: Context) -> Told:
    by = context.name(said["actor"])
    return "archive", "plain", "Retention changed", f"by {by}.", ""


def _recipients(said: dict[str, Any], context: Context) -> Told:
    count, by = said["state"]["recipients"], context.name(said["actor"])
    rest = f"{plural(count, 'address', 'addresses')}, by {by}."
    return "send", "plain", "Who is mailed the checkpoint:", rest, ""


def _tell_other(said: dict[str, Any], context: Context) -> Told:
    what = kind_in_words(said["kind"])
    return "circle-dot", "plain", what, f"by {context.name(said['actor'])}.", ""


_TELL: dict[str, Callable[[dict[str, Any], Context], Told]] = {
    "assessment.recorded": _assessed,
    "assessment.corrected": _assessed,
    "assessment.voided": _voided,
    "check.reviewed": _reviewed,
    "check.requested": _asked,
    "competency.reopened": _reopened,
    "support.opened": _supported,
    "support.finished": _support_done,
    "refresher.planned": _refresher_planned,
    "refresher.given": _refresher_given,
    "question.asked": _stuck,
    "question.worded": _worded,
    "question.answered": _answered,
    "confidence.said": _sure,
    "practice.started": _practice_started,
    "practice.ended": _practice_ended,
    "practice.session_opened": _session_opened,
    "practice.session_ended": _session_ended,
    "attempts.imported": _practice_taken_in,
    "practice.observed": _practised_elsewhere,
    "practice.corrected": _practised_elsewhere,
    "practice.voided": _practice_voided,
    "spot_check.recorded": _spot_checked,
    "spot_check.corrected": _spot_checked,
    "spot_check.voided": _spot_check_voided,
    "permission.given": _permitted,
    "permission.ended": _permission_ended,
    "post.signed_off": _signed_off,
    "live_use.restricted": _restricted,
    "live_use.restriction_lifted": _lifted,
    "shift.overridden": _overridden,
    "shift.override_ended": _override_ended,
    "break_glass.recorded": _broke_glass,
    "post.added": _post,
    "people.imported": _post,
    "attendance.imported": _imported,
    "asc_wds.imported": _imported,
    "access.granted": _access,
    "access.ended": _access_ended,
    "people.merged": _merged,
    "person.added": _person_added,
    "sign_in.changed": _sign_in,
    "shift.no_live_use": _no_live_use,
    "shift.live_use_again": _live_use_again,
    "plan.published": _published,
    "profile.published": _profile_published,
    "records.screened": _screened,
    "audit.selected": _audit_selected,
    "signal.answered": _signal_answered,
    "signal.replied": _signal_replied,
    "record.checked": _record_checked,
    "record.check_corrected": _record_checked,
    "record.check_voided": _record_check_voided,
    "record.risk_taken": _risk_taken,
    "cause.said": _cause_said,
    "cause.corrected": _cause_said,
    "change.requested": _change_requested,
    "change.stepped": _change_stepped,
    "finding.replied": _finding_replied,
    "screening_words.changed": _words_changed,
    "scenario.published": _scenario_published,
    "scenario.withdrawn": _scenario_withdrawn,
    "scenario.brought_back": _scenario_withdrawn,
    "spot_question.published": _spot_question,
    "spot_question.retired": _spot_question,
    "spot_question.brought_back": _spot_question,
    "go_live.set": _go_live,
    "person.erased": _erased,
    "supported.erased": _supported_erased,
    "subjects.forgotten": _subjects_forgotten,
    "retention.applied": _emptied,
    "retention.changed": _kept_for,
    "checkpoint.recipients_changed": _recipients,
}

# What a kind of entry is called in a list of kinds.
_KINDS = {
    "assessment.recorded": "Assessment",
    "assessment.corrected": "Assessment corrected",
    "assessment.voided": "Assessment voided",
    "check.requested": "Check asked for",
    "check.reviewed": "Failed check reviewed",
    "competency.reopened": "Competency asked for again",
    "support.opened": "Support planned",
    "support.finished": "Support given",
    "refresher.planned": "Refresher planned",
    "refresher.given": "Refresher given",
    "practice.started": "Practice begun",
    "practice.ended": "Practice ended",
    "practice.session_opened": "Group session opened",
    "practice.session_ended": "Group session ended",
    "practice.observed": "Practice observed elsewhere",
    "practice.corrected": "Practice elsewhere corrected",
    "practice.voided": "Practice elsewhere voided",
    "spot_check.recorded": "Spot check",
    "spot_check.corrected": "Spot check corrected",
    "spot_check.voided": "Spot check voided",
    "permission.given": "Supervised use allowed",
    "permission.ended": "Supervised use ended",
    "post.signed_off": "Signed off",
    "live_use.restricted": "Live use stopped",
    "live_use.restriction_lifted": "Restriction lifted",
    "shift.overridden": "Shift overridden",
    "shift.no_live_use": "Shift without live use",
    "shift.live_use_again": "Shift with live use after all",
    "plan.published": "Plan published",
    "profile.published": "ECM profile published",
    "records.screened": "Records screened",
    "audit.selected": "Record audit selected",
    "signal.answered": "Signal answered",
    "signal.replied": "Own answer to a signal",
    "record.checked": "Record checked",
    "record.check_corrected": "Check of a record corrected",
    "record.check_voided": "Check of a record voided",
    "record.risk_taken": "Immediate risk taken on",
    "cause.said": "Cause of gaps",
    "cause.corrected": "Cause of gaps corrected",
    "change.requested": "Change of the ECM system asked for",
    "change.stepped": "Step of a change request",
    "finding.replied": "Own answer to what was found",
    "screening_words.changed": "Words of screening changed",
    "scenario.published": "Practice scenario published",
    "scenario.withdrawn": "Practice scenario withdrawn",
    "scenario.brought_back": "Practice scenario brought back",
    "spot_question.published": "Spot-check question published",
    "spot_question.retired": "Spot-check question retired",
    "spot_question.brought_back": "Spot-check question brought back",
    "people.imported": "People imported",
    "attempts.imported": "Practice elsewhere imported",
    "rota.imported": "Rota imported",
    "services.imported": "Services imported",
    "asc_wds.imported": "ASC-WDS imported",
    "people.merged": "Two records joined",
    "person.added": "Person added",
    "access.granted": "Access given",
    "access.ended": "Access ended",
    "sign_in.changed": "Sign-in set",
    "go_live.set": "Go-live date set",
    "person.erased": "Person erased",
    "supported.erased": "Somebody supported erased",
    "subjects.forgotten": "Whom records are about forgotten",
    "retention.applied": "Retention ran",
    "retention.changed": "Retention changed",
    "checkpoint.recipients_changed": "Recipients of the checkpoint changed",
}


def kind_in_words(kind: str) -> str:
    """A kind of entry as people call it; one nobody has named yet, by its own words."""
    return _KINDS.get(kind) or kind.replace(".", " ").replace("_", " ").capitalize()
