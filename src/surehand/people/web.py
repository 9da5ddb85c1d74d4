"""What every page asks first: who is asking, and which service is meant.

The service is in the URL (`?service=CODE`) so that a page can be bookmarked and sent; the session
remembers the last one chosen.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from surehand import evidence
from surehand.evidence.refusal import NothingYet, NotPermitted
from surehand.people.access import Action, By, check_may
from surehand.people.models import Person, Post, Service
from surehand.timeline import moment, parse_local
from surehand.ui.formats import local

NO_SERVICE = "There is no service yet. Services come in with the services file, under Imports."


def by_of(request: HttpRequest) -> By:
    """Who is asking. Raises NotPermitted before sign-in."""
    by = getattr(request, "by", None)
    if by is None:
        raise NotPermitted("Sign in first.")
    return cast(By, by)


def next_of(request: HttpRequest) -> str:
    """Where to go on to: the `next` of the form or the address, if it is of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed else reverse("home")


def whole_address(request: HttpRequest, name: str, *args: object) -> str:
    """A named page's address as it is given to others, with the host. Behind a web server with TLS
    the request itself comes without; this machine asked by itself has no such server before it."""
    host = request.get_host()
    tls = settings.SESSION_COOKIE_SECURE and urlsplit(f"//{host}").hostname not in settings.LOCAL
    return f"{'https' if tls else request.scheme}://{host}{reverse(name, args=args)}"


def readable_services(request: HttpRequest, action: Action = Action.READ) -> list[Service]:
    """The services at which the person asking may do `action`."""
    by = by_of(request)
    services = Service.objects.select_related("details").order_by("details__name")
    return [s for s in services if by.may(action, s.pk)]


def chosen_service(request: HttpRequest, action: Action = Action.READ) -> Service:
    """The service meant by the URL, else the last chosen, else the first allowed.

    Raises NotPermitted if `action` is not allowed there, or anywhere, and NothingYet before there
    is a service.
    """
    allowed = readable_services(request, action)
    code = request.GET.get("service") or request.POST.get("service")
    if code:
        service = Service.objects.select_related("details").filter(code=code).first()
        if service is None:
            raise Http404(f"There is no service {code}.")
        check_may(by_of(request), action, service=service.pk)
        request.session["service"] = code
        return service
    remembered = request.session.get("service")
    for service in allowed:
        if service.code == remembered:
            return service
    if not allowed:
        check_may(by_of(request), action, service=None)
        raise NothingYet(NO_SERVICE)
    return allowed[0]


def readable_person(request: HttpRequest, pseudonym: str, action: Action = Action.READ) -> Person:
    """The person in the URL, if it is oneself or somebody with a post where one may `action`."""
    person = Person.objects.select_related("identity").filter(pseudonym=pseudonym).first()
    if person is None:
        raise Http404("There is no such person.")
    by = by_of(request)
    if by.is_self(person.pk) and action is Action.READ:
        return person
    if by.covers_all(action):
        return person
    services = set(Post.objects.filter(person=person).values_list("service_id", flat=True))
    if not services & by.services(action):
        check_may(by, action, service=min(services, default=None))
    return person


IN_THE_PAST = "You are looking at another moment. Go back to now to record something."


@dataclass(frozen=True)
class AsAt:
    """The moment a page is asked about (4.6), from its address.

    `chosen` is the moment in the address, None for now; `known` the ledger seq of that moment when
    the page shall say what was known then, None for what was true then with all that is known now
    (R3). `problem` is the sentence about an address that could not be read.
    """

    moment: datetime
    chosen: datetime | None
    known: int | None
    problem: str = ""
    is_past: bool = False

    @property
    def known_choice(self) -> str:
        return "true" if self.known is None else "then"

    @property
    def address(self) -> list[tuple[str, str]]:
        """The parts of an address that ask for the same moment again."""
        parts = []
        if self.chosen is not None:
            here = local(self.chosen)
            parts += [("at_date", f"{here:%Y-%m-%d}"), ("at_time", f"{here:%H:%M}")]
        if self.known is not None:
            parts.append(("known", "then"))
        return parts


def as_at(request: HttpRequest) -> AsAt:
    """The moment asked for by `at_date`, `at_time` (London; without it, midnight) and `known`."""
    now = evidence.clock.now()
    day, time = (request.GET.get(name, "").strip() for name in ("at_date", "at_time"))
    chosen, problem = None, ""
    if day:
        try:
            chosen = moment(parse_local(f"{day}T{time or '00:00'}", edge="start"))
        except (ValueError, OverflowError) as wrong:
            problem = f"{wrong} You see how it is now."
    at = chosen or now
    known = evidence.seq_at(moment=at) if request.GET.get("known") == "then" else None
    return AsAt(moment=at, chosen=chosen, known=known, problem=problem, is_past=at < now)
