"""Services, people and rota files: what each row does, and that nothing is done twice."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from surehand.evidence import clock
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted
from surehand.imports import run
from surehand.people.access import COMMAND_LINE
from surehand.people.models import GoLive, Identity, Person, Post, PostTerms, Service, Team
from surehand.readiness.models import Shift

from .conftest import PEOPLE, SERVICES, manager_of

HEADER = "person_id,name,role,service_id,employment,start_date"


def counts(shown: run.Preview) -> tuple[int, int, int, int]:
    return shown.added, shown.changed, shown.unchanged, shown.refused


def sentences(shown: run.Preview) -> list[str]:
    return [p.sentence for p in shown.problems]


def posts_of(reference: str) -> list[tuple[str, date, date | None]]:
    """Each post of a person: job role, first day, last day."""
    found = []
    for post in Post.objects.filter(person__identity__reference=reference).order_by("pk"):
        terms = PostTerms.objects.filter(post=post).latest("entry", "pk")
        found.append((post.job_role, post.start_date, terms.end_date))
    return found


# --- Services


def test_services_come_in_once(take: Any) -> None:
    assert counts(take("services", SERVICES)) == (2, 0, 0, 0)
    entries = Entry.objects.count()
    assert counts(take("services", SERVICES)) == (0, 0, 2, 0)
    assert Entry.objects.count() == entries
    quay = Service.objects.get(code="QUAY")
    assert (quay.setting, quay.details.name, quay.go_lives.count()) == ("N", "Quayside Court", 0)


def test_a_setting_never_changes_and_a_go_live_date_may(take: Any) -> None:
    take("services", SERVICES)
    shown = take("services", SERVICES.replace(",R,2026-01-05", ",H,2026-01-05"))
    assert counts(shown) == (0, 0, 1, 1)
    assert "setting does not change" in sentences(shown)[0]
    shown = take("services", SERVICES.replace("2026-01-05", "06/04/2026"))
    assert counts(shown) == (0, 1, 1, 0)
    assert list(GoLive.objects.values_list("on", flat=True)) == [
        date(2026, 1, 5),
        date(2026, 4, 6),
    ]


def test_only_an_administrator_imports_services(take: Any) -> None:
    take("services", SERVICES)
    with pytest.raises(NotPermitted, match="administrator"):
        take("services", SERVICES, by=manager_of(Service.objects.get(code="ALDER").pk))


# --- People


def test_people_come_in_once(home: None, take: Any) -> None:
    assert posts_of("P1") == [("CW", date(2025, 6, 2), None)]
    assert posts_of("P3") == [("RN", date(2026, 2, 2), date(2026, 5, 4))]  # R13
    terms = PostTerms.objects.get(post__person__identity__reference="P1")
    assert terms.responsibility_codes() == ("alr", "nig")
    assert terms.from_date == date(2025, 6, 2)
    assert Team.objects.get().details.name == "Nights"
    entries = Entry.objects.count()
    assert counts(take("people", PEOPLE)) == (0, 0, 3, 0)
    assert Entry.objects.count() == entries


def test_responsibilities_change_from_the_day_of_import(home: None, take: Any) -> None:
    assert counts(take("people", PEOPLE.replace("alr;nig", "ALR;Medicines"))) == (0, 1, 2, 0)
    terms = PostTerms.objects.filter(post__person__identity__reference="P1").latest("entry")
    assert (terms.from_date, terms.responsibility_codes()) == (date(2026, 3, 10), ("med", "alr"))


def test_a_new_name_changes_the_identity_alone(home: None, take: Any) -> None:
    facts = PostTerms.objects.count()
    assert counts(take("people", PEOPLE.replace("Bea Lind", "Bea Lind-Ray"))) == (0, 1, 2, 0)
    assert Identity.objects.get(reference="P2").name == "Bea Lind-Ray"
    assert (PostTerms.objects.count(), Person.objects.count()) == (facts, 3)


def test_columns_left_out_leave_what_is_known(home: None, take: Any) -> None:
    shown = take("people", f"{HEADER}\nP1,Ade Okafor,CW,ALDER,permanent,2025-06-02\n")
    assert counts(shown) == (0, 0, 1, 0)
    assert "not in the file: 1 person." in " ".join(shown.notes)  # P2, in the same service


def test_a_leaver_leaves(home: None, take: Any) -> None:
    take("people", f"{HEADER},end_date\nP1,Ade Okafor,CW,ALDER,permanent,2025-06-02,31/03/2026\n")
    assert posts_of("P1") == [("CW", date(2025, 6, 2), date(2026, 3, 31))]
    took_back = f"{HEADER}\nP1,Ade Okafor,CW,ALDER,permanent,2026-05-01\n"
    with clock.at(datetime(2026, 5, 1, 9, tzinfo=UTC)):
        assert counts(take("people", took_back)) == (1, 0, 0, 0)
    assert posts_of("P1")[1] == ("CW", date(2026, 5, 1), None)


@pytest.mark.parametrize(
    ("start", "new_start"),
    [
        ("2026-03-01", date(2026, 3, 1)),  # a date after the old post's: the change was then
        ("2025-06-02", date(2026, 3, 10)),  # the employment's own date: the change is today
        ("2024-01-01", date(2026, 3, 10)),
    ],
)
def test_a_job_role_change_ends_one_post_and_begins_another(
    home: None, take: Any, start: str, new_start: date
) -> None:
    changed = f"{HEADER}\nP1,Ade Okafor,SC,ALDER,permanent,{start}\n"
    assert counts(take("people", changed)) == (1, 0, 0, 0)
    before = date.fromordinal(new_start.toordinal() - 1)
    assert posts_of("P1") == [("CW", date(2025, 6, 2), before), ("SC", new_start, None)]
    entries = Entry.objects.count()
    with clock.at(datetime(2026, 3, 20, 9, tzinfo=UTC)):  # the same file again, another day
        assert counts(take("people", changed)) == (0, 0, 1, 0)
    assert Entry.objects.count() == entries


def test_a_change_of_employment_is_a_new_post(home: None, take: Any) -> None:
    row = f"{HEADER}\nP2,Bea Lind,SC,ALDER,permanent,2025-09-01\n"
    take("people", row)
    assert posts_of("P2") == [
        ("SC", date(2025, 9, 1), date(2026, 3, 9)),
        ("SC", date(2026, 3, 10), None),
    ]
    assert counts(take("people", row)) == (0, 0, 1, 0)


def test_a_corrected_start_date_unmakes_the_old_post(home: None, take: Any) -> None:
    row = f"{HEADER}\nP1,Ade Okafor,CW,ALDER,permanent,2025-07-01\n"
    assert counts(take("people", row)) == (1, 0, 0, 0)
    assert posts_of("P1") == [
        ("CW", date(2025, 6, 2), date(2025, 6, 1)),
        ("CW", date(2025, 7, 1), None),
    ]
    assert counts(take("people", row)) == (0, 0, 1, 0)


def test_two_posts_listed_are_two_posts(home: None, take: Any) -> None:
    both = (
        f"{HEADER}\nP1,Ade Okafor,CW,ALDER,permanent,2025-06-02\n"
        "P1,Ade Okafor,AC,ALDER,bank,2026-01-05\n"
        "P1,Ade Okafor,CW,QUAY,bank,2026-01-05\n"
    )
    assert counts(take("people", both)) == (2, 0, 1, 0)
    assert len(posts_of("P1")) == 3
    assert counts(take("people", both)) == (0, 0, 3, 0)


def test_nothing_is_inferred_about_somebody_whose_other_row_is_refused(
    home: None, take: Any
) -> None:
    shown = take(
        "people",
        f"{HEADER}\nP1,Ade Okafor,CW,ALDER,permanent,not-a-date\n"
        "P1,Ade Okafor,SC,ALDER,permanent,2026-03-01\n",
    )
    assert counts(shown) == (0, 0, 0, 2)
    assert posts_of("P1") == [("CW", date(2025, 6, 2), None)]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",No One,CW,ALDER,permanent,2026-01-01,", "person_id", "person_id is empty"),
        ("X1,A B,CW,ALDR,permanent,2026-01-01,", "service_id", "no service “ALDR”. Did you mean"),
        ("X1,A B,Care wroker,ALDER,permanent,2026-01-01,", "role", "Did you mean “Care worker”?"),
        ("X1,A B,CW,ALDER,perm,2026-01-01,", "employment", "Did you mean “permanent”?"),
        ("X1,A B,CW,ALDER,permanent,2026-13-01,", "start_date", "is not a date"),
        ("X1,A B,CW,ALDER,permanent,soon,", "start_date", "is not a date"),
        ("X1,A B,CW,ALDER,permanent,2026-01-02,2026-01-01", "end_date", "before start_date"),
        ("X1,A B,CW,ALDER,agency,2026-01-01,2026-04-03", "end_date", "within 13 weeks"),
        ("X1,A B,CW,ALDER,permanent,2026-01-01,,more", "", "more cells than"),
        ("X1," + "A" * 121 + ",CW,ALDER,permanent,2026-01-01,", "name", "longer than 120"),
    ],
)
def test_a_bad_row_is_refused_and_the_good_ones_come_in(
    home: None, take: Any, row: str, column: str, words: str
) -> None:
    shown = take(
        "people", f"{HEADER},end_date\n{row}\nGOOD,Good Row,CW,ALDER,permanent,2026-01-01,\n"
    )
    assert counts(shown) == (1, 0, 0, 1)
    (problem,) = shown.problems
    assert (problem.row, problem.column) == (2, column)
    assert words in problem.sentence
    assert Identity.objects.filter(reference="GOOD").exists()
    assert not Identity.objects.filter(reference="X1").exists()
    assert shown.refused_file().splitlines()[0] == f"{HEADER},end_date,problem"
    assert problem.sentence in shown.refused_file().replace('""', '"')


def test_one_file_says_one_thing(home: None, take: Any) -> None:
    shown = take(
        "people",
        f"{HEADER},team\n"
        "X1,A B,CW,ALDER,permanent,2026-01-01,A\n"
        "X1,A B,CW,ALDER,permanent,2026-01-01,B\n"  # same post, other terms
        "X1,A B,CW,ALDER,permanent,2026-01-01,A\n"  # the same row twice: nothing
        "X1,A B,CW,ALDER,permanent,2026-02-01,A\n"  # overlaps
        "X1,A C,CW,QUAY,permanent,2026-01-01,A\n",  # another name
    )
    assert [(p.row, p.sentence.split(".")[0]) for p in shown.problems] == [
        (3, "The same post is in row 2 with other terms"),
        (5, "The post overlaps the one in row 2"),
        (6, "The name differs from row 2, which has the same person_id"),
    ]
    assert len(posts_of("X1")) == 1


def test_a_registered_manager_imports_only_for_their_service(home: None, take: Any) -> None:
    by = manager_of(Service.objects.get(code="ALDER").pk)
    shown = take(
        "people",
        f"{HEADER}\nX1,A B,CW,ALDER,permanent,2026-01-01\nX2,C D,CW,QUAY,permanent,2026-01-01\n",
        by=by,
    )
    assert counts(shown) == (1, 0, 0, 1)
    assert "may not import people, rotas and attendance for “QUAY”" in sentences(shown)[0]
    assert not Identity.objects.filter(reference="X2").exists()


def test_unneeded_and_unknown_columns_are_said_and_not_kept(home: None, take: Any) -> None:
    shown = run.preview(
        "people",
        f"{HEADER},agency,shoe size\nX1,A B,CW,ALDER,agency,2026-03-01,Careful Ltd,7\n".encode(),
        "f.csv",
        by=COMMAND_LINE,
    )
    assert any("Read and not kept: agency" in note for note in shown.notes)
    assert any("shoe size" in note for note in shown.notes)
    kept = run.keep(shown, by=COMMAND_LINE)
    again = run.kept(kept, by=COMMAND_LINE)
    assert "Careful Ltd" not in repr(again.lines)
    assert (again.notes, counts(again)) == (shown.notes, counts(shown))


# --- Rota

ROTA = "shift_id,service_id,person_id,starts_at,ends_at"
SHIFT = "S1,ALDER,P1,2026-03-12T07:30,2026-03-12T15:30"


def test_a_changed_shift_replaces_the_old_one(home: None, take: Any) -> None:
    assert counts(take("rota", f"{ROTA}\n{SHIFT}\n")) == (1, 0, 0, 0)
    assert counts(take("rota", f"{ROTA}\n{SHIFT}\n")) == (0, 0, 1, 0)
    moved = SHIFT.replace("T15:30", "T16:30")
    assert counts(take("rota", f"{ROTA}\n{moved}\n")) == (0, 1, 0, 0)
    old, new = Shift.objects.order_by("pk")
    assert old.replaced_by == new.entry
    assert new.replaced_by is None
    assert new.ends_at == datetime(2026, 3, 12, 16, 30, tzinfo=UTC)


def test_an_empty_person_is_an_unnamed_agency_shift(home: None, take: Any) -> None:
    shown = take("rota", f"{ROTA},role,no_live_use\n{SHIFT.replace('P1', '')},Nurse,no\n")
    assert counts(shown) == (0, 0, 0, 1)  # “Nurse” is no job role here
    assert "Registered nurse" in sentences(shown)[0]
    take("rota", f"{ROTA},role,no_live_use\n{SHIFT.replace('P1', '')},RN,yes\n")
    shift = Shift.objects.get()
    assert (shift.person_id, shift.job_role, shift.no_live_use) == (None, "RN", True)


def test_shifts_known_and_not_listed_are_kept_and_counted(home: None, take: Any) -> None:
    take("rota", f"{ROTA}\n{SHIFT}\nS2,ALDER,P2,2026-03-12T07:30,2026-03-12T15:30\n")
    shown = take("rota", f"{ROTA}\n{SHIFT}\n")
    assert "not in the file: 1 shift." in shown.notes[0]
    assert Shift.objects.filter(replaced_by=None).count() == 2


@pytest.mark.parametrize(
    ("starts", "ends", "hours"),
    [
        ("2026-10-24T22:00", "2026-10-25T07:00", 10),  # the clocks go back: an hour more
        ("2026-03-28T22:00", "2026-03-29T07:00", 8),  # and forward: one less
        ("24/10/2026 22:00", "25/10/2026 01:30", 4.5),  # an end that comes twice is the later
        ("2026-10-25T01:30", "2026-10-25T07:00", 6.5),  # a start that comes twice the earlier
        ("2026-03-12T07:00Z", "2026-03-12T15:00+00:00", 8),
    ],
)
def test_local_times(home: None, take: Any, starts: str, ends: str, hours: float) -> None:
    take("rota", f"{ROTA}\nS1,ALDER,P1,{starts},{ends}\n")
    shift = Shift.objects.get()
    assert (shift.ends_at - shift.starts_at).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("S1,ALDER,P9,2026-03-12T07:30,2026-03-12T15:30", "no person “P9”"),
        ("S1,ALDER,P1,2026-03-12T07:30,2026-03-12T07:30", "ends before it starts"),
        ("S1,ALDER,P1,2026-03-12T07:30,2026-03-13T08:30", "longer than 24 hours"),
        ("S1,ALDER,P1,2026-03-29T01:30,2026-03-29T08:30", "does not exist in London"),
        ("S1,ALDER,P1,2026-03-12,2026-03-13", "is not a date and time"),
        ("S1,ALDER,P1,,2026-03-13", "starts_at is empty"),
        ("S1,ELSE,P1,2026-03-12T07:30,2026-03-12T15:30", "no service “ELSE”"),
    ],
)
def test_a_bad_shift_is_refused(home: None, take: Any, row: str, words: str) -> None:
    shown = take("rota", f"{ROTA}\n{row}\n")
    assert counts(shown) == (0, 0, 0, 1)
    assert words in " ".join(sentences(shown))
    assert not Shift.objects.exists()
