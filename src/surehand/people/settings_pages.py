"""What the settings pages show."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse

from surehand.people.access import DESCRIPTIONS, AccessRole
from surehand.people.models import AccessGrant, Identity, Merge, Person, Service, SignIn
from surehand.people.names import typed
from surehand.people.queries import go_live_dates
from surehand.ui.formats import day

FOUND_AT_MOST = 20


@dataclass(frozen=True)
class ServiceLine:
    name: str
    setting: str
    go_live: str
    href: str


@dataclass(frozen=True)
class Held:
    """One access grant in force, in words."""

    title: str
    where: str
    until: str
    description: str
    since: date
    end: str  # the address that ends it

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.title, self.where, self.until]))


@dataclass(frozen=True)
class AccessLine:
    name: str
    held: tuple[str, ...]
    email: str
    href: str


def service_lines() -> list[ServiceLine]:
    dates = go_live_dates()
    return [
        ServiceLine(
            str(service),
            service.get_setting_display().capitalize(),
            day(on) if (on := dates.get(service.pk)) else "Not decided",
            reverse("settings-of-service", args=[service.code]),
        )
        for service in Service.objects.select_related("details").order_by("details__name")
    ]


def access_lines(*, today: date) -> list[AccessLine]:
    """Everybody who holds access, by name; two statements however many they are."""
    held: dict[int, list[str]] = defaultdict(list)
    people: dict[int, Person] = {}
    for grant in _in_force(today):
        held[grant.person_id].append(str(_held(grant)))
        people[grant.person_id] = grant.person
    emails = dict(SignIn.objects.filter(person__in=people).values_list("person_id", "email"))
    return [
        AccessLine(str(person), tuple(held[pk]), emails.get(pk, ""), _address(person.pseudonym))
        for pk, person in sorted(people.items(), key=lambda item: typed(str(item[1])))
    ]


def find_people(text: str) -> list[AccessLine]:
    """People by a part of their name or id, whether they hold access or not."""
    wanted = typed(text).strip()
    if not wanted:
        return []
    named = Identity.objects.order_by("name").values_list("pk", "name", "reference").iterator()
    hits = [pk for pk, name, own in named if wanted in typed(name) or wanted == typed(own)]
    found = (
        Identity.objects.filter(pk__in=hits[:FOUND_AT_MOST])
        .select_related("person")
        .order_by("name")
    )
    return [
        AccessLine(i.name, (i.reference,), i.email, _address(i.person.pseudonym)) for i in found
    ]


def held_by(person: Person, *, today: date) -> list[Held]:
    return [_held(g) for g in _in_force(today) if g.person_id == person.pk]


def same_as(person: Person) -> list[str]:
    """The names of the records merged with this one."""
    pairs = Merge.objects.filter(Q(person=person) | Q(into=person)).select_related(
        "person__identity", "into__identity"
    )
    return [
        f"{other} ({other.identity.reference})" if hasattr(other, "identity") else str(other)
        for pair in pairs
        for other in [pair.into if pair.person_id == person.pk else pair.person]
    ]


def _in_force(today: date) -> list[AccessGrant]:
    return list(
        AccessGrant.objects.filter(Q(until__isnull=True) | Q(until__gte=today), end__isnull=True)
        .select_related("person__identity", "service__details")
        .order_by("person_id", "pk")
    )


def _held(grant: AccessGrant) -> Held:
    described = DESCRIPTIONS[AccessRole(grant.role)]
    return Held(
        title=described.title,
        where=str(grant.service) if grant.service else "",
        until=f"until {day(grant.until)}" if grant.until else "",
        description=described.description,
        since=grant.recorded_at.date(),
        end=reverse("settings-of-access-end", args=[grant.entry]),
    )


def _address(pseudonym: str) -> str:
    return reverse("settings-of-person", args=[pseudonym])
