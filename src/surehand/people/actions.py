"""The only writer of people, posts and access, apart from the files that bring them in."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import DESCRIPTIONS, AccessRole, Action, By, check_may
from surehand.people.models import (
    AccessEnd,
    AccessGrant,
    GoLive,
    Identity,
    Merge,
    Person,
    Post,
    Provider,
    Service,
    SignIn,
)
from surehand.people.queries import same_human
from surehand.timeline import instant, london_date


def add_person(*, by: By, reference: str, name: str, email: str = "", pseudonym: str) -> Person:
    """Somebody without a post: head office. People with posts come in by file."""
    check_may(by, Action.SETTINGS, service=None)
    if Identity.objects.filter(reference=reference).exists():
        raise NotPossible(f"There is already a person with the reference {reference}.")
    with evidence.act("person.added", by=by.actor) as act:
        person = Person(pseudonym=pseudonym)
        act.record(person)
        act.about(pseudonym)
        Identity.objects.create(person=person, reference=reference, name=name, email=email)
    return person


def grant_access(
    *, by: By, person: Person, role: AccessRole, service: Service | None, until: date | None = None
) -> AccessGrant:
    """Give an access role, for a service or for the whole provider as the role allows."""
    check_may(by, Action.SETTINGS, service=None)
    if by.is_self(person.pk):
        raise NotPermitted("Nobody changes their own access. Ask another administrator.")
    described = DESCRIPTIONS[role]
    if (described.scope == "service") != (service is not None):
        where = "one service" if described.scope == "service" else "no single service"
        raise NotPossible(f"{described.title} is given for {where}.")
    if until and until < london_date(instant(evidence.clock.now())):
        raise NotPossible("The last day of this access has already passed.")
    with evidence.act("access.granted", by=by.actor) as act:
        grant = AccessGrant(person=person, role=role.value, service=service, until=until)
        act.record(grant)
        act.about(person.pseudonym)
        act.state(role=role.value, service=service.code if service else None)
    return grant


def end_access(*, by: By, grant: AccessGrant) -> AccessEnd:
    check_may(by, Action.SETTINGS, service=None)
    if by.is_self(grant.person_id):
        raise NotPermitted("Nobody changes their own access. Ask another administrator.")
    if hasattr(grant, "end"):
        raise NotPossible("This access has already ended.")
    with evidence.act("access.ended", by=by.actor) as act:
        end = AccessEnd(grant=grant)
        act.record(end)
        act.about(grant.person.pseudonym)
        act.state(of=grant.entry)
    return end


def let_sign_in(
    *, by: By, person: Person, email: str, password: str | None, provider_id: str = ""
) -> SignIn:
    """Create or change how a person signs in. Without a password they keep the one they have; who
    has none sets one by a link (`signing_in.actions.make_link`)."""
    check_may(by, Action.SETTINGS, service=None)
    others = SignIn.objects.exclude(person=person)
    if others.filter(email__iexact=email).exists():
        raise NotPossible(f"Somebody else already signs in as {email}.")
    if provider_id and others.filter(provider_id=provider_id).exists():
        raise NotPossible("Your identity provider calls somebody else that.")
    if password is not None:
        try:
            validate_password(password, SignIn(person=person, email=email))
        except ValidationError as weak:
            raise NotPossible(" ".join(weak.messages)) from None
    with evidence.act("sign_in.changed", by=by.actor) as act:
        sign_in = SignIn.objects.filter(person=person).first() or SignIn(person=person)
        if (sign_in.email, sign_in.provider_id) != (email, provider_id or None):
            sign_in.epoch += 1  # whoever went in by the old one does not stay in
        sign_in.email, sign_in.provider_id = email, provider_id or None
        if password is not None or sign_in.pk is None:
            sign_in.set_password(password)
        sign_in.save()
        act.about(person.pseudonym)
    return sign_in


def merge(*, by: By, person: Person, into: Person) -> Merge:
    """Two records are one human: from here on judged as one (R14)."""
    check_may(by, Action.SETTINGS, service=None)
    with evidence.act("people.merged", by=by.actor) as act:
        if into.pk in same_human(person.pk):
            raise NotPossible("These two records are already one.")
        fact = Merge(person=person, into=into)
        act.record(fact)
        act.about(person.pseudonym, into.pseudonym)
        posts = Post.objects.filter(person__in=[person, into])
        act.touch(posts.values_list("pk", flat=True))
    return fact


def set_go_live(*, by: By, service: Service, on: date | None) -> GoLive:
    """The date a service goes live; None: it is not decided. Gates and rota checks follow it."""
    check_may(by, Action.SETTINGS, service=None)
    held = GoLive.objects.filter(service=service).order_by("entry").last()
    if (held.on if held else None) == on:
        raise NotPossible(f"This is already the go-live date of {service}.")
    with evidence.act("go_live.set", by=by.actor) as act:
        fact = GoLive(service=service, on=on)
        act.record(fact)
        act.state(service=service.code, on=on.isoformat() if on else None)
        act.touch(Post.objects.filter(service=service).values_list("pk", flat=True))
    return fact


def name_provider(*, by: By, name: str) -> Provider:
    """The name at the top of every page."""
    check_may(by, Action.SETTINGS, service=None)
    provider = Provider.objects.first() or Provider()
    provider.name = name
    provider.save()
    return provider
