"""What other words would change: how many records of the replay window gain or lose each signal."""

from collections import Counter
from dataclasses import dataclass

from surehand import evidence
from surehand.people.models import Service
from surehand.records.screening_run import Found, noticed_in, read_window, ruleset_for
from surehand.screening import SIGNALS, Words


@dataclass(frozen=True)
class Effect:
    """One signal: how many records gain it, and how many lose it."""

    title: str
    gain: int
    lose: int


def effect_of(words: Words) -> tuple[list[Effect], int]:
    """What changes at all services, and how many records were read. Nothing is written."""
    now = evidence.clock.now()
    gain: Counter[str] = Counter()
    lose: Counter[str] = Counter()
    read = 0
    for service in Service.objects.order_by("pk"):
        window = read_window(service, at=now)
        before = noticed_in(window, ruleset_for(service, at=now))
        after = noticed_in(window, ruleset_for(service, at=now, words=words))
        for name, each in after.items():
            new, old = _codes(each), _codes(before[name])
            gain.update(new - old)
            lose.update(old - new)
        read += len(after)
    return [
        Effect(signal.title, gain[signal.code], lose[signal.code])
        for signal in SIGNALS
        if gain[signal.code] or lose[signal.code]
    ], read


def _codes(found: Found) -> set[str]:
    return {reason[0] for reason in found.reasons}
