"""Settings: services and their go-live dates, who may do what, sign-in. For administrators, who
record nothing about competence (R14)."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.people import actions, settings_pages
from surehand.people.access import DESCRIPTIONS, AccessRole, Action, By, check_may
from surehand.people.models import AccessGrant, Person, Provider, Service
from surehand.people.queries import go_live_dates
from surehand.people.roles import in_words
from surehand.people.settings_forms import (
    AddPersonForm,
    GoLiveForm,
    GrantForm,
    MergeForm,
    ProviderForm,
    SetSignInForm,
)
from surehand.people.signing_in.settings_views import of_person
from surehand.people.signing_in.step_up import step_up
from surehand.people.web import by_of
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, plural
from surehand.ui.page import Link, Page, address

HERE = "Settings"
# Settings that other parts keep.
MORE = (
    ("Accounts of the ECM system, and whose they are", "settings-of-accounts"),
    ("ECM profiles: what each system records, and how soon", "settings-of-profiles"),
    ("Words that screening looks for in records", "records-of-words"),
    ("Tokens by which other programs ask", "settings-of-tokens"),
    ("How long everything is kept", "settings-of-retention"),
    ("What is held about people supported", "held-about-supported"),
    ("Who is mailed the checkpoint", "settings-of-checkpoints"),
)


def _administrator(request: HttpRequest) -> By:
    by = by_of(request)
    check_may(by, Action.SETTINGS, service=None)
    return by


def _crumbs() -> tuple[Link, ...]:
    return (Link(HERE, reverse("settings")),)


def _person(pseudonym: str) -> Person:
    person = Person.objects.select_related("identity").filter(pseudonym=pseudonym).first()
    if person is None:
        raise Http404("There is no such person.")
    return person


def overview(request: HttpRequest) -> HttpResponse:
    by = _administrator(request)
    provider = Provider.objects.first()
    form = ProviderForm(request.POST or None, initial={"name": provider.name if provider else ""})
    if request.method == "POST" and form.is_valid():
        actions.name_provider(by=by, name=form.cleaned_data["name"])
        messages.success(request, "The name of your organisation is saved.")
        return redirect("settings")
    today = london_date(instant(evidence.clock.now()))
    services = settings_pages.service_lines()
    holders = settings_pages.access_lines(today=today)
    sought = request.GET.get("q", "")
    return render(
        request,
        "people/settings.html",
        {
            "page": Page(
                "Who may do what, and where?",
                lede=f"{plural(len(holders), 'person has', 'people have')} access, in "
                f"{plural(len(services), 'service', 'services')}. You manage access and sign-in; "
                "you record nothing about competence.",
                title=HERE,
            ),
            "form": form,
            "services": services,
            "holders": holders,
            "sought": sought,
            "found": settings_pages.find_people(sought),
            "roles": [DESCRIPTIONS[role] for role in AccessRole],
            "add": reverse("settings-of-new-person"),
            "more": [Link(words, href) for words, name in MORE if (href := address(name))],
            "sign_ins": Link("Who signs in how", reverse("settings-of-sign-ins")),
        },
        status=422 if form.errors else 200,
    )


def go_live(request: HttpRequest, code: str) -> HttpResponse:
    """The go-live date of a service."""
    by = _administrator(request)
    service = get_object_or_404(Service.objects.select_related("details"), code=code)
    held = go_live_dates().get(service.pk)
    form = GoLiveForm(request.POST or None, initial={"on": held, "undecided": held is None})
    if request.method == "POST" and form.is_valid():
        on = form.cleaned_data["on"]
        actions.set_go_live(by=by, service=service, on=on)
        messages.success(
            request,
            f"{service} goes live on {day(on)}."
            if on
            else f"{service} has no go-live date for now.",
        )
        return redirect("settings")
    return render(
        request,
        "people/settings_go_live.html",
        {
            "page": Page(
                f"When does {service} go live?",
                lede=f"Now: {day(held) if held else 'not decided'}. Shifts are checked from this "
                "day on, and core competencies become gates on day 29.",
                title="Go-live date",
                crumbs=_crumbs(),
            ),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def add(request: HttpRequest) -> HttpResponse:
    """Somebody without a post. People with posts come in by file."""
    by = _administrator(request)
    form = AddPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = actions.add_person(
            by=by,
            reference=form.cleaned_data["reference"],
            name=form.cleaned_data["name"],
            pseudonym=secrets.token_hex(16),
        )
        return redirect("settings-of-person", person.pseudonym)
    return render(
        request,
        "people/settings_add.html",
        {
            "page": Page(
                "Who works in head office?",
                lede="Add people here who have no post in a service. Everybody else comes in with "
                "the people file.",
                title="Add a person",
                crumbs=_crumbs(),
            ),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@step_up
def access(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """What one person may do; give an access role."""
    by = _administrator(request)
    person = _person(pseudonym)
    services = list(Service.objects.select_related("details").order_by("details__name"))
    form = GrantForm(request.POST or None, services=services)
    if request.method == "POST" and form.is_valid():
        role, service, until = form.chosen
        actions.grant_access(by=by, person=person, role=role, service=service, until=until)
        where = f" at {service}" if service else ""
        messages.success(request, f"{person} is now {DESCRIPTIONS[role].title.lower()}{where}.")
        return redirect("settings-of-person", pseudonym)
    return _person_page(request, by, person, grant_form=form)


@require_POST
def end(request: HttpRequest, entry: int) -> HttpResponse:
    """End one access grant at once."""
    by = _administrator(request)
    grant = get_object_or_404(AccessGrant.objects.select_related("person__identity"), entry=entry)
    actions.end_access(by=by, grant=grant)
    title = DESCRIPTIONS[AccessRole(grant.role)].title.lower()
    messages.success(request, f"{grant.person} is no longer {title}.")
    return redirect("settings-of-person", grant.person.pseudonym)


@step_up
@require_POST
def sign_in(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Set how a person signs in. They set their password themselves, by a link."""
    by = _administrator(request)
    person = _person(pseudonym)
    form = SetSignInForm(request.POST)
    if form.is_valid():
        actions.let_sign_in(
            by=by,
            person=person,
            email=form.cleaned_data["email"],
            password=None,
            provider_id=form.cleaned_data["provider_id"],
        )
        messages.success(request, f"{person} signs in as {form.cleaned_data['email']}.")
        return redirect("settings-of-person", pseudonym)
    return _person_page(request, by, person, sign_in_form=form)


@step_up
@require_POST
def merge(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Two records turned out to be one human (R14)."""
    by = _administrator(request)
    person = _person(pseudonym)
    form = MergeForm(request.POST)
    if form.is_valid():
        other = form.cleaned_data["reference"]
        actions.merge(by=by, person=other, into=person)
        messages.success(request, f"{other} and {person} are judged as one from now on.")
        return redirect("settings-of-person", pseudonym)
    return _person_page(request, by, person, merge_form=form)


def _person_page(
    request: HttpRequest,
    by: By,
    person: Person,
    *,
    grant_form: GrantForm | None = None,
    sign_in_form: SetSignInForm | None = None,
    merge_form: MergeForm | None = None,
) -> HttpResponse:
    today = london_date(instant(evidence.clock.now()))
    held = settings_pages.held_by(person, today=today)
    services = list(Service.objects.select_related("details").order_by("details__name"))
    sign_in = getattr(person, "sign_in", None)
    identity = getattr(person, "identity", None)
    email = sign_in.email if sign_in else identity.email if identity else ""
    wrong = any(form is not None and form.errors for form in (grant_form, sign_in_form, merge_form))
    roles = [f"{h.title.lower()} at {h.where}" if h.where else h.title.lower() for h in held]
    lede = f"They may act as {in_words(roles)}." if roles else "They have no access yet."
    return render(
        request,
        "people/settings_person.html",
        {
            "page": Page(
                f"What may {person} do?",
                lede=lede,
                title="Access",
                person=str(person),
                crumbs=_crumbs(),
            ),
            "subject": person,
            "held": held,
            "self_refusal": "Nobody changes their own access. Ask another administrator."
            if by.is_self(person.pk)
            else "",
            "grant_form": grant_form or GrantForm(services=services),
            "sign_in_form": sign_in_form
            or SetSignInForm(
                initial={
                    "email": email,
                    "provider_id": (sign_in.provider_id or "") if sign_in else "",
                }
            ),
            "merge_form": merge_form or MergeForm(),
            "has_password": sign_in is not None and sign_in.has_usable_password(),
            **of_person(person),
            "same": settings_pages.same_as(person),
            "erase": address("erase-person", person.pseudonym),
        },
        status=422 if wrong else 200,
    )
