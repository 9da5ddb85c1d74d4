"""Who may do what: the table of R14, as data.

`access` answers *who may*; each part's `policies` answers *in which state*. Both refuse with a
sentence, and the same sentence explains a disabled button.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from surehand.evidence import Actor
from surehand.evidence.refusal import NotPermitted


class AccessRole(StrEnum):
    CARE_WORKER = "care_worker"
    ASSESSOR = "assessor"
    TEAM_LEADER = "team_leader"
    REGISTERED_MANAGER = "registered_manager"
    WORKFORCE_LEAD = "workforce_lead"
    QUALITY_LEAD = "quality_lead"
    PROJECT_LEAD = "project_lead"
    NOMINATED_INDIVIDUAL = "nominated_individual"
    ADMINISTRATOR = "administrator"
    VISITOR = "visitor"


R = AccessRole


@dataclass(frozen=True)
class Description:
    title: str
    scope: str  # "own", "service" or "provider"
    description: str


DESCRIPTIONS: dict[AccessRole, Description] = {
    R.CARE_WORKER: Description(
        "Care worker", "own", "Sees what is held about them and what to do next."
    ),
    R.ASSESSOR: Description("Assessor", "service", "Judges checks in a service; never their own."),
    R.TEAM_LEADER: Description(
        "Team leader", "service", "Assesses, supervises, checks records and may stop live use."
    ),
    R.REGISTERED_MANAGER: Description(
        "Registered manager",
        "service",
        "Reviews failed checks, allows supervised use, restricts and lifts in a service.",
    ),
    R.WORKFORCE_LEAD: Description(
        "Workforce lead", "provider", "Publishes the plan and signs people off for live use."
    ),
    R.QUALITY_LEAD: Description(
        "Quality lead", "provider", "Selects and follows record audits in all services."
    ),
    R.PROJECT_LEAD: Description(
        "Project lead", "provider", "Runs the rollout and its weekly reviews."
    ),
    R.NOMINATED_INDIVIDUAL: Description(
        "Nominated individual", "provider", "Answers for the provider; may override for one shift."
    ),
    R.ADMINISTRATOR: Description(
        "Administrator",
        "provider",
        "Manages people, imports and sign-in; records nothing about competence or readiness.",
    ),
    R.VISITOR: Description("Visitor", "own", "Sees the packs and pages granted, for some days."),
}


class Action(StrEnum):
    PLAN = "change the plan"
    SIGN_OFF = "sign people off"
    ASSESS = "assess"
    SPOT_CHECK = "ask a spot check"
    VOID = "void what was judged or seen"
    REVIEW = "review failed checks"
    PERMIT = "allow supervised use"
    LIFT = "lift a restriction"
    RESTRICT = "restrict live use"
    OVERRIDE = "override for one shift"
    BREAK_GLASS = "agree and record break-glass"
    IMPORT_PEOPLE = "import people, rotas and attendance"
    IMPORT_SERVICES = "import services"
    IMPORT_ACCOUNTS = "import and link ECM accounts"
    IMPORT_RECORDS = "import live records and alerts"
    REFRESHER = "give support and refreshers"
    ANSWER = "answer “I’m stuck”"
    SELECT_AUDIT = "select a record audit"
    CHECK_RECORDS = "check records"
    CAUSE = "say why gaps arose"
    CHANGE_REQUEST = "say what became of a change request"
    TAKE_RISK = "take on an immediate risk"
    SCREENING_WORDS = "change the words that screening looks for"
    SETTINGS = "change settings and access"
    READ = "see readiness and evidence"


_NOBODY: frozenset[AccessRole] = frozenset()
_READ_SERVICE = frozenset({R.ASSESSOR, R.TEAM_LEADER, R.REGISTERED_MANAGER})
_READ_PROVIDER = frozenset(
    {R.WORKFORCE_LEAD, R.QUALITY_LEAD, R.PROJECT_LEAD, R.NOMINATED_INDIVIDUAL}
)

# action: (access roles in service scope, access roles in provider scope)
TABLE: dict[Action, tuple[frozenset[AccessRole], frozenset[AccessRole]]] = {
    Action.PLAN: (_NOBODY, frozenset({R.WORKFORCE_LEAD})),
    Action.SIGN_OFF: (_NOBODY, frozenset({R.WORKFORCE_LEAD})),
    Action.ASSESS: (frozenset({R.ASSESSOR, R.TEAM_LEADER}), frozenset({R.WORKFORCE_LEAD})),
    Action.SPOT_CHECK: (
        frozenset({R.ASSESSOR, R.TEAM_LEADER, R.REGISTERED_MANAGER}),
        frozenset({R.WORKFORCE_LEAD}),
    ),
    Action.VOID: (frozenset({R.REGISTERED_MANAGER}), frozenset({R.WORKFORCE_LEAD})),
    # The workforce lead only where the registered manager is the subject: `check_stands_in`.
    Action.REVIEW: (frozenset({R.REGISTERED_MANAGER}), frozenset({R.WORKFORCE_LEAD})),
    Action.PERMIT: (frozenset({R.REGISTERED_MANAGER}), frozenset({R.WORKFORCE_LEAD})),
    Action.LIFT: (frozenset({R.REGISTERED_MANAGER}), frozenset({R.WORKFORCE_LEAD})),
    Action.RESTRICT: (
        frozenset({R.TEAM_LEADER, R.REGISTERED_MANAGER}),
        frozenset({R.WORKFORCE_LEAD}),
    ),
    Action.OVERRIDE: (frozenset({R.REGISTERED_MANAGER}), frozenset({R.NOMINATED_INDIVIDUAL})),
    Action.BREAK_GLASS: (frozenset({R.REGISTERED_MANAGER}), frozenset({R.NOMINATED_INDIVIDUAL})),
    Action.IMPORT_PEOPLE: (
        frozenset({R.REGISTERED_MANAGER}),
        frozenset({R.WORKFORCE_LEAD, R.ADMINISTRATOR}),
    ),
    Action.IMPORT_SERVICES: (_NOBODY, frozenset({R.ADMINISTRATOR})),
    Action.IMPORT_ACCOUNTS: (_NOBODY, frozenset({R.ADMINISTRATOR})),
    Action.IMPORT_RECORDS: (_NOBODY, frozenset({R.QUALITY_LEAD, R.ADMINISTRATOR})),
    Action.REFRESHER: (
        frozenset({R.TEAM_LEADER, R.REGISTERED_MANAGER}),
        frozenset({R.WORKFORCE_LEAD}),
    ),
    Action.ANSWER: (frozenset({R.TEAM_LEADER}), _NOBODY),
    Action.CHECK_RECORDS: (frozenset({R.TEAM_LEADER}), _NOBODY),
    Action.SELECT_AUDIT: (_NOBODY, frozenset({R.QUALITY_LEAD})),
    Action.CAUSE: (frozenset({R.REGISTERED_MANAGER}), _NOBODY),
    # Suppliers are spoken to for all services, and by whoever asked (2.4).
    Action.CHANGE_REQUEST: (frozenset({R.REGISTERED_MANAGER}), frozenset({R.QUALITY_LEAD})),
    Action.TAKE_RISK: (frozenset({R.REGISTERED_MANAGER}), frozenset({R.NOMINATED_INDIVIDUAL})),
    Action.SCREENING_WORDS: (_NOBODY, frozenset({R.QUALITY_LEAD, R.ADMINISTRATOR})),
    Action.SETTINGS: (_NOBODY, frozenset({R.ADMINISTRATOR})),
    Action.READ: (_READ_SERVICE, _READ_PROVIDER),
}

# Actions the workforce lead may do only when the registered manager is the subject (R14).
STANDS_IN = frozenset({Action.REVIEW, Action.PERMIT, Action.LIFT})


@dataclass(frozen=True)
class Grant:
    role: AccessRole
    service: int | None  # None: the whole provider (or, for own-scope roles, oneself)


@dataclass(frozen=True)
class Confirmed:
    """When the person last showed that it is them, in UTC, and with what ("passkey", "code" …)."""

    at: datetime
    how: str


@dataclass(frozen=True)
class By:
    """Who is acting: the person (None for the command line), their access now, how signed in."""

    person: int | None
    pseudonym: str
    signed_in: str
    grants: tuple[Grant, ...] = field(default=())
    # Everybody recorded as the same human, oneself included (R14: merged people are one).
    same_human: frozenset[int] = field(default=frozenset())
    confirmed: Confirmed | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.pseudonym, self.signed_in)

    def may(self, action: Action, service: int | None) -> bool:
        """Whether this access covers `action` at `service` (None: in the whole provider)."""
        in_service, in_provider = TABLE[action]
        return any(
            (g.service is None and g.role in in_provider)
            or (g.service is not None and g.service == service and g.role in in_service)
            for g in self.grants
        )

    def may_anywhere(self, action: Action) -> bool:
        return self.covers_all(action) or bool(self.services(action))

    def covers_all(self, action: Action) -> bool:
        return self.may(action, None)

    def services(self, action: Action) -> frozenset[int]:
        """The services in which a service-scope grant allows `action`."""
        in_service, _ = TABLE[action]
        return frozenset(
            g.service for g in self.grants if g.service is not None and g.role in in_service
        )

    def roles(self, service: int | None = None) -> frozenset[AccessRole]:
        return frozenset(g.role for g in self.grants if g.service in {None, service})

    def acting(self) -> int:
        """The person acting. Raises NotPermitted for the command line, which records nothing
        about competence, readiness, records or reviews (R14)."""
        if self.person is None:
            raise NotPermitted("Sign in as yourself: this must be recorded by a named person.")
        return self.person

    def is_self(self, person: int) -> bool:
        return person in self.same_human


# Whoever has the machine's shell may import and set up; nothing about competence (R14).
COMMAND_LINE = By(
    person=None,
    pseudonym="0" * 32,
    signed_in="command line",
    grants=(Grant(R.ADMINISTRATOR, None),),
)


def who_may(action: Action) -> str:
    """The access roles that may do `action`, for a refusal: 'a registered manager or …'."""
    titles = [DESCRIPTIONS[r].title.lower() for r in AccessRole for t in TABLE[action] if r in t]
    named = [f"a {t}" if t[0] not in "aeio" else f"an {t}" for t in titles]
    return " or ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)


def check_may(by: By, action: Action, *, service: int | None) -> None:
    """Raises NotPermitted, with who could do it, unless `by` may do `action` at `service`."""
    if not by.may(action, service):
        raise NotPermitted(
            f"You may not {action.value} here. It takes {who_may(action)} of this service."
        )


def check_not_self(by: By, person: int, action: Action) -> None:
    """Nobody assesses, reviews, signs off, permits or lifts for themselves (R14)."""
    if by.is_self(person):
        raise NotPermitted(f"You cannot {action.value} when it is about yourself. Ask a colleague.")


def check_stands_in(by: By, action: Action, *, service: int, managers: Iterable[int]) -> None:
    """A workforce lead reviews, permits or lifts only for a registered manager (R14).

    `managers` are the people the action is about who hold registered manager's access at
    `service`; empty means that none of them does.
    """
    in_service, _ = TABLE[action]
    own = any(g.service == service and g.role in in_service for g in by.grants)
    if action in STANDS_IN and not own and not list(managers):
        raise NotPermitted(
            f"Only the registered manager of this service may {action.value}, "
            "unless it is about the registered manager."
        )
