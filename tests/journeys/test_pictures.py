"""The pictures in the docs: each main page at a desk and on a phone, as the demonstration shows it.

`make pictures` takes them (SUREHAND_SHOTS says where to). Without it, each page is only opened, at
a desk, in the small provider.
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from surehand import demo, evidence
from surehand.assessment.models import Assessment, GroupAssessment, Outcome
from surehand.people.models import AccessGrant, Service
from surehand.practice.models import Attempt, PracticeSession, ScenarioDraft
from surehand.readiness.models import CarrySheet, Shift
from surehand.records.models import Signal
from tests.journeys.conftest import DESK, PHONE, Clock
from tests.provider import NOW, small_provider

SHOTS = os.environ.get("SUREHAND_SHOTS", "")
MONDAY = date(2026, 11, 16)
LARGEST = 250_000
SIZES = (("desk", DESK, 1), *([("phone", PHONE, 2)] if SHOTS else []))

# The picture's name, whose page it is, and its address.
PICTURES = [
    ("home-registered-manager", "registered_manager", "/"),
    ("home-workforce-lead", "workforce_lead", "/"),
    ("home-assessor", "assessor", "/"),
    ("home-care-worker", "care_worker", "/"),
    ("matrix", "registered_manager", "/matrix/"),
    ("person", "registered_manager", "/people/{person}/"),
    ("people", "registered_manager", "/people/"),
    ("live-use", "registered_manager", "/live-use/?shift={shift}"),
    ("assess", "assessor", "/assess/"),
    ("assess-form", "assessor", "/assess/{person}/{code}/?service={service}"),
    ("reviews", "registered_manager", "/reviews/"),
    ("review", "registered_manager", "/reviews/{entry}/"),
    ("support", "registered_manager", "/support/"),
    ("sign-off", "workforce_lead", "/sign-off/?service={service}"),
    ("was-she-cleared", "registered_manager", "/readiness/?service={service}&person={person}"),
    ("plan", "workforce_lead", "/plan/"),
    ("imports", "administrator", "/imports/"),
    ("import-people", "administrator", "/imports/people/"),
    ("courses", "registered_manager", "/courses/"),
    ("from-course-to-check", "registered_manager", "/courses/to-check/"),
    ("stuck", "care_worker", "/stuck/"),
    ("questions", "team_leader", "/questions/"),
    ("confidence", "registered_manager", "/confidence/picture/"),
    ("break-glass", "registered_manager", "/live-use/break-glass/"),
    ("tokens", "administrator", "/settings/tokens/"),
    ("practice", "care_worker", "/practice/"),
    ("practice-start", "care_worker", "/practice/scenarios/S06/"),
    ("practice-log", "registered_manager", "/practice/log/?service={service}"),
    ("scenarios", "workforce_lead", "/practice/scenarios/"),
    ("scenario", "workforce_lead", "/practice/scenarios/S25/read/"),
    ("spot-checks", "registered_manager", "/practice/spot-checks/?service={service}"),
    ("ecm-profiles", "administrator", "/settings/ecm-profiles/"),
    ("ecm-profile", "administrator", "/settings/ecm-profiles/residential-nursing/"),
    ("evidence-entry", "registered_manager", "/evidence/{entry}/"),
    ("records", "quality_lead", "/records/?service={service}"),
    ("noticed", "team_leader", "/records/noticed/"),
    ("who-wrote", "registered_manager", "/live-records/?service={service}"),
    ("held-about-people-supported", "administrator", "/held-about-people-supported/"),
]
# What only the demonstration has: a draft of the plan, a group being assessed, a sheet to carry,
# practice that ended, a group session.
OF_THE_DEMONSTRATION = [
    ("plan-draft", "workforce_lead", "/plan/draft/"),
    ("plan-publish", "workforce_lead", "/plan/draft/publish/"),
    ("group", "workforce_lead", "/assess/groups/{group}/"),
    ("practice-result", "registered_manager", "/practice/done/{practised}/"),
    ("practice-replay", "registered_manager", "/practice/done/{practised}/replay/"),
    ("practice-session", "workforce_lead", "/practice/sessions/{session}/"),
    ("judge-session", "workforce_lead", "/assess/sessions/{session}/"),
    ("scenario-draft", "workforce_lead", "/practice/scenarios/{draft}/draft/"),
    ("carry-sheet", "registered_manager", "/live-use/sheets/{sheet}/"),
    ("record", "team_leader", "/records/{record}/"),
    ("kept-aside", "quality_lead", "/records/kept-aside/"),
]
# A staff list of another system, whose columns are to be matched.
STAFF_LIST = (
    "Emp No,First name,Surname,Job Title,Home,Contract,Joined\n"
    "H1,Siân,O’Dea,HCA,Alder House,Perm,03/12/2026\n"
    "H2,Bo,Marsh,Care worker,Alder House,Perm,05/12/2026\n"
)


@pytest.fixture
def pages(server: str, clock: Clock, browser: Browser) -> dict[str, str]:
    """Something to show: the words that stand in addresses."""
    if SHOTS:
        clock.now = datetime(MONDAY.year, MONDAY.month, MONDAY.day, 8, 40, tzinfo=UTC)
        demo.build(today=MONDAY)
    else:
        clock.now = NOW
        world = small_provider()
        with evidence.clock.at(NOW):
            world.fail("dan", "C04")
            world.add_shift("dan", NOW + timedelta(hours=12))
    service = AccessGrant.objects.filter(role="registered_manager").order_by("pk")[0].service
    assert service
    failed = (
        Assessment.objects.filter(
            service=service,
            outcome=Outcome.FURTHER_SUPPORT,
            manager_review__isnull=True,
            void__isnull=True,
        )
        .order_by("-entry")
        .first()
        or Assessment.objects.filter(service=service).order_by("-entry")[0]
    )
    shift = (
        Shift.objects.filter(service=service, person=failed.person, starts_at__gte=clock.now)
        .order_by("starts_at")
        .first()
    )
    return {
        "service": service.code,
        "person": failed.person.pseudonym,
        "entry": str(failed.entry),
        "code": failed.competency.code,
        "shift": shift.shift_id if shift else "",
        **(_of_the_demonstration(service) if SHOTS else {}),
    }


def _of_the_demonstration(service: Service) -> dict[str, str]:
    return {
        "practised": str(
            Attempt.objects.filter(service=service, end__how="finished", where="here")
            .order_by("-entry")
            .values_list("entry", flat=True)[0]
        ),
        "session": str(PracticeSession.objects.order_by("-entry")[0].entry),
        "draft": ScenarioDraft.objects.order_by("code")[0].code,
        "group": str(GroupAssessment.objects.order_by("pk")[0].pk),
        "record": str(
            Signal.objects.filter(
                screened__service=service, code="reused_wording", beside__isnull=False
            )
            .order_by("pk")
            .values_list("screened__record", flat=True)[0]
        ),
        "sheet": str(CarrySheet.objects.filter(service=service).order_by("-entry")[0].entry),
    }


def signed_in(page: Page, server: str, role: str, service: str) -> None:
    grants = AccessGrant.objects.filter(role=role, person__sign_in__isnull=False, end__isnull=True)
    grant = grants.filter(service__code=service).first() or grants.order_by("pk")[0]
    page.goto(f"{server}/sign-in/")
    page.evaluate(
        """(action) => {
            const form = document.querySelector('form');
            form.action = action; form.noValidate = true; form.submit();
        }""",
        f"/sign-in/demo/{grant.person_id}/",
    )
    page.wait_for_url(lambda address: "/sign-in/" not in address)


def test_the_main_pages(server: str, browser: Browser, pages: dict[str, str]) -> None:
    for size, viewport, scale in SIZES:
        signed: dict[str, Page] = {}
        shown = [("sign-in", "", "/sign-in/"), *PICTURES, *(OF_THE_DEMONSTRATION if SHOTS else [])]
        for name, role, path in shown:
            if role not in signed:
                context = browser.new_context(
                    viewport=viewport,  # type: ignore[arg-type]
                    device_scale_factor=scale,
                    locale="en-GB",
                    timezone_id="Europe/London",
                )
                signed[role] = context.new_page()
                signed[role].set_default_timeout(30_000)
                if role:
                    signed_in(signed[role], server, role, pages["service"])
            page = signed[role]
            response = page.goto(server + path.format(**pages))
            assert response
            assert response.status == 200, f"{role} on {page.url}: {response.status}"
            assert page.get_by_role("heading", level=1).is_visible()
            if SHOTS:
                _picture(page, Path(SHOTS) / f"{name}-{size}.png")
        page = signed["administrator"]
        page.goto(f"{server}/imports/people/")
        page.get_by_label("Your file").set_input_files(
            {"name": "staff.csv", "mimeType": "text/csv", "buffer": STAFF_LIST.encode()}
        )
        page.get_by_role("button", name="Read the file").click()
        assert page.get_by_role("heading", name="Which column is which?").is_visible()
        if SHOTS:
            _picture(page, Path(SHOTS) / f"import-matching-{size}.png")
        for page in signed.values():
            page.context.close()


def _picture(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.evaluate("document.activeElement && document.activeElement.blur()")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=str(path))
    assert path.stat().st_size <= LARGEST, f"{path.name} is {path.stat().st_size:,} bytes"
