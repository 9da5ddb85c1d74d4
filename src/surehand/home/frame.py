"""The frame round every page: who is signed in, where they are, where they can go."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from surehand import evidence
from surehand.evidence.queries import last_checkpoint
from surehand.people.access import DESCRIPTIONS, AccessRole, Action, By
from surehand.people.models import Provider, SignIn
from surehand.people.web import readable_services
from surehand.support.queries import where_one_asks
from surehand.timeline import instant, london_date
from surehand.ui.formats import moment, number
from surehand.ui.page import Frame, Link, User

HELD = "What is held about me"

PRACTICE = ("Practice", "practice")
"""For everybody with a post, and for who reads a service: it leads to the scenarios."""

IMPORTS = (Action.IMPORT_PEOPLE, Action.IMPORT_SERVICES, Action.IMPORT_RECORDS)

# (words, URL name, action that must be allowed somewhere, or one of several; None: everybody
# signed in)
NAV: tuple[tuple[str, str, Action | tuple[Action, ...] | None], ...] = (
    ("Home", "home", None),
    (*PRACTICE, None),
    ("People", "people", Action.READ),
    ("Matrix", "matrix", Action.READ),
    ("Live use", "live-use", Action.READ),
    ("Assess", "assess", Action.ASSESS),
    ("Reviews", "reviews", Action.REVIEW),
    ("Support", "support", Action.READ),
    ("Questions", "questions", Action.READ),
    ("Records", "records", Action.READ),
    ("Plan", "plan", Action.READ),
    ("Evidence", "evidence", Action.READ),
    ("Imports", "imports", IMPORTS),
    ("Settings", "settings", Action.SETTINGS),
)


def frame(request: HttpRequest) -> dict[str, Frame]:
    """The template context processor that gives every page its `frame`."""
    if getattr(request, "frameless", False):
        return {}  # the practice ECM has a frame of its own, and is asked for every few seconds
    by: By | None = getattr(request, "by", None)
    provider = Provider.objects.first()
    organisation = provider.name if provider else ""
    if by is None or not isinstance(request.user, SignIn):
        return {"frame": Frame(organisation=organisation)}
    services = readable_services(request)
    chosen = request.session.get("service")
    current = next((s for s in services if s.code == chosen), services[0] if services else None)
    here = request.resolver_match.url_name if request.resolver_match else ""
    section = getattr(request, "section", None) or (here or "").split("-of-")[0]
    asks = where_one_asks(by, on=london_date(instant(evidence.clock.now())))
    return {
        "frame": Frame(
            organisation=organisation,
            nav=tuple(
                Link(words, reverse(name), current=section == name)
                for name, words, action in ((n, w, a) for w, n, a in NAV)
                if _exists(name)
                and (action is None or _may(by, action))
                and ((words, name) != PRACTICE or asks or by.may_anywhere(Action.READ))
            ),
            user=User(
                name=str(request.user.person),
                role=role_in_words(by),
                links=(
                    Link(HELD, reverse("held-about-me"), icon="file-search"),
                    Link("How I sign in", reverse("my-sign-in"), icon="key-round"),
                ),
                pseudonym=by.pseudonym,
            ),
            service=str(current) if current else "",
            services=tuple(
                Link(str(s), f"{request.path}?service={s.code}", current=s == current)
                for s in services
            )
            if len(services) > 1
            else (),
            search=reverse("people") if by.may_anywhere(Action.READ) and _exists("people") else "",
            stuck=reverse("stuck") if asks else "",
            stuck_at=tuple((s.code, str(s)) for s in asks),
            sign_out=reverse("sign-out"),
            footer=(Link(HELD, reverse("held-about-me")),),
            evidence=_evidence(),
            evidence_href=reverse("evidence") if by.may_anywhere(Action.READ) else "",
        )
    }


def _may(by: By, action: Action | tuple[Action, ...]) -> bool:
    actions = action if isinstance(action, tuple) else (action,)
    return any(by.may_anywhere(one) for one in actions)


def _evidence() -> str:
    """How long the ledger is and when it was last signed: a checkpoint covers all before it."""
    entries = f"{number(evidence.last_seq())} evidence entries"
    last = last_checkpoint()
    return (
        f"{entries}, last signed {moment(last.made_at)}" if last else f"{entries}, not signed yet"
    )


def _exists(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def role_in_words(by: By) -> str:
    """The widest access role held, for the corner of the page."""
    order = [
        AccessRole.NOMINATED_INDIVIDUAL,
        AccessRole.WORKFORCE_LEAD,
        AccessRole.QUALITY_LEAD,
        AccessRole.PROJECT_LEAD,
        AccessRole.ADMINISTRATOR,
        AccessRole.REGISTERED_MANAGER,
        AccessRole.TEAM_LEADER,
        AccessRole.ASSESSOR,
        AccessRole.VISITOR,
        AccessRole.CARE_WORKER,
    ]
    held = {g.role for g in by.grants}
    role = next((r for r in order if r in held), None)
    return DESCRIPTIONS[role].title if role else "No access yet"
