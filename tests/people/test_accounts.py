"""Whose an account of the ECM system was at a time (R17)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.evidence.refusal import NotPermitted
from surehand.imports import run
from surehand.people.access import AccessRole, By, Grant
from surehand.people.accounts import Held, clash, links_of, owner
from surehand.people.models import EcmAccount, EcmAccountDetails, Identity, Merge
from tests.records.conftest import _today, home, take  # noqa: F401
from tests.records.test_records_file import counts, sentence

Take = Callable[..., run.Preview]
HEADER = "account_id,person_id,from_date,to_date,shared\n"
DAY = date(2026, 3, 1)
DAYS = st.integers(0, 40).map(lambda n: DAY + timedelta(days=n))
LINKS = st.lists(st.builds(Held, st.sampled_from([None, 1, 2]), DAYS, st.none() | DAYS), max_size=5)


def whose(account: str, on: date) -> int | str:
    links = links_of().get(EcmAccountDetails.objects.get(reference=account).account_id, [])
    found = owner(links, on=on)
    return Identity.objects.get(person=found).reference if isinstance(found, int) else found


@given(links=LINKS, on=DAYS)
def test_r17_an_account_is_somebodys_shared_or_unknown_and_never_guessed(
    links: list[Held], on: date
) -> None:
    then = {
        "shared" if one.person is None else one.person
        for one in links
        if one.from_date <= on and (one.to_date is None or on <= one.to_date)
    }
    assert owner(links, on=on) in (then or {"unknown"})


@given(links=LINKS, new=st.builds(Held, st.sampled_from([None, 1, 2]), DAYS, st.none() | DAYS))
def test_r17_links_that_do_not_clash_never_make_one_day_two_peoples(
    links: list[Held], new: Held
) -> None:
    held: list[Held] = []
    for one in [*links, new]:
        if clash(held, one, humans={1: frozenset({1}), 2: frozenset({2})}) is None:
            held.append(one)
    for n in range(41):
        assert len({one.person for one in held if one.on(DAY + timedelta(days=n))}) <= 1


@pytest.mark.usefixtures("home")
class TestFile:
    def test_r17_an_account_is_linked_between_dates_shared_or_unknown(self, take: Take) -> None:  # noqa: F811
        shown = take(
            "accounts",
            HEADER
            + "ade.o,P1,2026-01-05,2026-02-28,\n"
            + "ADE.O,P2,2026-03-01,,no\n"
            + "nights,,2026-01-05,,yes\n"
            + "spare,,,,\n",
        )
        assert counts(shown) == (4, 0, 0, 0)
        assert EcmAccount.objects.count() == 3
        assert whose("ade.o", date(2026, 1, 4)) == "unknown"
        assert whose("ade.o", date(2026, 2, 28)) == "P1"
        assert whose("ade.o", date(2026, 3, 1)) == "P2"
        assert whose("nights", DAY) == "shared"
        assert whose("spare", DAY) == "unknown"

    def test_the_same_file_twice_changes_nothing(self, take: Take) -> None:  # noqa: F811
        file = HEADER + "ade.o,P1,2026-01-05,,\nnights,,2026-01-05,2026-02-01,yes\nspare,,,,\n"
        take("accounts", file)
        assert counts(take("accounts", file)) == (0, 0, 3, 0)

    def test_a_last_day_ends_a_link_and_somebody_else_follows(self, take: Take) -> None:  # noqa: F811
        take("accounts", HEADER + "ade.o,P1,2026-01-05,,\n")
        follows = "ade.o,P2,2026-03-02,,\n"
        shown = take("accounts", HEADER + follows)
        assert counts(shown) == (0, 0, 0, 1)
        assert "is P1’s from 5 January 2026, with no last day" in sentence(shown)
        shown = take("accounts", HEADER + follows + "ade.o,P1,2026-01-05,2026-03-01,\n")
        assert counts(shown) == (1, 1, 0, 0)
        assert whose("ade.o", date(2026, 3, 1)) == "P1"
        assert whose("ade.o", date(2026, 3, 2)) == "P2"
        again = "ade.o,P1,2026-01-05,2026-03-10,\n"
        assert "is P2’s" in sentence(take("accounts", HEADER + again))

    def test_merged_people_are_one(self, take: Take) -> None:  # noqa: F811
        one, two = (Identity.objects.get(reference=ref).person_id for ref in ("P1", "P2"))
        Merge.objects.create(
            person_id=two, into_id=one, entry=1, happened_at="2026-03-01T00:00Z",
            recorded_at="2026-03-01T00:00Z",
        )  # fmt: skip
        rows = "ade.o,P1,2026-01-05,,\nade.o,P2,2026-02-01,,\n"
        assert counts(take("accounts", HEADER + rows)) == (2, 0, 0, 0)

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ("a,P9,2026-01-05,,", "There is no person “P9”."),
            ("a,P1,2026-01-05,,yes", "A shared account is nobody’s own."),
            ("a,P1,,,", "from_date is empty."),
            ("a,P1,2026-01-05,2026-01-04,", "to_date is before from_date."),
        ],
    )
    def test_what_cannot_be_is_refused(self, take: Take, row: str, why: str) -> None:  # noqa: F811
        shown = take("accounts", HEADER + row + "\n")
        assert counts(shown) == (0, 0, 0, 1)
        assert why in sentence(shown)

    def test_only_an_administrator_brings_accounts_in(self, take: Take) -> None:  # noqa: F811
        lead = (Grant(AccessRole.QUALITY_LEAD, None),)
        by = By(person=None, pseudonym="c" * 32, signed_in="password", grants=lead)
        with pytest.raises(NotPermitted, match="an administrator"):
            take("accounts", HEADER + "a,,,,\n", by=by)
