"""What is due is done exactly once: after outages, over both clock changes, with two schedulers.

What `surehand due` does stands in `settings.DUE`; these tests hold for all of it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from surehand import evidence
from surehand.assessment.models import Assessment, AssessmentWords
from surehand.cli.__main__ import main
from surehand.evidence import SYSTEM, queries
from surehand.evidence.models import Checkpoint, Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.governance import mailing, retention
from surehand.governance.models import Mailing, Recipient
from surehand.imports.models import RefusedRows
from surehand.timeline import instant, london_date
from tests.conftest import trials
from tests.provider import NOW, World, small_provider

OUTSIDE = ("board@example.org", "auditor@example.org")
# The weekends on which London's clocks go forward and back, and an ordinary week.
CHANGES = (
    datetime(2027, 3, 26, 22, tzinfo=UTC),
    datetime(2027, 10, 29, 22, tzinfo=UTC),
    datetime(2027, 6, 4, 22, tzinfo=UTC),
)


def do_what_is_due() -> list[str]:
    return [sentence for path in settings.DUE for sentence in import_string(path)()]


def sent() -> Counter[tuple[str, str]]:
    """How many mails went to whom, by the size they speak of."""
    return Counter((message.to[0], message.attachments[0][0]) for message in mail.outbox)


@pytest.fixture
def mails(settings: Any) -> None:
    settings.MAIL = True


@trying(
    max_examples=trials(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=st.sampled_from(CHANGES),
    gaps=st.lists(st.integers(min_value=1, max_value=30 * 24), min_size=1, max_size=8),
    twice=st.lists(st.booleans(), min_size=9, max_size=9),
)
def test_after_any_outage_each_thing_is_done_once(
    world: World, mails: None, start: datetime, gaps: list[int], twice: list[bool]
) -> None:
    """Outages of an hour to thirty days; now and then a second scheduler comes right behind."""
    with transaction.atomic():
        mail.outbox.clear()
        mailing.set_recipients(by=world.by("ada"), addresses=OUTSIDE)
        moments = [start]
        for hours in gaps:
            moments.append(moments[-1] + timedelta(hours=hours))
        weeks = Counter[str]()
        for number, moment in enumerate(moments):
            with evidence.clock.at(moment):
                with evidence.act("sample.recorded", by=SYSTEM):
                    pass
                RefusedRows.objects.create(
                    content=b"", by="0" * 32, expires_at=moment + timedelta(days=7)
                )
                do_what_is_due()
                weeks[mailing.this_week()] += 1
                if twice[number]:
                    before = evidence.last_seq(), Checkpoint.objects.count(), len(mail.outbox)
                    assert do_what_is_due() == []
                    after = evidence.last_seq(), Checkpoint.objects.count(), len(mail.outbox)
                    assert after == before
                # Nothing is missing: all is signed, and nothing is kept beyond its time
                last = queries.last_checkpoint()
                assert last
                assert last.size == evidence.last_seq()
                assert not RefusedRows.objects.filter(expires_at__lte=moment).exists()
        # Each week in which anything ran, each address got one mail; none got two
        mailings = Counter(Mailing.objects.values_list("week", "recipient__address"))
        assert mailings == Counter((week, address) for week in weeks for address in OUTSIDE)
        assert len(mail.outbox) == len(weeks) * len(OUTSIDE)
        assert set(sent().values()) <= {1}
        # Every row erased is in an entry, once
        applied = [queries.entry(seq=s) for s in _seqs("retention.applied")]
        erased = sum(e["state"]["erased"]["imports.RefusedRows"] for e in applied if e)
        assert erased == len(moments) - RefusedRows.objects.count()
        transaction.set_rollback(True)


def _seqs(kind: str) -> list[int]:
    return list(Entry.objects.filter(kind=kind).values_list("seq", flat=True))


def test_the_week_is_londons(db: None) -> None:
    """Late on Sunday in UTC it is already Monday in London in summer, and not in winter."""
    with evidence.clock.at(datetime(2027, 7, 4, 23, 30, tzinfo=UTC)):
        assert mailing.this_week() == "2027-W27"
        assert london_date(instant(evidence.clock.now())).isoweekday() == 1
    with evidence.clock.at(datetime(2027, 1, 3, 23, 30, tzinfo=UTC)):
        assert mailing.this_week() == "2026-W53"


@pytest.fixture
def real(template_database: Any) -> Iterator[World]:
    world = small_provider()
    with evidence.clock.at(NOW):
        yield world


@pytest.mark.parametrize("trial", range(trials(3)))
def test_two_schedulers_at_once_do_each_thing_once(
    real: World, mails: None, in_thread: Callable[..., Callable[[], Any]], trial: int
) -> None:
    mail.outbox.clear()
    mailing.set_recipients(by=real.by("ada"), addresses=OUTSIDE)
    for number in range(5):
        RefusedRows.objects.create(
            content=b"", by="0" * 32, expires_at=NOW - timedelta(days=number)
        )
    together = Barrier(2)

    def run() -> None:
        with evidence.clock.at(NOW):
            together.wait()
            do_what_is_due()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(in_thread(run)) for _ in range(2)]:
            done.result()
    assert len(_seqs("retention.applied")) == 1
    assert not RefusedRows.objects.exists()
    assert Mailing.objects.filter(sent_at__isnull=False).count() == len(OUTSIDE)
    assert len(mail.outbox) == len(OUTSIDE)
    with evidence.clock.at(NOW):
        do_what_is_due()
    assert len(mail.outbox) == len(OUTSIDE)
    last = queries.last_checkpoint()
    assert last
    assert last.size == evidence.last_seq()
    assert evidence.verify_ledger().ok


def surehand(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def test_a_mail_server_that_refuses_is_tried_again_and_holds_up_nothing(
    world: World, mails: None, settings: Any
) -> None:
    mailing.set_recipients(by=world.by("ada"), addresses=OUTSIDE)
    usual = settings.EMAIL_BACKEND
    # A mail server that is not there
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    said = surehand("due")
    assert said.exit_code == 1
    assert "The ledger is signed" in said.stdout
    assert "2 checkpoints could not be mailed" in said.stderr
    told = mailing.how_it_went(Mailing.objects.order_by("pk")[0])
    assert told.startswith("Not sent; it is tried again. The mail server said: ")
    settings.EMAIL_BACKEND = usual
    said = surehand("due")
    assert said.exit_code == 0, said.output
    assert "The checkpoint was mailed to 2 addresses" in said.stdout
    assert len(mail.outbox) == 2
    assert "mailed" not in surehand("due").stdout
    assert mailing.how_it_went(Mailing.objects.order_by("pk")[0]).startswith("Sent ")


def test_a_mail_that_was_lost_on_its_way_is_not_sent_a_second_time(
    world: World, mails: None
) -> None:
    """Who claimed it stopped before it was known: at most once, and it is said."""
    mailing.set_recipients(by=world.by("ada"), addresses=OUTSIDE[:1])
    evidence.make_checkpoint()
    Mailing.objects.create(
        recipient=Recipient.objects.get(), week=mailing.this_week(), size=1,
        claimed_at=NOW - timedelta(hours=2),
    )  # fmt: skip
    assert mailing.mail() == (0, 0)
    assert "not known whether" in mailing.how_it_went(Mailing.objects.get())
    with evidence.clock.at(NOW + timedelta(days=7)):
        assert mailing.mail() == (1, 0)


def test_what_is_mailed_is_the_checkpoint_and_no_names(world: World, mails: None) -> None:
    mailing.set_recipients(by=world.by("ada"), addresses=OUTSIDE[:1])
    note = bytes(evidence.make_checkpoint().note)
    mailing.mail()
    message = mail.outbox[-1]
    name, content, _ = message.attachments[0]  # type: ignore[misc]
    assert str(content).encode() == note
    assert name == f"checkpoint-{queries.last_checkpoint().size}.txt"  # type: ignore[union-attr]
    assert evidence.verify_ledger(note).ok
    assert "says nothing of whether what was recorded was true" in message.body
    assert not any(str(person) in str(message.body) for person in world.people.values())
    entry = queries.entry(seq=evidence.last_seq())
    assert entry
    assert entry["state"] == {"recipients": 1}


def test_without_a_mail_server_nothing_is_mailed(world: World) -> None:
    mailing.set_recipients(by=world.by("ada"), addresses=OUTSIDE)
    evidence.make_checkpoint()
    assert mailing.mail() == (0, 0)
    assert not Mailing.objects.exists()


# --- Retention ------------------------------------------------------------------------------------


def test_words_go_when_their_time_is_over_and_proofs_stay(world: World) -> None:
    failed = world.fail("dan", "C04", note="Did not say who was told.")
    retention.change(by=world.by("ada"), days={"assessment.AssessmentWords": 365}, leavers=None)
    with evidence.clock.at(NOW + timedelta(days=364)):
        assert "assessment.AssessmentWords" not in retention.apply()
    with evidence.clock.at(NOW + timedelta(days=366)):
        assert retention.apply()["assessment.AssessmentWords"] == 1
        entry = queries.entry(seq=evidence.last_seq())
        assert entry
        assert entry["kind"] == "retention.applied"
        assert entry["subjects"] == []
        assert retention.apply() == {}
    assert not AssessmentWords.objects.exists()
    assert Assessment.objects.filter(pk=failed.pk).exists()
    assert evidence.verify_ledger().ok


def test_a_time_outside_its_bounds_is_refused(world: World) -> None:
    ada = world.by("ada")
    with pytest.raises(NotPossible, match="choose 365 to"):
        retention.change(by=ada, days={"assessment.AssessmentWords": 1}, leavers=None)
    with pytest.raises(NotPossible, match="1 to 40 years"):
        retention.change(by=ada, days={}, leavers=0)
    with pytest.raises(NotPossible, match="Nothing is different"):
        retention.change(by=ada, days={}, leavers=None)
    with pytest.raises(NotPermitted):
        retention.change(by=world.by("helen"), days={}, leavers=6)


def test_every_sort_is_found_by_its_age(world: World) -> None:
    """Each table can be asked what is older, and at the beginning of time that is nothing."""
    for rule in retention.rules():
        assert rule.kept.least <= rule.days <= rule.kept.most, rule.name
        beginning = datetime(2000, 1, 1, tzinfo=UTC)
        assert not rule.kept.older(rule.model, beginning).exists(), rule.name
        assert rule.kept.what
        assert rule.kept.why.endswith(".")
