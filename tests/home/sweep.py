"""Every address of the product in one table: who may open it, and who may do what it offers (R14).

A new page needs one row here; `test_authorisation.py` fails until it has one. `who` holds in
service scope for the access roles given for a service, and in provider scope for the others.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import uuid4

from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from surehand import evidence
from surehand.api.actions import create_token
from surehand.api.scopes import Scope
from surehand.assessment import actions as assessment
from surehand.assessment import group_actions
from surehand.assessment.group import Answer
from surehand.assessment.models import GroupPerson
from surehand.audits.cause_actions import say_cause
from surehand.audits.change_actions import request_change
from surehand.audits.models import Criterion
from surehand.audits.refresher_actions import plan_refresher
from surehand.audits.selection import RISKS
from surehand.competency import actions as competency
from surehand.competency.plan_document import starter
from surehand.competency.plan_edits import rename_plan
from surehand.ecm.profile import starter_text
from surehand.governance import retention
from surehand.imports import actions as import_actions
from surehand.imports import matching
from surehand.imports import run as imports
from surehand.imports.kind import find
from surehand.imports.mapping import ColumnMap, Source
from surehand.imports.models import PendingImport
from surehand.imports.reading import open_file
from surehand.people.access import DESCRIPTIONS, AccessRole, By
from surehand.people.models import EcmAccount, Service
from surehand.people.signing_in import actions as signing_in
from surehand.people.signing_in import totp
from surehand.practice import actions as practice
from surehand.practice import session_actions
from surehand.practice.elsewhere_actions import observe_elsewhere
from surehand.practice.models import (
    Attempt,
    AttemptEnd,
    Playing,
    ScenarioDraft,
    ScenarioVersion,
)
from surehand.practice.queries import scenarios
from surehand.practice.scenario import starter_texts
from surehand.practice.scenario_actions import begin_scenario
from surehand.practice.spot_check_actions import record_spot_check
from surehand.readiness import actions as readiness
from surehand.readiness import queries
from surehand.support import actions as support
from surehand.timeline import end_of, moment
from tests.audits.made import MEETS, a_check, an_audit
from tests.practice.goes import a_go
from tests.provider import NOW, World, small_provider
from tests.records.live import a_record, an_account, an_alert, noticed

R = AccessRole
EVERYBODY = frozenset(R)
NOBODY: frozenset[AccessRole] = frozenset()
ASSESS = frozenset({R.ASSESSOR, R.TEAM_LEADER, R.WORKFORCE_LEAD})
REVIEW = frozenset({R.REGISTERED_MANAGER, R.WORKFORCE_LEAD})
TEAM_LEADER = frozenset({R.TEAM_LEADER})
REGISTERED_MANAGER = frozenset({R.REGISTERED_MANAGER})
SPOT_CHECK = ASSESS | {R.REGISTERED_MANAGER}
RESTRICT = frozenset({R.TEAM_LEADER, R.REGISTERED_MANAGER, R.WORKFORCE_LEAD})
OVERRIDE = frozenset({R.REGISTERED_MANAGER, R.NOMINATED_INDIVIDUAL})
WORKFORCE_LEAD = frozenset({R.WORKFORCE_LEAD})
ADMINISTRATOR = frozenset({R.ADMINISTRATOR})
IMPORT = frozenset({R.REGISTERED_MANAGER, R.WORKFORCE_LEAD, R.ADMINISTRATOR})
IMPORT_RECORDS = frozenset({R.QUALITY_LEAD, R.ADMINISTRATOR})
ASKS = EVERYBODY - {R.VISITOR, R.ADMINISTRATOR}
HAS_POST = frozenset({R.CARE_WORKER, R.ASSESSOR, R.TEAM_LEADER, R.REGISTERED_MANAGER})
READ = EVERYBODY - {R.CARE_WORKER, R.VISITOR, R.ADMINISTRATOR}

# Whoever stands for each access role; the service-scope ones belong to Alder House.
ACTORS: dict[AccessRole, str] = {
    R.CARE_WORKER: "eve",
    R.ASSESSOR: "cal",
    R.TEAM_LEADER: "tessa",
    R.REGISTERED_MANAGER: "ruth",
    R.WORKFORCE_LEAD: "helen",
    R.QUALITY_LEAD: "queenie",
    R.PROJECT_LEAD: "paul",
    R.NOMINATED_INDIVIDUAL: "nadia",
    R.ADMINISTRATOR: "ada",
    R.VISITOR: "vera",
}


@dataclass(frozen=True)
class Place:
    """One service and something of each sort in it, by the keys that stand in addresses."""

    service: Service
    own: bool
    subject: str  # a person, failed in `code`, restricted, with support and a shift
    values: Mapping[str, object]

    def __getitem__(self, name: str) -> object:
        return self.values[name]


@dataclass(frozen=True)
class Scene:
    world: World
    alder: Place
    quayside: Place
    cookies: Mapping[str, str]
    # The application itself: built once, not for each browser.
    application: ClientHandler = field(
        default_factory=lambda: ClientHandler(enforce_csrf_checks=False)
    )

    def client(self, name: str, *, strict: bool = False) -> Client:
        """A browser of its own in which this person is signed in."""
        client = Client(enforce_csrf_checks=strict)
        if not strict:
            client.handler = self.application
        client.cookies.load(self.cookies[name])
        return client

    @property
    def places(self) -> tuple[Place, Place]:
        return self.alder, self.quayside

    def places_of(self, name: str, *, sent: bool = False) -> tuple[Place, ...]:
        """Both; the first alone where the address, and what is `sent`, are the same at both."""
        address = TABLE[name]
        asked = [
            (address.at(name, place), address.data(place) if sent and address.data else None)
            for place in self.places
        ]
        return self.places if asked[0] != asked[1] else (self.alder,)


@dataclass(frozen=True)
class Address:
    """One named address.

    `arguments` are keys of a Place. `who` may open it; `does` may do what it offers, by POST with
    `data`. `subject`: so may the person it is about. `one`: it is about one service or person;
    otherwise it is the same wherever one is. `only_post`: there is nothing to open.
    """

    who: frozenset[AccessRole]
    arguments: tuple[str, ...] = ()
    does: frozenset[AccessRole] | None = None
    data: Callable[[Place], dict[str, object]] | None = None
    subject: bool = False
    one: bool = True
    only_post: bool = False
    query: str = ""
    public: bool = False
    only: str = ""  # only for whoever this key of a Place names
    other_than: str = ""  # for anybody else than whoever this key of a Place names
    says_it_all: bool = False  # the address alone is enough to do it
    gone: bool = False  # to everybody else it says that it is no longer there

    def at(self, name: str, place: Place) -> str:
        path = reverse(name, args=[place[key] for key in self.arguments])
        query = self.query.format(**place.values)
        if self.one and not self.arguments and not query and not self.only_post:
            query = f"service={place.service.code}"
        return f"{path}?{query}" if query else path

    def may(
        self, roles: frozenset[AccessRole], actor: AccessRole, place: Place, *, name: str
    ) -> bool:
        if self.only:
            return name == place[self.only]
        if self.other_than and name == place[self.other_than]:
            return False
        if self.one and DESCRIPTIONS[actor].scope == "service" and not place.own:
            return False
        return actor in roles


def _day(name: str, days: int) -> dict[str, object]:
    on = (NOW + timedelta(days=days)).date()
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


def _observed(place: Place, *, days: int = 0) -> dict[str, object]:
    check = place["check"]
    return {
        **{f"judged_{c['code']}": "met" for c in check.criteria},  # type: ignore[attr-defined]
        "method": check.methods[0],  # type: ignore[attr-defined]
        **_day("on", days),
        "time": "08:00",
    }


def _judged_from_practice(place: Place) -> dict[str, object]:
    check = place["attempt_check"]
    return {f"judged_{c['code']}": "met" for c in check.criteria}  # type: ignore[attr-defined]


def _kept_now() -> dict[str, object]:
    """How long everything is kept, as the form sends it."""
    return {rule.name: rule.days for rule in retention.rules()}


def _because(**more: object) -> Callable[[Place], dict[str, object]]:
    return lambda place: {"reason": "Seen on the floor today.", **more}


TABLE: dict[str, Address] = {
    # Signing in and out
    "sign-in": Address(EVERYBODY, one=False, public=True),
    "sign-out": Address(EVERYBODY, one=False, only_post=True),
    "demo-sign-in": Address(NOBODY, ("subject",), only_post=True, public=True),
    "sign-in-passkey": Address(EVERYBODY, one=False, only_post=True, public=True),
    "second-step": Address(EVERYBODY, one=False, public=True),
    "confirm": Address(EVERYBODY, one=False),
    "sign-in-link": Address(NOBODY, ("link",), one=False, public=True),
    # Only where an identity provider, or mail, is set up
    "provider-sign-in": Address(NOBODY, one=False, public=True),
    "provider-sign-in-back": Address(NOBODY, one=False, public=True),
    "forgotten-password": Address(NOBODY, one=False, public=True),
    # How one signs in oneself
    "my-sign-in": Address(EVERYBODY, one=False),
    "add-passkey": Address(EVERYBODY, one=False),
    "remove-passkey": Address(NOBODY, ("passkey",), one=False, only_post=True),
    "set-up-codes": Address(EVERYBODY, one=False),
    "remove-code-app": Address(NOBODY, one=False, only_post=True),
    "recovery-codes": Address(NOBODY, one=False, only_post=True),
    "change-password": Address(EVERYBODY, one=False),
    "sign-out-everywhere": Address(EVERYBODY, one=False, only_post=True, says_it_all=True),
    # What machines ask
    "health": Address(EVERYBODY, one=False, public=True),
    "metrics": Address(NOBODY, one=False, public=True),
    # Home and people
    "home": Address(EVERYBODY, one=False),
    "held-about-me": Address(EVERYBODY, one=False),
    "people": Address(READ),
    "person": Address(READ, ("pseudonym",), subject=True),
    # What was practised: one's own, and of those one reads
    "practice-check-with": Address(
        ASSESS,
        ("other",),
        does=ASSESS,
        data=lambda p: {"scenario": "S06" if p["service"] == "ALD" else "S12"},
    ),
    "practice-log": Address(READ),
    "practice-log-of-person": Address(READ, ("pseudonym",), subject=True),
    # “I’m stuck”: asked by whoever has a post or reads a service, answered by its team leaders
    "stuck": Address(
        ASKS,
        one=False,
        does=ASKS,
        data=lambda p: {"category": "alert"},
    ),
    "stuck-offline": Address(EVERYBODY, one=False, public=True),
    "offline": Address(EVERYBODY, one=False, public=True),
    "question": Address(READ, ("question",), subject=True),
    "add-to-question": Address(
        NOBODY,
        ("question",),
        only="asker",
        only_post=True,
        does=NOBODY,
        data=lambda p: {"words": "The second field."},
    ),
    "answer-question": Address(
        NOBODY,
        ("question",),
        only_post=True,
        does=frozenset({R.TEAM_LEADER}),
        data=lambda p: {"how": "words", "words": "Under Food.", "category": "other"},
    ),
    "questions": Address(READ),
    # How sure one is: said by oneself alone, seen by the readers of the service
    "confidence": Address(EVERYBODY, one=False),
    "say-confidence": Address(
        NOBODY,
        ("asked_code",),
        only="asker",
        subject=True,
        does=NOBODY,
        data=lambda p: {"statement": "alone", "level": "2"},
    ),
    "confidence-picture": Address(READ),
    # Practice: for whoever has a post; one plays oneself alone, readers see how it went
    "practice": Address(EVERYBODY, one=False),
    "practice-start": Address(HAS_POST, ("scenario",), one=False),
    # Scenarios: read by trainers to choose from, written by who changes the plan
    "practice-of-scenarios": Address(READ, one=False),
    "practice-of-scenario": Address(READ, ("scenario",), one=False),
    "practice-of-scenario-yaml": Address(READ, ("scenario",), one=False),
    "practice-of-scenario-new": Address(WORKFORCE_LEAD, one=False),
    "practice-of-scenario-next": Address(NOBODY, ("scenario",), one=False, only_post=True),
    "practice-of-scenario-offered": Address(
        NOBODY,
        ("scenario",),
        one=False,
        only_post=True,
        does=WORKFORCE_LEAD,
        data=lambda p: {"withdraw": "yes"},
    ),
    "practice-of-scenario-draft": Address(WORKFORCE_LEAD, ("draft",), one=False),
    "practice-of-draft-form": Address(WORKFORCE_LEAD, ("draft",), one=False),
    "practice-of-draft-yaml": Address(WORKFORCE_LEAD, ("draft",), one=False),
    "practice-of-draft-discard": Address(NOBODY, ("draft",), one=False, only_post=True),
    "practice-of-draft-preview": Address(WORKFORCE_LEAD, ("draft",), one=False),
    "practice-of-draft-previewed": Address(WORKFORCE_LEAD, ("draft",), one=False),
    "practice-of-draft-publish": Address(
        WORKFORCE_LEAD,
        ("draft",),
        one=False,
        does=WORKFORCE_LEAD,
        data=lambda p: {"seen": 1},
    ),
    "practice-result": Address(READ, ("practised",), subject=True),
    "practice-replay": Address(READ, ("practised",), subject=True),
    # Group sessions: led by whoever assesses there; without the code one is sent to type it
    "practice-join": Address(HAS_POST, one=False),
    "practice-session-open": Address(
        ASSESS,
        query="service={service}",
        does=ASSESS,
        data=lambda p: {"scenario": p["playable"], "mode": "check"},
    ),
    "practice-session": Address(ASSESS, ("session",)),
    "practice-session-code": Address(ASSESS, ("session",)),
    "practice-session-begin": Address(EVERYBODY, ("session",), one=False),
    "practice-session-help": Address(NOBODY, ("session",), only_post=True),
    "practice-session-end": Address(
        NOBODY, ("session",), only_post=True, does=ASSESS, data=lambda p: {"end": "yes"}
    ),
    "play": Address(NOBODY, ("playing",), only="asker", subject=True),
    "play-notes": Address(NOBODY, ("playing",), only="asker", subject=True),
    "play-paper": Address(NOBODY, ("playing",), only="asker", subject=True),
    "play-tell": Address(NOBODY, ("playing",), only="asker", subject=True),
    "play-place": Address(NOBODY, ("playing", "place"), only="asker", subject=True),
    "play-write": Address(NOBODY, ("playing", "who"), only="asker", subject=True),
    "play-record": Address(NOBODY, ("playing", "who", "record"), only="asker", subject=True),
    "play-do": Address(NOBODY, ("playing",), only="asker", only_post=True),
    "play-there": Address(NOBODY, ("playing",), only="asker", only_post=True),
    "play-stop": Address(
        NOBODY,
        ("playing",),
        only="asker",
        subject=True,
        does=NOBODY,
        data=lambda p: {"how": "left"},
    ),
    # What was seen in the vendor's training system: by whoever assesses, seen like other evidence
    "practice-elsewhere": Address(
        ASSESS,
        query="service={service}&person={pseudonym}&scenario=other",
        does=ASSESS,
        data=lambda p: {
            "title": "Bed alarm exercise",
            "competency": "C13",
            "result": "finished",
            "minutes": "5",
            **_day("on", 0),
            "time": "00:30",
        },
    ),
    "practice-elsewhere-result": Address(READ, ("elsewhere",), subject=True),
    "practice-elsewhere-correct": Address(
        ASSESS,
        ("elsewhere",),
        only="author",
        does=ASSESS,
        data=lambda p: {
            **{f"seen-{one.code}": "met" for one in scenarios()["S06"].scenario.expect},
            "minutes": "5",
            **_day("on", 0),
            "time": "00:00",
            "reason": "The wrong box.",
        },
    ),
    "practice-elsewhere-void": Address(
        REVIEW, ("elsewhere",), other_than="author", does=REVIEW, data=_because()
    ),
    # Who wrote live records
    "live-records": Address(READ),
    # Spot checks: asked by whoever leads or assesses there, seen like other evidence
    "spot-checks": Address(READ),
    "spot-check": Address(READ, ("spot_check",), subject=True),
    "correct-spot-check": Address(
        SPOT_CHECK,
        ("spot_check",),
        only="author",
        does=SPOT_CHECK,
        data=lambda p: {
            "minutes": "3",
            "point-out": "shown",
            "point-own": "shown",
            "point-tells": "shown",
            "reason": "The wrong box.",
        },
    ),
    "void-spot-check": Address(
        REVIEW, ("spot_check",), other_than="author", does=REVIEW, data=_because()
    ),
    "spot-questions": Address(READ, one=False),
    "spot-question": Address(
        WORKFORCE_LEAD,
        ("spot_question",),
        one=False,
        does=WORKFORCE_LEAD,
        data=lambda p: {"retire": "yes"},
    ),
    "spot-checks-of-choice": Address(SPOT_CHECK),
    "spot-checks-of-asking": Address(
        SPOT_CHECK,
        ("pseudonym",),
        query="service={service}&question=Q04",
        does=SPOT_CHECK,
        data=lambda p: {
            "minutes": "2",
            "point-out": "shown",
            "point-own": "with_help",
            "point-tells": "not_shown",
        },
    ),
    # What was noticed in live records: read by whoever reads there, answered by its team leader
    "records": Address(READ),
    "records-of-list": Address(READ),
    "records-of-mine": Address(EVERYBODY, one=False),
    "records-of-record": Address(
        READ,
        ("live_record",),
        subject=True,
        does=TEAM_LEADER,
        data=lambda p: {
            "answer": "late_entry",
            "late_entry-reason": "offline",
            "late_entry-seen": "0",
        },
    ),
    "records-of-alert": Address(
        READ,
        ("raised",),
        does=TEAM_LEADER,
        data=lambda p: {
            "answer": "alert_without_response",
            "alert_without_response-reason": "elsewhere",
            "alert_without_response-seen": "0",
        },
    ),
    # Checking records: by the team leader there, told to whoever reads there
    "records-of-check": Address(TEAM_LEADER),
    "records-of-check-item": Address(
        READ,
        ("audit_item",),
        does=TEAM_LEADER,
        data=lambda p: {**dict.fromkeys(Criterion.values, "meets"), "do": "check"},
    ),
    "records-of-calibration": Address(READ),
    "records-of-quality": Address(READ),
    "records-of-behind": Address(READ),
    "records-of-accuracy": Address(READ),
    "records-of-warnings": Address(READ),
    "records-of-words": Address(
        frozenset({R.QUALITY_LEAD, R.ADMINISTRATOR}),
        one=False,
        does=frozenset({R.QUALITY_LEAD, R.ADMINISTRATOR}),
        data=lambda p: {"seen": "0", "add-stock": "happy as usual", "save": "yes"},
    ),
    # Files in: what one brought in waits for oneself alone
    "imports": Address(IMPORT | IMPORT_RECORDS, one=False),
    "import-file": Address(IMPORT, ("kind",), one=False),
    "import-template": Address(IMPORT, ("kind",), one=False),
    "import-columns": Address(NOBODY, ("unmatched",), only="manager", gone=True),
    "import-words": Address(NOBODY, ("unmatched",), only="manager", gone=True),
    "import-again": Address(NOBODY, ("pending",), only="manager", only_post=True),
    "import-mapping": Address(IMPORT, ("mapping",), one=False),
    "import-mapping-delete": Address(
        IMPORT,
        ("mapping",),
        one=False,
        only_post=True,
        does=IMPORT,
        data=lambda p: {},
        says_it_all=True,
    ),
    "import-preview": Address(NOBODY, ("pending",), only="manager", gone=True),
    "import-refused-now": Address(NOBODY, ("pending",), only="manager", gone=True),
    "import-confirm": Address(
        NOBODY,
        ("pending",),
        only="manager",
        only_post=True,
        does=NOBODY,
        data=lambda p: {},
        says_it_all=True,
    ),
    "import-cancel": Address(NOBODY, ("pending",), only="manager", only_post=True),
    "import-done": Address(IMPORT, ("run",), one=False),
    "import-refused": Address(NOBODY, ("rows",), only="manager"),
    # Rows of record files whose words are not known
    "kept-aside": Address(IMPORT_RECORDS, one=False),
    "kept-aside-read-as": Address(
        NOBODY,
        one=False,
        only_post=True,
        does=IMPORT_RECORDS,
        data=lambda p: {"why": "section", "said": f"Feet at {p.service.code}", "means": "skin"},
    ),
    "kept-aside-leave-out": Address(
        NOBODY,
        one=False,
        only_post=True,
        does=IMPORT_RECORDS,
        data=lambda p: {"kind": "records", "why": "section", "said": f"Feet at {p.service.code}"},
    ),
    # The plan
    "plan": Address(READ, one=False),
    "plan-of-history": Address(READ, one=False),
    "plan-of-compare": Address(READ, one=False),
    # The draft of its next version: begun in `scene`; changing it records nothing before it is
    # published (who may change it: `tests/readiness/test_plan_editing.py`)
    "plan-of-draft": Address(READ, one=False),
    "plan-of-draft-competency": Address(READ, ("code",), one=False),
    "plan-of-draft-begin": Address(WORKFORCE_LEAD, one=False),
    "plan-of-draft-title": Address(WORKFORCE_LEAD, one=False),
    "plan-of-draft-order": Address(WORKFORCE_LEAD, one=False),
    "plan-of-draft-group-new": Address(WORKFORCE_LEAD, one=False),
    "plan-of-draft-group": Address(WORKFORCE_LEAD, ("plan",), one=False),
    "plan-of-draft-course-new": Address(WORKFORCE_LEAD, one=False),
    "plan-of-draft-course": Address(WORKFORCE_LEAD, ("course",), one=False),
    "plan-of-draft-competency-new": Address(WORKFORCE_LEAD, one=False),
    "plan-of-draft-wording": Address(WORKFORCE_LEAD, ("code",), one=False),
    "plan-of-draft-check": Address(WORKFORCE_LEAD, ("code",), one=False),
    "plan-of-draft-needs": Address(WORKFORCE_LEAD, ("code",), one=False),
    "plan-of-draft-retire": Address(WORKFORCE_LEAD, ("code",), one=False),
    "plan-of-draft-criterion-new": Address(WORKFORCE_LEAD, ("code",), one=False),
    "plan-of-draft-criterion": Address(WORKFORCE_LEAD, ("code", "plan"), one=False),
    "plan-of-draft-discard": Address(WORKFORCE_LEAD, one=False),
    "plan-of-publish": Address(
        WORKFORCE_LEAD,
        one=False,
        does=WORKFORCE_LEAD,
        data=lambda p: {"seen": 1, **_day("applies_from", 1)},
    ),
    "plan-of-starter-yaml": Address(READ, one=False),
    "plan-of-version": Address(READ, ("plan",), one=False),
    "plan-of-version-yaml": Address(READ, ("plan",), one=False),
    # Evidence: an entry is for whoever may read those it is about
    "evidence": Address(READ, one=False),
    "entry": Address(READ, ("failed",), subject=True),
    "entry-bytes": Address(READ, ("failed",), subject=True),
    "entry-proof": Address(READ, ("failed",), subject=True),
    "checkpoints": Address(READ | ADMINISTRATOR, one=False),
    "checkpoint": Address(READ | ADMINISTRATOR, ("signed",), one=False),
    "checkpoint-key": Address(READ | ADMINISTRATOR, one=False),
    # Settings
    "settings": Address(ADMINISTRATOR, one=False),
    # What each system records: read by whoever reads evidence, changed by administrators
    # Whose the accounts of the ECM system are: linked by administrators
    "settings-of-accounts": Address(IMPORT_RECORDS, one=False),
    "settings-of-account": Address(
        IMPORT_RECORDS,
        ("account",),
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {"reference": p["reference"], **_day("from_date", 0)},
    ),
    "settings-of-account-end": Address(
        NOBODY,
        ("account_link",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: _day("to_date", 0),
    ),
    "settings-of-profiles": Address(READ | ADMINISTRATOR, one=False),
    "settings-of-profile": Address(READ | ADMINISTRATOR, ("profile",), one=False),
    "settings-of-profile-version": Address(
        READ | ADMINISTRATOR, ("profile", "profile_version"), one=False
    ),
    "settings-of-profile-yaml": Address(
        READ | ADMINISTRATOR, ("profile", "profile_version"), one=False
    ),
    "settings-of-profile-change": Address(
        ADMINISTRATOR,
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {
            "text": starter_text()
            .replace('version: "1.0"', 'version: "1.1"')
            .replace("title: Sleep}", "title: Nights}"),
            "seen": "1.0",
            "publish": "yes",
        },
    ),
    "settings-of-service": Address(
        ADMINISTRATOR,
        ("service",),
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: _day("on", 60),
    ),
    "settings-of-new-person": Address(
        ADMINISTRATOR,
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {"name": "Iris Low", "reference": "H-9"},
    ),
    "settings-of-person": Address(
        ADMINISTRATOR,
        ("pseudonym",),
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {"role": "assessor", "service": p["service"]},
    ),
    "settings-of-access-end": Address(
        NOBODY,
        ("grant",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: {},
        says_it_all=True,
    ),
    "settings-of-sign-in": Address(
        NOBODY,
        ("pseudonym",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: {"email": "new@example.org", "provider_id": ""},
    ),
    "settings-of-sign-ins": Address(
        ADMINISTRATOR,
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {"for_all": "on"},
        says_it_all=True,
    ),
    "settings-of-sign-in-link": Address(
        NOBODY,
        ("pseudonym",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: {},
        says_it_all=True,
    ),
    "settings-of-factor-removal": Address(
        NOBODY,
        ("pseudonym",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: {"factor": "code"},
    ),
    "settings-of-sign-out": Address(
        NOBODY,
        ("pseudonym",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: {},
        says_it_all=True,
    ),
    "settings-of-switch": Address(
        NOBODY,
        ("pseudonym",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: {"on": "no"},
    ),
    "settings-of-merge": Address(
        NOBODY,
        ("pseudonym",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: {"reference": p["reference"]},
    ),
    "settings-of-retention": Address(
        ADMINISTRATOR,
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {**_kept_now(), "leavers": 6},
    ),
    "held-about-supported": Address(READ | ADMINISTRATOR, one=False),
    "erase-supported": Address(
        ADMINISTRATOR,
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {
            "service": p["service"],
            "subject_id": "Joyce Hartley",
            "asked_by": "person",
            "why": "asked",
            "sure": "on",
            "erase": "1",
        },
    ),
    "forget-supported": Address(
        ADMINISTRATOR, one=False, does=ADMINISTRATOR, data=lambda p: {"sure": "on"}
    ),
    "settings-of-checkpoints": Address(
        ADMINISTRATOR,
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {"addresses": "board@example.org"},
    ),
    "erase-person": Address(
        ADMINISTRATOR,
        ("pseudonym",),
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {
            "asked_by": "person",
            "why": "asked",
            "although_here": "on",
            "sure": "on",
        },
    ),
    # Courses attended
    "courses": Address(READ),
    "courses-of-checks": Address(READ),
    "settings-of-tokens": Address(
        ADMINISTRATOR,
        one=False,
        does=ADMINISTRATOR,
        data=lambda p: {
            "name": "Care records",
            "scopes": ["readiness"],
            "service": "all",
            **_day("until", 90),
        },
    ),
    "settings-of-token-revoke": Address(
        NOBODY,
        ("token",),
        one=False,
        only_post=True,
        does=ADMINISTRATOR,
        data=lambda p: {},
        says_it_all=True,
    ),
    # Assessing
    "assess": Address(ASSESS),
    "assess-of-person": Address(
        ASSESS, ("other", "code"), query="service={service}", does=ASSESS, data=_observed
    ),
    "judge-attempt": Address(
        ASSESS, ("attempt", "attempt_code"), does=ASSESS, data=_judged_from_practice
    ),
    "judge-session": Address(ASSESS, ("session",)),
    "group-begin": Address(ASSESS),
    "group": Address(ASSESS, ("group",)),
    "group-people": Address(ASSESS, ("group",)),
    "group-answer": Address(NOBODY, ("group", "grouped"), only_post=True),
    "group-take-out": Address(ASSESS, ("group", "grouped")),
    "group-record": Address(
        NOBODY,
        ("group",),
        only_post=True,
        does=ASSESS,
        data=lambda p: {"record": f"{p['grouped']}:{p['judged']}"},
    ),
    "group-discard": Address(ASSESS, ("group",)),
    "assessment": Address(READ, ("failed",), subject=True),
    "assessment-file": Address(READ, ("failed", "file"), subject=True),
    "correct-assessment": Address(
        ASSESS,
        ("failed",),
        only="author",
        does=ASSESS,
        data=lambda p: {**_observed(p, days=-1), "reason": "The wrong box."},
    ),
    "void-assessment": Address(
        REVIEW, ("failed",), other_than="author", does=REVIEW, data=_because()
    ),
    "request-check": Address(
        ASSESS | REVIEW,
        ("other",),
        query="service={service}",
        does=ASSESS | REVIEW,
        data=lambda p: {"competency": p["code"], **_day("due", 7)},
    ),
    # Reviews and support
    "reviews": Address(REVIEW),
    "review": Address(
        READ,
        ("failed",),
        subject=True,
        does=REGISTERED_MANAGER,
        data=lambda p: {"decision": "re_check", "reason": "One slip.", **_day("recheck_due", 7)},
    ),
    "support": Address(EVERYBODY, one=False),
    "support-action": Address(
        READ,
        ("support",),
        subject=True,
        does=RESTRICT,
        data=lambda p: {"outcome": "helped", "note": "Worked beside them."},
    ),
    "add-support": Address(
        RESTRICT,
        ("pseudonym",),
        query="service={service}",
        does=RESTRICT,
        data=lambda p: {"what": "refresher", "owner": p["lead"], **_day("due", 7)},
    ),
    # Gaps and their causes: read there, said by its registered manager
    "gaps": Address(READ),
    "say-cause": Address(
        REGISTERED_MANAGER,
        query="service={service}&theme=T02",
        does=REGISTERED_MANAGER,
        data=lambda p: {"gaps": p["gap"], "why": "training", "reason": "Nobody was shown."},
    ),
    "cause": Address(
        READ,
        ("practice_cause",),
        does=REGISTERED_MANAGER,
        data=lambda p: {"why": "training", "reason": "Nobody was shown."},
    ),
    "coach-for-cause": Address(
        RESTRICT,
        ("practice_cause",),
        does=RESTRICT,
        data=lambda p: {"what": "coaching", "owner": p["lead"], **_day("due", 7)},
    ),
    "request-change": Address(
        REGISTERED_MANAGER,
        ("workflow_cause",),
        does=REGISTERED_MANAGER,
        data=lambda p: {"wording": "Show the field on the first screen."},
    ),
    "changes": Address(READ),
    "change": Address(
        READ,
        ("change",),
        does=frozenset({R.REGISTERED_MANAGER, R.QUALITY_LEAD}),
        data=lambda p: {"state": "sent", **_day("on", 0)},
    ),
    "change-for-supplier": Address(READ, ("change",)),
    # What was found in one's own records; who answers: `tests/audits/test_finding_actions.py`
    "found-in-mine": Address(EVERYBODY, one=False),
    # Record audits: selected by the quality lead
    "audits": Address(READ),
    "select-audit": Address(
        frozenset({R.QUALITY_LEAD}),
        does=frozenset({R.QUALITY_LEAD}),
        data=lambda p: {
            **_day("since", -3),
            **_day("until", -1),
            **_day("due", 7),
            "record_types": "note",
            **dict.fromkeys(("coverage", "more"), 1),
            **dict.fromkeys(RISKS, 0),
        },
    ),
    "audit": Address(READ, ("audit",)),
    "audit-why": Address(READ, ("audit",)),
    # Refreshers: planned and recorded by who gives support there
    "refreshers": Address(READ),
    "plan-refresher": Address(
        RESTRICT,
        does=RESTRICT,
        data=lambda p: {
            "theme": "T01",
            "people": p["subject_id"],
            "owner": p["lead"],
            **_day("due", 7),
        },
    ),
    "refresher": Address(
        READ,
        ("refresher",),
        does=RESTRICT,
        data=lambda p: {"people": p["subject_id"], "minutes": 15, **_day("on", 0)},
    ),
    "reopen-after-refresher": Address(REVIEW, ("refresher",), does=REVIEW, data=_because()),
    # Readiness
    "matrix": Address(READ),
    "asc-wds-training": Address(READ),
    "matrix-cell": Address(READ, ("pseudonym", "code"), subject=True),
    "readiness": Address(READ, query="service={service}&person={pseudonym}"),
    "sign-off": Address(
        WORKFORCE_LEAD,
        does=WORKFORCE_LEAD,
        data=lambda p: {"post": p["ready"], f"statement-{p['ready']}": p["statement"]},
    ),
    "live-use": Address(READ),
    "no-live-use": Address(
        NOBODY, only_post=True, does=RESTRICT, data=lambda p: {"shift": p["shift"]}
    ),
    "live-use-again": Address(
        NOBODY, only_post=True, does=RESTRICT, data=lambda p: {"shift": p["marked"]}
    ),
    "override": Address(OVERRIDE, query="shift={shift}", does=OVERRIDE, data=_because()),
    "break-glass": Address(READ),
    "agree-break-glass": Address(
        OVERRIDE,
        does=OVERRIDE,
        data=lambda p: {"text": "The sheet hangs in the office; ring the manager on call."},
    ),
    "record-break-glass": Address(
        OVERRIDE,
        does=OVERRIDE,
        data=lambda p: {
            "people": [p["subject"]],
            "decided_by": p["lead"] if p.own else p["boss"],
            "reason": "The line was cut.",
            "from_time": "05:00",
            "to_time": "06:00",
            **_day("from_day", 0),
            **_day("to_day", 0),
        },
    ),
    "make-carry-sheet": Address(
        NOBODY,
        only_post=True,
        does=READ,
        data=lambda p: {"service": p["service"]},
        says_it_all=True,
    ),
    "carry-sheet": Address(READ, ("sheet",)),
    "end-override": Address(
        RESTRICT | OVERRIDE, ("overridden",), does=RESTRICT | OVERRIDE, data=_because()
    ),
    "restrict": Address(RESTRICT, ("other",), does=RESTRICT, data=_because()),
    "lift": Address(
        REGISTERED_MANAGER,
        ("restriction",),
        does=REGISTERED_MANAGER,
        data=_because(cites="reason"),
    ),
    "permit": Address(
        REVIEW,
        ("other",),
        does=REGISTERED_MANAGER,
        data=lambda p: {
            "competencies": [p["competency"]],
            "supervisors": [p["lead"]],
            **_day("last_day", 7),
        },
    ),
    "end-permission": Address(RESTRICT, ("permission",), does=RESTRICT, data=_because()),
}


def names() -> Iterator[str]:
    """The name of each address the application answers to."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                # Tokens, not people, ask the API: it is swept in tests/api.
                yield from () if pattern.app_name == "ninja" else walk(pattern.url_patterns)
            else:
                yield pattern.name or f"without a name: {pattern.pattern}"

    yield from walk(get_resolver().url_patterns)


@contextmanager
def scene() -> Iterator[Scene]:
    """Two services with something of each sort, and everybody signed in; undone at the end."""
    with transaction.atomic():
        world = small_provider()
        with evidence.clock.at(NOW - timedelta(days=2)):
            world.add_person("vera", "Vera Lund", role=R.VISITOR)
            for name, full_name in (("uma", "Uma Hall"), ("vic", "Vic Bird"), ("wes", "Wes Kerr")):
                world.add_person(name, full_name, role=R.CARE_WORKER)
                world.add_post(name, world.quayside, "CW")
            waits = a_go(world, "sam", code="S02"), a_go(world, "vic", code="S03")
        with evidence.clock.at(NOW - timedelta(days=1)):
            alder = _place(
                world, world.alder, "cal", "ruth", ("dan", "sam", "eve", "tessa"), waits[0]
            )
            quayside = _place(
                world, world.quayside, "helen", "quinn", ("uma", "vic", "wes", "rose"), waits[1]
            )
            competency.begin_draft(
                by=world.by("helen"),
                document=rename_plan(starter(), "Our plan"),
                begun_from="version 1",
            )
        with evidence.clock.at(NOW):
            cookies = {}
            for name in world.people:
                client = Client()
                client.force_login(world.people[name].sign_in)
                cookies[name] = client.cookies.output(header="")
            yield Scene(world, alder, quayside, cookies)
        transaction.set_rollback(True)


def _place(
    world: World,
    service: Service,
    author: str,
    manager: str,
    people: tuple[str, str, str, str],
    waits: Attempt,
) -> Place:
    subject, other, ready, lead = people
    code, now = "C04", evidence.clock.now()
    check = world.check(code)
    critical = next(c["code"] for c in check.criteria if c["critical"])
    by = world.by(manager)
    failed = assessment.record_assessment(
        by=world.by(author),
        happened_at=now,
        person=world.people[subject],
        service=service,
        check=check,
        method=check.methods[0],
        judgements={
            c["code"]: "not_met" if c["code"] == critical else "met" for c in check.criteria
        },
        help_given={},
        note="Did not say who was told.",
        files=[assessment.NewFile("paper.pdf", "application/pdf", b"%PDF-1.7")],
    )
    world.pass_all(lead, by="wendy")
    world.sign_off(lead)
    world.pass_all(ready, by="wendy")
    given = support.give_support(
        by=by,
        person=world.people[subject],
        service=service.pk,
        new=support.NewSupport("coaching", world.people[lead], (now + timedelta(days=7)).date()),
    )
    refresher = plan_refresher(
        by=by,
        service=service,
        theme=check.themes[0],
        people=[world.people[subject]],
        owner=world.people[lead],
        due=(now + timedelta(days=7)).date(),
        competency=check.competency,
    )
    permission = support.permit(
        by=by,
        post=world.posts[other],
        until=moment(end_of((now + timedelta(days=7)).date())),
        competencies=[check.competency_id],
        supervisors=[world.people[lead].pk],
        failed=[],
    )
    restriction = readiness.restrict(
        by=by, person=world.people[subject], service=None, reason="Two wrong doses."
    )
    shift = world.add_shift(other, NOW + timedelta(hours=8))
    marked = world.add_shift(other, NOW + timedelta(hours=32))
    over = world.add_shift(other, NOW + timedelta(hours=56))
    overridden = readiness.override(
        by=by,
        post=world.posts[other],
        starts_at=over.starts_at,
        ends_at=over.ends_at,
        reason="Nobody else can come.",
    )
    readiness.mark_no_live_use(by=by, shift=marked)
    asked = support.ask(
        by=world.by(subject), happened_at=None, key=uuid4(), service=service, category="find"
    )
    asked_code = "C26"
    waiting = world.check("C02" if service == world.alder else "C03")
    assessment.request_check(
        by=by,
        person=world.people[subject],
        service=service,
        competency=world.check(asked_code).competency,
        due=(now + timedelta(days=7)).date(),
    )
    sheet = readiness.make_carry_sheet(by=by, service=service)
    token = create_token(
        by=world.by("ada"),
        name="Care records",
        scopes=[Scope.READINESS],
        service=service,
        until=(now + timedelta(days=90)).date(),
        secret=service.code,
    )
    statement = queries.statements([world.posts[ready].pk], at=NOW)[0]
    signing_in.add_code_app(
        by=world.by(subject),
        sign_in=world.people[subject].sign_in,
        secret=b"subject",
        code=totp.code_of(b"subject", totp.step_at(now)),
    )
    row = _grouped(world, service, author, other, code)
    with evidence.clock.at(NOW):
        imported = _imported(by, service.code)
        gaps = _gapped(world, service, manager, subject)
    return Place(
        service=service,
        own=service == world.alder,
        subject=subject,
        values={
            "service": service.code,
            "subject": world.people[subject].pk,
            "pseudonym": world.people[subject].pseudonym,
            "other": world.people[other].pseudonym,
            "reference": world.people[other].identity.reference,
            "grant": world.people[subject].grants.get().entry,
            "plan": 1,
            "profile": "residential-nursing",
            "profile_version": "1.0",
            "course": "MEDS",
            "code": code,
            "check": check,
            "competency": check.competency_id,
            "failed": failed.entry,
            "file": failed.files.get().pk,
            "support": given.entry,
            "refresher": refresher.pk,
            "subject_id": world.people[subject].pk,
            "permission": permission.entry,
            "restriction": restriction.entry,
            "shift": shift.shift_id,
            "marked": marked.shift_id,
            "overridden": overridden.entry,
            "token": token.entry,
            "sheet": sheet.entry,
            "boss": world.people[manager].pk,
            "ready": world.posts[ready].pk,
            "statement": statement.fingerprint(),
            "lead": world.people[lead].pk,
            "owner": lead,
            "link": "no-such-link",
            "passkey": 0,
            "question": asked.entry,
            "asker": subject,
            "asked_code": asked_code,
            "attempt": waits.entry,
            "attempt_code": waiting.competency.code,
            "attempt_check": waiting,
            "playing": _begun(world, service, subject).entry,
            "elsewhere": _elsewhere(world, service, author, subject),
            "spot_check": _spot_checked(world, service, author, subject),
            "practised": _practised(world, service, subject),
            "scenario": "S06",
            "spot_question": "Q05",
            "draft": _drafted(world),
            "playable": _playable(service),
            "session": session_actions.open_session(
                by=world.by(author),
                service=service,
                scenario=_playable(service),
                mode=Attempt.Mode.CHECK,
            ).entry,
            **_written(world, service, subject),
            "place": "joyce/plan/sleep",
            "who": "joyce",
            "record": "note",
            "author": author,
            "group": row.group_id,
            "grouped": row.person.pseudonym,
            "judged": row.version,
            **_screened(world, service, subject),
            **gaps,
            "manager": manager,
            "signed": evidence.make_checkpoint().size,
            **imported,
        },
    )


def _screened(world: World, service: Service, name: str) -> dict[str, object]:
    """A record of this person’s and an alert that rang, with something noticed in each."""
    account = an_account(f"{name}.ecm", person=world.people[name])
    record = a_record(service, account, record_id=f"R-{service.code}")
    alert = an_alert(service)
    noticed(record, "late_entry")
    noticed(alert, "alert_without_response")
    item = an_audit(service, [record]).items.get()
    return {"live_record": record.pk, "raised": alert.pk, "audit_item": item.pk}


def _written(world: World, service: Service, name: str) -> dict[str, object]:
    """A live record kept aside, an account linked to nobody, and a link of another."""
    ada, code = world.by("ada"), service.code
    times = "2026-11-17T07:40,2026-11-17T07:55"
    row = f"{code}-1,{code},RES1,{code}.shared,note,Feet at {code},{times},Heels looked fine."
    again = row.replace(f"{code}-1", f"{code}-2").replace(f"Feet at {code}", "skin")
    header = "record_id,service_id,subject_id,author_id,record_type,section,occurred_at,recorded_at"
    file = f"{header},text\n{row}\n{again}\n".encode()
    imports.commit(imports.preview("records", file, "records.csv", by=ada), by=ada)
    reference = world.people[name].identity.reference
    file = f"account_id,person_id,from_date\n{code}.one,{reference},2026-10-05\n".encode()
    imports.commit(imports.preview("accounts", file, "accounts.csv", by=ada), by=ada)
    accounts = EcmAccount.objects
    link = accounts.get(details__reference=f"{code}.one").links.get()
    return {
        "account": accounts.get(details__reference=f"{code}.shared").pseudonym,
        "account_link": link.pk,
    }


def _screened(world: World, service: Service, name: str) -> dict[str, object]:
    """A record of this person’s and an alert that rang, with something noticed in each."""
    account = an_account(f"{name}.ecm", person=world.people[name])
    record = a_record(service, account, record_id=f"R-{service.code}")
    alert = an_alert(service)
    noticed(record, "late_entry")
    noticed(alert, "alert_without_response")
    item = an_audit(service, [record]).items.get()
    return {"live_record": record.pk, "raised": alert.pk, "audit_item": item.pk}


def _gapped(world: World, service: Service, manager: str, name: str) -> dict[str, object]:
    """Gaps in records of this person’s: one that waits, one of their practice, and one of the
    system, with a change request."""
    account = an_account(person=world.people[name])
    audit = an_audit(service, [a_record(service, account, section="food") for _ in range(3)])
    waits, practice_, workflow = (
        a_check(
            item,
            world.people["helen"],
            answers=("not", *MEETS[1:]),
            gaps=[("complete", "T02")],
        )
        .gaps.get()
        .pk
        for item in audit.items.order_by("number")
    )
    # One more, so that there is something to be selected.
    a_record(service, account, at=NOW - timedelta(days=2))
    by = world.by(manager)
    said = partial(say_cause, by=by, service=service, theme="T02", reason="Seen three times.")
    cause = said(gaps=[workflow], why="workflow")
    return {
        "audit": audit.pk,
        "gap": waits,
        "practice_cause": said(gaps=[practice_], why="practice", subject=world.people[name]).pk,
        "workflow_cause": cause.pk,
        "change": request_change(by=by, cause=cause, wording="Show the field first.").pk,
    }


def _begun(world: World, service: Service, name: str) -> Attempt:
    """Somebody in the middle of a scenario, whatever their work."""
    by, playable = world.by(name), scenarios()["S06"]
    with evidence.act("practice.started", by=by.actor) as act:
        act.about(by.pseudonym)
        version = playable.kept or act.record(
            ScenarioVersion(code="S06", version=1, document=playable.document, by=None)
        )
        attempt = act.record(
            Attempt(
                person=world.people[name],
                service=service,
                scenario=version,
                profile="residential-nursing 1.0",
                mode="practise",
                by=world.people[name],
            )
        )
        act.state(scenario="S06 1", mode="practise", service=service.code)
    Playing.objects.create(attempt=attempt, seen_at=NOW)
    return attempt


def _drafted(world: World) -> str:
    """The code of a scenario being written."""
    if not ScenarioDraft.objects.exists():
        text = dict(starter_texts())["S06"]
        begin_scenario(by=world.by("helen"), code="P01", text=text, begun_from="S06")
    return "P01"


def _elsewhere(world: World, service: Service, author: str, name: str) -> int:
    """Practice in the vendor's training system, by its number."""
    marks = {one.code: "met" for one in scenarios()["S06"].scenario.expect}
    return observe_elsewhere(
        by=world.by(author),
        person=world.people[name],
        service=service,
        of="S06",
        happened_at=evidence.clock.now(),
        marks=marks,
        result="",
        hints=0,
        minutes=4,
    ).pk


def _spot_checked(world: World, service: Service, author: str, name: str) -> int:
    """The entry of a spot check."""
    return record_spot_check(
        by=world.by(author),
        person=world.people[name],
        service=service,
        code="Q04",
        minutes=2,
        shown={"out": "shown", "own": "with_help", "tells": "shown"},
        note="Asked again who it belongs to.",
    ).entry


def _playable(service: Service) -> str:
    """The code of a scenario for this kind of service."""
    found = scenarios().items()
    return next(code for code, one in found if one.scenario.setting == service.setting)


def _practised(world: World, service: Service, name: str) -> int:
    """The entry of an attempt that has ended."""
    attempt = _begun(world, service, name)
    practice.end_attempt(by=world.by(name), attempt=attempt, how=AttemptEnd.How.FINISHED)
    return attempt.entry


def _grouped(world: World, service: Service, author: str, name: str, code: str) -> GroupPerson:
    """Somebody in a group, everything judged and nothing recorded yet."""
    by, check = world.by(author), world.check(code)
    group = group_actions.begin(
        by=by,
        service=service,
        check=check,
        method=check.methods[0],
        people=[world.people[name]],
    )
    row = group.people.get()
    for criterion in check.criteria:
        group_actions.save_answer(
            by=by, row=row, criterion=criterion["code"], answer=Answer("met"), seen=0
        )
    row.refresh_from_db()
    return row


def _imported(by: By, code: str) -> dict[str, object]:
    """A file that waits for a yes, and one taken in but for a row refused."""
    header = "person_id,name,role,service_id,employment,start_date"

    def kept(reference: str) -> PendingImport:
        rows = f"{reference},New Starter,CW,{code},permanent,2026-11-02\n,Nobody,CW,{code},bank,\n"
        file = f"{header}\n{rows}".encode()
        return imports.keep(imports.preview("people", file, "people.csv", by=by), by=by)

    run, rows = imports.confirm(kept(f"{code}1"), by=by)
    assert run
    assert rows
    elsewhere = open_file(f"Staff,Home\nU1,{code}\n".encode(), "staff.csv")
    mapping = import_actions.save_mapping(
        by=by,
        kind="people",
        name=f"Of {code}",
        rules=ColumnMap(("Staff", "Home"), {"person_id": Source(("Staff",))}),
    )
    return {
        "kind": "people",
        "run": run.entry,
        "rows": rows.pk,
        "pending": kept(f"{code}2").pk,
        "unmatched": matching.keep_unmatched(find("people"), elsewhere, by=by).pk,
        "mapping": mapping.pk,
    }


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
