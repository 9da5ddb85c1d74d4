"""Courses attended at Brindlemoor Care: everybody came to the introduction, one group of Eastgate
was taken through it too fast, and a certificate from an agency made nobody ready.

Drawn from a generator of its own, so that the rest of the story stays as it is.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from random import Random

from surehand.demo.cast import HOMES, Home, Member
from surehand.people.asc_wds import ECM_TRAINING, TRAINING_HEADER

INTRODUCTION = "Introduction to the digital care record"
COLUMNS = ("person_id", "course", "date", "provider", "outcome", "expires")
IN_HOUSE = "Brindlemoor Care"
A_GROUP = 14  # people in one room

Row = tuple[str, str, date, str, str, str]


def files(
    members: Sequence[Member], *, too_fast: Collection[str], today: date
) -> Iterator[tuple[Home, date, Sequence[str], str, Sequence[Sequence[object]]]]:
    """The files of courses: service, day of the import, header, kind and rows. `too_fast` are keys
    of those who were sent through the introduction alone, on the eve of their checks."""
    random = Random(f"courses {today}")
    for home in HOMES:
        own = [m for m in members if m.home.code == home.code]
        friday = home.training(today) - timedelta(days=3)
        first = list(_rows([m for m in own if m.start <= friday], friday, too_fast, random))
        if home.code == "QUAYSIDE":
            yield home, friday, TRAINING_HEADER, "asc-wds", [_as_training(home, r) for r in first]
        else:
            yield home, friday, COLUMNS, "attendance", first
        # Whoever started since then came to it on their first day.
        last = today - timedelta(days=3)
        if after := [m for m in own if friday < m.start <= last]:
            yield home, last, COLUMNS, "attendance", list(_rows(after, last, (), random))


def _rows(
    members: Sequence[Member], friday: date, too_fast: Collection[str], random: Random
) -> Iterator[Row]:
    calm = 0
    for member in members:
        if member.key in too_fast:
            yield _row(member, INTRODUCTION, friday, "Record Right e-learning")
            continue
        day = friday - timedelta(days=3 - calm // A_GROUP % 3)
        calm += 1
        newcomer = friday - member.start < timedelta(days=60)
        yield _row(member, INTRODUCTION, member.start if newcomer else day, IN_HOUSE)
    for member in members:
        kept = random.random()
        if kept < 0.94:
            days = random.randrange(20, 300) if kept < 0.86 else random.randrange(310, 360)
            day = friday - timedelta(days=days)
            yield _row(member, "Data security awareness", day, "Record Right e-learning")
        if "med" in member.responsibilities and not member.agency and random.random() < 0.9:
            day = friday - timedelta(days=random.randrange(30, 320))
            yield _row(member, "Medicines awareness", day, "Harbour Pharmacy Training")
        if random.random() < 0.3:
            day = friday - timedelta(days=random.randrange(10, 200))
            yield _row(member, "Fire safety", day, IN_HOUSE)


def _row(member: Member, course: str, day: date, provider: str) -> Row:
    return (member.key, course, day, provider, "completed", "")


_CATEGORIES = {
    INTRODUCTION: ECM_TRAINING,
    "Data security awareness": 26,
    "Medicines awareness": 13,
    "Fire safety": 6,
}


def _as_training(home: Home, row: Row) -> tuple[object, ...]:
    """The same course as a row of an ASC-WDS training file."""
    key, course, day, provider, _, _ = row
    inside = provider == IN_HOUSE
    return (
        home.code, key, _CATEGORIES[course], course, 0, 1 if inside else 2,
        "" if inside else provider, 1 if inside else 2, "", f"{day:%d/%m/%Y}", "", "",
    )  # fmt: skip
