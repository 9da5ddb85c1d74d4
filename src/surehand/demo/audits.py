"""The record audits of Brindlemoor Care: selected, checked by two, their gaps, why they arose, what
was done, and whether it helped.

Told in it: Alder's first two weeks show late entries at night; training is the cause, a huddle of
fourteen people follows, and four weeks later they are fewer. Another on generic wording changes
nothing clear. At Quayside turns lack the skin field, and nine people cannot all be wrong: the
field lies under “More”. One cause is one person's practice. The last audit waits to be checked.

What an auditor answers follows from the record; how they differ is drawn from generators of their
own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from surehand import evidence
from surehand.audits import follow_up_actions
from surehand.audits.cause_actions import say_cause, support_for
from surehand.audits.change_actions import request_change, step_change
from surehand.audits.check_actions import check_record, record_of
from surehand.audits.check_policies import NewGap
from surehand.audits.checked import checked
from surehand.audits.finding_actions import reply_to_finding
from surehand.audits.models import (
    Answer,
    Audit,
    AuditItem,
    Cause,
    ChangeRequestStep,
    Criterion,
    Gap,
    GapCause,
    RecordCheck,
    Refresher,
)
from surehand.audits.refresher_actions import give_refresher, plan_refresher
from surehand.audits.selection import Design
from surehand.audits.selection_actions import select_audit
from surehand.demo.live_records import QUALITY_LEAD
from surehand.demo.stage import at
from surehand.people.models import Person
from surehand.records.said import said_by
from surehand.support.actions import NewSupport
from surehand.support.models import SupportAction

if TYPE_CHECKING:
    from surehand.demo.story import Story

DESIGN = Design(coverage=3, more=20)
IN_TIME = timedelta(hours=1)
# How often, of a hundred, an auditor answers otherwise than a colleague would.
DIFFERS = 12
THEMES = {
    Criterion.COMPLETE: "T03",
    Criterion.TIMELY: "T04",
    Criterion.PERSON_SPECIFIC: "T06",
    Criterion.RIGHT_SECTION: "T05",
}


def tell(story: Story) -> None:
    """Write it into the diary."""
    audits = Audits(story)
    week, write = story.week, story.diary.write
    # Alder, weeks 1 and 2: late at night, and generic
    write(at(week(3), 7, 40), lambda: audits.select("ALDER", week(1), week(3), types=["note"]))
    audits.check_by("ALDER", at(week(3, day=1), 10))
    write(at(week(3, day=4), 15), audits.alders_causes)
    write(at(week(4, day=1), 14), audits.alders_huddle)
    # It selects itself
    write(at(week(7), 6, 20), lambda: follow_up_actions.due())
    audits.check_by("ALDER", at(week(7, day=1), 10))
    # Quayside, week 7: the skin field
    write(
        at(week(8), 7, 40),
        lambda: audits.select("QUAYSIDE", week(7), week(8), types=["note", "chart"]),
    )
    audits.check_by("QUAYSIDE", at(week(8), 9))
    write(at(week(8), 16, 30), audits.quaysides_cause)
    write(at(week(8, day=1), 10, 30), audits.released)
    # One cause is one person's practice
    write(at(week(8, day=3), 15), audits.practice)
    write(at(week(8, day=3), 18), audits.reply)
    # This morning's waits for its checks
    write(
        at(story.today, 6, 28),
        lambda: audits.select("ALDER", week(8), story.today, types=["note", "alert"]),
    )


class Audits:
    def __init__(self, story: Story) -> None:
        self.story, self.stage = story, story.stage
        self.random = Random(f"audits {story.today}")

    def leaders(self, home: str) -> list[str]:
        return [m.key for m in self.story.of(home, "TL")]

    def select(self, home: str, first: date, after: date, *, types: list[str]) -> None:
        """Records written from `first` until the day before `after`."""
        today = evidence.clock.now().date()
        select_audit(
            by=self.stage.by(QUALITY_LEAD),
            service=self.stage.service(home),
            since=first,
            until=after - timedelta(days=1),
            record_types=types,
            design=DESIGN,
            due=today + timedelta(days=7),
            seed=f"{self.story.today} {home} {first}",
        )

    # --- checks --------------------------------------------------------------------------------

    def check_by(self, home: str, first: datetime) -> None:
        """The team leaders check what was selected last, one record after another."""
        self.story.diary.write(first, lambda: self._begin(home))

    def _begin(self, home: str) -> None:
        service, leaders = self.stage.service(home), self.leaders(home)
        audit = Audit.objects.filter(service=service).order_by("-entry").first()
        if audit is None:
            return
        when = evidence.clock.now()
        for item in audit.items.select_related("audit__service").order_by("number"):
            one = leaders[item.number % len(leaders)]
            own = [k for k in leaders if self.stage.person(k).pk != item.author_id]
            first, *others = sorted(own, key=lambda key: key != one)
            for key, second in [(first, False), *((k, True) for k in others[:1] if item.twice)]:
                when += timedelta(seconds=100)
                self.story.diary.write(
                    when,
                    lambda i=item, k=key, s=second: self._answer(i, k, second=s),  # type: ignore[misc]
                )

    def _answer(self, item: AuditItem, key: str, *, second: bool = False) -> None:
        answers = self._judged(item)
        if self.random.randrange(100) < DIFFERS:
            answers[Criterion.PERSON_SPECIFIC] = Answer.PARTLY
        said = {criterion.value: answer.value for criterion, answer in answers.items()}
        gaps = [
            NewGap(
                criterion,
                THEMES[criterion],
                Gap.Severity.SERIOUS if answer == Answer.NOT else Gap.Severity.MINOR,
            )
            for criterion, answer in answers.items()
            if answer in {Answer.PARTLY, Answer.NOT}
        ]
        check_record(by=self.stage.by(key), item=item, answers=said, gaps=gaps, second=second)

    def _judged(self, item: AuditItem) -> dict[Criterion, Answer]:
        """What a careful auditor answers, from the record itself."""
        record = record_of(item)
        assert record is not None
        said = said_by(record)
        text, fields = (said.text, said.fields) if said else ("", {})
        delay = record.recorded_at - record.occurred_at
        late = Answer.PARTLY if delay <= 2 * IN_TIME else Answer.NOT
        lacks_skin = fields.get("chart") == "turn" and not fields.get("skin")
        return {
            Criterion.COMPLETE: Answer.NOT if lacks_skin else Answer.MEETS,
            Criterion.TIMELY: Answer.MEETS if delay <= IN_TIME else late,
            Criterion.PERSON_SPECIFIC: Answer.MEETS
            if item.record_type != "note" or len(text) > 90
            else Answer.PARTLY,
            Criterion.RIGHT_SECTION: Answer.MEETS if item.section else Answer.NOT_APPLICABLE,
        }

    # --- why, and what is done ------------------------------------------------------------------

    def _gaps(self, home: str, theme: str) -> dict[int, int | None]:
        """The gaps of a theme that nobody has said the cause of, each with whose record it is."""
        said = set(GapCause.objects.values_list("gap", flat=True))
        now = evidence.clock.now()
        return {
            gap.gap: each.author
            for each in checked(at=now, services=[self.stage.service(home).pk])
            for gap in each.gaps
            if gap.theme == theme and gap.gap not in said
        }

    def _say(
        self,
        home: str,
        theme: str,
        why: str,
        reason: str,
        *,
        gaps: Collection[int],
        subject: Person | None = None,
    ) -> Cause:
        return say_cause(
            by=self.stage.by(self.story.manager(home)),
            service=self.stage.service(home),
            theme=theme,
            gaps=gaps,
            why=why,
            reason=reason,
            subject=subject,
        )

    def alders_causes(self) -> None:
        service, manager = self.stage.service("ALDER"), self.story.manager("ALDER")
        owner = self.stage.person(self.leaders("ALDER")[0])
        here = self.story.of("ALDER", "CW", "SC")
        for theme, people, reason in (
            (
                "T04",
                [m for m in here if "nig" in m.responsibilities],
                "Nights were shown the tablet once, by day. Nobody practised on the round.",
            ),
            ("T06", here, "The course showed one good note, and they write that one."),
        ):
            gaps = self._gaps("ALDER", theme)
            if not gaps:
                continue
            plan_refresher(
                by=self.stage.by(manager),
                service=service,
                theme=theme,
                people=[
                    person
                    for m in people
                    if m.start <= self.story.week(3)
                    and (person := self.stage.person(m.key)) != owner
                ],
                owner=owner,
                due=self.story.week(4, day=4),
                cause=self._say("ALDER", theme, Cause.Kind.TRAINING, reason, gaps=[*gaps]),
                words="At the handover from day to night.",
            )

    def alders_huddle(self) -> None:
        by = self.stage.by(self.leaders("ALDER")[0])
        for refresher in Refresher.objects.filter(service=self.stage.service("ALDER")):
            waiting = SupportAction.objects.filter(because=refresher.entry, done=None)
            people = [a.person for a in waiting.select_related("person")]
            if people:
                give_refresher(
                    by=by,
                    refresher=refresher,
                    on=evidence.clock.now().date(),
                    minutes=15,
                    people=[p for p in people if not by.is_self(p.pk)],
                )

    def quaysides_cause(self) -> None:
        gaps = self._gaps("QUAYSIDE", "T03")
        if not gaps:
            return
        cause = self._say(
            "QUAYSIDE",
            "T03",
            Cause.Kind.WORKFLOW,
            "Nine people miss the same field, our champion too. It lies under “More” on the "
            "turning chart, and the chart saves without it.",
            gaps=[*gaps],
        )
        by = self.stage.by(self.story.manager("QUAYSIDE"))
        asked = request_change(
            by=by,
            cause=cause,
            wording="Show “Skin at this turn” before the position on the turning chart, and do "
            "not save a turn without it.",
            record_type="chart",
        )
        step_change(
            by=by, request=asked, state=ChangeRequestStep.State.SENT, on=evidence.clock.now().date()
        )

    def released(self) -> None:
        step = ChangeRequestStep.objects.order_by("-pk").first()
        if step:
            step_change(
                by=self.stage.by(self.story.manager("QUAYSIDE")),
                request=step.request,
                state=ChangeRequestStep.State.RELEASED,
                on=evidence.clock.now().date(),
                release="1.1",
            )

    def practice(self) -> None:
        """Whoever is late again after the huddle, most often."""
        late = self._gaps("ALDER", "T04")
        authors = Counter(author for author in late.values() if author is not None)
        if not authors:
            return
        most = min(authors, key=lambda author: (-authors[author], author))
        (who,) = _people([most])
        cause = self._say(
            "ALDER",
            "T04",
            Cause.Kind.PRACTICE,
            "Was at the huddle, can do it, and colleagues on the same shift enter in time. "
            "Writes at the end of the shift from habit.",
            gaps=[gap for gap, author in late.items() if author == most],
            subject=who,
        )
        support_for(
            by=self.stage.by(self.story.manager("ALDER")),
            cause=cause,
            new=NewSupport(
                SupportAction.What.COACHING,
                self.stage.person(self.leaders("ALDER")[0]),
                self.story.today + timedelta(days=3),
            ),
            note="Beside them on one round, entering as they go.",
        )

    def reply(self) -> None:
        dele = self.stage.person(self.story.key("Dele Balogun"))
        check = (
            RecordCheck.objects.filter(subject=dele, gaps__isnull=False, superseded_by=None)
            .order_by("pk")
            .first()
        )
        if check:
            reply_to_finding(
                by=self.stage.by(self.story.key("Dele Balogun")),
                check=check,
                words="The tablet was charging, so I wrote it on paper first.",
            )


def _people(ids: Iterable[int | None]) -> list[Person]:
    return list(Person.objects.filter(pk__in={i for i in ids if i is not None}).order_by("pk"))
