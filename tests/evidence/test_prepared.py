"""A prepared query or insert does what Django's own does, with its SQL put together once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from surehand.evidence import SYSTEM, act
from surehand.evidence.prepared import insert_one, prepared
from tests.evidence.sample import Keyed, Sample

COLUMNS = ("pk", "code", "open", "share", "on", "at", "ref", "more")


def query(slots: Any, known: Any) -> "QuerySet[Sample]":
    found = Sample.objects.order_by("-pk")
    if slots is not None:
        found = found.filter(slot__in=slots)
    return found if known is None else found.filter(entry__lte=known)


@pytest.mark.parametrize("slots", [None, [], [2], {1, 2, 7}, range(5000)])
@pytest.mark.parametrize("known", [None, 0, 1, 99])
def test_it_answers_what_the_query_answers(samples: Any, slots: Any, known: Any) -> None:
    with act("sample.recorded", by=SYSTEM) as opened:
        opened.record(
            Sample(
                code="c3",
                slot=7,
                on=date(2026, 3, 3),
                at=datetime(2026, 3, 3, 9, tzinfo=UTC),
                ref=UUID(int=1),
                more={"a": [1, None]},
            )
        )
    rows = prepared(lambda slots, known: query(slots, known).values_list(*COLUMNS))
    assert rows(slots=slots, known=known) == list(query(slots, known).values_list(*COLUMNS))
    assert prepared(query)(slots=slots, known=known) == list(query(slots, known))


def test_the_sql_is_put_together_once_for_each_shape(samples: Any) -> None:
    asked = []

    @prepared
    def found(slots: Any, known: Any) -> "QuerySet[Sample]":
        asked.append((slots is None, known is None))
        return query(slots, known)

    with CaptureQueriesContext(connection) as said:
        for slots in ([1], [1, 2], None, [2], None):
            found(slots=slots, known=5)
    assert asked == [(False, False), (True, False)]
    assert len(said) == 5


def test_an_insert_is_what_save_inserts(samples: Any) -> None:
    values: dict[str, Any] = {
        "entry": 1,
        "happened_at": datetime(2026, 3, 3, 9, tzinfo=UTC),
        "recorded_at": datetime(2026, 3, 3, 9, 0, 0, 5, tzinfo=UTC),
        "share": Decimal("1.25"),
        "on": date(2026, 3, 3),
        "ref": UUID(int=7),
        "more": {"b": "ä"},
    }
    with transaction.atomic():
        for number in (3, 4):
            one = Sample(code=f"one {number}", slot=number, **values)
            insert_one(one)
            other = Sample(code=f"other {number}", slot=10 + number, **values)
            other.save(force_insert=True)
            assert not one._state.adding
            assert one.pk
            assert Sample.objects.filter(pk=one.pk).values(*values).get() == values
            assert Sample.objects.filter(pk=other.pk).values(*values).get() == values
        keyed = Keyed(key="mine", sample=one, **{k: values[k] for k in list(values)[:3]})
        insert_one(keyed)
    assert Keyed.objects.get(pk="mine").sample_id == one.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_one(Sample(code="one 3", slot=99, **values))
