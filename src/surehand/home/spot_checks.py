"""What the pages of spot checks show, worked out so that templates only draw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from surehand.people.models import Post, Service
from surehand.people.roles import JOB_ROLES
from surehand.practice.models import SpotCheck
from surehand.practice.spot_checks import Shown
from surehand.readiness.models import Shift
from surehand.ui.formats import moment, plural, time
from surehand.ui.page import address

LOOKS = {
    SpotCheck.Shown.SHOWN: "circle-check",
    SpotCheck.Shown.WITH_HELP: "hand-helping",
    SpotCheck.Shown.NOT_SHOWN: "circle-dashed",
}


@dataclass(frozen=True)
class Row:
    """One spot check in a table: how many points were shown, with help, and not."""

    when: datetime
    person: str
    question: str
    competency: str
    shown: int
    with_help: int
    not_shown: int
    minutes: int
    by: str
    href: str


def row(found: Shown) -> Row:
    check = found.check
    return Row(
        when=check.happened_at,
        person=str(check.person),
        question=found.title,
        competency=found.competency,
        shown=found.count(SpotCheck.Shown.SHOWN),
        with_help=found.count(SpotCheck.Shown.WITH_HELP),
        not_shown=found.count(SpotCheck.Shown.NOT_SHOWN),
        minutes=check.minutes,
        by=f"{check.by}{', corrected' * bool(check.supersedes_id)}",
        href=address("spot-check", check.entry),
    )


def lede(found: Shown) -> str:
    """“3 of 4 points shown, 1 of them with help.”"""
    alone, helped = found.count(SpotCheck.Shown.SHOWN), found.count(SpotCheck.Shown.WITH_HELP)
    said = f"{alone + helped} of {plural(len(found.points), 'point')} shown"
    return f"{said}, {helped} of them with help." if helped else f"{said}, without help."


@dataclass(frozen=True)
class Line:
    """A point and what was shown of it."""

    what: str
    why: str
    icon: str
    now: bool


def points(found: Shown) -> list[Line]:
    return [
        Line(point.text, given.label, LOOKS[given], given == SpotCheck.Shown.NOT_SHOWN)
        for point, given in found.points
    ]


def facts(found: Shown, competency: str) -> list[tuple[str, str]]:
    check = found.check
    return [
        ("Asked of", str(check.person)),
        ("At", str(check.service)),
        ("When", moment(check.happened_at)),
        ("By", str(check.by)),
        ("It took", plural(check.minutes, "minute")),
        ("About", competency),
        ("Question", f"{check.question.code}, version {check.question.version}"),
    ]


@dataclass(frozen=True)
class OnShift:
    """Somebody who works now."""

    name: str
    why: str
    href: str


def on_shift_lines(
    shifts: Iterable[Shift], posts: Sequence[Post], service: Service
) -> list[OnShift]:
    """Who works now and has a post here, once each."""
    roles = {post.person_id: JOB_ROLES[post.job_role].title for post in posts}
    found: dict[int, OnShift] = {}
    for shift in shifts:
        person = shift.person
        if person is not None and person.pk in roles and person.pk not in found:
            found[person.pk] = OnShift(
                str(person),
                f"{roles[person.pk]}, on shift until {time(shift.ends_at)}",
                address("spot-checks-of-asking", person.pseudonym, service=service.code),
            )
    return list(found.values())


def names(posts: Iterable[Post]) -> list[tuple[str, str]]:
    """Everybody with a post, once each: (pseudonym, name and job role)."""
    found = {
        post.person.pseudonym: f"{post.person}, {JOB_ROLES[post.job_role].title.lower()}"
        for post in posts
    }
    return list(found.items())
